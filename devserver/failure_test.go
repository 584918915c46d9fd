package devserver

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
)

func TestDeadTarget(t *testing.T) {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	dead := l.Addr().String()
	l.Close()
	var got panel.Failure
	s := newSite(t, dead, Options{
		Target:     "./myapp",
		LastOutput: func(n int) []inspect.Output { return []inspect.Output{{Text: "panic: oh no, password=hunter2"}} },
		Failure: func(w http.ResponseWriter, r *http.Request, f panel.Failure) {
			got = f
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(f.Status)
			io.WriteString(w, "page")
		},
	})
	res, body := get(t, "http://"+s.addr)
	if res.StatusCode != 502 || body != "page" {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	if out := got.Output; len(out) != 1 || !strings.HasPrefix(out[0].Text, "panic: oh no") || strings.Contains(out[0].Text, "hunter2") {
		t.Errorf("output %+v, want the line without the password", out)
	}
	x := s.rec.wait(t, 1)[0]
	if got.ID != x.ID || got.Reason != panel.Unreachable || got.Target != "./myapp" || len(got.Output) != 1 || !strings.Contains(got.Detail, "connection refused") {
		t.Errorf("failure %+v", got)
	}
	if x.ResponseFrom != inspect.FromPastedev || x.Status != 502 || string(x.Response.Body.Data) != "page" || x.Error == "" || x.ContentType != "text/html" {
		t.Errorf("recorded %+v", x)
	}
}

// TestFailureShowsNoSourceToStrangers: neither a foreign name (DNS rebinding) nor a
// foreign machine sees source or output.
func TestFailureShowsNoSourceToStrangers(t *testing.T) {
	var got panel.Failure
	s := newSite(t, "", Options{
		AllowHost:  []string{"dev.test"},
		LastOutput: func(int) []inspect.Output { return []inspect.Output{{Text: "secret"}} },
		Failure: func(w http.ResponseWriter, r *http.Request, f panel.Failure) {
			got = f
			w.WriteHeader(f.Status)
		},
	})
	build := &inspect.Build{Number: 3, Output: "secret", Diagnostics: []inspect.Diagnostic{
		{Message: "undefined: x", Context: []inspect.SourceLine{{Number: 1, Text: "secret"}}}}}
	s.SetState(inspect.StateFailed, build, "")
	tests := []struct {
		host, peer string
		shown      bool
	}{
		{"localhost:8080", "127.0.0.1:9", true},
		{"app.localhost", "[::1]:9", true},
		{"dev.test", "[::ffff:127.0.0.1]:9", true},
		{"evil.test", "127.0.0.1:9", false},
		{"localhost", "192.168.1.9:9", false},
		{"", "127.0.0.1:9", false},
	}
	for _, tt := range tests {
		r, _ := http.NewRequest("GET", "/", nil)
		r.Host, r.RemoteAddr, r.RequestURI = tt.host, tt.peer, "/"
		r = r.WithContext(context.WithValue(t.Context(), listenerKey{}, s.listeners[0]))
		s.serve(httptest.NewRecorder(), r)
		b := got.Build
		shown := len(got.Output) > 0 && b.Output != "" && b.Diagnostics[0].Context != nil
		hidden := len(got.Output) == 0 && b.Output == "" && b.Diagnostics[0].Context == nil
		if shown != tt.shown || hidden == tt.shown || b.Diagnostics[0].Message == "" {
			t.Errorf("Host %q from %s: shown %v, want %v", tt.host, tt.peer, shown, tt.shown)
		}
	}
	if build.Output == "" || build.Diagnostics[0].Context == nil {
		t.Error("the build itself was changed")
	}
}

// TestFailureInside: a request that the target broke off, because it panicked, is
// answered with what went wrong; secrets and strangers are seen to.
func TestFailureInside(t *testing.T) {
	target := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	target.Start()
	defer target.Close()
	trace := inspect.Trace{ID: 3, Code: "E-aaaaa", Kind: inspect.TracePanic, Headline: "nil pointer dereference: u is nil", Message: "password=hunter2",
		Frames: []inspect.Frame{{Location: inspect.Location{File: "main.go", Line: 7}, Source: []inspect.SourceLine{{Number: 7, Text: "u.Name"}},
			Locals: []inspect.Variable{{Name: "password", Type: "string", Value: `"hunter2"`}, {Name: "n", Type: "int", Value: "42"}}}}}
	var asked inspect.ID
	var got panel.Failure
	s := newSite(t, target.Listener.Addr().String(), Options{
		Trace: func(ctx context.Context, id inspect.ID) (inspect.Trace, bool) {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("no bound on the wait")
			}
			asked = id
			return trace, true
		},
		Within: func(id inspect.ID) ([]inspect.Output, []inspect.Span) {
			return []inspect.Output{{Text: "token=hunter2 printed"}}, []inspect.Span{{Kind: inspect.SpanCall, Call: &inspect.Call{URL: "http://x.test/?password=hunter2"}}}
		},
		Failure: func(w http.ResponseWriter, r *http.Request, f panel.Failure) {
			got = f
			w.WriteHeader(f.Status)
			io.WriteString(w, "page")
		},
	})
	ask := func(host string) {
		t.Helper()
		r, _ := http.NewRequest("GET", "http://"+s.addr+"/x?password=hunter2", nil)
		r.Host = host
		r.Header.Set("Authorization", "Bearer hunter2")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 500 {
			t.Errorf("status %d", res.StatusCode)
		}
	}
	ask("localhost")
	x := s.rec.wait(t, 1)[0]
	if x.ResponseFrom != inspect.FromPastedev || x.Status != 500 || asked != x.ID {
		t.Errorf("recorded %+v, asked for %s", x, asked)
	}
	if got.Reason != panel.Panicked || got.Trace == nil || got.Request == nil || len(got.Prints) != 1 || len(got.Spans) != 1 {
		t.Fatalf("failure %+v", got)
	}
	if vars := got.Trace.Frames[0].Locals; len(vars) != 2 || vars[1].Value != "42" {
		t.Errorf("locals %+v", vars)
	}
	if said := fmt.Sprintf("%+v %+v %+v %+v", *got.Trace, *got.Request, got.Prints, got.Spans[0].Call); strings.Contains(said, "hunter2") {
		t.Errorf("tells a secret: %s", said)
	}
	if trace.Frames[0].Locals[0].Value != `"hunter2"` {
		t.Error("the trace itself was changed")
	}
	ask("evil.test")
	if got.Trace == nil || len(got.Trace.Frames) > 0 || got.Trace.Message != "" || strings.Contains(got.Trace.Headline, "u is nil") || got.Request != nil || got.Prints != nil || got.Spans != nil {
		t.Errorf("a stranger is told %+v of %+v", got, got.Trace)
	}
}

// TestFailureUnsent: a target that was never reached is not asked for what failed in it.
func TestFailureUnsent(t *testing.T) {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	dead := l.Addr().String()
	l.Close()
	s := newSite(t, dead, Options{Trace: func(context.Context, inspect.ID) (inspect.Trace, bool) {
		t.Error("asked for a trace")
		return inspect.Trace{}, false
	}})
	if res, _ := get(t, "http://"+s.addr); res.StatusCode != 502 {
		t.Errorf("status %d", res.StatusCode)
	}
}

// TestFailureWithoutVariables: a page that could not wait for them says so.
func TestFailureWithoutVariables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := New(Options{Trace: func(ctx context.Context, _ inspect.ID) (inspect.Trace, bool) {
			<-ctx.Done()
			return inspect.Trace{Frames: []inspect.Frame{{}}}, true
		}})
		var failure panel.Failure
		f.options.addTrace(&failure, httptest.NewRequest("GET", "/", nil), inspect.NewID(), &proxy.UnreachableError{Err: io.EOF})
		if failure.Trace == nil || !strings.Contains(failure.Trace.NoLocals, "not read within 8s") {
			t.Errorf("failure %+v", failure.Trace)
		}
	})
}
