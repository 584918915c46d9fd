package nu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// startPatience bounds how long the checker may take until it answers. It takes five
	// seconds on an idle machine.
	startPatience = 90 * time.Second
	// askEvery is how often a starting checker is asked; it says nothing when it is ready.
	askEvery = 100 * time.Millisecond
	// firstBackoff is the pause after the first crash; each next one is twice as long, up
	// to maxBackoff. A run of goodRun makes it the first again.
	firstBackoff = time.Second
	maxBackoff   = time.Minute
	goodRun      = time.Minute
	// maxSaid bounds what is kept of the checker's own output, for the error message.
	maxSaid = 2 << 10
)

// errBackoff says that the checker crashed and rests.
var errBackoff = errors.New("the Nu checker crashed and is started again later")

// server is a checker that is started and watched over here.
type server struct {
	java, jar string
	notice    func(string)

	mu      sync.Mutex
	closed  bool
	run     *run
	backoff time.Duration
	rested  time.Time // when it may be started again
}

// run is one life of the process.
type run struct {
	port  int
	begun time.Time
	end   context.CancelFunc // kills it
	gone  chan struct{}      // closed when it has ended
	said  tail
	err   error // why it ended, once gone
	up    bool  // it has answered; guarded by the right to ask
}

func newServer(java, jar string, notice func(string)) *server {
	return &server{java: java, jar: jar, notice: notice, backoff: firstBackoff}
}

// ready returns the address to ask, and starts the checker where it does not run. One
// goroutine at a time may call it.
func (s *server) ready(ctx context.Context) (string, error) {
	r, err := s.current()
	if err != nil {
		return "", err
	}
	target := "http://127.0.0.1:" + strconv.Itoa(r.port) + "/?out=json"
	if r.up {
		return target, nil
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		if r.up = answers(ctx, target); r.up {
			return target, nil
		}
		select {
		case <-r.gone:
			return "", fmt.Errorf("start the Nu checker: %w%s", r.err, r.said.String())
		case <-ctx.Done():
			return "", fmt.Errorf("start the Nu checker: %w", ctx.Err())
		case <-time.After(askEvery):
		}
	}
}

// answers reports whether something answers there.
func answers(ctx context.Context, target string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, target, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return true
}

// current returns the process, started if need be.
func (s *server) current() (*run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("the Nu checker is closed")
	}
	if s.run != nil {
		return s.run, nil
	}
	if wait := time.Until(s.rested); wait > 0 {
		return nil, fmt.Errorf("%w, in %v", errBackoff, max(wait.Round(time.Second), time.Second))
	}
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("start the Nu checker: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background()) // until close
	r := &run{port: port, begun: time.Now(), end: cancel, gone: make(chan struct{})}
	s.run = r
	go s.watch(ctx, r)
	return r, nil
}

// watch runs the process to its end. It keeps its thread: on Linux the process ends with
// the thread that started it.
func (s *server) watch(ctx context.Context, r *run) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, s.java, "-Xss16m", "-Xmx512m", "-Dnu.validator.servlet.bind-address=127.0.0.1",
		"-cp", s.jar, "nu.validator.servlet.Main", strconv.Itoa(r.port))
	cmd.Stdout, cmd.Stderr = &r.said, &r.said
	cmd.WaitDelay = time.Second
	tie(cmd)
	err := cmd.Run()
	if err == nil {
		err = errors.New("it ended by itself")
	}
	r.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	r.err = err
	s.run = nil
	if time.Since(r.begun) > goodRun {
		s.backoff = firstBackoff
	}
	s.rested = time.Now().Add(s.backoff)
	s.backoff = min(2*s.backoff, maxBackoff)
	if !s.closed {
		s.notice(fmt.Sprintf("the Nu checker ended: %v; it is started again for a later page", err))
	}
	close(r.gone)
}

// kill ends the process that runs now; the next page starts another one.
func (s *server) kill() {
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if r != nil {
		r.end()
		<-r.gone
	}
}

func (s *server) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.kill()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// tail keeps the last of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if n := len(t.b) - maxSaid; n > 0 {
		t.b = append(t.b[:0], t.b[n:]...)
	}
	return len(p), nil
}

// String is the last line that says something, after a colon, or "".
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(bytes.ToValidUTF8(t.b, nil))), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return ": " + last
	}
	return ""
}
