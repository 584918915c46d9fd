package query

import (
	"regexp"
	"strings"
)

// textTest returns the test of a text field for op and v.
func textTest(field, op string, v value) (func(string) bool, error) {
	switch op {
	case "=":
		return func(s string) bool { return s == v.text }, nil
	case "!=":
		return func(s string) bool { return s != v.text }, nil
	case "~":
		re, err := compile(v)
		if err != nil {
			return nil, err
		}
		return re.MatchString, nil
	case ":":
		if v.text == "" {
			return nil, v.errorf("", "%s: needs a value", field)
		}
		if !v.quoted && strings.ContainsAny(v.text, "*?") {
			return glob(v.text), nil
		}
		return func(s string) bool { return containsFold(s, v.text) }, nil
	}
	return nil, v.errorf("", "%s is text and cannot be compared with %s", field, op)
}

// compile compiles the regular expression v.
func compile(v value) (*regexp.Regexp, error) {
	if v.text == "" {
		return nil, v.errorf("", "an empty regular expression")
	}
	re, err := regexp.Compile(v.text)
	if err != nil {
		return nil, v.errorf("", "%s", strings.Replace(err.Error(), "error parsing regexp", "regular expression", 1))
	}
	return re, nil
}

// glob returns a test of a whole string against a pattern in which * stands for any
// text, slashes included, and ? for one character. Case does not matter.
func glob(pattern string) func(string) bool {
	var b strings.Builder
	b.WriteString(`(?is)\A`)
	for _, r := range pattern {
		switch r {
		case '*':
			b.WriteString(`.*`)
		case '?':
			b.WriteString(`.`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String()).MatchString // made of quoted text: always valid
}

// containsFold reports whether s contains sub, with ASCII letters of either case
// equal. Other letters are compared as they are: the scan runs over a whole history.
func containsFold(s, sub string) bool {
	if sub == "" {
		return true
	}
	first := lower(sub[0])
	for i := 0; i+len(sub) <= len(s); i++ {
		if lower(s[i]) == first && equalFold(s[i:i+len(sub)], sub) {
			return true
		}
	}
	return false
}

// equalFold is for strings of equal length.
func equalFold(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
