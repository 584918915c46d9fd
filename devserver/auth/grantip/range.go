package grantip

import (
	"fmt"
	"net/netip"
	"strings"
)

// A Range is a set of addresses that follow each other, all of IPv4 or all of IPv6. The
// zero value has none.
type Range struct {
	first, last netip.Addr // without zone and never IPv4-mapped
	zone        string     // "": any
}

// ParseRange reads an address ("127.0.0.1", "::1", "fe80::1%eth0"), a prefix
// ("10.0.0.0/8", "192.168.0.0/255.255.0.0", "2001:db8::/32") or the first and the last
// address of a range ("10.0.0.5-10.0.0.8", or "<->" between them as in Paste). An
// IPv4-mapped address means the IPv4 one. A range with a zone has only the addresses of
// that zone, one without those of all zones. Names of hosts are not taken: what they stand
// for changes, and whoever answers for them would decide who is granted what.
func ParseRange(s string) (Range, error) {
	r, err := parseRange(strings.TrimSpace(s))
	if err != nil {
		return Range{}, fmt.Errorf("grantip: %q: %w\nhint: write 10.0.0.1, 10.0.0.0/8, 10.0.0.5-10.0.0.8 or ::1", s, err)
	}
	return r, nil
}

func parseRange(s string) (Range, error) {
	first, last, ok := strings.Cut(s, "<->")
	if !ok {
		first, last, ok = strings.Cut(s, "-")
	}
	if ok && !strings.Contains(first, "%") { // a zone may hold a hyphen: fe80::1%br-lan
		return between(strings.TrimSpace(first), strings.TrimSpace(last))
	}
	if base, mask, ok := strings.Cut(s, "/"); ok {
		return prefix(base, mask)
	}
	a, zone, err := parseAddr(s)
	return Range{a, a, zone}, err
}

// parseAddr reads an address and takes its zone off.
func parseAddr(s string) (netip.Addr, string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return a, "", fmt.Errorf("%q is no address", s)
	}
	return a.WithZone("").Unmap(), a.Zone(), nil
}

func between(first, last string) (Range, error) {
	a, zone, err := parseAddr(first)
	if err != nil {
		return Range{}, err
	}
	b, zone2, err := parseAddr(last)
	switch {
	case err != nil:
		return Range{}, err
	case zone != "" || zone2 != "":
		return Range{}, fmt.Errorf("a range of two addresses cannot have a zone")
	case a.BitLen() != b.BitLen():
		return Range{}, fmt.Errorf("one address is IPv4 and the other IPv6")
	case b.Less(a):
		return Range{}, fmt.Errorf("%s comes before %s", last, first)
	}
	return Range{first: a, last: b}, nil
}

func prefix(base, mask string) (Range, error) {
	if m, err := netip.ParseAddr(mask); err == nil { // 255.255.0.0
		bits, ok := maskBits(m)
		if !ok {
			return Range{}, fmt.Errorf("%s is no mask: ones must come before zeros", mask)
		}
		mask = fmt.Sprint(bits)
	}
	p, err := netip.ParsePrefix(base + "/" + mask)
	if err != nil {
		return Range{}, fmt.Errorf("it is no prefix")
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < 96 {
			return Range{}, fmt.Errorf("a prefix of IPv4-mapped addresses must have 96 bits or more")
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	if p != p.Masked() {
		return Range{}, fmt.Errorf("it has ones behind its first %d bits: the prefix is %s, the address %s", p.Bits(), p.Masked(), p.Addr())
	}
	return Range{first: p.Addr(), last: lastOf(p)}, nil
}

// maskBits counts the ones of a mask such as 255.255.0.0.
func maskBits(m netip.Addr) (bits int, ok bool) {
	if !m.Is4() {
		return 0, false
	}
	b := m.As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	for v&(1<<31) != 0 {
		v <<= 1
		bits++
	}
	return bits, v == 0
}

// lastOf returns the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// MustParseRange is [ParseRange] for ranges that stand in the program. It panics if s is
// none.
func MustParseRange(s string) Range {
	r, err := ParseRange(s)
	if err != nil {
		panic(err)
	}
	return r
}

// Contains reports whether a lies in the range. An IPv4-mapped address is the IPv4 one.
func (r Range) Contains(a netip.Addr) bool {
	if !r.first.IsValid() || !a.IsValid() || r.zone != "" && a.Zone() != r.zone {
		return false
	}
	a = a.WithZone("").Unmap()
	return a.BitLen() == r.first.BitLen() && !a.Less(r.first) && !r.last.Less(a)
}

// String writes the range as [ParseRange] reads it.
func (r Range) String() string {
	switch {
	case !r.first.IsValid():
		return ""
	case r.zone != "":
		return r.first.WithZone(r.zone).String()
	case r.first == r.last:
		return r.first.String()
	}
	for bits := 0; bits < r.first.BitLen(); bits++ {
		if p := netip.PrefixFrom(r.first, bits); p == p.Masked() && lastOf(p) == r.last {
			return p.String()
		}
	}
	return r.first.String() + "-" + r.last.String()
}

// MarshalText writes the range for a configuration.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is [ParseRange], so that a Range may stand in a configuration.
func (r *Range) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRange(string(text))
	return err
}
