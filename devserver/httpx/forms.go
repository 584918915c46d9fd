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

// foreign are the fields that describe a body which somebody meant to send before.
var foreign = [...]string{
	"Accept-Ranges", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Range", "Etag", "Expires", "Last-Modified",
}

// Send answers r with status in the form that it asks for. The page may hold styles of its
// own and nothing else that is active. Fields that describe another body are taken back.
func (f Forms) Send(w http.ResponseWriter, r *http.Request, status int) {
	var body bytes.Buffer
	h := w.Header()
	form := formOf(strings.Join(r.Header.Values("Accept"), ","))
	switch form {
	case formPage:
		if f.Page(&body) != nil {
			body.Reset()
		}
	case formProblem:
		enc := json.NewEncoder(&body)
		enc.SetIndent("", "  ")
		_ = enc.Encode(f.Problem) // writes nothing when it fails
	}
	if body.Len() == 0 {
		form = formText
		body.Write(f.Text())
	}
	for _, name := range foreign {
		h.Del(name)
	}
	switch form {
	case formPage:
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
		fallthrough
	case formText:
		h.Set("Content-Type", form+"; charset=utf-8")
	default:
		h.Set("Content-Type", form)
	}
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	AddVary(h, "Accept")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes()) // whoever left does not read it
	}
}

const (
	formText    = "text/plain"
	formPage    = "text/html"
	formProblem = "application/problem+json"
)

// formOf chooses by an Accept header. Whoever names JSON beside text, as fetch wrappers
// do, means the problem.
func formOf(accept string) string {
	const plainJSON = "application/json"
	switch form := Negotiate(accept, formText, formPage, formProblem, plainJSON); {
	case form == formPage:
		return formPage
	case form == formProblem, form == plainJSON:
		return formProblem
	case strings.Contains(strings.ToLower(accept), plainJSON) && Negotiate(accept, plainJSON) != "":
		return formProblem
	}
	return formText
}

// AddVary says that the answer depends on a field of the request, unless Vary says so
// already (RFC 9110, 12.5.5).
func AddVary(h http.Header, name string) {
	for _, line := range h.Values("Vary") {
		for v := range strings.SplitSeq(line, ",") {
			if v = strings.TrimSpace(v); v == "*" || strings.EqualFold(v, name) {
				return
			}
		}
	}
	h.Add("Vary", name)
}
