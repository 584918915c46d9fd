package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/devserver"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/inspect/exectrace"
	"github.com/pastedev/pastedev/inspect/profile"
	"github.com/pastedev/pastedev/reloader"
)

const (
	// commandLimit bounds a short question to the agent, and slowLimit the fetching of an
	// execution trace, which is megabytes.
	commandLimit = 5 * time.Second
	slowLimit    = 30 * time.Second
	// flightMB bounds what the flight recorder of --slow keeps in the target's memory: some
	// seconds of a busy program.
	flightMB = 8
	// flightPause is how long to wait until the flight recorder is asked for again, twice as
	// long each time until flightPatience: a program may open the address that it serves
	// HTTP at after others.
	flightPause    = 250 * time.Millisecond
	flightPatience = 16 * time.Second
	// maxStack bounds the dump of an exchange's goroutines.
	maxStack = 4 << 20
)

// profiling is what a session measures of its target: call trees, sampled profiles and
// execution traces. Of the mounts of pastedev serve each has one, and shares the archive.
type profiling struct {
	token      string      // by which the agent knows our requests; "" without an agent
	calls      atomic.Bool // the call tree is on; in pastedev serve for programs to come
	archive    *profile.Archive
	recorder   *profile.Recorder
	rolling    *profile.Rolling // nil without --profile
	baseline   calltree.Baseline
	rehearsals rehearsals

	life    context.Context // of what goes on by itself
	end     context.CancelFunc
	going   sync.WaitGroup
	silence sync.Once // of notices about slow exchanges
}

// openProfiling makes the parts.
func (s *session) openProfiling(context.Context) (err error) {
	p, top := &s.profiling, s.top()
	p.life, p.end = context.WithCancel(context.Background()) // until close
	if s.instrumented() && s.hooked("profile") {
		p.token = rand.Text()
	}
	p.calls.Store((s.recordsCalls() || s.serving != nil) && !s.config.NoCalltree)
	if s.parent != nil {
		p.calls.Store(s.recordsCalls() && top.calls.Load())
		p.archive = top.archive
	} else if p.archive, err = profile.OpenArchive(s.statePath("profiles"), func(err error) { s.notice(err.Error()) }); err != nil {
		return err
	}
	if s.config.Profile && p.token != "" {
		p.rolling = profile.NewRolling(profile.RollingOptions{Source: s.sampled, Notice: s.notice})
	}
	p.recorder = profile.New(profile.Options{
		Source: s.profiled, Archive: p.archive, Publish: s.store.Publish, Rolling: p.rolling, Mount: s.mount,
		Replay: func(ctx context.Context, ex *inspect.Exchange) (inspect.ID, error) {
			return top.front.Rehearse(ctx, ex)
		},
		Finished: top.rehearsals.finished, Route: top.routeOf,
		Build:     func() int { return int(s.answering.Load()) },
		Summarize: exectrace.Summarize,
	})
	return nil
}

// top is the session that has history and front.
func (s *session) top() *session {
	if s.parent != nil {
		return s.parent
	}
	return s
}

// recordsCalls reports whether the target is built with call trees in it.
func (s *session) recordsCalls() bool { return s.instrumented() && s.hooked("calltree") }

// profiled is the program that answers, nil when there is none.
func (s *session) profiled() profile.Source {
	if s.token != "" {
		if s.super.Status().State != inspect.StateRunning {
			return nil
		}
		source := profile.Instrumented(s.ask)
		source.KeepFlight = s.config.Slow > 0
		return source
	}
	base := s.target.Upstream
	if s.target.Kind != reloader.TargetNone {
		base, _ = s.backend.Load().(string)
	}
	if base == "" {
		return nil
	}
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil
	}
	return profile.Foreign(u)
}

// sampled is profiled for --profile, which waits for the program that has an agent.
func (s *session) sampled() profile.Source {
	if !s.super.Status().Recording {
		return nil
	}
	return s.profiled()
}

// errNotYet is what questions to the agent end with while the program without it answers.
var errNotYet = errors.New("the program that answers has no agent in it yet: it is being built with one, once\nhint: `pastedev doctor` tells when that cannot be")

// ask is [devserver.Front.Command], or the hop's. It knows why nobody answers.
func (s *session) ask(ctx context.Context, method, path string) (*http.Response, error) {
	if st := s.super.Status(); st.State == inspect.StateRunning && !st.Recording {
		return nil, errNotYet
	}
	return s.door().Command(ctx, method, path)
}

// rehearsals are the last replays that profiles were made of, which no history has. The
// zero value is ready. It is safe for concurrent use.
type rehearsals struct {
	mu   sync.Mutex
	last []inspect.Summary // oldest first
}

// maxRehearsals is how many are known. Of each profile only the last is asked for, once its
// answer is complete; it may still wait for the agent's last word then.
const maxRehearsals = 64

