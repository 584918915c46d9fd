package reloader

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// laneBuilder plays the go command: an instrumented build of which the first one is
// cold and waits for release, and whose outcome is fail, when set.
type laneBuilder struct {
	onlyDebug bool // fail is for builds with the flag -debug
	release   chan struct{}
	fail      *BuildOutcome

	mu   sync.Mutex
	log  []string
	warm bool
}

func (b *laneBuilder) Build(ctx context.Context, req BuildRequest) (BuildOutcome, error) {
	hooks := slices.Contains(req.Flags, "-overlay=x")
	kind := "plain"
	if hooks {
		kind = "instrumented"
	}
	b.mu.Lock()
	b.log = append(b.log, fmt.Sprintf("%s low=%v", kind, req.Low))
	warm := b.warm
	b.mu.Unlock()
	if hooks && !warm {
		for i := range 2 * coldPackages {
			req.Compiling(fmt.Sprintf("std/p%d", i))
			req.Progress(i+1, 2*coldPackages)
			if ctx.Err() != nil {
				return BuildOutcome{}, ctx.Err()
			}
		}
		select {
		case <-b.release:
		case <-ctx.Done():
			return BuildOutcome{}, ctx.Err()
		}
		b.mu.Lock()
		b.warm = true
		b.mu.Unlock()
	}
	if hooks && b.fail != nil && (!b.onlyDebug || slices.Contains(req.Flags, "-debug")) {
		return *b.fail, nil
	}
	return BuildOutcome{OK: true, Program: os.Args[0]}, nil
}

func (b *laneBuilder) builds() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.log, ", ")
}

// pipeLink is a wire that carries nothing; it ends when the process does.
type pipeLink struct{ ours, theirs *os.File }

func newPipeLink(Start) (Link, error) {
	r, w, err := os.Pipe()
	return &pipeLink{ours: r, theirs: w}, err
}

func (l *pipeLink) Attach(cmd *exec.Cmd) { cmd.ExtraFiles = append(cmd.ExtraFiles, l.theirs) }
func (l *pipeLink) Started()             { _ = l.theirs.Close() }
func (l *pipeLink) Close() error         { return l.ours.Close() }
func (l *pipeLink) Serve(context.Context) error {
	_, err := l.ours.Read(make([]byte, 1))
	return err
}

func superviseLane(t *testing.T, b *laneBuilder, edit func(*Options)) (*testSupervisor, *fakeWatcher) {
	t.Helper()
	root := t.TempDir()
	w := &fakeWatcher{changes: make(chan Change)}
	o := Options{
		Target:  Target{Kind: TargetPackage, Package: GoPackage{ImportPath: "app", ModuleRoot: root, Modules: []string{"app"}, ModuleDirs: []string{root}}},
		Builder: b,
		Watcher: w,
		Env:     append(os.Environ(), helperVariable+"=serve"),
		Instrument: func(context.Context) (Instrumentation, error) {
			return Instrumentation{Flags: []string{"-overlay=x"}}, nil
		},
		NewLink: newPipeLink,
	}
	if edit != nil {
		edit(&o)
	}
	ts := supervise(t, o)
	w.s = ts.Supervisor
	return ts, w
}

