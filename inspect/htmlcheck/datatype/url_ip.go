package datatype

import "strings"

// checkIPv4 checks a domain that ends in a number (URL 3.5, the IPv4 parser); it takes every
// other one. Addresses of fewer than four parts pass.
func checkIPv4(s string) string {
	domain := strings.TrimSuffix(s, ".")
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if !isNumber(last) {
		return ""
	}
	if domain != s {
		return "there is a dot after it"
	}
	parts, n := 0, uint64(0)
	for rest, more := domain, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, ".")
		if parts++; parts > 4 {
			return "has more than four parts"
		}
		value, odd, ok := parseIPv4(part)
		switch {
		case !ok:
			return "a part is no number"
		case odd:
			return "a part is not decimal: leave out leading zeros and 0x"
		case more && value > 255:
			return "a part is over 255"
		}
		n = value
	}
	if limit := uint64(1) << (8 * (5 - parts)); n >= limit {
		return "the last part is too large"
	}
	return ""
}

// isNumber reports whether a label looks like a number to the IPv4 parser.
func isNumber(s string) bool {
	if s == "" || !isDigit(s[0]) {
		return false
	}
	hex := hasPrefixFold(s, "0x")
	if hex {
		s = s[2:]
	}
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) && !(hex && isHex(s[i])) {
			return false
		}
	}
	return true
}

// parseIPv4 is the IPv4 number parser. odd says that it is not written in decimal.
func parseIPv4(s string) (n uint64, odd, ok bool) {
	radix := uint64(10)
	switch {
	case s == "":
		return 0, false, false
	case hasPrefixFold(s, "0x"):
		s, radix, odd = s[2:], 16, true
	case len(s) > 1 && s[0] == '0':
		s, radix, odd = s[1:], 8, true
	}
	for i := 0; i < len(s); i++ {
		if !isHex(s[i]) || uint64(unhex(s[i])) >= radix {
			return 0, odd, false
		}
		n = min(n*radix+uint64(unhex(s[i])), 1<<33)
	}
	return n, odd, true
}

// checkIPv6 is the IPv6 parser (URL 3.5); it says what is wrong.
func checkIPv6(s string) string {
	pieces, compressed, i := 0, false, 0
	if strings.HasPrefix(s, ":") {
		if !strings.HasPrefix(s, "::") {
			return `it begins with a single ":"`
		}
		i, compressed, pieces = 2, true, 1
	}
	for i < len(s) {
		if pieces == 8 {
			return "it has more than eight pieces"
		}
		if s[i] == ':' {
			if compressed {
				return `it has "::" twice`
			}
			compressed = true
			pieces++
			i++
			continue
		}
		from := i
		for i < len(s) && i < from+4 && isHex(s[i]) {
			i++
		}
		switch {
		case i < len(s) && s[i] == '.':
			if pieces > 6 {
				return "there is no room for the IPv4 address at its end"
			}
			if what := checkMappedIPv4(s[from:]); what != "" {
				return what
			}
			pieces += 2
			i = len(s)
			continue
		case i < len(s) && s[i] == ':':
			if i++; i == len(s) {
				return `it ends with a single ":"`
			}
		case i < len(s):
			return "a piece is not one to four hexadecimal digits"
		}
		pieces++
	}
	if !compressed && pieces != 8 {
		return "it has fewer than eight pieces"
	}
	return ""
}

// checkMappedIPv4 checks the IPv4 address at the end of an IPv6 one.
func checkMappedIPv4(s string) string {
	for n, rest, more := 0, s, true; more; n++ {
		var part string
		part, rest, more = strings.Cut(rest, ".")
		value := 0
		for i := 0; i < len(part); i++ {
			if !isDigit(part[i]) {
				return "the IPv4 address at its end has something else than digits"
			}
			value = min(value*10+int(part[i]-'0'), 256)
		}
		switch {
		case part == "" || n == 3 && more || n < 3 && !more:
			return "the IPv4 address at its end must have four parts"
		case len(part) > 1 && part[0] == '0' || value > 255:
			return "a part of the IPv4 address at its end is no number from 0 to 255"
		}
	}
	return ""
}
