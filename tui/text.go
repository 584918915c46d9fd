package tui

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect/body"
)

// lineLimit bounds what one captured line may cost to clean and to measure; no
// screen shows more of it.
const lineLimit = 8 << 10

// clean makes captured text safe to draw on one line: escape sequences
// and other control characters go, line ends and tabs become blanks, characters that
// reorder the text or stand there unseen are written out, \u202e, and bytes that are not
// UTF-8 become U+FFFD. At most [lineLimit] bytes of s are read.
func clean(s string) string {
	return safe(s[:min(len(s), lineLimit)])
}

// safe is [clean] for text of any length.
func safe(s string) string {
	if plainASCII(s) {
		return s
	}
	return strings.Map(visible, body.Terminal(s, false))
}

// readable is a query with the letters beyond ASCII that it names by escapes, "%E6%97%A5",
// written as such. Escapes of ASCII stay: they are escaped because they would mean something.
func readable(query string) string {
	if !strings.Contains(query, "%") {
		return query
	}
	query = query[:min(len(query), lineLimit)]
	var b strings.Builder
	for i := 0; i < len(query); {
		raw, n := escapedBytes(query[i:])
		if n == 0 {
			b.WriteByte(query[i])
			i++
			continue
		}
		for len(raw) > 0 {
			r, size := utf8.DecodeRune(raw)
			if r >= utf8.RuneSelf && r != utf8.RuneError && unicode.IsGraphic(r) {
				b.WriteRune(r)
			} else {
				b.WriteString(query[i : i+3*size])
			}
			raw, i = raw[size:], i+3*size
		}
	}
	return b.String()
}

// escapedBytes are the bytes of the escapes that s begins with, and the length of those.
func escapedBytes(s string) (raw []byte, n int) {
	for len(s) >= n+3 && s[n] == '%' {
		v, err := strconv.ParseUint(s[n+1:n+3], 16, 8)
		if err != nil {
			break
		}
		raw, n = append(raw, byte(v)), n+3
	}
	return raw, n
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
	s = strings.Map(func(r rune) rune {
		if r == '\x1b' || r == '\t' { // an escape that is left begins a colour
			return r
		}
		return visible(r)
	}, body.Terminal(s, true))
	return expandTabs(s)
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

// foldStyled cuts a styled line into parts of width cells; each part carries the
// colours that are on at its start.
func foldStyled(s string, width int) []string {
	if ansi.StringWidth(s) <= width {
		return []string{s}
	}
	var b strings.Builder
	w := lipgloss.NewWrapWriter(&b) // opens and closes the colours at each line end
	w.Write([]byte(ansi.Hardwrap(s, width, true)))
	w.Close()
	return strings.Split(b.String(), "\n")
}
