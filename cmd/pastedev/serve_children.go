package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/errordoc"
	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/devserver/recursive"
	"github.com/pastedev/pastedev/inspect"
)

// viaKey is the context key of the inspect.Via of a request that is forwarded.
type viaKey struct{}

// recorded makes an exchange of each sub-request that next answers. Of every exchange it
// says when next is done with it: nobody waits for what a file has to tell.
func (v *serving) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, sub := recursive.From(r.Context())
		if !sub {
			defer v.over(noteOf(r.Context()))
			next.ServeHTTP(w, r)
			return
		}
		n := v.descend(noteOf(d.Parent.Context()))
		r = r.WithContext(context.WithValue(r.Context(), noteKey{}, n))
		v.s.front.Within(w, r, proxy.Sub{ID: n.id, Parent: n.parent.id, Via: viaOf(d), Rehearsal: n.rehearsal},
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer v.over(n)
				next.ServeHTTP(w, r)
			}))
	})
}

// viaOf says why there is a sub-request.
func viaOf(d recursive.Descent) inspect.Via {
	ctx := d.Parent.Context()
	if via, ok := ctx.Value(viaKey{}).(inspect.Via); ok && !d.Included {
		return via
	}
	_, page := errordoc.From(ctx)
	switch {
	case page:
		return inspect.ViaError
	case d.Included:
		return inspect.ViaInclude
	}
	return inspect.ViaForward
}

// layerLog takes what the layers have to say of a request into its record, and shows each
// text once for each set-up: a page that is missing is missed by every request.
type layerLog struct {
	v *serving

	mu    sync.Mutex
	shown map[string]bool
}

// maxShownOnce bounds what layerLog remembers; whatever comes beyond it is in the records.
const maxShownOnce = 100

// Enabled implements [slog.Handler].
func (l *layerLog) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements [slog.Handler]; the layers have none.
func (l *layerLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements [slog.Handler]; the layers have none.
func (l *layerLog) WithGroup(string) slog.Handler { return l }

// Handle implements [slog.Handler].
func (l *layerLog) Handle(ctx context.Context, r slog.Record) error {
	var about strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "stack" && a.Key != "for" { // the record is about that request
			fmt.Fprintf(&about, " %s=%v", a.Key, a.Value)
		}
		return true
	})
	text := oneLine(r.Message + ":" + about.String())
	if n := noteOf(ctx); n.id != "" {
		l.v.s.gather.Output(inspect.Output{Time: time.Now(), Stream: inspect.Pastedev, Text: text, Exchange: n.id})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.shown[text] && len(l.shown) < maxShownOnce {
		if l.shown == nil {
			l.shown = map[string]bool{}
		}
		l.shown[text] = true
		l.v.s.notice(text)
	}
	return nil
}
