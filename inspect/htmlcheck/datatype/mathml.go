package datatype

import "strings"

// mathmlTypes are the values of MathML 3 (appendix A and the sections named).
func mathmlTypes() []Type {
	const lengths = `lengths such as "0.5em" or "thinmathspace"`
	return []Type{
		{"mathml-length", "MathML 3 2.1.5", mathml(mathLength, `a length such as "2em", "0.2ex", "50%" or "thinmathspace"`)},
		{"mathml-padded-length", "MathML 3 3.3.6.2", mathml(mathPaddedLength, `a length such as "+0.5em" or "80% width"`)},
		{"mathml-size", "MathML 3 3.2.2", mathml(mathWordOr(mathLength, "small", "normal", "big"), `"small", "normal", "big" or a length`)},
		{"mathml-maxsize", "MathML 3 3.2.5.2", mathml(mathWordOr(mathLength, "infinity"), `"infinity" or a length`)},
		{"mathml-thickness", "MathML 3 3.3.2.2", mathml(mathWordOr(mathLength, "thin", "medium", "thick"), `"thin", "medium", "thick" or a length`)},
		{"mathml-table-width", "MathML 3 3.5.1.2", mathml(mathWordOr(mathLength, "auto"), `"auto" or a length`)},
		{"mathml-char-spacing", "MathML 3 3.6.1.2", mathml(mathWordOr(mathLength, "loose", "medium", "tight"), `"loose", "medium", "tight" or a length`)},
		{"mathml-altimg-valign", "MathML 3 2.2.1", mathml(mathWordOr(mathLength, "top", "middle", "bottom"), `"top", "middle", "bottom" or a length`)},
		{"mathml-lengths", "MathML 3 3.5.1.2", mathml(mathList(1, 0, mathLength), "one or more "+lengths)},
		{"mathml-frame-spacing", "MathML 3 3.5.1.2", mathml(mathList(2, 2, mathLength), "two "+lengths)},
		{"mathml-column-widths", "MathML 3 3.5.1.2", mathml(mathList(1, 0, mathWordOr(mathLength, "auto", "fit")), `"auto", "fit" or lengths`)},
		{"mathml-row-aligns", "MathML 3 3.5.1.2", mathml(mathList(1, 0, mathWords("top", "bottom", "center", "baseline", "axis")), `one or more of "top", "bottom", "center", "baseline", "axis"`)},
		{"mathml-column-aligns", "MathML 3 3.5.1.2", mathml(mathList(1, 0, mathWords("left", "center", "right")), `one or more of "left", "center", "right"`)},
		{"mathml-booleans", "MathML 3 3.5.1.2", mathml(mathList(1, 0, mathWords("true", "false")), `one or more of "true", "false"`)},
		{"mathml-lines", "MathML 3 3.5.1.2", mathml(mathList(1, 0, mathWords("none", "solid", "dashed")), `one or more of "none", "solid", "dashed"`)},
		{"mathml-crossouts", "MathML 3 3.6.5.2", mathml(mathList(0, 0, mathWords("none", "updiagonalstrike", "downdiagonalstrike", "verticalstrike", "horizontalstrike")), `"none" or some of "updiagonalstrike", "downdiagonalstrike", "verticalstrike", "horizontalstrike"`)},
		{"mathml-group-alignment", "MathML 3 3.5.5.6", mathml(mathGroup, `one or more of "left", "center", "right", "decimalpoint"`)},
		{"mathml-group-alignments", "MathML 3 3.5.5.6", mathml(mathGroups, `lists of alignments in braces, such as "{left right} {decimalpoint}"`)},
		{"mathml-table-align", "MathML 3 3.5.1.2", mathml(mathTableAlign, `"top", "bottom", "center", "baseline" or "axis", and after it the number of a row if need be`)},
		{"mathml-colour", "MathML 3 2.1.5.5", mathml(mathColour, `a colour: "#rgb", "#rrggbb" or one of the 16 names of HTML 4`)},
		{"mathml-background", "MathML 3 3.1.10", mathml(mathWordOr(mathColour, "transparent"), `"transparent", "#rgb", "#rrggbb" or one of the 16 names of HTML 4`)},
		{"mathml-integer", "MathML 3 2.1.5", mathml(mathInteger, "a whole number")},
		{"mathml-positive-integer", "MathML 3 2.1.5", mathml(mathPositive, "a whole number above 0")},
		{"mathml-number", "MathML 3 2.1.5", mathml(mathNumber, "a number")},
		{"mathml-character", "MathML 3 2.1.5", mathml(mathCharacter, "one character")},
		{"mathml-class", "MathML 3 2.1.6", mathml(mathClass, "names of classes: letters, digits, -, _, . and :, with spaces between the names")},
		{"mathml-ncname", "MathML 3 4.2.3", mathml(mathNCName, "a name without a colon that begins with a letter or _")},
	}
}

// mathml makes a check of a test; want follows the words "must be".
func mathml(ok func(string) bool, want string) func(string) *Problem {
	message := "must be " + want
	return func(v string) *Problem {
		if ok(v) {
			return nil
		}
		return &Problem{Rule: "attr-value/value", Message: message}
	}
}

