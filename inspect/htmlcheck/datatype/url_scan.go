package datatype

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// urlScan is the URL parser (URL 4.4) as a checker: it goes through the states of the
// standard and stops at the first validation error or failure. The base URL is an http one
// with a path, so that every relative reference resolves. Three things are left out, as in
// the reference checker: IPv4 addresses of fewer than four parts, what stands behind a
// non-special scheme's "//" is no host, and javascript: URLs are code.
type urlScan struct {
	s        string
	pos, end int
	scheme   string // in lower case; empty for a relative reference
	path     [2]int // of a non-special URL
	fragment int    // where the "#" is; -1 is none
	problem  *Problem
}

// Where a character stands, for the messages.
const (
	inPath     = "path"
	inQuery    = "query"
	inFragment = "fragment"
)

func (u *urlScan) fail(start, end int, rule finding.Rule, message string) {
	u.problem = urlProblem(start, end, rule, message)
}

// schemeEnd returns where the ":" after the scheme is, or -1.
func schemeEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isAlpha(c):
		case i > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i
		default:
			return -1
		}
	}
	return -1
}

// specialSchemes have a host: those of URL 4.2, and two that are read like http.
var specialSchemes = [...]string{"https", "http", "file", "ftp", "wss", "ws", "feed", "webcal"}

// knownSchemes are found also behind white space.
var knownSchemes = [...]string{"data", "javascript", "mailto"}

// lowerScheme returns a scheme in lower case without allocating for the well-known ones.
func lowerScheme(s string) (scheme string, special bool) {
	for _, name := range specialSchemes {
		if equalFold(s, name) {
			return name, true
		}
	}
	for _, name := range knownSchemes {
		if equalFold(s, name) {
			return name, false
		}
	}
	return s, false
}

// start is the scheme start state.
func (u *urlScan) start() {
	u.fragment = -1
	n := schemeEnd(u.s[u.pos:u.end])
	if n < 0 {
		u.relative()
		return
	}
	from := u.pos
	special := false
	u.scheme, special = lowerScheme(u.s[from : from+n])
	u.pos += n + 1
	rest := u.s[u.pos:u.end]
	switch {
	case u.scheme == "javascript":
	case !special && from > 0 && lostScheme(u.scheme):
		u.fail(0, from, "url/space", "has white space before its scheme; take it out")
	case !special:
		u.path[0] = u.pos
		u.path[1] = u.tail(false)
	case !strings.HasPrefix(rest, "//"):
		u.fail(from, min(u.pos+2, u.end), "url/no-slashes", fmt.Sprintf("must have two slashes after the scheme: %s://", u.scheme))
	case u.scheme == "file":
		u.pos += 2
		u.fileHost()
	default:
		u.pos += 2
		u.authority()
	}
}

// lostScheme reports a scheme that white space before it hides.
func lostScheme(scheme string) bool {
	return !slices.Contains(knownSchemes[:], scheme) && !strings.Contains(scheme, "-")
}

// relative is the relative state.
func (u *urlScan) relative() {
	if strings.HasPrefix(u.s[u.pos:u.end], "//") {
		u.pos += 2
		u.authority()
		return
	}
	u.tail(true)
}

// authority is the special authority ignore slashes state and what follows it.
func (u *urlScan) authority() {
	from := u.pos
	if from < u.end && (u.s[from] == '/' || u.s[from] == '\\') {
		u.fail(from, from+1, "url/slashes", "has too many slashes before the host; two are right")
		return
	}
	end := from
	for end < u.end && !isHostEnd(u.s[end]) {
		end++
	}
	if at := strings.LastIndexByte(u.s[from:end], '@'); at >= 0 {
		u.fail(from, from+at+1, "url/credentials", "has a user name or password before the host; leave it out up to the @")
		return
	}
	hostEnd, brackets := from, false
	for ; hostEnd < end; hostEnd++ {
		switch c := u.s[hostEnd]; {
		case c == '[':
			brackets = true
		case c == ']':
			brackets = false
		}
		if u.s[hostEnd] == ':' && !brackets {
			break
		}
	}
	if hostEnd == from {
		u.fail(from-2, end, "url/no-host", "has no host after the slashes")
		return
	}
	if u.host(from, hostEnd); u.problem != nil {
		return
	}
	if hostEnd < end {
		if u.port(hostEnd+1, end); u.problem != nil {
			return
		}
	}
	u.pos = end
	u.tail(true)
}

