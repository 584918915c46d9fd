package control

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/pastedev/pastedev/inspect"
)

// Limits of what one answer holds.
const (
	defaultListLimit   = 100
	maxListLimit       = 1000
	defaultBuildLimit  = 50
	maxBuildLimit      = 500
	defaultOutputLimit = 1000
	maxOutputLimit     = 5000
	defaultTraceLimit  = 100
	maxTraceLimit      = 500

	defaultProfileLimit = 50
	maxProfileLimit     = 500
	defaultTop          = 50
	maxTop              = 10_000
)

// api is the handler of /api/v1/. It trusts its caller to have checked who asks.
type api struct {
	svc     *Service
	mux     *http.ServeMux
	routes  []string
	streams atomic.Int32 // event streams that are open
	pprof   pprofUI
}

func newAPI(svc *Service) *api {
	a := &api{svc: svc, mux: http.NewServeMux()}
	a.get("status", a.status)
	a.get("exchanges", a.exchanges)
	a.get("exchanges/{id}", a.exchange)
	a.get("exchanges/{id}/request/body", a.requestBody)
	a.get("exchanges/{id}/response/body", a.responseBody)
	a.get("exchanges/{id}/pretty", a.pretty)
	a.get("exchanges/{id}/curl", a.curl)
	a.get("exchanges/{id}/credentials", a.credentials)
	a.get("builds", a.builds)
	a.get("outputs", a.outputs)
	a.get("traces", a.traces)
	a.get("traces/{ref}", a.trace)
	a.get("traces/{ref}/text", a.traceText)
	a.get("traces/{ref}/markdown", a.traceMarkdown)
	a.get("traces/{ref}/page", a.tracePage)
	a.mux.HandleFunc("GET /api/v1/events", a.events)
	a.routes = append(a.routes, "GET /api/v1/events")
	a.post("replay", a.replay)
	a.post("restart", a.restart)
	a.post("clear", a.clear)
	a.post("eval", a.eval)
	a.profileRoutes()
	a.sessionRoutes()
	a.mux.HandleFunc("GET /api/v1/{$}", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"version": 1, "routes": a.routes})
	})
	a.mux.HandleFunc("/", a.unknown)
	return a
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// get adds a route whose handler returns what is sent as JSON; nil for one that has
// answered by itself.
func (a *api) get(path string, h func(w http.ResponseWriter, r *http.Request) (any, error)) {
	a.handle("GET /api/v1/"+path, h)
}

func (a *api) post(path string, h func(w http.ResponseWriter, r *http.Request) (any, error)) {
	a.handle("POST /api/v1/"+path, h)
}

func (a *api) handle(pattern string, h func(w http.ResponseWriter, r *http.Request) (any, error)) {
	a.routes = append(a.routes, pattern)
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v, err := h(w, r)
		switch {
		case err != nil:
			writeError(w, err)
		case v != nil:
			writeJSON(w, v)
		}
	})
}

// unknown answers a path that no route has, or a route's path with another method.
func (a *api) unknown(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		probe := *r
		probe.Method = method
		if _, pattern := a.mux.Handler(&probe); pattern != "/" {
			w.Header().Set("Allow", method)
			writeProblem(w, newProblem(http.StatusMethodNotAllowed, r.URL.Path+" takes "+method+", not "+r.Method, ""))
			return
		}
	}
	p := newProblem(http.StatusNotFound, "there is no route "+r.URL.Path, "GET /api/v1/ lists the routes")
	p.Type, p.Routes = "no-route", a.routes
	writeProblem(w, p)
}

func (a *api) status(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.svc.Status(r.Context())
}

func (a *api) exchanges(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	req := inspect.ListRequest{
		Query:  p.get("q"),
		Before: p.num("before", 0, 0, maxInt),
		After:  p.num("after", 0, 0, maxInt),
		Limit:  int(p.num("limit", defaultListLimit, 1, maxListLimit)),
		Oldest: p.flag("oldest"),
		Roots:  p.flag("roots"),
		Open:   p.ids("open"),
	}
	if p.err != nil {
		return nil, p.err
	}
	return a.svc.Exchanges(r.Context(), req)
}

