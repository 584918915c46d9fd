package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/inspect/gather"
	"github.com/pastedev/pastedev/inspect/traceback"
	"github.com/pastedev/pastedev/reloader"
	"github.com/pastedev/pastedev/reloader/link"
)

// inside is what a session knows of the things that happen in the target.
type inside struct {
	gather   *gather.Gatherer
	failures *failures
	snaps    *snapshots // nil when locals are off
	changes  *changes
	printed  *printed
}

// openInside makes the parts between the agent and the history.
func (s *session) openInside(context.Context) error {
	p := s.target.Package
	f := &failures{
		roots: traceback.Roots{Dir: s.root(), Module: p.ModulePath, Workspace: p.ModuleDirs, GOROOT: p.GoRoot, GOMODCACHE: p.ModCache},
		store: s.store,
	}
	f.life, f.end = context.WithCancel(context.Background()) // until close
	s.inside = inside{failures: f, changes: &changes{root: s.root()}}
	var to gather.Recorder = s.store
	if s.parent == nil {
		s.gather = gather.New(judged{s.store, f, s}, s.instrumented() || s.serving != nil)
	} else {
		s.gather, to = s.parent.gather, named{s.store, s}
	}
	f.attach = s.gather.Trace
	f.changed = s.changes.of
	if f.off = s.localsOff(); f.off == "" && s.instrumented() {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find the snapshot helper: %w", err)
		}
		s.snaps = &snapshots{
			root: s.root(), dir: s.statePath("cores"), argv: []string{exe, snapshotCommand}, life: f.life,
			debug: func(build int) *reloader.DebugProgram { return s.super.Debug(build) },
		}
		s.snaps.clear() // of earlier runs nobody can ask any more
		f.freezer = s.snaps
	}
	s.printed = newPrinted(to, s.gather, f, !s.instrumented())
	if s.parent != nil {
		s.printed.inFlight = s.inFlight
	}
	return nil
}

// localsOff says why panics come without variables; it is empty when they have them.
func (s *session) localsOff() string {
	switch {
	case s.config.NoLocals:
		return "locals are off: --no-locals"
	case runtime.GOOS != "linux":
		return "locals are off: a snapshot of the program needs Linux"
	}
	return ""
}

// hooked reports whether a hook is to be built in.
func (s *session) hooked(name string) bool {
	return !slices.Contains(s.config.withoutHooks(), name)
}

// judged puts what is known of bad and of slow answers into exchanges on their way to the
// history.
type judged struct {
	next     gather.Recorder
	failures *failures
	session  *session
}

// Publish passes e on.
func (j judged) Publish(e inspect.Event) {
	if isRehearsal(e) {
		j.session.rehearsals.add(e)
		return
	}
	f, ok := e.(inspect.ExchangeFinished)
	if ok {
		f.Exchange = j.session.judge(j.failures.answered(f.Exchange))
		e = f
	}
	j.next.Publish(e)
	if ok {
		j.session.pages.add(f.Exchange)
	}
}

// isRehearsal reports whether e is about a replay that a profile is made of, which is not
// for the history.
func isRehearsal(e inspect.Event) bool {
	switch e := e.(type) {
	case inspect.ExchangeStarted:
		return e.Exchange.Rehearsal
	case inspect.ExchangeFinished:
		return e.Exchange.Rehearsal
	case inspect.ExchangeUpdated:
		return e.Exchange.Rehearsal
	}
	return false
}

// notify takes the supervisor's events.
func (s *session) notify(e inspect.Event) {
	switch e := e.(type) {
	case inspect.OutputWritten:
		s.printed.line(e.Output)
		return
	case inspect.StateChanged:
		if e.State != inspect.StateRunning {
			s.printed.silence()
		}
	case inspect.BuildChanged:
		if e.Build.Result == inspect.BuildOK {
			s.changes.built(e.Build.Number)
		}
		e.Build.Mount = s.mount
		s.store.Publish(e)
		return
	}
	if (s.parent != nil || s.serving.runs()) && e.EventKind() == (inspect.StateChanged{}).EventKind() {
		return // told of all programs together
	}
	if e = s.serving.edited(e); e != nil {
		s.store.Publish(e)
	}
}

// Attach passes the wire on to the target, and says what we can do.
func (l agentLink) Attach(cmd *exec.Cmd) {
	l.Link.Attach(cmd)
	if l.session.snaps != nil {
		cmd.Env = append(cmd.Env, agent.EnvSnapshots+"=1")
	}
	cmd.Env = append(cmd.Env, l.session.agentEnv()...)
}

