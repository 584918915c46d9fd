package httperr

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

const (
	typeProblem = "application/problem+json"
	typeHTML    = "text/html"
	typeText    = "text/plain"
)

// stale are the fields that a handler may have set for the body that did not come.
var stale = []string{
	"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location", "Content-Range",
	"Content-Disposition", "Accept-Ranges", "Etag", "Last-Modified", "Cache-Control", "Expires", "Transfer-Encoding", "Trailer",
}

// write sends e; err is what Debug shows.
func (m *Middleware) write(w http.ResponseWriter, r *http.Request, e *Error, err error) {
	code := e.StatusCode()
	h := w.Header()
	if code != http.StatusNotModified { // there they describe what the client has
		for _, name := range stale {
			h.Del(name)
		}
	}
	for k, v := range e.Header {
		h[http.CanonicalHeaderKey(k)] = append([]string(nil), v...)
	}
	if code == http.StatusNoContent || code == http.StatusNotModified || code == http.StatusResetContent {
		h.Del("Content-Type")
		h.Del("Content-Length")
		w.WriteHeader(code)
		return
	}
	if !m.Debug {
		err = nil
	}
	var typ, body string
	switch typ = choose(strings.Join(r.Header.Values("Accept"), ",")); typ {
	case typeHTML:
		body = page(e, err)
		typ += "; charset=utf-8"
	case typeProblem:
		body = problem(e, err)
	default:
		body = text(e, err)
		typ += "; charset=utf-8"
	}
	h.Del("Content-Encoding") // a field of e's that is not true of this body
	h.Set("Content-Type", typ)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	httpx.AddVary(h, "Accept")
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, body) // nobody is left to tell
	}
}

// choose returns the type of the answer. Whoever takes JSON in any of its names gets a
// problem, also beside text/plain, as fetch wrappers ask for both; who says nothing but
// "anything", as command lines do, gets text; and so does who accepts none of them.
func choose(accept string) string {
	if s := strings.TrimSpace(accept); s == "" || s == "*/*" {
		return typeText
	}
	switch httpx.Negotiate(accept, typeProblem, "application/json", typeHTML, typeText) {
	case typeProblem, "application/json":
		return typeProblem
	case typeHTML:
		return typeHTML
	}
	return typeText
}

// problem writes problem details (RFC 9457) of the type about:blank.
func problem(e *Error, err error) string {
	p := struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail,omitempty"`
		Error  string `json:"error,omitempty"` // with Debug
	}{e.title(), e.StatusCode(), e.Detail, ""}
	if err != nil {
		p.Error = err.Error()
	}
	b, jerr := json.Marshal(p)
	if jerr != nil { // strings and an int cannot fail
		return "{}\n"
	}
	return string(b) + "\n"
}

func text(e *Error, err error) string {
	s := fmt.Sprintf("%d %s\n", e.StatusCode(), e.title())
	if e.Detail != "" {
		s += "\n" + e.Detail + "\n"
	}
	if l := e.Get("Location"); l != "" {
		s += "\n" + l + "\n"
	}
	if err != nil {
		s += "\n" + err.Error() + "\n"
	}
	return httpx.Plain(s, "\n\t")
}

const style = `:root{color-scheme:light dark;--ink:#1f2328;--soft:#59636e;--paper:#fff;--line:#d1d9e0}` +
	`@media (prefers-color-scheme:dark){:root{--ink:#e6e6e6;--soft:#9198a1;--paper:#16181c;--line:#3d444d}}` +
	`body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}` +
	`main{max-width:40rem;margin:18vh auto 2rem;padding:0 1.5rem}` +
	`h1{font-size:1.5rem;font-weight:600;margin:0 0 .5rem}h1 span{color:var(--soft);font-weight:400;margin-right:.5rem}` +
	`p{margin:.5rem 0;overflow-wrap:anywhere}a{color:inherit}` +
	`pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:6px;padding:.75rem;font-size:.875rem}`

// page writes the HTML form. With a cause it ends in a comment that names the types of the
// chain, for who reads the source.
func page(e *Error, err error) string {
	var b strings.Builder
	title := html.EscapeString(e.title())
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%d %s</title>\n<style>%s</style>\n</head>\n"+
		"<body>\n<main>\n<h1><span>%d</span>%s</h1>\n", e.StatusCode(), title, style, e.StatusCode(), title)
	if e.Detail != "" {
		fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(e.Detail))
	}
	if l := e.Get("Location"); l != "" {
		l, link := html.EscapeString(l), linkable(l)
		if link {
			fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>\n", l, l)
		} else {
			fmt.Fprintf(&b, "<p>%s</p>\n", l)
		}
	}
	if err != nil {
		fmt.Fprintf(&b, "<pre>%s</pre>\n", html.EscapeString(err.Error()))
	}
	b.WriteString("</main>\n")
	if err != nil {
		fmt.Fprintf(&b, "<!-- %s -->\n", comment(chain(err)))
	}
	b.WriteString("</body>\n</html>\n")
	return b.String()
}

// comment returns s as it can stand between <!-- and -->.
func comment(s string) string {
	s = html.EscapeString(s)
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "- -")
	}
	return s
}

// maxChain bounds how many causes the comment names; real chains have fewer than ten.
const maxChain = 32

// chain names the types of err and its causes, a line each.
func chain(err error) string {
	var b strings.Builder
	for n := 0; err != nil && n < maxChain; n++ {
		fmt.Fprintf(&b, "%T: %s\n", err, err)
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			break
		}
		err = u.Unwrap()
	}
	return b.String()
}
