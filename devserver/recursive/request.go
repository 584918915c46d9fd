package recursive

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// Option changes a request that descends from another.
type Option func(*options)

type options struct {
	method    string
	body      io.Reader
	header    http.Header
	anonymous bool
	keep      bool
	status    int
}

// Method asks with another method than GET.
func Method(method string) Option { return func(o *options) { o.method = method } }

// Body sends a body of a media type, with POST unless [Method] says otherwise.
func Body(contentType string, body io.Reader) Option {
	return func(o *options) {
		o.body = body
		Header("Content-Type", contentType)(o)
		if o.method == "" {
			o.method = http.MethodPost
		}
	}
}

// Header sets a field of the request.
func Header(name, value string) Option {
	return func(o *options) {
		if o.header == nil {
			o.header = http.Header{}
		}
		o.header.Set(name, value)
	}
}

// Anonymous leaves out the cookies and credentials of the request it descends from.
func Anonymous() Option { return func(o *options) { o.anonymous = true } }

// Keep forwards the method and what is left of the body. An included request has neither.
func Keep() Option { return func(o *options) { o.keep = true } }

// Status answers a forwarded request with a status of its own where it would be 200: an
// error page keeps its error.
func Status(code int) Option { return func(o *options) { o.status = code } }

// inherited are the fields that an included request takes over: who asks and in which
// language, but nothing of the answer's form.
var inherited = []string{"Accept-Language", "User-Agent", "Cookie", "Authorization", "Forwarded",
	"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Proto"}

// request returns the request to target that descends from parent, below l's Middleware,
// and its level.
func (l *level) request(ctx context.Context, parent *http.Request, target string, o *options, forward bool) (*http.Request, *level, error) {
	u, external, err := l.resolve(target)
	if err != nil {
		return nil, nil, err
	}
	method := o.method
	if o.keep && forward && method == "" {
		method = parent.Method
	}
	if method == "" {
		method = http.MethodGet
	}
	if strings.ContainsAny(method, " \t\r\n?") {
		return nil, nil, fmt.Errorf("recursive: bad method %q", method)
	}
	c, err := l.descend(key(method, external, u.RawQuery))
	if err != nil {
		return nil, nil, err
	}
	// A literal, for a request has more than its fields: what a mux has matched.
	e := l.entry
	r := (&http.Request{
		Method: method, URL: u, Proto: e.Proto, ProtoMajor: e.ProtoMajor, ProtoMinor: e.ProtoMinor,
		Host: e.Host, RemoteAddr: e.RemoteAddr, TLS: e.TLS, RequestURI: external, Body: http.NoBody,
	}).WithContext(ctx)
	if u.RawQuery != "" {
		r.RequestURI += "?" + u.RawQuery
	}
	r.Header = l.header(parent, o, forward)
	switch {
	case o.body != nil:
		r.Body, r.ContentLength = io.NopCloser(o.body), -1
		if sized, ok := o.body.(interface{ Len() int }); ok {
			r.ContentLength = int64(sized.Len())
		}
	case o.keep && forward && parent.Body != nil:
		r.Body, r.ContentLength, r.TransferEncoding, r.Trailer = parent.Body, parent.ContentLength, parent.TransferEncoding, parent.Trailer
	}
	return r, c, nil
}

// resolve reads a target: a path, perhaps with a query, at or under the mount point. u is
// what handlers below the Middleware see, external the whole path, escaped.
func (l *level) resolve(target string) (u *url.URL, external string, err error) {
	parsed, err := url.Parse(escapeRaw(target))
	if err != nil {
		return nil, "", fmt.Errorf("recursive: %w", err)
	}
	if parsed.IsAbs() || parsed.Host != "" || parsed.User != nil || parsed.Opaque != "" || !strings.HasPrefix(parsed.Path, "/") {
		return nil, "", fmt.Errorf("recursive: target %q is not an absolute path of this application", target)
	}
	abs := (&url.URL{Path: "/"}).ResolveReference(parsed) // dot segments are gone
	mount := httpx.MountPoint(l.entry.Context())
	external = abs.EscapedPath()
	u = &url.URL{Path: abs.Path, RawPath: abs.RawPath, RawQuery: abs.RawQuery}
	if mount != "" {
		whole := &http.Request{URL: u}
		below := httpx.WithMount(whole, mount)
		if below == whole {
			return nil, "", fmt.Errorf("recursive: target %q is outside the mount point %q", target, mount)
		}
		u = below.URL
	}
	return u, external, nil
}

// header returns the fields of a descendant.
func (l *level) header(parent *http.Request, o *options, forward bool) http.Header {
	var h http.Header
	if forward {
		h = parent.Header.Clone()
		if h == nil {
			h = http.Header{}
		}
		for name := range h { // conditions and parts are about another resource
			if strings.HasPrefix(name, "If-") || !o.keep && strings.HasPrefix(name, "Content-") {
				delete(h, name)
			}
		}
		drop := []string{"Range", "Connection", "Upgrade", "Expect"}
		if !o.keep {
			drop = append(drop, "Transfer-Encoding", "Trailer")
		}
		for _, name := range drop {
			h.Del(name)
		}
	} else {
		h = http.Header{}
		for _, name := range inherited {
			if v := parent.Header[name]; len(v) > 0 {
				h[name] = append([]string(nil), v...)
			}
		}
	}
	if o.anonymous {
		h.Del("Cookie")
		h.Del("Authorization")
	}
	for name, v := range o.header {
		h[name] = v
	}
	return h
}

// escapeRaw escapes what should have been, so that an escaped slash beside it stays one.
func escapeRaw(target string) string {
	var b strings.Builder
	for _, c := range []byte(target) {
		if c == ' ' || c >= 0x80 || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escape returns a decoded path as it stands in a URL.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }
