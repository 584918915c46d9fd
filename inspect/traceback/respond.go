package traceback

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// The forms of an answer, the preferred first.
const (
	formHTML     = "text/html"
	formProblem  = "application/problem+json"
	formMarkdown = "text/markdown"
	formText     = "text/plain"
)

// Respond answers with the report in the form that the client asks for: HTML,
// application/problem+json (RFC 9457), Markdown or text.
func Respond(w http.ResponseWriter, r *http.Request, d PageData) {
	w.Header().Add("Vary", "Accept")
	form := negotiate(r)
	switch form {
	case formHTML:
		Page(w, d)
		return
	case formProblem:
		answer(w, d.status(), form, Problem(&d.Report, d.status()))
	case formMarkdown:
		answer(w, d.status(), form+"; charset=utf-8", []byte(Markdown(&d.Report)))
	default:
		answer(w, d.status(), form+"; charset=utf-8", []byte(ReportText(&d.Report)))
	}
}

func answer(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Del("Content-Security-Policy")
	answerHeaders(h)
	h.Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may be gone; there is nobody else to tell
}

// Problem is the report as a problem document (RFC 9457). Beside its members there are
// code, hints and the failing frame.
func Problem(r *Report, status int) []byte {
	t := &r.Trace
	p := struct {
		Type     string          `json:"type"`
		Title    string          `json:"title"`
		Status   int             `json:"status"`
		Detail   string          `json:"detail,omitempty"`
		Code     string          `json:"code"`
		Hints    []string        `json:"hints,omitempty"`
		Location string          `json:"location,omitempty"`
		Causes   []inspect.Cause `json:"causes,omitempty"`
		Stack    []string        `json:"stack,omitempty"`
	}{Type: "about:blank", Title: t.Headline, Status: status, Detail: typed(t.Type, t.Message), Code: t.Code, Hints: t.Hints, Causes: t.Causes}
	if i := Failing(t); i >= 0 {
		p.Location = place(t.Frames[i])
	}
	for _, f := range t.Frames[:min(len(t.Frames), maxSourced)] {
		if !f.Hidden {
			p.Stack = append(p.Stack, strings.TrimSpace(clean(f.Function)+" "+place(f)))
		}
	}
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil { // strings and numbers only: it cannot fail
		return []byte(`{"type":"about:blank","title":"Internal Server Error","status":500}`)
	}
	return append(b, '\n')
}

// answerPublic tells the client that there was an error, its code and nothing else.
func (c *Catcher) answerPublic(w http.ResponseWriter, r *http.Request, rep *Report) {
	text := c.Public
	if text == "" {
		text = "Something went wrong on the server. If you report it, name the code " + rep.Trace.Code + "."
	}
	status := http.StatusInternalServerError
	w.Header().Add("Vary", "Accept")
	switch negotiate(r) {
	case formHTML:
		answer(w, status, formHTML+"; charset=utf-8", publicPage(text))
	case formProblem:
		b, _ := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": text, "code": rep.Trace.Code}) // cannot fail
		answer(w, status, formProblem, append(b, '\n'))
	default:
		answer(w, status, formText+"; charset=utf-8", []byte(text+"\n"))
	}
}

func publicPage(text string) []byte {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>Server error</title>\n<h1>Server error</h1>\n<p>")
	template.HTMLEscape(&b, []byte(plain(text)))
	b.WriteString("</p>\n</html>\n")
	return []byte(b.String())
}

// negotiate picks the form by Accept (RFC 9110, 12.5.1). A client that takes anything gets
// text, which is readable everywhere, or a problem when it sent JSON.
func negotiate(r *http.Request) string {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	fallback := formText
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		fallback = formProblem
	}
	best, quality := "", 0.0
	for _, o := range []struct{ form, as string }{{formHTML, formHTML}, {formHTML, "application/xhtml+xml"}, {formProblem, formProblem}, {formProblem, "application/json"}, {formMarkdown, formMarkdown}, {formText, formText}} {
		if q := acceptQuality(accept, o.as); q > quality {
			best, quality = o.form, q
		}
	}
	if best == "" {
		return fallback
	}
	return best
}

// acceptQuality is the weight of a type that is named exactly; ranges with a star say nothing
// about what the client would like best.
func acceptQuality(accept, kind string) float64 {
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), kind) {
			continue
		}
		q := 1.0
		for p := range strings.SplitSeq(params, ";") {
			k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(strings.TrimSpace(k), "q") {
				if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil && f >= 0 && f <= 1 {
					q = f
				}
			}
		}
		return q
	}
	return 0
}
