package redact

import (
	"regexp"
	"strings"
)

// fieldName: the beginning of a field in a struct as Go syntax.
var fieldName = regexp.MustCompile(`^([\pL_][\pL\pN_]*): `)

// fields masks what stands behind a plainly secret name in a struct as Go syntax,
// whatever it is; the struct may be cut off.
func (r *Redactor) fields(s string) string {
	if !strings.Contains(s, ": ") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		end := i + 1
		switch {
		case s[i] == '"':
			end = stringEnd(s, i)
		case i > 0 && (s[i-1] == '{' || s[i-1] == ' '):
			m := fieldName.FindStringSubmatch(s[i:])
			if m == nil || !r.plainlySecret(m[1]) {
				break
			}
			b.WriteString(m[0])
			i += len(m[0])
			end = valueEnd(s, i)
			if !tellsNothing(s[i:end]) {
				b.WriteString(Mask)
				i = end
			}
		}
		b.WriteString(s[i:end])
		i = end
	}
	return b.String()
}

// tellsNothing is true for the values that a secret has when there is none.
func tellsNothing(value string) bool {
	switch value {
	case "nil", `""`, "0", "true", "false":
		return true
	}
	return false
}

// valueEnd returns where the value that begins at i ends: at its comma, or the bracket
// around it.
func valueEnd(s string, i int) int {
	depth := 0
	for i < len(s) {
		switch s[i] {
		case '"':
			i = stringEnd(s, i)
			continue
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth--; depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return len(s)
}
