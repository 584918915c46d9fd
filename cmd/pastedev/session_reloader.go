package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/reloader"
	"github.com/pastedev/pastedev/reloader/link"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// statePath is a file in the state dir.
func (s *session) statePath(name string) string { return filepath.Join(s.stateDir, name) }

// instrumented reports whether the target is to be built with the agent. Without
// one it gets a PORT and is answered for at --addr.
func (s *session) instrumented() bool {
	return s.target.Kind == reloader.TargetPackage && !s.config.NoAgent && runtime.GOOS != "windows"
}

// openReloader makes the watcher and the supervisor. Neither starts anything yet.
func (s *session) openReloader(ctx context.Context) error {
	o := reloader.Options{
		Target: s.target, Dir: s.dir, StateDir: s.stateDir,
		BuildFlags: s.config.BuildFlags,
		NoAgent:    !s.instrumented(),
		NoDebug:    s.snaps == nil, // only snapshots are read with it
		Env:        s.targetEnv(),
		EnvFile:    s.config.EnvFile,
		EnvOver:    s.env,
		OnChange:   s.config.OnChange,
		Grace:      time.Duration(s.config.Grace),
		GateOld:    s.config.Gate == "old",
		OldOnError: s.config.OnBuildError == "old",
		FirstBuild: s.store.LastBuild(),
		Patient:    s.parent != nil, // a mount's address is ours, not the program's
		OnState:    s.onState,
		Notify:     s.notify,
		OnBackend:  s.onBackend,
		BeforeStop: func(ctx context.Context) { s.door().Drain(ctx) },
		BeforeSwap: s.beforeSwap,
		Refresh:    s.refreshFiles,
	}
	if s.instrumented() {
		o.Instrument, o.NewLink = s.instrument, s.newLink
	}
	if s.parent != nil {
		o.NextBuild = s.parent.serving.nextBuild
	}
	switch {
	case s.tui:
		o.PTY = true
	case s.parent != nil: // several programs cannot share the input
		o.Stdout, o.Stderr = s.std.out, s.std.err
	default:
		o.Stdin, o.Stdout, o.Stderr = s.std.in, s.std.out, s.std.err
	}
	o.Cols, o.Rows = s.terminalSize()
	var err error
	s.watcher, err = reloader.NewWatcher(reloader.WatcherOptions{
		Root: s.root(), StateDir: s.stateDir, Poll: s.config.Poll, Notify: s.notice,
		OnDirty: func(path string) { s.super.Dirty(path) },
	})
	if err != nil {
		return err
	}
	o.Watcher = s.watcher
	if s.super, err = reloader.New(o); err != nil {
		return err
	}
	return s.refreshFiles(ctx, time.Time{}, nil)
}

// refreshFiles finds what is to be watched and hands it to the watcher, unless these
// changes leave that as it is.
func (s *session) refreshFiles(ctx context.Context, began time.Time, changed []string) error {
	paths := make([]string, 0, len(changed))
	for _, name := range changed {
		paths = append(paths, reloader.Absolute(s.root(), filepath.FromSlash(name)))
	}
	if s.files.Stands(paths) {
		return nil
	}
	s.files = reloader.FileSet{} // until the new one is in force
	set, err := s.findFiles(ctx)
	if set.Root == "" {
		return err
	}
	if s.config.EnvFile != "" {
		set = set.AlsoRestart(reloader.Absolute(s.dir, s.config.EnvFile))
	}
	if err := s.watcher.Watch(set.Since(began)); err != nil {
		return err
	}
	if err == nil {
		s.files = set
		if s.target.Kind == reloader.TargetPackage {
			s.changes.watch(set.Named())
		}
	}
	return nil // a set for want of a better one: the build says what is wrong
}

// findFiles finds what is to be watched.
func (s *session) findFiles(ctx context.Context) (reloader.FileSet, error) {
	switch s.target.Kind {
	case reloader.TargetNone:
		if s.serving != nil {
			return reloader.UpstreamFiles(s.dir, append(s.serving.watched(), s.config.Watch...), append(s.serving.droppings(), s.config.Ignore...)), nil
		}
		return reloader.UpstreamFiles(s.dir, s.config.Watch, s.config.Ignore), nil
	case reloader.TargetCommand:
		ignore := s.config.Ignore
		if s.parent != nil {
			ignore = append(append(s.elsewhere(), s.parent.serving.droppings()...), ignore...)
		}
		return reloader.CommandFiles(s.dir, s.config.Watch, append(slices.Clone(ignore), s.sessionsDir())), nil
	default:
		return reloader.Discover(ctx, reloader.DiscoverOptions{
			Dir: s.target.Package.Dir, Package: ".", Flags: s.config.BuildFlags,
			Watch: s.config.Watch, Ignore: s.config.Ignore,
		})
	}
}

