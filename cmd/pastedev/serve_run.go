package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
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
	asked   atomic.Int64 // requests, without the many replays of profiles

	// Set by start and read by end, both in the goroutine of [serving.run].
	cancel context.CancelFunc // ends its supervisor; nil before it runs
	over   chan struct{}      // closed when the supervisor has ended; nil before it runs
}

// key tells whether two run: mounts are the same program.
func (s mountSpec) key() string {
	return strings.Join(append([]string{s.Path, s.dir, s.target, strconv.Itoa(s.Port), s.EnvFile}, s.env...), "\x00")
}

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
	if err := spec.checkEnv(target, s.instrumented()); err != nil {
		return nil, err
	}
	if spec.EnvFile != "" {
		s.config.EnvFile = spec.EnvFile
	}
	_, s.env = splitEnv(spec.env) // all else that pastedev has they have anyway
	s.stateDir = top.statePath("mounts/" + v.programDir(spec))
	if err := os.MkdirAll(s.stateDir, 0o700); err != nil {
		return nil, fmt.Errorf("mount %q: %w", spec.Path, err)
	}
	if err := s.openMount(ctx, spec); err != nil {
		return nil, fmt.Errorf("mount %q: %w", spec.Path, errors.Join(err, s.close()))
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
func (s *session) openMount(ctx context.Context, spec mountSpec) error {
	if err := s.openInside(ctx); err != nil {
		return err
	}
	if err := s.openProfiling(ctx); err != nil {
		return err
	}
	o := devserver.HopOptions{
		GateOptions: devserver.GateOptions{
			Hold: time.Duration(s.config.Hold),
			Old:  s.config.Gate == "old", OldOnError: s.config.OnBuildError == "old",
			Sync: func(ctx context.Context) error { return s.super.Sync(ctx) },
		},
		Exchange: idOf,
		Port:     spec.Port,
		Admitted: func(ctx context.Context, build int, held time.Duration) {
			n := noteOf(ctx)
			n.mu.Lock()
			defer n.mu.Unlock()
			n.build, n.held = build, held
		},
		Refused: func(r *http.Request, why string) {
			n := noteOf(r.Context())
			n.refuse(why)
			s.gather.Done(n.id, inspect.Sums{})
		},
		AllowHost:  s.config.AllowHost,
		Token:      s.token,
		Target:     fmt.Sprintf("%s (mounted at %s)", s.target, s.mount),
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
	if err := s.openReloader(ctx); err != nil {
		return err
	}
	s.going.Go(func() { s.runProfiling(s.life) })
	return nil
}

// elsewhere lists what lies below a command's folder and is the other mounts': the folders
// that they serve, and the source of Go packages.
func (s *session) elsewhere() []string {
	globs := s.parent.serving.watched()
	for _, m := range flat(s.parent.serving.wanted().mounts) {
		if m.kind == mountRun && m.Path != s.mount {
			globs = append(globs, "**/*.go")
		}
	}
	return globs
}

// programDir names the folder of a program: by its path, and for one of several in a cascade
// also by what it runs.
func (v *serving) programDir(spec mountSpec) string {
	same := 0
	for _, m := range flat(v.wanted().mounts) {
		if m.kind == mountRun && m.Path == spec.Path {
			same++
		}
	}
	if same > 1 {
		return stateName(spec.Path + "|" + spec.target)
	}
	return stateName(spec.Path)
}

// stateName makes the name of a folder of a mount's path; no two paths have the same.
func stateName(path string) string {
	name := strings.TrimPrefix(path, "/")
	if name == "" {
		name = "/"
	}
	name = strings.ReplaceAll(url.PathEscape(name), ".", "%2E") // nor is one a folder above
	if len(name) > maxStateName {
		name = fmt.Sprintf("%x", sha256.Sum224([]byte(name)))
	}
	return name
}

// maxStateName bounds the name of a folder: file systems take 255 bytes, and others add to it.
const maxStateName = 100

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
		if !noteOf(r.Context()).rehearsal {
			p.asked.Add(1)
		}
		id := idOf(r)
		r = r.Clone(r.Context())
		r.RequestURI = "" // the path is that of URL
		if mount := httpx.MountPoint(r.Context()); mount != "" && spec.KeepPrefix {
			r.URL = withPrefix(r.URL, mount)
		} else if mount != "" {
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

// withPrefix returns u with the mount's path before its own.
func withPrefix(u *url.URL, mount string) *url.URL {
	whole := *u
	whole.Path, whole.RawPath = mount+u.Path, (&url.URL{Path: mount}).EscapedPath()+u.EscapedPath()
	return &whole
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
