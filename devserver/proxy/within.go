package proxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// Sub names a request that an exchange makes of its own server while it is answered: for
// a part of its answer, or for the answer in its place.
type Sub struct {
	ID        inspect.ID // of the new exchange
	Parent    inspect.ID // whose sub-request it is
	Via       inspect.Via
	Rehearsal bool // as of the parent
}

// Within has next answer r, in this process, and records that as an exchange of its own,
// with as much of the bodies as of any. Nothing of it shows in the parent's record or in
// the header by which a page learns its exchanges. It belongs to no page: the parent does.
// Cancel ends it by itself, as far as its handlers follow their context.
func (p *Proxy) Within(w http.ResponseWriter, r *http.Request, sub Sub, next http.Handler) {
	x := &within{proxy: p, start: time.Now()}
	x.req = capture{budget: &p.budget, limit: p.bodyLimit()}
	x.res = capture{budget: &p.budget, limit: p.bodyLimit()}
	x.rec = &inspect.Exchange{ResponseFrom: inspect.FromTarget}
	x.rec.Summary = inspect.Summary{
		ID: sub.ID, Parent: sub.Parent, Via: sub.Via, Rehearsal: sub.Rehearsal, Kind: inspect.KindHTTP, Method: r.Method, URL: absoluteURL(r),
		Host: r.Host, Path: r.URL.Path, Proto: r.Proto, Start: x.start, InFlight: true,
	}
	x.rec.Request = inspect.Message{Proto: r.Proto, Header: header(r.Header)} // handlers change it
	p.publish(inspect.ExchangeStarted{Exchange: x.rec.Summary})
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer p.cancels.enter(sub.ID, func() { cancel(errCancelled) })()
	if r = r.WithContext(ctx); r.Body != nil && r.Body != http.NoBody {
		r.Body = &teeReader{ReadCloser: r.Body, to: &x.req}
	}
	tee := httpx.NewTee(w, func(status int, h http.Header) io.Writer { return x.head(r.Method, status, h) })
	returned := false
	defer func() { x.finish(r, returned) }()
	next.ServeHTTP(tee, r)
	tee.Finish()
	returned = true
}

// within is a sub-request on its way.
type within struct {
	proxy    *Proxy
	rec      *inspect.Exchange
	start    time.Time
	first    time.Time // of the answer's head; zero before
	req, res capture
}

// head takes down the head of the answer, and returns what sees its body.
func (x *within) head(method string, status int, h http.Header) io.Writer {
	x.first = time.Now()
	if values, ok := h[agent.HeaderSums]; ok && x.proxy.options.Inside != nil {
		delete(h, agent.HeaderSums) // the parent must not take them for its own
		if parseSums(values[0]) != (inspect.Sums{}) {
			x.proxy.options.Inside(x.rec.ID)
		}
	}
	x.rec.Status, x.rec.ContentType = status, h.Get("Content-Type")
	x.rec.Response = inspect.Message{Proto: x.rec.Proto, Header: header(h)}
	if status >= http.StatusInternalServerError {
		x.res.keepAlways()
	}
	if method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified {
		return nil // what is written is not sent
	}
	return seen{&x.res}
}

// seen is a writer to a capture.
type seen struct{ *capture }

func (s seen) Write(p []byte) (int, error) {
	s.write(p)
	return len(p), nil
}

// finish closes the record. returned is false if the handler panicked.
func (x *within) finish(r *http.Request, returned bool) {
	end, rec := time.Now(), x.rec
	rec.InFlight = false
	rec.Duration = inspect.Millis(end.Sub(x.start))
	rec.Request.Body, rec.Response.Body = x.req.body(), x.res.body()
	rec.RequestSize, rec.ResponseSize = rec.Request.Body.Size, rec.Response.Body.Size
	rec.Timing = inspect.Timing{Total: rec.Duration, Wait: between(x.start, x.first), Receive: between(x.first, end)}
	switch {
	case !returned:
		rec.Error = fmt.Sprintf("the handler broke off after %d bytes", rec.ResponseSize)
	case r.Context().Err() != nil:
		rec.Error = cancelled(r.Context(), fmt.Sprintf("nobody took the answer after %d bytes", rec.ResponseSize))
	}
	x.proxy.publish(inspect.ExchangeFinished{Exchange: rec})
}