// instrument makes the overlay of the next build.
func (s *session) instrument(ctx context.Context) (reloader.Instrumentation, error) {
	res, err := s.overlay.Make(ctx, overlay.Config{
		Dir: s.target.Package.ModuleRoot, Flags: s.config.BuildFlags, StateDir: s.stateDir,
		Without: s.config.withoutHooks(),
		Calls: overlay.Calls{
			Packages: []string{s.target.Package.ImportPath},
			Include:  s.config.CalltreeInclude, Exclude: s.config.CalltreeExclude,
		},
	})
	if err != nil {
		return reloader.Instrumentation{}, err
	}
	in := reloader.Instrumentation{Go: res.Go, Flags: res.Flags, Env: res.Env}
	if s.snaps != nil && !s.config.Optimized {
		in.Debug = s.target.Package.DebugFlags(s.config.BuildFlags)
	}
	for _, l := range res.Lost {
		in.Lost = append(in.Lost, l.String())
	}
	return in, nil
}

// onState tells the gate, and whoever waits for a state.
func (s *session) onState(c reloader.StateChange) {
	s.door().SetState(c.State, s.labelled(c.Build), c.Detail)
	switch {
	case s.parent != nil:
		s.state.set(c.State)
		s.parent.serving.stateChanged()
	case s.serving.runs(): // how its programs stand counts, see stateChanged
	default:
		s.state.set(c.State)
	}
}

// labelled returns a build of the supervisor's with the mount that it is of.
func (s *session) labelled(b *inspect.Build) *inspect.Build {
	if b == nil || s.mount == "" {
		return b
	}
	own := *b
	own.Mount = s.mount
	return &own
}

// onBackend takes the address where a target without an agent listens.
func (s *session) onBackend(private string) {
	if s.public == "" {
		return // it answers at an address of its own, without us
	}
	build := s.buildNumber()
	s.door().Reset(build)
	s.answering.Store(int64(build))
	s.backend.Store(private)
	if err := s.door().SetBackend(s.public, private); err != nil {
		s.notice(err.Error())
	}
}

// door is what lets requests through to the target.
type door interface {
	SetState(state inspect.State, build *inspect.Build, detail string)
	Reset(build int)
	SetBackend(public, target string) error
	Drain(ctx context.Context) error
	Command(ctx context.Context, method, path string) (*http.Response, error)
}

func (s *session) door() door {
	if s.hop != nil {
		return s.hop
	}
	return s.front
}

func (s *session) buildNumber() int {
	if b := s.super.Status().Build; b != nil {
		return b.Number
	}
	return 0
}

// beforeSwap takes over the addresses of the plain program the moment it has left
// them, so that requests wait for the instrumented one instead of failing.
func (s *session) beforeSwap(addrs []string) {
	for _, a := range addrs {
		a = strings.TrimPrefix(a, "[::]") // as programs ask for all interfaces
		if _, _, err := s.front.Adopt("tcp", a); err != nil {
			s.notice(fmt.Sprintf("take over %s: %v", a, err))
		}
	}
}

// newLink makes the wire to the agent of the next process.
func (s *session) newLink(start reloader.Start) (reloader.Link, error) {
	l, err := link.New()
	if err != nil {
		return nil, err
	}
	s.door().Reset(start.Build)
	return agentLink{Link: l, session: s, start: start, process: &process{build: start.Build}}, nil
}

// agentLink answers one process's agent on behalf of the session.
type agentLink struct {
	*link.Link
	session *session
	start   reloader.Start
	process *process
}

// Serve takes what the agent says until the process is gone.
func (l agentLink) Serve(ctx context.Context) error {
	defer l.session.gather.Lost()
	return l.Link.Serve(ctx, l)
}

// Listen opens the address that the target asks for and sends the target to a
// private one. A process that is being replaced gets a private one that nobody is
// sent to: the address itself is for its successor, which may ask for it too.
func (l agentLink) Listen(_ context.Context, network, address string) (link.Answer, error) {
	if l.session.hop != nil || !l.session.super.Leads(l.start.Number) {
		return aside(network, address), nil
	}
	public, private, err := l.session.front.Adopt(network, address)
	if err != nil {
		return link.Answer{}, err
	}
	return link.Answer{Private: private, Public: public.String()}, nil
}

// Listening hears that the target accepts connections.
func (l agentLink) Listening(public, private string) {
	if !l.session.super.Leads(l.start.Number) {
		return
	}
	l.session.answering.Store(int64(l.start.Build))
	if public != private || l.session.hop != nil {
		if err := l.session.door().SetBackend(public, private); err != nil {
			l.session.notice(err.Error())
		}
	}
	l.session.super.Listening(l.start.Number)
	l.session.answers()
}

// aside lets a process believe that it listens at address, on a port of its own. One
// that asks for any port gets it, as that is nobody else's.
func aside(network, address string) link.Answer {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return link.Answer{}
	}
	private := "127.0.0.1:0"
	switch {
	case network == "tcp6":
		private = "[::1]:0"
	case host == "" && network == "tcp4":
		host = "0.0.0.0"
	}
	if host == "" {
		host = "::"
	}
	return link.Answer{Private: private, Public: net.JoinHostPort(host, port)}
}

// ListenerClosed does nothing: a listener that no process wants is closed by the
// front when the next one has not asked for it.
func (l agentLink) ListenerClosed(string) {}
