package css

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
)

// declaration checks the declaration in items, which ends at the current token.
func (s *sheet) declaration(kind block) {
	items := s.items
	if hack := items[0]; len(items) > 1 && s.delim(hack, '*') && items[1].Kind == token.Ident {
		items = items[1:] // *zoom: 1, which only old browsers read
	}
	name := items[0]
	if name.Kind == token.Hash {
		return // #zoom: 1, likewise
	}
	if name.Kind != token.Ident {
		s.report(name.Start, name.End, "css/declaration", "there is "+quote(s.text(name))+" where the name of a property should be")
		return
	}
	property := s.text(name)
	if len(items) == 1 || items[1].Kind != token.Colon {
		message := "there is no colon behind " + quote(property) + ": a declaration is like color: red"
		if len(items) > 1 && s.delim(items[1], '=') {
			message = "there is = behind " + quote(property) + " where a colon should be"
		}
		s.report(name.Start, s.lastEnd(), "css/missing-colon", message)
		return
	}
	lower := strings.ToLower(property)
	if strings.HasPrefix(lower, "--") {
		s.brokenTokens(property, items[2:], true)
		return
	}
	if len(items) == 2 {
		s.report(name.Start, items[1].End, "css/missing-value", "there is no value for "+quote(property))
		return
	}
	if kind == descriptors && !knownProperty(lower) && !hasWord(descriptorNames, lower) && lower[0] != '-' {
		s.report(name.Start, name.End, "css/unknown-property", "this at-rule has no descriptor called "+quote(property))
		return
	}
	plain := lower[0] != '-' && lower[0] != '_' && !strings.Contains(lower, `\`)
	if plain && kind == declarations && !knownProperty(lower) {
		s.report(name.Start, name.End, "css/unknown-property", "there is no property called "+quote(property)+s.suggestion(lower))
		return
	}
	if freeSyntax(lower) {
		s.oldFilter(items[2:])
		return
	}
	value := s.important(lower, items[2:])
	if value == nil || !s.brokenTokens(property, value, false) || !s.delimiters(property, value) ||
		!s.functions(lower, value, plain && kind == declarations) {
		return
	}
	if plain && s.units(value) && kind == declarations {
		s.value(lower, value)
	}
}

// descriptorNames are those of @font-face and @counter-style that are no properties.
const descriptorNames = " src font-display unicode-range ascent-override descent-override line-gap-override size-adjust" +
	" subscript-position-override subscript-size-override superscript-position-override superscript-size-override font-named-instance" +
	" system symbols additive-symbols suffix prefix pad range negative fallback speak-as "

// freeSyntax reports properties whose values are not like those of others: filters of old
// browsers, and Unicode ranges.
func freeSyntax(lower string) bool {
	return lower == "filter" || lower == "-ms-filter" || lower == "unicode-range" || lower == "-webkit-filter"
}

// oldFilter reports a filter of old browsers that also a reader who knows them does not
// understand: another progid than theirs, or a parenthesis in a string of it, or alpha() with
// spaces around its sign.
func (s *sheet) oldFilter(value []token.Token) {
	for i, t := range value {
		if s.delim(t, '=') && i > 0 && i+1 < len(value) && (value[i-1].End < t.Start || t.End < value[i+1].Start) {
			s.report(value[0].Start, s.lastEnd(), "css/value", quote(s.text(value[0]))+" is no CSS: leave this filter out, use opacity")
			return
		}
	}
	if len(value) < 2 || !strings.EqualFold(s.text(value[0]), "progid") || value[1].Kind != token.Colon {
		return
	}
	known := len(value) > 2 && strings.EqualFold(s.text(value[2]), "DXImageTransform")
	for _, t := range value {
		if !known || t.Kind == token.String && strings.IndexByte(s.text(t), ')') >= 0 {
			s.report(value[0].Start, s.lastEnd(), "css/value", "progid: is no CSS: leave this filter out, no browser of today reads it")
			return
		}
	}
}

// important takes !important from the end of a value; nil says that something was wrong.
func (s *sheet) important(property string, value []token.Token) []token.Token {
	depth := 0
	for i, t := range value {
		switch t.Kind {
		case token.Function, token.LeftParen, token.LeftSquare:
			depth++
		case token.RightParen, token.RightSquare:
			depth--
		}
		if depth != 0 || !s.delim(t, '!') {
			continue
		}
		if i+2 != len(value) || value[i+1].Kind != token.Ident || !hasWord(" important ie ", s.text(value[i+1])) {
			word := ""
			if i+1 < len(value) {
				word = strings.ToLower(s.text(value[i+1]))
			}
			if word != "important" && strings.HasPrefix(word, "important") {
				return nil // a semicolon is missing; vnu lets it pass
			}
			if word != "" && word != "important" {
				s.report(t.Start, value[i+1].End, "css/important", "there is "+quote(s.lex.Src[t.Start:value[i+1].End])+" in the value of "+property+"; only !important may stand there")
			} else {
				s.report(t.Start, s.lastEnd(), "css/important", "the value of "+property+" must end with !important: a semicolon is missing, or one ! too many")
			}
			return nil
		}
		if i == 0 {
			s.report(t.Start, s.lastEnd(), "css/missing-value", "there is no value for "+quote(property)+" before !important")
			return nil
		}
		return value[:i]
	}
	return value
}

// brokenTokens looks for strings, URLs and brackets that are not closed. It reports whether
// there are none.
func (s *sheet) brokenTokens(property string, value []token.Token, custom bool) bool {
	var small [16]token.Kind
	stack := small[:0]
	for _, t := range value {
		switch t.Kind {
		case token.BadString:
			s.report(t.Start, t.End, "css/string", "a string in the value of "+property+" is not closed on its line")
			return false
		case token.BadURL:
			if !custom {
				s.report(t.Start, t.End, "css/url", "the address in "+quote(s.text(t))+" has a space, a quote or a parenthesis in it: put it in quotes")
			}
			return custom
		case token.String, token.URL:
			if t.Unclosed {
				s.report(t.Start, t.End, "css/string", "a string or url() in the value of "+property+" is not closed")
				return false
			}
		case token.Function, token.LeftParen:
			stack = append(stack, token.RightParen)
		case token.LeftSquare:
			stack = append(stack, token.RightSquare)
		case token.RightParen, token.RightSquare:
			n := len(stack)
			if n == 0 || stack[n-1] != t.Kind {
				s.report(t.Start, t.End, "css/bracket", "there is a "+s.text(t)+" in the value of "+property+" without its partner before it")
				return false
			}
			stack = stack[:n-1]
		}
	}
	if len(stack) > 0 {
		s.report(value[0].Start, s.lastEnd(), "css/bracket", "the value of "+property+" ends within parentheses: a closing one is missing")
		return false
	}
	return true
}

// delimiters looks for characters that no value has outside of parentheses, and for the colon
// of a declaration whose predecessor has no semicolon.
func (s *sheet) delimiters(property string, value []token.Token) bool {
	depth := 0
	for i, t := range value {
		switch t.Kind {
		case token.Function, token.LeftParen, token.LeftSquare:
			depth++
		case token.RightParen, token.RightSquare:
			depth--
		case token.Colon:
			if depth > 0 {
				continue
			}
			if i > 0 && value[i-1].Kind == token.Ident && (i > 1 || knownProperty(s.text(value[0]))) {
				s.report(value[i-1].Start, t.End, "css/missing-semicolon", "a semicolon is missing before "+quote(s.text(value[i-1])+":"))
			} else {
				s.report(t.Start, t.End, "css/value", "there is a colon in the value of "+property)
			}
			return false
		case token.Comma:
			if depth == 0 && (i == 0 || i+1 == len(value) || value[i-1].Kind == token.Comma) {
				s.report(t.Start, t.End, "css/value", "there is a comma without something before and behind it in the value of "+property)
				return false
			}
		case token.AtKeyword, token.CDC, token.CDO:
			if depth == 0 {
				s.report(t.Start, t.End, "css/value", "there is "+quote(s.text(t))+" in the value of "+property)
				return false
			}
		case token.Delim:
			if depth == 0 && strings.IndexByte(`$<>=?&^`+"`"+`~|#.%`, s.lex.Src[t.Start]) >= 0 {
				s.report(t.Start, t.End, "css/value", "there is "+quote(s.text(t))+" in the value of "+property+", which no value has")
				return false
			}
		}
	}
	return true
}

// knownUnits are the units of CSS Values 4 and its neighbours.
const knownUnits = " px em rem ex rex ch rch cap rcap ic ric lh rlh vw vh vi vb vmin vmax svw svh svi svb svmin svmax" +
	" lvw lvh lvi lvb lvmin lvmax dvw dvh dvi dvb dvmin dvmax cqw cqh cqi cqb cqmin cqmax cm mm q in pt pc" +
	" deg grad rad turn s ms hz khz fr db st x dpi dpcm dppx "

// units looks for units that do not exist.
func (s *sheet) units(value []token.Token) bool {
	for _, t := range value {
		if t.Kind != token.Dimension {
			continue
		}
		unit := s.lex.Src[t.Unit:t.End]
		if !hasWord(knownUnits, unit) && strings.IndexByte(unit, '\\') < 0 && strings.IndexByte(unit, '-') < 0 {
			s.report(t.Start, t.End, "css/unit", "there is no unit "+quote(unit)+", as in "+quote(s.text(t)))
			return false
		}
	}
	return true
}
