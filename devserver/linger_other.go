//go:build !linux

package devserver

import "net/netip"

// socketHeld knows nothing here.
func socketHeld(_, _ netip.AddrPort) (held, known bool) { return false, false }