func TestPlainFirstThenInstrumented(t *testing.T) {
	b := &laneBuilder{release: make(chan struct{})}
	swapped := make(chan []string, 1)
	ts, w := superviseLane(t, b, func(o *Options) {
		o.Env = append(o.Env, "PORT="+takePort(t))
		o.BeforeSwap = func(addrs []string) { swapped <- addrs }
	})
	c := ts.await("plain running", func(c StateChange) bool { return c.State == inspect.StateRunning && c.Open })
	if c.Recording {
		t.Error("a plain program is said to be recorded")
	}
	// An edit meanwhile: plain first again, the instrumented build restarts.
	w.edit(Change{Rebuild: []string{"a.go"}})
	ts.awaitState(inspect.StateBuilding)
	ts.awaitState(inspect.StateRunning)
	pid := ts.Status().PID
	b.release <- struct{}{}
	if addrs := <-swapped; len(addrs) != 1 || !strings.HasPrefix(addrs[0], "127.0.0.1:") {
		t.Errorf("vacated %v, want the one address of the plain program", addrs)
	}
	ts.await("starting", func(c StateChange) bool { return c.State == inspect.StateStarting && c.Recording })
	ts.Listening(3)
	c = ts.awaitState(inspect.StateRunning)
	if !c.Recording || ts.Status().PID == pid || !c.Build.Instrumented {
		t.Errorf("after the swap: recording %v, instrumented %v", c.Recording, c.Build.Instrumented)
	}
	// Warm now: straight to the instrumented build.
	w.edit(Change{Rebuild: []string{"a.go"}})
	ts.awaitState(inspect.StateBuilding)
	ts.await("starting", func(c StateChange) bool { return c.State == inspect.StateStarting && c.Recording })
	got := b.builds()
	for _, want := range []string{"instrumented low=false, plain low=false, instrumented low=true", "plain low=false, instrumented low=true, instrumented low=false"} {
		if !strings.Contains(got, want) {
			t.Errorf("builds %s, want among them %s", got, want)
		}
	}
}

// takePort names a port that was free a moment ago.
func takePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestInstrumentedBuildFailsAlone(t *testing.T) {
	b := &laneBuilder{warm: true, fail: &BuildOutcome{Diagnostics: []inspect.Diagnostic{{
		Severity: inspect.SeverityError, Code: codeCompile, File: "/goroot/src/net/dial.go", Path: "/goroot/src/net/dial.go", Line: 7, Message: "undefined: x",
	}}}}
	ts, _ := superviseLane(t, b, nil)
	ts.awaitState(inspect.StateRunning)
	lost := ts.Status().Lost
	if len(lost) != 1 || lost[0] != "recording: the build fails with it: /goroot/src/net/dial.go:7: undefined: x" {
		t.Errorf("lost %q", lost)
	}
	if got := b.builds(); got != "instrumented low=false, plain low=false" {
		t.Errorf("builds %s", got)
	}
}

func TestInstrumentedBuildFailsInOwnSource(t *testing.T) {
	b := &laneBuilder{warm: true, fail: &BuildOutcome{}}
	ts, _ := superviseLane(t, b, func(o *Options) {
		path := filepath.Join(o.Target.Package.ModuleRoot, "main.go")
		b.fail.Diagnostics = []inspect.Diagnostic{{Severity: inspect.SeverityError, Code: codeCompile, File: "main.go", Path: path, Line: 3, Message: "undefined: y"}}
	})
	if c := ts.awaitState(inspect.StateFailed); c.Detail != "main.go:3: undefined: y" {
		t.Errorf("detail %q", c.Detail)
	}
	if got := b.builds(); got != "instrumented low=false" {
		t.Errorf("builds %s, want no second one for an error of the user's", got)
	}
}

// What fails only without optimization is built with it, at once from then on.
func TestInstrumentedBuildFailsUnoptimized(t *testing.T) {
	b := &laneBuilder{warm: true, onlyDebug: true, fail: &BuildOutcome{}}
	ts, w := superviseLane(t, b, func(o *Options) {
		path := filepath.Join(o.Target.Package.ModuleRoot, "main.go")
		b.fail.Diagnostics = []inspect.Diagnostic{{Severity: inspect.SeverityError, Code: codeCompile, File: "main.go", Path: path, Line: 3, Message: "stack frame too large (>1GB)"}}
		o.Instrument = func(context.Context) (Instrumentation, error) {
			return Instrumentation{Flags: []string{"-overlay=x"}, Debug: []string{"-debug"}}, nil
		}
	})
	ts.await("starting", func(c StateChange) bool { return c.State == inspect.StateStarting && c.Recording })
	if got := b.builds(); got != "instrumented low=false, instrumented low=false" {
		t.Errorf("builds %s", got)
	}
	if lost := ts.Status().Lost; len(lost) != 1 || lost[0] != "some variables of panics: the build fails without optimization: main.go:3: stack frame too large (>1GB)" {
		t.Errorf("lost %q", lost)
	}
	w.edit(Change{Rebuild: []string{"a.go"}})
	ts.awaitState(inspect.StateBuilding)
	ts.await("starting", func(c StateChange) bool { return c.State == inspect.StateStarting && c.Recording })
	if got := strings.Count(b.builds(), "instrumented low=false"); got != 3 {
		t.Errorf("%d builds, want 3: %s", got, b.builds())
	}
}

