package http

import (
	"bytes"
	"context"
	agent "internal/syscall" // pastedev puts it there
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// This file joins package http in a build made by pastedev. While a profile or the
// flight recorder runs, it marks the work of each exchange.

const (
	// pastedevFlightMB is the size of the recorder's window when pastedev names none, and
	// pastedevFlightMax the largest that it may name.
	pastedevFlightMB  = 8
	pastedevFlightMax = 256
	// pastedevFlightAge is how far the window reaches back, if its size allows.
	pastedevFlightAge = 30 * time.Second
)

// pastedevFlight is our flight recorder. There can be one in a program.
var pastedevFlight struct {
	on   atomic.Bool
	ours atomic.Pointer[trace.FlightRecorder] // that runs, or is about to

	mu    sync.Mutex
	now   *trace.FlightRecorder // nil: none
	taken bool                  // the program has begun one of its own
}

func init() { trace.PastedevYield = pastedevYield }

// pastedevYield ends our flight recorder when the program starts one of its own.
func pastedevYield(starting *trace.FlightRecorder) {
	f := &pastedevFlight
	if starting == f.ours.Load() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken = f.now != nil
	pastedevEndFlight()
}

// pastedevEndFlight ends our flight recorder, if it runs. The lock is held.
func pastedevEndFlight() {
	if f := &pastedevFlight; f.now != nil {
		f.on.Store(false)
		f.now.Stop()
		f.now = nil
		f.ours.Store(nil)
	}
}

// A pastedevMark is what is to be undone after the handler.
type pastedevMark struct {
	labelled bool
	labels   pprof.PastedevLabels
	logged   string // the exchange that the trace says has begun
}

// pastedevProfile marks the goroutine that is about to serve req, and its context. The
// context is set in place: a copy would take what the program does to its request out
// of the server's sight.
func pastedevProfile(req *Request) (m pastedevMark) {
	labels, flight := pprof.PastedevLabelling(), pastedevFlight.on.Load()
	if !labels && !flight {
		return m
	}
	id := agent.ExchangeID(req.Header[agent.HeaderExchange])
	if id == "" || !agent.Active() {
		return m
	}
	if labels {
		m.labelled = true
		req.ctx, m.labels = pprof.PastedevMark(req.Context(), id)
	}
	if flight {
		m.logged = id
		trace.Log(context.Background(), "pastedev", "begin "+id)
	}
	return m
}

// end undoes what pastedevProfile did, also during a panic.
func (m *pastedevMark) end() {
	if m.labelled {
		m.labels.Restore()
	}
	if m.logged != "" {
		trace.Log(context.Background(), "pastedev", "end "+m.logged)
	}
}

func pastedevSwitchFlight(a *pastedevAsked) ([]byte, error) {
	mb := pastedevFlightMB
	if s := a.req.URL.Query().Get("mb"); s != "" {
		var err error
		if mb, err = strconv.Atoi(s); err != nil || mb < 1 || mb > pastedevFlightMax {
			return nil, &pastedevRefusal{StatusBadRequest, "mb is not between 1 and " + strconv.Itoa(pastedevFlightMax)}
		}
	}
	f := &pastedevFlight
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken = false
	pastedevEndFlight()
	if !a.on {
		return nil, nil
	}
	r := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: pastedevFlightAge, MaxBytes: uint64(mb) << 20})
	f.ours.Store(r)
	if err := r.Start(); err != nil {
		f.ours.Store(nil)
		return nil, err
	}
	f.now = r
	f.on.Store(true)
	return nil, nil
}

func pastedevSnapshot(*pastedevAsked) ([]byte, error) {
	f := &pastedevFlight
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.taken:
		return nil, &pastedevRefusal{StatusConflict, "the program started a flight recorder of its own, which ended this one"}
	case f.now == nil:
		return nil, &pastedevRefusal{StatusConflict, "the flight recorder is not running"}
	}
	var out bytes.Buffer
	_, err := f.now.WriteTo(&out)
	return out.Bytes(), err
}
