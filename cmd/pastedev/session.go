package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/devserver"
	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/devserver/inject"
	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/store"
	"github.com/pastedev/pastedev/reloader"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// session is one run of one target: all rooms, wired together. It is the only
// place that knows more than one of them.
//
// Its life is open, run, close. open makes the parts from the history outwards to the
// clients, and starts nothing of the target's. run has the supervisor and the UI going until
// the user, a signal or --exit ends them, and waits for both. close goes the way of a
// request: the front takes no more of them, the verbs end, then what is behind the front,
// then what is told of exchanges, and at last the history. It may come at any point of open.
//
// A program of a mount is a session below the one that serves: it has a hop in place of the
// front, no service, and shares history, gatherer and profiles of its parent, which closes
// them.
//
// Fields are written by open and only read from then on, by any goroutine; what changes
// later has a lock of its own, or says whose it is.
type session struct {
	std      stdio
	config   config
	dir      string // where the target runs
	stateDir string // empty for a check of the settings, which keeps nothing
	target   reloader.Target
	tui      bool // the terminal UI, not the line log

	// Of the exchanges and what happens inside them.
	store *store.Store // nil for a check of the settings
	early earlyNotices // of the store, before it is open
	inside
	profiling
	pages *pages // nil when HTML is not checked

	// Of the target.
	watcher *reloader.Watcher
	super   *reloader.Supervisor
	overlay overlay.Maker
	files   reloader.FileSet // in force, empty while that is not known; of openReloader, then of the one refresh at a time
	serving *serving         // of pastedev serve; nil otherwise

	// Between the clients and the target.
	front    *devserver.Front
	panel    *panel.Handler
	injector inject.Injector
	public   string // the address of a target without an agent; "" where the agent asks

	// Between us and the user.
	service *control.Service
	server  *control.Server

	// Of a program of a mount.
	parent *session       // whose mount this is; nil at the top
	mount  string         // where its programs are mounted; empty at the top
	hop    *devserver.Hop // in place of front
	env    []string       // "NAME=value" beside what all have

	state     stateCell
	answering atomic.Int64 // number of the build that the process behind the front runs
	backend   atomic.Value // string: where a target without an agent listens
	closing   sync.Once
	lost      error            // of close
	pipes     <-chan os.Signal // of writes that nobody reads; nil for none
}

// openSession makes the parts. What was opened is closed again when one fails.
func openSession(ctx context.Context, std stdio, c config, dir string, target reloader.Target) (*session, error) {
	s := &session{std: std, config: c, dir: dir, target: target, tui: wantsTUI(c, std)}
	return s, s.open(ctx)
}

