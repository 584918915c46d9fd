package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"syscall"

	"github.com/pastedev/pastedev/inspect"
)

// Recorder takes the events of exchanges. Publish must not block.
type Recorder interface {
	Publish(inspect.Event)
}

// Route leads the requests of one listener to the target.
type Route interface {
	// Wait returns the backend to send to, after waiting for a current one. Its error
	// says why there is none, and reaches [Options.Fail].
	Wait(ctx context.Context) (*Backend, error)
	// Open reports whether Wait would give b at once.
	Open(b *Backend) bool
	// Replaced waits a moment for word that b is on its way out, and reports whether
	// it came. The proxy calls it when b has broken a connection.
	Replaced(ctx context.Context, b *Backend) bool
}

// Options configure a [Proxy]. The zero value forwards without recording.
type Options struct {
	Record Recorder // nil records nothing
	// Prepare may change the header of a request on its way to the target, unless one
	// side wants nothing changed. nil changes nothing.
	Prepare func(out *http.Request)
	// Filter may change a response on its way to the client, its Body included; it
	// reports whether it added our script. The record holds the target's own bytes.
	// It must not keep or change req. nil changes nothing.
	Filter func(id inspect.ID, req *http.Request, res *http.Response) (injected bool)
	// Fail answers a request that the target did not: err is the Route's or an
	// [*UnreachableError]. nil answers with the words of err and status 502.
	Fail func(w http.ResponseWriter, r *http.Request, id inspect.ID, err error)
	// Lingers reports whether the client of r still waits for the answer, although its
	// connection has ended for reading: it may have closed its sending side only. It is
	// asked after r's context has ended, again and again. nil takes it for gone.
	Lingers func(r *http.Request) bool
	// Inside is set when the target has pastedev's agent in it, which is then told of
	// each exchange. It is called when the agent has something to report of one, before
	// the answer goes out. nil: the target has none.
	Inside func(id inspect.ID)
	// Failed reports whether the target has failed in that exchange, so that it must not be
	// sent again. It may wait a moment for word of it. nil: nothing is known.
	Failed func(ctx context.Context, id inspect.ID) bool
	// ID names the exchange of a request that has one already. nil, or "": it gets a new one.
	ID          func(r *http.Request) inspect.ID
	BodyLimit   int64 // bytes of a body kept in the record; 0 means DefaultBodyLimit, below 0 none
	NoForwarded bool  // do not send X-Forwarded-For, -Host and -Proto
	NoHeaders   bool  // add no header to requests and responses, those neither
}

// Proxy forwards and records. It is safe for concurrent use.
type Proxy struct {
	options Options
	budget  budget
	ids     ids
	pages   pages
	flight  flight
	splices splicer
	cancels cancels
	closing context.Context // ends with Close
	close   context.CancelFunc
}

// New returns a proxy.
func New(o Options) *Proxy {
	p := &Proxy{options: o}
	p.closing, p.close = context.WithCancel(context.Background())
	return p
}

// UnreachableError says that the target could not be reached or broke the connection
// before its answer.
type UnreachableError struct {
	Err  error
	Sent bool // the target may have got the request, and it must not be repeated
}

func (e *UnreachableError) Error() string {
	if e.Sent {
		return e.Err.Error() + " (the request was not sent again: the program may have carried it out)"
	}
	return e.Err.Error()
}

func (e *UnreachableError) Unwrap() error { return e.Err }

func (p *Proxy) publish(e inspect.Event) {
	if p.options.Record != nil {
		p.options.Record.Publish(e)
	}
}

func (p *Proxy) bodyLimit() int64 {
	if p.options.BodyLimit == 0 {
		return DefaultBodyLimit
	}
	return max(p.options.BodyLimit, 0)
}

// Handler forwards requests along route.
func (p *Proxy) Handler(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			w.Header().Set("Connection", "close")
			http.Error(w, "CONNECT is refused: pastedev stands before one program and is no proxy to other hosts", http.StatusMethodNotAllowed)
			return
		}
		if _, abort := p.serve(w, r, route, replayed{}); abort {
			panic(http.ErrAbortHandler)
		}
	})
}

// serve carries one request through. When abort is set the client must not take the
// answer for complete.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, route Route, of replayed) (id inspect.ID, abort bool) {
	x := p.begin(r, of)
	defer x.finish(r)
	c := &carriage{exchange: x, w: w, r: r, route: route}
	defer c.follow()()
	defer c.cancellable()()
	defer c.count(nil, stageNone)
	return x.rec.ID, c.run()
}

// carriage is the way of one request to the target and back.
type carriage struct {
	*exchange
	w     http.ResponseWriter
	r     *http.Request
	ctx   context.Context // ends when the client is gone, or by cancel
	route Route
	body  *teeReader // nil without a request body
	stage stage
	at    *Backend // where it counts as stage

	cancel context.CancelCauseFunc
}

// count changes what the exchange counts as, and where.
func (c *carriage) count(b *Backend, s stage) {
	if b != c.at {
		c.stage = c.proxy.flight.move(c.at, c.stage, stageNone)
		c.at = b
	}
	c.stage = c.proxy.flight.move(b, c.stage, s)
}

