package redact

import (
	"bytes"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Body returns a copy of data, which is without content coding, with its secrets
// masked. JSON is recognised under any type and when it is cut; forms and multipart
// bodies by contentType. Binary data stays as it is.
func (r *Redactor) Body(contentType string, data []byte) []byte {
	mediaType, params, _ := mime.ParseMediaType(contentType)
	switch {
	case mediaType == "application/x-www-form-urlencoded":
		return []byte(r.form(string(data)))
	case strings.HasPrefix(mediaType, "multipart/") && params["boundary"] != "":
		return r.multipart(params["boundary"], data)
	case looksJSON(data):
		return []byte(r.forms(string(r.json(data))))
	case isBinary(data):
		return bytes.Clone(data)
	case isForm(data):
		return []byte(r.form(string(data)))
	}
	s := r.Text(string(data))
	if strings.Contains(s, "<") {
		s = element.ReplaceAllStringFunc(s, r.maskElement)
		s = input.ReplaceAllStringFunc(s, r.maskInput)
	}
	return []byte(s)
}

// isBinary looks at the beginning of data, as browsers do.
func isBinary(data []byte) bool {
	head := data[:min(len(data), 1024)]
	if bytes.IndexByte(head, 0) >= 0 {
		return true
	}
	wrong := 0
	for i := 0; i < len(head); {
		c, n := utf8.DecodeRune(head[i:])
		if c == utf8.RuneError && n == 1 && utf8.FullRune(head[i:]) {
			wrong++
		}
		i += n
	}
	return wrong*10 > len(head)
}

// isForm reports whether data without a type looks like a=1&b=2.
func isForm(data []byte) bool {
	return bytes.IndexByte(data, '=') > 0 && !bytes.ContainsAny(data, " \t\r\n<>{}\"")
}

// form masks the values of an URL-encoded form by their names.
func (r *Redactor) form(s string) string {
	pairs := strings.Split(s, "&")
	for i, p := range pairs {
		name, value, ok := strings.Cut(p, "=")
		switch {
		case !ok || value == "":
		case r.secretName(unescape(name)), r.grant(name, value):
			pairs[i] = name + "=" + Mask
		default:
			plain := unescape(value)
			if masked := r.Text(plain); masked != plain {
				pairs[i] = name + "=" + url.QueryEscape(masked)
			}
		}
	}
	return strings.Join(pairs, "&")
}

func unescape(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// maxParts bounds the parts of a multipart body that are looked at; what follows is
// removed.
const maxParts = 1000

var (
	partName = regexp.MustCompile(`(?i)\bname="([^"]*)"|\bname=([^\s;"]+)`)
	partType = regexp.MustCompile(`(?im)^content-type:[ \t]*([^\r\n]+)`)
)

// multipart masks the parts of a multipart body: whole under a secret name, else by
// their own type. It works on the bytes, so that everything else stays as it was sent.
func (r *Redactor) multipart(boundary string, data []byte) []byte {
	parts := bytes.SplitN(data, []byte("--"+boundary), maxParts+1)
	if len(parts) > maxParts {
		parts = parts[:maxParts]
	}
	for i, p := range parts {
		line := []byte("\r\n")
		head, content, ok := bytes.Cut(p, []byte("\r\n\r\n"))
		if !ok { // many readers take bare line feeds
			line = line[1:]
			head, content, ok = bytes.Cut(p, []byte("\n\n"))
		}
		if i == 0 || !ok {
			parts[i] = []byte(r.Text(string(p)))
			continue
		}
		content, end := bytes.CutSuffix(content, line)
		masked := []byte(Mask)
		if m := partName.FindSubmatch(head); m == nil || !r.secretName(string(m[1])+string(m[2])) {
			kind := ""
			if m := partType.FindSubmatch(head); m != nil {
				kind = string(m[1])
			}
			if strings.HasPrefix(strings.ToLower(kind), "multipart/") {
				kind = "" // looked at as text: parts within parts are not followed
			}
			masked = r.Body(kind, content)
		}
		parts[i] = slices.Concat(head, line, line, masked)
		if end {
			parts[i] = append(parts[i], line...)
		}
	}
	return bytes.Join(parts, []byte("--"+boundary))
}

// XML and HTML: the content of an element with a secret name, and the value of a
// hidden or password field of a form.
var (
	element   = regexp.MustCompile(`<([A-Za-z][\w.:-]*)([^<>]*)>([^<>]+)</`)
	input     = regexp.MustCompile(`(?i)<(?:input|meta)\b[^<>]*>`)
	inputName = regexp.MustCompile(`(?i)\bname\s*=\s*["']?([^"'\s>]+)`)
	inputVal  = regexp.MustCompile(`(?i)(\b(?:value|content)\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)`)
)

func (r *Redactor) maskElement(s string) string {
	m := element.FindStringSubmatch(s)
	switch name := m[1]; {
	case strings.TrimSpace(m[3]) == "" || !r.secretName(name):
		return s
	default:
		return "<" + name + m[2] + ">" + Mask + "</"
	}
}

func (r *Redactor) maskInput(s string) string {
	m := inputName.FindStringSubmatch(s)
	if m == nil || !r.secretName(m[1]) {
		return s
	}
	return inputVal.ReplaceAllString(s, `${1}"`+Mask+`"`)
}
