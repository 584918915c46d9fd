package datatype

import (
	"fmt"
	"strings"
)

func shapeTypes() []Type {
	return []Type{
		{"coords", "4.8.14", checkCoords},
		{"circle-coords", "4.8.14", checkCircle},
		{"rect-coords", "4.8.14", checkRect},
		{"poly-coords", "4.8.14", checkPoly},
	}
}

// eachCoord calls f for each of the integers between the commas up to the first that is none,
// and returns the count of all.
func eachCoord(v string, f func(i int, part string)) (n int, p *Problem) {
	for start := 0; ; n++ {
		end := len(v)
		if i := strings.IndexByte(v[start:], ','); i >= 0 {
			end = start + i
		}
		if p == nil {
			if q := checkInteger(v[start:end]); q != nil {
				p = shift(q, start, end)
				p.Message = "must be whole numbers with commas and no spaces between them"
			} else {
				f(n, v[start:end])
			}
		}
		if end == len(v) {
			return n + 1, p
		}
		start = end + 1
	}
}

func checkCircle(v string) *Problem {
	negative := false
	n, p := eachCoord(v, func(i int, part string) { negative = i == 2 && part[0] == '-' })
	switch {
	case n != 3:
		return problem(0, 0, "attr-value/coords", fmt.Sprintf("has %s; a circle has three: the x and y of its centre and its radius", count(n, "coordinate")))
	case p != nil:
		return p
	case negative:
		return problem(strings.LastIndexByte(v, ',')+1, len(v), "attr-value/coords", "has a negative radius")
	}
	return nil
}

func checkRect(v string) *Problem {
	var c [4]string
	n, p := eachCoord(v, func(i int, part string) {
		if i < len(c) {
			c[i] = part
		}
	})
	switch {
	case n != 4:
		return problem(0, 0, "attr-value/coords", fmt.Sprintf("has %s; a rectangle has four: left, top, right and bottom", count(n, "coordinate")))
	case p != nil:
		return p
	case !lessInteger(c[0], c[2]):
		return problem(0, 0, "attr-value/coords", "has a left edge (the first number) that is not smaller than the right one (the third)")
	case !lessInteger(c[1], c[3]):
		return problem(0, 0, "attr-value/coords", "has a top edge (the second number) that is not smaller than the bottom one (the fourth)")
	}
	return nil
}

func checkPoly(v string) *Problem {
	n, p := eachCoord(v, func(int, string) {})
	switch {
	case n < 6:
		return problem(0, 0, "attr-value/coords", fmt.Sprintf("has %s; a polygon has at least six: x and y of three points", count(n, "coordinate")))
	case n%2 != 0:
		return problem(0, 0, "attr-value/coords", fmt.Sprintf("has %d coordinates; a polygon has an x and a y for each point, so their number is even", n))
	}
	return p
}

// checkCoords takes the coordinates of any shape, where the shape is not known.
func checkCoords(v string) *Problem {
	if checkRect(v) == nil || checkCircle(v) == nil || checkPoly(v) == nil {
		return nil
	}
	return problem(0, 0, "attr-value/coords", "must be whole numbers with commas between: three for a circle, four for a rectangle, six or more for a polygon")
}

// lessInteger compares two integers of any length.
func lessInteger(a, b string) bool {
	negA, negB := a[0] == '-', b[0] == '-'
	if negA != negB {
		return negA && (strings.Trim(a, "-0") != "" || strings.Trim(b, "0") != "")
	}
	if negA {
		a, b = b[1:], a[1:]
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
