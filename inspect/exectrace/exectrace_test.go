package exectrace

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

const id = inspect.ID("4bf92f3577b34da6a3ce929d0e0e4736")

// record returns the trace of what do does.
func record(tb testing.TB, do func()) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		tb.Skip(err) // go test -trace
	}
	do()
	trace.Stop()
	return b.Bytes()
}

// serve does what the agent does around a handler, on a goroutine of its own.
func serve(id inspect.ID, handler func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		begin(id)
		handler()
		end(id)
	}()
	<-done
}

func begin(id inspect.ID) { trace.Log(context.Background(), Category, "begin "+string(id)) }
func end(id inspect.ID)   { trace.Log(context.Background(), Category, "end "+string(id)) }

func summarize(tb testing.TB, data []byte) inspect.TraceSummary {
	tb.Helper()
	s, err := Summarize(bytes.NewReader(data), id)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Logf("%d bytes: %d goroutines, running %v, runnable %v, syscall %v, GC %v, STW %v, blocked %v", len(data), s.Goroutines, s.Running.Duration(),
		s.Runnable.Duration(), s.Syscall.Duration(), s.GC.Duration(), s.STW.Duration(), s.Blocked)
	return s
}

func blocked(s inspect.TraceSummary, reason string) inspect.TraceReason {
	for _, r := range s.Blocked {
		if r.Reason == reason {
			return r
		}
	}
	return inspect.TraceReason{}
}

// total is the wall-clock time of all goroutines, whatever they did in it.
func total(s inspect.TraceSummary) inspect.Millis {
	d := s.Running + s.Runnable + s.Syscall
	for _, r := range s.Blocked {
		d += r.Time
	}
	return d
}

// parked waits until a goroutine that function is on the stack of waits in this state.
// The runtime has no event for it.
func parked(tb testing.TB, state, function string) {
	buf := make([]byte, 1<<20)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if head, rest, _ := strings.Cut(g, "\n"); strings.Contains(head, "["+state) && strings.Contains(rest, function) {
				return
			}
		}
	}
	tb.Errorf("no goroutine waits in %s: %s", function, state)
}

const ms = inspect.Millis(time.Millisecond)

// spin computes for d of wall-clock time.
func spin(d time.Duration) {
	for start, x := time.Now(), uint64(1); time.Since(start) < d; {
		for range 1000 {
			x = x*6364136223846793005 + 1
		}
		runtime.KeepAlive(x)
	}
}

func TestSleepAndCompute(t *testing.T) {
	data := record(t, func() {
		spin(5 * time.Millisecond) // not the handler's
		serve(inspect.NewID(), func() { time.Sleep(5 * time.Millisecond) })
		serve(id, func() {
			time.Sleep(20 * time.Millisecond)
			spin(10 * time.Millisecond)
			time.Sleep(10 * time.Millisecond)
		})
		time.Sleep(5 * time.Millisecond)
	})
	s := summarize(t, data)
	if sleep := blocked(s, "sleep"); sleep.Time <= 0 || sleep.Count != 2 {
		t.Errorf("asleep %+v", sleep)
	}
	if s.Goroutines != 1 || s.Running <= 0 || s.Running+s.Runnable+s.Syscall < 10*ms || total(s) < 40*ms {
		t.Errorf("%+v", s)
	}
	if !slices.IsSortedFunc(s.Blocked, func(a, b inspect.TraceReason) int { return int(b.Time - a.Time) }) {
		t.Errorf("not the longest first: %v", s.Blocked)
	}
}

func TestWaits(t *testing.T) {
	var mu sync.Mutex
	ch := make(chan int)
	data := record(t, func() {
		mu.Lock()
		go func() { // not the handler's: it was there before
			parked(t, "sync.Mutex.Lock", "lockAndReceive")
			mu.Unlock()
			parked(t, "chan receive", "lockAndReceive")
			ch <- 1
		}()
		serve(id, func() { lockAndReceive(&mu, ch) })
	})
	s := summarize(t, data)
	if r := blocked(s, "sync"); r.Time <= 0 || r.Count < 1 {
		t.Errorf("lock: %+v", r)
	}
	if r := blocked(s, "chan receive"); r.Time <= 0 || r.Count != 1 {
		t.Errorf("channel: %+v", r)
	}
	if r := blocked(s, "sleep"); r.Count != 0 {
		t.Errorf("another goroutine slept, not the handler's: %+v", r)
	}
}

