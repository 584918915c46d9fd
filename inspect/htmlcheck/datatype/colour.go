package datatype

// checkSimpleColour checks a valid simple color, or nothing.
func checkSimpleColour(v string) *Problem {
	if v == "" {
		return nil
	}
	bad := func(start, end int, message string) *Problem {
		return &Problem{Start: start, End: end, Message: message + "; it must be # and six hexadecimal digits, such as #1a7f37", Rule: "attr-value/colour"}
	}
	if v[0] != '#' {
		return bad(0, 0, "does not begin with #")
	}
	for i := 1; i < len(v); i++ {
		if !isHex(v[i]) {
			return bad(0, 0, "is "+quote(v))
		}
	}
	if len(v) != 7 {
		return bad(0, 0, "has the wrong length")
	}
	return nil
}

// checkColour takes each value: what a CSS colour is grows from year to year, and a wrong one
// is only not used.
func checkColour(string) *Problem { return nil }
