package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
)

func mustBackend(t testing.TB, addr string, build int) *proxy.Backend {
	t.Helper()
	b, err := proxy.NewBackend(addr, build)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGateDecides(t *testing.T) {
	const goes, waits = "goes", "waits"
	tests := []struct {
		state   inspect.State
		options GateOptions
		known   bool // the backend is
		drain   bool
		want    string // or the reason of the refusal
	}{
		{inspect.StateRunning, GateOptions{}, true, false, goes},
		{inspect.StateRunning, GateOptions{}, false, false, waits},
		{inspect.StateRunning, GateOptions{}, true, true, waits},
		{inspect.StateBuilding, GateOptions{}, true, false, waits},
		{inspect.StateStarting, GateOptions{}, true, false, waits},
		{inspect.StateBuilding, GateOptions{Old: true}, true, false, goes},
		{inspect.StateStarting, GateOptions{Old: true}, true, false, goes},
		{inspect.StateStarting, GateOptions{Old: true}, true, true, waits},
		{inspect.StateStarting, GateOptions{Old: true}, false, false, waits},
		{inspect.StateFailed, GateOptions{}, true, false, string(panel.BuildFailed)},
		{inspect.StateFailed, GateOptions{Old: true}, true, false, string(panel.BuildFailed)},
		{inspect.StateFailed, GateOptions{OldOnError: true}, true, false, goes},
		{inspect.StateFailed, GateOptions{OldOnError: true}, false, false, string(panel.BuildFailed)},
		{inspect.StateBackoff, GateOptions{Old: true, OldOnError: true}, true, false, string(panel.Crashed)},
		{inspect.StateStopped, GateOptions{Old: true, OldOnError: true}, true, false, string(panel.Stopped)},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %+v known=%v drain=%v", tt.state, tt.options.Old, tt.known, tt.drain), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewGate(tt.options)
				if tt.known {
					g.setBackend(1, mustBackend(t, "127.0.0.1:1", 1))
				}
				g.Set(tt.state, &inspect.Build{Number: 2}, "why")
				if tt.drain {
					g.drain()
				}
				start := time.Now()
				b, err := g.Wait(t.Context(), 1)
				got := goes
				var no *Refusal
				if errors.As(err, &no) {
					got = string(no.Failure.Reason)
					if no.Failure.State != tt.state || no.Failure.Detail != "why" || no.Failure.Build.Number != 2 {
						t.Errorf("failure %+v", no.Failure)
					}
				}
				if got == string(panel.Held) && time.Since(start) == DefaultHold && no.Failure.Status == 503 {
					got = waits
				}
				if got != tt.want || (b != nil) != (got == goes) {
					t.Errorf("%s (%v), want %s", got, err, tt.want)
				}
			})
		})
	}
}

// TestGateRule is the rule of the design: a request that arrives after a save is
// never answered by code older than that save. The watcher is late by an hour here;
// Sync is what the rule rests on.
func TestGateRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g *Gate
		seen := make(chan struct{}) // closed when the watcher has dealt with the save
		g = NewGate(GateOptions{Hold: 2 * time.Hour, Sync: func(ctx context.Context) error {
			select {
			case <-seen:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}})
		older, newer := mustBackend(t, "127.0.0.1:1", 1), mustBackend(t, "127.0.0.1:2", 2)
		g.setBackend(1, older)
		g.Set(inspect.StateRunning, nil, "")
		// The file is saved here; the gate does not know and stands open.
		go func() {
			time.Sleep(time.Hour)
			g.Set(inspect.StateBuilding, nil, "")
			close(seen)
			time.Sleep(time.Second)
			g.Set(inspect.StateStarting, nil, "")
			g.reset()
			g.Set(inspect.StateRunning, nil, "") // before the listener is known
			time.Sleep(time.Second)
			g.setBackend(1, newer)
		}()
		got, err := g.Wait(t.Context(), 1)
		if err != nil || got != newer {
			t.Errorf("went to build %d, %v; want 2", got.Build(), err)
		}
	})
}

func TestGateHoldsMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(GateOptions{})
		var let, held atomic.Int64
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wait := func(ctx context.Context) {
			wg.Go(func() {
				switch _, err := g.Wait(ctx, 1); {
				case err == nil:
					let.Add(1)
				case errors.Is(err, context.Canceled):
				default:
					held.Add(1)
				}
			})
		}
		for range 10 {
			wait(ctx)
		}
		for range maxHeld - 10 {
			wait(t.Context())
		}
		synctest.Wait()
		for range 5 {
			wait(t.Context())
		}
		synctest.Wait()
		if held.Load() != 5 {
			t.Errorf("%d refused at once, want 5", held.Load())
		}
		cancel() // ten clients leave
		synctest.Wait()
		g.Set(inspect.StateRunning, nil, "")
		g.setBackend(1, mustBackend(t, "127.0.0.1:1", 1))
		wg.Wait()
		if let.Load() != maxHeld-10 || g.held.Load() != 0 {
			t.Errorf("%d let through, %d still counted", let.Load(), g.held.Load())
		}
	})
}

// generation is a target that says which build it is and can be stopped at once.
func generation(t *testing.T, n int) (addr string, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, n)
	})}
	done := make(chan struct{})
	go func() { s.Serve(l); close(done) }()
	return l.Addr().String(), func() { s.Close(); <-done }
}