func mathWords(words ...string) func(string) bool {
	return mathWordOr(func(string) bool { return false }, words...)
}

// mathWordOr takes the words as they are, and what other takes.
func mathWordOr(other func(string) bool, words ...string) func(string) bool {
	return func(v string) bool {
		for _, w := range words {
			if v == w {
				return true
			}
		}
		return other(v)
	}
}

// mathList takes from low to high words (0: no bound), each as item says.
func mathList(low, high int, item func(string) bool) func(string) bool {
	return func(v string) bool {
		n := 0
		for word := range strings.FieldsSeq(v) {
			n++
			if high > 0 && n > high || !item(word) {
				return false
			}
		}
		return n >= low
	}
}

// mathDecimal cuts digits with at most one point from the front.
func mathDecimal(v string) (rest string, digits int) {
	i, point := 0, false
	for ; i < len(v); i++ {
		if c := v[i]; c == '.' && !point {
			point = true
		} else if c < '0' || c > '9' {
			break
		} else {
			digits++
		}
	}
	return v[i:], digits
}

func mathUnit(v string) bool {
	switch v {
	case "em", "ex", "in", "cm", "mm", "px", "pt", "pc", "%":
		return true
	}
	return false
}

// mathNamedSpace takes thinmathspace, negativeverythickmathspace and their likes.
func mathNamedSpace(v string) bool {
	v, ok := strings.CutSuffix(strings.TrimPrefix(v, "negative"), "mathspace")
	if v == "medium" {
		return ok
	}
	v = strings.TrimPrefix(strings.TrimPrefix(v, "very"), "very")
	return ok && (v == "thin" || v == "thick")
}

// mathLength takes a number with or without a unit, or a named space. The number may be left
// out, as in the standard's schema.
func mathLength(v string) bool {
	v = strings.TrimSpace(v)
	unit, _ := mathDecimal(strings.TrimPrefix(v, "-"))
	return unit == "" || mathUnit(unit) || mathNamedSpace(v)
}

func mathPaddedLength(v string) bool {
	v = strings.TrimSpace(v)
	if v != "" && (v[0] == '+' || v[0] == '-') {
		v = v[1:]
	}
	rest, _ := mathDecimal(v)
	rest = strings.TrimSpace(rest)
	if rest == "" || mathUnit(rest) || mathNamedSpace(rest) {
		return true
	}
	switch strings.TrimSpace(strings.TrimPrefix(rest, "%")) {
	case "height", "depth", "width":
		return true
	}
	return false
}

func mathGroup(v string) bool {
	return mathList(1, 0, mathWords("left", "center", "right", "decimalpoint"))(v)
}

func mathGroups(v string) bool {
	for v = strings.TrimSpace(v); v != ""; v = strings.TrimSpace(v) {
		group, rest, ok := strings.Cut(v, "}")
		group, open := strings.CutPrefix(group, "{")
		if !ok || !open || strings.TrimSpace(group) != group || !mathGroup(group) {
			return false
		}
		v = rest
	}
	return true
}

func mathTableAlign(v string) bool {
	words := strings.Fields(v)
	if len(words) == 0 || len(words) > 2 || len(words) == 2 && (words[1][0] == '+' || !mathInteger(words[1])) {
		return false
	}
	return mathWords("top", "bottom", "center", "baseline", "axis")(words[0])
}

func mathColour(v string) bool {
	v = strings.ToLower(strings.TrimSpace(v))
	if hex, ok := strings.CutPrefix(v, "#"); ok {
		return (len(hex) == 3 || len(hex) == 6) && strings.Trim(hex, "0123456789abcdef") == ""
	}
	return mathColours(v)
}

var mathColours = mathWords("aqua", "black", "blue", "fuchsia", "gray", "green", "lime", "maroon",
	"navy", "olive", "purple", "red", "silver", "teal", "white", "yellow")

func mathInteger(v string) bool {
	v = strings.TrimSpace(v)
	if v != "" && (v[0] == '+' || v[0] == '-') {
		v = v[1:]
	}
	return v != "" && strings.Trim(v, "0123456789") == ""
}

func mathPositive(v string) bool {
	v = strings.TrimPrefix(strings.TrimSpace(v), "+")
	return v != "" && strings.Trim(v, "0123456789") == "" && strings.Trim(v, "0") != ""
}

func mathNumber(v string) bool {
	v = strings.TrimSpace(v)
	if v != "" && (v[0] == '+' || v[0] == '-') {
		v = v[1:]
	}
	rest, digits := mathDecimal(v)
	return rest == "" && digits > 0
}

// mathCharacter takes one character with white space around it.
func mathCharacter(v string) bool {
	n := 0
	for range strings.TrimSpace(v) {
		n++
	}
	return n == 1
}

// mathClass takes NMTOKENS of XML.
func mathClass(v string) bool {
	n := 0
	for word := range strings.FieldsSeq(v) {
		n++
		for _, r := range word {
			if !xmlNameChar(r, true) {
				return false
			}
		}
	}
	return n > 0
}

func mathNCName(v string) bool {
	v = strings.TrimSpace(v)
	return checkXMLName(v) == nil && !strings.Contains(v, ":")
}
