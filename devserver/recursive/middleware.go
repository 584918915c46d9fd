package recursive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// MaxDepth is how many requests may descend from a client's, one from the other, unless
// told otherwise: pages of parts of parts need three or four.
const MaxDepth = 10

var (
	// ErrOutside says that a request has not passed a [Middleware].
	ErrOutside = errors.New("recursive: the request has not passed the Middleware")
	// ErrBegun says that an answer had begun when it was to be forwarded.
	ErrBegun = errors.New("recursive: the answer has begun, it cannot be forwarded")
	// ErrEnded says that the including request is over.
	ErrEnded = errors.New("recursive: the request that includes is over")
)

// Middleware is where forwarded and included requests start again. Its zero value works.
type Middleware struct {
	// MaxDepth bounds how deep requests may descend from each other. Zero means the
	// constant [MaxDepth].
	MaxDepth int
	// Log gets the panics of included requests. Nil means slog.Default().
	Log *slog.Logger
}

// Handler gives next, and what is below it, [Forward] and [Include].
func (m *Middleware) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := &level{m: m, next: next, entry: r}
		path := r.URL.EscapedPath()
		if mount := httpx.MountPoint(r.Context()); mount != "" {
			path = escape(mount) + path
		}
		l.chain = []string{key(r.Method, path, r.URL.RawQuery)}
		if outer := levelOf(r.Context()); outer != nil { // below another Middleware: the loop may lead through both
			l.chain, l.descent = outer.chain, outer.descent
			if k := key(r.Method, path, r.URL.RawQuery); outer.chain[len(outer.chain)-1] != k {
				l.chain = append(slices.Clip(l.chain), k)
			}
		}
		l.serve(&writer{ResponseWriter: w}, r.Context(), r)
	})
}

// level is one request on its way below a Middleware.
type level struct {
	m     *Middleware
	next  http.Handler
	entry *http.Request // as it came to the Middleware: the mount point and the values below
	cur   *http.Request // as the handlers get it
	chain []string      // the keys of the requests it descends from, and its own
	w     *writer

	descent Descent // its Parent is nil for a client's request

	mu       sync.Mutex
	includes sync.WaitGroup
	over     context.Context // done when the handlers have returned; nil until somebody includes
	end      context.CancelFunc
	ended    bool
}

type levelKey struct{}

func levelOf(ctx context.Context) *level {
	l, _ := ctx.Value(levelKey{}).(*level)
	return l
}

// Descent says where a forwarded or included request comes from.
type Descent struct {
	// Parent is the request it descends from, with the context that [Forward] or [Include]
	// was given.
	Parent   *http.Request
	Included bool // else forwarded
}

// From returns where the request of ctx comes from, to whatever is below the [Middleware]:
// what records requests can nest them. ok is false for a client's own.
func From(ctx context.Context) (d Descent, ok bool) {
	l := levelOf(ctx)
	if l == nil || l.descent.Parent == nil {
		return Descent{}, false
	}
	return l.descent, true
}

// serve runs the handlers, and waits for what they have included and left running.
func (l *level) serve(w *writer, ctx context.Context, r *http.Request) {
	l.w = w
	l.cur = r.WithContext(context.WithValue(ctx, levelKey{}, l))
	defer l.finish()
	l.next.ServeHTTP(w, l.cur)
}

func (l *level) finish() {
	l.mu.Lock()
	l.ended = true
	if l.end != nil {
		l.end()
	}
	l.mu.Unlock()
	l.includes.Wait()
}

// begin counts an include. over is done when the request that includes is.
func (l *level) begin() (over context.Context, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return nil, false
	}
	if l.over == nil {
		l.over, l.end = context.WithCancel(context.Background())
	}
	l.includes.Add(1)
	return l.over, true
}

// descend returns the level of a request that descends from l.
func (l *level) descend(k string) (*level, error) {
	limit := l.m.MaxDepth
	if limit <= 0 {
		limit = MaxDepth
	}
	chain := append(slices.Clip(l.chain), k)
	if slices.Contains(l.chain, k) {
		return nil, &LoopError{Chain: chain}
	}
	if len(l.chain) > limit {
		return nil, &LoopError{Chain: chain, Limit: limit}
	}
	return &level{m: l.m, next: l.next, entry: l.entry, chain: chain}, nil
}

// LoopError says that requests descend from each other without end.
type LoopError struct {
	Chain []string // "GET /path?query", from the client's request to the one that was refused
	Limit int      // the depth that was passed; 0 if the last is one of those before it
}

func (e *LoopError) Error() string {
	s := strings.Join(e.Chain, " → ")
	if e.Limit > 0 {
		return fmt.Sprintf("recursive: %s is deeper than %d requests", s, e.Limit)
	}
	return "recursive: " + s + " is a loop"
}

func key(method, path, query string) string {
	if path == "" {
		path = "/"
	}
	if query != "" {
		path += "?" + query
	}
	return method + " " + path
}

// lineage is a context with the end of one and the values of another: a descendant ends
// with its parent and sees what the Middleware's request saw, no deeper mount point.
type lineage struct {
	context.Context
	values context.Context
}

func (c lineage) Value(k any) any { return c.values.Value(k) }