//go:noinline
func lockAndReceive(mu *sync.Mutex, ch chan int) {
	mu.Lock()
	<-ch
}

func TestInputOutput(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data := record(t, func() {
		written := make(chan struct{})
		go func() {
			defer close(written)
			c, err := l.Accept()
			if err != nil {
				return
			}
			parked(t, "IO wait", "readAll")
			c.Write([]byte("x"))
			c.Close()
		}()
		serve(id, func() {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			readAll(c)
			c.Close()
			for range 5 {
				file.Write(make([]byte, 1<<16))
			}
		})
		<-written
	})
	s := summarize(t, data)
	if r := blocked(s, "network"); r.Count < 1 || r.Time <= 0 {
		t.Errorf("network: %+v", r)
	}
	if s.Syscall <= 0 {
		t.Errorf("no system call: %+v", s)
	}
}

//go:noinline
func readAll(r io.Reader) { io.ReadAll(r) }

// Goroutines that the handler starts, and those that they start, belong to it for as
// long as it goes on; those before and after do not.
func TestGoroutines(t *testing.T) {
	var wall inspect.Millis
	data := record(t, func() {
		before, after := make(chan struct{}), make(chan struct{})
		go func() { <-before }()
		var late sync.WaitGroup
		start := time.Now()
		serve(id, func() {
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					wg.Go(func() { time.Sleep(10 * time.Millisecond) })
					time.Sleep(10 * time.Millisecond)
				})
			}
			late.Go(func() { <-after })
			wg.Wait()
		})
		wall = inspect.Millis(time.Since(start))
		go func() { <-after }()
		time.Sleep(30 * time.Millisecond)
		close(before)
		close(after)
		late.Wait()
	})
	s := summarize(t, data)
	if s.Goroutines != 1+3+3+1 {
		t.Errorf("%d goroutines", s.Goroutines)
	}
	if r := blocked(s, "sleep"); r.Count != 6 || r.Time <= 0 {
		t.Errorf("asleep: %+v", r)
	}
	if total(s) < (1+3+3)*10*ms {
		t.Errorf("%v in all", total(s).Duration())
	}
	if r := blocked(s, "chan receive"); r.Time > wall {
		t.Errorf("what outlived the handler waited %v of the handler's %v", r.Time.Duration(), wall.Duration())
	}
}

func TestGarbageCollection(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var keep [][]byte
	for range 200 {
		keep = append(keep, make([]byte, 1<<10))
	}
	quiet := summarize(t, record(t, func() {
		runtime.GC()
		serve(id, func() { time.Sleep(time.Millisecond) })
	}))
	if quiet.GC != 0 {
		t.Errorf("a collection before the request counts: %+v", quiet)
	}
	busy := summarize(t, record(t, func() { serve(id, func() { runtime.GC(); runtime.GC() }) }))
	if busy.GC <= 0 || busy.STW <= 0 {
		t.Errorf("%+v", busy)
	}
	runtime.KeepAlive(keep)
}

func TestWhatTheTraceHasOfIt(t *testing.T) {
	t.Run("no begin", func(t *testing.T) {
		goOn, done := make(chan struct{}), make(chan struct{})
		go func() {
			waitFor(goOn)
			time.Sleep(5 * time.Millisecond)
			end(id)
			close(done)
		}()
		parked(t, "chan receive", "waitFor")
		s := summarize(t, record(t, func() {
			time.Sleep(5 * time.Millisecond)
			close(goOn)
			<-done
		}))
		if r := blocked(s, unknown); r.Time < 5*ms || r.Count != 1 {
			t.Errorf("blocked since before: %+v", s)
		}
		if r := blocked(s, "sleep"); r.Time <= 0 || r.Count != 1 || s.Goroutines != 1 || total(s) < 10*ms {
			t.Errorf("%+v", s)
		}
	})
	t.Run("no end", func(t *testing.T) {
		goOn := make(chan struct{})
		s := summarize(t, record(t, func() {
			go func() {
				begin(id)
				waitFor(goOn)
			}()
			parked(t, "chan receive", "waitFor")
		}))
		close(goOn)
		if r := blocked(s, "chan receive"); r.Time <= 0 || s.Goroutines != 1 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		data := record(t, func() { serve(inspect.NewID(), func() {}) })
		_, err := Summarize(bytes.NewReader(data), id)
		if !errors.Is(err, inspect.ErrNotFound) || !strings.Contains(err.Error(), "hint: ") {
			t.Error(err)
		}
	})
	t.Run("twice on a goroutine", func(t *testing.T) {
		s := summarize(t, record(t, func() {
			serve(inspect.NewID(), func() {
				for range 2 {
					begin(id)
					time.Sleep(5 * time.Millisecond)
					end(id)
					time.Sleep(5 * time.Millisecond)
				}
			})
		}))
		if r := blocked(s, "sleep"); r.Count != 2 || total(s) < 10*ms || s.Goroutines != 1 {
			t.Errorf("%+v", s)
		}
	})
}

