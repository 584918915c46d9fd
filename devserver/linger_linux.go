package devserver

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// socketHeld reports whether a program has the socket open that is bound to local and
// connected to remote. It is not known for sockets of other machines and other network
// namespaces.
func socketHeld(local, remote netip.AddrPort) (held, known bool) {
	for _, table := range [...]string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		if held, known = heldIn(table, local, remote); known {
			break
		}
	}
	return held, known
}

// heldIn looks into one of the kernel's tables (proc_net_tcp in its documentation): in
// columns 1 and 2 the addresses, in 9 the inode, 0 for a socket that nobody holds.
func heldIn(table string, local, remote netip.AddrPort) (held, known bool) {
	f, err := os.Open(table)
	if err != nil {
		return false, false
	}
	defer f.Close()
	port := ":" + strings.ToUpper(hex.EncodeToString(binary.BigEndian.AppendUint16(nil, local.Port())))
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if !strings.Contains(lines.Text(), port) {
			continue
		}
		col := strings.Fields(lines.Text())
		if len(col) > 9 && tableAddr(col[1]) == unmapped(local) && tableAddr(col[2]) == unmapped(remote) {
			return col[9] != "0", true
		}
	}
	return false, false
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// tableAddr reads "0100007F:1F90": words of the machine's byte order, then the port.
func tableAddr(s string) netip.AddrPort {
	addr, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(addr)
	if err != nil || len(b)%4 != 0 {
		return netip.AddrPort{}
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	ip, _ := netip.AddrFromSlice(b)
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(n))
}
