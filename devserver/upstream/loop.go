package upstream

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// ends are our ends of the connections to the target. A request that comes from one of
// them has come round: the target is this very server, or leads back to it. No field of
// the request has to say so.
type ends struct {
	mu   sync.Mutex
	open map[string]struct{}
}

// dial connects by d and remembers our end until it is closed.
func (e *ends) dial(ctx context.Context, d *net.Dialer, network, addr string) (net.Conn, error) {
	c, err := d.DialContext(ctx, network, addr)
	tcp, ok := c.(*net.TCPConn)
	if err != nil || !ok {
		return c, err
	}
	end := c.LocalAddr().String()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open == nil {
		e.open = map[string]struct{}{}
	}
	e.open[end] = struct{}{}
	return &remembered{TCPConn: tcp, forget: sync.OnceFunc(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.open, end)
	})}, nil
}

// has reports whether peer, of a request, is one of our ends.
func (e *ends) has(peer string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.open[peer]
	return ok
}

// remembered is a connection to the target.
type remembered struct {
	*net.TCPConn
	forget func()
}

func (c *remembered) Close() error {
	c.forget()
	return c.TCPConn.Close()
}

// refuseLoop answers a request that has come round (RFC 5842, 7.2).
func (p *Proxy) refuseLoop(w http.ResponseWriter, r *http.Request) {
	httpx.Refusal{Status: http.StatusLoopDetected, Detail: p.Target.Scheme + "://" + p.Target.Host + " leads back to this server",
		Hint: "mend the address of the mount: it names the address that is served"}.Send(w, r)
}
