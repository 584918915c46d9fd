package traceback

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// plain removes escape sequences (ECMA-48) and all control characters but tab and
// line feed, and makes invalid UTF-8 and what changes the order of text visible, so that
// text from a program can reach a terminal, a mail or a page.
func plain(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		if s[i] == 0x1b {
			i += escapeLen(s[i:])
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case reorders(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		case printable(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' && c != '\n' || c >= 0x7f {
			return false
		}
	}
	return true
}

// printable is false for C0, DEL and C1 controls.
func printable(r rune) bool {
	return r == '\t' || r == '\n' || r >= ' ' && (r < 0x7f || r >= 0xa0)
}

// reorders reports whether r changes the direction of text (UAX #9): a line with it reads
// as something it is not, in source as in a message.
func reorders(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// escapeLen is the length of the escape sequence that s begins with.
func escapeLen(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[': // CSI: parameters and intermediates, then one final byte
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
			if s[i] < 0x20 || s[i] > 0x7e {
				return i
			}
		}
		return len(s)
	case ']', 'P', 'X', '^', '_': // OSC, DCS, SOS, PM, APC: until BEL or ST
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1b {
				return i
			}
		}
		return len(s)
	}
	return 2
}

// oneLine is plain text without line ends, at most limit bytes.
func oneLine(s string, limit int) string {
	s, _ = cut(plain(s), 4*limit)
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\t' || r == '\r' }), " ")
	s = strings.TrimSpace(s)
	short, was := cut(s, limit)
	if was {
		short += "…"
	}
	return short
}

// cut returns at most limit bytes of s, whole characters, and whether anything is missing.
func cut(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit], true
}
