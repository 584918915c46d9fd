package reloader

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// CleanLine makes text that is safe to show out of a line of raw output. Of a
// terminal's language it keeps colour (ECMA-48 SGR, "ESC [ ... m") and tabs; cursor
// movement, titles, links and other control bytes are dropped. Text before a lone
// carriage return was overwritten on a terminal and is dropped too. A byte that is
// not UTF-8 is shown as \xNN.
func CleanLine(raw []byte) string {
	raw = bytes.TrimRight(raw, "\r")
	if i := bytes.LastIndexByte(raw, '\r'); i >= 0 {
		raw = raw[i+1:]
	}
	if isPlain(raw) {
		return string(raw)
	}
	var b strings.Builder
	b.Grow(len(raw))
	for len(raw) > 0 {
		if raw[0] == 0x1b {
			seq := escapeLen(raw)
			if isColour(raw[:seq]) {
				b.Write(raw[:seq])
			}
			raw = raw[seq:]
			continue
		}
		r, size := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, raw[0])
		case r == '\t' || r >= 0x20 && (r < 0x7f || r > 0x9f):
			b.Write(raw[:size])
		}
		raw = raw[size:]
	}
	return b.String()
}

func isPlain(raw []byte) bool {
	for _, c := range raw {
		if c != '\t' && (c < 0x20 || c > 0x7e) {
			return false
		}
	}
	return true
}

// escapeLen is the length of the escape sequence at the start of raw, which begins
// with ESC. An unfinished one goes to the end of the line.
func escapeLen(raw []byte) int {
	if len(raw) < 2 {
		return len(raw)
	}
	switch raw[1] {
	case '[': // CSI: parameters, then one final byte 0x40-0x7e
		for i := 2; i < len(raw); i++ {
			if raw[i] >= 0x40 && raw[i] <= 0x7e {
				return i + 1
			}
			if raw[i] < 0x20 || raw[i] > 0x7e {
				return i
			}
		}
		return len(raw)
	case ']', 'P', 'X', '^', '_': // OSC, DCS, SOS, PM, APC: up to BEL or ST
		for i := 2; i < len(raw); i++ {
			if raw[i] == 0x07 {
				return i + 1
			}
			if raw[i] == 0x1b {
				if i+1 < len(raw) && raw[i+1] == '\\' {
					return i + 2
				}
				return i
			}
		}
		return len(raw)
	}
	for i := 1; i < len(raw); i++ { // intermediates, then a final byte
		if raw[i] < 0x20 || raw[i] > 0x2f {
			if raw[i] < 0x20 || raw[i] > 0x7e {
				return i
			}
			return i + 1
		}
	}
	return len(raw)
}

// isColour reports whether seq is a complete SGR sequence.
func isColour(seq []byte) bool {
	if len(seq) < 3 || seq[1] != '[' || seq[len(seq)-1] != 'm' {
		return false
	}
	for _, c := range seq[2 : len(seq)-1] {
		if (c < '0' || c > '9') && c != ';' && c != ':' {
			return false
		}
	}
	return true
}

// maxHeldEscape bounds what a partial line keeps back of an unfinished escape
// sequence: real ones are short.
const maxHeldEscape = 64

// wholeRunes is how much of an unfinished line can be shown: without a rune, a
// carriage return or an escape sequence whose rest has not come.
func wholeRunes(buf []byte) int {
	n := len(buf)
	for back := 1; back <= min(utf8.UTFMax-1, n); back++ {
		if utf8.RuneStart(buf[n-back]) {
			if !utf8.FullRune(buf[n-back:]) {
				n -= back
			}
			break
		}
	}
	if i := bytes.LastIndexByte(buf[:n], 0x1b); i >= 0 && n-i < maxHeldEscape && escapeLen(buf[i:n]) == n-i && !endsEscape(buf[i:n]) {
		n = i
	}
	if n > 0 && buf[n-1] == '\r' {
		n--
	}
	if n == 0 && len(buf) >= maxLine {
		return len(buf)
	}
	return n
}

// endsEscape reports whether the sequence, which fills seq, is complete.
func endsEscape(seq []byte) bool {
	last := seq[len(seq)-1]
	switch {
	case len(seq) < 2:
		return false
	case seq[1] == '[':
		return len(seq) > 2 && last >= 0x40 && last <= 0x7e
	case strings.IndexByte("]PX^_", seq[1]) >= 0:
		return last == 0x07 || bytes.HasSuffix(seq, []byte("\x1b\\"))
	}
	return last >= 0x30 && last <= 0x7e
}
