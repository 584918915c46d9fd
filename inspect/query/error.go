package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error says what is wrong with a query, and where.
type Error struct {
	Pos, Len   int    // the place in the query, in bytes; Len may be 0 at its end
	Message    string // lower case: `unknown field "staus"`
	Suggestion string // what may have been meant, to stand in the place instead; or ""
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s at character %d", e.Message, e.Pos+1)
	if e.Suggestion != "" {
		s += fmt.Sprintf(" (did you mean %s?)", e.Suggestion)
	}
	return s
}

// Caret returns two lines: text, and marks below the place of the error. Each
// character is taken to be one cell wide.
func (e *Error) Caret(text string) string {
	pos := min(max(e.Pos, 0), len(text))
	end := min(pos+max(e.Len, 0), len(text))
	line := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	return line + "\n" + strings.Repeat(" ", utf8.RuneCountInString(text[:pos])) +
		strings.Repeat("^", max(1, utf8.RuneCountInString(text[pos:end])))
}

// Nearest returns the candidate closest to word, or "" when none is close. Candidates are
// in lower case.
func Nearest(word string, candidates []string) string {
	best, bestDist := "", 1+max(1, len(word)/3)
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), c, bestDist); d < bestDist {
			best, bestDist = c, d
		}
	}
	if best == "" && len(word) >= 2 {
		for _, c := range candidates {
			if strings.HasPrefix(c, strings.ToLower(word)) {
				return c
			}
		}
	}
	return best
}

// distance is the number of single-byte edits, and swaps of neighbours, from a to b;
// the exact value does not matter once it reaches limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
