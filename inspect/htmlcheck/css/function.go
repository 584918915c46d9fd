package css

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
)

// functionNames are those of the specifications, also of drafts. Names with a hyphen first
// are a browser's or an author's own.
const functionNames = mathFunctions + "anchor anchor-size attr alpha annotation arc blur brightness calc-interpolate calc-mix character-variant" +
	" circle color color-interpolate color-layers color-mix conic-gradient container-progress content contrast contrast-color control-value" +
	" counter counters cross-fade crossfade cubic-bezier cubic-bezier-mix device-cmyk drop-shadow dynamic-range-limit-mix element ellipse env" +
	" filter first-valid fit-content font-format format grayscale hsl hsla hue-rotate hwb ident if image image-set inherit inset" +
	" interpolate invert lab layer lch leader light-dark linear linear-gradient local matrix matrix3d media media-progress" +
	" minmax mix oklab oklch opacity ornaments paint palette-mix param path perspective pointer polygon progress radial-gradient" +
	" random random-item ray rect repeat repeating-conic-gradient repeating-linear-gradient repeating-radial-gradient rgb rgba" +
	" rotate rotate3d rotatex rotatey rotatez running saturate scale scale3d scalex scaley scalez scroll sepia shape" +
	" sibling-count sibling-index skew skewx skewy snap-block snap-inline src steps string stripes style styleset stylistic superellipse" +
	" supports swash symbols target-counter target-counters target-text tech toggle transform-interpolate transform-mix translate" +
	" translate3d translatex translatey translatez type url url-prefix var view xywh "

// mathFunctions are those whose arguments are calculations.
const mathFunctions = " calc min max clamp round mod rem sin cos tan asin acos atan atan2 pow sqrt hypot log exp abs sign calc-size "

// angleFunctions and lengthFunctions are those of transform whose arguments need a unit.
const (
	angleFunctions  = " rotate rotatex rotatey rotatez skew skewx skewy "
	lengthFunctions = " translate translatex translatey translatez translate3d perspective "
)

// functions checks the functions of a value, up to the first that is wrong: plain is a property
// of the specifications. It reports whether nothing is. Within var(), attr() and if() anything
// may stand.
func (s *sheet) functions(property string, value []token.Token, plain bool) bool {
	var small [8]string
	stack := small[:0] // the names of the functions around; "" for a parenthesis in no calculation
	free := 0          // how many of them have any content
	for i, t := range value {
		switch t.Kind {
		case token.Function, token.LeftParen:
			name := ""
			if t.Kind == token.Function {
				name = strings.ToLower(s.lex.Src[t.Start : t.End-1])
			} else if len(stack) > 0 && isMath(stack[len(stack)-1]) {
				name = "calc"
			}
			if free == 0 && plain && t.Kind == token.Function && !s.knownFunction(property, name, t) {
				return false
			}
			if stack = append(stack, name); isFree(name) {
				free++
			}
			continue
		case token.RightParen:
			if isFree(stack[len(stack)-1]) {
				free--
			}
			stack = stack[:len(stack)-1]
			continue
		}
		if len(stack) > 0 && free == 0 && !s.argument(property, stack[len(stack)-1], value, i) {
			return false
		}
	}
	return true
}

func isMath(name string) bool {
	return hasWord(mathFunctions, name) || name == "-webkit-calc" || name == "-moz-calc"
}

// isFree reports a function whose arguments have forms of their own, as -webkit-gradient() has.
func isFree(name string) bool {
	return name == "var" || name == "attr" || name == "if" || name != "" && name[0] == '-' && !isMath(name)
}

func (s *sheet) knownFunction(property, name string, t token.Token) bool {
	if name[0] == '-' || strings.IndexByte(name, '\\') >= 0 || hasWord(functionNames, name) {
		return true
	}
	message := "there is no function " + name + "()"
	if name == "expression" {
		message = "expression() is no CSS: leave it out, no browser of today reads it"
	}
	s.report(t.Start, t.End, "css/value", message+", as in the value of "+property)
	return false
}

// argument checks the token at i, which stands in the function fn.
func (s *sheet) argument(property, fn string, value []token.Token, i int) bool {
	t := value[i]
	switch {
	case t.Kind == token.AtKeyword, t.Kind == token.Delim && strings.IndexByte("$?%^~#.`", s.lex.Src[t.Start]) >= 0:
		s.report(t.Start, t.End, "css/value", "there is "+quote(s.text(t))+" in the value of "+property+", which no value has")
		return false
	case isMath(fn):
		return s.spaced(property, value, i)
	case s.delim(t, '+'), s.delim(t, '-'):
		s.report(t.Start, t.End, "css/value", "there is "+quote(s.text(t))+" in "+fn+"(), in the value of "+property+": only calc() calculates")
		return false
	case (fn == "linear-gradient" || fn == "repeating-linear-gradient") && value[i-1].Kind == token.Function && t.Kind == token.Ident &&
		hasWord(" top right bottom left ", s.text(t)):
		s.report(t.Start, t.End, "css/value", fn+"() begins with "+quote(s.text(t))+"; it must be to "+s.text(t)+", where the gradient ends")
		return false
	case property == "transform" && t.Kind == token.Number && !isZero(s.text(t)):
		switch {
		case hasWord(angleFunctions, fn):
			s.badValue(t, property, "an angle has a unit, such as "+s.text(t)+"deg")
			return false
		case hasWord(lengthFunctions, fn):
			s.badValue(t, property, "a length has a unit, such as "+s.text(t)+"px")
			return false
		}
	}
	return true
}

// spaced reports + and - of a calculation without space on both sides (CSS Values 4, 10.8):
// they are read as signs, or as parts of names.
func (s *sheet) spaced(property string, value []token.Token, i int) bool {
	t, wrong := value[i], false
	first := s.lex.Src[t.Start]
	switch t.Kind {
	case token.Delim:
		wrong = (first == '+' || first == '-') && i+1 < len(value) && (value[i-1].End == t.Start || value[i+1].Start == t.End)
	case token.Number, token.Percentage, token.Dimension:
		before := value[i-1].Kind
		wrong = (first == '+' || first == '-') && (before == token.Number || before == token.Percentage ||
			before == token.Dimension || before == token.RightParen)
		if t.Kind == token.Dimension {
			unit, rest, ok := strings.Cut(s.lex.Src[t.Unit:t.End], "-")
			wrong = wrong || ok && hasWord(knownUnits, unit) && rest != "" && rest[0] >= '0' && rest[0] <= '9'
		}
	}
	if wrong {
		s.report(t.Start, t.End, "css/value", "+ and - in a calculation must have a space on both sides, as in calc(100% - 2em); that is missing at "+
			quote(s.text(t))+" in the value of "+property)
	}
	return !wrong
}