// Observe takes what the agent reports.
func (l agentLink) Observe(_ context.Context, r link.Report) {
	s := l.session
	switch r := r.(type) {
	case link.Printed:
		for _, line := range splitLines(r.Output) {
			line.Build = l.start.Build
			s.gather.Output(line)
		}
	case link.Spanned:
		r.Span.Caller = s.failures.roots.Locate(r.Frames, "go")
		s.gather.Span(r.Exchange, r.Span)
	case link.RowsRead:
		s.gather.Rows(r.Exchange, r.Seq, r.Rows)
	case link.Called:
		s.gather.CallTree(r.Exchange, s.nearer(r.Tree))
	case link.Done:
		s.failures.handled(l.process, r)
		s.gather.Done(r.Exchange, r.Sums)
	case link.Panicked:
		if r.Trace.Exchange != "" {
			s.gather.Expect(r.Trace.Exchange)
		}
		s.failures.panicked(l.process, r)
	case link.Fatal:
		s.failures.ended(l.process, r)
	case link.Dropped:
		s.notice(fmt.Sprintf("%d reports of the program were lost: it had more to tell than could be read", r.Count))
	}
}

// splitLines makes lines of what one write wrote. Of a log record the first line has
// the level and the attributes.
func splitLines(o inspect.Output) []inspect.Output {
	record := o.Level != ""
	if record { // it is whole, with or without an end
		o.Text = strings.TrimSuffix(o.Text, "\n") + "\n"
	}
	var lines []inspect.Output
	for text := range strings.Lines(o.Text) {
		line := o
		whole, ended := strings.CutSuffix(text, "\n")
		line.Text, line.Partial = reloader.CleanLine([]byte(whole)), !ended
		if len(lines) > 0 {
			line.Level, line.Attrs = "", nil
		}
		lines = append(lines, line)
	}
	return lines
}

// printed follows the target's output streams: it finds crash text in them, and in
// targets without an agent tells which exchange printed a line, where that is certain.
type printed struct {
	store    gather.Recorder
	gather   *gather.Gatherer
	failures *failures
	inFlight func() []inspect.ID
	guess    bool // there is no agent: exchanges are told by the time

	lines chan inspect.Output // to the scanner
	over  chan struct{}       // closed by close
	quiet chan struct{}       // capacity 1: the process has ended
	done  chan struct{}
}

const (
	// scanQueue is how many lines may wait for the scanner; beyond it crash text may be
	// missed, never delayed.
	scanQueue = 4096
	// scanQuiet is the silence after which crash text is taken for complete.
	scanQuiet = 200 * time.Millisecond
)

func newPrinted(store gather.Recorder, g *gather.Gatherer, f *failures, guess bool) *printed {
	p := &printed{
		store: store, gather: g, failures: f, guess: guess, inFlight: g.InFlight,
		lines: make(chan inspect.Output, scanQueue), over: make(chan struct{}),
		quiet: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go p.scan() // ends with close
	return p
}

// line takes one line of the target's output.
func (p *printed) line(o inspect.Output) {
	if p.guess && (o.Stream == inspect.Stdout || o.Stream == inspect.Stderr) {
		switch ids := p.inFlight(); len(ids) {
		case 0:
		case 1:
			o.Exchange = ids[0]
			p.gather.Output(o)
		default:
			o.Shared = ids
		}
	}
	p.store.Publish(inspect.OutputWritten{Output: o})
	p.look(o)
}

// look takes one line to find crash text in it, and in nothing else.
func (p *printed) look(o inspect.Output) {
	if o.Stream == inspect.Pastedev {
		return
	}
	select {
	case p.lines <- o:
	default:
	}
}

// silence says that nothing more will come from the process.
func (p *printed) silence() {
	select {
	case p.quiet <- struct{}{}:
	default:
	}
}

// scan looks for crash text until close.
func (p *printed) scan() {
	defer close(p.done)
	s := traceback.Scanner{Roots: p.failures.roots}
	timer := time.NewTimer(scanQuiet)
	timer.Stop()
	found := func(traces []inspect.Trace, build int) {
		for _, t := range traces {
			p.failures.text(t, build)
		}
	}
	build := 0
	take := func(o inspect.Output) {
		build = o.Build
		found(s.Line(o), build)
	}
	for {
		select {
		case <-p.over:
			for range len(p.lines) {
				take(<-p.lines)
			}
			found(s.End(), build)
			return
		case o := <-p.lines:
			take(o)
			if s.Open() {
				timer.Reset(scanQuiet)
			}
		case <-timer.C:
			found(s.Flush(time.Now()), build)
		case <-p.quiet:
			timer.Reset(scanQuiet) // what is on its way comes first
		}
	}
}

// close waits for what is being looked at. What comes after it is not looked at.
func (p *printed) close() {
	close(p.over)
	<-p.done
}
