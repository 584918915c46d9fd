package traceback

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page.tmpl
var pageTemplate string

//go:embed page.css
var pageStyle string

// PageData is what the error page shows. Only Trace is needed; what is empty is left out.
type PageData struct {
	Report
	Status    int                                     // of the answer; 0 means 500
	Editor    func(path string, line, col int) string // link that opens the editor; nil or "" means none
	Replay    Link                                    // does the request again: a link to where that may be asked for
	Inspector Link                                    // the same trace, or its exchange, in the inspector
	// EvalURL, with ScriptURL, shows a field in each frame: the script sends what was typed
	// there. Only pages of the control port set them.
	EvalURL   string
	ScriptURL string // the only script of the page, if any
	Nonce     string // for the Content-Security-Policy; made when empty
}

// Link is a place to go.
type Link struct{ URL, Label string }

// Page answers with the error page. It is whole by itself: nothing is loaded, there is no
// script unless ScriptURL names one, and its Content-Security-Policy forbids any other.
func Page(w http.ResponseWriter, d PageData) {
	if d.Nonce == "" {
		d.Nonce = rand.Text()
	}
	body := HTML(d)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", d.policy())
	answerHeaders(h)
	w.WriteHeader(d.status())
	_, _ = w.Write(body) // the client may be gone; there is nobody else to tell
}

func answerHeaders(h http.Header) {
	for _, k := range []string{"Content-Length", "Content-Encoding", "ETag", "Last-Modified", "Content-Disposition", "Set-Cookie"} {
		h.Del(k) // of the answer that was not finished
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

func (d *PageData) status() int {
	if d.Status < 400 || d.Status > 599 {
		return http.StatusInternalServerError
	}
	return d.Status
}

func (d *PageData) policy() string {
	p := fmt.Sprintf("default-src 'none'; style-src 'nonce-%s'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", d.Nonce)
	if d.ScriptURL != "" {
		p += fmt.Sprintf("; script-src 'nonce-%s'; connect-src 'self'", d.Nonce)
		if u, err := url.Parse(d.EvalURL); err == nil && u.Host != "" && !strings.ContainsAny(u.Host, "; ,'") {
			p += " " + u.Scheme + "://" + u.Host
		}
	}
	return p
}

// HTML is the error page as bytes. Page sends it with the headers that belong to it.
func HTML(d PageData) []byte {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return plainPage(d, err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, newView(&d)); err != nil {
		return plainPage(d, err)
	}
	return dropControls(b.Bytes())
}

// dropControls is the last guard for strings that nobody cleaned before. It removes single
// characters, never sequences, which could reach into markup.
func dropControls(page []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if printable(r) && !reorders(r) {
			return r
		}
		return -1
	}, page)
}

// plainPage is what is left when the page itself fails: an error page must not hide the error.
func plainPage(d PageData, err error) []byte {
	var b bytes.Buffer
	b.WriteString("<!doctype html><meta charset=utf-8><title>error</title><pre>")
	template.HTMLEscape(&b, []byte(Text(d.Trace, TextOptions{Source: true})+"\nthe page could not be made: "+err.Error()))
	return b.Bytes()
}
