package proxy

import (
	"context"
	"time"
)

// lingerPoll is the time between two looks at whether a client that has closed its
// sending side is still there. No event tells.
const lingerPoll = time.Second

// follow makes ctx, which ends with the client's request. net/http ends the request's
// own context as soon as the client has closed its sending side, which a client may do
// that has nothing more to ask (RFC 9112, 9.6 has servers close in halves; nc -N is
// such a client): it shall have its answer. The returned function ends ctx.
func (c *carriage) follow() (stop func()) {
	lingers := c.proxy.options.Lingers
	if lingers == nil || c.r.ProtoMajor != 1 {
		c.ctx = c.r.Context()
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.r.Context()))
	c.ctx = ctx
	done := make(chan struct{})
	unfollow := context.AfterFunc(c.r.Context(), func() {
		defer close(done)
		defer cancel()
		tick := time.NewTicker(lingerPoll)
		defer tick.Stop()
		for lingers(c.r) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			case <-c.proxy.closing.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		if !unfollow() {
			<-done
		}
	}
}