func TestInstrumentError(t *testing.T) {
	b := &laneBuilder{}
	ts, _ := superviseLane(t, b, func(o *Options) {
		o.Instrument = func(context.Context) (Instrumentation, error) {
			return Instrumentation{}, errors.New("no anchor in net")
		}
	})
	ts.awaitState(inspect.StateRunning)
	if lost := ts.Status().Lost; len(lost) != 1 || lost[0] != "recording: no anchor in net" {
		t.Errorf("lost %q", lost)
	}
}

func TestGateOldSwitches(t *testing.T) {
	backends := make(chan string, 8)
	w := &fakeWatcher{changes: make(chan Change)}
	ts := superviseRole(t, "serve", func(o *Options) {
		o.GateOld, o.Watcher = true, w
		o.OnBackend = func(a string) { backends <- a }
	})
	w.s = ts.Supervisor
	ts.awaitState(inspect.StateRunning)
	first, old := <-backends, ts.Status().PID
	w.edit(Change{Restart: []string{"a.js"}})
	for {
		c := <-ts.states
		if !c.Open {
			t.Errorf("the gate closed in state %s", c.State)
		}
		if c.State == inspect.StateRunning {
			break
		}
	}
	if second := <-backends; second == first || ts.Status().PID == old {
		t.Errorf("backend %s and process %d as before", second, old)
	}
	ts.awaitLine("drained")
}

func TestReloadOnly(t *testing.T) {
	w := &fakeWatcher{changes: make(chan Change)}
	ts := superviseRole(t, "serve", func(o *Options) { o.Watcher = w })
	w.s = ts.Supervisor
	ts.awaitState(inspect.StateRunning)
	pid := ts.Status().PID
	w.edit(Change{Reload: []string{"a.css"}, Styles: true})
	for ev := range ts.events {
		if a, ok := ev.(inspect.AssetsChanged); ok {
			if !a.Styles || len(a.Paths) != 1 || a.Paths[0] != "a.css" {
				t.Errorf("event %+v", a)
			}
			break
		}
	}
	if ts.Status().PID != pid {
		t.Error("a style sheet restarted the program")
	}
}

func TestOnChange(t *testing.T) {
	skipWithoutSignals(t)
	w := &fakeWatcher{changes: make(chan Change)}
	dir := t.TempDir()
	ts := superviseRole(t, "serve", func(o *Options) {
		o.Watcher, o.Dir = w, dir
		o.OnChange = `echo run >>runs; if [ -e bad ]; then echo "no such colour"; exit 4; fi`
	})
	w.s = ts.Supervisor
	ts.awaitState(inspect.StateRunning)
	writeFile(t, dir, "bad", "")
	w.edit(Change{Reload: []string{"a.css"}})
	c := ts.awaitState(inspect.StateFailed)
	d := c.Build.Diagnostics[0]
	if d.Code != codeHook || !strings.Contains(d.Message, "exit status 4") || !strings.Contains(d.Message, "no such colour") {
		t.Errorf("diagnostic %+v", d)
	}
	if err := os.Remove(filepath.Join(dir, "bad")); err != nil {
		t.Fatal(err)
	}
	w.edit(Change{Reload: []string{"a.css"}})
	ts.awaitState(inspect.StateRunning)
	runs, err := os.ReadFile(filepath.Join(dir, "runs"))
	if err != nil || strings.Count(string(runs), "run") != 3 {
		t.Errorf("runs %q (%v), want 3", runs, err)
	}
}

