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
	colour   bool   // colours
	max      int    // how many components
	words    string // keywords, each between spaces
}

const (
	borderStyles = " none hidden dotted dashed solid double groove ridge inset outset "
	lineWidths   = " thin medium thick "
	sizeWords    = " auto min-content max-content fit-content stretch contain "
	alignWords   = " normal stretch center start end flex-start flex-end self-start self-end baseline first last safe unsafe anchor-center "
	contentWords = " normal stretch center start end flex-start flex-end space-between space-around space-evenly baseline first last safe unsafe "
	wideWords    = " inherit initial unset revert revert-layer revert-rule "
)

// formOf returns the form of a lower-case property; ok is false for all whose values are not
// checked.
func formOf(property string) (f form, ok bool) {
	if f, ok = lengthForm(property); ok {
		return f, true
	}
	switch property {
	case "color", "background-color", "border-top-color", "border-right-color", "border-bottom-color", "border-left-color",
		"text-decoration-color", "column-rule-color":
		return form{colour: true, max: 1}, true
	case "border-color":
		return form{colour: true, max: 4}, true
	case "fill", "stroke":
		return form{colour: true, max: 2, words: " none context-fill context-stroke "}, true
	}
	words, max := keywordForm(property)
	return form{words: words, max: max, number: property == "font-weight"}, words != ""
}

func lengthForm(property string) (f form, ok bool) {
	switch property {
	case "width", "height":
		return form{length: true, positive: true, max: 1, words: sizeWords}, true
	case "min-width", "min-height":
		return form{length: true, positive: true, max: 1, words: sizeWords + "none "}, true
	case "max-width", "max-height":
		return form{length: true, positive: true, max: 1, words: " none min-content max-content fit-content stretch contain "}, true
	case "top", "right", "bottom", "left":
		return form{length: true, max: 1, words: " auto "}, true
	case "margin":
		return form{length: true, max: 4, words: " auto "}, true
	case "margin-top", "margin-right", "margin-bottom", "margin-left":
		return form{length: true, max: 1, words: " auto "}, true
	case "padding":
		return form{length: true, positive: true, max: 4}, true
	case "padding-top", "padding-right", "padding-bottom", "padding-left":
		return form{length: true, positive: true, max: 1}, true
	case "font-size":
		return form{length: true, positive: true, max: 1, words: " xx-small x-small small medium large x-large xx-large xxx-large smaller larger math "}, true
	case "letter-spacing", "word-spacing":
		return form{length: true, max: 1, words: " normal "}, true
	case "border-width":
		return form{length: true, positive: true, max: 4, words: lineWidths}, true
	case "border-top-width", "border-right-width", "border-bottom-width", "border-left-width", "outline-width":
		return form{length: true, positive: true, max: 1, words: lineWidths}, true
	case "border-radius":
		return form{length: true, positive: true, max: 4}, true
	case "border-top-left-radius", "border-top-right-radius", "border-bottom-right-radius", "border-bottom-left-radius":
		return form{length: true, positive: true, max: 2}, true
	case "border-spacing":
		return form{length: true, positive: true, max: 2}, true
	case "gap":
		return form{length: true, positive: true, max: 2, words: " normal "}, true
	case "row-gap", "column-gap":
		return form{length: true, positive: true, max: 1, words: " normal "}, true
	case "column-width":
		return form{length: true, positive: true, max: 1, words: " auto min-content max-content fit-content stretch "}, true
	}
	return form{}, false
}

// keywordForm returns the keywords of a property that takes nothing else.
func keywordForm(property string) (words string, max int) {
	switch property {
	case "position":
		return " static relative absolute fixed sticky -webkit-sticky ", 1
	case "float":
		return " none left right inline-start inline-end footnote top bottom block-start block-end ", 1
	case "clear":
		return " none left right both inline-start inline-end top bottom block-start block-end all ", 1
	case "visibility":
		return " visible hidden collapse ", 1
	case "display":
		return " none contents block inline inline-block flow flow-root list-item table inline-table table-row-group" +
			" table-header-group table-footer-group table-row table-cell table-column-group table-column table-caption" +
			" flex inline-flex grid inline-grid grid-lanes inline-grid-lanes ruby ruby-base ruby-text ruby-base-container ruby-text-container math run-in" +
			" box inline-box subgrid masonry compact marker ", 3
	case "font-style":
		return "", 0
	case "font-weight":
		return " normal bold bolder lighter ", 1
	case "border-style":
		return borderStyles, 4
	case "border-top-style", "border-right-style", "border-bottom-style", "border-left-style":
		return borderStyles, 1
	case "box-sizing":
		return " content-box border-box padding-box margin-box ", 1
	case "align-items":
		return alignWords, 2
	case "align-content":
		return contentWords, 2
	case "border-collapse":
		return " collapse separate ", 1
	case "table-layout":
		return " auto fixed ", 1
	case "overflow-wrap", "word-wrap":
		return " normal break-word anywhere ", 1
	case "flex-direction":
		return " row row-reverse column column-reverse ", 1
	case "flex-wrap":
		return " nowrap wrap wrap-reverse balance ", 1
	case "text-transform":
		return " none capitalize uppercase lowercase full-width full-size-kana math-auto ", 3
	}
	return "", 0
}

// value checks the value of a property that has a form. It says nothing about a value with
// functions, commas, slashes or what only some browsers know.
func (s *sheet) value(property string, value []token.Token) {
	f, ok := formOf(property)
	if !ok {
		if property == "cursor" && len(value) == 1 && strings.EqualFold(s.text(value[0]), "hand") {
			s.report(value[0].Start, value[0].End, "value", "there is no cursor hand: use pointer")
		}
		return
	}
	for _, t := range value {
		switch t.Kind {
		case token.Function, token.Comma, token.URL, token.LeftParen, token.LeftSquare:
			return
		case token.Delim:
			return
		case token.Ident:
			if v := s.text(t); v[0] == '-' || strings.IndexByte(v, '\\') >= 0 {
				return
			}
		}
	}
	for i, t := range value {
		if len(value) == 1 && t.Kind == token.Ident && hasWord(wideWords, s.text(t)) {
			return
		}
		if message := s.component(f, t); message != "" {
			s.report(t.Start, t.End, "value", quote(s.text(t))+" is no value of "+property+": "+message)
			return
		}
		if i+1 > f.max {
			s.report(t.Start, s.lastEnd(), "value", property+" has too many values: there is "+quote(s.text(t))+" behind the last that it takes")
			return
		}
	}
}

// component returns what would be right where one component is wrong.
func (s *sheet) component(f form, t token.Token) string {
	v := s.text(t)
	switch t.Kind {
	case token.Ident:
		if hasWord(f.words, v) || f.colour && isColourName(v) {
			return ""
		}
	case token.Hash:
		if !f.colour {
			break
		}
		if n := len(v) - 1; (n == 3 || n == 4 || n == 6 || n == 8) && isHex(v[1:]) {
			return ""
		}
		return "a colour has 3, 4, 6 or 8 hexadecimal digits"
	case token.Number:
		switch {
		case f.number:
			return ""
		case !f.length:
		case strings.Trim(v, "+-0.") == "" || strings.ContainsAny(v, "eE"):
			return ""
		default:
			return "a length has a unit, such as " + v + "px"
		}
	case token.Dimension, token.Percentage:
		if t.Kind == token.Dimension && strings.IndexByte(v, '\\') >= 0 {
			return ""
		}
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

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}
