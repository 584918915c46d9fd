package profile

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// busyA and busyB do the same under different names.

//go:noinline
func busyA(rounds int) {
	for n := range rounds {
		burned.Add(int64(burnSome(n)))
	}
}

//go:noinline
func busyB(rounds int) {
	for n := range rounds {
		burned.Add(int64(burnSome(n)))
	}
}

var burned atomic.Int64 // what the work comes to, so that it is done at all

// rounds is how many rounds of work take about d of processor time. One round is so short
// that of many some are not interrupted, however busy the machine is.
func rounds(d time.Duration) int {
	fastest := time.Hour
	for range 500 {
		began := time.Now()
		busyA(1)
		fastest = min(fastest, time.Since(began))
	}
	return max(1, int(d/max(fastest, 1)))
}

// busyMux answers /a and /b when their work is done, both at the same time.
func busyMux(n int) *http.ServeMux {
	var both sync.WaitGroup
	both.Add(2)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /a", func(w http.ResponseWriter, r *http.Request) {
		both.Done()
		both.Wait()
		busyA(n)
		io.WriteString(w, "a")
	})
	mux.HandleFunc("GET /b", func(w http.ResponseWriter, r *http.Request) {
		both.Done()
		both.Wait()
		done := make(chan struct{})
		go func() { defer close(done); busyB(n) }() // has the labels of who started it
		<-done
		io.WriteString(w, "b")
	})
	return mux
}

// fetch asks for a page. The test's own client needs no time of the handlers.
func fetch(t *testing.T, u string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if req.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// withFunction counts the samples that have a function on their stack, and of these those
// that ok wants.
func withFunction(p *pb.Profile, name string, ok func(*pb.Sample) bool) (n, right int64) {
	for _, s := range p.Sample {
		for f := range frames(s) {
			if strings.HasSuffix(f.name, "profile."+name) {
				n += s.Value[0]
				if ok(s) {
					right += s.Value[0]
				}
				break
			}
		}
	}
	return n, right
}

// TestProfilerLabels records two busy handlers that run at the same time.
func TestProfilerLabels(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/", (&Profiler{Route: func(r *http.Request) string { return "the " + r.URL.Path }}).Handler(busyMux(rounds(time.Second))))
	at := serve(t, mux)
	var data bytes.Buffer
	if err := pprof.StartCPUProfile(&data); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for path, id := range map[string]inspect.ID{"/a": idA, "/b": idB} {
		all.Go(func() { fetch(t, at.JoinPath(path).String(), "Traceparent", id.TraceParent()) })
	}
	all.Wait()
	pprof.StopCPUProfile()
	p, err := Parse(data.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		id    inspect.ID
		route string
	}{"busyA": {idA, "the /a"}, "busyB": {idB, "the /b"}} {
		n, right := withFunction(p, name, func(s *pb.Sample) bool {
			id, _ := label(s, LabelExchange)
			route, _ := label(s, LabelRoute)
			return id == string(want.id) && route == want.route
		})
		if n < 10 || right*100 < n*95 {
			t.Errorf("%d of %d samples of %s have the right labels, want 95 %%", right, n, name)
		}
		t.Logf("%s: %d of %d samples have the right labels", name, right, n)
	}
	mine, samples, others := Cut(p, func(id inspect.ID) bool { return id == idA })
	if n, _ := withFunction(mine, "busyB", func(*pb.Sample) bool { return true }); n > 0 || samples == 0 || others == 0 {
		t.Errorf("cut to one: %d samples, %d others, %d of the other's", samples, others, n)
	}
}

func TestProfilerOnDemand(t *testing.T) {
	p := &Profiler{OnDemand: true}
	at := serve(t, p.Handler(busyMux(rounds(500*time.Millisecond))))
	var all sync.WaitGroup
	var mu sync.Mutex
	where := map[string]string{}
	for _, path := range []string{"/a", "/b"} {
		all.Go(func() {
			// Both say that they belong to the same trace.
			resp, body := fetch(t, at.JoinPath(path).String(), HeaderProfile, "cpu", "Traceparent", idA.TraceParent())
			if body != path[1:] || resp.Header.Get(HeaderProfileError) != "" {
				t.Errorf("%s answers %q, %v", path, body, resp.Header)
			}
			mu.Lock()
			where[path] = resp.Header.Get(HeaderProfile)
			mu.Unlock()
		})
	}
	all.Wait()
	for path, functions := range map[string][2]string{"/a": {"busyA", "busyB"}, "/b": {"busyB", "busyA"}} {
		resp, body := fetch(t, at.JoinPath(where[path]).String())
		got, err := Parse([]byte(body))
		if err != nil {
			t.Fatalf("%s at %q: %v, %v", path, where[path], resp.Status, err)
		}
		own, _ := withFunction(got, functions[0], func(*pb.Sample) bool { return true })
		other, _ := withFunction(got, functions[1], func(*pb.Sample) bool { return true })
		if own < 5 || own*100 < Count(got)*95 || other > 0 {
			t.Errorf("%s: %d of %d samples are its own, %d the other's", path, own, Count(got), other)
		}
		for _, s := range got.Sample {
			if _, ok := label(s, labelProfile); ok {
				t.Errorf("%s: our own label is left", path)
			}
		}
		if _, text := fetch(t, at.JoinPath(where[path], "top").String()); !strings.Contains(text, "GET "+path+": ") || !strings.Contains(text, functions[0]) {
			t.Errorf("%s: the table is\n%s", path, text)
		}
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	cmd := exec.CommandContext(t.Context(), goTool, "tool", "pprof", "-top", at.JoinPath(where["/a"]).String())
	cmd.Env = append(cmd.Environ(), "PPROF_TMPDIR="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "profile.busyA") {
		t.Errorf("go tool pprof: %v\n%s", err, out)
	}
}

// TestProfilerJoins has a request begin and end while another is profiled.
func TestProfilerJoins(t *testing.T) {
	p := &Profiler{OnDemand: true, Keep: 2, Limit: time.Minute}
	inside, release := make(chan struct{}), make(chan struct{})
	at := serve(t, p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long" {
			close(inside)
			<-release
		}
	})))
	long := make(chan string)
	go func() {
		resp, _ := fetch(t, at.JoinPath("/long").String(), HeaderProfile, "cpu")
		long <- resp.Header.Get(HeaderProfile)
	}()
	<-inside
	for range 3 { // they are served although the profile goes on
		fetch(t, at.JoinPath("/short").String(), HeaderProfile, "cpu")
	}
	if _, list := fetch(t, at.JoinPath(ProfilerPath).String()); list != ProfilerPath+"3\tGET /short\tis being recorded\n"+ProfilerPath+"4\tGET /short\tis being recorded\n" {
		t.Errorf("list:\n%s", list)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rec := httptest.NewRecorder()
	early := httptest.NewRequestWithContext(ctx, "GET", "http://localhost"+ProfilerPath+"4", nil)
	early.RemoteAddr = "127.0.0.1:9"
	p.Handler(http.NotFoundHandler()).ServeHTTP(rec, early) // returns: its client has gone
	close(release)
	if where := <-long; where != ProfilerPath+"1" {
		t.Errorf("the long request's profile is at %q", where)
	}
	if resp, body := fetch(t, at.JoinPath(ProfilerPath, "1").String()); resp.StatusCode != 404 || !strings.Contains(body, "the last 2 are kept") {
		t.Errorf("the first of four: %d %q", resp.StatusCode, body)
	}
	if _, body := fetch(t, at.JoinPath(ProfilerPath, "4").String()); body == "" {
		t.Error("the last has no profile")
	}
	if _, list := fetch(t, at.JoinPath(ProfilerPath).String()); !strings.Contains(list, "0 samples: the request takes ") {
		t.Errorf("list:\n%s", list)
	}
}

