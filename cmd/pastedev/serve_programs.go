package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader"
)

// programs returns the sessions that have a program: those of the mounts, or else s.
func (s *session) programs() []*session {
	if s.serving == nil {
		return []*session{s}
	}
	var all []*session
	for _, p := range s.serving.held() {
		all = append(all, p.session)
	}
	return all
}

// worst orders states by how much they ask for attention.
var worst = map[inspect.State]int{
	inspect.StateRunning: 0, inspect.StateStarting: 1, inspect.StateBuilding: 2,
	inspect.StateStopped: 3, inspect.StateBackoff: 4, inspect.StateFailed: 5,
}

// standing says how things stand: with the target, or with the program that is worst off.
func (s *session) standing() reloader.Snapshot {
	snap := s.super.Status()
	if !s.serving.runs() {
		return snap
	}
	var lost []string
	recording, several := true, s.serving.several()
	for i, p := range s.programs() {
		one := p.super.Status()
		one.Build = p.labelled(one.Build)
		recording = recording && one.Recording
		for _, l := range one.Lost {
			lost = append(lost, p.mount+": "+l)
		}
		if several && (one.Detail != "" || one.State != inspect.StateRunning) {
			one.Detail = strings.TrimSuffix(p.mount+": "+one.Detail, ": ")
		}
		if i == 0 || worst[one.State] > worst[snap.State] || worst[one.State] == worst[snap.State] && one.Since.After(snap.Since) {
			snap = one
		}
	}
	snap.Lost, snap.Recording = lost, recording
	return snap
}

// stateChanged tells how all programs stand together, when that has changed.
func (v *serving) stateChanged() {
	snap := v.s.standing()
	e := inspect.StateChanged{State: snap.State, Detail: snap.Detail}
	if snap.Build != nil {
		e.Build = snap.Build.Number
	}
	v.mu.Lock()
	same := e == v.last
	v.last = e
	v.mu.Unlock()
	if !same {
		v.s.state.set(e.State)
		v.s.store.Publish(e)
	}
}

// evaluate asks the program whose snapshot holds the trace.
func (s *session) evaluate(ctx context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
	for _, p := range s.programs() {
		if p.snaps == nil {
			continue
		}
		v, err := p.snaps.evaluate(ctx, trace, frame, expr)
		if !errors.Is(err, errNoSnapshot) {
			return v, err
		}
	}
	return inspect.Variable{}, errNoSnapshot
}

// standings says how each program stands.
func (v *serving) standings() []inspect.Program {
	var list []inspect.Program
	for _, p := range v.held() {
		s := p.session
		snap := s.super.Status()
		list = append(list, inspect.Program{
			Mount: s.mount, Target: s.target.String(), State: snap.State, Since: snap.Since, Detail: snap.Detail,
			Recording: snap.Recording, CallTree: s.calls.Load(), PID: snap.PID, Build: s.labelled(snap.Build),
		})
	}
	return list
}

// mounts names the mounts that run programs: "/a, /b".
func (v *serving) mounts() string {
	var names []string
	for _, p := range v.held() {
		names = append(names, p.session.mount)
	}
	return strings.Join(names, ", ")
}

var (
	errNoPrograms = errors.New("no mount runs a program\nhint: --mount /app=run:./myapp does")
	errNoMounts   = errors.New("there are no mounts here, but one program\nhint: leave the mount out")
)

// named returns the program of the mount that a user names, with or without slashes at
// its ends.
func (v *serving) named(mount string) (*program, error) {
	held := v.held()
	if len(held) == 0 {
		return nil, errNoPrograms
	}
	bare := func(m string) string { return strings.ToLower(strings.Trim(m, "/")) }
	for _, p := range held {
		if bare(p.session.mount) == bare(mount) {
			return p, nil
		}
	}
	return nil, fmt.Errorf("no program is mounted at %q\nhint: programs run at %s", mount, v.mounts())
}

// programOf returns the program that an exchange is answered by, nil when that is none.
func (s *session) programOf(sum *inspect.Summary) *session {
	v := s.serving
	if v == nil {
		return s
	}
	mount := sum.Mount
	v.mu.Lock()
	if n := v.notes[sum.ID]; n != nil { // it is under way
		mount = n.at()
	}
	v.mu.Unlock()
	for _, p := range v.held() {
		if p.session.mount == mount {
			return p.session
		}
	}
	return nil
}

