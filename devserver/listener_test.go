package devserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func TestAdopt(t *testing.T) {
	s := newSite(t, "", Options{})
	adopt := func(network, address, private string) string {
		t.Helper()
		public, got, err := s.Adopt(network, address)
		if err != nil || got != private {
			t.Fatalf("adopt %s %s: %s, %v", network, address, got, err)
		}
		return public.String()
	}
	s.Reset(1)
	one := adopt("tcp", "127.0.0.1:0", "127.0.0.1:0")
	two := adopt("tcp", "127.0.0.1:0", "127.0.0.1:0")
	all := adopt("tcp", ":0", "127.0.0.1:0")
	if one == two || !strings.HasPrefix(all, "[::]:") && !strings.HasPrefix(all, "0.0.0.0:") {
		t.Errorf("got %s, %s, %s", one, two, all)
	}
	if _, _, err := s.Adopt("unix", "/tmp/x"); err == nil {
		t.Error("a unix socket was adopted")
	}

	// The address of a listener in use is the target's own mistake, told by the system.
	target := httpTarget(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if err := s.SetBackend(one, target); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Adopt("tcp", one); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second listen at %s: %v", one, err)
	}
	taken, _ := net.Listen("tcp", "127.0.0.1:0")
	defer taken.Close()
	if _, _, err := s.Adopt("tcp", taken.Addr().String()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("an address of another program: %v", err)
	}

	// The next run finds its addresses as they were, by order.
	s.Reset(2)
	if a, b := adopt("tcp", "127.0.0.1:0", "127.0.0.1:0"), adopt("tcp", "127.0.0.1:0", "127.0.0.1:0"); a != one || b != two {
		t.Errorf("second run got %s, %s; want %s, %s", a, b, one, two)
	}
	// ":0" was not asked for again; asking for its port by number takes it over.
	_, port, _ := net.SplitHostPort(all)
	if got := adopt("tcp", "127.0.0.1:"+port, "127.0.0.1:0"); got != "127.0.0.1:"+port {
		t.Errorf("took over %s", got)
	}
	// A port found by listening and closing again.
	closed, _ := net.Listen("tcp", "127.0.0.1:0")
	gone := closed.Addr().String()
	closed.Close()
	s.SetBackend(one, gone)
	if got := adopt("tcp", one, "127.0.0.1:0"); got != one {
		t.Errorf("took over %s, want %s", got, one)
	}

	// What the third run does not ask for is closed, what Listen opened stays.
	s.Reset(3)
	adopt("tcp", "127.0.0.1:0", "127.0.0.1:0")
	s.closeStale(3 - 1) // of an earlier run: nothing
	if n := len(s.Listeners()); n != 4 {
		t.Errorf("%d listeners before the sweep, want 4", n)
	}
	s.closeStale(s.run)
	want := []string{"http://" + strings.Replace(s.addr, "127.0.0.1", "localhost", 1), "http://" + strings.Replace(two, "127.0.0.1", "localhost", 1)}
	if d := cmp.Diff(want, s.Listeners()); d != "" {
		t.Error(d)
	}
}

// TestH2C speaks HTTP/2 with prior knowledge, as gRPC does, with trailers.
func TestH2C(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/grpc")
		w.Write(b)
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"Grpc-Status", r.Proto)
		w.Header().Set(http.TrailerPrefix+"Grpc-Message", r.Trailer.Get("X-Sent"))
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h, Protocols: new(http.Protocols)}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetUnencryptedHTTP2(true)
	go srv.Serve(l)
	defer srv.Close()
	s := newSite(t, l.Addr().String(), Options{})
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetUnencryptedHTTP2(true)
	defer tr.CloseIdleConnections()
	for range 2 {
		req, _ := http.NewRequest("POST", "http://"+s.addr+"/svc/Method", strings.NewReader("frame"))
		req.ContentLength = -1
		req.Trailer = http.Header{"X-Sent": {"yes"}}
		res, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || string(b) != "frame" || res.Trailer.Get("Grpc-Status") != "HTTP/2.0" || res.Trailer.Get("Grpc-Message") != "yes" {
			t.Errorf("%q %v, trailer %v", b, err, res.Trailer)
		}
	}
	x := s.rec.wait(t, 1)[0]
	if x.Proto != "HTTP/2.0" || x.Response.Trailer.Get("Grpc-Status") != "HTTP/2.0" || x.Request.Trailer.Get("X-Sent") != "yes" || x.Error != "" {
		t.Errorf("recorded %s, trailers %v %v, error %q", x.Proto, x.Request.Trailer, x.Response.Trailer, x.Error)
	}
}

// TestH2CToOther leaves HTTP/2 to a target that does not show itself to speak it.
func TestH2CToOther(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufioReader) {
		b := make([]byte, len(h2Preface))
		io.ReadFull(r, b)
		io.WriteString(c, "HTTP/1.1 400 no\r\n\r\n")
	})
	s := newSite(t, target, Options{})
	if got := exchangeBytes(t, s.addr, h2Preface); got != "HTTP/1.1 400 no\r\n\r\n" {
		t.Errorf("got %q", got)
	}
	if x := s.rec.wait(t, 1)[0]; x.Kind != inspect.KindTunnel || x.Proto != "h2c" {
		t.Errorf("recorded %s %s", x.Kind, x.Proto)
	}
}

