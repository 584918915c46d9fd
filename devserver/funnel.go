package devserver

import (
	"net"
	"sync"
)

// funnel is a listener that is fed with connections.
type funnel struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newFunnel(addr net.Addr) *funnel {
	return &funnel{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (f *funnel) put(c net.Conn) {
	select {
	case f.conns <- c:
	case <-f.done:
		c.Close()
	}
}

func (f *funnel) Accept() (net.Conn, error) {
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

func (f *funnel) Close() error {
	f.once.Do(func() { close(f.done) })
	return nil
}

func (f *funnel) Addr() net.Addr { return f.addr }
