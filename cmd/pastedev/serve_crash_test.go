package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/cgi"
	"github.com/pastedev/pastedev/devserver/tree"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/store"
)

const goCrash = `http: panic serving 127.0.0.1:1234: assignment to entry in nil map
goroutine 21 [running]:
net/http.(*conn).serve.func1()
	/usr/lib/go/src/net/http/server.go:1947 +0xbe
panic({0x6d0b20?, 0x7b7f10?})
	/usr/lib/go/src/runtime/panic.go:785 +0x132
main.main.func1({0x7bb6a8, 0xc0000f00e0}, 0xc0000fa140)
	/site/prog/main.go:12 +0x3f
`

// TestMountedCrashText: crash text of the programs of a tree and of CGI programs becomes a
// trace of the request that it was printed for.
func TestMountedCrashText(t *testing.T) {
	s := &session{std: stdio{out: io.Discard, err: io.Discard}, dir: t.TempDir()}
	var err error
	if s.store, err = store.Open(store.Options{}); err != nil {
		t.Fatal(err)
	}
	s.serving = newServing(s, setup{}, nil)
	if err := s.openInside(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.printed.close()
		s.gather.Close()
		s.failures.close(context.Background())
		s.store.Close()
	})
	spec := mountSpec{mountConfig: mountConfig{Path: "/t"}}
	watch := &treeWatch{v: s.serving, spec: spec, builds: map[treeBuild]inspect.Build{}}
	for _, c := range []struct {
		name  string
		print func(r *http.Request, line string)
	}{
		{"tree", func(r *http.Request, line string) {
			watch.event(tree.Event{Kind: tree.Printed, Entry: tree.Entry{Name: "prog"}, Text: line, Stderr: true, Requests: []*http.Request{r}})
		}},
		{"CGI", func(r *http.Request, line string) { s.serving.cgiLine(spec, r, cgi.StderrLine{Text: line}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			feed := s.store.Subscribe(t.Context())
			n := &note{id: inspect.NewID()}
			r := httptest.NewRequest("GET", "/t/prog", nil).WithContext(context.WithValue(t.Context(), noteKey{}, n))
			for line := range strings.Lines(goCrash) {
				c.print(r, strings.TrimSuffix(line, "\n"))
			}
			for e := range feed {
				if e, ok := e.(inspect.TraceRecorded); ok {
					if e.Trace.Exchange != n.id || !strings.Contains(e.Trace.Headline, "nil map") {
						t.Errorf("%+v", e.Trace)
					}
					return
				}
			}
			t.Error("no trace")
		})
	}
}
