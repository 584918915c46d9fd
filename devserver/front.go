package devserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
)

const (
	// LocalPrefix begins the paths that pastedev answers itself on the target's port.
	LocalPrefix = "/_pastedev/"
	// maxRequestHeader bounds the head of a request. It is above the 1 MiB of Go's own
	// server, so that the target's limit is the one that a client meets.
	maxRequestHeader = 4 << 20
	// failureOutput is how many lines of output an error page shows.
	failureOutput = 40
)

// Options configure a [Front]. The zero value forwards and holds, and records nothing.
type Options struct {
	GateOptions
	Record proxy.Recorder // nil records nothing
	// Prepare may change the header of a request on its way; see [proxy.Options].
	Prepare func(out *http.Request)
	// Filter may change a response on its way; see [proxy.Options].
	Filter func(ex inspect.ID, req *http.Request, res *http.Response) (injected bool)
	// Failure answers a request that the target did not. nil answers in plain words.
	Failure func(w http.ResponseWriter, r *http.Request, f panel.Failure)
	// Local serves the paths under LocalPrefix, to this machine only. nil leaves them
	// to the target.
	Local     http.Handler
	AllowHost []string                               // names, beside those of this machine, by which Local and error pages with source may be asked for
	Inside    func(inspect.ID)                       // see [proxy.Options]
	Failed    func(context.Context, inspect.ID) bool // see [proxy.Options]
	// TLS is ended at the addresses of [Front.Listen], so that what is recorded is HTTP.
	// Its NextProtos need not be set. nil: they speak without.
	TLS         *tls.Config
	BodyLimit   int64  // see [proxy.Options]
	NoForwarded bool   // see [proxy.Options]
	NoHeaders   bool   // see [proxy.Options]
	Target      string // as the user named it
	Token       string // by which the agent in the target knows our own requests, see [Front.Command]; "" when there is no agent
	// LastOutput returns the last n lines that the program printed. nil means none.
	LastOutput func(n int) []inspect.Output
	// Trace returns the failure inside the target that broke an exchange off, once all
	// of it is read or ctx ends. nil, or false: none is known.
	Trace func(ctx context.Context, id inspect.ID) (inspect.Trace, bool)
	// Within returns what an exchange has printed and done so far, for the page that
	// shows its Trace. nil means nothing.
	Within func(id inspect.ID) ([]inspect.Output, []inspect.Span)
	// Log takes what the server has to say of broken clients. nil drops it.
	Log func(text string)
}

// Front owns the public listeners and all that happens behind them. It is safe for
// concurrent use.
type Front struct {
	options Options
	gate    *Gate
	proxy   *proxy.Proxy
	server  *http.Server
	ctx     context.Context // ends when Close gives up waiting
	cancel  context.CancelFunc
	wg      sync.WaitGroup // accept loops and connections that are not HTTP (yet)

	mu        sync.Mutex
	listeners []*listener
	lastID    int
	run       int // counts Reset
	build     int // that the present process runs
	sweep     *time.Timer
	greeting  map[net.Conn]struct{} // accepted, kind not known yet
	closed    bool

	asker asker

	active    sync.WaitGroup // handlers
	activeMu  sync.Mutex
	activeEnd bool
}

// New returns a front without listeners.
func New(o Options) *Front {
	f := &Front{options: o, gate: NewGate(o.GateOptions), greeting: make(map[net.Conn]struct{}), asker: asker{token: o.Token}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	f.proxy = proxy.New(proxy.Options{
		Record: o.Record, Prepare: o.Prepare, Filter: o.Filter, Fail: f.fail, Inside: o.Inside, Failed: o.Failed,
		Lingers: f.lingers, BodyLimit: o.BodyLimit, NoForwarded: o.NoForwarded, NoHeaders: o.NoHeaders,
	})
	f.server = &http.Server{
		Handler:                      http.HandlerFunc(f.serve),
		MaxHeaderBytes:               maxRequestHeader,
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is the target's to answer
		Protocols:                    new(http.Protocols),
		ErrorLog:                     log.New(logWriter{o.Log}, "", 0),
		BaseContext:                  func(net.Listener) context.Context { return f.ctx },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			ctx = context.WithValue(ctx, connKey{}, c)
			return context.WithValue(ctx, listenerKey{}, c.(*conn).listener)
		},
	}
	f.server.Protocols.SetHTTP1(true)
	f.server.Protocols.SetUnencryptedHTTP2(true)
	return f
}

type (
	listenerKey struct{} // of a *listener
	connKey     struct{} // of a *conn
)

type logWriter struct{ log func(string) }

