package tree

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// startTimeout is how long a program may take before it listens: one that fills a
	// cache first takes seconds.
	startTimeout = 30 * time.Second
	// dialPause is between two looks whether it listens: no event tells.
	dialPause = 5 * time.Millisecond
	// stopGrace is how long it has for its end after it was asked to end.
	stopGrace = 3 * time.Second
	// retireGrace is how long the requests of a program go on that was replaced.
	retireGrace = 5 * time.Second
)

// The kinds of an Event.
const (
	Building    Kind = "building"     // Build is known of this and all that follow
	Built       Kind = "built"        // Duration is known
	BuildFailed Kind = "build failed" // Duration and Failure are known
	Started     Kind = "started"      // PID and URL are known
	Admitted    Kind = "admitted"     // Requests is the one that the program gets now
	Printed     Kind = "printed"      // Text is a line without its end; Requests are those that the program had in hand
	Answered    Kind = "answered"     // Requests is the one that is over; what it printed until then has been told
	Ended       Kind = "ended"        // Text says how; Duration is that of its life
)

// Kind says what an Event is about.
type Kind string

// Event tells what happened to a Go program.
type Event struct {
	Kind     Kind
	Entry    Entry
	Build    int // counts the builds of the program, from 1
	PID      int // 0 of builds
	URL      string
	Text     string // as it was printed, control characters included
	Stderr   bool   // Text was printed there, not on standard output
	Duration time.Duration
	Failure  *Failure
	Requests []*http.Request // with the program as their mount point
}

func (t *Tree) tell(e Event) {
	if t.Event != nil {
		t.Event(e)
	}
}

// child is a Go program that runs.
type child struct {
	t     *Tree
	p     *program
	cmd   *exec.Cmd
	build int
	url   *url.URL
	addr  string
	out   *output
	began time.Time
	ended chan struct{} // closed when it has been waited for
	quit  chan struct{} // closed to have it ended

	listens bool // guarded by program.turn

	// Guarded by Tree.mu:
	active  int                      // requests, also those that wait until it listens
	hand    map[bool][]*http.Request // that may print, by whether on stderr
	used    time.Time
	idle    *time.Timer
	retired bool
	once    sync.Once // of quit
}

// launch starts the built program and waits until it listens. The caller holds p's turn
// and must release the child.
func (p *program) launch(ctx context.Context) (*child, *Failure) {
	if f := p.t.makeRoom(); f != nil {
		return nil, f
	}
	c, err := p.start()
	if err != nil {
		return nil, &Failure{Status: 500, Message: p.e.Name + " cannot be started", Err: err}
	}
	c.tell(Event{Kind: Started, URL: c.url.String()})
	return c.await(ctx)
}

// start starts a child, acquired by its caller.
func (p *program) start() (*child, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	t := p.t
	c := &child{t: t, p: p, build: p.builds, addr: net.JoinHostPort("127.0.0.1", port), began: time.Now(), ended: make(chan struct{}), quit: make(chan struct{}), active: 1, hand: map[bool][]*http.Request{}}
	c.url = &url.URL{Scheme: "http", Host: c.addr}
	if c.out, err = newOutput(func(text string, stderr bool) {
		c.tell(Event{Kind: Printed, Text: text, Stderr: stderr, Requests: c.inHand(stderr)})
	}); err != nil {
		return nil, err
	}
	dir := p.e.folder()
	c.cmd = &exec.Cmd{Path: p.bin, Args: []string{p.bin}, Dir: dir, Stdout: c.out.stdout.w, Stderr: c.out.stderr.w}
	c.cmd.Env = append(append(os.Environ(), t.Env...), "PORT="+port, "HOST=127.0.0.1", "PWD="+dir)
	own(c.cmd)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		c.out.abandon()
		return nil, context.Canceled
	}
	if err := c.cmd.Start(); err != nil {
		c.out.abandon()
		return nil, bare(err)
	}
	c.out.read()
	c.idle = time.AfterFunc(time.Hour, c.unused)
	c.idle.Stop()
	p.child = c
	t.running.Go(c.watch)
	t.running.Go(c.wait)
	return c, nil
}

// tell tells of the child.
func (c *child) tell(e Event) {
	e.Entry, e.Build, e.PID = c.p.e, c.build, c.cmd.Process.Pid
	c.t.tell(e)
}

// freePort finds a port that nobody listens on. Somebody may take it meanwhile; then the
// program ends and says so.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

