package datatype

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
)

// featureKind says what values a media feature takes.
type featureKind uint8

const (
	anyFeature featureKind = iota // one that we do not know
	lengthFeature
	integerFeature
	ratioFeature
	resolutionFeature
	gridFeature
	wordFeature
)

// mediaFeature is a feature of Media Queries 5.
type mediaFeature struct {
	kind  featureKind
	words string // of a wordFeature, each between spaces
}

// ranged reports whether the feature has an order, so that min-, max- and < make sense.
func (f mediaFeature) ranged() bool {
	return f.kind >= lengthFeature && f.kind <= resolutionFeature
}

// mediaFeatures returns the feature of a lower-case name without min- or max-.
func mediaFeatureOf(name string) (f mediaFeature, deprecated bool) {
	words := func(s string) mediaFeature { return mediaFeature{wordFeature, s} }
	switch name {
	case "width", "height":
		return mediaFeature{kind: lengthFeature}, false
	case "aspect-ratio":
		return mediaFeature{kind: ratioFeature}, false
	case "device-width", "device-height":
		return mediaFeature{kind: lengthFeature}, true
	case "device-aspect-ratio":
		return mediaFeature{kind: ratioFeature}, true
	case "resolution":
		return mediaFeature{kind: resolutionFeature}, false
	case "color", "color-index", "monochrome", "horizontal-viewport-segments", "vertical-viewport-segments":
		return mediaFeature{kind: integerFeature}, false
	case "grid":
		return mediaFeature{kind: gridFeature}, false
	case "orientation":
		return words(" portrait landscape "), false
	case "scan":
		return words(" interlace progressive "), false
	case "update":
		return words(" none slow fast "), false
	case "overflow-block":
		return words(" none scroll paged "), false
	case "overflow-inline":
		return words(" none scroll "), false
	case "environment-blending":
		return words(" opaque additive subtractive "), false
	case "color-gamut", "video-color-gamut":
		return words(" srgb p3 rec2020 "), false
	case "dynamic-range", "video-dynamic-range":
		return words(" standard high "), false
	case "inverted-colors":
		return words(" none inverted "), false
	case "pointer", "any-pointer":
		return words(" none coarse fine "), false
	case "hover", "any-hover":
		return words(" none hover "), false
	case "scripting":
		return words(" none initial-only enabled "), false
	case "forced-colors":
		return words(" none active "), false
	case "prefers-reduced-motion", "prefers-reduced-transparency":
		return words(" no-preference reduce "), false
	case "prefers-contrast":
		return words(" no-preference less more custom "), false
	case "prefers-color-scheme":
		return words(" light dark "), false
	}
	return mediaFeature{}, false
}

// findFeature returns the feature of a lower-case name; prefixed says that it began with
// min- or max-.
func findFeature(lower string) (f mediaFeature, prefixed, ok bool) {
	name, min := strings.CutPrefix(lower, "min-")
	if !min {
		name, prefixed = strings.CutPrefix(lower, "max-")
	}
	f, _ = mediaFeatureOf(name)
	return f, min || prefixed, f.kind != anyFeature
}

// feature reads what stands in a parenthesis up to its end.
func (m *mediaParser) feature() {
	switch m.tok.Kind {
	case token.Ident:
	case token.Number, token.Dimension, token.Function:
		m.rangeFromValue()
		return
	default:
		m.unexpected("the name of a media feature")
		return
	}
	name := m.tok
	f, prefixed := m.known()
	m.next()
	switch {
	case m.problem != nil:
	case m.tok.Kind == token.RightParen:
		if prefixed && f.kind != anyFeature {
			m.fail(name, "has "+quote(m.src(name))+" without a value: write ("+clip(m.src(name))+": …)")
		}
	case m.tok.Kind == token.Colon:
		m.next()
		if prefixed && f.kind != anyFeature && !f.ranged() {
			m.fail(name, "has "+quote(m.src(name))+": this feature has no order, so that min- and max- are not for it")
			return
		}
		m.values(f, clip(m.src(name)))
	case m.delim('<') || m.delim('>') || m.delim('='):
		m.ordered(name, f, prefixed)
		m.operator()
		m.value(f, clip(m.src(name)))
	default:
		m.unexpected("a colon or a closing parenthesis")
	}
}

func (m *mediaParser) src(t token.Token) string { return m.lex.Src[t.Start:t.End] }

