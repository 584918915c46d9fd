package devserver

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// patience is how long a test waits for what must come. It is not a measure.
const patience = 30 * time.Second

// recorder keeps what is published.
type recorder struct {
	mu       sync.Mutex
	started  int
	finished []*inspect.Exchange
	changed  chan struct{}
}

func newRecorder() *recorder { return &recorder{changed: make(chan struct{})} }

func (r *recorder) Publish(e inspect.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := e.(type) {
	case inspect.ExchangeStarted:
		r.started++
	case inspect.ExchangeFinished:
		r.finished = append(r.finished, e.Exchange)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// wait returns the first n finished exchanges once there are so many.
func (r *recorder) wait(t *testing.T, n int) []*inspect.Exchange {
	t.Helper()
	limit := time.After(patience)
	for {
		r.mu.Lock()
		got, changed := r.finished, r.changed
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("%d exchanges finished, want %d", len(got), n)
		}
	}
}

// waitStarted waits until n requests have arrived.
func (r *recorder) waitStarted(t *testing.T, n int) {
	t.Helper()
	limit := time.After(patience)
	for {
		r.mu.Lock()
		got, changed := r.started, r.changed
		r.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("%d requests arrived, want %d", got, n)
		}
	}
}

// site is a front with one listener before a target.
type site struct {
	*Front
	addr string
	rec  *recorder
}

// newSite makes a front that is closed when the test ends. Target may be "".
func newSite(t testing.TB, target string, o Options) *site {
	t.Helper()
	s := &site{rec: newRecorder()}
	if o.Record == nil {
		o.Record = s.rec
	}
	s.Front = New(o)
	public, err := s.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = public.String()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // tests that care for a soft end close by themselves
		_ = s.Front.Close(ctx)
	})
	if target != "" {
		s.Reset(1)
		if err := s.SetBackend(s.addr, target); err != nil {
			t.Fatal(err)
		}
		s.SetState(inspect.StateRunning, &inspect.Build{Number: 1}, "")
	}
	return s
}

// httpTarget serves h and returns its address.
func httpTarget(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.Listener.Addr().String()
}

// rawTarget serves every connection by f and returns its address.
func rawTarget(t testing.TB, f func(net.Conn, *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(patience))
				f(c, bufio.NewReader(c))
			})
		}
	})
	return l.Addr().String()
}

// readHead reads a message head, line ends as they are.
func readHead(r *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		b.WriteString(line)
		if err != nil || line == "\r\n" {
			return b.String()
		}
	}
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { c.Close() })
	return c
}

// exchangeBytes sends request and returns all that comes until the other side closes.
func exchangeBytes(t testing.TB, addr, request string) string {
	t.Helper()
	c := dial(t, addr)
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		return string(b) + fmt.Sprintf("[%T]", err)
	}
	return string(b)
}

func get(t testing.TB, url string) (*http.Response, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func TestRecord(t *testing.T) {
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(201)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.RequestURI, b)
	}))
	s := newSite(t, target, Options{})
	res, err := http.Post("http://"+s.addr+"/a%2Fb//c?x;y", "text/x", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if got, want := string(body), "POST /a%2Fb//c?x;y hello"; got != want {
		t.Fatalf("body %q, want %q", got, want)
	}
	x := s.rec.wait(t, 1)[0]
	type facts struct {
		Method, URL, Path, Proto, In, Out, ContentType string
		Status, Build                                  int
		Valid, InFlight                                bool
		From                                           inspect.Origin
		Added                                          string
	}
	got := facts{x.Method, x.URL, x.Path, x.Proto, string(x.Request.Body.Data), string(x.Response.Body.Data), x.ContentType,
		x.Status, x.Build, x.ID.Valid(), x.InFlight, x.ResponseFrom, strings.Join(x.Added, " ")}
	want := facts{"POST", "http://" + s.addr + "/a%2Fb//c?x;y", "/a/b//c", "HTTP/1.1", "hello", "POST /a%2Fb//c?x;y hello", "text/plain",
		201, 1, true, false, inspect.FromTarget, "Traceparent X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto"}
	if got != want {
		t.Errorf("recorded %+v\nwant %+v", got, want)
	}
	if x.Timing.Total <= 0 || x.Timing.Wait <= 0 || x.Timing.Connect <= 0 || x.Timing.ReusedConn {
		t.Errorf("timing %+v", x.Timing)
	}
	if st := res.Header.Get("Server-Timing"); !strings.HasPrefix(st, `pastedev;desc="`+string(x.ID)+`";dur=`) {
		t.Errorf("Server-Timing %q", st)
	}
	if st := x.Response.Header.Get("Server-Timing"); st != "" {
		t.Errorf("the record holds our own header %q", st)
	}
}
