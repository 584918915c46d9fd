package reloader

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// Times of watching a starting target for its listener.
const (
	findFirst = 10 * time.Millisecond  // between two looks, growing ...
	findMost  = 100 * time.Millisecond // ... to this
	dialLimit = 200 * time.Millisecond // for one try at PORT; loopback answers at once
)

// debuggerPorts are where node and its kin listen for debuggers; never the app.
var debuggerPorts = map[uint16]bool{9229: true, 9230: true}

// The ports that a target is told to use lie below those that systems hand out to whoever asks
// for any (from 32768 on Linux, 49152 elsewhere): between the choice and the target's own
// listening, a server of somebody else's tests would else come to lie there and be taken
// for the target.
const (
	firstPort = 25000
	portCount = 7000
	portTries = 100 // so many taken in a row is no accident
)

// freePort picks a loopback port that nobody listens on. Another program may take
// it before the target does, which then says so.
func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	var err error
	for range portTries {
		port := firstPort + rand.IntN(portCount)
		var l net.Listener
		if l, err = lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port for the program: %w", err)
}

// findListener waits until the process tree of pid listens, or something accepts at
// 127.0.0.1:port (if port is not 0; it may belong to a container or a daemon that
// is no child of the target). It returns an address to dial, and false when ctx
// ended before. There is no event for "a socket listens", so it looks again and
// again, which costs a few milliseconds of CPU each time.
func findListener(ctx context.Context, pid, port int) (string, bool) {
	for wait := findFirst; ; wait = min(2*wait, findMost) {
		if addr, ok := chooseListener(listeners(pid), port); ok {
			return addr, true
		}
		if port != 0 && accepts(ctx, port) {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), true
		}
		select {
		case <-ctx.Done():
			return "", false
		case <-time.After(wait):
		}
	}
}

// chooseListener prefers the port that the target was told to use, then the lowest.
func chooseListener(found []netip.AddrPort, port int) (string, bool) {
	for _, a := range found {
		if port != 0 && int(a.Port()) == port {
			return dialable(a), true
		}
	}
	for _, a := range found {
		if !debuggerPorts[a.Port()] {
			return dialable(a), true
		}
	}
	return "", false
}

// dialable turns "any address" into the loopback one of its family.
func dialable(a netip.AddrPort) string {
	addr := a.Addr()
	switch {
	case addr.IsUnspecified() && addr.Is4():
		addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case addr.IsUnspecified():
		addr = netip.IPv6Loopback()
	}
	return netip.AddrPortFrom(addr, a.Port()).String()
}

func accepts(ctx context.Context, port int) bool {
	d := net.Dialer{Timeout: dialLimit}
	conn, err := d.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
