package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// errCancelled ends an exchange by Cancel, and is what its record says.
var errCancelled = errors.New("cancelled by pastedev")

// cancels holds what ends each exchange under way.
type cancels struct {
	mu sync.Mutex
	by map[inspect.ID]func()
}

// enter registers what ends an exchange, in place of what did. Cancel does not call it
// once leave has returned.
func (c *cancels) enter(id inspect.ID, end func()) (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = make(map[inspect.ID]func())
	}
	c.by[id] = end
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.by, id)
	}
}

// Cancel ends an exchange under way: the request to the target is cancelled, which its
// handler learns by its context, and the client's connection is broken off. It reports
// whether there was such an exchange, and does not wait for its end.
func (p *Proxy) Cancel(id inspect.ID) bool {
	p.cancels.mu.Lock()
	defer p.cancels.mu.Unlock()
	end := p.cancels.by[id]
	if end != nil {
		end()
	}
	return end != nil
}

// cancellable lets Cancel end the exchange until the returned function is called.
func (c *carriage) cancellable() (stop func()) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	c.ctx, c.cancel = ctx, cancel
	leave := c.proxy.cancels.enter(c.rec.ID, func() {
		cancel(errCancelled)
		// What waits for the client would not end: to send its body, or to read.
		client := http.NewResponseController(c.w)
		_ = client.SetReadDeadline(time.Unix(1, 0))
		_ = client.SetWriteDeadline(time.Unix(1, 0))
	})
	return func() {
		leave()
		cancel(nil)
	}
}

// canceller returns what ends an exchange whose connections carry bare bytes.
func canceller(cancel context.CancelCauseFunc, ends ...io.Closer) func() {
	return func() {
		cancel(errCancelled)
		for _, c := range ends {
			c.Close()
		}
	}
}

// cancelled returns what the record says of an exchange that has failed, given what it
// looks like.
func cancelled(ctx context.Context, looks string) string {
	if context.Cause(ctx) == errCancelled {
		return errCancelled.Error()
	}
	return looks
}