// open makes the parts, each of which has a use for some of those before it. Nothing of the
// target's starts before run. When one cannot be made it closes those that were.
func (s *session) open(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			s.untold()
			err = errors.Join(err, s.close())
		}
	}()
	for _, part := range []func(context.Context) error{
		s.openState,
		s.openHistory,
		s.openInside,    // between the agent and the history
		s.openProfiling, // call trees, profiles, execution traces
		s.openPages,     // the HTML check
		s.openReloader,  // watcher and supervisor
		s.openServing,   // of pastedev serve: the mounts, at a private address
		s.openFront,     // between the clients and the target
		s.openService,   // the verbs, on the socket and the control port
		s.listen,        // from here on clients come in, unless the agent is to say where
	} {
		if err = part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openState makes the state dir, and refuses to share it with another pastedev.
func (s *session) openState(context.Context) (err error) {
	if s.stateDir, err = openStateDir(s.root(), s.config.State); err != nil {
		return err
	}
	if other, none := control.FindIn(s.stateDir); none == nil { // said before the history is found in use
		return fmt.Errorf("another pastedev runs here: pid %d, since %s\nhint: join it with `pastedev attach`, end it, or give this one its own --state DIR",
			other.PID, other.Started.Local().Format(time.TimeOnly))
	}
	return nil
}

// openHistory opens the store, and puts into it what it had to say of that.
func (s *session) openHistory(context.Context) (err error) {
	c := s.config
	s.store, err = store.Open(store.Options{
		Path:     s.statePath(historyName),
		MaxCount: c.HistoryCount, MaxBytes: c.HistorySize, MaxAge: time.Duration(c.HistoryAge),
		Notify: s.early.notice,
	})
	if err != nil {
		return err
	}
	s.early.release(s.notice)
	return nil
}

// root is the folder that the project's state belongs to.
func (s *session) root() string {
	if s.target.Kind == reloader.TargetPackage {
		return s.target.Package.ModuleRoot
	}
	return s.dir
}

// openFront makes what stands between the clients and the target.
func (s *session) openFront(context.Context) error {
	s.panel = panel.New(panel.Config{
		Status: s.panelStatus, Feed: panelFeed{s.store}, Lookup: s.lookup, Editor: editorURL(s.config.Editor),
		Secret: s.panelSecret(), Inside: s.insideOf, CallTree: s.callTreeOf,
	})
	o := devserver.Options{
		GateOptions: devserver.GateOptions{
			Hold: time.Duration(s.config.Hold),
			Old:  s.config.Gate == "old", OldOnError: s.config.OnBuildError == "old",
			Sync: s.super.Sync,
		},
		Record:    s.serving.recorder(s.gather),
		Prepare:   s.injector.Request,
		Filter:    s.filter,
		Failure:   s.panel.ServeFailure,
		Trace:     s.failures.of,
		Within:    s.gather.Inside,
		Local:     s.panel,
		AllowHost: s.config.AllowHost,
		BodyLimit: s.config.BodyLimit, NoForwarded: s.config.NoForwarded, NoHeaders: s.config.NoHeaders,
		Target:     s.title(),
		Token:      s.token,
		LastOutput: s.super.LastOutput,
		Log:        func(string) {}, // broken clients are the exchange's story, not the terminal's
	}
	if s.instrumented() && s.hooked("handler") {
		o.Inside, o.Failed = s.gather.Expect, s.failures.hit
	}
	if s.config.BodyLimit == 0 {
		o.BodyLimit = -1 // the user asked for none; the front's zero is its default
	}
	if s.config.NoInject {
		o.Prepare, o.Filter = nil, nil // the failure pages still reload by themselves
	}
	if s.serving != nil { // what its handlers have to tell comes by the exchange's name
		o.Inside, o.Failed = s.gather.Expect, func(context.Context, inspect.ID) bool { return true }
	}
	switch {
	case s.config.TLS && s.instrumented():
		s.notice("--tls is of no use here: a Go app keeps the addresses that it opens, and what it speaks there")
		s.notice("hint: pastedev serve --tls --mount /=run:" + s.target.String() + " puts HTTPS before it")
	case s.config.TLS:
		secure, err := s.certificate()
		if err != nil {
			return err
		}
		o.TLS = secure
	}
	s.front = devserver.New(o)
	return nil
}

// title names what is wrapped.
func (s *session) title() string {
	if s.serving != nil {
		return s.serving.title()
	}
	return s.target.String()
}

// openService makes the verbs and offers them on the socket and the control port.
func (s *session) openService(ctx context.Context) error {
	o := control.Options{
		Store: s.store, Status: s.status, Replay: s.front.Replay,
		Editor: editorLink(s.config.Editor),
	}
	if s.snaps != nil || s.serving != nil {
		o.Eval = s.evaluate
	}
	o.Profiles, o.Record, o.Hints = s.archive, s.record, hints
	o.CompareRoute = func(_ context.Context, route string) (inspect.Comparison, error) { return s.baseline.Compare(route) }
	o.Cancel, o.Inside = s.front.Cancel, s.gather.Inside
	o.Sessions = s.sessions()
	if s.token != "" || s.serving != nil {
		o.Goroutines = s.goroutinesOf
	}
	if s.recordsCalls() || s.serving != nil {
		o.SetCalls = s.setAllCalls
	}
	if s.target.Kind != reloader.TargetNone || s.serving != nil {
		o.Restart = s.restart
	}
	s.service = control.NewService(o)
	var err error
	s.server, err = control.Listen(ctx, s.service, control.ServerOptions{
		StateDir: s.stateDir, Addr: s.config.ControlAddr, AllowHosts: s.config.AllowHost,
		Logf: func(format string, args ...any) { s.notice(fmt.Sprintf(format, args...)) },
	})
	return err
}

// listen opens the public address of a target that has no agent to ask for one.
func (s *session) listen(context.Context) error {
	if s.instrumented() {
		return nil
	}
	addr, err := s.front.Listen("tcp", s.config.Addr)
	if err != nil {
		return fmt.Errorf("%w\nhint: %s", err, freeAddress(s.config.Addr))
	}
	s.public = addr.String()
	if s.target.Kind == reloader.TargetNone {
		return s.front.SetBackend(s.public, s.target.Upstream)
	}
	return nil
}

// freeAddress says where there is room when addr is taken.
func freeAddress(addr string) string {
	const look = 20
	host, port, err := net.SplitHostPort(addr)
	n, bad := strconv.Atoi(port)
	if err == nil && bad == nil && n > 0 {
		for next := n + 1; next <= min(n+look, 65535); next++ {
			free := net.JoinHostPort(host, strconv.Itoa(next))
			if l, err := net.Listen("tcp", free); err == nil {
				l.Close()
				return "choose another address with --addr; " + free + " is free"
			}
		}
	}
	return "choose another address with --addr, or --addr 127.0.0.1:0 for a free port"
}

// status is what every status line shows.
func (s *session) status() inspect.Status {
	snap := s.standing()
	st := inspect.Status{
		Version: version(), PID: os.Getpid(), Dir: s.dir, StateDir: s.stateDir,
		Target: s.title(), State: snap.State, Since: snap.Since, Detail: snap.Detail,
		Recording: snap.Recording, TargetPID: snap.PID, Build: snap.Build, Lost: snap.Lost,
		History: s.store.Stats(), Listeners: s.front.Listeners(),
		CallTree: s.calls.Load(),
	}
	if s.serving != nil {
		st.Programs = s.serving.standings()
		st.CallTree = slices.ContainsFunc(st.Programs, func(p inspect.Program) bool { return p.CallTree })
	}
	if s.config.Editor != "off" {
		st.Editor = editorURL(s.config.Editor)
	}
	if s.server != nil {
		st.ControlURL = s.server.URL()
	}
	return st
}

// closePatience is how long requests in flight may take to end when pastedev ends.
const closePatience = 2 * time.Second

// close ends whatever is open and waits for it. It may be called more than once; its error is
// what may be lost. Requests that did not end within closePatience are not in it: their
// exchanges say so.
func (s *session) close() error {
	s.closing.Do(func() { s.lost = s.closeParts() })
	return s.lost
}

// closeParts goes the way of a request. What a part still tells while it ends, those behind
// it in this order take: the last answers and stacks are in the history.
func (s *session) closeParts() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if s.front != nil {
		_ = s.front.Close(ctx)
	}
	var errs []error
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	errs = append(errs, s.serving.close(ctx))
	if s.hop != nil {
		s.hop.Close()
	}
	if s.watcher != nil {
		errs = append(errs, s.watcher.Close())
	}
	s.closeProfiling()
	if s.printed != nil {
		s.printed.close()
		s.failures.close(ctx)
	}
	if s.gather != nil && s.parent == nil {
		s.gather.Close()
	}
	if s.snaps != nil { // failures have ended, and with them its readers
		s.snaps.close()
	}
	if s.store != nil && s.parent == nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}
