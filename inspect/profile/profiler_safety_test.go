package profile

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// TestProfilerAllow asks from everywhere.
func TestProfilerAllow(t *testing.T) {
	tests := []struct {
		name   string
		header []string
		want   bool
	}{
		{"this machine", nil, true},
		{"IPv6", []string{"Remote", "[::1]:1", "Host", "[::1]:8080"}, true},
		{"a name of this machine", []string{"Host", "app.localhost:8080"}, true},
		{"another machine", []string{"Remote", "192.168.1.7:1"}, false},
		{"another name", []string{"Host", "evil.example"}, false},
		{"a name that looks alike", []string{"Host", "localhost.evil.example"}, false},
		{"no name", []string{"Host", ""}, false},
		{"a local proxy for others", []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.9"}, false},
		{"a local proxy for others, as in RFC 7239", []string{"Forwarded", "for=203.0.113.9"}, false},
		{"a local proxy for others, as nginx does", []string{"X-Real-Ip", "203.0.113.9"}, false},
		{"a local proxy for this machine", []string{"X-Forwarded-For", "127.0.0.1"}, true},
		{"a page of another site", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"a page of another port", []string{"Sec-Fetch-Site", "same-site"}, false},
		{"its own page", []string{"Sec-Fetch-Site", "same-origin"}, true},
	}
	for _, tt := range tests {
		p := &Profiler{OnDemand: true}
		h := p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "the program's") }))
		w := ask(h, "/", append(tt.header, HeaderProfile, "cpu")...)
		if got := w.Header().Get(HeaderProfile) != ""; got != tt.want || w.Header().Get(HeaderProfileError) != "" || w.Body.String() != "the program's" {
			t.Errorf("%s: profiled %v, want %v: %v %q", tt.name, got, tt.want, w.Header(), w.Body)
		}
		if got := ask(h, ProfilerPath, tt.header...).Body.String() != "the program's"; got != tt.want {
			t.Errorf("%s: may read %v, want %v", tt.name, got, tt.want)
		}
		if !canProfile() {
			t.Fatalf("%s: a profile goes on", tt.name)
		}
	}
	for _, p := range []*Profiler{{}, {OnDemand: true, Allow: func(*http.Request) bool { return false }}} {
		h := p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "the program's") }))
		for _, path := range []string{"/", ProfilerPath, ProfilerPath + "1"} {
			if w := ask(h, path, HeaderProfile, "cpu"); w.Body.String() != "the program's" || len(w.Header()) > 1 {
				t.Errorf("off: %s answers %q, %v", path, w.Body, w.Header())
			}
		}
	}
	h := (&Profiler{OnDemand: true, Path: "/p/"}).Handler(http.NotFoundHandler())
	if w := ask(h, "/p/", "Method", "POST"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST = %d %v", w.Code, w.Header())
	}
	if w := ask(h, "/p/7"); w.Code != 404 || !strings.Contains(w.Body.String(), `there is no profile "7"`) {
		t.Errorf("a profile that is not there: %d %q", w.Code, w.Body)
	}
}

// TestProfilerIsTransparent looks at what the handler and those around it see.
func TestProfilerIsTransparent(t *testing.T) {
	p := &Profiler{OnDemand: true}
	inner := http.NewServeMux()
	inner.HandleFunc("GET /cart/{id}", func(w http.ResponseWriter, r *http.Request) {
		if v, ok := pprof.Label(r.Context(), LabelExchange); !ok || !inspect.ID(v).Valid() {
			t.Errorf("the exchange is labelled %q", v)
		}
		if v, _ := pprof.Label(r.Context(), "tenant"); v != "acme" {
			t.Errorf("the program's label is %q", v)
		}
		panic(http.ErrAbortHandler)
	})
	var route string
	outer := http.NewServeMux()
	outer.Handle("/", p.Handler(inner))
	outer.Handle("/routed/{x}", p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { route, _ = pprof.Label(r.Context(), LabelRoute) })))
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("tenant", "acme"))
	r := httptest.NewRequestWithContext(ctx, "GET", "http://localhost/cart/1", nil)
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set(HeaderProfile, "cpu")
	func() {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler {
				t.Errorf("the panic became %v", v)
			}
		}()
		outer.ServeHTTP(httptest.NewRecorder(), r)
	}()
	if r.Pattern != "GET /cart/{id}" {
		t.Errorf("who is around sees the pattern %q", r.Pattern)
	}
	if !canProfile() {
		t.Error("the profile goes on after a panic")
	}
	outer.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/routed/1", nil))
	if route != "GET /routed/{x}" {
		t.Errorf("the route is labelled %q", route)
	}
	ctx = pprof.WithLabels(context.Background(), pprof.Labels(LabelExchange, string(idB)))
	var id string
	p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { id, _ = pprof.Label(r.Context(), LabelExchange) })).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if id != string(idB) {
		t.Errorf("pastedev's own label became %q", id)
	}
}

// TestProfilerManyAtOnce is for the race detector.
func TestProfilerManyAtOnce(t *testing.T) {
	p := &Profiler{OnDemand: true, Keep: 4}
	h := p.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Gosched() }))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 3 {
				w := ask(h, "/", HeaderProfile, "cpu")
				if w.Header().Get(HeaderProfileError) != "" {
					t.Error(w.Header())
				}
				ask(h, ProfilerPath)
				ask(h, w.Header().Get(HeaderProfile))
			}
		})
	}
	all.Wait()
	if n := len(p.cpu.all()); n != 4 || !canProfile() {
		t.Errorf("%d profiles are kept; none runs: %v", n, canProfile())
	}
}

// TestForeignProfiler joins the two: a program with the middleware and net/http/pprof.
func TestForeignProfiler(t *testing.T) {
	work := rounds(50 * time.Millisecond)
	app := serve(t, (&Profiler{}).Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { busyA(work) })))
	debug := pprofServer(t)
	done := make(chan struct{})
	var noise sync.WaitGroup
	noise.Go(func() { burn(done) })
	defer noise.Wait()
	defer close(done)
	r := New(Options{
		Source: func() Source { return Foreign(debug) }, Archive: openArchive(t, t.TempDir()), Publish: func(inspect.Event) {},
		Replay: func(_ context.Context, ex *inspect.Exchange) (inspect.ID, error) {
			id := inspect.NewID()
			fetch(t, (&url.URL{Scheme: "http", Host: app.Host, Path: ex.Path}).String(), "Traceparent", id.TraceParent())
			return id, nil
		},
	})
	p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu", Replay: true, Samples: 20, Seconds: 60}, get("/")) // at most
	if err != nil {
		t.Fatal(err)
	}
	data, err := r.o.Archive.Data(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	own, _ := withFunction(got, "busyA", func(*pb.Sample) bool { return true })
	noisy, _ := withFunction(got, "burn", func(*pb.Sample) bool { return true })
	if own < 5 || noisy > 0 || p.Others == 0 || own*100 < p.Samples*90 {
		t.Errorf("profile = %+v: %d samples are its own, %d are not", p, own, noisy)
	}
}

func BenchmarkProfiler(b *testing.B) {
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for name, h := range map[string]http.Handler{"bare": next, "labels": (&Profiler{}).Handler(next), "on demand": (&Profiler{OnDemand: true}).Handler(next)} {
		b.Run(name, func(b *testing.B) {
			w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "http://localhost/cart", nil)
			r.Header.Set("Traceparent", idA.TraceParent())
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}