func isHostEnd(c byte) bool { return c == '/' || c == '?' || c == '#' || c == '\\' }

// port is the port state.
func (u *urlScan) port(from, end int) {
	n := 0
	for i := from; i < end; i++ {
		if !isDigit(u.s[i]) {
			u.fail(from, end, "url/port", fmt.Sprintf("has the port %q; a port is a number of at most 65535", clip(u.s[from:end])))
			return
		}
		n = min(n*10+int(u.s[i]-'0'), 65536)
	}
	if n > 65535 {
		u.fail(from, end, "url/port", fmt.Sprintf("has the port %s; the highest port is 65535", clip(u.s[from:end])))
	}
}

// fileHost is the file host state.
func (u *urlScan) fileHost() {
	from, end := u.pos, u.pos
	for end < u.end && !isHostEnd(u.s[end]) {
		end++
	}
	host := u.s[from:end]
	switch {
	case len(host) == 2 && isAlpha(host[0]) && host[1] == ':':
	case len(host) == 2 && isAlpha(host[0]) && host[1] == '|':
		u.fail(from+1, from+2, "url/drive-letter", `has "|" after a drive letter; write ":"`)
		return
	case host != "":
		if u.host(from, end); u.problem != nil {
			return
		}
	}
	u.pos = end
	u.tail(true)
}

// tail is the path state (or the opaque path state, when slashes are not special), the
// query state and the fragment state. It returns where the path ends.
func (u *urlScan) tail(special bool) (pathEnd int) {
	part, i := inPath, u.pos
	pathEnd = u.end
	for i < u.end {
		c := u.s[i]
		switch {
		case urlByte[c]:
			for i++; i < u.end && urlByte[u.s[i]]; i++ {
			}
		case c == '?' && part == inPath:
			part, pathEnd = inQuery, i
			i++
		case c == '?':
			i++
		case c == '#' && part != inFragment:
			if part == inPath {
				pathEnd = i
			}
			part, u.fragment = inFragment, i
			i++
		case c == '%' && isEscape(u.s[i:u.end]):
			i += 3
		case c == '%':
			u.problem = badPercent(i)
			return pathEnd
		case c == '\\' && special && part == inPath:
			u.fail(i, i+1, "url/backslash", `has "\" where a path is divided; write "/"`)
			return pathEnd
		default:
			r, size := utf8.DecodeRuneInString(u.s[i:u.end])
			if !isURLRune(r) {
				u.badRune(i, part)
				return pathEnd
			}
			i += size
		}
	}
	return pathEnd
}

// urlByte has the ASCII URL code points (URL 4.3) except "?".
var urlByte = func() (set [256]bool) {
	for c := range set {
		set[c] = c < 0x80 && (isAlpha(byte(c)) || isDigit(byte(c)) || strings.IndexByte("!$&'()*+,-./:;=@_~", byte(c)) >= 0)
	}
	return set
}()

// isURLRune reports whether a non-ASCII rune is a URL code point. The specials of Unicode are
// left out, as in the reference checker: U+FFFD stands for bytes that were no text.
func isURLRune(r rune) bool {
	return r >= 0xA0 && (r < 0xFDD0 || r > 0xFDEF) && r&0xFFFE != 0xFFFE && (r < 0xFFF0 || r > 0xFFFD)
}

func isEscape(s string) bool { return len(s) >= 3 && isHex(s[1]) && isHex(s[2]) }

func badPercent(at int) *Problem {
	return urlProblem(at, at+1, "url/percent", `has "%" without two hexadecimal digits after it; write %25 for a percent sign`)
}

// badRune reports the character at i, which no URL may have.
func (u *urlScan) badRune(i int, part string) {
	r, size := utf8.DecodeRuneInString(u.s[i:u.end])
	u.fail(i, i+size, "url/character", fmt.Sprintf("has %s in the %s; write %s for it", nameRune(r), part, escape(u.s[i:i+size])))
	switch r {
	case utf8.RuneError:
		u.problem.Message = fmt.Sprintf("has bytes in the %s that are no text in the encoding of the page", part)
	case ' ':
		u.problem.Rule = "url/space"
	case '\t', '\n', '\r', '\f':
		u.problem.Rule = "url/space"
		u.problem.Message = fmt.Sprintf("has %s in the %s; take it out", nameRune(r), part)
	}
}

// escape percent-encodes s.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}
