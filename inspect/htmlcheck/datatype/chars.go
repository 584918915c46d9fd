package datatype

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// isSpace reports ASCII white space.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// trimSpace returns the part of s between white space at both ends.
func trimSpace(s string) (start, end int) {
	for end = len(s); end > 0 && isSpace(s[end-1]); end-- {
	}
	for start < end && isSpace(s[start]) {
		start++
	}
	return start, end
}

// nextToken returns the next run of other characters than white space from i on; an empty
// one at the end of s.
func nextToken(s string, i int) (start, end int) {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	start = i
	for i < len(s) && !isSpace(s[i]) {
		i++
	}
	return start, i
}

// equalFold reports whether s is the lower-case word, ASCII case-insensitively.
func equalFold(s, lower string) bool {
	return len(s) == len(lower) && hasPrefixFold(s, lower)
}

// hasPrefixFold reports whether s begins with the lower-case word, ASCII case-insensitively.
func hasPrefixFold(s, lower string) bool {
	if len(s) < len(lower) {
		return false
	}
	for i := 0; i < len(lower); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// nameRune names a character for a message, so that also invisible ones are seen.
func nameRune(r rune) string {
	switch r {
	case ' ':
		return "a space"
	case '\t':
		return "a tab"
	case '\n', '\r':
		return "a line break"
	case '\f':
		return "a form feed"
	}
	if unicode.IsPrint(r) {
		return `"` + string(r) + `"`
	}
	return fmt.Sprintf("the character U+%04X", r)
}

// maxQuoted bounds what a message quotes of a value: a value can have megabytes.
const maxQuoted = 60

// clip shortens s for a message.
func clip(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	n := maxQuoted
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// runeEnd returns where the character at s[i] ends; a byte that begins none is one.
func runeEnd(s string, i int) int {
	_, n := utf8.DecodeRuneInString(s[i:])
	return i + n
}
