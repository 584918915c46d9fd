package panel_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
)

var update = flag.Bool("update", false, "write the golden files")

func newHandler() *panel.Handler {
	return panel.New(panel.Config{Secret: []byte("fixed"), Status: func() inspect.Status {
		return inspect.Status{State: inspect.StateRunning, ControlURL: "http://127.0.0.1:9000/#token=secret"}
	}})
}

func serve(f panel.Failure, method string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	newHandler().ServeFailure(w, r, f)
	return w
}

const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

var nonces = regexp.MustCompile(`nonce="[^"]*"`)

// TestGolden compares every form of every failure with its golden file.
func TestGolden(t *testing.T) {
	forms := map[string]string{".html": browserAccept, ".json": "application/json", ".md": "text/markdown", ".txt": "text/plain"}
	for name, f := range failures() {
		for ext, accept := range forms {
			w := serve(f, "GET", "Accept", accept)
			got := nonces.ReplaceAllString(w.Body.String(), `nonce=""`)
			if ext == ".html" { // the style and script are files of their own
				got = regexp.MustCompile(`(?s)(<style[^>]*>).*?(</style>)`).ReplaceAllString(got, "$1$2")
				got = regexp.MustCompile(`(?s)(<script[^>]*>).*?(</script>)`).ReplaceAllString(got, "$1$2")
			}
			path := filepath.Join("testdata", name+ext)
			if *update {
				os.MkdirAll("testdata", 0o755)
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (run with -update to accept):\n%s", path, diff)
			}
		}
	}
}

func TestNegotiation(t *testing.T) {
	const html, problem, markdown, text = "text/html; charset=utf-8", "application/problem+json", "text/markdown; charset=utf-8", "text/plain; charset=utf-8"
	tests := []struct {
		name string
		head []string
		want string
	}{
		{"browser", []string{"Accept", browserAccept, "Sec-Fetch-Dest", "document"}, html},
		{"curl", []string{"Accept", "*/*"}, text},
		{"nothing", nil, text},
		{"fetch", []string{"Accept", "*/*", "Sec-Fetch-Dest", "empty"}, problem},
		{"axios", []string{"Accept", "application/json, text/plain, */*"}, problem},
		{"json client", []string{"Content-Type", "application/json"}, problem},
		{"agent", []string{"Accept", "text/markdown, */*;q=0.1"}, markdown},
		{"weights", []string{"Accept", "text/html;q=0.2, text/plain;q=0.9"}, text},
		{"refused", []string{"Accept", "text/html;q=0, application/problem+json"}, problem},
		{"image", []string{"Accept", "image/avif,image/webp,image/*,*/*;q=0.8", "Sec-Fetch-Dest", "image"}, text},
		{"htmx", []string{"Accept", "text/html, */*", "Sec-Fetch-Dest", "empty"}, html},
		{"broken", []string{"Accept", ";;;,,"}, text},
	}
	for _, tt := range tests {
		w := serve(failures()["crashed"], "GET", tt.head...)
		if got := w.Header().Get("Content-Type"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestFailureHeader(t *testing.T) {
	for name, f := range failures() {
		w := serve(f, "GET", "Accept", browserAccept)
		if w.Code != f.Status || w.Header().Get("Cache-Control") != "no-store" || (w.Header().Get("Retry-After") == "1") != (f.Reason == panel.Held) {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %s", name, csp)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the page holds the control token", name)
		}
		if head := serve(f, "HEAD", "Accept", browserAccept); head.Body.Len() != 0 || head.Code != f.Status {
			t.Errorf("%s: HEAD answers %d with %d bytes", name, head.Code, head.Body.Len())
		}
	}
	f := failures()["held"]
	f.Status = 0
	if w := serve(f, "GET"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("no status given: %d", w.Code)
	}
}

// TestProblem checks the members of RFC 9457 and the extensions.
func TestProblem(t *testing.T) {
	w := serve(failures()["build-failed"], "GET", "Accept", "application/problem+json")
	var p struct {
		Type, Title, Detail string
		Status, Build       int
		Diagnostics         []inspect.Diagnostic
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Type != "urn:pastedev:problem:build-failed" || p.Title != "Build failed" || p.Status != 500 || p.Build != 7 || len(p.Diagnostics) != 2 || p.Diagnostics[0].Line != 42 {
		t.Errorf("problem %+v", p)
	}
}

// FuzzFailurePage: no text of a compiler or program becomes markup.
func FuzzFailurePage(f *testing.F) {
	f.Add("</script><script>alert(1)</script>", "\x1b]8;;http://x\x07", "javascript:alert(1)", 3)
	f.Add("</textarea><img onerror=x>", "```", "/a b/c.go", -1)
	f.Fuzz(func(t *testing.T, message, output, path string, column int) {
		failure := panel.Failure{ID: "4bf92f3577b34da6a3ce929d0e0e4736", Reason: panel.BuildFailed, Target: message, Detail: output, Build: &inspect.Build{Diagnostics: []inspect.Diagnostic{{
			Message: message, File: path, Path: path, Line: 1, Column: column, Context: []inspect.SourceLine{{Number: 1, Text: output}}}}}}
		crash := failure
		crash.Reason, crash.Output = panel.Crashed, []inspect.Output{{Stream: inspect.Stderr, Text: output}}
		for _, fl := range []panel.Failure{failure, crash} {
			for _, accept := range []string{"application/json", "text/markdown", "text/plain"} {
				serve(fl, "GET", "Accept", accept)
			}
			w := serve(fl, "GET", "Accept", "text/html")
			doc, err := html.Parse(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			scripts := 0
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				switch n.Data {
				case "script":
					scripts++
				case "img", "iframe", "object", "svg", "form":
					t.Fatalf("<%s> in the page of %q", n.Data, message)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "href" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
						t.Fatalf("%s=%q in the page of %q", a.Key, a.Val, message)
					}
				}
			}
			if scripts != 1 {
				t.Fatalf("%d scripts in the page of %q", scripts, message)
			}
		}
	})
}

// TestUnreachableWords: what the target did is told apart from what it did not do.
func TestUnreachableWords(t *testing.T) {
	tests := []struct{ detail, title, lead, hint string }{
		{"dial tcp 127.0.0.1:9: connect: connection refused", "No answer", "gave no answer", "listening"},
		{"net/http: HTTP/1.x transport connection broken: malformed HTTP response \"hello\"", "Not an HTTP answer", "not an HTTP answer", "TLS"},
		{"the program answered with status 99", "Not an HTTP answer", "not an HTTP answer", "TLS"},
		{"EOF", "No answer", "ended the connection", "output"},
		{"read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer", "No answer", "ended the connection", "output"},
	}
	for _, tt := range tests {
		f := panel.Failure{Reason: panel.Unreachable, Detail: tt.detail, Target: "./shop"}
		if text := f.Text(); f.Title() != tt.title || !strings.Contains(text, "./shop") || !strings.Contains(text, tt.lead) || !strings.Contains(text, tt.hint) {
			t.Errorf("%s: %s\n%s", tt.detail, f.Title(), text)
		}
	}
}