func (c *carriage) run() (abort bool) {
	if c.r.Body != nil && c.r.Body != http.NoBody {
		c.body = &teeReader{ReadCloser: c.r.Body, to: &c.req}
		if c.r.ProtoMajor == 1 {
			// The target may answer while it reads. Writers that cannot do this are
			// in-process ones, which have no connection to stall.
			_ = http.NewResponseController(c.w).EnableFullDuplex()
		}
	}
	b, err := c.admit()
	if err != nil {
		return c.refuse(err)
	}
	res, err := c.send(b)
	if err != nil {
		return c.refuse(err)
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		return c.upgrade(res)
	}
	return c.respond(res)
}

// admit waits at the gate. The request is counted before the gate is asked a second
// time: whoever closes the gate and then drains sees either this request counted, or
// this request sees the gate closed.
func (c *carriage) admit() (*Backend, error) {
	for {
		b, err := c.route.Wait(c.ctx)
		if err != nil {
			return nil, err
		}
		if !repeatable(c.r) {
			c.count(b, stageUnsafe)
		}
		if c.route.Open(b) {
			c.rec.Timing.Held = between(c.start, now())
			c.rec.Build = b.build
			return b, nil
		}
		c.count(nil, stageNone)
	}
}

// repeatable reports whether r may be sent twice: its method is idempotent (RFC 9110,
// 9.2.2) and it has no body, which would be gone after the first time.
func repeatable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return r.Body == nil || r.Body == http.NoBody
	}
	return false
}

// maxSendings bounds how often a request is sent: each time but the first the process
// was replaced amid the request, which a burst of saves may do a few times.
const maxSendings = 10

// send sends the request and waits for the head of the answer. A request that the
// process on its way out has left without one byte of an answer is sent again, to its
// successor, if it is repeatable or has not reached the old one at all. One that met
// the end of a kept connection is sent again, to the same process, if it is repeatable
// and the process is not known to have failed over it.
func (c *carriage) send(b *Backend) (*http.Response, error) {
	for n := 1; ; n++ {
		in := &interim{w: c.w, muted: !c.r.ProtoAtLeast(1, 1)}
		out := c.outgoing(b)
		res, err := b.roundTrip(out.WithContext(c.trace(c.ctx, in)), c.r.ProtoMajor)
		in.stop()
		if err == nil {
			c.count(b, stageAnswering)
			return res, nil
		}
		unsent := dialFailed(err) && c.req.count() == 0
		broken := &UnreachableError{Err: err, Sent: !unsent && !repeatable(c.r)}
		if n == maxSendings || c.answered() || broken.Sent || c.ctx.Err() != nil || !unsent && c.failed() {
			return nil, broken
		}
		if !unsent && c.keptConnection() {
			continue
		}
		if !c.route.Replaced(c.ctx, b) {
			return nil, broken
		}
		c.count(nil, stageNone)
		if b, err = c.admit(); err != nil {
			return nil, err
		}
	}
}

// failed reports whether the target has failed over this request.
func (c *carriage) failed() bool {
	return c.proxy.options.Failed != nil && c.proxy.options.Failed(c.ctx, c.rec.ID)
}

func dialFailed(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// refuse answers in place of the target.
func (c *carriage) refuse(err error) (abort bool) {
	rec := c.rec
	if c.rec.Timing.Held == 0 && c.rec.Build == 0 {
		c.rec.Timing.Held = between(c.start, now())
	}
	if c.ctx.Err() != nil {
		rec.Error = cancelled(c.ctx, "client went away before an answer")
		return true
	}
	rec.ResponseFrom = inspect.FromPastedev
	w := &recordingWriter{ResponseWriter: c.w, to: &c.res}
	if bad := c.bodyError(); bad != nil {
		rec.Error = fmt.Sprintf("read request body: %v", bad)
		w.Header().Set("Connection", "close")
		http.Error(w, "pastedev: "+rec.Error, http.StatusBadRequest)
	} else {
		rec.Error = InWords(err)
		c.proxy.fail(w, c.r, rec.ID, err)
	}
	rec.Status = w.status
	rec.Response = inspect.Message{Proto: c.r.Proto, Header: inspect.Header(w.Header().Clone())}
	rec.ContentType = w.Header().Get("Content-Type")
	return false
}

func (c *carriage) bodyError() error {
	if c.body == nil {
		return nil
	}
	return c.body.failed()
}

func (p *Proxy) fail(w http.ResponseWriter, r *http.Request, id inspect.ID, err error) {
	if p.options.Fail != nil {
		p.options.Fail(w, r, id, err)
		return
	}
	http.Error(w, "pastedev: "+err.Error(), http.StatusBadGateway)
}

// InWords is what a record says of a request that failed with err: "EOF" tells nobody anything in a list of requests.
func InWords(err error) string {
	u, ok := errors.AsType[*UnreachableError](err)
	if !ok || !hungUp(err) {
		return err.Error()
	}
	said := UnreachableError{Err: errors.New("the program ended the connection without an answer"), Sent: u.Sent}
	return said.Error()
}

// hungUp reports whether err is one of the forms in which a closed connection shows. Which
// depends on whether it was read from or written to when the end came.
func hungUp(err error) bool {
	return slices.ContainsFunc([]error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE},
		func(form error) bool { return errors.Is(err, form) })
}

// recordingWriter keeps what is answered in place of the target.
type recordingWriter struct {
	http.ResponseWriter
	to     *capture
	status int
}

func (w *recordingWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recordingWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.to.write(p)
	return w.ResponseWriter.Write(p)
}

// Unwrap gives [http.ResponseController] the writer below.
func (w *recordingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
