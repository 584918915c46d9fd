package redact

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Mask stands in place of what was removed. Its characters may stand in a header, a
// URL, a JSON string, a form and a shell word without being escaped.
const Mask = "*masked*"

// maxBody bounds the bytes of one body that are looked at. What lies beyond is removed:
// records hold less by default, and unbounded work at an exit would stop the exit.
const maxBody = 8 << 20

// Redactor masks secrets. The zero value has the default rules. It is safe for
// concurrent use once its fields are set.
type Redactor struct {
	// Names are further header fields, keys and parameters to mask, in any case.
	Names []string
	// Keep are names that are not masked whatever the default rules say, in any case.
	Keep []string
	// Patterns are masked wherever they match in text: of a pattern with groups only
	// the groups, else the whole match.
	Patterns []*regexp.Regexp
	// Decode takes the content codings off a body and reports whether it could. A
	// body with a Content-Encoding is replaced by its decoded and masked form, marked
	// as Decoded. nil, or false, removes such a body: it cannot be looked into.
	Decode func(h inspect.Header, data []byte) ([]byte, bool)
}

// Exchange returns a deep copy of ex with its secrets masked; only the numbers of a call
// tree are shared. nil gives nil.
func (r *Redactor) Exchange(ex *inspect.Exchange) *inspect.Exchange {
	if ex == nil {
		return nil
	}
	c := *ex
	c.Summary = r.Summary(ex.Summary)
	c.Request = r.message(&ex.Request)
	c.Response = r.message(&ex.Response)
	c.Added = slices.Clone(ex.Added)
	c.Logs, c.Spans, c.Traces = r.outputs(ex.Logs), r.spans(ex.Spans), slices.Clone(ex.Traces)
	c.CallTree = r.CallTree(ex.CallTree)
	c.HTML = r.HTML(ex.HTML)
	c.Children = slices.Clone(ex.Children)
	for i := range c.Children {
		c.Children[i] = r.Summary(c.Children[i])
	}
	return &c
}

// Summary returns s with its secrets masked.
func (r *Redactor) Summary(s inspect.Summary) inspect.Summary {
	s.URL = r.URL(s.URL)
	s.Path = r.Text(s.Path)
	s.Error = r.Text(s.Error)
	s.Verdict = r.Text(s.Verdict)
	return s
}

func (r *Redactor) message(m *inspect.Message) inspect.Message {
	c := *m
	c.Header, c.Trailer = r.Header(m.Header), r.Header(m.Trailer)
	c.Body = r.body(m.Header, m.Body)
	return c
}

// body masks a body. Its Size stays what went by.
func (r *Redactor) body(h inspect.Header, b inspect.Body) inspect.Body {
	if len(b.Data) == 0 {
		b.Data = nil
		return b
	}
	if coded(h) && !b.Decoded {
		var ok bool
		if r.Decode != nil {
			b.Data, ok = r.Decode(h, b.Data)
		}
		if !ok {
			b.Data, b.Truncated = nil, true
			return b
		}
		b.Decoded = true
	}
	if len(b.Data) > maxBody {
		b.Data, b.Truncated = b.Data[:maxBody], true
	}
	b.Data = r.Body(h.Get("Content-Type"), b.Data)
	return b
}

// coded reports whether h names a content coding.
func coded(h inspect.Header) bool {
	return slices.ContainsFunc(h["Content-Encoding"], func(line string) bool {
		return strings.Trim(strings.ReplaceAll(strings.ToLower(line), "identity", ""), ", \t") != ""
	})
}

// Header returns a copy of h with its secrets masked. nil gives nil.
func (r *Redactor) Header(h inspect.Header) inspect.Header {
	if h == nil {
		return nil
	}
	c := maps.Clone(h)
	for name, values := range c {
		masked := make([]string, len(values))
		for i, v := range values {
			masked[i] = r.field(name, v)
		}
		c[name] = masked
	}
	return c
}

// plainFields have names that look secret and values that are not; read only.
var plainFields = []string{"Www-Authenticate", "Proxy-Authenticate", "Sec-Websocket-Key", "Sec-Websocket-Accept", "Authentication-Info",
	"Access-Control-Allow-Credentials", "Surrogate-Key", "Origin-Agent-Cluster"}

// field masks one header value.
func (r *Redactor) field(name, value string) string {
	is := func(n string) bool { return strings.EqualFold(n, name) }
	switch {
	case value == "" || slices.ContainsFunc(r.Keep, is):
		return value
	case is("Authorization") || is("Proxy-Authorization"):
		if scheme, _, ok := strings.Cut(value, " "); ok && len(scheme) <= 20 {
			return scheme + " " + Mask
		}
		return Mask
	case is("Cookie"):
		return maskPairs(value, "; ", true)
	case is("Set-Cookie"):
		cookie, attributes, more := strings.Cut(value, ";")
		if cookie = maskPairs(cookie, "; ", true); more {
			cookie += ";" + attributes
		}
		return cookie
	case is("Sec-Websocket-Protocol"):
		return r.protocols(value)
	case slices.ContainsFunc(plainFields, is) && !slices.ContainsFunc(r.Names, is):
		return r.Text(value)
	case r.secretName(name):
		return Mask
	}
	return r.Text(value)
}

// protocols masks the tokens that clients hand over in a Sec-WebSocket-Protocol field, as no
// script can set another: "bearer, TOKEN", "base64url.bearer.authorization.k8s.io.TOKEN".
func (r *Redactor) protocols(value string) string {
	const longest = 24 // of the names of protocols that speak of tokens, such as "access_token"
	list := strings.Split(value, ",")
	after := false
	for i, p := range list {
		name := strings.TrimSpace(p)
		said := r.secretName(name[:min(len(name), maxName)])
		if name != "" && (after || said && len(name) > longest) {
			list[i] = strings.Replace(p, name, Mask, 1)
		}
		after = said && len(name) <= longest
	}
	return r.Text(strings.Join(list, ","))
}

// maskPairs masks the values of name=value pairs. A part without a name is masked
// whole when bare is set.
func maskPairs(s, sep string, bare bool) string {
	pairs := strings.Split(s, sep[:1])
	for i, p := range pairs {
		lead := p[:len(p)-len(strings.TrimLeft(p, " "))]
		name, value, ok := strings.Cut(p[len(lead):], "=")
		switch {
		case ok && value != "":
			pairs[i] = lead + name + "=" + Mask
		case !ok && name != "" && bare:
			pairs[i] = lead + Mask
		}
	}
	return strings.Join(pairs, sep[:1])
}

// URL returns u with user information and secret query and fragment parameters masked,
// and JWTs anywhere. u need not be valid.
func (r *Redactor) URL(u string) string { return r.Text(u) }

// String describes the rules in one line, for a status page.
func (r *Redactor) String() string {
	return fmt.Sprintf("default rules, %d more names, %d patterns, %d names kept", len(r.Names), len(r.Patterns), len(r.Keep))
}