// record makes a profile of the program that the request is about.
func (s *session) record(ctx context.Context, req inspect.ProfileRequest, ex *inspect.Exchange) (inspect.Profile, error) {
	p, err := s.profiledBy(req, ex)
	if err != nil {
		return inspect.Profile{}, fmt.Errorf("profile: %w", err)
	}
	return p.recorder.Record(ctx, req, ex)
}

// profiledBy returns the program that a profile is to be made of: the one that is named,
// that answers the exchange or the route, or else the one that is asked most.
func (s *session) profiledBy(req inspect.ProfileRequest, ex *inspect.Exchange) (*session, error) {
	v := s.serving
	if v == nil {
		if req.Mount != "" {
			return nil, errNoMounts
		}
		return s, nil
	}
	held := v.held()
	if len(held) == 0 {
		return nil, errNoPrograms
	}
	var p *session
	if ex != nil {
		if p = s.programOf(&ex.Summary); p == nil {
			return nil, fmt.Errorf("no program that runs has answered %s %s\nhint: programs run at %s", ex.Method, ex.Path, v.mounts())
		}
	}
	switch {
	case req.Mount != "":
		q, err := v.named(req.Mount)
		if err == nil && p != nil && q.session != p {
			err = fmt.Errorf("%s %s is answered at %s, not at %s\nhint: leave the mount out", ex.Method, ex.Path, p.mount, q.session.mount)
		}
		if err != nil {
			return nil, err
		}
		return q.session, nil
	case p != nil:
		return p, nil
	case req.Route != "":
		return v.routed(req.Route)
	}
	return slices.MaxFunc(held, func(a, b *program) int { return cmp.Compare(a.asked.Load(), b.asked.Load()) }).session, nil
}

// routed returns the program whose mount the path of a route lies in: that of "GET /app/{}".
func (v *serving) routed(route string) (*session, error) {
	_, path, _ := strings.Cut(route, " ")
	var found *session
	longest := -1
	for _, p := range v.held() {
		mount := p.session.mount
		mount = strings.TrimSuffix(mount[strings.Index(mount, "/"):], "/") // without a host
		if rest, ok := strings.CutPrefix(path, mount); ok && (rest == "" || rest[0] == '/') && len(mount) > longest {
			found, longest = p.session, len(mount)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("no program is mounted at the path of the route %q\nhint: programs run at %s", route, v.mounts())
	}
	return found, nil
}

// goroutinesOf asks the program that has the exchange; "" when none does.
func (s *session) goroutinesOf(ctx context.Context, id inspect.ID) (string, error) {
	sum, _ := s.store.Summary(id)
	sum.ID = id
	p := s.programOf(&sum)
	if p == nil {
		return "", nil
	}
	return p.goroutines(ctx, id)
}

var errNoCalls = errors.New("no program here has a call tree\nhint: it is in Go programs that pastedev builds; `pastedev doctor` says more")

// setAllCalls turns the call trees of all programs on or off.
func (s *session) setAllCalls(ctx context.Context, on bool) error {
	if s.serving == nil {
		return s.setCalls(ctx, on)
	}
	s.calls.Store(on) // of programs that are mounted later
	var errs []error
	recorded := false
	for _, p := range s.programs() {
		if !p.recordsCalls() {
			continue
		}
		recorded = true
		if err := p.setCalls(ctx, on); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.mount, err))
		}
	}
	if !recorded {
		return errNoCalls
	}
	return errors.Join(errs...)
}

// restart builds and starts the program of a mount anew; of all when none is named.
func (s *session) restart(_ context.Context, mount string) error {
	programs := s.programs()
	switch {
	case s.serving == nil && mount != "":
		return errNoMounts
	case len(programs) == 0:
		return errNoPrograms
	case mount != "":
		p, err := s.serving.named(mount)
		if err != nil {
			return err
		}
		programs = []*session{p.session}
	}
	for _, p := range programs {
		p.super.Restart()
	}
	return nil
}