func (a *api) builds(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	limit := int(p.num("limit", defaultBuildLimit, 1, maxBuildLimit))
	if p.err != nil {
		return nil, p.err
	}
	builds, err := a.svc.Builds(r.Context(), limit)
	return items[inspect.Build]{builds}.orEmpty(), err
}

func (a *api) outputs(_ http.ResponseWriter, r *http.Request) (any, error) {
	p := params{values: r.URL.Query()}
	after := p.num("after", 0, 0, maxInt)
	limit := int(p.num("limit", defaultOutputLimit, 1, maxOutputLimit))
	if p.err != nil {
		return nil, p.err
	}
	lines, err := a.svc.Outputs(r.Context(), after, limit)
	return items[inspect.Output]{lines}.orEmpty(), err
}

func (a *api) replay(w http.ResponseWriter, r *http.Request) (any, error) {
	var body struct {
		ID inspect.ID `json:"id"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if body.ID == "" {
		return nil, newProblem(http.StatusBadRequest, `replay needs the id of an exchange`, `send {"id":"..."}`)
	}
	id, err := a.svc.Replay(r.Context(), body.ID)
	if err != nil {
		return nil, err
	}
	return map[string]inspect.ID{"id": id}, nil
}

func (a *api) restart(w http.ResponseWriter, r *http.Request) (any, error) {
	var body struct {
		Mount string `json:"mount"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if err := a.svc.RestartMount(r.Context(), body.Mount); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

func (a *api) clear(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.act(w, r, func() error { return a.svc.Clear(r.Context()) })
}

// act does what a POST without arguments asks for.
func (a *api) act(w http.ResponseWriter, r *http.Request, do func() error) (any, error) {
	if err := readJSON(w, r, &struct{}{}); err != nil {
		return nil, err
	}
	if err := do(); err != nil {
		return nil, err
	}
	return struct{}{}, nil
}

// items is a list that is [] and not null when it is empty.
type items[T any] struct {
	Items []T `json:"items"`
}

func (l items[T]) orEmpty() items[T] {
	if l.Items == nil {
		l.Items = []T{}
	}
	return l
}

const maxInt = 1<<63 - 1

// params reads query parameters and keeps the first error.
type params struct {
	values map[string][]string
	err    error
}

func (p *params) get(name string) string {
	if v := p.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// num returns a whole number within its bounds.
func (p *params) num(name string, missing, low, high int64) int64 {
	s := p.get(name)
	if s == "" {
		return missing
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if (err != nil || n < low || n > high) && p.err == nil {
		hint := fmt.Sprintf("give a whole number of at least %d", low)
		if high != maxInt {
			hint = fmt.Sprintf("give a whole number from %d to %d", low, high)
		}
		p.err = newProblem(http.StatusBadRequest, fmt.Sprintf("the parameter %s is %q", name, s), hint)
	}
	return n
}

// maxOpen bounds the exchanges whose sub-requests a list unfolds: a screen of them.
const maxOpen = 100

// ids returns the ids that a parameter lists between commas.
func (p *params) ids(name string) (list []inspect.ID) {
	if p.get(name) == "" {
		return nil
	}
	for s := range strings.SplitSeq(p.get(name), ",") {
		id := inspect.ID(strings.ToLower(s))
		if !id.Valid() && p.err == nil {
			p.err = newProblem(http.StatusBadRequest, fmt.Sprintf("the parameter %s has %q", name, s), "give whole ids of exchanges, with commas between")
		}
		list = append(list, id)
	}
	if len(list) > maxOpen && p.err == nil {
		p.err = newProblem(http.StatusBadRequest, fmt.Sprintf("the parameter %s has %d ids", name, len(list)), fmt.Sprintf("give at most %d", maxOpen))
	}
	return list
}

func (p *params) flag(name string) bool {
	switch strings.ToLower(p.get(name)) {
	case "", "0", "false":
		return false
	case "1", "true":
		return true
	}
	if p.err == nil {
		p.err = newProblem(http.StatusBadRequest, fmt.Sprintf("the parameter %s is %q", name, p.get(name)), "give 1 or 0")
	}
	return false
}
