package cgi

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// killGrace is what a program is given to remove its lock files between the request
	// to end and the end.
	killGrace = 2 * time.Second
	// leftGrace is how long after the program's end one that it left running, and that
	// inherited its output, may be silent before the answer is taken for whole.
	leftGrace = time.Second
	// maxRest is the most that is read after that: as much as a pipe can hold.
	maxRest = 1 << 20
	// busyTries and busyPause wait for a program that is being written.
	busyTries = 40
	busyPause = 25 * time.Millisecond
)

// Why a program was ended by us.
var (
	errSilent    = errors.New("silent for too long")
	errBadAnswer = errors.New("its answer is none")
	errLeft      = errors.New("it has ended, and what it left running is silent")
)

// process is a program that runs. Its owner reads out to its end and then calls wait,
// once; if it fed the program, it waits for pump too.
type process struct {
	cmd    *exec.Cmd
	out    io.Reader // what it prints
	pipe   *os.File  // beneath out
	stdin  *os.File  // nil if it is given nothing
	stderr *stderrLines
	quiet  *silence
	fed    atomic.Int64
	pump   chan struct{} // closed when nothing reads the request's body any more; nil if nothing ever does

	quit    chan error    // giveUp
	exited  chan struct{} // closed when the program has ended, and stderr been read
	ended   chan struct{} // closed when moreover nobody reads out any more
	watched chan struct{} // closed when watch has returned
	waited  bool          // wait was called

	mu     sync.Mutex
	reason error // of watch: why it ended the program, or the reading

	rest int // of what lay in pipe at errLeft, how much read has read
}

// command is what is started.
type command struct {
	path      string // absolute
	args, env []string
	dir       string
	line      func(StderrLine) // told of the lines on stderr; may be nil
}

// startProcess starts c. It is ended when ctx is, or after a silence of timeout if that is
// not negative. fed says that it is given input.
func startProcess(ctx context.Context, c command, timeout time.Duration, fed bool) (*process, error) {
	p := &process{quiet: newSilence(timeout), quit: make(chan error, 1),
		exited: make(chan struct{}), ended: make(chan struct{}), watched: make(chan struct{})}
	p.stderr = &stderrLines{heard: p.quiet.heard, tell: c.line}
	if err := p.launch(ctx, c, fed); err != nil {
		p.quiet.stop()
		return nil, err
	}
	p.out = readerFunc(p.read)
	p.quiet.heard()
	go func() { // wait waits for it
		defer close(p.exited)
		_ = p.cmd.Wait() // the status is in ProcessState
	}()
	go p.watch(ctx)
	return p, nil
}

func (p *process) launch(ctx context.Context, c command, fed bool) error {
	out, outW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer outW.Close()
	var in *os.File
	if fed {
		if in, p.stdin, err = os.Pipe(); err != nil {
			out.Close()
			return err
		}
		defer in.Close()
	}
	for try := 1; ; try++ {
		program, args := interpreted(c.path, c.args)
		p.cmd = &exec.Cmd{Path: program, Args: append([]string{program}, args...), Dir: c.dir, Env: c.env,
			Stdout: outW, Stderr: p.stderr, WaitDelay: leftGrace}
		if in != nil {
			p.cmd.Stdin = in
		}
		own(p.cmd)
		if err = p.cmd.Start(); err == nil {
			p.pipe = out
			return nil
		}
		if !busy(err) || try == busyTries || ctx.Err() != nil {
			out.Close()
			if p.stdin != nil {
				p.stdin.Close()
			}
			return err
		}
		time.Sleep(busyPause)
	}
}

// watch ends the program when somebody wants it ended, and the reading when the program has
// ended and only what it left running could print yet.
func (p *process) watch(ctx context.Context) {
	defer close(p.watched)
	exited, over := p.exited, false
	for !over {
		var reason error
		select {
		case <-p.ended:
			return
		case <-exited:
			p.quiet.within(leftGrace)
			exited = nil
			continue
		case <-ctx.Done():
			reason = errGone
		case <-p.quiet.over():
			if reason = errSilent; exited == nil {
				reason = errLeft
			}
		case reason = <-p.quit:
		}
		p.mu.Lock()
		p.reason = reason
		p.mu.Unlock()
		over = true
	}
	if exited != nil {
		p.stop()
	} else if p.stopReason() == errLeft && p.pipe.SetReadDeadline(time.Unix(1, 0)) == nil {
		return // read takes what is there yet
	}
	_ = p.pipe.Close() // what got out of the group, or was left running, may hold the other end
}

// stop ends the program and all it started.
func (p *process) stop() {
	terminate(p.cmd.Process)
	grace := time.NewTimer(killGrace)
	defer grace.Stop()
	select {
	case <-p.exited:
	case <-grace.C:
	}
	kill(p.cmd.Process) // also what it left behind
}

