package datatype

import "strings"

func textTypes() []Type {
	return []Type{
		{"text", "3.2.6", anything},
		{"boolean", "2.3.2", anything}, // only the engine knows the attribute's name
		{"nonempty", "3.2.6", checkNonempty},
		{"nonspace", "3.2.6", checkNonspace},
		{"one-line", "2.3.1", checkOneLine},
	}
}

func checkNonempty(v string) *Problem {
	if v == "" {
		return problem(0, 0, "attr-value/empty", "is empty; leave the attribute out or give a value")
	}
	return nil
}

func checkNonspace(v string) *Problem {
	if start, end := trimSpace(v); start == end {
		return problem(0, 0, "attr-value/empty", "has nothing but white space; leave the attribute out or give a value")
	}
	return nil
}

func checkOneLine(v string) *Problem {
	if i := strings.IndexAny(v, "\r\n"); i >= 0 {
		return problem(i, i+1, "attr-value/line-break", "has a line break; it must be a single line")
	}
	return nil
}
