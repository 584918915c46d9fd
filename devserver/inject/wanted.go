package inject

import (
	"mime"
	"net/http"
	"strings"
)

// wanted reports whether req asks for a page that a browser will show by itself,
// as far as the request tells.
func wanted(req *http.Request) bool {
	h := req.Header
	if req.Method == http.MethodHead || h.Get("Range") != "" || off(h) {
		return false
	}
	switch h.Get("Sec-Fetch-Dest") {
	case "", "document", "iframe", "frame": // absent: an older browser, a plain-HTTP LAN address, or a command-line client
	default:
		return false
	}
	for _, name := range [...]string{"Hx-Request", "Turbo-Frame", "X-Requested-With", "Datastar-Request"} {
		if _, ok := h[name]; ok {
			return false
		}
	}
	for name := range h { // Unpoly sends X-Up-Version, X-Up-Target, ...
		if strings.HasPrefix(name, "X-Up-") {
			return false
		}
	}
	return true
}

// injectable reports whether res may take a tag, and the coding of its body: "",
// "gzip", "br", "zstd" or "deflate".
func injectable(res *http.Response) (coding string, ok bool) {
	h := res.Header
	switch {
	case res.StatusCode < 200, res.StatusCode == http.StatusNoContent, res.StatusCode == http.StatusResetContent,
		res.StatusCode == http.StatusPartialContent, res.StatusCode/100 == 3:
		return "", false // no body, a part of one, or one that nobody sees
	case res.Body == nil, res.Body == http.NoBody, res.ContentLength == 0:
		return "", false
	case off(h), h.Get("Content-Range") != "", !htmlType(h):
		return "", false
	}
	disposition, _, _ := strings.Cut(h.Get("Content-Disposition"), ";")
	if strings.EqualFold(strings.TrimSpace(disposition), "attachment") {
		return "", false
	}
	for _, line := range h.Values("Cache-Control") { // RFC 9111 section 5.2.2.6: hands off
		for d := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(d), "no-transform") {
				return "", false
			}
		}
	}
	return contentCoding(h)
}

// NoScript is the value of X-Pastedev with which a request asks for a page without the
// script, and is recorded as any other; "off" keeps everything of ours away.
const NoScript = "no-script"

func off(h http.Header) bool {
	v := h.Get("X-Pastedev")
	return strings.EqualFold(v, "off") || strings.EqualFold(v, NoScript)
}

// htmlType reports whether the content is HTML or XHTML in a charset that keeps
// ASCII as it is.
func htmlType(h http.Header) bool {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil { // mime is stricter than browsers; the type itself is still there
		media, _, _ = strings.Cut(h.Get("Content-Type"), ";")
		media = strings.ToLower(strings.TrimSpace(media))
		if strings.Contains(strings.ToLower(h.Get("Content-Type")), "utf-16") {
			return false
		}
	}
	switch cs := strings.ToLower(params["charset"]); {
	case strings.HasPrefix(cs, "utf-16"), strings.HasPrefix(cs, "utf16"), strings.HasPrefix(cs, "utf-32"),
		strings.HasPrefix(cs, "ucs-2"), strings.HasPrefix(cs, "iso-10646-ucs"), cs == "unicode", cs == "csunicode":
		return false
	}
	return media == "text/html" || media == xhtml
}

const xhtml = "application/xhtml+xml"

func isXHTML(h http.Header) bool {
	media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(media), xhtml)
}

// contentCoding returns the single coding of the body. Several codings, or one that
// this package cannot make again, are not ok.
func contentCoding(h http.Header) (string, bool) {
	switch c := strings.ToLower(strings.TrimSpace(strings.Join(h.Values("Content-Encoding"), ","))); c {
	case "", "identity":
		return "", true
	case "gzip", "x-gzip":
		return "gzip", true
	case "br", "zstd", "deflate":
		return c, true
	}
	return "", false
}