// known looks the current token up among the features.
func (m *mediaParser) known() (f mediaFeature, prefixed bool) {
	lower := strings.ToLower(m.text())
	if strings.HasPrefix(lower, "--") {
		m.fail(m.tok, "has the custom media feature "+quote(m.text())+", which only a style sheet can define")
		return f, false
	}
	f, prefixed, _ = findFeature(lower)
	bare := lower
	if prefixed {
		bare = lower[len("min-"):]
	}
	if _, deprecated := mediaFeatureOf(bare); deprecated {
		m.deprecated(m.tok, "has the deprecated media feature "+quote(m.text())+": ask for "+
			strings.Replace(lower, "device-", "", 1)+", the size of the page's own area")
	}
	return f, prefixed
}

// ordered says when a feature does not go with < or >.
func (m *mediaParser) ordered(name token.Token, f mediaFeature, prefixed bool) {
	switch {
	case f.ranged() && prefixed:
		m.fail(name, "has "+quote(m.src(name))+" with a comparison: leave "+m.src(name)[:4]+" out")
	case !f.ranged():
		m.fail(name, "compares "+quote(m.src(name))+", which has no order: write ("+clip(m.src(name))+": …)")
	}
}

// operator reads a comparison, and returns its first character and whether it is more than
// that.
func (m *mediaParser) operator() (first byte, equal bool) {
	first = m.lex.Src[m.tok.Start]
	t := m.lex.Next()
	if t.Kind == token.Delim && m.src(t) == "=" && first != '=' {
		m.next()
		return first, true
	}
	for t.Kind == token.Space || t.Kind == token.Comment {
		t = m.lex.Next()
	}
	m.tok = t
	if m.delim('<') || m.delim('>') || m.delim('=') {
		m.fail(m.tok, "has a comparison that does not exist: use <, <=, =, >= or >")
	}
	return first, false
}

// rangeFromValue reads "VALUE < name" and "VALUE < name < VALUE".
func (m *mediaParser) rangeFromValue() {
	m.skipValue()
	if !m.delim('<') && !m.delim('>') && !m.delim('=') {
		m.unexpected("the name of a media feature or a comparison")
		return
	}
	first, firstEqual := m.operator()
	if m.problem != nil {
		return
	}
	if m.tok.Kind != token.Ident {
		m.unexpected("the name of a media feature")
		return
	}
	name := m.tok
	f, prefixed := m.known()
	m.ordered(name, f, prefixed)
	m.next()
	if m.problem != nil || m.tok.Kind == token.RightParen {
		return
	}
	if !m.delim('<') && !m.delim('>') && !m.delim('=') {
		m.unexpected("a comparison or a closing parenthesis")
		return
	}
	at := m.tok
	second, secondEqual := m.operator()
	if second == '=' || first == '=' || first == '<' && second == '>' && !firstEqual && !secondEqual {
		m.fail(at, "compares twice in different directions: write (A <= "+clip(m.src(name))+" <= B)")
		return
	}
	m.value(f, clip(m.src(name)))
}

// skipValue goes over one value, with its parenthesis or its fraction.
func (m *mediaParser) skipValue() {
	open := 0
	for {
		switch m.tok.Kind {
		case token.Function, token.LeftParen:
			open++
		case token.RightParen:
			open--
		case token.EOF:
			return
		}
		m.next()
		if open <= 0 {
			if m.delim('/') {
				m.next()
				continue
			}
			return
		}
	}
}

// value checks one value after a comparison.
func (m *mediaParser) value(f mediaFeature, name string) {
	if m.problem != nil {
		return
	}
	if m.tok.Kind == token.RightParen || m.tok.Kind == token.EOF {
		m.unexpected("a value")
		return
	}
	m.first(f, name)
	m.skipValue()
}

