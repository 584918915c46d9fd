package panel

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/traceback"
)

//go:embed assets/failure.html
var failureHTML string

//go:embed assets/failure.css
var failureCSS string

//go:embed assets/failure.js
var failureJS string

// maxFailureOutput is how many of the last printed lines a failure shows.
const maxFailureOutput = 40

// ServeFailure answers r with f in the form that r asks for: a page that reloads
// itself when the trouble is over, application/problem+json (RFC 9457), Markdown for
// colleagues and agents, or text. Nothing of f is trusted: all of it is escaped, and
// terminal control is stripped.
func (h *Handler) ServeFailure(w http.ResponseWriter, r *http.Request, f Failure) {
	f = f.clean()
	var body []byte
	form := negotiate(r)
	secure(w.Header())
	w.Header().Del("Cross-Origin-Resource-Policy") // it answers in the app's place, where other origins may ask
	switch form {
	case formHTML:
		if f.Trace != nil {
			h.serveTrace(w, r, f)
			return
		}
		body = h.page(w.Header(), r, f)
	case formProblem:
		body = f.problem()
	case formMarkdown:
		body = []byte(f.Markdown())
	default:
		body = []byte(f.Text())
	}
	if strings.HasPrefix(form, "text/") {
		form += "; charset=utf-8"
	}
	w.Header().Set("Content-Type", form)
	w.Header().Add("Vary", "Accept, Sec-Fetch-Dest, Content-Type")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if f.Reason == Held {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(f.Status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// clean returns f with a status, without terminal control, and bounded.
func (f Failure) clean() Failure {
	if f.Status == 0 {
		f.Status = map[Reason]int{BuildFailed: 500, Panicked: 500, Held: 503}[f.Reason]
		if f.Status == 0 {
			f.Status = http.StatusBadGateway
		}
	}
	f.Detail, f.Target = plainText(f.Detail), plainText(f.Target)
	lines := f.Output[max(0, len(f.Output)-maxFailureOutput):]
	f.Output = make([]inspect.Output, len(lines))
	for i, o := range lines {
		o.Text = plainText(o.Text)
		f.Output[i] = o
	}
	if f.Build != nil {
		b := *f.Build
		b.Output = plainText(b.Output)
		b.Diagnostics = slices.Clone(b.Diagnostics)
		for i := range b.Diagnostics {
			b.Diagnostics[i].Message = plainText(b.Diagnostics[i].Message)
		}
		f.Build = &b
	}
	return f
}

// plainText returns s without terminal control, and with what reorders text or is not seen
// written out; tabs and line ends stay.
func plainText(s string) string { return body.Terminal(s, false) }

// pageData is what the template draws.
type pageData struct {
	Failure
	Nonce, CSS, JS   any // trusted: ours
	Title, Lead      string
	Hint             string
	Kind             string // colour: bad or wait
	Diagnostics      []pageDiagnostic
	More             int // diagnostics that are not shown
	Done, Total      int
	Plain            string // for the copy button
	Events           string // address of the events
	Inspector        template.URL
	Build, Gen       int    // what the page was made of: it reloads when the target is beyond
	Mount            string // of the build
	Auto             bool
	BuildText        string
	LastLinesHeading string
}

type pageDiagnostic struct {
	inspect.Diagnostic
	Place string
	Link  template.URL
	Lines []pageLine
}

type pageLine struct {
	inspect.SourceLine
	Marked bool
	Caret  string
}

var failurePage = template.Must(template.New("failure").Parse(failureHTML))

// page renders f and sets the policy that lets it run its one script.
func (h *Handler) page(header http.Header, r *http.Request, f Failure) []byte {
	var raw [16]byte
	rand.Read(raw[:]) // never fails
	nonce := base64.RawURLEncoding.EncodeToString(raw[:])
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+
		"'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	d := pageData{Failure: f, Nonce: nonce, CSS: template.CSS(failureCSS), JS: template.JS(reloadJS + failureJS),
		Title: f.Title(), Lead: f.lead(), Hint: f.hint(), Kind: "bad", Plain: f.Markdown(),
		Events: Prefix + "events?id=" + string(f.ID) + "&cap=" + h.capability(f.ID),
		Auto:   repeatable(r), LastLinesHeading: "Last lines it printed"}
	h.mu.Lock()
	d.Gen = h.generation
	h.mu.Unlock()
	d.Inspector = template.URL(h.inspector("exchanges/" + string(f.ID)))
	if f.Reason == Held {
		d.Kind = "wait"
	}
	if b := f.Build; b != nil {
		d.Build, d.Mount, d.Done, d.Total = b.Number, b.Mount, b.Done, b.Total
		if f.Reason == Held && d.Total > 0 {
			d.Lead = "The request waited for " + f.target() + " to be built." // the bar below says how far it is
		}
		if f.Reason == BuildFailed {
			d.BuildText = b.Output
			d.More = max(0, len(b.Diagnostics)-maxDiagnostics)
			for _, diag := range b.Diagnostics[:min(len(b.Diagnostics), maxDiagnostics)] {
				d.Diagnostics = append(d.Diagnostics, h.pageDiagnostic(diag))
			}
		}
	}
	var out bytes.Buffer
	if err := failurePage.Execute(&out, d); err != nil {
		return []byte("<!doctype html><pre>" + template.HTMLEscapeString(f.Text()))
	}
	return out.Bytes()
}

func (h *Handler) pageDiagnostic(d inspect.Diagnostic) pageDiagnostic {
	p := pageDiagnostic{Diagnostic: d, Place: place(d), Link: h.link(d)}
	for _, l := range d.Context {
		line := pageLine{SourceLine: l, Marked: l.Number == d.Line}
		if line.Marked && d.Column > 0 {
			line.Caret = caret(l.Text, d.Column)
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}

// link returns the address that opens d in the editor, or "".
func (h *Handler) link(d inspect.Diagnostic) template.URL {
	if h.editor() == "" || d.Path == "" {
		return ""
	}
	path := strings.ReplaceAll(d.Path, `\`, "/")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	return template.URL(strings.NewReplacer("{path}", (&url.URL{Path: path}).EscapedPath(),
		"{line}", strconv.Itoa(max(1, d.Line)), "{column}", strconv.Itoa(max(1, d.Column))).Replace(h.editor()))
}

// place returns "file:line:column", as far as known.
func place(d inspect.Diagnostic) string {
	s := d.File
	for _, n := range [...]int{d.Line, d.Column} {
		if n <= 0 {
			break
		}
		s += ":" + strconv.Itoa(n)
	}
	return s
}

// caret returns what puts a mark below byte column of text: its tabs stay tabs.
func caret(text string, column int) string {
	text = text[:min(len(text), column-1)]
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String() + "^"
}

// problem returns f as a problem document. RFC 9457; diagnostics and the rest are
// extension members.
func (f Failure) problem() []byte {
	if f.Trace != nil {
		report := f.traceReport()
		return traceback.Problem(&report, f.Status)
	}
	m := map[string]any{"type": "urn:pastedev:problem:" + string(f.Reason), "title": f.Title(), "status": f.Status,
		"detail": f.lead(), "hint": f.hint(), "exchange": f.ID, "state": f.State, "target": f.Target}
	if f.Build != nil {
		m["build"] = f.Build.Number
		if f.Reason == BuildFailed {
			m["diagnostics"] = f.Build.Diagnostics
		}
	}
	var lines []string
	for _, o := range f.Output {
		lines = append(lines, o.Text)
	}
	if lines != nil {
		m["output"] = lines
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return fmt.Appendf(nil, `{"title":%q,"status":%d}`, f.Title(), f.Status)
	}
	return b.Bytes()
}
