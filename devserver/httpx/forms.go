package httpx

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Forms are the forms of one answer of ours: a page, a problem (RFC 9457), and text for
// whoever accepts neither.
type Forms struct {
	Page    func(w io.Writer) error // an error falls back to Text
	Problem any                     // what JSON is made of; what cannot be falls back to Text
	Text    func() []byte
}

// Send answers r with status in the form that it asks for; JSON beside anything but a page
// is a problem. The page may hold styles of its own and nothing else that is active.
func (f Forms) Send(w http.ResponseWriter, r *http.Request, status int) {
	const page, problem, text = "text/html", "application/problem+json", "text/plain"
	accept := strings.Join(r.Header.Values("Accept"), ",")
	form := Negotiate(accept, text, page, problem)
	if form != page && strings.Contains(accept, "application/json") {
		form = problem
	}
	var body bytes.Buffer
	h := w.Header()
	switch form {
	case page:
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
		if f.Page(&body) != nil {
			body.Reset()
		}
	case problem:
		enc := json.NewEncoder(&body)
		enc.SetIndent("", "  ")
		_ = enc.Encode(f.Problem) // writes nothing when it fails
	}
	if body.Len() == 0 {
		form = text
		body.Write(f.Text())
	}
	if form != problem {
		form += "; charset=utf-8"
	}
	h.Set("Content-Type", form)
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes()) // whoever left does not read it
	}
}