// giveUp asks for the program's end. It does not wait for it.
func (p *process) giveUp(reason error) {
	select {
	case p.quit <- reason:
	default: // asked already
	}
}

// stopReason tells why the program was ended by us; nil if it ended by itself.
func (p *process) stopReason() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason
}

// reap ends a program that nobody waited for.
func (p *process) reap() {
	if !p.waited {
		p.giveUp(errGone)
		p.wait()
	}
}

// wait returns when the program has ended.
func (p *process) wait() *os.ProcessState {
	p.waited = true
	<-p.exited
	close(p.ended)
	<-p.watched
	p.quiet.stop()
	_ = p.pipe.Close()
	if p.stdin != nil {
		_ = p.stdin.Close() // ends a write of the pump
	}
	return p.cmd.ProcessState
}

// read reads what the program prints.
func (p *process) read(b []byte) (int, error) {
	n, err := p.pipe.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return p.readRest(b)
	}
	if n > 0 {
		p.quiet.heard()
	}
	if errors.Is(err, os.ErrClosed) && p.stopReason() == errLeft {
		err = io.EOF
	}
	return n, err
}

// readRest reads what lies in the pipe already: where a machine is very busy, or a client slow,
// that is the program's own, and nobody was left running at all.
func (p *process) readRest(b []byte) (int, error) {
	if p.rest >= maxRest {
		return 0, io.EOF
	}
	n, err := readNow(p.pipe, b)
	p.rest += n
	if n == 0 && err == nil { // nobody holds the other end
		p.mu.Lock()
		p.reason = nil
		p.mu.Unlock()
	}
	if n == 0 {
		err = io.EOF
	}
	return n, err
}

// feed hands body on to the program's stdin, on a goroutine that ends with it and closes
// p.pump. What a program does not want is read and thrown away.
func (p *process) feed(body io.Reader) {
	p.pump = make(chan struct{})
	go func() {
		defer close(p.pump)
		defer p.stdin.Close()
		wanted := true
		buf := make([]byte, 32<<10)
		for {
			p.quiet.pause()
			n, err := body.Read(buf)
			p.quiet.resume()
			if n > 0 && wanted {
				took, werr := p.stdin.Write(buf[:n])
				p.fed.Add(int64(took))
				p.quiet.heard()
				wanted = werr == nil
			}
			if err != nil {
				return
			}
		}
	}()
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// silence tells when a program has not been heard for a time during which nobody else
// was waited for.
type silence struct {
	fired chan struct{} // capacity 1

	mu     sync.Mutex
	limit  time.Duration
	timer  *time.Timer // nil: no limit
	near   bool        // the timer runs for the last part of the limit
	others int         // who is waited for beside the program
	ended  bool
}

// lastPart is the part of a limit that is waited for again when the rest is over: when a
// machine is so busy that we do not run ourselves, the clock and what the program has printed
// meanwhile are seen at the same moment, and what it has printed must count.
const lastPart = 8

// newSilence does not count before heard is called. A limit that is not positive is none.
func newSilence(limit time.Duration) *silence {
	s := &silence{limit: limit, fired: make(chan struct{}, 1)}
	if limit > 0 {
		s.timer = s.stopped()
	}
	return s
}

// stopped returns a timer that does not run.
func (s *silence) stopped() *time.Timer {
	t := time.AfterFunc(time.Hour, s.fire)
	t.Stop()
	return t
}

// fire ends a part of the limit.
func (s *silence) fire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended || s.others > 0:
	case !s.near:
		s.near = true
		s.timer.Reset(s.limit / lastPart)
	default:
		select {
		case s.fired <- struct{}{}:
		default: // it is known
		}
	}
}

// over tells once that the silence was too long.
func (s *silence) over() <-chan struct{} { return s.fired }

// within sets another limit, and begins anew.
func (s *silence) within(limit time.Duration) {
	s.mu.Lock()
	if s.limit = limit; s.timer == nil {
		s.timer = s.stopped()
	}
	s.mu.Unlock()
	s.change(0)
}

func (s *silence) change(others int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.others, s.near = s.others+others, false
	select {
	case <-s.fired: // nobody has heard of it yet
	default:
	}
	switch {
	case s.timer == nil || s.ended:
	case s.others > 0:
		s.timer.Stop()
	default:
		s.timer.Reset(s.limit - s.limit/lastPart)
	}
}

func (s *silence) heard()  { s.change(0) }
func (s *silence) pause()  { s.change(1) }
func (s *silence) resume() { s.change(-1) }

// stop ends it.
func (s *silence) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.timer != nil {
		s.timer.Stop()
	}
}
