package datatype

import (
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
)

func sizesProblem(start, end int, message string) *Problem {
	return &Problem{Start: start, End: end, Message: message, Rule: "attr-value/sizes"}
}

// checkSizes checks a source size list. That a value that begins with "auto" needs
// loading=lazy is not seen here.
func checkSizes(value string) *Problem {
	start, end := trimSpace(value)
	if start == end {
		return sizesProblem(0, 0, "is empty: it must have a length, such as 100vw")
	}
	s := sizeList{value: value, at: start, end: end}
	auto := s.auto()
	if auto && s.at == end {
		return nil
	}
	for {
		from, to, last := s.entry()
		if s.problem != nil {
			return s.problem
		}
		if p := s.check(from, to, last); p != nil {
			return p
		}
		if last {
			return nil
		}
	}
}

// sizeList goes over the entries of a source size list.
type sizeList struct {
	value   string
	at, end int
	problem *Problem
}

// auto goes over a leading "auto" with its comma.
func (s *sizeList) auto() bool {
	if !hasPrefixFold(s.value[s.at:s.end], "auto") {
		return false
	}
	i := skipSpace(s.value[:s.end], s.at+len("auto"))
	if i < s.end && s.value[i] != ',' {
		return false
	}
	s.at = i
	if i < s.end {
		s.at = i + 1
		if skipSpace(s.value[:s.end], s.at) == s.end {
			s.at = s.end - 1 // the empty entry is reported
		}
	}
	return true
}

// entry returns the next one, cut at a comma outside of parentheses; last says that the value
// ends with it.
func (s *sizeList) entry() (from, to int, last bool) {
	l := token.Lexer{Src: s.value[:s.end], Pos: s.at}
	from = s.at
	depth := 0
	for {
		t := l.Next()
		switch t.Kind {
		case token.EOF:
			s.at = s.end
			return from, s.end, true
		case token.LeftParen, token.Function:
			depth++
		case token.RightParen:
			if depth--; depth < 0 {
				s.problem = sizesProblem(t.Start, t.End, "has a closing parenthesis without an opening one")
				return
			}
		case token.Comma:
			if depth == 0 {
				s.at = t.End
				return from, t.Start, false
			}
		}
	}
}

// check looks at one entry: a length, in all but the last after a media condition.
func (s *sizeList) check(from, to int, last bool) *Problem {
	cond, size, tokens := s.split(from, to)
	if tokens == 0 {
		return sizesProblem(max(from-1, 0), min(to+1, len(s.value)), "has an empty entry: a length is missing, or a comma is too many")
	}
	src := s.value
	if size.Start < 0 {
		return sizesProblem(from, to, "has a parenthesis that is not closed")
	}
	if p := sizeLength(src, size, to); p != nil {
		return p
	}
	condition := strings.TrimSpace(src[cond.Start:cond.End])
	if condition == "" {
		if !last {
			return sizesProblem(size.Start, size.End, "has "+quote(src[size.Start:size.End])+" without a media condition before the end: what follows is never used")
		}
		return nil
	}
	if p := checkCondition(src[cond.Start:cond.End]); p != nil {
		p.Start, p.End = cond.Start+p.Start, cond.Start+p.End
		if p.Rule = "attr-value/sizes"; src[cond.Start] != '(' {
			p.Message += " (an entry is a media condition in parentheses, then a length)"
		}
		return p
	}
	return nil
}

// split finds the last component value of an entry, which is the size, and what is before it.
func (s *sizeList) split(from, to int) (cond, size token.Token, tokens int) {
	l := token.Lexer{Src: s.value[:to], Pos: from}
	depth := 0
	cond.Start = -1
	for t := l.Next(); t.Kind != token.EOF; t = l.Next() {
		if t.Kind == token.Space || t.Kind == token.Comment {
			continue
		}
		if cond.Start < 0 {
			cond.Start = t.Start
			cond.End = t.Start
		}
		if depth == 0 {
			tokens++
			if tokens > 1 {
				cond.End = size.End
			}
			size = t
		}
		switch t.Kind {
		case token.LeftParen, token.Function:
			depth++
		case token.RightParen:
			if depth--; depth == 0 {
				size.End = t.End
			}
		}
	}
	if depth > 0 {
		size.Start = -1
	}
	return cond, size, tokens
}

// sizeFunctions are those of CSS Values 4 that vnu and browsers take in sizes.
const sizeFunctions = " calc( min( max( clamp( sin( cos( tan( asin( acos( atan( atan2( pow( sqrt( hypot( log( exp( abs( sign( round( mod( rem( "

// sizeUnits are the units of lengths, but those of containers, which sizes does not have.
const sizeUnits = " em ex ch rem cap ic rcap rch rex ric lh rlh vw svw lvw dvw vh svh lvh dvh vi svi lvi dvi vb svb lvb dvb" +
	" vmin svmin lvmin dvmin vmax svmax lvmax dvmax cm mm q in pc pt px "

func sizeLength(src string, t token.Token, to int) *Problem {
	v := src[t.Start:t.End]
	const want = "; it must be a length such as 100vw, 40em or calc(100vw - 2em)"
	switch t.Kind {
	case token.Function:
		name, _, _ := strings.Cut(v, "(")
		if !hasWord(sizeFunctions, name+"(") {
			return sizesProblem(t.Start, t.End, "has the function "+quote(name+"()")+" for a size"+want)
		}
	case token.Dimension:
		u := src[t.Unit:t.End]
		if !hasWord(sizeUnits, u) {
			return sizesProblem(t.Start, t.End, "has the size "+quote(v)+", whose unit is not one of lengths"+want)
		}
		if n, err := strconv.ParseFloat(src[t.Start:t.Unit], 64); err == nil && n < 0 {
			return sizesProblem(t.Start, t.End, "has the negative size "+quote(v)+want)
		}
	case token.Number:
		if strings.Trim(v, "+-0.") != "" {
			return sizesProblem(t.Start, t.End, "has the size "+quote(v)+" without a unit: write "+clip(v)+"px")
		}
	case token.Percentage:
		return sizesProblem(t.Start, t.End, "has the size "+quote(v)+": percentages are not allowed, because nothing is laid out yet; use vw")
	case token.LeftParen:
		return sizesProblem(t.Start, t.End, "has a media condition without a length behind it, such as (min-width: 40em) 50vw")
	default:
		return sizesProblem(t.Start, t.End, "has "+quote(v)+" for a size"+want)
	}
	return nil
}
