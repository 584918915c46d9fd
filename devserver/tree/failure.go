package tree

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// Failure is an answer that is not what the path names.
type Failure struct {
	Status      int
	Title       string // empty is the status in words
	Message     string
	Hint        string
	Err         error
	Diagnostics []Diagnostic
	Output      []string // what the program or the build printed last
	Build       int      // the build that failed, as Event counts; 0 if none did
}

// Error returns one line, or two with the hint.
func (f *Failure) Error() string {
	s := f.sentence()
	if f.Hint != "" {
		s += "\nhint: " + f.Hint
	}
	return s
}

// Unwrap returns Err.
func (f *Failure) Unwrap() error { return f.Err }

func (f *Failure) sentence() string {
	if f.Err != nil {
		return f.Message + ": " + f.Err.Error()
	}
	return f.Message
}

// plain returns s without control characters; tabs and line ends stay.
func plain(s string) string { return httpx.Plain(s, "\t\n") }

//go:embed failure.html
var failureHTML string

var failurePage = template.Must(template.New("failure").Parse(httpx.PageHead + failureHTML))

// failureView is what a client is told, free of control characters. RFC 9457.
type failureView struct {
	Type        string       `json:"type"`
	Status      int          `json:"status"`
	Title       string       `json:"title"`
	Detail      string       `json:"detail"`
	Hint        string       `json:"hint,omitempty"`
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	Output      []string     `json:"output,omitempty"`
}

func (f *Failure) view() failureView {
	v := failureView{Type: "urn:pastedev:problem:tree", Status: f.Status, Title: f.Title, Detail: plain(f.sentence()), Hint: plain(f.Hint)}
	if v.Title == "" {
		v.Title = http.StatusText(f.Status)
	}
	for _, d := range f.Diagnostics {
		d.File, d.Message = plain(d.File), plain(d.Message)
		v.Diagnostics = append(v.Diagnostics, d)
	}
	for _, line := range f.Output {
		v.Output = append(v.Output, plain(line))
	}
	return v
}

func (d Diagnostic) String() string {
	if d.Column > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Column, d.Message)
	}
	return fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Message)
}

func (v failureView) text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", v.Title, v.Detail)
	for _, d := range v.Diagnostics {
		fmt.Fprintf(&b, "    %s\n", d)
	}
	for _, line := range v.Output {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	if v.Hint != "" {
		fmt.Fprintf(&b, "hint: %s\n", v.Hint)
	}
	return []byte(b.String())
}

// ServeHTTP answers with f as a Tree does by itself.
func (f *Failure) ServeHTTP(w http.ResponseWriter, r *http.Request) { serveFailure(w, r, f) }

// serveFailure answers r with f in the form that r asks for.
func serveFailure(w http.ResponseWriter, r *http.Request, f *Failure) {
	v := f.view()
	httpx.Forms{
		Page:    func(out io.Writer) error { return failurePage.Execute(out, v) },
		Problem: v, Text: v.text,
	}.Send(w, r, f.Status)
}
