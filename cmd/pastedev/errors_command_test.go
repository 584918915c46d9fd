package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/store"
)

// recorded serves a history with one failure, and returns its state dir. locals says
// whether expressions can be computed.
func recorded(t *testing.T, locals bool) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pd") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	history, err := store.Open(store.Options{Path: filepath.Join(dir, "history.db"), MaxAge: 1e6 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	o := control.Options{Store: history, Status: func() inspect.Status { return inspect.Status{} }}
	if locals {
		o.Eval = func(_ context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
			if expr != "u.Tags" || frame != 1 {
				return inspect.Variable{}, errors.New("could not find symbol value for " + expr)
			}
			return inspect.Variable{Name: expr, Type: "[]string", Value: "[]string len 1 cap 1", Children: []inspect.Variable{{Name: "[0]", Type: "string", Value: `"a"`}}}, nil
		}
	}
	srv, err := control.Listen(t.Context(), control.NewService(o), control.ServerOptions{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), history.Close()); err != nil {
			t.Error(err)
		}
	})
	ex := exampleExchange()
	history.Publish(inspect.ExchangeFinished{Exchange: ex})
	more := *ex
	for range 2 {
		tr := exampleTrace()
		tr.ID = 0
		more.Traces = append(more.Traces, history.PutTrace(tr).ID)
	}
	history.Publish(inspect.ExchangeUpdated{Exchange: &more})
	return dir
}

func TestErrorsCommand(t *testing.T) {
	dir, off := recorded(t, true), recorded(t, false)
	tests := []struct {
		name     string
		args     []string
		code     int
		out, err []string // parts
	}{
		{"list", []string{"errors", "--state", dir}, 0, []string{"E-k7m2x  ×2", "cart.go:12  4bf92f35\n"}, nil},
		{"each", []string{"errors", "--each", "--state", dir}, 0, []string{"E-k7m2x  ×2", "\nE-k7m2x"}, nil},
		{"limit", []string{"errors", "--each", "-n1", "--state", dir}, 0, []string{"×2"}, []string{"there are more: --limit 4, or 0 for all"}},
		{"json", []string{"errors", "--json", "--state", dir}, 0, []string{`{"id":2,"code":"E-k7m2x","count":2,`}, nil},
		{"show", []string{"errors", "show", "E-k7m2x", "--state", dir}, 0, []string{"▶ 12      u.Name = x", "seen 2 times", "GET http://localhost/cart"}, nil},
		{"show by number", []string{"errors", "show", "1", "--json", "--state", dir}, 0, []string{`"id":1,`, `"locals":[`}, nil},
		{"markdown", []string{"errors", "show", "E-k7m2x", "--markdown", "--state", dir}, 0, []string{"# nil pointer", "```go"}, nil},
		{"eval", []string{"errors", "eval", "--state", dir, "E-k7m2x", "1", "u.Tags"}, 0, []string{"u.Tags []string = len 1 cap 1\n  [0] string = \"a\"\n"}, nil},
		{"eval in json", []string{"errors", "eval", "--json", "--state", dir, "E-k7m2x", "#1", "u.Tags"}, 0, []string{`"name":"u.Tags"`}, nil},
		{"show an exchange", []string{"show", "4bf92f35", "--state", dir}, 0, []string{"-- errors --\n  E-k7m2x", "-- logs --", "N+1 SELECT title", "-- calls: 1"}, nil},
		{"requests", []string{"requests", "has:trace", "sql>3", "--state", dir}, 0, []string{"1 error · 9 sql · 1 call · 3 logs"}, nil},

		{"no such code", []string{"errors", "show", "E-zzzzz", "--state", dir}, 1, nil, []string{"error E-zzzzz: not found", "hint: pastedev errors lists"}},
		{"no such frame", []string{"errors", "eval", "--state", dir, "1", "9", "u"}, 1, nil, []string{"no frame 9", "hint: its frames are 0 to 4"}},
		{"wrong expression", []string{"errors", "eval", "--state", dir, "1", "1", "foo"}, 1, nil, []string{"could not find symbol"}},
		{"locals are off", []string{"errors", "eval", "--state", off, "1", "1", "u"}, 1, nil, []string{"locals are off", "hint:"}},
		{"no code", []string{"errors", "show"}, 2, nil, []string{"needs one code", "hint: pastedev errors"}},
		{"two forms", []string{"errors", "show", "1", "--json", "--markdown"}, 2, nil, []string{"exclude each other"}},
		{"reveal for others", []string{"errors", "show", "1", "--reveal", "--markdown"}, 2, nil, []string{"no --reveal"}},
		{"no expression", []string{"errors", "eval", "1", "1"}, 2, nil, []string{"needs a code", "hint:"}},
		{"frame is no number", []string{"errors", "eval", "1", "x", "u"}, 2, nil, []string{`the frame is "x"`}},
		{"an argument", []string{"errors", "E-k7m2x"}, 2, nil, []string{"hint: pastedev errors show E-k7m2x"}},
		{"wrong limit", []string{"errors", "-n", "-1"}, 2, nil, []string{"--limit is -1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && tt.code == 0 {
				t.Skip("the lines are compared with Unix ends")
			}
			var out, errs bytes.Buffer
			code := run(t.Context(), tt.args, stdio{os.Stdin, &out, &errs})
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, want := range tt.out {
				if !strings.Contains(out.String(), want) {
					t.Errorf("stdout has no %q:\n%s", want, out.String())
				}
			}
			for _, want := range tt.err {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("stderr has no %q:\n%s", want, errs.String())
				}
			}
			if tt.err == nil && errs.Len() > 0 {
				t.Errorf("stderr: %s", errs.String())
			}
		})
	}
}
