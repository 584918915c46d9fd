package datatype

import (
	"strings"
)

// svgTypes are the values of SVG. What a browser ignores but checkers let pass (a length that
// is none, an odd number of coordinates) is a warning: SVG 1.1 and 2, CSS and the tools that
// write SVG do not agree on all of it.
func svgTypes() []Type {
	return []Type{
		{"svg-id", "XML 1.0 2.3", checkXMLName},
		{"svg-language", "XML 1.0 2.12", checkSVGLanguage},
		{"svg-integer", "SVG 1.1 4.2", checkSVGInteger},
		{"svg-number", "SVG 1.1 4.2", checkSVGNumber},
		{"svg-numbers", "SVG 1.1 4.2", checkSVGNumbers},
		{"svg-number-or-percentage", "SVG 1.1 4.2", checkSVGLength},
		{"svg-length", "SVG 1.1 4.2", checkSVGLength},
		{"svg-points", "SVG 1.1 9.7.1", checkSVGPoints},
		{"svg-viewbox", "SVG 1.1 7.7", checkSVGViewBox},
		{"svg-transform", "SVG 1.1 7.6", checkSVGTransform},
		{"svg-path", "SVG 1.1 8.3.9", checkSVGPath},
		{"svg-paint-order", "SVG 2 13.7", checkSVGPaintOrder},
		{"svg-preserve-aspect-ratio", "SVG 1.1 7.8", checkSVGAspectRatio},
		{"svg-target", "SVG 1.1 17.1.2", checkSVGTarget},
		{"svg-version", "SVG 1.1 5.1.2", checkSVGVersion},
	}
}

// checkXMLName reports what is no Name of XML 1.0 (fifth edition, [5]).
func checkXMLName(v string) *Problem {
	if v == "" {
		return &Problem{Message: "must not be empty: a name begins with a letter, _ or :", Rule: "attr-value/id"}
	}
	for i, r := range v {
		if xmlNameChar(r, i > 0) {
			continue
		}
		p := &Problem{Start: i, End: runeEnd(v, i), Rule: "attr-value/id",
			Message: "must be an XML name here: letters, digits, -, _ and . only"}
		if i == 0 {
			p.Message = "must be an XML name here: it begins with a letter, _ or :"
		}
		return p
	}
	return nil
}

// xmlNameChar reports whether r is a NameStartChar, or with inside a NameChar (XML 1.0 [4], [4a]).
func xmlNameChar(r rune, inside bool) bool {
	switch {
	case r < 0x80:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == ':' ||
			inside && (r >= '0' && r <= '9' || r == '-' || r == '.')
	case inside && (r == 0xB7 || r >= 0x300 && r <= 0x36F || r >= 0x203F && r <= 0x2040):
		return true
	}
	for _, part := range xmlNameRanges {
		if r >= part[0] && r <= part[1] {
			return true
		}
	}
	return false
}

var xmlNameRanges = [...][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D},
	{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFC},
	{0x10000, 0xEFFFF},
}

func checkSVGPaintOrder(v string) *Problem {
	words := strings.Fields(v)
	if len(words) == 1 && words[0] == "normal" {
		return nil
	}
	for _, w := range words {
		if w != "fill" && w != "stroke" && w != "markers" {
			return &Problem{Rule: "attr-value/value", Message: `must be "normal", or fill, stroke and markers in the order in which they are painted`}
		}
	}
	if len(words) == 0 || len(words) > 3 {
		return &Problem{Rule: "attr-value/value", Message: `must be "normal", or up to three of fill, stroke and markers`}
	}
	return nil
}

func checkSVGAspectRatio(v string) *Problem {
	const want = `must be "none" or an alignment such as "xMidYMid", and after it "meet" or "slice" if need be`
	rest := strings.TrimSpace(v)
	if after, ok := strings.CutPrefix(rest, "defer"); ok && after != strings.TrimSpace(after) {
		rest = strings.TrimSpace(after)
	}
	words := strings.Fields(rest)
	if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "meet" && words[1] != "slice" {
		return &Problem{Rule: "attr-value/value", Message: want}
	}
	if w := words[0]; w != "none" && !(len(w) == 8 && w[0] == 'x' && w[4] == 'Y' && svgAlign(w[1:4]) && svgAlign(w[5:])) {
		return &Problem{Rule: "attr-value/value", Message: want}
	}
	return nil
}

func svgAlign(w string) bool { return w == "Min" || w == "Mid" || w == "Max" }

func checkSVGTarget(v string) *Problem {
	start, end := trimSpace(v)
	if start == end {
		return &Problem{Rule: "attr-value/value", Message: "must be the name of a frame or window, or `_blank`, not empty"}
	}
	for i, r := range v[start:end] {
		if !xmlNameChar(r, true) {
			return &Problem{Start: start + i, End: runeEnd(v, start+i), Rule: "attr-value/value",
				Message: "must be the name of a frame or window: letters, digits, -, _, . and : without spaces"}
		}
	}
	return nil
}

func checkSVGVersion(v string) *Problem {
	switch v {
	case "1.1":
		return nil
	case "1.0", "1.2":
		return &Problem{Warning: true, Rule: "attr-value/svg-version",
			Message: "names a version that nothing depends on: leave the attribute out"}
	}
	return &Problem{Rule: "attr-value/value", Message: `must be "1.1"; better leave the attribute out`}
}

// checkSVGLanguage takes what has the form of a language tag (RFC 3066), whatever it means.
func checkSVGLanguage(v string) *Problem {
	if v == "" {
		return nil
	}
	first := true
	for part := range strings.SplitSeq(v, "-") {
		if len(part) < 1 || len(part) > 8 || strings.TrimFunc(part, func(c rune) bool { return svgLanguageChar(c, first) }) != "" {
			return &Problem{Rule: "attr-value/value", Message: `must be a language tag such as "en" or "de-AT"`}
		}
		first = false
	}
	return nil
}

// svgLanguageChar reports whether c may be in a part of a language tag, digits after the first.
func svgLanguageChar(c rune, first bool) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || !first && c >= '0' && c <= '9'
}
