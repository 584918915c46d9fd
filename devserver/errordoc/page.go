package errordoc

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxRefused is what is still read of an answer that is no page: refusals are small.
const maxRefused = 64 << 10

// fetch sends the page at path through pw. It returns why it has not sent anything.
func (w *writer) fetch(ctx context.Context, pw *pageWriter, path string) (why string) {
	if w.m.Fetch != nil {
		res, err := w.m.Fetch(ctx, path)
		if err != nil {
			return err.Error()
		}
		defer res.Body.Close()
		pw.header = res.Header.Clone()
		pw.WriteHeader(res.StatusCode)
		if pw.refused != 0 {
			_, _ = io.CopyN(io.Discard, res.Body, maxRefused) // whoever sends it may come to an end
			return pw.why()
		}
		if _, err := io.Copy(pw, res.Body); err != nil {
			panic(http.ErrAbortHandler) // half a page must not look whole
		}
		return ""
	}
	u, err := url.Parse(path)
	if err != nil || !strings.HasPrefix(u.Path, "/") || u.Host != "" {
		return "it is not the path of a page"
	}
	return w.ask(ctx, pw, u)
}

// ask asks the next handler for the page.
func (w *writer) ask(ctx context.Context, pw *pageWriter, u *url.URL) (why string) {
	r := &http.Request{
		Method: http.MethodGet, URL: &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery},
		Proto: w.r.Proto, ProtoMajor: w.r.ProtoMajor, ProtoMinor: w.r.ProtoMinor, Header: w.r.Header.Clone(), Body: http.NoBody,
		Host: w.r.Host, RemoteAddr: w.r.RemoteAddr, TLS: w.r.TLS,
	}
	r.RequestURI = (&url.URL{Path: httpx.MountPoint(ctx)}).EscapedPath() + r.URL.RequestURI()
	for name := range r.Header { // conditions, parts and the body are of the request that failed
		if strings.HasPrefix(name, "If-") || strings.HasPrefix(name, "Content-") {
			delete(r.Header, name)
		}
	}
	for _, name := range []string{"Range", "Expect", "Transfer-Encoding", "Trailer"} {
		r.Header.Del(name)
	}
	defer func() {
		if v := recover(); v != nil {
			if pw.sent {
				panic(v)
			}
			why = fmt.Sprintf("it panicked: %v", v)
		}
	}()
	w.next.ServeHTTP(pw, r.WithContext(ctx))
	if !pw.sent && pw.refused == 0 {
		pw.WriteHeader(http.StatusOK)
	}
	return pw.why()
}

// pageWriter sends a page in place of a failed answer, if it is one: only a 200 is.
type pageWriter struct {
	w        http.ResponseWriter
	header   http.Header // of the page
	status   int         // of the failure
	policies http.Header // those of any answer, that were set above
	head     bool
	sent     bool
	refused  int // status of what is no page
}

func (p *pageWriter) why() string {
	if p.refused == 0 {
		return ""
	}
	return fmt.Sprintf("it answered %d %s", p.refused, http.StatusText(p.refused))
}

func (p *pageWriter) Header() http.Header { return p.header }

func (p *pageWriter) WriteHeader(code int) {
	switch {
	case p.sent || p.refused != 0 || code < 200 && code != http.StatusSwitchingProtocols:
		return
	case code != http.StatusOK:
		p.refused = code
		return
	}
	p.sent = true
	merge(p.w.Header(), p.header, p.policies)
	p.w.WriteHeader(p.status)
}

func (p *pageWriter) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	if p.refused != 0 || p.head {
		return len(b), nil
	}
	return p.w.Write(b)
}

func (p *pageWriter) ReadFrom(r io.Reader) (int64, error) {
	p.WriteHeader(http.StatusOK)
	if p.refused != 0 || p.head {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(p.w, r)
}

func (p *pageWriter) Flush() { _ = p.FlushError() }

func (p *pageWriter) FlushError() error {
	p.WriteHeader(http.StatusOK)
	if p.refused != 0 {
		return nil
	}
	return http.NewResponseController(p.w).Flush()
}

// Unwrap is for deadlines; what sends something is above.
func (p *pageWriter) Unwrap() http.ResponseWriter { return p.w }

// Hijack is refused: a page does not take over the connection.
func (p *pageWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}

// policyFields say what a document may do: those of the failed answer are about its own.
var policyFields = [...]string{"Content-Security-Policy", "Content-Security-Policy-Report-Only"}

// policiesOf returns the policies that whoever is above has set for any answer.
func policiesOf(h http.Header) http.Header {
	var set http.Header
	for _, name := range policyFields {
		if v := h[name]; len(v) > 0 {
			if set == nil {
				set = http.Header{}
			}
			set[name] = slices.Clone(v)
		}
	}
	return set
}

// merge makes the fields of a failed answer those of the answer with the page: what
// described the body goes, what the page says counts, cookies and Vary add up. Fields that
// belong to the failure stay, whatever the page says.
func merge(failed, page, policies http.Header) {
	for name := range failed {
		if ofBody(name) {
			delete(failed, name)
		}
	}
	maps.Copy(failed, policies)
	for name, v := range page {
		name = http.CanonicalHeaderKey(name)
		switch name {
		case "Www-Authenticate", "Proxy-Authenticate", "Retry-After", "Allow", "Location":
			if len(failed[name]) > 0 {
				continue
			}
		case "Etag", "Last-Modified", "Accept-Ranges", "Content-Range", "Content-Location": // of the page by itself, not of this answer
			continue
		case "Set-Cookie", "Vary":
			for _, one := range v {
				if !slices.Contains(failed[name], one) {
					failed[name] = append(failed[name], one)
				}
			}
			continue
		}
		failed[name] = slices.Clone(v)
	}
}

// ofBody reports whether a field describes a body.
func ofBody(name string) bool {
	switch name = http.CanonicalHeaderKey(name); name {
	case "Etag", "Last-Modified", "Accept-Ranges", "Transfer-Encoding", "Trailer", "Expires", "Digest", "Repr-Digest":
		return true
	}
	return strings.HasPrefix(name, "Content-")
}