// values checks all up to the closing parenthesis.
func (m *mediaParser) values(f mediaFeature, name string) {
	if m.tok.Kind == token.RightParen || m.tok.Kind == token.EOF {
		m.unexpected("a value")
		return
	}
	m.first(f, name)
	for open, n := 0, 0; m.problem == nil; m.next() {
		if n++; n == 2 && m.tok.Kind != token.RightParen && (f.kind == wordFeature || f.kind == gridFeature) {
			m.fail(m.tok, "has "+quote(m.text())+" behind the value of "+name+", which takes one word")
		}
		switch m.tok.Kind {
		case token.RightParen:
			if open == 0 {
				return
			}
			open--
		case token.LeftParen:
			open++
		case token.Function:
			open++
			if s := m.text(); strings.EqualFold(s, "var(") || strings.EqualFold(s, "env(") {
				m.fail(m.tok, "has "+quote(s+")")+", which media queries cannot use: they are asked before there is any element")
			}
		case token.Dimension:
			if u := m.lex.Src[m.tok.Unit:m.tok.End]; !knownUnit(u) {
				m.fail(m.tok, "has the unknown unit "+quote(u))
			}
		case token.Semicolon, token.LeftBrace, token.RightBrace, token.LeftSquare, token.RightSquare, token.EOF:
			m.unexpected("a closing parenthesis")
		case token.Delim:
			if m.delim('<') || m.delim('>') || m.delim('=') {
				m.unexpected("a value")
			}
		}
	}
}

// first checks the first token of a value.
func (m *mediaParser) first(f mediaFeature, name string) {
	if m.tok.Kind == token.Function || strings.Contains(m.text(), `\`) {
		return
	}
	v := m.text()
	switch f.kind {
	case lengthFeature:
		m.length(name)
	case integerFeature:
		if m.tok.Kind != token.Number || !m.tok.Integer {
			m.fail(m.tok, "has "+quote(v)+" for "+name+", which takes a whole number")
		}
	case ratioFeature:
		if m.tok.Kind != token.Number {
			m.fail(m.tok, "has "+quote(v)+" for "+name+", which takes a ratio such as 16/9")
		}
	case resolutionFeature:
		if m.tok.Kind != token.Dimension && !m.is("infinite") {
			m.fail(m.tok, "has "+quote(v)+" for "+name+", which takes a resolution such as 2dppx")
		} else if m.tok.Kind == token.Dimension && !isResolution(m.lex.Src[m.tok.Unit:m.tok.End]) {
			m.fail(m.tok, "has "+quote(v)+" for "+name+": a resolution has the unit dppx, dpi, dpcm or x")
		}
	case gridFeature:
		if v != "0" && v != "1" {
			m.fail(m.tok, "has "+quote(v)+" for "+name+", which takes 0 or 1")
		}
	case wordFeature:
		if m.tok.Kind != token.Ident || !hasWord(f.words, v) {
			m.fail(m.tok, "has "+quote(v)+" for "+name+", which takes "+orList(f.words))
		}
	}
}

func (m *mediaParser) length(name string) {
	v := m.text()
	switch m.tok.Kind {
	case token.Dimension:
		if u := m.lex.Src[m.tok.Unit:m.tok.End]; !isLengthUnit(u) {
			m.fail(m.tok, "has "+quote(v)+" for "+name+": a length has a unit such as px or em")
		}
	case token.Number:
		if strings.Trim(v, "+-0.") != "" {
			m.fail(m.tok, "has "+quote(v)+" for "+name+" without a unit: write "+clip(v)+"px")
		}
	default:
		m.fail(m.tok, "has "+quote(v)+" for "+name+", which takes a length such as 40em")
	}
}

const (
	lengthUnits = " px em rem ex rex ch rch cap rcap ic ric lh rlh vw vh vi vb vmin vmax svw svh svi svb svmin svmax" +
		" lvw lvh lvi lvb lvmin lvmax dvw dvh dvi dvb dvmin dvmax cqw cqh cqi cqb cqmin cqmax cm mm q in pt pc "
	resolutionUnits = " dppx dpi dpcm x "
	otherUnits      = " deg grad rad turn s ms hz khz fr db st "
)

func isLengthUnit(u string) bool { return hasWord(lengthUnits, u) }

func isResolution(u string) bool { return hasWord(resolutionUnits, u) }

func knownUnit(u string) bool {
	return isLengthUnit(u) || isResolution(u) || hasWord(otherUnits, u) || strings.Contains(u, `\`)
}

// hasWord reports whether a list of words, each between spaces, has the word in any case.
func hasWord(list, word string) bool {
	if len(word) > maxWord {
		return false
	}
	for len(list) > 1 {
		list = list[1:]
		end := strings.IndexByte(list, ' ')
		if strings.EqualFold(list[:end], word) {
			return true
		}
		list = list[end:]
	}
	return false
}

// maxWord is longer than each word of the lists.
const maxWord = 64

// orList writes " a b c " as "a, b or c".
func orList(list string) string {
	words := strings.Fields(list)
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
