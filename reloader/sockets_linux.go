package reloader

import (
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// tcpListen is the state LISTEN in /proc/net/tcp.
const tcpListen = "0A"

// listeners lists the TCP addresses on which the process, its descendants or its
// group listen, in order of port.
func listeners(pid int) []netip.AddrPort {
	tree := processTree(pid)
	inodes := map[string]bool{}
	for _, p := range tree {
		collectSockets(p, inodes)
	}
	if len(inodes) == 0 {
		return nil
	}
	var found []netip.AddrPort
	for _, p := range tree {
		// Processes of the tree may live in other network namespaces, but as a rule
		// all share one: the first table that can be read is enough.
		ok := false
		for _, name := range []string{"tcp", "tcp6"} {
			data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p), "net", name))
			if err == nil {
				ok = true
				found = append(found, listeningIn(string(data), inodes)...)
			}
		}
		if ok {
			break
		}
	}
	slices.SortFunc(found, func(a, b netip.AddrPort) int { return int(a.Port()) - int(b.Port()) })
	return slices.Compact(found)
}

// collectSockets adds the inode numbers of the sockets that the process holds.
func collectSockets(pid int, inodes map[string]bool) {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return
	}
	for _, name := range names {
		link, err := os.Readlink(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if inode, ok := strings.CutPrefix(link, "socket:["); ok {
			inodes[strings.TrimSuffix(inode, "]")] = true
		}
	}
}

// listeningIn reads a /proc/net/tcp or tcp6 table; see proc_net(5).
func listeningIn(table string, inodes map[string]bool) []netip.AddrPort {
	var found []netip.AddrPort
	for line := range strings.SplitSeq(table, "\n") {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != tcpListen || !inodes[f[9]] {
			continue
		}
		if addr, ok := parseProcAddr(f[1]); ok {
			found = append(found, addr)
		}
	}
	return found
}

// parseProcAddr reads "0100007F:1F90": the address in 32-bit words of the host's
// byte order (little-endian on every system Go's Linux ports commonly run on; a
// big-endian one would show the words unswapped), the port in hex.
func parseProcAddr(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	if !ok {
		return netip.AddrPort{}, false
	}
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, false
	}
	addr, ok := netip.AddrFromSlice(raw)
	if !ok {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), true
}
