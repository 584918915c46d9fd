package datatype

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// The types of URLs differ in what they allow beside a valid URL string (URL 4.3): being
// empty, being relative, being several.
func urlTypes() []Type {
	return []Type{
		{"url", "2.4.1", checkURL},
		{"url-nonempty", "2.4.1", checkURLNonempty},
		{"url-or-empty", "2.4.1", checkURL},
		{"url-no-data-check", "2.4.1", checkURLLoose},
		{"url-http", "2.4.1", checkURLHTTP},
		{"url-list", "2.4.1", checkURLList},
		{"urls-space", "4.6.2", checkPing},
		{"absolute-url", "URL 4.3", checkAbsoluteURL},
		{"absolute-url-list", "5.2.2", checkAbsoluteURLs},
		{"microdata-type", "5.2.2", checkMicrodataType},
		{"any-uri", "XML Schema 2 3.2.17", checkAnyURI},
	}
}

func urlProblem(start, end int, rule finding.Rule, message string) *Problem {
	return &Problem{Start: start, End: end, Rule: rule, Message: message}
}

// checkURL takes a valid URL potentially surrounded by spaces, or nothing.
func checkURL(v string) *Problem {
	start, end := trimSpace(v)
	if start == end && strings.IndexByte(v, '\t') >= 0 {
		return urlProblem(0, 0, "url/empty", "holds only white space; it must be a URL or empty")
	}
	u := urlScan{s: v, pos: start, end: end}
	if u.start(); u.problem == nil && u.scheme == "data" {
		u.data()
	}
	return u.problem
}

func checkURLNonempty(v string) *Problem {
	if start, end := trimSpace(v); start == end {
		return urlProblem(0, 0, "url/empty", "is empty; it must be a URL")
	}
	return checkURL(v)
}

// checkURLLoose does not look into data: URLs.
func checkURLLoose(v string) *Problem {
	start, end := trimSpace(v)
	u := urlScan{s: v, pos: start, end: end}
	u.start()
	return u.problem
}

func checkURLHTTP(v string) *Problem {
	start, end := trimSpace(v)
	if !isHTTP(v[start:end]) {
		return urlProblem(start, end, "url/not-http", "must be an absolute URL that begins with http:// or https://")
	}
	return checkURL(v)
}

func isHTTP(s string) bool {
	return hasPrefixFold(s, "http:") || hasPrefixFold(s, "https:")
}

// each calls check for each token of v and returns the first problem, at its place in v.
func each(v string, check func(string) *Problem) *Problem {
	for i := 0; ; {
		start, end := nextToken(v, i)
		if start == end {
			return nil
		}
		if p := check(v[start:end]); p != nil {
			return shift(p, start, end)
		}
		i = end
	}
}

// shift moves the place of a problem in the part [start, end) of a value to the value.
func shift(p *Problem, start, end int) *Problem {
	if p.Start == 0 && p.End == 0 {
		p.Start, p.End = start, end
		return p
	}
	p.Start, p.End = p.Start+start, p.End+start
	return p
}

func checkURLList(v string) *Problem { return each(v, checkURL) }

// checkPing takes the URLs of the ping attribute: http and https only.
func checkPing(v string) *Problem { return each(v, checkURLHTTP) }

// checkAbsoluteURL takes an absolute URL, or nothing: the value of a URL field.
func checkAbsoluteURL(v string) *Problem {
	if v == "" {
		return nil
	}
	start, end := trimSpace(v)
	if start == end {
		return urlProblem(0, 0, "url/empty", "holds only spaces; it must be a URL or empty")
	}
	if schemeEnd(v[start:end]) < 0 {
		return urlProblem(start, end, "url/relative", "must be an absolute URL, one that begins with a scheme such as https://")
	}
	return checkURL(v)
}

func checkAbsoluteURLs(v string) *Problem { return each(v, checkAbsoluteURL) }

// checkMicrodataType takes one or more absolute URLs.
func checkMicrodataType(v string) *Problem {
	if start, end := trimSpace(v); start == end {
		return &Problem{Rule: "attr-value/empty", Message: "is empty; it must name one item type or more, as absolute URLs"}
	}
	return each(v, checkAbsoluteURL)
}

// checkAnyURI takes what XML Schema calls anyURI, which hardly refuses anything: SVG and
// MathML attributes are declared so.
func checkAnyURI(v string) *Problem {
	start, end := trimSpace(v)
	s := v[start:end]
	if i := strings.IndexByte(s, '%'); i >= 0 {
		for ; i < len(s); i++ {
			if s[i] == '%' && !isEscape(s[i:]) {
				return badPercent(start + i)
			}
		}
	}
	if i := strings.IndexByte(s, '#'); i >= 0 {
		if j := strings.IndexByte(s[i+1:], '#'); j >= 0 {
			at := start + i + 1 + j
			return urlProblem(at, at+1, "url/character", `has a second "#"; write %23 for it`)
		}
	}
	i := strings.IndexAny(s, ":/?#")
	if i < 0 || s[i] != ':' {
		return nil
	}
	if schemeEnd(s) != i {
		return urlProblem(start, start+i+1, "url/scheme", `has no valid scheme before the first ":"; write %3A for a colon that begins no scheme`)
	}
	if i+1 == len(s) {
		return urlProblem(start, end, "url/no-body", "has nothing after the scheme")
	}
	return nil
}
