package css

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
)

// form is what values a property takes, for the properties where this is short to say.
type form struct {
	length   bool   // lengths and percentages
	positive bool   // none below zero
	number   bool   // plain numbers
	integer  bool   // whole numbers
	anyWord  bool   // keywords are not checked
	colour   bool   // colours
	max      int    // how many components
	words    string // keywords, each between spaces
}

// value checks the value of a property that has a form. It says nothing about a value with
// functions, commas, slashes or what only some browsers know.
func (s *sheet) value(property string, value []token.Token) {
	if s.special(property, value) {
		return
	}
	f, ok := formOf(property)
	if !ok || !s.simpleValue(value) || len(value) == 1 && hasWord(wideWords, s.text(value[0])) {
		return
	}
	for i, t := range value {
		if message := s.component(f, t); message != "" {
			s.badValue(t, property, message)
			return
		}
		if i+1 > f.max {
			s.report(t.Start, s.lastEnd(), "css/value", property+" has too many values: there is "+quote(s.text(t))+" behind the last that it takes")
			return
		}
	}
}

func (s *sheet) badValue(t token.Token, property, message string) {
	s.report(t.Start, t.End, "css/value", quote(s.text(t))+" is no value of "+property+": "+message)
}

// simpleValue reports a value of words, numbers and colours that all browsers know.
func (s *sheet) simpleValue(value []token.Token) bool {
	for _, t := range value {
		switch t.Kind {
		case token.Function, token.Comma, token.URL, token.LeftParen, token.LeftSquare, token.Delim:
			return false
		case token.Ident, token.Dimension:
			if v := s.text(t); t.Kind == token.Ident && v[0] == '-' || strings.IndexByte(v, '\\') >= 0 {
				return false
			}
		}
	}
	return true
}

// special checks properties whose values have a form of their own.
func (s *sheet) special(property string, value []token.Token) (done bool) {
	switch property {
	case "background":
		s.each(value, func(t token.Token) string {
			switch {
			case t.Kind == token.Ident && !hasWord(backgroundWords, s.text(t)) && !isColourName(s.text(t)):
				return "it takes a colour, an image and words such as no-repeat, center, cover"
			case t.Kind == token.Number && !isZero(s.text(t)):
				return "a length has a unit, such as " + s.text(t) + "px"
			case t.Kind == token.Hash && !isColourHash(s.text(t)):
				return colourDigits
			}
			return ""
		}, property)
	case "font-family":
		s.each(value, func(t token.Token) string {
			if t.Kind == token.Number || t.Kind == token.Dimension || t.Kind == token.Percentage {
				return "the name of a font is words or a string; quotes are missing, or a comma"
			}
			return ""
		}, property)
	case "box-shadow", "text-shadow":
		s.each(value, func(t token.Token) string {
			if t.Kind == token.Number && (len(value) == 1 || !isZero(s.text(t))) {
				return "a shadow is none, or at least two lengths with units, such as 1px 2px"
			}
			return ""
		}, property)
	case "transition", "transition-duration", "transition-delay", "animation-duration", "animation-delay":
		s.each(value, func(t token.Token) string {
			if t.Kind == token.Number {
				return "a time has a unit, also zero: " + s.text(t) + "s"
			}
			return ""
		}, property)
	case "font-style":
		if t := value[0]; len(value) == 1 && t.Kind == token.Ident && s.simpleValue(value) && !hasWord(" normal italic oblique left right ", s.text(t)) &&
			!hasWord(wideWords, s.text(t)) {
			s.badValue(t, property, "it takes normal, italic or oblique")
		}
	case "cursor":
		if t := value[len(value)-1]; t.Kind == token.Ident && s.text(t)[0] != '-' && strings.IndexByte(s.text(t), '\\') < 0 &&
			!hasWord(cursorWords, s.text(t)) && !hasWord(wideWords, s.text(t)) {
			message := "it takes words such as pointer, default, text"
			if strings.EqualFold(s.text(t), "hand") {
				message = "use pointer"
			}
			s.badValue(t, property, message)
		}
	default:
		return false
	}
	return true
}

// each reports the first token outside of parentheses for which wrong returns a message.
func (s *sheet) each(value []token.Token, wrong func(token.Token) string, property string) {
	depth := 0
	for _, t := range value {
		switch t.Kind {
		case token.Function, token.LeftParen, token.LeftSquare:
			depth++
			continue
		case token.RightParen, token.RightSquare:
			depth--
			continue
		case token.Ident:
			if v := s.text(t); v[0] == '-' || strings.IndexByte(v, '\\') >= 0 || len(value) == 1 && hasWord(wideWords, v) {
				return
			}
		}
		if depth > 0 {
			continue
		}
		if message := wrong(t); message != "" {
			s.badValue(t, property, message)
			return
		}
	}
}

// component returns what would be right where one component is wrong.
func (s *sheet) component(f form, t token.Token) string {
	v := s.text(t)
	switch t.Kind {
	case token.Ident:
		if f.anyWord || hasWord(f.words, v) || f.colour && isColourName(v) {
			return ""
		}
	case token.Hash:
		if !f.colour {
			break
		}
		if isColourHash(v) {
			return ""
		}
		return colourDigits
	case token.Number:
		switch {
		case f.number || f.integer && t.Integer:
			return ""
		case f.integer:
			return "it takes a whole number"
		case !f.length:
		case isZero(v) || strings.ContainsAny(v, "eE"):
			return ""
		default:
			return "a length has a unit, such as " + v + "px"
		}
	case token.Dimension, token.Percentage:
		if f.length && (t.Kind == token.Percentage || hasWord(lengthUnits, s.lex.Src[t.Unit:t.End])) {
			if f.positive && v[0] == '-' && strings.Trim(v, "-0.%abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				return "it must not be negative"
			}
			return ""
		}
	}
	return f.wanted()
}

// lengthUnits are the part of knownUnits that measure lengths.
const lengthUnits = " px em rem ex rex ch rch cap rcap ic ric lh rlh vw vh vi vb vmin vmax svw svh svi svb svmin svmax" +
	" lvw lvh lvi lvb lvmin lvmax dvw dvh dvi dvb dvmin dvmax cqw cqh cqi cqb cqmin cqmax cm mm q in pt pc "

// wanted says what a property takes.
func (f form) wanted() string {
	words := strings.ReplaceAll(strings.TrimSpace(f.words), " ", ", ")
	switch {
	case f.colour:
		return "it takes a colour, such as #1a7f37 or red"
	case f.length && words != "":
		return "it takes lengths such as 2em, or " + words
	case f.length:
		return "it takes lengths such as 2em"
	}
	return "it takes " + words
}

const colourDigits = "a colour has 3, 4, 6 or 8 hexadecimal digits"

// isColourHash reports # and as many hexadecimal digits as a colour has.
func isColourHash(v string) bool {
	n := len(v) - 1
	return (n == 3 || n == 4 || n == 6 || n == 8) && isHex(v[1:])
}

// isZero reports a number that is zero.
func isZero(v string) bool { return strings.Trim(v, "+-0.") == "" }

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}
