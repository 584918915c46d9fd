package datatype

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

func mimeTypes() []Type {
	return []Type{
		{"mime-type", "2.4.6", checkMIME},
		{"mime-list", "4.10.5.1.17", checkAccept},
		{"charset", "2.4.4", checkCharset},
		{"content-type-meta", "4.2.5.4", checkContentTypeMeta},
	}
}

const wantMIME = "a media type such as text/html or image/png"

// tokenEnd returns where the token that begins at i ends (RFC 2045 5.1).
func tokenEnd(v string, i int) int {
	for i < len(v) && isTokenByte(int(v[i])) {
		i++
	}
	return i
}

// checkMIME takes a valid MIME type string: a type, a subtype and parameters.
func checkMIME(v string) *Problem {
	if v == "" {
		return problem(0, 0, "attr-value/mime", "is empty; it must be "+wantMIME)
	}
	i := tokenEnd(v, 0)
	if i == 0 || i == len(v) || v[i] != '/' {
		return problem(min(i, len(v)-1), len(v), "attr-value/mime", "must be "+wantMIME+": a type, a slash and a subtype")
	}
	from := i + 1
	if i = tokenEnd(v, from); i == from {
		return problem(from-1, len(v), "attr-value/mime", "must be "+wantMIME+"; there is no subtype after the slash")
	}
	for i < len(v) {
		j := skipSpace(v, i)
		if j == len(v) || v[j] != ';' {
			return problem(i, len(v), "attr-value/mime", "must be one media type and nothing after it but parameters such as ;charset=utf-8")
		}
		var p *Problem
		if i, p = mimeParameter(v, j); p != nil {
			return p
		}
	}
	return nil
}

// mimeParameter reads the parameter whose semicolon is at v[semicolon].
func mimeParameter(v string, semicolon int) (end int, p *Problem) {
	bad := func(what string) (int, *Problem) {
		return 0, problem(semicolon, len(v), "attr-value/mime", what)
	}
	from := skipSpace(v, semicolon+1)
	i := tokenEnd(v, from)
	switch {
	case from == len(v):
		return bad("ends with a semicolon; take it out")
	case i == from || i == len(v) || v[i] != '=':
		return bad("has a parameter that is not of the form name=value")
	}
	from = i + 1
	if from < len(v) && v[from] == '"' {
		for i = from + 1; i < len(v) && v[i] != '"'; i++ {
			if v[i] == '\\' {
				i++
			}
		}
		if i >= len(v) {
			return bad("has a parameter whose quotation mark is not closed")
		}
		return i + 1, nil
	}
	if i = tokenEnd(v, from); i == from {
		return bad("has a parameter without a value")
	}
	return i, nil
}

// checkAccept takes media types, groups of them such as image/*, and file extensions, with
// commas between.
func checkAccept(v string) *Problem {
	for start := 0; ; {
		end := len(v)
		if i := strings.IndexByte(v[start:], ','); i >= 0 {
			end = start + i
		}
		a, b := trimSpace(v[start:end])
		if item := v[start+a : start+b]; !isAccepted(item) {
			if item == "" {
				return problem(max(start-1, 0), end, "attr-value/accept", "has an empty item; between commas there must be "+wantAccept)
			}
			return problem(start+a, start+b, "attr-value/accept", fmt.Sprintf("has the item %q; each must be %s", clip(item), wantAccept))
		}
		if end == len(v) {
			return nil
		}
		start = end + 1
	}
}

const wantAccept = "a file extension such as .pdf, a media type such as image/png, or image/*, audio/* or video/*"

func isAccepted(s string) bool {
	if strings.HasPrefix(s, ".") {
		return len(s) > 1 && tokenEnd(s, 1) == len(s)
	}
	i := strings.IndexByte(s, '/')
	return i > 0 && tokenEnd(s, 0) == i && i+1 < len(s) && s[0] != '*' && tokenEnd(s, i+1) == len(s)
}

// checkCharset takes a name or label of a character encoding (Encoding 4.2).
func checkCharset(v string) *Problem {
	if v == "" {
		return &Problem{Rule: "encoding/charset", Message: "is empty; it must be a character encoding: utf-8"}
	}
	if equalFold(v, "utf-8") {
		return nil
	}
	if _, err := htmlindex.Get(v); err != nil {
		return &Problem{Rule: "encoding/charset", Message: fmt.Sprintf("is %q, which is no character encoding; write utf-8", clip(v))}
	}
	return nil
}

// checkContentTypeMeta takes what <meta http-equiv=content-type> may say: text/html, and an
// encoding that is found as browsers find it.
func checkContentTypeMeta(v string) *Problem {
	const want, text = `must be "text/html; charset=utf-8"`, "text/html;"
	if !hasPrefixFold(v, text) {
		return encodingProblem(0, 0, want)
	}
	from, to := metaCharset(v)
	switch {
	case from < 0:
		return encodingProblem(0, 0, want+"; it names no encoding")
	case !equalFold(v[from:to], "utf-8"):
		return encodingProblem(from, to, want+"; utf-8 is the only encoding of new pages")
	}
	return nil
}

func encodingProblem(start, end int, message string) *Problem {
	return &Problem{Start: start, End: end, Rule: "encoding/declaration", Message: message}
}

// metaCharset extracts a character encoding from a meta element (2.4.4): it returns where the
// name stands, or -1.
func metaCharset(v string) (start, end int) {
	const word = "charset"
	for i := 0; i+len(word) <= len(v); i++ {
		if !hasPrefixFold(v[i:], word) {
			continue
		}
		j := skipSpace(v, i+len(word))
		if j == len(v) || v[j] != '=' {
			continue
		}
		start = skipSpace(v, j+1)
		if start == len(v) {
			return -1, -1
		}
		if quote := v[start]; quote == '"' || quote == '\'' {
			n := strings.IndexByte(v[start+1:], quote)
			if n < 0 {
				return -1, -1
			}
			return start + 1, start + 1 + n
		}
		for end = start; end < len(v) && !isSpace(v[end]) && v[end] != ';'; end++ {
		}
		return start, end
	}
	return -1, -1
}
