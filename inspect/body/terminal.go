package body

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxSGR bounds the parameters of a colour sequence that is kept. 24-bit colours for
// text and ground, with attributes, need less.
const maxSGR = 64

// Terminal returns s without anything that a terminal would obey: escape sequences,
// C0 and C1 control characters, in their 7-bit and 8-bit forms (ECMA-48). Line ends
// and tabs stay; a carriage return before a line end goes, another becomes a space.
// Bytes that are not UTF-8 become U+FFFD. Characters that reorder the text around them
// (UAX #9) or that nobody sees are written out, \u202e: what is shown is what is there
// (Unicode TR #36). Joiners stay, scripts need them. With keepColour, sequences that only set
// colours and attributes (SGR) stay, and are reset at the end.
//
// The text between the introducer and the end of an operating system command, device
// control string and the like is removed with it. When the end is missing only the
// introducer is removed, so that no captured text is lost.
func Terminal(s string, keepColour bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	coloured := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 0x1b || r >= 0x80 && r <= 0x9f:
			size := sequence(s[i:])
			if sgr := s[i : i+size]; keepColour && isSGR(sgr) {
				b.WriteString(sgr)
				coloured = sgr != "\x1b[m" && sgr != "\x1b[0m"
			}
			n = size
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r == '\r':
			if !strings.HasPrefix(s[i+1:], "\n") {
				b.WriteByte(' ')
			}
		case r < ' ' || r == 0x7f:
		case deceives(r):
			b.WriteString(escaped(r))
		default:
			b.WriteRune(r) // U+FFFD for a byte that is not UTF-8
		}
		i += n
	}
	if coloured {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// plain reports whether s holds nothing that Terminal would touch.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c >= 0x7f {
			return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return isControl(r) || deceives(r) })
		}
	}
	return true
}

func isControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f
}

// deceives reports whether r changes the order of what stands around it, breaks the line
// or stands there unseen.
func deceives(r rune) bool {
	switch {
	case r < 0x061c:
		return false
	case r == 0x061c, r == 0x200e, r == 0x200f, // marks of direction
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, // embeddings, overrides, isolates
		r == 0x2028, r == 0x2029, // line and paragraph
		r == 0x200b, r >= 0x2060 && r <= 0x2064, r >= 0x206a && r <= 0x206f, r == 0x180e, r == 0xfeff, // without width
		r >= 0xfff9 && r <= 0xfffb,   // annotations
		r >= 0xe0000 && r <= 0xe007f: // tags
		return true
	}
	return false
}

// escaped is a character as Go's and JavaScript's sources write it.
func escaped(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\u{%x}`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// sequence returns the length of the control at the start of s, which begins with ESC
// or a C1 control.
func sequence(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if r == 0x1b {
		if len(s) == 1 {
			return 1
		}
		c := s[1]
		switch {
		case c >= 0x40 && c <= 0x5f: // the 7-bit form of a C1 control
			r, n = rune(c)+0x40, 2
		case c >= 0x20 && c <= 0x2f: // intermediates, then one final byte
			i := 1
			for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
				i++
			}
			if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
				i++
			}
			return i
		case c >= 0x30 && c <= 0x7e:
			return 2
		default:
			return 1
		}
	}
	switch r {
	case 0x9b: // CSI: parameters, intermediates, final
		i := n
		for i < len(s) && s[i] >= 0x30 && s[i] <= 0x3f {
			i++
		}
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
			i++
		}
		return i
	case 0x90, 0x98, 0x9d, 0x9e, 0x9f: // DCS, SOS, OSC, PM, APC
		return n + stringEnd(s[n:])
	}
	return n
}

// stringEnd returns the length of a control string with its terminator, or 0 when it
// has none.
func stringEnd(s string) int {
	for i := range len(s) {
		switch {
		case s[i] == 0x07:
			return i + 1
		case s[i] == 0x1b && strings.HasPrefix(s[i:], "\x1b\\"):
			return i + 2
		case s[i] == 0x1b || s[i] == '\n': // another sequence or line: this one was left open
			return 0
		case strings.HasPrefix(s[i:], "\u009c"):
			return i + 2
		}
	}
	return 0
}

// isSGR reports whether seq is a complete "select graphic rendition".
func isSGR(seq string) bool {
	if len(seq) < 3 || len(seq) > maxSGR || seq[:2] != "\x1b[" || seq[len(seq)-1] != 'm' {
		return false
	}
	return strings.Trim(seq[2:len(seq)-1], "0123456789;:") == ""
}