func (w logWriter) Write(p []byte) (int, error) {
	if w.log != nil {
		w.log(strings.TrimRight(string(p), "\n"))
	}
	return len(p), nil
}

// SetState tells in which state the target is. It never blocks. When it is Running,
// listeners that the present process has not asked for are closed a little later.
func (f *Front) SetState(state inspect.State, build *inspect.Build, detail string) {
	f.gate.Set(state, build, detail)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sweep != nil {
		f.sweep.Stop()
		f.sweep = nil
	}
	if state == inspect.StateRunning && !f.closed {
		run := f.run
		f.sweep = time.AfterFunc(staleAfter, func() { f.closeStale(run) })
	}
}

// InFlight returns the number of exchanges under way, held ones included.
func (f *Front) InFlight() int { return f.proxy.InFlight() }

// Drain lets no more requests through to the process that is about to be stopped and
// waits until that may be done without harm to those that are there: see
// [proxy.Proxy.Drain]. Requests are held from then on until the next process answers.
// With the option Old the next one answers already: it is not waited for, and
// addresses at which only the old one listened are held until the new one does.
func (f *Front) Drain(ctx context.Context) error {
	if !f.options.Old {
		f.gate.drain()
	} else {
		f.forgetOlder()
	}
	return f.proxy.Drain(ctx, f.gate.leadsTo)
}

// Replay sends a recorded request to the target once more and returns the id of the
// new exchange; see [proxy.Proxy.Replay]. It goes to the listener that the recorded
// one came in by, or the only one there is.
func (f *Front) Replay(ctx context.Context, ex *inspect.Exchange) (inspect.ID, error) {
	return f.again(ctx, ex, f.proxy.Replay)
}

// Rehearse is Replay without a place in the history; see [proxy.Proxy.Rehearse].
func (f *Front) Rehearse(ctx context.Context, ex *inspect.Exchange) (inspect.ID, error) {
	return f.again(ctx, ex, f.proxy.Rehearse)
}

func (f *Front) again(ctx context.Context, ex *inspect.Exchange,
	send func(context.Context, *inspect.Exchange, proxy.Route) (inspect.ID, error)) (inspect.ID, error) {
	l := f.listenerFor(ex.Host)
	if l == nil {
		return "", errors.New("replay: the program listens nowhere yet")
	}
	return send(context.WithValue(ctx, listenerKey{}, l), ex, f.route(l))
}

func (f *Front) route(l *listener) route { return route{gate: f.gate, listener: l.id} }

// serve is the top of the chain.
func (f *Front) serve(w http.ResponseWriter, r *http.Request) {
	if !f.enter() {
		w.Header().Set("Connection", "close")
		http.Error(w, "pastedev is closing", http.StatusServiceUnavailable)
		return
	}
	defer f.active.Done()
	l := r.Context().Value(listenerKey{}).(*listener)
	if c, _ := r.Context().Value(connKey{}).(*conn); c != nil && c.secure != nil {
		state := c.secure.ConnectionState()
		r.TLS = &state
	}
	if f.options.Local == nil || !strings.HasPrefix(r.URL.Path, LocalPrefix) || r.Method == http.MethodConnect {
		l.handler.ServeHTTP(w, r)
		return
	}
	if ok, reason := f.trusted(r, l); !ok {
		http.Error(w, "pastedev: "+reason, http.StatusForbidden)
		return
	}
	f.options.Local.ServeHTTP(w, r)
}

func (f *Front) enter() bool {
	f.activeMu.Lock()
	defer f.activeMu.Unlock()
	if !f.activeEnd {
		f.active.Add(1)
	}
	return !f.activeEnd
}

// Close stops accepting, lets what is under way finish until ctx ends, and then ends
// it. Held requests are answered at once. It returns ctx's error when something had to
// be cut off, and leaves no goroutine behind.
func (f *Front) Close(ctx context.Context) error {
	f.gate.Set(inspect.StateStopped, nil, "pastedev is closing")
	f.mu.Lock()
	f.closed = true
	if f.sweep != nil {
		f.sweep.Stop()
	}
	listeners := f.listeners
	f.listeners = nil
	for c := range f.greeting {
		c.Close()
	}
	f.mu.Unlock()
	for _, l := range listeners {
		l.close()
	}
	err := f.server.Shutdown(ctx)
	f.cancel()
	f.server.Close()
	f.activeMu.Lock()
	f.activeEnd = true
	f.activeMu.Unlock()
	f.proxy.Close()
	f.active.Wait()
	f.wg.Wait()
	f.gate.reset()
	if err != nil {
		return fmt.Errorf("close the front: %w", err)
	}
	return nil
}
