package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver"
	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/inspect/gather"
	"github.com/pastedev/pastedev/reloader"
)

// program is what a run: mount runs: a session below the one that serves, with a
// supervisor, a watcher and a gate of its own, and the history of that one.
type program struct {
	key     string
	session *session
	cancel  context.CancelFunc // ends its supervisor; nil before it runs
	over    chan struct{}      // closed when the supervisor has ended; nil before it runs
}

// key tells whether two run: mounts are the same program.
func (s mountSpec) key() string { return s.Path + "\x00" + s.dir + "\x00" + s.target }

// openProgram makes the parts of a run: mount. It starts nothing.
func (v *serving) openProgram(ctx context.Context, spec mountSpec) (*program, error) {
	target, err := spec.program(ctx)
	if err != nil {
		return nil, err
	}
	top := v.s
	s := &session{
		std: top.std, config: top.config, dir: spec.dir, target: target, tui: top.tui,
		parent: top, mount: spec.Path, store: top.store, public: spec.Path,
	}
	s.stateDir = top.statePath("mounts/" + stateName(spec.Path))
	if err := os.MkdirAll(s.stateDir, 0o700); err != nil {
		return nil, fmt.Errorf("mount %q: %w", spec.Path, err)
	}
	if err := s.openMount(); err != nil {
		s.close()
		return nil, fmt.Errorf("mount %q: %w", spec.Path, err)
	}
	return &program{key: spec.key(), session: s}, nil
}

// program finds what a run: mount runs.
func (s mountSpec) program(ctx context.Context) (reloader.Target, error) {
	words := splitCommand(s.target)
	target, err := configuredTarget(ctx, s.dir, words)
	if err == nil && target.Kind == reloader.TargetCommand {
		if strings.ContainsAny(words[0], `/\`) {
			_, err = os.Stat(reloader.Absolute(s.dir, words[0]))
		} else {
			_, err = exec.LookPath(words[0])
		}
		if err != nil {
			err = fmt.Errorf("run %s: %w\nhint: run:./myapp is a Go package or a program, run:node server.js a command on PATH", words[0], reason(err))
		}
	}
	if err != nil {
		return target, usagef("mount %q: %v", s.Path, err)
	}
	return target, nil
}

// openMount is open for a program of a mount: without history, front and control.
func (s *session) openMount() error {
	if err := s.openInside(); err != nil {
		return err
	}
	s.profiling.life, s.profiling.end = context.WithCancel(context.Background()) // until close
	s.calls.Store(s.recordsCalls() && !s.config.NoCalltree)
	o := devserver.HopOptions{
		GateOptions: devserver.GateOptions{
			Hold: time.Duration(s.config.Hold),
			Old:  s.config.Gate == "old", OldOnError: s.config.OnBuildError == "old",
			Sync: func(ctx context.Context) error { return s.super.Sync(ctx) },
		},
		Exchange: idOf,
		Admitted: func(ctx context.Context, build int, held time.Duration) {
			n := noteOf(ctx)
			n.mu.Lock()
			defer n.mu.Unlock()
			n.build, n.held = build, held
		},
		Refused: func(r *http.Request, err error) {
			n := noteOf(r.Context())
			n.mu.Lock()
			n.refused = err.Error()
			n.mu.Unlock()
			s.gather.Done(n.id, inspect.Sums{})
		},
		AllowHost:  s.config.AllowHost,
		Target:     s.target.String(),
		Trace:      s.failures.of,
		Within:     s.gather.Inside,
		LastOutput: func(n int) []inspect.Output { return s.super.LastOutput(n) },
		Answer: func(w http.ResponseWriter, r *http.Request, f panel.Failure) {
			w.Header().Set("X-Pastedev", "off") // the page reloads by itself, and no script is added
			s.parent.panel.ServeFailure(w, r, f)
		},
	}
	if s.instrumented() && s.hooked("handler") {
		o.Failed = s.failures.hit
	}
	s.hop = devserver.NewHop(o)
	return s.openReloader()
}

// elsewhere lists what lies below a command's folder and is the other mounts': the folders
// that they serve, and the source of Go packages.
func (s *session) elsewhere() []string {
	globs := s.parent.serving.watched()
	for _, m := range flat(s.parent.serving.wanted.mounts) {
		if m.kind == mountRun && m.Path != s.mount {
			globs = append(globs, "**/*.go")
		}
	}
	return globs
}

// stateName makes the name of a folder of a mount's path.
func stateName(path string) string {
	name := strings.Trim(path, "/")
	if name == "" {
		return "root"
	}
	return url.PathEscape(strings.ReplaceAll(name, ".", "_"))
}

// toProgram leads the requests of a mount to its program.
func toProgram(spec mountSpec, p *program) http.Handler {
	s := p.session
	request, answer := edits(spec.Header), edits(spec.AnswerHeader)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(spec.Methods) > 0 && !allows(spec.Methods, r.Method) {
			w.Header().Set("Allow", strings.Join(spec.Methods, ", "))
			http.Error(w, r.Method+" is not allowed here: "+configName+" lists "+strings.Join(spec.Methods, ", "), http.StatusMethodNotAllowed)
			return
		}
		id := idOf(r)
		r = r.Clone(r.Context())
		r.RequestURI = "" // the path is that below the mount
		if mount := httpx.MountPoint(r.Context()); mount != "" {
			r.Header.Set("X-Forwarded-Prefix", (&url.URL{Path: r.Header.Get("X-Forwarded-Prefix") + mount}).EscapedPath())
		}
		change(r.Header, request.Delete, request.Set)
		if s.instrumented() && s.hooked("handler") {
			noteOf(r.Context()).willTalk()
			r.Header[agent.HeaderExchange] = []string{string(id)}
		}
		if len(spec.AnswerHeader) > 0 {
			w = httpx.NewCapture(w, func(_ int, h http.Header) io.Writer {
				change(h, answer.Delete, answer.Set)
				return nil
			})
		}
		s.hop.ServeHTTP(w, r)
	})
}

func allows(methods []string, method string) bool {
	for _, m := range methods {
		if strings.EqualFold(m, method) {
			return true
		}
	}
	return false
}

func change(h http.Header, remove []string, set map[string]string) {
	for _, name := range remove {
		h.Del(name)
	}
	for name, value := range set {
		h.Set(name, value)
	}
}

// named puts the mount's path before what its program prints.
type named struct {
	next gather.Recorder
	s    *session
}

func (n named) Publish(e inspect.Event) {
	if o, ok := e.(inspect.OutputWritten); ok && n.s.parent.serving.several() {
		o.Output.Text = n.s.mount + ": " + o.Output.Text
		e = o
	}
	n.next.Publish(e)
}

// several reports whether more than one program runs.
func (v *serving) several() bool { return len(v.held()) > 1 }

// runs reports whether any program does.
func (v *serving) runs() bool { return v != nil && len(v.held()) > 0 }

// held returns the programs of the set-up in force.
func (v *serving) held() []*program {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.programs
}

// nextBuild numbers the builds of all programs.
func (v *serving) nextBuild() int { return int(v.builds.Add(1)) }

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
	if v.s.super == nil { // a program before the session's own parts
		return
	}
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
