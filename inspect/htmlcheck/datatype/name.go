package datatype

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

func nameTypes() []Type {
	return []Type{
		{"id", "3.2.6", checkID},
		{"idref", "2.6.8", checkID},
		{"idrefs", "2.6.8", checkIDRefs},
		{"hash-name", "2.3.8", checkHashName},
		{"usemap", "2.3.8", checkHashName},
		{"map-name", "4.8.13", checkID},
		{"name", "4.10.19.1", checkNonempty},
		{"tokens", "2.3.7", anything},
		{"unique-tokens", "2.3.7", checkUniqueTokens},
		{"custom-element-name", "4.13.3", checkCustomElementName},
		{"itemprop", "5.2.3", checkItemprop},
		{"access-keys", "6.6.2", checkAccessKeys},
		{"navigable-target", "7.3.1.7", checkNavigableTarget},
		{"frame-name", "7.3.1.7", checkFrameName},
		{"part", "CSS Shadow Parts 2", anything},
		{"slot", "3.2.6", anything},
	}
}

// whiteSpace returns where the first white space of v is, or -1.
func whiteSpace(v string) int {
	for i := 0; i < len(v); i++ {
		if isSpace(v[i]) {
			return i
		}
	}
	return -1
}

func checkID(v string) *Problem {
	if v == "" {
		return problem(0, 0, "attr-value/empty", "is empty; an id has at least one character")
	}
	if i := whiteSpace(v); i >= 0 {
		return problem(i, i+1, "attr-value/space", "has white space; an id has none, so write a hyphen or take it out")
	}
	return nil
}

func checkIDRefs(v string) *Problem {
	if start, end := trimSpace(v); start == end {
		return problem(0, 0, "attr-value/empty", "is empty; it must name at least one id")
	}
	return nil
}

func checkHashName(v string) *Problem {
	switch {
	case v == "":
		return problem(0, 0, "attr-value/empty", `is empty; it must be "#" and the name of a map`)
	case v[0] != '#':
		return problem(0, 0, "attr-value/hash", fmt.Sprintf(`must begin with "#": write "#%s"`, clip(v)))
	case v == "#":
		return problem(0, 0, "attr-value/hash", `must have a name after "#"`)
	}
	return nil
}

// fewTokens is how many tokens are compared with one another before a table is made.
const fewTokens = 16

func checkUniqueTokens(v string) *Problem {
	var seen map[string]bool
	for i, n := 0, 0; ; n++ {
		start, end := nextToken(v, i)
		if start == end {
			return nil
		}
		token := v[start:end]
		if n == fewTokens {
			seen = make(map[string]bool)
			for j := 0; j < start; {
				from, to := nextToken(v[:start], j)
				seen[v[from:to]] = true
				j = max(to, j+1)
			}
		}
		if seen[token] || n < fewTokens && hasToken(v[:start], token) {
			return problem(start, end, "attr-value/twice", fmt.Sprintf("has %q twice; once is right", clip(token)))
		}
		if seen != nil {
			seen[token] = true
		}
		i = end
	}
}

// hasToken reports whether the list of tokens has this one.
func hasToken(list, token string) bool {
	for i := 0; ; {
		start, end := nextToken(list, i)
		if start == end {
			return false
		}
		if list[start:end] == token {
			return true
		}
		i = end
	}
}

// maxUnique is how many keys are compared with one another: no keyboard has more.
const maxUnique = 64

// checkAccessKeys takes distinct single characters.
func checkAccessKeys(v string) *Problem {
	for i, n := 0, 0; n < maxUnique; n++ {
		start, end := nextToken(v, i)
		if start == end {
			return nil
		}
		if _, size := utf8.DecodeRuneInString(v[start:end]); size != end-start {
			return problem(start, end, "attr-value/key", fmt.Sprintf("has the key %q; each key is one character, with spaces between", clip(v[start:end])))
		}
		if hasToken(v[:start], v[start:end]) {
			return problem(start, end, "attr-value/twice", fmt.Sprintf("has the key %q twice; once is right", v[start:end]))
		}
		i = end
	}
	return nil
}

