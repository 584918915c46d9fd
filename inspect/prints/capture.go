package prints

import (
	"context"
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Capture is the middleware. Its zero value works. A page is changed only when something was
// printed and neither the request nor the response says `X-Pastedev: off`.
type Capture struct {
	// Off leaves a request alone; nil: none.
	Off func(*http.Request) bool
	// Done is told what a request printed, after its answer, also when the page could not
	// show it or the handler panicked; nil: nobody. Many requests may call it at a time.
	Done func(r *http.Request, lines []inspect.Output)

	shared shared
}

// Handler watches next. The page's beginning is held back, up to 256 KiB, until the handler
// returns or flushes, so that what it prints can stand at the top. A page that was flushed
// or is longer gets it at its end.
func (c *Capture) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isOff(r.Header) || c.Off != nil && c.Off(r) || recordOf(r.Context()) != nil {
			next.ServeHTTP(w, r)
			return
		}
		rec := &record{id: exchangeID(r)}
		c.shared.enter(rec)
		defer c.shared.leave(rec)
		r = r.WithContext(context.WithValue(r.Context(), recordKey{}, rec))
		p := &page{ResponseWriter: w, record: rec, method: r.Method}
		// A panic passes; what was held back is not sent, so that an outer catcher can still answer.
		if c.Done != nil {
			defer func() {
				rec.end()
				c.Done(r, Lines(r.Context()))
			}()
		}
		next.ServeHTTP(p.wrap(), r)
		rec.end()
		p.finish()
	})
}

func isOff(h http.Header) bool { return strings.EqualFold(h.Get("X-Pastedev"), "off") }

// exchangeID joins the exchange that pastedev, or a tracing client, began.
func exchangeID(r *http.Request) inspect.ID {
	if p := strings.Split(r.Header.Get("Traceparent"), "-"); len(p) >= 4 {
		if id := inspect.ID(p[1]); id.Valid() {
			return id
		}
	}
	return inspect.NewID()
}
