package proxy

import (
	"context"
	"net"
	"net/http"
	"net/url"

	"github.com/pastedev/pastedev/inspect"
)

// Tunnel is a connection that is not HTTP.
type Tunnel struct {
	Client  net.Conn
	Proto   string // what it looks like: "tls", "h2c", "tcp"
	Address string // the address the client connected to
	// Target is the connection to the target, Backend where it leads to. When Target
	// is nil, the route is asked for both.
	Target  net.Conn
	Backend *Backend
}

// Tunnel passes a connection through untouched and records that it took place, with
// the bytes counted and none kept. It returns when both sides have ended, and closes
// both.
func (p *Proxy) Tunnel(ctx context.Context, t Tunnel, route Route) {
	defer t.Client.Close()
	r := &http.Request{URL: &url.URL{Scheme: t.Proto, Host: t.Address}, Host: t.Address, Proto: t.Proto, RemoteAddr: t.Client.RemoteAddr().String()}
	x := p.begin(r, replayed{})
	x.req.limit, x.res.limit = -1, -1
	defer x.finish(r)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer p.cancels.enter(x.rec.ID, canceller(cancel))()
	if t.Target == nil {
		if err := t.connect(ctx, route); err != nil {
			x.rec.Error = cancelled(ctx, err.Error())
			return
		}
		x.rec.Timing.Held = between(x.start, now())
	}
	defer t.Target.Close()
	x.rec.Build = t.Backend.build
	if !p.splices.enter(t.Client, t.Target) {
		x.rec.Error = "pastedev was closed"
		return
	}
	defer p.splices.leave(t.Client, t.Target)
	p.cancels.enter(x.rec.ID, canceller(cancel, t.Client, t.Target))
	splice(t.Client, t.Target, &x.req, &x.res)
	x.rec.Error = cancelled(ctx, x.rec.Error)
}

func (t *Tunnel) connect(ctx context.Context, route Route) (err error) {
	if t.Backend, err = route.Wait(ctx); err != nil {
		return err
	}
	t.Target, err = t.Backend.Dial(ctx)
	return err
}

// kindOf tells the kind of exchange that r begins.
func kindOf(r *http.Request) inspect.Kind {
	switch protocol := upgradeOf(r.Header); {
	case r.Method == "":
		return inspect.KindTunnel
	case protocol == "":
		return inspect.KindHTTP
	case isWebSocket(protocol):
		return inspect.KindWebSocket
	default:
		return inspect.KindUpgrade
	}
}

// Close ends all upgraded and tunnelled connections and waits for their handlers to
// see it. Requests are the server's to end, by their contexts.
func (p *Proxy) Close() {
	p.close()
	p.splices.close()
}
