package cgi

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxShownLine bounds what a page shows of a wrong line, in bytes.
const maxShownLine = 1000

// maxShownStderr is how many of the last lines of stderr a page shows.
const maxShownStderr = 40

// Failure says why a program's answer was not sent as it is.
type Failure struct {
	Status  int    // of the answer that went out in its place
	Program string // as it was named
	Message string // lower case, no full stop: "it printed nothing"
	Line    string // the line it is about, as it was printed; empty if it is about none
	Number  int    // of Line in the answer's head, from 1; 0 if it is about none
	Hint    string // what can be done; empty if there is nothing to say
	Err     error  // beneath; nil if there is none
}

// Error returns one line, or two with the hint.
func (f *Failure) Error() string {
	s := f.sentence()
	if f.Line != "" {
		s += ": " + strconv.Quote(clip(f.Line))
	}
	if f.Hint != "" {
		s += "\nhint: " + f.Hint
	}
	return s
}

// Unwrap returns Err.
func (f *Failure) Unwrap() error { return f.Err }

func (f *Failure) sentence() string {
	s := f.Program + ": " + f.Message
	if f.Number > 0 {
		s = fmt.Sprintf("%s: line %d of its answer: %s", f.Program, f.Number, f.Message)
	}
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	return s
}

func clip(s string) string {
	if len(s) > maxShownLine {
		return strings.ToValidUTF8(s[:maxShownLine], "") + "…"
	}
	return s
}

// plain returns s without control characters; tabs stay.
func plain(s string) string { return httpx.Plain(s, "\t") }

//go:embed failure.html
var failureHTML string

var failurePage = template.Must(template.New("failure").Parse(httpx.PageHead + failureHTML))

// failureView is what a client is told, free of control characters.
type failureView struct {
	Status  int      `json:"status"`
	Type    string   `json:"type"`
	Title   string   `json:"title"`
	Detail  string   `json:"detail"`
	Line    string   `json:"line,omitempty"`
	Number  int      `json:"line_number,omitempty"`
	Hint    string   `json:"hint,omitempty"`
	Exit    string   `json:"exit,omitempty"`
	Stderr  []string `json:"stderr,omitempty"`
	Dropped int      `json:"stderr_dropped,omitempty"`
}

func newFailureView(f *Failure, p *Report) failureView {
	v := failureView{Status: f.Status, Type: "urn:pastedev:problem:cgi", Title: title(f.Status), Detail: plain(f.sentence()),
		Line: plain(clip(f.Line)), Number: f.Number, Hint: plain(f.Hint), Exit: p.exit()}
	first := max(0, len(p.Stderr)-maxShownStderr)
	v.Dropped = p.StderrDropped + first
	for _, l := range p.Stderr[first:] {
		v.Stderr = append(v.Stderr, plain(clip(l.Text)))
	}
	return v
}

// exit says how the program ended, or nothing if it did not start.
func (p *Report) exit() string {
	switch {
	case p.PID == 0:
		return ""
	case p.Signal != "":
		return "ended by a signal: " + p.Signal
	}
	return "exit code " + strconv.Itoa(p.ExitCode)
}

func (v failureView) text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", v.Title, v.Detail)
	if v.Line != "" {
		fmt.Fprintf(&b, "    %s\n", v.Line)
	}
	if v.Hint != "" {
		fmt.Fprintf(&b, "hint: %s\n", v.Hint)
	}
	if v.Exit != "" {
		fmt.Fprintf(&b, "\n%s\n", v.Exit)
	}
	for i, l := range v.Stderr {
		if i == 0 {
			b.WriteString("\nstderr:\n")
		}
		fmt.Fprintf(&b, "    %s\n", l)
	}
	return []byte(b.String())
}

// serveFailure answers r with f in the form that r asks for.
func serveFailure(w http.ResponseWriter, r *http.Request, f *Failure, p *Report) {
	v := newFailureView(f, p)
	httpx.Forms{
		Page:    func(out io.Writer) error { return failurePage.Execute(out, v) },
		Problem: v, Text: v.text,
	}.Send(w, r, f.Status)
}

func title(status int) string {
	if status == http.StatusNotFound {
		return "Not found"
	}
	return "The CGI program did not answer"
}
