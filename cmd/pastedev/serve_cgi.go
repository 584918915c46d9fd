package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/reloader"
)

// cgiHandler runs one program, or those of a folder.
func (v *serving) cgiHandler(spec mountSpec) (http.Handler, error) {
	h := v.cgiProgram(spec)
	if info, err := os.Stat(spec.target); err == nil && info.IsDir() {
		d := &cgi.Dir{Root: spec.target, Handler: h}
		return v.awaited(d), d.Check()
	}
	h.Path = spec.target
	return v.awaited(&h), h.Check()
}

// cgiProgram says how the programs of a mount are run.
func (v *serving) cgiProgram(spec mountSpec) cgi.Handler {
	names, values := splitEnv(spec.env)
	return cgi.Handler{
		Env: names, Set: values, Timeout: time.Duration(spec.Timeout), User: userOf,
		Started:  v.cgiStarted,
		Line:     func(r *http.Request, line cgi.StderrLine) { v.cgiLine(spec, r, line) },
		Failed:   func(r *http.Request, f *cgi.Failure) { noteOf(r.Context()).refuse(cgiError(f)) },
		Done:     func(r cgi.Report) { v.cgiDone(spec, r) },
		Redirect: v.localRedirect(),
	}
}

// userOf tells a CGI program who has been authenticated in front of it.
func userOf(r *http.Request) (method, name string) {
	id, ok := auth.From(r.Context())
	if !ok {
		return "", ""
	}
	return id.Method, id.User
}

// cgiStarted shows a CGI program while it runs.
func (v *serving) cgiStarted(r cgi.Report) {
	id := idOf(r.Request)
	v.s.gather.Span(id, v.cgiSpan(r, v.nextSpan(id)))
}

// nextSpan is the number of the next span of an exchange: a cascade may run several programs
// for it, one after the other.
func (v *serving) nextSpan(id inspect.ID) int64 {
	_, spans := v.s.gather.Inside(id)
	if len(spans) == 0 {
		return 1
	}
	return spans[len(spans)-1].Seq + 1
}

// cgiLine takes a line that a CGI program prints on standard error.
func (v *serving) cgiLine(spec mountSpec, r *http.Request, line cgi.StderrLine) {
	o := inspect.Output{Time: line.At, Stream: inspect.Stderr, Exchange: idOf(r), Text: reloader.CleanLine([]byte(line.Text))}
	v.s.printed.look(o)
	v.mounted(spec, o)
}

// mounted puts a line into the record of its exchange, and with the mount before it into the
// output.
func (v *serving) mounted(spec mountSpec, o inspect.Output) {
	v.s.gather.Output(o)
	v.shown(spec.Path, o)
}

// shown puts a line into the output, with who printed it before it.
func (v *serving) shown(who string, o inspect.Output) {
	o.Text = who + ": " + o.Text
	v.s.store.Publish(inspect.OutputWritten{Output: o})
	switch {
	case v.s.tui || o.Stream == inspect.Pastedev: // shown there
	case o.Stream == inspect.Stdout:
		fmt.Fprintln(v.s.std.out, o.Text)
	default:
		fmt.Fprintln(v.s.std.err, o.Text)
	}
}

// cgiDone puts what a CGI program left behind into the record of its exchange.
func (v *serving) cgiDone(spec mountSpec, r cgi.Report) {
	id := idOf(r.Request)
	warn := func(text string) {
		v.mounted(spec, inspect.Output{Time: r.Started.Add(r.Duration), Stream: inspect.Pastedev, Exchange: id, Text: oneLine(text)})
	}
	if r.StderrDropped > 0 {
		warn(fmt.Sprintf("%d more lines on standard error", r.StderrDropped))
	}
	for _, w := range r.Warnings {
		warn(filepath.Base(r.Program) + ": " + w)
	}
	v.cgiFailed(spec, r)
	v.cgiEnded(id, r)
	v.s.gather.Over(id)
}

// cgiFailed tells why a program's answer was cut. Of one that was replaced the exchange says
// so itself, and only what can be done is put beside it.
func (v *serving) cgiFailed(spec mountSpec, r cgi.Report) {
	if r.Failure == nil {
		return
	}
	o := inspect.Output{Time: r.Started.Add(r.Duration), Stream: inspect.Pastedev, Exchange: idOf(r.Request)}
	what, hint, hinted := strings.Cut(r.Failure.Error(), "\nhint: ")
	if !noteOf(r.Request.Context()).isRefused() {
		o.Text = oneLine(what)
		v.mounted(spec, o)
	}
	if hinted {
		o.Text = "hint: " + oneLine(hint)
		v.s.gather.Output(o)
	}
}

// cgiEnded tells how the program has ended.
func (v *serving) cgiEnded(id inspect.ID, r cgi.Report) {
	seq := v.nextSpan(id)
	if _, spans := v.s.gather.Inside(id); r.PID != 0 {
		for _, s := range spans { // that of its start
			if s.Process != nil && s.Process.PID == r.PID {
				seq = s.Seq
			}
		}
	}
	v.s.gather.Span(id, v.cgiSpan(r, seq))
}

// cgiSpan is what is known of a program by now. One that runs still has a PID, and neither
// duration nor exit.
func (v *serving) cgiSpan(r cgi.Report, seq int64) inspect.Span {
	p := &inspect.Process{Program: r.Program, Dir: r.Dir, PID: r.PID, Exit: r.ExitCode, Signal: r.Signal, Input: r.Input, Output: r.Output}
	for _, e := range r.Env {
		name, value, _ := strings.Cut(e, "=")
		p.Env = append(p.Env, inspect.Note{Key: name, Value: body.Terminal(value, false)})
	}
	s := inspect.Span{Seq: seq, Kind: inspect.SpanProcess, Start: r.Began, Process: p, Error: cgiError(r.Failure)}
	switch {
	case r.Began.IsZero(): // it did not start
		s.Start, s.Duration = r.Started, inspect.Millis(r.Duration)
	case r.Duration > 0:
		s.Duration = inspect.Millis(r.Duration - r.Began.Sub(r.Started))
	}
	return s
}

// cgiError says in one line why the program's answer is not what was sent.
func cgiError(f *cgi.Failure) string {
	if f == nil {
		return ""
	}
	text, _, _ := strings.Cut(f.Error(), "\nhint: ")
	return oneLine(text)
}
