package proxy

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// exchange is a request on its way. One goroutine owns it; only marks and captures
// are touched by the transport's goroutines.
type exchange struct {
	proxy *Proxy
	rec   *inspect.Exchange
	start time.Time
	req   capture
	res   capture
	plain bool         // "X-Pastedev: off": nothing is added
	sums  inspect.Sums // what the agent had counted when the answer began

	mu    sync.Mutex
	marks marks
}

// marks are the moments of the last attempt to send the request.
type marks struct {
	dial, dialed, conn, sent, first time.Time
	reused                          bool
}

// begin opens the record of r and tells the feed.
func (p *Proxy) begin(r *http.Request, of replayed) *exchange {
	x := &exchange{proxy: p, start: time.Now(), rec: new(inspect.Exchange)}
	x.req = capture{budget: &p.budget, limit: p.bodyLimit()}
	x.res = capture{budget: &p.budget, limit: p.bodyLimit()}
	x.plain = r.Header.Get("X-Pastedev") == "off"
	x.rec.Summary = inspect.Summary{
		ID: p.nameOf(r), Kind: kindOf(r), Method: r.Method, URL: absoluteURL(r), Host: r.Host,
		Path: r.URL.Path, Proto: r.Proto, Start: x.start, InFlight: true, Client: r.RemoteAddr,
		Page: p.pages.find(r), ReplayOf: of.id, Rehearsal: of.rehearsal,
	}
	x.rec.Request = inspect.Message{Proto: r.Proto, Header: inspect.Header(r.Header)}
	p.flight.begin()
	p.publish(inspect.ExchangeStarted{Exchange: x.rec.Summary})
	return x
}

// nameOf returns the id of r's exchange.
func (p *Proxy) nameOf(r *http.Request) inspect.ID {
	if p.options.ID != nil {
		if id := p.options.ID(r); id != "" {
			return id
		}
	}
	return p.ids.choose(r.Header)
}

// schemeOf returns the scheme of the URL that the client asked for.
func schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

func absoluteURL(r *http.Request) string {
	if r.URL.IsAbs() {
		return r.URL.String()
	}
	return schemeOf(r) + "://" + r.Host + r.RequestURI
}

// finish closes the record and hands it to the feed. Nothing may change the record
// or what it points to afterwards.
func (x *exchange) finish(r *http.Request) {
	end := time.Now()
	rec := x.rec
	rec.InFlight = false
	rec.Duration = inspect.Millis(end.Sub(x.start))
	rec.Request.Body, rec.Response.Body = x.req.body(), x.res.body()
	rec.RequestSize, rec.ResponseSize = rec.Request.Body.Size, rec.Response.Body.Size
	if len(r.Trailer) > 0 {
		rec.Request.Trailer = inspect.Header(r.Trailer.Clone())
	}
	x.mu.Lock()
	rec.Timing = x.marks.timing(rec.Timing.Held, x.start, end)
	x.mu.Unlock()
	x.proxy.flight.end()
	x.proxy.publish(inspect.ExchangeFinished{Exchange: rec})
}

func (m marks) timing(held inspect.Millis, start, end time.Time) inspect.Timing {
	t := inspect.Timing{Held: held, Total: inspect.Millis(end.Sub(start)), ReusedConn: m.reused}
	t.Connect = between(m.dial, m.dialed)
	t.Send = between(m.conn, m.sent)
	if m.first.Before(m.sent) { // answered before the request was complete
		t.Wait = between(m.conn, m.first)
		t.Send = 0
	} else {
		t.Wait = between(m.sent, m.first)
	}
	if !m.first.IsZero() {
		t.Receive = between(m.first, end)
	}
	return t
}

func between(from, to time.Time) inspect.Millis {
	if from.IsZero() || to.Before(from) {
		return 0
	}
	return inspect.Millis(to.Sub(from))
}

// mark notes a moment.
func (x *exchange) mark(set func(*marks, time.Time)) {
	now := time.Now()
	x.mu.Lock()
	set(&x.marks, now)
	x.mu.Unlock()
}

// answered reports whether a byte of the response has come.
func (x *exchange) answered() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return !x.marks.first.IsZero()
}

// trace returns ctx with the clock hooks of one attempt.
func (x *exchange) trace(ctx context.Context, in *interim) context.Context {
	x.mark(func(m *marks, _ time.Time) { *m = marks{} })
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectStart: func(string, string) { x.mark(func(m *marks, t time.Time) { m.dial = t }) },
		ConnectDone:  func(string, string, error) { x.mark(func(m *marks, t time.Time) { m.dialed = t }) },
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			x.mark(func(m *marks, t time.Time) { m.dialed = t })
		},
		GotConn: func(i httptrace.GotConnInfo) {
			x.mark(func(m *marks, t time.Time) { m.conn, m.reused = t, i.Reused })
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { x.mark(func(m *marks, t time.Time) { m.sent = t }) },
		GotFirstResponseByte: func() { x.mark(func(m *marks, t time.Time) { m.first = t }) },
		Got1xxResponse:       in.forward,
	})
}

// keptConnection reports whether the last attempt went over a connection that had
// carried other requests.
func (x *exchange) keptConnection() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.marks.reused
}

// serverTiming is the header by which a page learns the ids of its exchanges.
// https://www.w3.org/TR/server-timing/
func (x *exchange) serverTiming() string {
	ms := float64(time.Since(x.start)) / float64(time.Millisecond)
	b := make([]byte, 0, 160)
	b = append(b, `pastedev;desc="`...)
	b = append(b, x.rec.ID...)
	b = append(b, `";dur=`...)
	return string(appendSums(strconv.AppendFloat(b, ms, 'f', 2, 64), x.sums))
}
