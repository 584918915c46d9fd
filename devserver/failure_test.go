package devserver

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/panel"
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
