package datatype

import (
	"fmt"
	"unicode/utf8"
)

func linkTypes() []Type {
	return []Type{
		{"link-types-a", "4.6.7", checkLinkTypes},
		{"link-types-link", "4.6.7", checkLinkTypes},
		{"link-types-form", "4.6.7", checkTerms},
		{"rdfa-terms", "RDFa in HTML 3.1", checkTerms},
		{"rdfa-term", "RDFa in HTML 3.1", checkTerm},
		{"rdfa-resource", "RDFa Core 7.4", checkResource},
		{"rdfa-vocab", "RDFa Core 9", checkAbsoluteURL},
		{"rdfa-prefix", "RDFa Core 9", checkPrefixes},
	}
}

// checkLinkTypes takes link types, each once. Which ones an element may have is not decided
// here: the reference checker lets unknown ones pass, since anybody may register one.
func checkLinkTypes(v string) *Problem {
	if p := checkUniqueTokens(v); p != nil {
		return p
	}
	return each(v, func(token string) *Problem {
		if n := len(token); n > 1 && (token[n-1] == ';' || token[n-1] == ',') && isTerm(token[:n-1]) {
			return &Problem{Rule: "link-type", Warning: true, Message: fmt.Sprintf("has the link type %q; link types have only spaces between them", clip(token))}
		}
		return nil
	})
}

// checkTerms takes terms, compact URIs and absolute URLs.
func checkTerms(v string) *Problem {
	if start, end := trimSpace(v); start == end && v != "" {
		return problem(0, 0, "empty", "has nothing but white space; leave the attribute out or give a value")
	}
	return each(v, checkTermToken)
}

func checkTermToken(token string) *Problem {
	if isTerm(token) || prefixEnd(token) >= 0 {
		return nil
	}
	return checkAbsoluteURL(token)
}

// checkTerm takes a single term, compact URI or absolute URL.
func checkTerm(v string) *Problem {
	if v == "" {
		return nil
	}
	if isTerm(v) || prefixEnd(v) >= 0 && whiteSpace(v) < 0 {
		return nil
	}
	return checkAbsoluteURL(v)
}

// isTerm reports a name of XML with slashes allowed.
func isTerm(s string) bool {
	for i, r := range s {
		if !isNameRune(r, i == 0) {
			return false
		}
	}
	return s != ""
}

// isNameRune reports a character of an XML name without a colon.
func isNameRune(r rune, first bool) bool {
	if r < utf8.RuneSelf {
		c := byte(r)
		return isAlpha(c) || c == '_' || !first && (isDigit(c) || c == '-' || c == '.')
	}
	return isPotentialNameRune(r)
}

// prefixEnd returns where the colon after a prefix is, or -1.
func prefixEnd(s string) int {
	for i, r := range s {
		if r == ':' {
			return i
		}
		if !isNameRune(r, i == 0) {
			return -1
		}
	}
	return -1
}

// checkResource takes a URL, or a compact URI that may stand in brackets.
func checkResource(v string) *Problem {
	start, end := trimSpace(v)
	s := v[start:end]
	if n := len(s); n > 1 && s[0] == '[' && s[n-1] == ']' || prefixEnd(s) >= 0 && whiteSpace(s) < 0 {
		return nil
	}
	return checkURLLoose(v)
}

// checkPrefixes takes pairs of a prefix with a colon and a URL.
func checkPrefixes(v string) *Problem {
	for i := 0; ; {
		start, end := nextToken(v, i)
		if start == end {
			return nil
		}
		if n := prefixEnd(v[start:end]); n < 1 || n != end-start-1 {
			return problem(start, end, "prefix", `must be pairs such as "og: https://ogp.me/ns#": a name with a colon, a space, a URL`)
		}
		from, to := nextToken(v, end)
		if from == to {
			return problem(start, end, "prefix", "has a prefix without a URL after it")
		}
		i = to
	}
}
