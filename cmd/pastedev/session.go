package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/devserver"
	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/devserver/inject"
	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/redact"
	"github.com/pastedev/pastedev/inspect/store"
	"github.com/pastedev/pastedev/reloader"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// session is one run of one target: all rooms, wired together. It is the only
// place that knows more than one of them.
type session struct {
	std      stdio
	config   config
	dir      string // where the target runs
	stateDir string
	target   reloader.Target
	tui      bool

	inside
	profiling
	pages    *pages // nil when HTML is not checked
	store    *store.Store
	front    *devserver.Front
	watcher  *reloader.Watcher
	files    reloader.FileSet // in force; empty while that is not known. One refresh at a time has it
	super    *reloader.Supervisor
	overlay  overlay.Maker
	panel    *panel.Handler
	injector inject.Injector
	service  *control.Service
	server   *control.Server

	serving *serving       // of pastedev serve; nil otherwise
	parent  *session       // whose mount this is; nil at the top
	mount   string         // where its programs are mounted; empty at the top
	hop     *devserver.Hop // of a mount, in place of front

	public  string // the address of a target without an agent; "" where the agent asks
	state   stateCell
	closing sync.Once
	// answering is the number of the build that the process behind the front runs.
	answering atomic.Int64
	backend   atomic.Value // string: where a target without an agent listens
}

// openSession makes the parts. What was opened is closed again when one fails.
func openSession(ctx context.Context, std stdio, c config, dir string, target reloader.Target) (*session, error) {
	s := &session{std: std, config: c, dir: dir, target: target, tui: wantsTUI(c, std)}
	return s, s.open(ctx)
}

// open makes the parts. It closes the session when one fails.
func (s *session) open(ctx context.Context) (err error) {
	var early []string // what the history says while it is opened
	defer func() {
		if err != nil {
			s.untold(early)
			s.close()
		}
	}()
	c := s.config
	if s.stateDir, err = openStateDir(s.root(), c.State); err != nil {
		return err
	}
	if other, none := control.FindIn(s.stateDir); none == nil { // said before the history is found in use
		return fmt.Errorf("another pastedev runs here: pid %d, since %s\nhint: join it with `pastedev attach`, end it, or give this one its own --state DIR",
			other.PID, other.Started.Local().Format(time.TimeOnly))
	}
	s.store, err = store.Open(store.Options{
		Path:     s.statePath("history.db"),
		MaxCount: c.HistoryCount, MaxBytes: c.HistorySize, MaxAge: time.Duration(c.HistoryAge),
		Notify: func(text string) {
			if s.store == nil {
				early = append(early, text)
				return
			}
			s.notice(text)
		},
	})
	if err != nil {
		return err
	}
	for _, text := range early {
		s.notice(text)
	}
	if err = s.openInside(); err != nil {
		return err
	}
	if err = s.openProfiling(); err != nil {
		return err
	}
	s.openPages()
	if err = s.openReloader(); err != nil {
		return err
	}
	if err = s.openServing(ctx); err != nil {
		return err
	}
	if err = s.openFront(); err != nil {
		return err
	}
	if err = s.openService(ctx); err != nil {
		return err
	}
	return s.listen()
}

// root is the folder that the project's state belongs to.
func (s *session) root() string {
	if s.target.Kind == reloader.TargetPackage {
		return s.target.Package.ModuleRoot
	}
	return s.dir
}

// openFront makes what stands between the clients and the target.
func (s *session) openFront() error {
	s.panel = panel.New(panel.Config{
		Status: s.maskedStatus, Feed: panelFeed{s.store}, Lookup: s.lookup, Editor: editorURL(s.config.Editor),
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

// filter puts the panel's script into pages.
func (s *session) filter(id inspect.ID, req *http.Request, res *http.Response) bool {
	build := int(s.answering.Load())
	if s.target.Kind != reloader.TargetPackage {
		build = 0 // no builds: the panel counts restarts
	}
	return s.injector.Apply(req, res, inject.Tag{Src: s.panel.Src(id, build)})
}

// lookup finds a summary for the panel, masked like everything that leaves.
func (s *session) lookup(_ context.Context, id inspect.ID) (inspect.Summary, error) {
	sum, ok := s.store.Summary(id)
	if !ok {
		return inspect.Summary{}, inspect.ErrNotFound
	}
	return new(redact.Redactor).Summary(sum), nil
}

// maskedStatus is the status as it may leave.
func (s *session) maskedStatus() inspect.Status { return new(redact.Redactor).Status(s.status()) }

// panelFeed carries to the panel what it has a use for, as it may leave. A page learns its
// exchanges from their answers, so that those that begin and end are left out: masking
// each would cost more than passing it on.
type panelFeed struct{ from *store.Store }

// Subscribe returns the events until ctx ends or the feed does.
func (f panelFeed) Subscribe(ctx context.Context) <-chan inspect.Event {
	masked := make(chan inspect.Event)
	events := f.from.Subscribe(ctx)
	go func() { // ends with the feed, which ends with ctx
		defer close(masked)
		var r redact.Redactor
		for e := range events {
			switch u := e.(type) {
			case inspect.ExchangeStarted, inspect.ExchangeFinished:
				continue
			case inspect.ExchangeUpdated:
				e = inspect.ExchangeUpdated{Exchange: &inspect.Exchange{Summary: u.Exchange.Summary}}
			case inspect.HTMLChecked:
				e = inspect.HTMLChecked{Exchange: u.Exchange}
			}
			select {
			case masked <- r.Event(e):
			case <-ctx.Done():
				return
			}
		}
	}()
	return masked
}

// panelSecret returns the key of the pages' capabilities. It is kept in the state
// dir, so that a page in the browser's cache works on after a restart of pastedev;
// nil, for a key of this run only, where it cannot be kept.
func (s *session) panelSecret() []byte {
	const size = 32
	path := s.statePath("panel.key")
	if key, err := os.ReadFile(path); err == nil && len(key) == size {
		return key
	}
	key := make([]byte, size)
	rand.Read(key) // never fails
	if err := os.WriteFile(path, key, 0o600); err != nil {
		return nil
	}
	return key
}

// decode takes the content coding off a body, however much of it was kept.
func decode(h inspect.Header, data []byte) ([]byte, bool) {
	d, err := body.Decode(h, inspect.Body{Size: int64(len(data)), Data: data, Truncated: true})
	return d.Data, err == nil
}

// openService makes the verbs and offers them on the socket and the control port.
func (s *session) openService(ctx context.Context) error {
	o := control.Options{
		Store: s.store, Status: s.status, Replay: s.front.Replay,
		Redactor: redact.Redactor{Decode: decode},
		Editor:   editorLink(s.config.Editor),
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
func (s *session) listen() error {
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

// close ends whatever is open, in the order of the requests' way. It may be called
// more than once.
func (s *session) close() { s.closing.Do(s.closeParts) }

func (s *session) closeParts() {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if s.front != nil {
		s.front.Close(ctx)
	}
	if s.server != nil {
		s.server.Close()
	}
	s.serving.close(ctx)
	if s.hop != nil {
		s.hop.Close()
	}
	if s.watcher != nil {
		s.watcher.Close()
	}
	s.closeProfiling()
	if s.printed != nil {
		s.printed.close()
		s.failures.close(ctx)
	}
	if s.gather != nil && s.parent == nil {
		s.gather.Close()
	}
	if s.snaps != nil {
		s.snaps.close()
	}
	if s.store != nil && s.parent == nil {
		s.store.Close()
	}
}
