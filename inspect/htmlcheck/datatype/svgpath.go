package datatype

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// svgPathArgs says what each command of a path takes, a letter each: n a number, x a number
// with its y, f a flag. The commands are those of SVG 1.1 8.3, from A on; a path may begin with any of
// them, as in SVG 2 after an error in front.
var svgPathArgs = [26]string{
	0: "nnnffxy", 'C' - 'A': "xyxyxy", 'H' - 'A': "n", 'L' - 'A': "xy", 'M' - 'A': "xy",
	'Q' - 'A': "xyxy", 'S' - 'A': "xyxy", 'T' - 'A': "xy", 'V' - 'A': "n", 'Z' - 'A': "-",
}

// checkSVGPath reports the first thing in path data that is against SVG 1.1 8.3.9: a browser
// draws the path up to there only.
func checkSVGPath(v string) *Problem {
	s := svgScanner{v: v}
	for s.space(); s.i < len(v); s.space() {
		cmd, at := v[s.i], s.i
		args := ""
		if letter := cmd &^ 0x20; letter >= 'A' && letter <= 'Z' {
			args = svgPathArgs[letter-'A']
		}
		if args == "" {
			return s.fail("a command (M, L, H, V, C, S, Q, T, A or Z)", 0)
		}
		s.i++
		if args == "-" {
			continue
		}
		for more := true; more; more = s.moreArguments() {
			if want := s.arguments(args); want != "" {
				return s.fail(want+" of the command "+string(cmd), at)
			}
		}
	}
	return nil
}

// svgScanner reads numbers in attribute values of SVG.
type svgScanner struct {
	v string
	i int
}

func (s *svgScanner) space() {
	for s.i < len(s.v) {
		switch s.v[s.i] {
		case ' ', '\t', '\n', '\r', '\f':
			s.i++
		default:
			return
		}
	}
}

// comma reads white space with at most one comma, and reports whether there was the comma.
func (s *svgScanner) comma() bool {
	s.space()
	if s.i < len(s.v) && s.v[s.i] == ',' {
		s.i++
		s.space()
		return true
	}
	return false
}

// moreArguments reports whether another set of arguments must follow.
func (s *svgScanner) moreArguments() bool {
	if s.comma() {
		return true
	}
	return s.i < len(s.v) && strings.IndexByte("+-.0123456789", s.v[s.i]) >= 0
}

// arguments reads one set of arguments and returns what was expected where it could not.
func (s *svgScanner) arguments(kinds string) (expected string) {
	for k := range len(kinds) {
		if s.space(); k > 0 {
			s.comma()
		}
		switch kinds[k] {
		case 'f':
			if s.i >= len(s.v) || s.v[s.i] != '0' && s.v[s.i] != '1' {
				return `a flag, "0" or "1",`
			}
			s.i++
		case 'y':
			if !s.number() {
				return "the y coordinate"
			}
		case 'x':
			if !s.number() {
				return "the x coordinate"
			}
		default:
			if !s.number() {
				return "a number"
			}
		}
	}
	return ""
}

// number reads a number (SVG 1.1 8.3.9). Where there is none, it may have read a part.
func (s *svgScanner) number() bool {
	if s.i < len(s.v) && (s.v[s.i] == '-' || s.v[s.i] == '+') {
		s.i++
	}
	n := s.digits()
	if s.i < len(s.v) && s.v[s.i] == '.' {
		s.i++
		n += s.digits()
	}
	if n == 0 {
		return false
	}
	if s.i < len(s.v) && s.v[s.i]|0x20 == 'e' {
		if rest := s.v[s.i+1:]; len(rest) > 0 && (rest[0] == 'm' || rest[0] == 'x') {
			return true // the units em and ex
		}
		s.i++
		if s.i < len(s.v) && (s.v[s.i] == '-' || s.v[s.i] == '+') {
			s.i++
		}
		return s.digits() > 0
	}
	return true
}

func (s *svgScanner) digits() (n int) {
	for s.i < len(s.v) && s.v[s.i] >= '0' && s.v[s.i] <= '9' {
		s.i++
		n++
	}
	return n
}

// fail says what should be at the place where the scanner is; from is where that began.
func (s *svgScanner) fail(expected string, from int) *Problem {
	if s.i >= len(s.v) {
		return &Problem{Start: from, End: len(s.v), Rule: "attr-value/svg-path",
			Message: fmt.Sprintf("ends too early: %s is missing", expected)}
	}
	r, n := utf8.DecodeRuneInString(s.v[s.i:])
	return &Problem{Start: s.i, End: s.i + n, Rule: "attr-value/svg-path",
		Message: fmt.Sprintf("has %q where %s must be", r, expected)}
}
