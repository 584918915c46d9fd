package httpx

import (
	"strings"
	"unicode"
)

// printable returns at most limit characters of s, with U+FFFD in place of what is no
// printable character, for pages and messages that repeat what a client or a server sent.
func printable(s string, limit int) string {
	n := 0
	return strings.Map(func(c rune) rune {
		if n++; n > limit {
			return -1
		}
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}
