package auth

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// A Refusal is an answer to a client that may not.
type Refusal struct {
	// Status is 400, 401 or 403.
	Status int
	// Detail says in a sentence what is wrong. It must hold nothing secret.
	Detail string
	// Hint says what to do about it. Empty: nothing is said.
	Hint string
}

// Refuse writes the refusal as the client prefers it: a page, or problem+json (RFC 9457),
// or a line of text if it accepts neither. Headers such as WWW-Authenticate are set by
// the caller before. Nothing of the request is repeated in it.
func Refuse(w http.ResponseWriter, r *http.Request, what Refusal) {
	const page, problem, plain = "text/html", "application/problem+json", "text/plain"
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	httpx.AddVary(h, "Accept")
	h.Set("X-Content-Type-Options", "nosniff")
	form, body := plain+"; charset=utf-8", what.text()
	switch httpx.Negotiate(strings.Join(r.Header.Values("Accept"), ","), plain, page, problem, "application/json") {
	case page:
		form, body = page+"; charset=utf-8", what.page()
	case problem, "application/json":
		form, body = problem, what.problem()
	}
	h.Set("Content-Type", form)
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(what.Status)
	if r.Method != http.MethodHead {
		// A client that has gone needs no answer.
		_, _ = w.Write([]byte(body))
	}
}

func (f Refusal) text() string {
	s := fmt.Sprintf("%d %s\n%s\n", f.Status, http.StatusText(f.Status), f.Detail)
	if f.Hint != "" {
		s += "hint: " + f.Hint + "\n"
	}
	return s
}

func (f Refusal) problem() string {
	b, err := json.Marshal(struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Hint   string `json:"hint,omitempty"`
	}{http.StatusText(f.Status), f.Status, f.Detail, f.Hint})
	if err != nil {
		return "{}" // strings and a number always marshal
	}
	return string(b) + "\n"
}

func (f Refusal) page() string {
	title := fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status))
	s := "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n" +
		"<title>" + html.EscapeString(title) + "</title>\n" +
		"<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}</style>\n" +
		"<h1>" + html.EscapeString(title) + "</h1>\n<p>" + html.EscapeString(f.Detail) + "</p>\n"
	if f.Hint != "" {
		s += "<p>Hint: " + html.EscapeString(f.Hint) + "</p>\n"
	}
	return s + "</html>\n"
}

// Quote writes s as a quoted-string of a header (RFC 9110 section 5.6.4), as the realm of
// a challenge. Control characters, which a header cannot hold, become spaces.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7f:
			b.WriteByte(' ')
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
