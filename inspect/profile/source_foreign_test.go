package profile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	rpprof "runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// pprofServer serves profiles of this test.
func pprofServer(t *testing.T) *url.URL {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return serve(t, mux)
}

func serve(t *testing.T, h http.Handler) *url.URL {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// goPprof has the tool of Go read a profile.
func goPprof(t *testing.T, p *pb.Profile, args ...string) string {
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	data, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "x.pb.gz")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), goTool, append(append([]string{"tool", "pprof"}, args...), file)...)
	cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go tool pprof: %v\n%s", err, out)
	}
	return string(out)
}

func has(p *pb.Profile, function string) bool {
	rows, _ := Top(p, 0)
	for _, r := range rows {
		if strings.HasSuffix(r.Function, function) {
			return true
		}
	}
	return false
}

//go:noinline
func burn(until <-chan struct{}) (n int) {
	for {
		select {
		case <-until:
			return n
		default:
			n += burnSome(n)
		}
	}
}

//go:noinline
func burnSome(n int) int {
	for i := range 100_000 {
		n = n*31 + i
	}
	return n
}

var allocated [][]byte // reachable, so that the allocation is not optimised away

//go:noinline
func allocate() {
	for range 64 {
		allocated = append(allocated, make([]byte, 1<<20))
	}
	allocated = nil
}

//go:noinline
func contend() {
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				mu.Lock()
				time.Sleep(100 * time.Microsecond) // what the others wait for
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

//go:noinline
func waitFor(c <-chan struct{}) { <-c }

func TestForeign(t *testing.T) {
	src := Foreign(pprofServer(t))
	if err := src.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	defer runtime.SetMutexProfileFraction(0)
	defer runtime.SetBlockProfileRate(0)
	done := make(chan struct{})
	defer close(done)
	go waitFor(done)
	tests := []struct {
		kind inspect.ProfileKind
		do   func(until <-chan struct{})
		want string // a function that is in it
	}{
		{inspect.ProfileCPU, func(until <-chan struct{}) { burn(until) }, "profile.burnSome"},
		{inspect.ProfileHeap, func(<-chan struct{}) { allocate() }, "profile.allocate"},
		{inspect.ProfileMutex, func(<-chan struct{}) { contend() }, "profile.contend.func1"},
		{inspect.ProfileBlock, func(<-chan struct{}) { contend() }, "profile.contend.func1"},
		{inspect.ProfileGoroutine, func(<-chan struct{}) {}, "profile.waitFor"},
		{inspect.ProfileWall, func(until <-chan struct{}) { waitFor(until) }, "profile.waitFor"},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			rec, err := src.Start(t.Context(), tt.kind, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			over := make(chan struct{})
			var work sync.WaitGroup
			if tt.kind == inspect.ProfileCPU { // Stop waits for its end, and nobody knows when it begins
				work.Go(func() { tt.do(over) })
			} else {
				time.AfterFunc(900*time.Millisecond, func() { close(over) })
				tt.do(over)
			}
			d, err := rec.Stop(t.Context())
			if tt.kind == inspect.ProfileCPU {
				close(over)
			}
			work.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if !has(d.Profile, tt.want) {
				rows, _ := Top(d.Profile, 20)
				t.Errorf("%s is not in the profile: %v", tt.want, rows)
			}
			if Count(d.Profile) <= 0 {
				t.Errorf("%d samples", Count(d.Profile))
			}
			if out := goPprof(t, d.Profile, "-top", "-cum", "-nodecount=1000"); !strings.Contains(out, tt.want) {
				t.Errorf("go tool pprof does not show %s:\n%s", tt.want, out)
			}
		})
	}
}