// add takes what is told of one.
func (r *rehearsals) add(e inspect.Event) {
	var sum inspect.Summary
	switch e := e.(type) {
	case inspect.ExchangeStarted:
		sum = e.Exchange
	case inspect.ExchangeFinished:
		sum = e.Exchange.Summary
	default:
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(sum.ID); i >= 0 {
		r.last[i] = sum
		return
	}
	r.last = append(r.last, sum)
	if n := len(r.last) - maxRehearsals; n > 0 {
		r.last = slices.Delete(r.last, 0, n)
	}
}

// index finds one from the newest on; below 0 it is not known.
func (r *rehearsals) index(id inspect.ID) int {
	for i, sum := range slices.Backward(r.last) {
		if sum.ID == id {
			return i
		}
	}
	return -1
}

// of returns what is known of one, under way or not.
func (r *rehearsals) of(id inspect.ID) (inspect.Summary, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(id); i >= 0 {
		return r.last[i], true
	}
	return inspect.Summary{}, false
}

// finished returns one that has ended.
func (r *rehearsals) finished(id inspect.ID) (inspect.Summary, bool) {
	sum, ok := r.of(id)
	if !ok || sum.InFlight {
		return inspect.Summary{}, false
	}
	return sum, true
}

func (s *session) routeOf(id inspect.ID) string {
	sum, ok := s.store.Summary(id)
	if !ok {
		sum, ok = s.rehearsals.of(id)
	}
	if !ok {
		return ""
	}
	return calltree.Route(sum.Method, sum.Path)
}

// runProfiling carries the profile of --profile until ctx ends.
func (s *session) runProfiling(ctx context.Context) {
	if s.rolling != nil {
		s.rolling.Run(ctx)
	}
}

// answers is called when a process begins to answer. It does not block.
func (s *session) answers() {
	if s.token == "" || s.config.Slow == 0 {
		return
	}
	s.going.Go(func() {
		if err := s.startFlight(s.life); err != nil && s.life.Err() == nil {
			s.notice(fmt.Sprintf("no execution traces of slow requests: %v", err))
		}
	})
}

// startFlight has the target's flight recorder begin, as soon as there is someone to ask.
func (s *session) startFlight(ctx context.Context) error {
	for pause := flightPause; ; pause *= 2 {
		err := s.command(ctx, http.MethodPost, fmt.Sprintf("/flight?on=1&mb=%d", flightMB))
		if _, refused := errors.AsType[*devserver.CommandError](err); err == nil || refused || pause > flightPatience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// command tells the agent something.
func (s *session) command(ctx context.Context, method, path string) error {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	res, err := s.ask(ctx, method, path)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// judge looks at an exchange that has just ended: what made it slower than it was, and
// whether its execution trace is to be kept.
func (s *session) judge(ex *inspect.Exchange) *inspect.Exchange {
	if verdict := s.baseline.Add(ex); verdict != "" {
		judged := *ex
		judged.Verdict = verdict
		ex = &judged
	}
	slow := time.Duration(s.config.Slow)
	if slow == 0 || ex.Kind != inspect.KindHTTP || ex.ResponseFrom != inspect.FromTarget || calltree.Wall(ex) < slow {
		return ex
	}
	p := s.programOf(&ex.Summary)
	if p == nil || p.token == "" {
		return ex
	}
	kept := *ex // the trace needs no bodies
	kept.Request.Body.Data, kept.Response.Body.Data = nil, nil
	s.going.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, slowLimit)
		defer cancel()
		_, err := p.recorder.Slow(ctx, &kept)
		if err != nil && !errors.Is(err, profile.ErrBusy) && p.life.Err() == nil {
			p.silence.Do(func() { p.notice(err.Error()) })
		}
	})
	return ex
}

// setCalls turns the call tree on or off, also for the processes to come.
func (s *session) setCalls(ctx context.Context, on bool) error {
	s.calls.Store(on)
	path := "/calls?on=0"
	if on {
		path = "/calls?on=1"
	}
	if st := s.super.Status(); st.State != inspect.StateRunning || !st.Recording {
		return nil // the next process hears of it when it starts
	}
	return s.command(ctx, http.MethodPost, path)
}

// goroutines returns the stacks of the goroutines of an exchange, "" when it has none.
func (s *session) goroutines(ctx context.Context, id inspect.ID) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	res, err := s.ask(ctx, http.MethodGet, "/goroutines?exchange="+string(id))
	if refused, ok := errors.AsType[*devserver.CommandError](err); ok && refused.Status == http.StatusNotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxStack))
	return string(text), err
}

// closeProfiling ends what goes on by itself.
func (s *session) closeProfiling() {
	if s.end == nil {
		return
	}
	s.end()
	s.going.Wait()
}

// agentEnv is what the agent is told at its start.
func (p *profiling) agentEnv() []string {
	var env []string
	if p.token != "" {
		env = append(env, agent.EnvToken+"="+p.token)
	}
	if p.calls.Load() {
		env = append(env, agent.EnvCalls+"=1")
	}
	return env
}

// nearer makes the files of a call tree relative to the module where they are inside it.
func (s *session) nearer(t *inspect.CallTree) *inspect.CallTree {
	root := s.root() + string(filepath.Separator)
	for i := range t.Functions {
		if at := t.Functions[i].At; at != nil {
			if rest, inside := strings.CutPrefix(at.Path, root); inside {
				at.File = filepath.ToSlash(rest)
			}
		}
	}
	return t
}
