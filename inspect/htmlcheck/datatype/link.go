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
		{"rdfa-prefixes", "RDFa Core 9", checkPrefixes},
		{"link-sizes", "4.6.7.8", checkLinkSizes},
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
			return &Problem{Rule: "attr-value/link-type", Warning: true, Message: fmt.Sprintf("has the link type %q; link types have only spaces between them", clip(token))}
		}
		return nil
	})
}

// checkTerms takes terms, compact URIs and absolute URLs.
func checkTerms(v string) *Problem {
	if start, end := trimSpace(v); start == end && v != "" {
		return problem(0, 0, "attr-value/empty", "has nothing but white space; leave the attribute out or give a value")
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

// isTerm reports an XML name in which slashes may stand (RDFa Core 7.4.3).
func isTerm(s string) bool {
	for i, r := range s {
		if !isNameRune(r, i == 0) && (i == 0 || r != '/') {
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
	brackets := len(s) > 1 && s[0] == '[' && s[len(s)-1] == ']'
	if (brackets || prefixEnd(s) >= 0) && whiteSpace(s) < 0 {
		return nil
	}
	return checkURLLoose(v)
}

// checkPrefixes takes pairs of a prefix with a colon and a URL, with one space between.
func checkPrefixes(v string) *Problem {
	const want = `must be pairs such as "og: https://ogp.me/ns#": a name with a colon, one space, a URL`
	if start, end := trimSpace(v); start == end && v != "" {
		return problem(0, 0, "attr-value/prefix", want)
	}
	for i := 0; ; {
		start, end := nextToken(v, i)
		if start == end {
			return nil
		}
		if n := prefixEnd(v[start:end]); n < 1 || n != end-start-1 {
			return problem(start, end, "attr-value/prefix", want)
		}
		from, to := nextToken(v, end)
		if from == to || from != end+1 || v[end] != ' ' {
			return problem(start, to, "attr-value/prefix", want)
		}
		i = to
	}
}

// checkLinkSizes takes the sizes of an icon: 16x16 32x32, or any.
func checkLinkSizes(v string) *Problem {
	start, end := trimSpace(v)
	if equalFold(v[start:end], "any") {
		return nil
	}
	const want = `must be sizes such as "16x16 32x32", or the word any alone`
	if start == end {
		return problem(0, 0, "attr-value/sizes", want)
	}
	return each(v, func(size string) *Problem {
		x := digits(size, 0)
		if x == len(size) || size[x]|0x20 != 'x' || digits(size, x+1) < len(size) ||
			size[0] < '1' || size[0] > '9' || x+1 == len(size) || size[x+1] == '0' {
			return problem(0, 0, "attr-value/sizes", want)
		}
		// The standard allows a capital X, the reference checker does not.
		if size[x] == 'X' {
			return &Problem{Rule: "attr-value/sizes", Warning: true, Message: "is better written with a small x, which everything understands"}
		}
		return nil
	})
}