func TestForeignTrace(t *testing.T) {
	rec, err := Foreign(pprofServer(t)).Start(t.Context(), inspect.ProfileTrace, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	d, err := rec.Stop(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(d.Trace, []byte("go 1.")) {
		t.Errorf("no execution trace: %.20q", d.Trace)
	}
}

// TestForeignCancelled ends a processor profile that would go on for a minute.
func TestForeignCancelled(t *testing.T) {
	src := Foreign(pprofServer(t))
	ctx, cancel := context.WithCancel(t.Context())
	rec, err := src.Start(ctx, inspect.ProfileCPU, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the profile has begun", profiled)
	cancel()
	if _, err := rec.Stop(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v", err)
	}
	until(t, "the profile has ended", func() bool { return !profiled() })
}

// canProfile says whether nobody records a processor profile of this process.
func canProfile() bool {
	if rpprof.StartCPUProfile(io.Discard) != nil {
		return false
	}
	rpprof.StopCPUProfile()
	return true
}

// profiled says whether somebody does, and unlike canProfile stands in nobody's way.
func profiled() bool {
	buf := make([]byte, 1<<20)
	return strings.Contains(string(buf[:runtime.Stack(buf, true)]), "runtime/pprof.profileWriter")
}

// until waits for what gives no sign.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2400 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not in 2 min: %s", what)
}

func TestForeignBusy(t *testing.T) {
	if err := rpprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer rpprof.StopCPUProfile()
	rec, err := Foreign(pprofServer(t)).Start(t.Context(), inspect.ProfileCPU, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Stop(t.Context()); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "already in use") {
		t.Errorf("Stop = %v, want ErrBusy", err)
	}
}

func TestForeignMissing(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	goneURL, err := url.Parse(gone.URL)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		at   *url.URL
		says []string
	}{
		{"no profiles", serve(t, http.NotFoundHandler()), []string{"/debug/pprof/: 404", `import _ "net/http/pprof"`}},
		{"everything is a page", serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>welcome") })),
			[]string{"is not the index of net/http/pprof", `import _ "net/http/pprof"`}},
		{"a login", serve(t, http.RedirectHandler("/login", http.StatusSeeOther)), []string{"303 See Other", "hint: "}},
		{"not running", goneURL, []string{"hint: is the program running there?"}},
	}
	for _, tt := range tests {
		err := Foreign(tt.at).Check(t.Context())
		for _, s := range append(tt.says, "profiles of http://127.0.0.1:") {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%s: error %v does not say %q", tt.name, err, s)
			}
		}
	}
	_, err = Foreign(tests[0].at).Start(t.Context(), "gpu", time.Second)
	if !errors.Is(err, ErrUnsupported) {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestForeignAddress(t *testing.T) {
	tests := []struct{ base, want string }{
		{"http://localhost:6060", "http://localhost:6060/debug/pprof/"},
		{"http://localhost:6060/?a=b#c", "http://localhost:6060/debug/pprof/"},
		{"http://localhost:6060/debug/pprof", "http://localhost:6060/debug/pprof/"},
		{"http://localhost:6060/debug/pprof/", "http://localhost:6060/debug/pprof/"},
		{"http://localhost/app/", "http://localhost/app/debug/pprof/"},
		{"http://localhost/internal/pprof/", "http://localhost/internal/pprof/"},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		if got := Foreign(u).index.String(); got != tt.want {
			t.Errorf("Foreign(%s) asks %s, want %s", tt.base, got, tt.want)
		}
	}
}

// TestRecordForeign records a program that labels nothing.
func TestRecordForeign(t *testing.T) {
	src := Foreign(pprofServer(t))
	done := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { burn(done) })
	defer all.Wait()
	defer close(done)
	r := New(Options{
		Source: func() Source { return src }, Archive: openArchive(t, t.TempDir()), Publish: func(inspect.Event) {},
		Replay: func(context.Context, *inspect.Exchange) (inspect.ID, error) {
			time.Sleep(time.Millisecond) // is what the request does
			return inspect.NewID(), nil
		},
	})
	p, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu", Replay: true, Samples: 10, Seconds: 60}, get("/"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Samples == 0 || !strings.HasPrefix(p.Note, "the program does not label its samples by request") {
		t.Errorf("profile = %+v", p)
	}
	bad := Foreign(serve(t, http.NotFoundHandler()))
	r.o.Source = func() Source { return bad }
	if _, err := r.Record(t.Context(), inspect.ProfileRequest{Kind: "cpu"}, nil); err == nil || !strings.Contains(err.Error(), "hint: only Go programs") {
		t.Errorf("a program without profiles: %v", err)
	}
}
