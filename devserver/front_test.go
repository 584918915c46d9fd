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
const patience = 2 * time.Minute

// recorder keeps what is published.
type recorder struct {
	mu       sync.Mutex
	started  int
	ids      []inspect.ID // of those that have started
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
		r.ids = append(r.ids, e.Exchange.ID)
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
	s.begin(t, target)
	return s
}

// begin gives the site its address, and its target unless that is "".
func (s *site) begin(t testing.TB, target string) {
	t.Helper()
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
	defer c.Close()
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

type bufioReader = bufio.Reader

// oneByte is a request body of one byte whose length is not known beforehand.
type oneByte struct{ done bool }

func (o *oneByte) Read(p []byte) (int, error) {
	if o.done {
		return 0, io.EOF
	}
	o.done = true
	return copy(p, "x"), nil
}

func TestLocalPaths(t *testing.T) {
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "target") }))
	s := newSite(t, target, Options{
		AllowHost: []string{".corp.test"},
		Local:     http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "local") }),
	})
	tests := []struct {
		path, host, peer, want string
	}{
		{"/_pastedev/x", "localhost:1", "127.0.0.1:9", "local"},
		{"/%5Fpastedev/x", "127.0.0.1", "127.0.0.1:9", "local"},
		{"/_pastedev/x", "[::1]:80", "[::1]:9", "local"},
		{"/_pastedev/x", "LOCALHOST", "127.0.0.1:9", "local"},
		{"/_pastedev/x", "a.corp.test", "127.0.0.1:9", "local"},
		{"/_pastedev/x", "evil.test", "127.0.0.1:9", "pastedev: Host: evil.test is not a name of this machine (--allow-host evil.test would allow it)\n"},
		{"/_pastedev/x", "evilcorp.test", "127.0.0.1:9", "pastedev: Host: evilcorp.test is not a name of this machine (--allow-host evilcorp.test would allow it)\n"},
		{"/_pastedev/x", "localhost.evil.test", "127.0.0.1:9", "pastedev: Host: localhost.evil.test is not a name of this machine (--allow-host localhost.evil.test would allow it)\n"},
		{"/_pastedev/x", "10.0.0.1", "127.0.0.1:9", "pastedev: Host: 10.0.0.1 is not a name of this machine (--allow-host 10.0.0.1 would allow it)\n"},
		{"/_pastedev/x", "localhost", "10.0.0.7:9", "pastedev: this path answers only to this machine, and the request came from 10.0.0.7:9\n"},
		{"/x", "evil.test", "10.0.0.7:9", "target"}, // as without us
		{"/_pastedevil", "evil.test", "127.0.0.1:9", "target"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", tt.path, nil).WithContext(context.WithValue(t.Context(), listenerKey{}, s.listeners[0]))
		r.Host, r.RemoteAddr = tt.host, tt.peer
		w := httptest.NewRecorder()
		s.serve(w, r)
		if got := w.Body.String(); got != tt.want {
			t.Errorf("%s at %q from %s: %q, want %q", tt.path, tt.host, tt.peer, got, tt.want)
		}
	}
}

func TestReplay(t *testing.T) {
	got := make(chan string, 4)
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- fmt.Sprintf("%s %s %s %s %s %d %s", r.Method, r.RequestURI, r.Host, r.Header.Get("X-A"), r.Header.Get("Traceparent")[3:35], r.ContentLength, b)
	}))
	s := newSite(t, target, Options{BodyLimit: 10})
	post := func(body string) {
		req, _ := http.NewRequest("POST", "http://"+s.addr+"/a%2Fb?c", strings.NewReader(body))
		req.Host = "app.test"
		req.Header.Set("X-A", "1")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	post("hello")
	first := s.rec.wait(t, 1)[0]
	id, err := s.Replay(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	second := s.rec.wait(t, 2)[1]
	if second.ID != id || second.ReplayOf != first.ID || second.Status != 200 || id == first.ID {
		t.Errorf("replay recorded as %+v", second.Summary)
	}
	one, two := <-got, <-got
	if want := strings.Replace(one, string(first.ID), string(id), 1); two != want {
		t.Errorf("replayed as %q, want %q", two, want)
	}
	if id, err = s.Rehearse(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	<-got
	if third := s.rec.wait(t, 3)[2]; third.ID != id || !third.Rehearsal || second.Rehearsal {
		t.Errorf("rehearsal recorded as %+v", third.Summary)
	}
	post("hello, hello, hello")
	<-got
	if _, err := s.Replay(t.Context(), s.rec.wait(t, 4)[3]); err == nil || !strings.Contains(err.Error(), "its body was not kept whole (10 of 19 bytes)") {
		t.Errorf("truncated: %v", err)
	}
	foreign := *first
	foreign.URL = "http://elsewhere.test/"
	if _, err := s.Replay(t.Context(), &foreign); err == nil {
		t.Error("a URL of another host was replayed")
	}
	foreign = *first
	foreign.Kind = inspect.KindWebSocket
	if _, err := s.Replay(t.Context(), &foreign); err == nil {
		t.Error("a WebSocket was replayed")
	}
}

func newReader(c net.Conn) *bufio.Reader { return bufio.NewReader(c) }
