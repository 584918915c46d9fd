package proxy

import (
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

func now() time.Time { return time.Now() }

// hopByHop are the fields that concern one connection only (RFC 9110, 7.6.1, and the
// older list of RFC 2616, 13.5.1).
var hopByHop = [...]string{
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate",
	"Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

func removeHopByHop(h http.Header) {
	for _, f := range h["Connection"] {
		for name := range strings.SplitSeq(f, ",") {
			if name = textproto.TrimString(name); name != "" {
				h.Del(name)
			}
		}
	}
	for _, name := range hopByHop {
		delete(h, name)
	}
}

// outgoing makes the request to b from the client's. The client's is not changed.
func (c *carriage) outgoing(b *Backend) *http.Request {
	r := c.r
	out := &http.Request{
		Method: r.Method, URL: targetURL(b.base, r), Host: r.Host, Header: maps.Clone(r.Header),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		ContentLength: r.ContentLength, Trailer: r.Trailer, // filled by the server as the body ends, while the transport reads it
	}
	if b.host != "" {
		out.Host = b.host
	}
	c.hopHeaders(out)
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header["User-Agent"] = nil // or net/http would send its own
	}
	c.addHeaders(out)
	c.askAgent(out)
	if c.proxy.options.Prepare != nil && !c.plain {
		c.proxy.options.Prepare(out)
	}
	if c.body == nil {
		out.ContentLength = 0
		return out
	}
	// net/http would send the body after a refusal, to keep the connection; the price
	// of sparing the client that is a connection for each request that asks first.
	out.Close = len(out.Header["Expect"]) > 0
	out.Body = unclosed{c.body}
	out.GetBody = func() (io.ReadCloser, error) {
		if c.req.count() > 0 {
			return nil, errors.New("the request body is partly sent")
		}
		return unclosed{c.body}, nil
	}
	return out
}

// unclosed leaves closing the request body to the server that made it.
type unclosed struct{ io.Reader }

func (unclosed) Close() error { return nil }

// hopHeaders drops the fields of the client's connection and says anew those that
// hold for the target's as well: trailers are understood, an upgrade is wished.
func (c *carriage) hopHeaders(out *http.Request) {
	protocol, settings := upgradeOf(c.r.Header), c.r.Header["Http2-Settings"]
	te := slices.ContainsFunc(c.r.Header["Te"], func(v string) bool { return hasToken(v, "trailers") })
	removeHopByHop(out.Header)
	if te {
		out.Header["Te"] = []string{"trailers"}
	}
	if protocol == "" {
		return
	}
	out.Header["Upgrade"] = []string{protocol}
	out.Header["Connection"] = []string{"Upgrade"}
	if len(settings) > 0 { // RFC 7540, 3.2.1: belongs to an upgrade to h2c
		out.Header["Connection"] = []string{"Upgrade, HTTP2-Settings"}
		out.Header["Http2-Settings"] = settings
	}
}

// addHeaders adds what the target learns from us, and notes the names.
func (c *carriage) addHeaders(out *http.Request) {
	c.rec.Added = nil
	if c.plain || c.proxy.options.NoHeaders {
		return
	}
	set := func(name, value string) {
		out.Header[name] = []string{value}
		c.rec.Added = append(c.rec.Added, name)
	}
	if _, ok := out.Header["Traceparent"]; !ok {
		set("Traceparent", c.rec.ID.TraceParent())
	}
	if c.proxy.options.NoForwarded {
		return
	}
	if ip, _, err := net.SplitHostPort(c.r.RemoteAddr); err == nil {
		set("X-Forwarded-For", strings.Join(append(slices.Clone(out.Header["X-Forwarded-For"]), ip), ", "))
	}
	if _, ok := out.Header["X-Forwarded-Host"]; !ok {
		set("X-Forwarded-Host", c.r.Host)
	}
	if _, ok := out.Header["X-Forwarded-Proto"]; !ok {
		set("X-Forwarded-Proto", schemeOf(c.r))
	}
}

// targetURL returns the URL whose request target is r's, byte for byte, behind the
// prefix of base. net/http writes an opaque URL as it is; only a target that begins
// with two slashes and holds bytes that belong escaped comes out escaped.
func targetURL(base *url.URL, r *http.Request) *url.URL {
	u := &url.URL{Scheme: base.Scheme, Host: base.Host}
	target := r.RequestURI
	if target == "" {
		target = r.URL.RequestURI()
	}
	path, query, asked := strings.Cut(target, "?")
	u.RawQuery, u.ForceQuery = query, asked
	switch {
	case strings.HasPrefix(path, "/") && !strings.HasPrefix(base.Path+path, "//"), path == "*":
		if path == "*" {
			u.Opaque = path
		} else {
			u.Opaque = base.Path + path
		}
	case base.Path == "" && strings.HasPrefix(path, "http://") && base.Scheme == "http":
		u.Opaque = path[len("http:"):] // absolute form, as to a proxy
	default:
		u.Path, u.RawPath = base.Path+r.URL.Path, base.Path+r.URL.EscapedPath()
	}
	return u
}

// upgradeOf returns the protocol that h asks to switch to, "" for none.
func upgradeOf(h http.Header) string {
	if len(h["Upgrade"]) == 0 {
		return ""
	}
	for _, v := range h["Connection"] {
		if hasToken(v, "upgrade") {
			return h.Get("Upgrade")
		}
	}
	return ""
}

func isWebSocket(protocol string) bool { return strings.EqualFold(protocol, "websocket") }

// hasToken reports whether the list of a header value holds token, in any case.
func hasToken(list, token string) bool {
	for t := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(textproto.TrimString(t), token) {
			return true
		}
	}
	return false
}

// header returns h as the record keeps it: a copy that nobody changes.
func header(h http.Header) inspect.Header { return inspect.Header(h.Clone()) }
