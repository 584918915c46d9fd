package overlay_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/pastedev/pastedev/reloader/link"
)

// host is the Handler of the tests. It binds public addresses for real and hands
// their connections on byte by byte.
type host struct {
	refuse error // for every listen
	asked  bool  // let the target listen as it asked

	mu     sync.Mutex
	public map[string]net.Listener
	log    []string
	wait   sync.WaitGroup
}

func (h *host) Listen(_ context.Context, network, address string) (link.Answer, error) {
	h.note("listen %s %s", network, address)
	if h.refuse != nil {
		return link.Answer{}, h.refuse
	}
	if h.asked {
		return link.Answer{}, nil
	}
	ln, err := net.Listen(network, address)
	if err != nil {
		return link.Answer{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.public == nil {
		h.public = make(map[string]net.Listener)
	}
	h.public[ln.Addr().String()] = ln
	return link.Answer{Private: "127.0.0.1:0", Public: ln.Addr().String()}, nil
}

func (h *host) Listening(public, private string) {
	h.note("listening %s %s", public, private)
	h.mu.Lock()
	ln := h.public[public]
	h.mu.Unlock()
	if ln == nil {
		return
	}
	h.wait.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			h.wait.Go(func() { splice(c, private) })
		}
	})
}

func (h *host) ListenerClosed(public string) {
	h.note("closed %s", public)
	h.mu.Lock()
	defer h.mu.Unlock()
	if ln := h.public[public]; ln != nil {
		ln.Close()
		delete(h.public, public)
	}
}

func (h *host) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

// close ends the public listeners and waits for their connections.
func (h *host) close() {
	h.mu.Lock()
	for _, ln := range h.public {
		ln.Close()
	}
	h.mu.Unlock()
	h.wait.Wait()
}

func splice(c net.Conn, private string) {
	defer c.Close()
	to, err := net.Dial("tcp", private)
	if err != nil {
		return
	}
	defer to.Close()
	var wg sync.WaitGroup
	wg.Go(func() {
		io.Copy(to, c)
		to.(*net.TCPConn).CloseWrite()
	})
	io.Copy(c, to)
	c.(*net.TCPConn).CloseWrite()
	wg.Wait()
}
