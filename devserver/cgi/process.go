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
	// stderrGrace is how long after the program's end one that it left running may
	// still say something on the stderr it inherited.
	stderrGrace = time.Second
	// busyTries and busyPause wait for a program that is being written.
	busyTries = 40
	busyPause = 25 * time.Millisecond
)

// Why a program was ended by us.
var (
	errSilent    = errors.New("silent for too long")
	errBadAnswer = errors.New("its answer is none")
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
	ended   chan struct{} // closed when the program has been waited for
	watched chan struct{} // closed when watch has returned
	waited  bool          // wait was called

	mu     sync.Mutex
	reason error // of watch: why it ended the program
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
	p := &process{quiet: newSilence(timeout), quit: make(chan error, 1), ended: make(chan struct{}), watched: make(chan struct{})}
	p.stderr = &stderrLines{heard: p.quiet.heard, tell: c.line}
	if err := p.launch(ctx, c, fed); err != nil {
		p.quiet.stop()
		return nil, err
	}
	p.out = readerFunc(p.read)
	p.quiet.heard()
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
			Stdout: outW, Stderr: p.stderr, WaitDelay: stderrGrace}
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

// watch ends the program when somebody wants it ended.
func (p *process) watch(ctx context.Context) {
	defer close(p.watched)
	var reason error
	select {
	case <-p.ended:
		return
	case <-ctx.Done():
		reason = errGone
	case <-p.quiet.over:
		reason = errSilent
	case reason = <-p.quit:
	}
	p.mu.Lock()
	p.reason = reason
	p.mu.Unlock()
	terminate(p.cmd.Process)
	grace := time.NewTimer(killGrace)
	defer grace.Stop()
	select {
	case <-p.ended:
	case <-grace.C:
	}
	kill(p.cmd.Process) // also what it left behind
	_ = p.pipe.Close()  // what got out of the group may hold the other end
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
	_ = p.cmd.Wait() // the status is in ProcessState
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
	if n > 0 {
		p.quiet.heard()
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
	limit time.Duration
	over  chan struct{}

	mu     sync.Mutex
	timer  *time.Timer // nil: no limit
	others int         // who is waited for beside the program
	ended  bool
}

// newSilence does not count before heard is called.
func newSilence(limit time.Duration) *silence {
	s := &silence{limit: limit, over: make(chan struct{})}
	if limit > 0 {
		s.timer = time.AfterFunc(limit, sync.OnceFunc(func() { close(s.over) }))
		s.timer.Stop()
	}
	return s
}

func (s *silence) change(others int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.others += others
	switch {
	case s.timer == nil || s.ended:
	case s.others > 0:
		s.timer.Stop()
	default:
		s.timer.Reset(s.limit)
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
