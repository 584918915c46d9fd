package reloader

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Times of ending a process.
const (
	defaultGrace = 5 * time.Second        // SIGTERM to SIGKILL
	killWait     = 2 * time.Second        // SIGKILL to giving up: the process hangs in the kernel
	drainWait    = 500 * time.Millisecond // for the rest of the output, once all is gone
	scanFirst    = 2 * time.Millisecond   // between two looks at what is left, growing ...
	scanMost     = 50 * time.Millisecond  // ... to this
)

// tagVariable marks every process that stems from one start of the target, so that
// those that left its process group and lost their parent are found and ended too.
const tagVariable = "PASTEDEV_RUN"

// process is a running target: its leader, its group, its descendants and streams.
type process struct {
	cmd     *exec.Cmd
	group   *procGroup
	tag     string // tagVariable=value
	number  int    // of the start
	build   int
	direct  bool // listens at its own address: nothing of ours is in between
	port    int  // private port that it was given in PORT; 0 for none
	streams *procStreams
	link    *linkRun // nil without an agent

	// The loop's own notes.
	started      time.Time
	listened     bool
	instrumented bool
	asked        bool // to end
	grace        time.Duration
	stopOnce     sync.Once
	hurryOnce    sync.Once
	hurried      chan struct{}      // closed by hurry
	stopGrace    chan time.Duration // capacity 1
	exited       chan struct{}      // the leader is reaped
	gone         chan struct{}      // nothing is left of it, and all its output is in
	stuck        bool               // something survived SIGKILL; read after gone
}

// procConfig says how to start a process.
type procConfig struct {
	path   string   // program file; resolved by the caller
	argv   []string // argv[0] and arguments
	dir    string
	env    []string
	tag    string
	number int // of the start
	build  int
	start  func(*exec.Cmd) error
	io     procIO
	grace  time.Duration  // for what is left when the leader ends by itself
	link   Link           // nil without an agent
	onGone func(*process) // called once, after gone is closed
}

// startProcess starts the target in its own process group. The goroutines it starts
// end before onGone is called.
func startProcess(cfg procConfig) (*process, error) {
	cmd := &exec.Cmd{Path: cfg.path, Args: cfg.argv, Dir: cfg.dir}
	cmd.Env = append(cfg.env[:len(cfg.env):len(cfg.env)], cfg.tag)
	streams, err := openStreams(cmd, cfg.io)
	if err != nil {
		return nil, err
	}
	if cfg.link != nil {
		cfg.link.Attach(cmd)
	}
	waiter := prepareWait(cmd)
	group, err := startGroup(cmd, cfg.start, false)
	streams.closeChild()
	if cfg.link != nil {
		cfg.link.Started()
	}
	if err != nil {
		streams.abort()
		return nil, fmt.Errorf("start %s: %w", cfg.argv[0], startCause(err))
	}
	p := &process{
		cmd: cmd, group: group, tag: cfg.tag, number: cfg.number, build: cfg.build, streams: streams, started: time.Now(),
		grace: cfg.grace, stopGrace: make(chan time.Duration, 1), hurried: make(chan struct{}), exited: make(chan struct{}), gone: make(chan struct{}),
	}
	streams.run()
	if cfg.link != nil {
		p.link = serveLink(cfg.link)
	}
	go func() {
		waiter.wait(cmd)
		close(p.exited)
	}()
	go func() {
		p.watch()
		cfg.onGone(p)
	}()
	return p, nil
}

// startCause leaves out what the error repeats of the path.
func startCause(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	var execErr *exec.Error
	if errors.As(err, &execErr) {
		return execErr.Err
	}
	return err
}

// over reports whether the leader has ended, whatever is left of its group.
func (p *process) over() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// stop asks the process and all that stems from it to end, and kills them after
// grace. It returns at once; gone is closed when nothing is left.
func (p *process) stop(grace time.Duration) {
	p.stopOnce.Do(func() { p.stopGrace <- grace })
}

// hurry cuts the grace of stop short, or does without one.
func (p *process) hurry() {
	p.stop(0)
	p.hurryOnce.Do(func() { close(p.hurried) })
}

// watch sees the process to its end, asked for or not.
func (p *process) watch() {
	grace := p.grace
	select {
	case <-p.exited:
	case grace = <-p.stopGrace:
		p.group.terminate()
	}
	p.stuck = !p.clear(grace)
	p.streams.finish(drainWait)
	if p.link != nil {
		p.link.finish()
	}
	close(p.gone)
}

// clear waits until leader, group and tagged descendants are gone, first with
// patience, after grace with SIGKILL. It reports whether they are.
func (p *process) clear(grace time.Duration) bool {
	deadline := time.NewTimer(grace)
	defer deadline.Stop()
	select {
	case <-p.exited:
	case <-deadline.C:
		return p.kill()
	case <-p.hurried:
		return p.kill()
	}
	asked := false
	for wait := scanFirst; ; wait = min(2*wait, scanMost) {
		if !p.leftovers(func(pid int) {
			if !asked {
				terminatePID(pid)
			}
		}) {
			return true
		}
		if !asked {
			p.group.terminate()
			asked = true
		}
		select {
		case <-deadline.C:
			return p.kill()
		case <-p.hurried:
			return p.kill()
		case <-time.After(wait):
		}
	}
}

// kill ends everything at once.
func (p *process) kill() bool {
	give := time.NewTimer(killWait)
	defer give.Stop()
	for wait := scanFirst; ; wait = min(2*wait, scanMost) {
		p.group.kill()
		left := p.leftovers(killPID)
		select {
		case <-p.exited:
			if !left {
				return true
			}
		default:
		}
		select {
		case <-give.C:
			return false
		case <-time.After(wait):
		}
	}
}

// leftovers calls each for every living process outside the group that carries the
// tag, and reports whether any of those or of the group is left.
func (p *process) leftovers(each func(pid int)) bool {
	found := p.group.alive()
	for _, pid := range taggedPIDs(p.tag) {
		found = true
		each(pid)
	}
	return found
}

// exitCode returns the leader's exit code as a shell would show it, and the words
// for it: "exit status 3", "signal: killed". Valid after exited.
func (p *process) exitCode() (int, string) {
	st := p.cmd.ProcessState
	if st == nil {
		return -1, "unknown exit status"
	}
	return shellCode(st), st.String()
}
