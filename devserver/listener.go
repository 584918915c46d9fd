package devserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/pastedev/pastedev/devserver/proxy"
)

const (
	// staleAfter is how long a listener is kept open that the present process has not
	// asked for: programs may open a second port some time after the first.
	staleAfter = 5 * time.Second
	// deadDial bounds the question whether the target still listens behind an address.
	deadDial = time.Second
)

// listener is a public address.
type listener struct {
	id      int
	network string
	asked   string // as the target asked for it
	public  net.Addr
	fixed   bool   // by Listen: never closed for want of a process
	run     int    // the run that last asked for it; guarded by Front.mu
	addr    string // of the backend in this run, "" unknown; guarded by Front.mu

	tcp     net.Listener
	http    *funnel // connections that are HTTP
	handler http.Handler
	spoken  spoken
	tls     *tls.Config // nil: no TLS is ended here
}

func (l *listener) close() {
	l.tcp.Close()
	l.http.Close()
}

// Adopt opens the address that the target asks to listen at, as [net.Listen] would,
// and returns it with the private address where the target is to listen instead. An
// address asked for in an earlier run is the same listener still, open all the while;
// one with port 0 keeps the port it got, several of them by their order. The error is
// net.Listen's own and meant for the target.
func (f *Front) Adopt(network, address string) (public net.Addr, private string, err error) {
	switch network {
	case "tcp", "tcp4":
		private = "127.0.0.1:0"
	case "tcp6":
		private = "[::1]:0"
	default:
		return nil, "", fmt.Errorf("adopt %s %s: only tcp addresses are adopted", network, address)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.listeners {
		if !l.fixed && l.run != f.run && l.network == network && l.asked == address {
			l.run = f.run
			return l.public, private, nil
		}
	}
	l, err := f.open(network, address, nil)
	if errors.Is(err, syscall.EADDRINUSE) && f.yield(network, address) {
		l, err = f.open(network, address, nil)
	}
	if err != nil {
		return nil, "", err
	}
	return l.public, private, nil
}

// Listen opens an address for a target that does not ask by itself, and keeps it
// until Close. Its requests are held until SetBackend says where they go.
func (f *Front) Listen(network, address string) (public net.Addr, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l, err := f.open(network, address, f.secured())
	if err != nil {
		return nil, err
	}
	l.fixed = true
	return l.public, nil
}

// open begins to listen. The caller holds mu.
func (f *Front) open(network, address string, secure *tls.Config) (*listener, error) {
	if f.closed {
		return nil, &net.OpError{Op: "listen", Net: network, Err: net.ErrClosed}
	}
	tcp, err := (&net.ListenConfig{}).Listen(f.ctx, network, address)
	if err != nil {
		return nil, err
	}
	f.lastID++
	l := &listener{id: f.lastID, network: network, asked: address, public: tcp.Addr(), run: f.run, tcp: tcp, tls: secure, http: newFunnel(tcp.Addr())}
	l.handler = f.proxy.Handler(f.route(l))
	f.listeners = append(f.listeners, l)
	f.wg.Go(func() { f.accept(l) })
	f.wg.Go(func() { _ = f.server.Serve(l.http) }) // returns when the listener closes
	return l, nil
}

// yield closes own listeners that stand in the way of an address: those of earlier
// runs, and those that the target has closed again, as programs do that look for a
// free port. It reports whether it closed one. The caller holds mu.
func (f *Front) yield(network, address string) bool {
	want, err := net.ResolveTCPAddr(network, address)
	if err != nil {
		return false
	}
	yielded := false
	for _, l := range append([]*listener(nil), f.listeners...) {
		if own, ok := l.public.(*net.TCPAddr); !ok || own.Port != want.Port || l.fixed {
			continue
		}
		if l.run != f.run || l.addr != "" && !listens(f.ctx, l.addr) {
			f.drop(l)
			yielded = true
		}
	}
	return yielded
}

func listens(ctx context.Context, addr string) bool {
	c, err := (&net.Dialer{Timeout: deadDial}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// drop closes a listener. The caller holds mu.
func (f *Front) drop(l *listener) {
	l.close()
	f.gate.setBackend(l.id, nil)
	for i, other := range f.listeners {
		if other == l {
			f.listeners = append(f.listeners[:i:i], f.listeners[i+1:]...)
			return
		}
	}
}

func (f *Front) closeStale(run int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.run != run {
		return
	}
	for _, l := range append([]*listener(nil), f.listeners...) {
		if !l.fixed && l.run != run {
			f.drop(l)
		}
	}
}

// Reset says that a new process begins, which runs build number build (0 without one).
// All backends are unknown until SetBackend names them anew.
func (f *Front) Reset(build int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.run++
	f.build = build
	for _, l := range f.listeners {
		l.addr = ""
	}
	if !f.options.Old { // then the old process answers until the new one listens
		f.gate.reset()
	}
}

// forgetOlder leads no request to a process older than the present one.
func (f *Front) forgetOlder() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.listeners {
		if l.addr == "" {
			f.gate.setBackend(l.id, nil)
		}
	}
}

// SetBackend says where the requests that arrive at a public address go: to a private
// address, or to the URL of an upstream (see [proxy.NewBackend]).
func (f *Front) SetBackend(public, target string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.listeners {
		if l.public.String() == public {
			b, err := proxy.NewBackend(target, f.build)
			if err != nil {
				return err
			}
			l.addr = b.Addr()
			f.gate.setBackend(l.id, b)
			return nil
		}
	}
	return fmt.Errorf("set backend: nothing listens at %s", public)
}

// Listeners returns the public addresses as URLs, in the order they were asked for.
// Those that a browser on this machine can open begin with http:// or https://. What
// an address speaks is learned from its clients: it is taken for HTTP until the first
// has spoken, and then called tls:// or tcp:// if that was what it spoke.
func (f *Front) Listeners() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var urls []string
	for _, l := range f.listeners {
		host, port, err := net.SplitHostPort(l.public.String())
		if err != nil {
			continue
		}
		if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() && ip.To4() != nil {
			host = "localhost"
		}
		urls = append(urls, l.scheme()+"://"+net.JoinHostPort(host, port))
	}
	return urls
}

// listenerFor returns the listener that a request for host comes in by: the one with
// its port, else the first.
func (f *Front) listenerFor(host string) *listener {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.listeners {
		if _, port, err := net.SplitHostPort(host); err == nil && strings.HasSuffix(l.public.String(), ":"+port) {
			return l
		}
	}
	if len(f.listeners) == 0 {
		return nil
	}
	return f.listeners[0]
}