//go:noinline
func waitFor(ch chan struct{}) { <-ch }

func TestFlightRecorder(t *testing.T) {
	r := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Minute, MaxBytes: 8 << 20})
	if err := r.Start(); err != nil {
		t.Skip(err)
	}
	defer r.Stop()
	serve(id, func() { time.Sleep(5 * time.Millisecond) })
	var b bytes.Buffer
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if s := summarize(t, b.Bytes()); blocked(s, "sleep").Count != 1 || total(s) < 5*ms || s.Goroutines != 1 {
		t.Errorf("%+v", s)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	copy(b, "go 1.26 trace\x00\x00\x00")
	return len(b), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

func TestBadInput(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		r          io.Reader
	}{
		{"nothing", "read execution trace: this is none", strings.NewReader("")},
		{"a page", "read execution trace: this is none", strings.NewReader("<!doctype html>")},
		{"old", "read execution trace: one of Go 1.21 cannot be read\nhint: build the program with Go 1.22 or newer", strings.NewReader("go 1.21 trace\x00\x00\x00")},
		{"to come", "read execution trace: unknown or unsupported trace version go 1.99", strings.NewReader("go 1.99 trace\x00\x00\x00")},
		{"a reader that fails", "read execution trace: multiple Read calls return no data or error", failing{}},
		{"too large", "read execution trace: it is larger than 128 MB\nhint: record a shorter one", endless{}},
	} {
		if _, err := Summarize(tt.r, id); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// A trace that was cut off is an error wherever that was, and one with wrong bytes is
// read or an error.
func TestDamaged(t *testing.T) {
	data := record(t, func() { serve(id, func() { time.Sleep(time.Millisecond) }) })
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := r.IntN(len(data))
		if _, err := Summarize(bytes.NewReader(data[:n]), id); err == nil {
			t.Errorf("%d of %d bytes are a trace", n, len(data))
		}
		wrong := bytes.Clone(data)
		for range 1 + r.IntN(5) {
			wrong[r.IntN(len(wrong))] ^= byte(1 + r.IntN(255))
		}
		Summarize(bytes.NewReader(wrong), id)
	}
	want, err := Summarize(bytes.NewReader(data), id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Summarize(iotestHalf{bytes.NewReader(data)}, id)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// iotestHalf reads a few bytes at a time.
type iotestHalf struct{ io.Reader }

func (h iotestHalf) Read(b []byte) (int, error) { return h.Reader.Read(b[:min(len(b), 100)]) }

func FuzzSummarize(f *testing.F) {
	data := record(f, func() {
		serve(id, func() {
			var wg sync.WaitGroup
			wg.Go(func() { time.Sleep(time.Millisecond) })
			wg.Wait()
			runtime.GC()
		})
	})
	f.Add(data)
	f.Add([]byte("go 1.26 trace\x00\x00\x00"))
	f.Add([]byte("go 1.22 trace\x00\x00\x00\x01\x01\x01\x01\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Summarize(bytes.NewReader(data), id)
		if err != nil {
			return
		}
		for _, d := range []inspect.Millis{s.Running, s.Runnable, s.Syscall, s.GC, s.STW} {
			if d < 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}

func BenchmarkSummarize(b *testing.B) {
	data := record(b, func() {
		serve(id, func() {
			var wg sync.WaitGroup
			for range 20_000 {
				wg.Go(func() {})
			}
			wg.Wait()
		})
	})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Summarize(bytes.NewReader(data), id); err != nil {
			b.Fatal(err)
		}
	}
}