// TestBigBody streams 256 MiB each way through memory that stays small.
func TestBigBody(t *testing.T) {
	size := int64(256 << 20)
	if testing.Short() {
		size = 32 << 20
	}
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
	}))
	s := newSite(t, target, Options{})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	req, _ := http.NewRequest("POST", "http://"+s.addr, io.LimitReader(zeros{}, size))
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if n != size || err != nil {
		t.Fatalf("%d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	x := s.rec.wait(t, 1)[0]
	if x.RequestSize != size || x.ResponseSize != size || !x.Response.Body.Truncated || len(x.Response.Body.Data) != 1<<20 {
		t.Errorf("recorded %d up, %d down, %d kept", x.RequestSize, x.ResponseSize, len(x.Response.Body.Data))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestOptOut(t *testing.T) {
	var seen http.Header
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		if r.URL.Path == "/off" {
			w.Header().Set("X-Pastedev", "off")
		}
	}))
	filtered := 0
	s := newSite(t, target, Options{Filter: func(id inspect.ID, r *http.Request, res *http.Response) bool {
		filtered++
		return true
	}})
	ask := func(path string, h http.Header) *http.Response {
		req, _ := http.NewRequest("GET", "http://"+s.addr+path, nil)
		req.Header = h
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	res := ask("/", http.Header{"X-Pastedev": {"off"}})
	if filtered != 0 || res.Header.Get("Server-Timing") != "" || seen.Get("Traceparent") != "" || seen.Get("X-Forwarded-For") != "" || seen.Get("X-Pastedev") != "off" {
		t.Errorf("request off: filtered %d, answer %v, target saw %v", filtered, res.Header, seen)
	}
	res = ask("/off", http.Header{})
	if filtered != 0 || res.Header.Get("Server-Timing") != "" || res.Header.Get("X-Pastedev") != "off" {
		t.Errorf("response off: filtered %d, answer %v", filtered, res.Header)
	}
	res = ask("/", http.Header{})
	if filtered != 1 || res.Header.Get("Server-Timing") == "" || !s.rec.wait(t, 3)[2].Injected {
		t.Errorf("on: filtered %d, answer %v", filtered, res.Header)
	}
}

// TestIdentity shows which trace an exchange takes part in and which page asked.
func TestIdentity(t *testing.T) {
	var parents []string
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parents = append(parents, r.Header.Get("Traceparent"))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}))
	s := newSite(t, target, Options{})
	const theirs = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	page := "http://" + s.addr + "/page?q=1"
	for _, h := range []http.Header{
		{"Sec-Fetch-Dest": {"document"}},
		{"Sec-Fetch-Dest": {"empty"}, "Referer": {page}, "Traceparent": {theirs}},
		{"Referer": {"http://elsewhere.test/page?q=1"}, "Traceparent": {theirs}},
	} {
		req, _ := http.NewRequest("GET", page, nil)
		req.Header = h
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	x := s.rec.wait(t, 3)
	if x[0].Page != "" || x[1].Page != x[0].ID || x[2].Page != "" {
		t.Errorf("pages %q %q %q, document %q", x[0].Page, x[1].Page, x[2].Page, x[0].ID)
	}
	if d := cmp.Diff([]string{x[0].ID.TraceParent(), theirs, theirs}, parents); d != "" {
		t.Error(d)
	}
	if x[1].ID != inspect.ID(theirs[3:35]) || x[2].ID == x[1].ID || !x[2].ID.Valid() {
		t.Errorf("ids %q and %q", x[1].ID, x[2].ID)
	}
}

// TestUpstream puts a path before each request's and keeps what was asked for.
func TestUpstream(t *testing.T) {
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.RequestURI+" "+r.Host)
	}))
	s := newSite(t, "http://"+target+"/base/", Options{})
	if _, body := get(t, "http://"+s.addr+"/a%2Fb?c"); body != "/base/a%2Fb?c "+s.addr {
		t.Errorf("got %q", body)
	}
	for _, bad := range []string{"ftp://x", "http://", "http://u:p@x", "http://x/?q"} {
		if err := s.SetBackend(s.addr, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestClose ends everything: held requests, silent connections, WebSocket-like
// upgrades and tunnels, and leaves no goroutine.
func TestClose(t *testing.T) {
	target := rawTarget(t, func(c net.Conn, r *bufioReader) {
		if first, _ := r.Peek(1); len(first) == 1 && first[0] == 'G' {
			readHead(r)
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		}
		io.Copy(io.Discard, r)
	})
	s := newSite(t, target, Options{})
	silent := dial(t, s.addr)
	tunnel := dial(t, s.addr)
	io.WriteString(tunnel, "\x00")
	upgrade := dial(t, s.addr)
	io.WriteString(upgrade, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	readHead(newReader(upgrade))
	s.rec.waitStarted(t, 2)
	s.SetState(inspect.StateBuilding, nil, "")
	held := dial(t, s.addr)
	io.WriteString(held, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	s.rec.waitStarted(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	if head := readHead(newReader(held)); !strings.HasPrefix(head, "HTTP/1.1 502 ") {
		t.Errorf("held request: %q", head)
	}
	for name, c := range map[string]net.Conn{"silent": silent, "tunnel": tunnel, "upgrade": upgrade} {
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s connection still open: %v", name, err)
		}
	}
	if n := s.InFlight(); n != 0 {
		t.Errorf("%d in flight", n)
	}
	if _, _, err := s.Adopt("tcp", "127.0.0.1:0"); err == nil {
		t.Error("adopted after Close")
	}
	stack := make([]byte, 1<<20)
	for until := time.Now().Add(patience); ; time.Sleep(time.Millisecond) { // net/http's own goroutines end by themselves
		left := stack[:runtime.Stack(stack, true)]
		if !bytes.Contains(left, []byte("devserver.(*Front)")) && !bytes.Contains(left, []byte("devserver/proxy.")) {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("left behind:\n%s", left)
		}
	}
}
