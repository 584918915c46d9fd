package datatype

import (
	"fmt"
	"strings"
)

// svgWarning is the problem of a value that is not what SVG says, and that no checker takes
// for an error.
func svgWarning(message string) *Problem {
	return &Problem{Warning: true, Rule: "attr-value/svg-value", Message: message}
}

// svgComputed reports whether CSS or a template computes a value, so that nothing is said of it.
func svgComputed(v string) bool { return strings.ContainsAny(v, "({") }

func checkSVGInteger(v string) *Problem {
	s := svgScanner{v: strings.TrimSpace(v)}
	if s.i < len(s.v) && (s.v[0] == '-' || s.v[0] == '+') {
		s.i++
	}
	if s.digits() == 0 || s.i < len(s.v) {
		return svgWarning("should be a whole number")
	}
	return nil
}

func checkSVGNumber(v string) *Problem {
	if !svgNumberList(v, 1, 1) {
		return svgWarning(`should be one number without a unit, such as "0.5"`)
	}
	return nil
}

func checkSVGNumbers(v string) *Problem {
	if !svgNumberList(v, 0, -1) {
		return svgWarning(`should be numbers without units, with spaces or commas between them`)
	}
	return nil
}

func checkSVGViewBox(v string) *Problem {
	if !svgNumberList(v, 4, 4) {
		return svgWarning(`should be four numbers: the left, the top, the width and the height, such as "0 0 24 24"`)
	}
	return nil
}

// svgNumberList reports whether v is from low to high numbers (any number of them for -1).
func svgNumberList(v string, low, high int) bool {
	if svgComputed(v) {
		return true
	}
	s := svgScanner{v: v}
	s.space()
	n := 0
	for s.i < len(v) {
		if !s.number() {
			return false
		}
		n++
		if s.comma() && s.i == len(v) {
			return false
		}
	}
	return n >= low && (high < 0 || n <= high)
}

func checkSVGPoints(v string) *Problem {
	if svgComputed(v) {
		return nil
	}
	s := svgScanner{v: v}
	s.space()
	n := 0
	for s.i < len(v) {
		start := s.i
		if !s.number() {
			p := svgWarning("should be pairs of numbers without units")
			p.Start, p.End = start, max(s.i, start+1)
			return p
		}
		n++
		s.comma()
	}
	if n%2 != 0 {
		return svgWarning("should be pairs of numbers: the last x has no y")
	}
	return nil
}

// svgUnits are the units of lengths in CSS Values 4 that browsers know in attributes, with %.
const svgUnits = " em ex px in cm mm pt pc % rem ch q vw vh vmin vmax vi vb ic cap lh rlh dvw dvh svw svh lvw lvh "

func checkSVGLength(v string) *Problem {
	v = strings.TrimSpace(v)
	if v == "auto" || svgComputed(v) {
		return nil
	}
	s := svgScanner{v: v}
	if !s.number() {
		return svgWarning(`should be a length, such as "24", "1.5em" or "50%"`)
	}
	if unit := strings.ToLower(v[s.i:]); unit != "" && (strings.Contains(unit, " ") || !strings.Contains(svgUnits, " "+unit+" ")) {
		p := svgWarning(`should be a number, alone or with a unit of CSS right behind it`)
		p.Start, p.End = s.i, len(v)
		return p
	}
	return nil
}

// svgTransforms are the functions of SVG 1.1 7.6 and how many numbers they take.
var svgTransforms = map[string]string{
	"matrix": "6", "translate": "12", "scale": "12", "rotate": "13", "skewX": "1", "skewY": "1",
}

func checkSVGTransform(v string) *Problem {
	for rest := strings.TrimSpace(v); rest != ""; {
		name, after, ok := strings.Cut(rest, "(")
		args, next, closed := strings.Cut(after, ")")
		counts := svgTransforms[strings.TrimSpace(name)]
		if rest == "none" || strings.ContainsAny(v, "{%") {
			return nil
		}
		if !ok || !closed {
			return svgWarning(`should be functions with their numbers in parentheses, such as "translate(10 20)"`)
		}
		if n := svgPlainNumbers(args); counts != "" && n >= 0 && !strings.Contains(counts, fmt.Sprint(n)) {
			return svgWarning(fmt.Sprintf("should give %s %s numbers, not %d", strings.TrimSpace(name), strings.Join(strings.Split(counts, ""), " or "), n))
		}
		rest = strings.TrimLeft(next, ", \t\r\n\f")
	}
	return nil
}

// svgPlainNumbers counts the numbers of a list, -1 when there is something else in it.
func svgPlainNumbers(v string) int {
	s := svgScanner{v: v}
	s.space()
	n := 0
	for s.i < len(v) {
		if !s.number() {
			return -1
		}
		n++
		s.comma()
	}
	return n
}
