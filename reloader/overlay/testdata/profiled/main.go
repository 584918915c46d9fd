// The server burns, waits and contends as the path of a request says, and keeps the
// paths it was asked for. It knows nothing of pastedev.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"time"
)

var (
	seen    sync.Map // paths
	release = make(chan bool)
	lock    sync.Mutex
	own     bytes.Buffer // the program's CPU profile or trace
	flight  = trace.NewFlightRecorder(trace.FlightRecorderConfig{})
)

func main() {
	mux := http.NewServeMux()
	for path, f := range map[string]http.HandlerFunc{
		"/left": burn(burnLeft), "/right": burn(burnRight), "/inner": inner, "/labels": labels, "/keep": keep,
		"/waitleft": waitLeft, "/waitright": waitRight, "/release": func(http.ResponseWriter, *http.Request) { close(release) },
		"/nap": nap, "/contend": contend, "/rate": rate, "/allocate": allocate, "/seen": paths, "/form": form,
		"/cpu/start": start, "/cpu/stop": stop, "/trace/start": startTrace, "/trace/stop": stopTrace,
		"/flight/start": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, flight.Start()) },
		"/flight/stop":  func(http.ResponseWriter, *http.Request) { flight.Stop() },
	} {
		mux.HandleFunc(path, f)
	}
	var p http.Protocols
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	srv := &http.Server{Protocols: &p, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Method+" "+r.URL.Path, true)
		mux.ServeHTTP(w, r)
	})}
	var addresses []string
	for i := range 2 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		addresses = append(addresses, ln.Addr().String())
		if i == 1 {
			ln = remote{ln}
		}
		go srv.Serve(ln)
	}
	fmt.Println(strings.Join(addresses, " "))
	io.Copy(io.Discard, os.Stdin)
}

// remote takes its clients for ones of another machine.
type (
	remote     struct{ net.Listener }
	remoteConn struct{ net.Conn }
)

func (l remote) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return remoteConn{c}, err
}

func (remoteConn) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 99}
}

// burn runs f on two goroutines.
func burn(f func(time.Duration) int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		done := make(chan int)
		go func() { done <- f(100 * time.Millisecond) }()
		fmt.Fprint(w, f(100*time.Millisecond)+<-done)
	}
}

//go:noinline
func burnLeft(d time.Duration) int { return spin(d) }

//go:noinline
func burnRight(d time.Duration) int { return spin(d) + 1 }

//go:noinline
func burnInner(d time.Duration) int { return spin(d) + 2 }

func spin(d time.Duration) (n int) {
	for until := time.Now().Add(d); time.Now().Before(until); {
		for i := range 100_000 {
			n += i & n
		}
	}
	return n
}

// inner burns under a label of the program's.
func inner(w http.ResponseWriter, r *http.Request) {
	pprof.Do(r.Context(), pprof.Labels("app", "inner"), func(context.Context) { burnInner(100 * time.Millisecond) })
}

// labels says which labels context and goroutine have.
func labels(w http.ResponseWriter, r *http.Request) {
	pprof.ForLabels(r.Context(), func(key, value string) bool {
		fmt.Fprintf(w, "context %s=%s\n", key, value)
		return true
	})
	var b bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&b, 1)
	for stack := range strings.SplitSeq(b.String(), "\n\n") {
		if _, after, ok := strings.Cut(stack, "# labels: "); ok && strings.Contains(stack, "main.labels+") {
			text, _, _ := strings.Cut(after, "\n")
			fmt.Fprintln(w, "goroutine", text)
		}
	}
}

// keep labels the connection's goroutine for good.
func keep(_ http.ResponseWriter, r *http.Request) {
	pprof.SetGoroutineLabels(pprof.WithLabels(r.Context(), pprof.Labels("app", "kept")))
}

func waitLeft(http.ResponseWriter, *http.Request) {
	go waitLeftChild()
	<-release
}

func waitLeftChild() { <-release }

func waitRight(http.ResponseWriter, *http.Request) { <-release }

func nap(http.ResponseWriter, *http.Request) {
	time.Sleep(200 * time.Millisecond)
	burnLeft(100 * time.Millisecond)
}

// contend makes goroutines wait for each other.
func contend(http.ResponseWriter, *http.Request) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			lock.Lock()
			defer lock.Unlock()
			time.Sleep(2 * time.Millisecond)
		})
	}
	wg.Wait()
}

// rate says the rates of the profiles of mutexes and of the heap.
func rate(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, runtime.SetMutexProfileFraction(-1), " ", runtime.MemProfileRate)
}

var kept [][]byte

// allocate makes 4 MiB of small pieces.
func allocate(http.ResponseWriter, *http.Request) {
	kept = nil
	for range 4 << 10 {
		kept = append(kept, makePiece())
	}
}

//go:noinline
func makePiece() []byte { return make([]byte, 1<<10) }

func paths(w http.ResponseWriter, _ *http.Request) {
	seen.Range(func(path, _ any) bool {
		fmt.Fprintln(w, path)
		return true
	})
}

// form leaves a file behind that the server is to remove.
func form(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(1); err != nil {
		panic(err)
	}
	f, err := r.MultipartForm.File["f"][0].Open()
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Fprint(w, f.(*os.File).Name())
}

func start(w http.ResponseWriter, _ *http.Request) {
	own.Reset()
	fmt.Fprint(w, pprof.StartCPUProfile(&own))
}

func stop(w http.ResponseWriter, _ *http.Request) {
	pprof.StopCPUProfile()
	w.Write(own.Bytes())
}

func startTrace(w http.ResponseWriter, _ *http.Request) {
	own.Reset()
	fmt.Fprint(w, trace.Start(&own))
}

func stopTrace(w http.ResponseWriter, _ *http.Request) {
	trace.Stop()
	w.Write(own.Bytes())
}