// await waits until the child, which the caller has acquired, listens. If it does not, it
// is released.
func (c *child) await(ctx context.Context) (*child, *Failure) {
	if c.listens {
		return c, nil
	}
	limit := time.NewTimer(time.Until(c.began.Add(startTimeout)))
	defer limit.Stop()
	for {
		conn, err := net.DialTimeout("tcp", c.addr, time.Second)
		if err == nil {
			conn.Close()
			c.listens = true
			return c, nil
		}
		pause := time.NewTimer(dialPause)
		f := &Failure{Hint: `it must listen at 127.0.0.1 and the port in the variable PORT: http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)`}
		select {
		case <-pause.C:
			continue
		case <-c.ended:
			f.Status, f.Message = http.StatusBadGateway, c.p.e.Name+" ended before it listened: "+c.cmd.ProcessState.String()
		case <-limit.C:
			f.Status, f.Message = http.StatusGatewayTimeout, fmt.Sprintf("%s does not listen at %s after %v", c.p.e.Name, c.addr, startTimeout)
			c.retire()
		case <-ctx.Done():
			f = &Failure{Status: http.StatusServiceUnavailable, Message: c.p.e.Name + " was still starting", Err: ctx.Err()}
		case <-c.t.ctx.Done():
			f = &Failure{Status: http.StatusServiceUnavailable, Message: "the server ends"}
		}
		pause.Stop()
		f.Output = c.out.last()
		c.release()
		return nil, f
	}
}

// wait waits for the child's end.
func (c *child) wait() {
	_ = c.cmd.Wait() // the status is in ProcessState
	c.out.end()
	c.tell(Event{Kind: Ended, Text: c.cmd.ProcessState.String(), Duration: time.Since(c.began)})
	c.t.mu.Lock()
	c.idle.Stop()
	if c.p.child == c {
		c.p.child = nil
	}
	close(c.ended)
	c.t.mu.Unlock()
}

// watch ends the child when somebody wants it ended.
func (c *child) watch() {
	select {
	case <-c.ended:
		return
	case <-c.quit:
	case <-c.t.ctx.Done():
	}
	terminate(c.cmd.Process)
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-c.ended:
	case <-grace.C:
	}
	kill(c.cmd.Process) // also what it left behind
	<-c.ended
}

// acquire counts a request. The caller holds Tree.mu.
func (c *child) acquire() {
	c.active++
	c.idle.Stop()
}

// release ends a request.
func (c *child) release() {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	c.active--
	c.used = time.Now()
	switch {
	case c.active > 0:
	case c.retired:
		c.stop()
	case c.t.Idle >= 0:
		idle := c.t.Idle
		if idle == 0 {
			idle = defaultIdle
		}
		c.idle.Reset(idle)
	}
}

// admit gives the child a request that has been acquired for it.
func (c *child) admit(r *http.Request) {
	c.tell(Event{Kind: Admitted, Requests: []*http.Request{r}})
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	for _, stderr := range [...]bool{false, true} {
		c.hand[stderr] = append(c.hand[stderr], r)
	}
}

// answered takes a request off the child's hands: for each stream, once all has been told
// that was printed there until now.
func (c *child) answered(r *http.Request) {
	c.out.drain(func(stderr bool) {
		c.t.mu.Lock()
		defer c.t.mu.Unlock()
		c.hand[stderr] = slices.DeleteFunc(c.hand[stderr], func(other *http.Request) bool { return other == r })
	})
	c.tell(Event{Kind: Answered, Requests: []*http.Request{r}})
}

// inHand lists the requests that may have printed a line.
func (c *child) inHand(stderr bool) []*http.Request {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	return slices.Clone(c.hand[stderr])
}

func (c *child) stop() { c.once.Do(func() { close(c.quit) }) }

// unused ends the child if nobody uses it.
func (c *child) unused() {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	if c.active == 0 {
		c.giveUp()
	}
}

// giveUp gives a child no more requests. The caller holds Tree.mu.
func (c *child) giveUp() {
	c.retired = true
	if c.p.child == c {
		c.p.child = nil
	}
	if c.active == 0 {
		c.stop()
	}
}

// retire ends the child when its requests have ended, or soon.
func (c *child) retire() {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	if c.giveUp(); c.active > 0 {
		c.idle.Stop()
		c.idle = time.AfterFunc(retireGrace, c.stop)
	}
}

// makeRoom ends the program that has been unused for longest if as many run as may.
func (t *Tree) makeRoom() *Failure {
	limit := t.MaxPrograms
	if limit <= 0 {
		limit = defaultMaxPrograms
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	var oldest *child
	for _, p := range t.programs {
		if c := p.child; c != nil {
			if n++; c.active == 0 && (oldest == nil || c.used.Before(oldest.used)) {
				oldest = c
			}
		}
	}
	switch {
	case n < limit:
		return nil
	case oldest == nil:
		return &Failure{Status: http.StatusServiceUnavailable, Message: fmt.Sprintf("%d Go programs run and all of them are busy", n), Hint: "MaxPrograms allows more"}
	}
	oldest.giveUp()
	return nil
}
