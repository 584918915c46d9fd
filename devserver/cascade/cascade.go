// Package cascade tries handlers in turn until one of them has an answer: static files
// first and then the app, local overrides and else the upstream.
//
//	c, err := cascade.New(static, app)
//	http.ListenAndServe("127.0.0.1:8080", c)
//
// A handler that answers with a status in Catch, 404 unless told otherwise, has lost, and
// the next is asked; the answer of the last counts whatever it is. The winner is decided
// by its status and streams live from there on, with its 1xx and trailers; upgrades work.
// A loser leaves no trace: its header and body go nowhere, and each handler gets a request
// of its own with the body from its beginning, which is kept as far as a loser read it, in
// memory at first and then in a temporary file, see [httpx.Spool].
//
// The package never buffers a response and never reads a request's body unless a handler
// does. What it cannot take back is what a loser does to the connection through an
// [http.ResponseController], such as a deadline.
//
// In Paste this is paste.cascade, with these differences: a body of unknown length is
// kept too, any status can be caught, and a cascade of nothing is an error at once.
package cascade

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// Cascade tries handlers in turn. Its fields are set before it serves. [New] makes one; the
// zero value has no handlers and answers 404.
type Cascade struct {
	// Catch lists the statuses with which a handler loses; empty means 404 alone.
	Catch []int
	// Memory is how much of a request's body is kept in memory, in bytes; 0 means
	// httpx.SpoolMemory. What a loser read beyond it is kept in a temporary file.
	Memory int64
	// Limit is how much of a request's body losers may read, in bytes; 0 means
	// httpx.SpoolLimit. Reading beyond it fails with an *http.MaxBytesError.
	Limit int64
	// Lost, if not nil, is told of each loser when it has returned: its place among the
	// handlers, from 0, and the status it lost with.
	Lost func(r *http.Request, handler, status int)

	handlers []http.Handler
}

// New returns a cascade of handlers, in the order in which they are asked. At least one
// is needed, and none may be nil.
func New(handlers ...http.Handler) (*Cascade, error) {
	if len(handlers) == 0 {
		return nil, errors.New("cascade: no handlers\nhint: name at least one; its answer counts if all others have none")
	}
	if i := slices.Index(handlers, nil); i >= 0 {
		return nil, fmt.Errorf("cascade: handler %d of %d is nil", i+1, len(handlers))
	}
	return &Cascade{handlers: slices.Clone(handlers)}, nil
}

func (c *Cascade) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	last := len(c.handlers) - 1
	if last < 0 {
		httpx.Refusal{Status: http.StatusNotFound, Detail: "no handlers are tried here"}.Send(w, r)
		return
	}
	if last == 0 {
		c.handlers[0].ServeHTTP(w, r)
		return
	}
	var spool *httpx.Spool
	if r.Body != nil && r.Body != http.NoBody {
		spool = httpx.NewSpool(r.Body, c.Memory, c.Limit)
		defer func() { _ = spool.Close() }() // a file left behind is in the directory for such
	}
	for i, h := range c.handlers[:last] {
		if r.Context().Err() != nil {
			return // nobody waits for an answer
		}
		status, won := c.try(w, r, h, spool)
		if won {
			return
		}
		if c.Lost != nil {
			c.Lost(r, i, status)
		}
	}
	if spool != nil {
		own := r.WithContext(r.Context()) // a copy, for its Body
		own.Body = &body{spool.Last(), r, own}
		defer removeForm(r, own)
		r = own
	}
	c.handlers[last].ServeHTTP(w, r)
}

// try asks a handler that may lose. If it does, w is as it was, and the status that it
// lost with is returned.
func (c *Cascade) try(w http.ResponseWriter, r *http.Request, h http.Handler, spool *httpx.Spool) (status int, won bool) {
	cw := httpx.NewCapture(w, func(status int, _ http.Header) io.Writer {
		if c.caught(status) {
			return io.Discard
		}
		if spool != nil {
			spool.Release() // nobody will read again what the winner reads
		}
		return nil
	})
	own := r.Clone(r.Context())
	if spool != nil {
		body := &body{spool.Reader(), r, own}
		defer func() { _ = body.Close() }() // no loser reads on beside the next
		own.Body = body
	}
	defer removeForm(r, own)
	if status = c.serve(h, cw, own); status == 0 {
		cw.Finish()
		if !cw.Captured() {
			return 0, true
		}
		status = cw.Status()
	}
	cw.Restore()
	return status, false
}

// serve calls the handler. It returns the status of a panic that is caught, and 0 if
// the handler returned; any other panic goes its way.
func (c *Cascade) serve(h http.Handler, w *httpx.Capture, r *http.Request) (status int) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		status = statusOf(v)
		if won := w.Status() != 0 && !w.Captured(); won || status == 0 || !c.caught(status) {
			panic(v)
		}
	}()
	h.ServeHTTP(w, r)
	return 0
}

func (c *Cascade) caught(status int) bool {
	if len(c.Catch) == 0 {
		return status == http.StatusNotFound
	}
	return slices.Contains(c.Catch, status)
}

// statusOf returns the HTTP status that a panic's value names, or 0.
func statusOf(v any) int {
	type coder interface{ StatusCode() int }
	if err, ok := v.(error); ok {
		if e := coder(nil); errors.As(err, &e) {
			return e.StatusCode()
		}
	}
	if e, ok := v.(coder); ok {
		return e.StatusCode()
	}
	return 0
}

// removeForm removes the files of the form that a handler parsed from its own request;
// the server does so for the request that it made and for no copy.
func removeForm(made, own *http.Request) {
	if made.MultipartForm == nil && own.MultipartForm != nil {
		_ = own.MultipartForm.RemoveAll() // what is left is in the directory for such
	}
}

// body is one handler's reading of the request's body. The server puts the trailer into
// the request that it made; at the end of the body it is copied to the handler's own.
type body struct {
	io.ReadCloser
	made, own *http.Request
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && len(b.made.Trailer) > 0 {
		b.own.Trailer = b.made.Trailer.Clone()
	}
	return n, err
}
