package httpx

import "strings"

// Plain returns s with U+FFFD in place of control characters, but for those in keep ("\t\n"),
// and of what is no UTF-8: for pages and messages that repeat what a program has printed.
func Plain(s, keep string) string {
	return strings.Map(func(r rune) rune {
		if (r < ' ' || r >= 0x7f && r < 0xa0) && !strings.ContainsRune(keep, r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
