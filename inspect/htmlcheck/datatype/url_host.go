package datatype

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Limits of the domain name system (RFC 1035 2.3.4), in bytes of the ASCII form.
const (
	maxLabel  = 63
	maxDomain = 253 // without the dot at the end
)

// maxDecoded bounds a host that goes through Punycode, which takes quadratic time. No domain
// comes near: each of its characters costs a byte of maxDomain.
const maxDecoded = 4096

// host is the host parser (URL 3.5) for [from, end).
func (u *urlScan) host(from, end int) {
	s := u.s[from:end]
	if s[0] == '[' {
		if s[len(s)-1] != ']' {
			u.fail(from, end, "url/ipv6", `has "[" before an IPv6 address and no "]" right after it`)
			return
		}
		if what := checkIPv6(s[1 : len(s)-1]); what != "" {
			u.fail(from, end, "url/ipv6", "has no valid IPv6 address between the brackets: "+what)
		}
		return
	}
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c == '%' {
			plain = false
			break
		}
	}
	if plain && !hasACE(s) {
		u.asciiHost(s, from, end)
		return
	}
	u.unicodeHost(s, from, end)
}

// hasACE reports whether a label begins with "xn--".
func hasACE(s string) bool {
	if !strings.Contains(s, "--") {
		return false
	}
	for i := 0; i+4 <= len(s); i++ {
		if (i == 0 || s[i-1] == '.') && hasPrefixFold(s[i:], "xn--") {
			return true
		}
	}
	return false
}

// emptyACE reports a domain that ends with "xn--" and nothing encoded, which the library takes
// for a dot at the end.
func emptyACE(s string) bool {
	s = strings.TrimSuffix(s, ".")
	n := len(s) - len("xn--")
	if n < 0 || !equalFold(s[n:], "xn--") {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s[:n])
	return n == 0 || isDot(before)
}

// isDot reports the dots between labels (UTS 46).
func isDot(r rune) bool { return r == '.' || r == '\u3002' || r == '\uFF0E' || r == '\uFF61' }

// domainProfile is the "domain to ASCII" of the standard. Lengths and empty labels are
// checked here, to say which it is; the rules on right-to-left labels and joiners are left out.
var domainProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false),
	idna.CheckHyphens(false), idna.CheckJoiners(false), idna.VerifyDNSLength(false))

// unicodeHost checks a host that has to be decoded first. It allocates.
func (u *urlScan) unicodeHost(s string, from, end int) {
	if len(s) > 3*maxDecoded {
		u.fail(from, end, "url/host", fmt.Sprintf("has a host of %d bytes; the longest has %d", len(s), maxDomain))
		return
	}
	domain := unescape(s)
	if i := strings.IndexByte(domain, '%'); i >= 0 {
		u.hostRune('%', from, end)
		return
	}
	if !utf8.ValidString(domain) {
		u.fail(from, end, "url/host", "has a host with percent-encoded bytes that are not UTF-8")
		return
	}
	if label := markFirst(domain); label >= 0 {
		u.fail(from, end, "url/host", "has a host with a label that begins with a combining mark")
		return
	}
	ascii, err := domainProfile.ToASCII(domain)
	if err != nil || emptyACE(domain) {
		if r := forbiddenRune(domain); r >= 0 {
			u.hostRune(r, from, end)
			return
		}
		what := "has a host with a character that no domain name can have"
		if hasACE(s) {
			what = `has a host with a label that begins with "xn--" and is no valid internationalised name`
		}
		u.fail(from, end, "url/host", what)
		return
	}
	u.asciiHost(ascii, from, end)
}

// markFirst returns where a label begins with a combining mark, or -1.
func markFirst(domain string) int {
	first := true
	for i, r := range domain {
		if first && unicode.Is(unicode.M, r) {
			return i
		}
		first = isDot(r)
	}
	return -1
}

// unescape percent-decodes s.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && isEscape(s[i:]) {
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// forbiddenRune returns the first forbidden domain code point (URL 3.1), or -1. Other control
// characters than white space are the tokenizer's to report.
func forbiddenRune(s string) rune {
	for i := 0; i < len(s); i++ {
		if forbiddenByte[s[i]] {
			return rune(s[i])
		}
	}
	return -1
}

var forbiddenByte = func() (set [256]bool) {
	for _, c := range []byte("\x00\t\n\r #/:<>?@[\\]^|%") {
		set[c] = true
	}
	return set
}()

func (u *urlScan) hostRune(r rune, from, end int) {
	at := strings.IndexRune(u.s[from:end], r)
	if at >= 0 {
		from, end = from+at, from+at+1
	}
	u.fail(from, end, "url/host", fmt.Sprintf("has %s in the host; no host has one", nameRune(r)))
}

// asciiHost checks a domain in its ASCII form, or an IPv4 address.
func (u *urlScan) asciiHost(s string, from, end int) {
	if r := forbiddenRune(s); r >= 0 {
		u.hostRune(r, from, end)
		return
	}
	domain := strings.TrimSuffix(s, ".")
	last := 0
	for i := 0; i <= len(domain); i++ {
		if i < len(domain) && domain[i] != '.' {
			continue
		}
		switch {
		case i == last:
			u.fail(from, end, "url/host", "has a host with an empty label; between two dots there must be a name")
			return
		case i-last > maxLabel:
			u.fail(from, end, "url/host", fmt.Sprintf("has a host with a label of %d bytes; the longest has %d", i-last, maxLabel))
			return
		}
		last = i + 1
	}
	if len(domain) > maxDomain {
		u.fail(from, end, "url/host", fmt.Sprintf("has a host of %d bytes; the longest has %d", len(domain), maxDomain))
		return
	}
	if what := checkIPv4(s); what != "" {
		u.fail(from, end, "url/ipv4", "has a host that reads as an IPv4 address, but "+what)
	}
}