// checkNavigableTarget takes a name for a frame or window, or one of the four keywords.
func checkNavigableTarget(v string) *Problem {
	if v == "" {
		return problem(0, 0, "attr-value/empty", "is empty; leave the attribute out or name a target")
	}
	if v[0] == '_' {
		for _, word := range [...]string{"_blank", "_self", "_parent", "_top"} {
			if equalFold(v, word) {
				return nil
			}
		}
		return problem(0, 0, "attr-value/keyword", fmt.Sprintf("is %q; what begins with an underscore must be _blank, _self, _parent or _top", clip(v)))
	}
	return nil
}

func checkFrameName(v string) *Problem {
	switch {
	case v == "":
		return problem(0, 0, "attr-value/empty", "is empty; leave the attribute out or give a name")
	case v[0] == '_':
		return problem(0, 1, "attr-value/underscore", "begins with an underscore, which is for keywords such as _blank; choose another name")
	}
	return nil
}

// checkItemprop takes property names: absolute URLs, or words without a dot and a colon.
func checkItemprop(v string) *Problem {
	if start, end := trimSpace(v); start == end {
		return problem(0, 0, "attr-value/empty", "is empty; it must name at least one property")
	}
	return each(v, func(name string) *Problem {
		if strings.IndexByte(name, ':') >= 0 {
			return checkAbsoluteURL(name)
		}
		if strings.IndexByte(name, '.') >= 0 {
			return problem(0, 0, "attr-value/dot", "is a property name with a dot; only an absolute URL may have one")
		}
		return nil
	})
}

// reservedNames have a hyphen and are no custom elements (4.13.3): SVG and MathML have them.
var reservedNames = [...]string{
	"annotation-xml", "color-profile", "font-face", "font-face-src", "font-face-uri",
	"font-face-format", "font-face-name", "missing-glyph",
}

func checkCustomElementName(v string) *Problem {
	const want = "must be the name of a custom element: a small letter first, no capitals, and a hyphen in it"
	switch {
	case v == "":
		return problem(0, 0, "attr-value/empty", "is empty; it "+want)
	case v[0] < 'a' || v[0] > 'z':
		return problem(0, 0, "attr-value/custom-element-name", want)
	case strings.IndexByte(v, '-') < 0:
		return problem(0, 0, "attr-value/custom-element-name", want)
	}
	if i := strings.IndexFunc(v, func(r rune) bool { return r >= 'A' && r <= 'Z' || strings.ContainsRune(" \t\n\f\r\x00/>", r) }); i >= 0 {
		return problem(i, i+1, "attr-value/custom-element-name", fmt.Sprintf("%s; %s may not be in it", want, nameRune(rune(v[i]))))
	}
	for _, name := range reservedNames {
		if v == name {
			return problem(0, 0, "attr-value/custom-element-name", "is the name of an SVG or MathML element; choose another one")
		}
	}
	return nil
}

// isPotentialNameRune reports a character of the names of XML 1.0 (2.3) but for the colon and
// capital ASCII letters.
func isPotentialNameRune(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
	case r == 0xB7, r >= 0xC0 && r <= 0x37D && r != 0xD7 && r != 0xF7, r >= 0x37F && r <= 0x1FFF,
		r == 0x200C, r == 0x200D, r == 0x203F, r == 0x2040, r >= 0x2070 && r <= 0x218F, r >= 0x2C00 && r <= 0x2FEF,
		r >= 0x3001 && r <= 0xD7FF, r >= 0xF900 && r <= 0xFDCF, r >= 0xFDF0 && r <= 0xFFFC, r >= 0x10000 && r <= 0xEFFFF:
		return true
	}
	return false
}
