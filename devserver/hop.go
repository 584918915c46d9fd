package devserver

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
)

// Hop is a front without listeners: a handler that leads its requests to a program behind
// a gate of their own. It records nothing, for it stands behind something that does. It
// is safe for concurrent use.
type Hop struct {
	options Options
	gate    *Gate
	proxy   *proxy.Proxy
	handler http.Handler

	mu     sync.Mutex
	build  int    // that the present process runs
	public string // what it believes to listen at, "" while it does not
}

// hopRoute is the one route of a hop.
const hopRoute = 1

// HopOptions configure a [Hop].
type HopOptions struct {
	GateOptions
	// Exchange names the exchange that a request belongs to.
	Exchange func(r *http.Request) inspect.ID
	// Admitted hears that a request whose context is ctx goes to the program, which build
	// it runs and how long the request was held. nil: nobody does.
	Admitted func(ctx context.Context, build int, held time.Duration)
	// Refused hears of a request that the program did not answer, before the answer goes
	// out. nil: nobody does.
	Refused func(r *http.Request, err error)
	// What follows is as in [Options].
	AllowHost  []string
	Target     string
	Failed     func(context.Context, inspect.ID) bool
	Trace      func(ctx context.Context, id inspect.ID) (inspect.Trace, bool)
	Within     func(id inspect.ID) ([]inspect.Output, []inspect.Span)
	LastOutput func(n int) []inspect.Output
	// Answer is as Options.Failure. The client's address is taken from the request.
	Answer func(w http.ResponseWriter, r *http.Request, f panel.Failure)
}

// NewHop returns a hop that holds its requests until SetBackend says where they go.
func NewHop(o HopOptions) *Hop {
	h := &Hop{gate: NewGate(o.GateOptions), options: Options{
		GateOptions: o.GateOptions, AllowHost: o.AllowHost, Target: o.Target, Failure: o.Answer,
		Trace: o.Trace, Within: o.Within, LastOutput: o.LastOutput,
	}}
	h.proxy = proxy.New(proxy.Options{
		ID: o.Exchange, Failed: o.Failed, BodyLimit: -1, NoHeaders: true,
		Fail: func(w http.ResponseWriter, r *http.Request, id inspect.ID, err error) {
			if o.Refused != nil {
				o.Refused(r, err)
			}
			local := isLoopback(r.RemoteAddr) && hostAllowed(r.Host, "", o.AllowHost)
			h.options.answer(w, r, id, err, h.gate, local)
		},
	})
	h.handler = h.proxy.Handler(measured{route{h.gate, hopRoute}, o.Admitted})
	return h
}

// measured is a route that tells how long its requests are held.
type measured struct {
	route
	admitted func(ctx context.Context, build int, held time.Duration)
}

func (m measured) Wait(ctx context.Context) (*proxy.Backend, error) {
	began := time.Now()
	b, err := m.route.Wait(ctx)
	if err == nil && m.admitted != nil {
		m.admitted(ctx, b.Build(), time.Since(began))
	}
	return b, err
}

// ServeHTTP leads r to the program, once it is current.
func (h *Hop) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(w, r) }

// SetState is as [Front.SetState].
func (h *Hop) SetState(state inspect.State, build *inspect.Build, detail string) {
	h.gate.Set(state, build, detail)
}

// Reset is as [Front.Reset].
func (h *Hop) Reset(build int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.build, h.public = build, ""
	if !h.options.Old {
		h.gate.reset()
	}
}

// SetBackend says that the program, which believes to listen at public, does so at
// target. The first address of a process is the one that requests go to.
func (h *Hop) SetBackend(public, target string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.public != "" && h.public != public {
		return nil
	}
	b, err := proxy.NewBackend(target, h.build)
	if err != nil {
		return err
	}
	h.public = public
	h.gate.setBackend(hopRoute, b)
	return nil
}

// Drain is as [Front.Drain].
func (h *Hop) Drain(ctx context.Context) error {
	h.mu.Lock()
	switch {
	case !h.options.Old:
		h.gate.drain()
	case h.public == "":
		h.gate.setBackend(hopRoute, nil)
	}
	h.mu.Unlock()
	return h.proxy.Drain(ctx, h.gate.leadsTo)
}

// Close answers held requests and ends upgraded connections. Requests under way are the
// server's to end.
func (h *Hop) Close() {
	h.gate.Set(inspect.StateStopped, nil, "pastedev is closing")
	h.proxy.Close()
	h.gate.reset()
}
