package devserver

import (
	"net/http"
	"net/netip"
)

// lingers reports whether the client of r, whose connection has ended for reading, is
// still there for the answer. That it closed its sending side and that it closed the
// whole look the same from here; the client's own socket tells where it can be seen.
// Elsewhere a client that said that this is its last request is believed, and its
// absence is noticed when it is written to.
func (f *Front) lingers(r *http.Request) bool {
	c, _ := r.Context().Value(connKey{}).(*conn)
	if c == nil || !c.ended.Load() || f.ctx.Err() != nil {
		return false
	}
	client, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return false
	}
	server, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return false
	}
	if held, known := socketHeld(client, server); known {
		return held
	}
	return r.Close
}
