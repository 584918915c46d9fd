package devserver

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
)

const (
	// DefaultHold is how long a request waits for a current build.
	DefaultHold = 30 * time.Second
	// maxHeld bounds the requests that wait at once. Each costs a goroutine and a
	// connection, some 50 kB; more than this is a load test against a build.
	maxHeld = 10_000
	// replaceWait is how long a request whose connection the target broke waits for
	// word that the process has ended. The supervisor hears of it within milliseconds.
	replaceWait = 500 * time.Millisecond
)

// GateOptions configure a [Gate]. The zero value holds requests for 30 s and shows
// build errors.
type GateOptions struct {
	Hold time.Duration // 0 means DefaultHold
	// Old lets the old process answer while a newer one is built and started.
	Old bool
	// OldOnError lets the old process answer while the newest source does not build.
	OldOnError bool
	// Sync returns once every file that was written before the call has closed the
	// gate, if it has to. nil when nothing is watched.
	Sync func(ctx context.Context) error
}

// Gate holds requests until the target is current. It is safe for concurrent use and
// none of its setters blocks.
//
// Why a request that arrives after a save never reaches older code: let the save S be
// complete before the request R arrives. Wait calls Sync before it looks at the
// state, and Sync returns after the watcher has seen S and, S being relevant, set the
// state Building. So the state that Wait loads after Sync is that of a moment after
// S. Whoever sets Running does so only when the newest source seen is the one that
// runs, which from S on means a process that holds S. Hence a backend handed out
// after Sync holds S. Sync need not be asked again after waiting: later saves are no
// business of R. In mode Old the rule is given up by the user's choice.
type Gate struct {
	options GateOptions
	held    atomic.Int64
	now     atomic.Pointer[situation]
	mu      sync.Mutex // serialises changes of now
}

// situation is all that decides on a request. It is never changed, only replaced.
type situation struct {
	state    inspect.State
	detail   string
	build    *inspect.Build
	draining bool // the process is about to be stopped
	backends map[int]*proxy.Backend
	changed  chan struct{} // closed when this is no longer the situation
}

// NewGate returns a gate in state Building.
func NewGate(o GateOptions) *Gate {
	if o.Hold <= 0 {
		o.Hold = DefaultHold
	}
	g := &Gate{options: o}
	g.now.Store(&situation{state: inspect.StateBuilding, changed: make(chan struct{})})
	return g
}

func (g *Gate) change(f func(*situation)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	old := g.now.Load()
	s := *old
	s.changed = make(chan struct{})
	f(&s)
	g.now.Store(&s)
	close(old.changed)
}

// Set enters a state. Build is the newest build, nil without one; it is kept and must
// not be changed.
func (g *Gate) Set(state inspect.State, build *inspect.Build, detail string) {
	g.change(func(s *situation) {
		s.state, s.build, s.detail = state, build, detail
		switch state {
		case inspect.StateRunning:
			s.draining = false
		case inspect.StateBackoff: // the process is gone; in mode Old nobody may be sent to it
			for _, b := range s.backends {
				b.Retire()
			}
			s.backends = nil
		}
	})
}

// setBackend says where the requests of a listener go; nil forgets it.
func (g *Gate) setBackend(listener int, b *proxy.Backend) {
	g.change(func(s *situation) {
		if old := s.backends[listener]; old != nil {
			old.Retire()
		}
		s.backends = maps.Clone(s.backends)
		if s.backends == nil {
			s.backends = make(map[int]*proxy.Backend)
		}
		s.backends[listener] = b
		if b == nil {
			delete(s.backends, listener)
		}
	})
}

// reset forgets all backends.
func (g *Gate) reset() {
	g.change(func(s *situation) {
		for _, b := range s.backends {
			b.Retire()
		}
		s.backends, s.draining = nil, false
	})
}

// leadsTo reports whether requests may go to b, now or when the state allows it.
func (g *Gate) leadsTo(b *proxy.Backend) bool {
	s := g.now.Load()
	if s.draining {
		return false
	}
	for listener, has := range s.backends {
		if has == b {
			_, no := g.decide(s, listener)
			return no == nil
		}
	}
	return false
}

// drain sends no more requests to the present process, whatever the mode.
func (g *Gate) drain() { g.change(func(s *situation) { s.draining = true }) }

// Refusal is the error of a request that the gate does not let through.
type Refusal struct{ Failure panel.Failure }

func (r *Refusal) Error() string {
	text := map[panel.Reason]string{
		panel.BuildFailed: "the newest source does not build",
		panel.Held:        "held too long: the program is not ready",
		panel.Crashed:     "the program has ended by itself",
		panel.Stopped:     "the program is stopped",
	}[r.Failure.Reason]
	if r.Failure.Detail != "" {
		text += ": " + r.Failure.Detail
	}
	return text
}

// decide returns the backend to go to, or why the request is refused, or neither when
// it has to wait.
func (g *Gate) decide(s *situation, listener int) (*proxy.Backend, *Refusal) {
	b := s.backends[listener]
	if s.draining {
		b = nil
	}
	switch s.state {
	case inspect.StateRunning:
		return b, nil
	case inspect.StateFailed:
		if g.options.OldOnError && b != nil {
			return b, nil
		}
		return nil, s.refuse(panel.BuildFailed, 500)
	case inspect.StateBackoff:
		return nil, s.refuse(panel.Crashed, 502)
	case inspect.StateStopped:
		return nil, s.refuse(panel.Stopped, 502)
	}
	if g.options.Old {
		return b, nil
	}
	return nil, nil
}

func (s *situation) refuse(reason panel.Reason, status int) *Refusal {
	return &Refusal{panel.Failure{Reason: reason, Status: status, State: s.state, Detail: s.detail, Build: s.build}}
}

// Wait returns the backend of a listener as soon as the target is current. It returns
// a [*Refusal] when there is no use in waiting or the hold limit has passed, and
// ctx's error when that ends first.
func (g *Gate) Wait(ctx context.Context, listener int) (*proxy.Backend, error) {
	if g.options.Sync != nil {
		// Trouble of the watcher is told elsewhere, and no reason to refuse.
		if err := g.options.Sync(ctx); err != nil && ctx.Err() != nil {
			return nil, err
		}
	}
	s := g.now.Load()
	if b, no := g.decide(s, listener); b != nil {
		return b, nil
	} else if no != nil {
		return nil, no
	}
	defer g.held.Add(-1)
	if g.held.Add(1) > maxHeld {
		return nil, s.refuse(panel.Held, 503)
	}
	limit := time.NewTimer(g.options.Hold)
	defer limit.Stop()
	for {
		select {
		case <-s.changed:
		case <-limit.C:
			return nil, s.refuse(panel.Held, 503)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		s = g.now.Load()
		if b, no := g.decide(s, listener); b != nil {
			return b, nil
		} else if no != nil {
			return nil, no
		}
	}
}

// route is the gate as one listener sees it.
type route struct {
	gate     *Gate
	listener int
}

func (r route) Wait(ctx context.Context) (*proxy.Backend, error) {
	return r.gate.Wait(ctx, r.listener)
}

func (r route) Open(b *proxy.Backend) bool {
	now, _ := r.gate.decide(r.gate.now.Load(), r.listener)
	return now == b
}

func (r route) Replaced(ctx context.Context, b *proxy.Backend) bool {
	limit := time.NewTimer(replaceWait)
	defer limit.Stop()
	for {
		s := r.gate.now.Load()
		if now, _ := r.gate.decide(s, r.listener); now != b {
			return true
		}
		select {
		case <-s.changed:
		case <-limit.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}
