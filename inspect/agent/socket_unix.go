//go:build linux || darwin || freebsd

package agent

import (
	"syscall"
	"time"
)

// timedOut is what readFull returns in place of a count when the deadline passed
// before the first byte.
const timedOut = -1

// adopt checks that fd is a connected unix stream socket and keeps it from the
// children of the program. Anything else is left alone: it is not ours.
func adopt(fd int) bool {
	kind, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE)
	if err != nil || kind != syscall.SOCK_STREAM {
		return false
	}
	peer, err := syscall.Getpeername(fd)
	if err != nil {
		return false
	}
	if _, ok := peer.(*syscall.SockaddrUnix); !ok {
		return false
	}
	syscall.CloseOnExec(fd)
	return syscall.SetNonblock(fd, false) == nil && muffle(fd) == nil
}

// writeNow writes as much of b as the socket takes without waiting. No signal is
// raised when pastedev is gone; then it is false.
func writeNow(fd int, b []byte) (n int, ok bool) {
	for n < len(b) {
		k, err := syscall.SendmsgN(fd, b[n:], nil, nil, sendFlags|syscall.MSG_DONTWAIT)
		switch err {
		case nil:
			n += k
		case syscall.EINTR:
		case syscall.EAGAIN, syscall.ENOBUFS:
			return n, true
		default:
			return n, false
		}
	}
	return n, true
}

// readFull fills b before the deadline, or is false and returns how far it got.
func readFull(fd int, b []byte, deadline time.Time) (n int, ok bool) {
	for n < len(b) {
		left := time.Until(deadline)
		if left < time.Microsecond {
			left = time.Microsecond // zero would mean to wait forever
		}
		wait := syscall.NsecToTimeval(int64(left))
		if syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &wait) != nil {
			return n, false
		}
		k, err := syscall.Read(fd, b[n:])
		switch {
		case err == syscall.EINTR && time.Now().Before(deadline):
		case err == syscall.EAGAIN || err == syscall.EINTR:
			if n == 0 {
				return timedOut, false
			}
			return n, false
		case err != nil || k == 0:
			return n, false
		default:
			n += k
		}
	}
	return n, true
}

func shutdown(fd int) { syscall.Shutdown(fd, syscall.SHUT_RDWR) }