// TestProfilerLimit has a request go on after the end of the longest profile.
func TestProfilerLimit(t *testing.T) {
	p := &Profiler{OnDemand: true, Limit: time.Millisecond}
	release := make(chan struct{})
	at := serve(t, p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long" {
			<-release
		}
	})))
	long := make(chan struct{})
	go func() { fetch(t, at.JoinPath("/long").String(), HeaderProfile, "cpu"); close(long) }()
	until(t, "the profile has ended", func() bool {
		_, list := fetch(t, at.JoinPath(ProfilerPath).String())
		return strings.Contains(list, "0 samples until the profile ended; the request went on")
	})
	// Another can begin, and the long one does not end it.
	resp, _ := fetch(t, at.JoinPath("/").String(), HeaderProfile, "cpu")
	if resp.Header.Get(HeaderProfile) != ProfilerPath+"2" {
		t.Errorf("the next: %v", resp.Header)
	}
	close(release)
	<-long
	if _, body := fetch(t, at.JoinPath(ProfilerPath, "1").String()); body == "" {
		t.Error("the long one has no profile")
	}
}

// TestProfilerBusy has a request ask while the program records a profile of its own.
func TestProfilerBusy(t *testing.T) {
	var log bytes.Buffer
	p := &Profiler{OnDemand: true, Log: slog.New(slog.NewTextHandler(&log, nil))}
	h := p.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "as ever") }))
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer pprof.StopCPUProfile()
	w := ask(h, "/", HeaderProfile, "cpu")
	if w.Code != 200 || w.Body.String() != "as ever" || !strings.Contains(w.Header().Get(HeaderProfileError), "already in use") || w.Header().Get(HeaderProfile) != "" {
		t.Errorf("answer: %d %q %v", w.Code, w.Body, w.Header())
	}
	if !strings.Contains(log.String(), "request is not profiled") {
		t.Errorf("log: %s", log.String())
	}
	if _, list := ask(h, ProfilerPath), ask(h, ProfilerPath).Body.String(); !strings.HasPrefix(list, "no profiles yet") {
		t.Errorf("list: %q", list)
	}
}

// ask has a handler answer a request of this machine.
func ask(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "http://localhost:8080"+path, nil)
	r.RemoteAddr = "127.0.0.1:40000"
	for i := 0; i < len(header); i += 2 {
		switch r.Header.Set(header[i], header[i+1]); header[i] {
		case "Host":
			r.Host = header[i+1]
		case "Remote":
			r.RemoteAddr = header[i+1]
		case "Method":
			r.Method = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
