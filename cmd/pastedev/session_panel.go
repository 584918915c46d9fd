package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"strconv"

	"github.com/pastedev/pastedev/devserver/inject"
	"github.com/pastedev/pastedev/devserver/panel"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/redact"
	"github.com/pastedev/pastedev/inspect/store"
	"github.com/pastedev/pastedev/reloader"
)

// What the panel asks the session for. It asks while requests come in, so that all parts
// are open by then.

// filter puts the panel's script into pages.
func (s *session) filter(id inspect.ID, req *http.Request, res *http.Response) bool {
	build := int(s.answering.Load())
	if s.target.Kind != reloader.TargetPackage {
		build = 0 // no builds: the panel counts restarts
	}
	return s.injector.Apply(req, res, inject.Tag{Src: s.panel.Src(id, build), Meta: panel.Meta})
}

// panelStatus is the status, masked by the service.
func (s *session) panelStatus() inspect.Status {
	st, _ := s.service.Status(context.Background()) // in this process it does not fail
	return st
}

// lookup finds a summary, masked like everything that leaves.
func (s *session) lookup(_ context.Context, id inspect.ID) (inspect.Summary, error) {
	sum, ok := s.store.Summary(id)
	if !ok {
		return inspect.Summary{}, inspect.ErrNotFound
	}
	return new(redact.Redactor).Summary(sum), nil
}

// insideOf is what the panel shows of an exchange, masked by the service.
func (s *session) insideOf(ctx context.Context, id inspect.ID) (*inspect.Exchange, []inspect.Trace, error) {
	ex, err := s.service.Exchange(ctx, id, false)
	if err != nil {
		return nil, nil, err
	}
	var traces []inspect.Trace
	for _, id := range ex.Traces {
		t, err := s.service.Trace(ctx, strconv.FormatInt(id, 10), false)
		if err != nil {
			continue // retention was quicker
		}
		traces = append(traces, *t)
	}
	return ex, traces, nil
}

// callTreeOf is the call tree that the panel shows, masked by the service.
func (s *session) callTreeOf(ctx context.Context, id inspect.ID) (*inspect.CallTree, error) {
	return s.service.CallTree(ctx, id)
}

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
