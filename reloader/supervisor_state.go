package reloader

import (
	"fmt"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// policy returns what the machine depends on. The caller holds mu or is the loop
// before Run's first callback.
func (s *Supervisor) policy() policy {
	return policy{
		// A program at its own address must leave it before the next can have it.
		keepOld:  s.o.GateOld && (s.cur == nil || !s.cur.direct),
		oldOnErr: s.o.OldOnError,
		hook:     s.o.OnChange != "",
		none:     s.o.Target.Kind == TargetNone,
	}
}

// step moves the machine and carries out the effects. Only the loop calls it.
func (s *Supervisor) step(ev event) {
	s.stepWith(ev, nil)
}

// stepWith makes note part of the same change of state.
func (s *Supervisor) stepWith(ev event, note func()) {
	s.mu.Lock()
	if note != nil {
		note()
	}
	var fx []effect
	s.m, fx = next(s.m, ev, s.policy())
	if s.dirty > 0 { // another edit is on its way: the gate stays closed for it
		s.m, _ = next(s.m, evDirty, s.policy())
	}
	s.enter()
	s.mu.Unlock()
	s.publish()
	for _, f := range fx {
		s.effect(f)
	}
}

// enter queues the news if state, gate or build have changed. The caller holds mu and
// calls publish afterwards.
func (s *Supervisor) enter() {
	now := StateChange{
		State: s.m.shown(), Open: s.m.open(s.policy()), Since: s.last.Since,
		Recording: s.recording(), Build: s.buildCopy(),
	}
	now.Detail = s.detail(now.State)
	if now.State != s.last.State {
		now.Since = time.Now()
	}
	if sameNews(now, s.last) {
		return
	}
	s.last = now
	s.announce(now)
}

// sameNews reports whether nobody needs to hear of now after last.
func sameNews(now, last StateChange) bool {
	return now.State == last.State && now.Open == last.Open && now.Detail == last.Detail &&
		now.Recording == last.Recording && diagnosticsOf(now.Build) == diagnosticsOf(last.Build)
}

func diagnosticsOf(b *inspect.Build) [2]int {
	if b == nil {
		return [2]int{}
	}
	return [2]int{b.Number, len(b.Diagnostics)}
}

// announce queues the callbacks for a change of state. The caller holds mu.
func (s *Supervisor) announce(now StateChange) {
	ev := inspect.StateChanged{State: now.State, Detail: now.Detail}
	if now.Build != nil {
		ev.Build = now.Build.Number
	}
	s.queue = append(s.queue, func() { s.o.OnState(now) }, func() { s.o.Notify(ev) })
}

// publishState announces the state as it is, to begin with.
func (s *Supervisor) publishState() {
	s.mu.Lock()
	s.announce(s.last)
	s.mu.Unlock()
	s.publish()
}

// publish makes the queued callbacks, in order, and returns when they were made, by
// whichever goroutine.
func (s *Supervisor) publish() {
	s.pubMu.Lock()
	defer s.pubMu.Unlock()
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.mu.Unlock()
			return
		}
		call := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		call()
	}
}

// recording reports whether exchanges can be seen. The caller holds mu.
func (s *Supervisor) recording() bool {
	return s.o.Target.Kind == TargetNone || s.cur != nil && !s.cur.direct
}

func (s *Supervisor) buildCopy() *inspect.Build {
	if s.build.Number == 0 {
		return nil
	}
	b := s.build
	b.Diagnostics = append([]inspect.Diagnostic(nil), b.Diagnostics...)
	if b.Result == inspect.BuildUnfinished {
		b.Duration = inspect.Millis(time.Since(b.Start))
	}
	return &b
}

// detail puts the state into words. The caller holds mu.
func (s *Supervisor) detail(state inspect.State) string {
	switch state {
	case inspect.StateBuilding:
		return "" // the build's own progress says it
	case inspect.StateFailed:
		return failedDetail(s.build)
	case inspect.StateStarting:
		if s.m.proc == procStopping {
			return "waiting for the old process to end"
		}
		return "waiting for the program to listen"
	case inspect.StateBackoff, inspect.StateStopped:
		if s.m.over {
			return ""
		}
		return joinDetail(s.end, s.again)
	}
	if !s.m.good && s.o.Target.Kind != TargetNone {
		return joinDetail("it has not listened yet", s.note)
	}
	return s.note
}

func joinDetail(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}

func failedDetail(b inspect.Build) string {
	errors := 0
	first := ""
	for _, d := range b.Diagnostics {
		if d.Severity != inspect.SeverityError {
			continue
		}
		if errors++; errors == 1 {
			first, _, _ = strings.Cut(d.Message, "\n")
			if d.File != "" {
				first = fmt.Sprintf("%s:%d: %s", d.File, d.Line, first)
			}
		}
	}
	if errors > 1 {
		return fmt.Sprintf("%s (and %d more)", first, errors-1)
	}
	return first
}

// lose notes a feature that is off, and clears it when why is empty.
func (s *Supervisor) lose(name, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.lost[:0:0]
	for _, l := range s.lost {
		if l.name != name {
			kept = append(kept, l)
		}
	}
	if why != "" {
		kept = append(kept, lostFeature{name, why})
	}
	s.lost = kept
}

// notice puts a line of ours into the output.
func (s *Supervisor) notice(text string) {
	s.mu.Lock()
	number := s.number
	s.mu.Unlock()
	s.feed.add(inspect.Output{Time: time.Now(), Stream: inspect.Pastedev, Text: text, Build: number})
}
