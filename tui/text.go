package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// lineLimit bounds what one captured line may cost to clean and to measure; no
// screen shows more of it.
const lineLimit = 8 << 10

// clean makes captured text safe to draw on one line: escape sequences go, other
// control characters and bidirectional overrides become visible or blank, bytes
// that are not UTF-8 become U+FFFD. The result is at most [lineLimit] bytes long.
func clean(s string) string {
	if len(s) > lineLimit {
		s = s[:lineLimit]
	}
	if plainASCII(s) {
		return s
	}
	s = ansi.Strip(s)
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		b.WriteRune(visible(r))
	}
	return b.String()
}

// plainASCII reports whether s holds printable ASCII only, as nearly all does.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// visible maps a rune to one that cannot move the cursor, reorder the line or hide.
func visible(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return ' '
	case r < ' ':
		return '\u2400' + r // control pictures: ␀ ␁ …
	case r == 0x7f:
		return '\u2421'
	case unicode.IsControl(r), r == utf8.RuneError:
		return utf8.RuneError
	case unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
		// Format characters: zero-width and bidirectional ones. Joiners inside emoji
		// go too, which draws the parts apart: correct width matters more here.
		return utf8.RuneError
	case r >= 0xFE00 && r <= 0xFE0F:
		return utf8.RuneError // variation selectors change the width of the rune before
	}
	return r
}

// expandTabs replaces tabs by blanks up to the next multiple of eight cells. s must
// be free of escape sequences other than SGR.
func expandTabs(s string) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	col := 0
	for i, part := range strings.Split(s, "\t") {
		if i > 0 {
			n := 8 - col%8
			b.WriteString(strings.Repeat(" ", n))
			col += n
		}
		b.WriteString(part)
		col += ansi.StringWidth(part)
	}
	return b.String()
}

// terminalLine makes a line that a program printed safe to draw and keeps its
// colours.
func terminalLine(s string) string {
	if len(s) > lineLimit {
		s = s[:lineLimit]
	}
	if plainASCII(s) {
		return s
	}
	return expandTabs(keepColours(s))
}

// stripped is s without escape sequences.
func stripped(s string) string { return ansi.Strip(s) }

// indexCells returns the cell at which part begins in s, or -1.
func indexCells(s, part string) int {
	i := strings.Index(s, strings.TrimRight(part, " "))
	if i < 0 {
		return -1
	}
	return ansi.StringWidth(s[:i])
}

// keepColours drops every escape sequence of s but SGR (colours and the like), and
// makes other control characters visible. Tabs stay.
func keepColours(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	var state byte
	for len(s) > 0 {
		seq, width, n, next := ansi.DecodeSequence(s, state, nil)
		switch {
		case width > 0:
			for _, r := range seq {
				b.WriteRune(visible(r))
			}
		case isSGR(seq):
			b.WriteString("\x1b[" + strings.TrimPrefix(strings.TrimPrefix(seq, "\x1b["), "\u009b"))
		case seq == "\t":
			b.WriteString(seq)
		case n == 1 && seq != "\x1b" && seq != "\r":
			r, _ := utf8.DecodeRuneInString(seq)
			b.WriteRune(visible(r))
		}
		s, state = s[n:], next
	}
	return b.String()
}

// isSGR reports whether seq is a whole "select graphic rendition" sequence
// (ECMA-48, 8.3.117): digits, semicolons and colons between CSI and m.
func isSGR(seq string) bool {
	p, ok := strings.CutPrefix(seq, "\x1b[")
	if !ok {
		p, ok = strings.CutPrefix(seq, "\u009b")
	}
	if !ok || !strings.HasSuffix(p, "m") {
		return false
	}
	return strings.Trim(p[:len(p)-1], "0123456789;:") == ""
}
