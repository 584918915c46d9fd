package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/redact"
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
	return cgi.Handler{
		Env: spec.Env, Timeout: time.Duration(spec.Timeout), User: userOf,
		Done:     func(r cgi.Report) { v.cgiDone(spec, r) },
		Redirect: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { v.now.Load().handler.ServeHTTP(w, r) }),
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

// cgiDone puts what a CGI program left behind into the record of its exchange.
func (v *serving) cgiDone(spec mountSpec, r cgi.Report) {
	id, lines := idOf(r.Request), 0
	say := func(stream inspect.Stream, at time.Time, text string) {
		o := inspect.Output{Time: at, Stream: stream, Text: text, Exchange: id}
		v.s.gather.Output(o)
		lines++
		o.Text = spec.Path + ": " + text
		v.s.store.Publish(inspect.OutputWritten{Output: o})
	}
	for _, line := range r.Stderr {
		say(inspect.Stderr, line.At, reloader.CleanLine([]byte(line.Text)))
	}
	end := r.Started.Add(r.Duration)
	if r.StderrDropped > 0 {
		say(inspect.Pastedev, end, fmt.Sprintf("%d more lines on standard error", r.StderrDropped))
	}
	for _, w := range r.Warnings {
		say(inspect.Pastedev, end, oneLine(w))
	}
	if r.Failure != nil {
		say(inspect.Pastedev, end, oneLine(r.Failure.Message))
	}
	v.s.gather.Output(inspect.Output{
		Time: end, Stream: inspect.Pastedev, Exchange: id,
		Text: fmt.Sprintf("%s %s after %s", filepath.Base(r.Program), cgiEnd(r), r.Duration.Round(time.Microsecond*100)), Attrs: cgiAttrs(r),
	})
	v.s.gather.Done(id, inspect.Sums{Logs: lines + 1})
}

func cgiEnd(r cgi.Report) string {
	switch {
	case r.PID == 0:
		return "did not start"
	case r.Signal != "":
		return "ended by signal: " + r.Signal
	}
	return fmt.Sprintf("ended with exit code %d", r.ExitCode)
}

// cgiAttrs says more of how a program was run.
func cgiAttrs(r cgi.Report) []inspect.Note {
	notes := []inspect.Note{
		{Key: "program", Value: r.Program}, {Key: "dir", Value: r.Dir},
		{Key: "pid", Value: strconv.Itoa(r.PID)},
		{Key: "input", Value: strconv.FormatInt(r.Input, 10)}, {Key: "output", Value: strconv.FormatInt(r.Output, 10)},
	}
	var mask redact.Redactor
	for _, e := range r.Env {
		name, value, _ := strings.Cut(e, "=")
		if field, ok := strings.CutPrefix(name, "HTTP_"); ok { // as of the request's field
			h := mask.Header(inspect.Header{http.CanonicalHeaderKey(strings.ReplaceAll(field, "_", "-")): {value}})
			for _, v := range h {
				value = v[0]
			}
		}
		notes = append(notes, inspect.Note{Key: "env." + name, Value: oneLine(mask.Text(value))})
	}
	return notes
}
