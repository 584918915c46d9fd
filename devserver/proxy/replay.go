package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Replay sends a recorded request along route once more, through the same gate and
// recorder, and returns the id of the new exchange when its answer is complete. What
// became of it stands in the new record; an error means that nothing was sent. The
// host named in the record is sent as Host and never dialled.
func (p *Proxy) Replay(ctx context.Context, ex *inspect.Exchange, route Route) (inspect.ID, error) {
	return p.replay(ctx, ex, route, replayed{id: ex.ID})
}

// Rehearse is Replay for who sends a request hundreds of times: the new record says so
// (see [inspect.Summary]), and is not for the history.
func (p *Proxy) Rehearse(ctx context.Context, ex *inspect.Exchange, route Route) (inspect.ID, error) {
	return p.replay(ctx, ex, route, replayed{id: ex.ID, rehearsal: true})
}

// replayed says of what a request is the replay; the zero value is a request of a client's.
type replayed struct {
	id        inspect.ID
	rehearsal bool
}

func (p *Proxy) replay(ctx context.Context, ex *inspect.Exchange, route Route, of replayed) (inspect.ID, error) {
	r, err := replayRequest(ctx, ex)
	if err != nil {
		return "", fmt.Errorf("replay %s %s: %w", ex.Method, ex.URL, err)
	}
	id, _ := p.serve(&discard{header: make(http.Header)}, r, route, of)
	return id, nil
}

func replayRequest(ctx context.Context, ex *inspect.Exchange) (*http.Request, error) {
	body := ex.Request.Body
	switch {
	case ex.Kind != inspect.KindHTTP:
		return nil, fmt.Errorf("only requests can be replayed, and this is a %s connection", ex.Kind)
	case body.Truncated || int64(len(body.Data)) != body.Size:
		return nil, fmt.Errorf("its body was not kept whole (%d of %d bytes)\nhint: raise --body-limit and record it again", len(body.Data), body.Size)
	}
	scheme, rest, _ := strings.Cut(ex.URL, "://")
	target, ok := strings.CutPrefix(rest, ex.Host)
	ok = ok && (scheme == "http" || scheme == "https")
	if !ok || target == "" || target[0] != '/' && target != "*" {
		return nil, fmt.Errorf("its URL does not belong to its host %q", ex.Host)
	}
	u, err := url.ParseRequestURI(target)
	if target == "*" {
		u, err = &url.URL{Path: "*"}, nil
	}
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: ex.Method, URL: u, RequestURI: target, Host: ex.Host, Proto: ex.Proto, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header(ex.Request.Header).Clone(), Body: http.NoBody,
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	if ex.Proto == "HTTP/2.0" {
		r.ProtoMajor, r.ProtoMinor = 2, 0
	}
	if scheme == "https" {
		r.TLS = &tls.ConnectionState{} // of which nothing is known any more
	}
	chunked := len(ex.Request.Trailer) > 0 || r.Header.Get("Content-Length") == ""
	removeHopByHop(r.Header)
	for _, name := range [...]string{"Expect", "Traceparent", "Tracestate"} { // of the first sending
		r.Header.Del(name)
	}
	if body.Size > 0 {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body.Data)), body.Size
		r.Trailer = http.Header(ex.Request.Trailer).Clone()
		if chunked {
			r.ContentLength = -1
		}
	}
	return r.WithContext(ctx), nil
}

// discard is the client of a replay: the record is all that matters.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Flush()                      {}
