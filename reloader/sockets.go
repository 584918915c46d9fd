package reloader

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Times of watching a starting target for its listener.
const (
	findFirst = 10 * time.Millisecond  // between two looks, growing ...
	findMost  = 100 * time.Millisecond // ... to this
	findSure  = 50 * time.Millisecond  // an unpromised address still listens after this
	findAnew  = 2 * time.Second        // between two looks at one that is in use, at most
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

// followListener tells moved where the process tree of pid listens, as soon as it does
// and again whenever that has changed, until ctx ends. What answers at 127.0.0.1:port
// (if port is not 0), where the target was told to listen, is taken at its word; it may
// belong to a container or a daemon that is no child of the target. Any other address
// may be one that is opened only to see whether it is free (what looks for a free port
// does so) or to be given up soon: it must stand for a moment, and is left for another
// when it is gone. There is no event for "a socket listens", so followListener looks
// again and again, which costs a few milliseconds of CPU each time.
func followListener(ctx context.Context, pid, port int, moved func(addr string)) {
	for {
		addr, told := findListener(ctx, pid, port)
		if addr == "" {
			return
		}
		moved(addr)
		if told {
			return
		}
		for wait := findMost; listensAt(pid, addr); wait = min(2*wait, findAnew) {
			if !sleep(ctx, wait) {
				return
			}
		}
	}
}

// findListener waits for an address to dial: the one that the target was told to use,
// or another that has stood for findSure. It returns "" when ctx ends before.
func findListener(ctx context.Context, pid, port int) (addr string, told bool) {
	for wait := findFirst; ; wait = min(2*wait, findMost) {
		addr, told := chooseListener(listeners(pid), port)
		switch {
		case told:
			return addr, true
		case addr != "":
			if sleep(ctx, findSure) && listensAt(pid, addr) {
				return addr, false
			}
		case port != 0 && accepts(ctx, port):
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), true
		}
		if !sleep(ctx, wait) {
			return "", false
		}
	}
}

// listensAt reports whether the process tree still listens at an address that
// chooseListener has named.
func listensAt(pid int, addr string) bool {
	return slices.ContainsFunc(listeners(pid), func(a netip.AddrPort) bool { return dialable(a) == addr })
}

// sleep waits, and reports whether ctx has not ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// chooseListener prefers the port that the target was told to use, then the lowest. It
// returns "" when there is none.
func chooseListener(found []netip.AddrPort, port int) (addr string, told bool) {
	for _, a := range found {
		if port != 0 && int(a.Port()) == port {
			return dialable(a), true
		}
	}
	for _, a := range found {
		if !debuggerPorts[a.Port()] {
			return dialable(a), false
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
