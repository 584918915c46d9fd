package devserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
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
	port    int
	gate    *Gate
	proxy   *proxy.Proxy
	handler http.Handler

	asker   asker
	ctx     context.Context // until Close
	cancel  context.CancelFunc
	group   sync.WaitGroup // of choose
	choices sync.Mutex     // one choose at a time

	mu        sync.Mutex
	run       int // counts Reset
	build     int // that the present process runs
	addresses []*address
	leads     *address // that requests go to; nil while they wait
	usual     string   // the address of earlier processes that had several
}

// address is one that the present process listens at.
type address struct {
	public  string // as the process believes
	backend *proxy.Backend
	// The hop's mu guards these.
	speaks protocol
	asked  int // times without an answer
}

// protocol is what is known of an address.
type protocol int

const (
	unknown protocol = iota
	speaksHTTP
	speaksOther
)

// maxAsked is how often an address is asked that takes connections and answers nothing,
// probeWait each time: a program may listen long before it serves.
const maxAsked = 10

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
	// Refused hears of a request that the program did not answer, and why, before the answer
	// goes out. nil: nobody does.
	Refused func(r *http.Request, why string)
	// Port is that of the address that requests go to, where a process listens at several.
	// 0: the first that speaks HTTP.
	Port int
	// What follows is as in [Options].
	AllowHost  []string
	Target     string
	Token      string
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
	}, asker: asker{token: o.Token}, port: o.Port}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.proxy = proxy.New(proxy.Options{
		ID: o.Exchange, Failed: o.Failed, BodyLimit: -1, NoHeaders: true,
		Fail: func(w http.ResponseWriter, r *http.Request, id inspect.ID, err error) {
			if o.Refused != nil {
				o.Refused(r, proxy.InWords(err))
			}
			local := isLoopback(r.RemoteAddr) && hostAllowed(r.Host, "", o.AllowHost)
			h.options.answer(w, r, id, h.explained(err), h.gate, local)
		},
	})
	h.handler = h.proxy.Handler(measured{route{h.gate, hopRoute}, o.Admitted})
	return h
}

// explained says of a request that was held for too long that its port has never been opened.
func (h *Hop) explained(err error) error {
	refusal, ok := errors.AsType[*Refusal](err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !ok || refusal.Failure.Reason != panel.Held || h.port == 0 || h.leads != nil || len(h.addresses) == 0 {
		return err
	}
	var public []string
	for _, a := range h.addresses {
		public = append(public, a.public)
	}
	failure := refusal.Failure
	failure.Detail = fmt.Sprintf("it listens at %s, and not at port %d, which its mount names", strings.Join(public, ", "), h.port)
	return &Refusal{failure}
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
	h.run++
	h.build, h.addresses, h.leads = build, nil, nil
	if !h.options.Old {
		h.gate.reset()
	}
}

// SetBackend says that the program, which believes to listen at public, does so at
// target. Requests go to the first address of a process, until a later one turns out to
// be the one that speaks HTTP.
func (h *Hop) SetBackend(public, target string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := proxy.NewBackend(target, h.build)
	if err != nil {
		return err
	}
	a := &address{public: public, backend: b}
	again := slices.IndexFunc(h.addresses, func(other *address) bool { return other.public == public })
	led := again >= 0 && h.addresses[again] == h.leads
	if again >= 0 { // it was closed meanwhile
		h.addresses[again] = a
	} else {
		h.addresses = append(h.addresses, a)
	}
	switch {
	case h.port != 0 && portOf(public) != 0:
		if portOf(public) == h.port {
			h.lead(a)
		}
	case public == h.usual:
		a.speaks = speaksHTTP // as it did
		h.lead(a)
	case led, h.usual == "" && len(h.addresses) == 1:
		h.lead(a)
	case h.ctx.Err() == nil:
		run := h.run
		h.group.Go(func() { h.choose(run) })
	}
	return nil
}

// lead sends requests to a. The caller holds mu.
func (h *Hop) lead(a *address) {
	h.leads = a
	h.gate.setBackend(hopRoute, a.backend)
}

// choose looks for the address of a process that speaks HTTP, unless requests go to such
// a one already.
func (h *Hop) choose(run int) {
	h.choices.Lock()
	defer h.choices.Unlock()
	for a := h.next(run); a != nil; a = h.next(run) {
		speaks := h.asker.meets(h.ctx, a.backend)
		h.mu.Lock()
		a.speaks = speaks
		a.asked++
		current := run == h.run && slices.Contains(h.addresses, a)
		if current && speaks == speaksHTTP && (h.leads == nil || h.leads.speaks != speaksHTTP) {
			h.usual = a.public
			if h.leads != a {
				h.lead(a)
			}
		}
		h.mu.Unlock()
	}
}

// next returns the address to ask next: one that has been asked least. When there is none,
// and no address speaks HTTP, requests go to the first.
func (h *Hop) next(run int) (least *address) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if run != h.run || h.ctx.Err() != nil {
		return nil
	}
	for _, a := range h.addresses {
		switch {
		case a.speaks == speaksHTTP:
			return nil
		case a.speaks == unknown && a.asked < maxAsked && (least == nil || a.asked < least.asked):
			least = a
		}
	}
	if least == nil && h.leads == nil {
		h.usual = ""
		h.lead(h.addresses[0])
	}
	return least
}

// portOf returns the port of an address; 0 when it has none.
func portOf(public string) int {
	_, port, err := net.SplitHostPort(public)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	return n
}

// Command is as [Front.Command].
func (h *Hop) Command(ctx context.Context, method, path string) (*http.Response, error) {
	return h.asker.command(ctx, h.candidates(), method, path)
}

// candidates returns where the agent may be met.
func (h *Hop) candidates() (c candidates) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.addresses {
		switch a.speaks {
		case speaksHTTP:
			c.heard = append(c.heard, a.backend)
		case unknown:
			c.unheard = append(c.unheard, a.backend)
		default:
			c.spared = true
		}
	}
	return c
}

// Drain is as [Front.Drain].
func (h *Hop) Drain(ctx context.Context) error {
	h.mu.Lock()
	switch {
	case !h.options.Old:
		h.gate.drain()
	case h.leads == nil:
		h.gate.setBackend(hopRoute, nil)
	}
	h.mu.Unlock()
	return h.proxy.Drain(ctx, h.gate.leadsTo)
}

// Close answers held requests and ends upgraded connections. Requests under way are the
// server's to end.
func (h *Hop) Close() {
	h.mu.Lock()
	h.cancel() // choose begins no more
	h.mu.Unlock()
	h.gate.Set(inspect.StateStopped, nil, "pastedev is closing")
	h.proxy.Close()
	h.gate.reset()
	h.group.Wait()
}
