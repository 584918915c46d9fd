package aria

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind is the type of an attribute's values.
type kind uint8

const (
	anyValue kind = iota
	text
	token    // one of words
	tokens   // some of words, each once; the last of them stands alone
	id       // a reference
	ids      // references
	positive // an integer over 0
	orNone   // an integer over 0, or -1 for "not known"
	number
)

func kindOf(s string) (kind, []string) {
	if list, ok := strings.CutPrefix(s, "tokens("); ok {
		return tokens, strings.Split(strings.TrimSuffix(list, ")"), "|")
	}
	switch s {
	case "any":
		return anyValue, nil
	case "text":
		return text, nil
	case "id":
		return id, nil
	case "ids":
		return ids, nil
	case "integer>0":
		return positive, nil
	case "integer>=-1":
		return orNone, nil
	case "number":
		return number, nil
	}
	return token, strings.Split(s, "|")
}

// problem says what a value must be, or "" when it is right.
func (a *attribute) problem(v string) string {
	switch a.kind {
	case token:
		if !slices.Contains(a.words, v) {
			return "must be " + either(a.words)
		}
	case tokens:
		return a.tokenProblem(v)
	case id:
		if v == "" || strings.ContainsAny(v, space) {
			return "must be the id of one element"
		}
	case ids:
		if strings.Trim(v, space) == "" {
			return "must name the id of an element"
		}
	case positive:
		if !digits(v) || strings.Trim(v, "0") == "" {
			return "must be a whole number from 1"
		}
	case orNone:
		if v != "-1" && !digits(v) {
			return "must be a whole number, or -1 when it is not known"
		}
	case number:
		if !float(v) {
			return "must be a number"
		}
	}
	return ""
}

// space is the white space of HTML.
const space = " \t\n\f\r"

func (a *attribute) tokenProblem(v string) string {
	list := strings.Fields(v)
	seen := map[string]bool{}
	alone := a.words[len(a.words)-1]
	for _, w := range list {
		if !slices.Contains(a.words, w) || seen[w] {
			return "must be some of " + strings.Join(a.words, ", ") + ", each once"
		}
		seen[w] = true
	}
	if len(list) == 0 {
		return "must be some of " + strings.Join(a.words, ", ")
	}
	if seen[alone] && len(list) > 1 {
		return fmt.Sprintf("must be %q alone, which stands for all the others", alone)
	}
	return ""
}

func digits(v string) bool {
	for i := range len(v) {
		if v[i] < '0' || v[i] > '9' {
			return false
		}
	}
	return v != ""
}

// float reports whether v is a valid floating-point number (HTML 2.3.4.3).
func float(v string) bool {
	if v == "" || v[0] == '+' || v[len(v)-1] == '.' || strings.ContainsAny(v, "xXpP_iInN") {
		return false
	}
	if i := strings.IndexAny(v, "eE"); i > 0 && v[i-1] == '.' {
		return false
	}
	_, err := strconv.ParseFloat(v, 64)
	return err == nil || strings.Contains(err.Error(), "range")
}

// either joins words for a sentence: "a, b or c".
func either(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = strconv.Quote(w)
	}
	if len(q) == 1 {
		return q[0]
	}
	return strings.Join(q[:len(q)-1], ", ") + " or " + q[len(q)-1]
}