// loopingWatcher hears of a file that the command writes, each time it has run.
type loopingWatcher struct {
	fakeWatcher
	syncs int
}

func (w *loopingWatcher) Sync(context.Context) error {
	w.syncs++
	w.s.Dirty("out.js")
	go func() { w.changes <- Change{Restart: []string{"out.js"}} }()
	return nil
}

func TestOnChangeThatLoopsIsStopped(t *testing.T) {
	skipWithoutSignals(t)
	w := &loopingWatcher{fakeWatcher: fakeWatcher{changes: make(chan Change)}}
	ready := make(chan struct{})
	ts := superviseRole(t, "serve", func(o *Options) {
		o.Watcher, o.OnChange = w, "true"
		o.OnState = func(StateChange) { <-ready }
	})
	w.s = ts.Supervisor
	close(ready)
	ts.awaitState(inspect.StateRunning)
	ts.awaitLine("changes watched files each time it runs (out.js)")
	if w.syncs != maxHookRounds {
		t.Errorf("%d runs, want %d", w.syncs, maxHookRounds)
	}
}

func TestUpstream(t *testing.T) {
	ts := supervise(t, Options{Target: Target{Kind: TargetNone, Upstream: "http://127.0.0.1:1"}})
	if c := ts.awaitState(inspect.StateRunning); !c.Open || !c.Recording {
		t.Errorf("%+v", c)
	}
}

// TestGateOldKnowsWhoListens: the old process opens another port while the new one
// starts. That must not make the new one the one that answers.
func TestGateOldKnowsWhoListens(t *testing.T) {
	starts := make(chan Start, 4)
	ts, w := superviseLane(t, &laneBuilder{warm: true}, func(o *Options) {
		o.GateOld = true
		o.NewLink = func(st Start) (Link, error) {
			starts <- st
			return newPipeLink(st)
		}
	})
	first := <-starts
	ts.awaitState(inspect.StateStarting)
	ts.Listening(first.Number)
	ts.awaitState(inspect.StateRunning)
	ts.awaitLine("serving") // it hears signals
	old := ts.Status().PID

	w.edit(Change{Rebuild: []string{"a.go"}})
	second := <-starts
	if second.Number <= first.Number || second.Build != first.Build+1 {
		t.Errorf("start %+v after %+v", second, first)
	}
	ts.awaitState(inspect.StateStarting)
	if ts.Leads(first.Number) || !ts.Leads(second.Number) {
		t.Error("the old process's addresses count during the switch")
	}
	ts.Listening(first.Number)
	looped := make(chan struct{})
	ts.post(func() { close(looped) })
	<-looped
	if st := ts.Status(); st.State != inspect.StateStarting || st.PID != old {
		t.Errorf("state %s, process %d: the old process was taken for the new one", st.State, st.PID)
	}
	ts.Listening(second.Number)
	ts.awaitState(inspect.StateRunning)
	if ts.Status().PID == old {
		t.Error("the new process did not take over")
	}
	ts.awaitLine("drained")
}

// TestGateOldLeadsAgain: the new process ends before it listens, so that the old one
// may open ports again.
func TestGateOldLeadsAgain(t *testing.T) {
	starts := make(chan Start, 4)
	ts, w := superviseLane(t, &laneBuilder{warm: true}, func(o *Options) {
		o.GateOld = true
		o.NewLink = func(st Start) (Link, error) {
			if starts <- st; st.Number == 2 {
				return nil, errors.New("no descriptors left")
			}
			return newPipeLink(st)
		}
	})
	first := <-starts
	ts.awaitState(inspect.StateStarting)
	ts.Listening(first.Number)
	ts.awaitState(inspect.StateRunning)
	w.edit(Change{Rebuild: []string{"a.go"}})
	c := ts.awaitState(inspect.StateBackoff)
	if !c.Open || !ts.Leads(first.Number) || !strings.Contains(c.Detail, "no descriptors left") {
		t.Errorf("open %v, leads %v, detail %q", c.Open, ts.Leads(first.Number), c.Detail)
	}
}