// TestRestarts lets a steady client ask, each time on a new connection, while the
// target is restarted a hundred times with a hard stop. No request may fail, and
// none may be answered by a build older than the newest one that was there when the
// request was sent.
func TestRestarts(t *testing.T) {
	restarts := 100
	if testing.Short() {
		restarts = 20
	}
	s := newSite(t, "", Options{})
	var newest atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	addr, stop := generation(t, 0)
	s.Reset(0)
	s.SetBackend(s.addr, addr)
	s.SetState(inspect.StateRunning, nil, "")
	quit := make(chan struct{})
	var wg sync.WaitGroup
	var asked atomic.Int64
	for i := range 4 {
		wg.Go(func() {
			tr := &http.Transport{DisableKeepAlives: i%2 == 0}
			defer tr.CloseIdleConnections()
			method := []string{"GET", "POST"}[i/2]
			for {
				select {
				case <-quit:
					return
				default:
				}
				from := newest.Load()
				req, _ := http.NewRequestWithContext(ctx, method, "http://"+s.addr, nil)
				res, err := tr.RoundTrip(req)
				if err != nil {
					t.Errorf("%s: %v", method, err)
					return
				}
				b, err := io.ReadAll(res.Body)
				res.Body.Close()
				var build int64
				if _, serr := fmt.Sscan(string(b), &build); err != nil || serr != nil || res.StatusCode != 200 || build < from {
					t.Errorf("%s: %d %q %v, want build %d or newer", method, res.StatusCode, b, err, from)
					return
				}
				asked.Add(1)
			}
		})
	}
	for n := 1; n <= restarts; n++ {
		for before := asked.Load(); asked.Load() < before+8 && ctx.Err() == nil && !t.Failed(); {
			time.Sleep(100 * time.Microsecond) // lets the clients ask; nothing rests on how long
		}
		s.SetState(inspect.StateBuilding, nil, "")
		newest.Store(int64(n))
		s.SetState(inspect.StateStarting, nil, "")
		if err := s.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		stop()
		addr, stop = generation(t, n)
		s.Reset(n)
		s.SetBackend(s.addr, addr)
		s.SetState(inspect.StateRunning, nil, "")
	}
	close(quit)
	wg.Wait()
	stop()
	t.Logf("%d requests over %d restarts", asked.Load(), restarts)
}

// TestKilledAmidRequest shows which requests are sent again when their process dies.
func TestKilledAmidRequest(t *testing.T) {
	tests := []struct {
		method, body string
		again        bool
	}{
		{"GET", "", true}, {"PUT", "", true}, {"DELETE", "", true},
		{"POST", "", false}, {"POST", "x", false}, {"PUT", "x", false}, {"PATCH", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.method+tt.body, func(t *testing.T) {
			died := make(chan struct{})
			old := rawTarget(t, func(c net.Conn, r *bufioReader) {
				readHead(r)
				<-died // and the connection breaks
			})
			var count atomic.Int64
			next := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { count.Add(1) }))
			s := newSite(t, old, Options{})
			answer := make(chan int)
			go func() {
				var body io.Reader
				if tt.body != "" {
					body = &oneByte{}
				}
				req, _ := http.NewRequest(tt.method, "http://"+s.addr, body)
				res, err := http.DefaultTransport.RoundTrip(req)
				if err != nil {
					t.Error(err)
					answer <- 0
					return
				}
				res.Body.Close()
				answer <- res.StatusCode
			}()
			s.rec.waitStarted(t, 1)
			died <- struct{}{} // the old process has the request
			s.SetState(inspect.StateStarting, nil, "")
			s.Reset(2)
			s.SetBackend(s.addr, next)
			s.SetState(inspect.StateRunning, nil, "")
			want, wantCount := 200, int64(1)
			if !tt.again {
				want, wantCount = 502, 0
			}
			if got := <-answer; got != want || count.Load() != wantCount {
				t.Errorf("status %d, sent again %d times; want %d, %d", got, count.Load(), want, wantCount)
			}
			x := s.rec.wait(t, 1)[0]
			if (x.Error == "") != tt.again || (x.ResponseFrom == inspect.FromTarget) != tt.again {
				t.Errorf("recorded from %s, error %q", x.ResponseFrom, x.Error)
			}
		})
	}
}

// TestDrain waits for the unanswered POST and not for what may be repeated.
func TestDrain(t *testing.T) {
	release := make(chan struct{})
	target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	s := newSite(t, target, Options{})
	var wg sync.WaitGroup
	ask := func(method string) {
		wg.Go(func() {
			req, _ := http.NewRequest(method, "http://"+s.addr, nil)
			if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
				res.Body.Close()
			}
		})
	}
	ask("GET")
	s.rec.waitStarted(t, 1)
	if err := s.Drain(t.Context()); err != nil {
		t.Errorf("a GET held the drain: %v", err)
	}
	s.SetState(inspect.StateRunning, nil, "") // opens the gate again
	ask("POST")
	s.rec.waitStarted(t, 2)
	for f := s.proxy; ; { // the POST is past the gate when a canceled drain says so
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if f.Drain(ctx, func(*proxy.Backend) bool { return false }) != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	drained := make(chan error, 1)
	go func() { drained <- s.Drain(t.Context()) }()
	select {
	case err := <-drained:
		t.Errorf("drained with a POST unanswered: %v", err)
	case release <- struct{}{}: // either of the two may be released first
	}
	close(release)
	if err := <-drained; err != nil {
		t.Error(err)
	}
	wg.Wait()
}
