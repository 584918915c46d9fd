package recursive

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
)

// Include returns what path, "/path?query", answers to a GET in the same application. ctx
// is that of the request that includes, or derived from it. The included request has the
// request's cookies, credentials, language and forwarding fields, unless opts say
// otherwise, and no others.
//
// It returns when the answer's head is there; the body is streamed while it is read, and
// the caller closes it, which cancels the rest. It also ends with ctx and with the
// including request. Whatever is answered, also 404 or 405, is no error; the errors are
// [ErrOutside], [ErrEnded], a [*LoopError], a bad path, the end of ctx, and a
// [*PanicError] if the handler panicked. A panic behind the head is an error of the body.
func Include(ctx context.Context, path string, opts ...Option) (*http.Response, error) {
	l := levelOf(ctx)
	if l == nil {
		return nil, ErrOutside
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	o.keep, o.status = false, 0
	own, cancel := context.WithCancel(lineage{ctx, l.entry.Context()})
	sub, child, err := l.request(own, l.cur, path, &o, false)
	if err != nil {
		cancel()
		return nil, err
	}
	over, ok := l.begin()
	if !ok {
		cancel()
		return nil, ErrEnded
	}
	child.descent = Descent{Parent: l.cur.WithContext(ctx), Included: true}
	pr, pw := io.Pipe()
	rec := &recorder{pipe: pw, head: make(chan struct{}), header: http.Header{}, bodyless: sub.Method == http.MethodHead, size: -1}
	abandon := func() { // whoever writes is freed
		cancel()
		_ = pr.CloseWithError(context.Canceled)
	}
	go func() { // l.finish waits for it
		defer l.includes.Done()
		defer cancel()
		stop := context.AfterFunc(over, abandon)
		defer stop()
		err := child.include(rec, own, sub)
		rec.finish(err)
	}()
	select {
	case <-rec.head:
	case <-ctx.Done():
		abandon()
		return nil, fmt.Errorf("include %s: %w", path, ctx.Err())
	}
	if rec.failed != nil {
		abandon()
		return nil, fmt.Errorf("include %s: %w", path, rec.failed)
	}
	return rec.response(sub, &includedBody{pr, abandon}), nil
}

// include runs an included request; what panics becomes an error.
func (c *level) include(rec *recorder, ctx context.Context, r *http.Request) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		err = &PanicError{Value: v, Stack: debug.Stack()}
		if v != http.ErrAbortHandler {
			log := c.m.Log
			if log == nil {
				log = slog.Default()
			}
			log.ErrorContext(ctx, "panic in an included request", "chain", c.chain, "panic", v, "stack", string(err.(*PanicError).Stack))
		}
	}()
	c.serve(&writer{ResponseWriter: rec}, ctx, r)
	return nil
}

// PanicError is a panic of an included request.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the handler panicked: %v", e.Value) }

// Unwrap returns the value, if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// includedBody is the reading end of an included body.
type includedBody struct {
	*io.PipeReader
	abandon func()
}

func (b *includedBody) Close() error {
	b.abandon()
	return nil
}

// recorder is the writer of an included request: the head is handed over once, the body
// goes into a pipe.
type recorder struct {
	pipe     *io.PipeWriter
	head     chan struct{} // closed when status, sent and size, or failed, are set
	once     sync.Once
	header   http.Header
	sent     http.Header // header at the time of the status
	status   int
	size     int64 // announced; -1 if it is not
	written  int64
	bodyless bool
	failed   error
}

func (rec *recorder) Header() http.Header { return rec.header }

func (rec *recorder) WriteHeader(code int) {
	if code < 200 { // hints for a client that is not there
		return
	}
	rec.once.Do(func() {
		rec.status, rec.sent = code, rec.header.Clone()
		if n, err := strconv.ParseInt(rec.header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
			rec.size = n
		}
		if code == http.StatusNoContent || code == http.StatusNotModified {
			rec.bodyless = true
		}
		close(rec.head)
	})
}

func (rec *recorder) Write(p []byte) (int, error) {
	if _, ok := rec.header["Content-Type"]; !ok && rec.status == 0 && len(p) > 0 && rec.header.Get("Content-Encoding") == "" {
		rec.header.Set("Content-Type", http.DetectContentType(p))
	}
	rec.WriteHeader(http.StatusOK)
	if rec.bodyless {
		return len(p), nil
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := rec.pipe.Write(p)
	rec.written += int64(n)
	return n, err
}

// FlushError sends the head. The body is never held back.
func (rec *recorder) FlushError() error {
	rec.WriteHeader(http.StatusOK)
	return nil
}

func (rec *recorder) Flush() { _ = rec.FlushError() }

// finish ends the answer when the handler has returned.
func (rec *recorder) finish(err error) {
	if err != nil {
		rec.once.Do(func() {
			rec.failed = err
			close(rec.head)
		})
	} else {
		rec.WriteHeader(http.StatusOK)
		if !rec.bodyless && rec.size > rec.written {
			err = io.ErrUnexpectedEOF
		}
	}
	_ = rec.pipe.CloseWithError(err)
}

func (rec *recorder) response(r *http.Request, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", rec.status, http.StatusText(rec.status)), StatusCode: rec.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.sent, ContentLength: rec.size, Body: body, Request: r,
	}
}
