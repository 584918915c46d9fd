package css

import (
	_ "embed"
	"strings"
	"sync"
)

// propertyList has the names of properties, one a line; # begins a comment.
//
//go:embed properties.txt
var propertyList string

// properties is made at the first use.
var properties = sync.OnceValue(func() map[string]struct{} {
	m := make(map[string]struct{}, strings.Count(propertyList, "\n"))
	for line := range strings.Lines(propertyList) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			m[line] = struct{}{}
		}
	}
	return m
})

// knownProperty reports whether there is a property of this name, in any case.
func knownProperty(name string) bool {
	_, ok := properties()[strings.ToLower(name)]
	return ok
}

// suggestion is suggest as long as the page may ask.
func (s *sheet) suggestion(lower string) string {
	if *s.suggestions <= 0 || s.found >= maxFindings {
		return ""
	}
	*s.suggestions--
	return suggest(lower)
}

// suggest names a property that differs from an unknown one by hyphens or one letter, if
// there is one.
func suggest(lower string) string {
	if len(lower) < 4 || len(lower) > 40 {
		return ""
	}
	best, plain := "", strings.ReplaceAll(lower, "-", "")
	for p := range properties() {
		if strings.ReplaceAll(p, "-", "") == plain {
			return "; did you mean " + p + "?"
		}
		if oneEdit(lower, p) && (best == "" || p < best) {
			best = p
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// oneEdit reports whether a becomes b by one letter added, removed, changed or swapped.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) {
		return false
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
