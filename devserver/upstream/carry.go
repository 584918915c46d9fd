package upstream

import (
	"context"
	"io"
	"maps"
	"net/http"
	"sync"
)

// carry forwards r in such a way that the client's part can be told from the target's.
func (p *Proxy) carry(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil && r.Body != http.NoBody {
		body := &clientBody{ReadCloser: r.Body}
		r = r.WithContext(context.WithValue(r.Context(), bodyKey{}, body))
		r.Body = body
		if r.ProtoMajor == 1 {
			// The target may answer while it reads. Where this is not to be had there is
			// no connection that would stall.
			_ = http.NewResponseController(w).EnableFullDuplex()
		}
	}
	p.forward.ServeHTTP(&writer{ResponseWriter: w, before: w.Header().Clone()}, r)
}

// bodyKey is the context key of the *clientBody.
type bodyKey struct{}

// clientBody remembers what broke a request's body. The transport may read it while the
// answer is sent.
type clientBody struct {
	io.ReadCloser
	mu  sync.Mutex
	err error // other than io.EOF
}

func (b *clientBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.mu.Lock()
		b.err = err
		b.mu.Unlock()
	}
	return n, err
}

// bodyError returns what broke the body of the request of ctx, or nil.
func bodyError(ctx context.Context) error {
	b, _ := ctx.Value(bodyKey{}).(*clientBody)
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// writer keeps the fields that were set before the target was asked. ReverseProxy empties
// the header after each interim answer.
type writer struct {
	http.ResponseWriter
	before  http.Header
	emptied bool
}

// Header returns the header of the writer below.
func (w *writer) Header() http.Header {
	h := w.ResponseWriter.Header()
	if w.emptied {
		w.emptied = false
		maps.Copy(h, w.before.Clone())
	}
	return h
}

func (w *writer) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status)
	w.emptied = status < http.StatusOK && status != http.StatusSwitchingProtocols
}

// Unwrap is for [http.ResponseController]: ReverseProxy flushes and hijacks by it.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
