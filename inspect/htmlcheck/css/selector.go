package css

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/css/token"
)

// selector checks the selector list in items, whose block begins at the current token.
func (s *sheet) selector() bool {
	if len(s.items) == 0 {
		s.report(s.tok.Start, s.tok.End, "css/selector", "there is a { without a selector before it")
		return false
	}
	good := true
	compound := false   // something stands in the current selector since the last combinator
	combinator := false // the last token was one
	for i := 0; i < len(s.items); i++ {
		t := s.items[i]
		switch {
		case t.Kind == token.Semicolon && len(s.blocks) == 0: // where another rule may begin
			good = s.badSelector(t, "there is a semicolon in a selector: before it a { is missing, or it does not belong there")
			compound, combinator = false, false
		case t.Kind == token.Comma:
			if !compound {
				return s.badSelector(t, "there is a comma without a selector before it")
			}
			compound, combinator = false, false
		case s.isCombinator(t):
			if combinator || !compound && len(s.blocks) == 0 {
				return s.badSelector(t, "there is the combinator "+quote(s.text(t))+" without a selector before it")
			}
			compound, combinator = false, true
		case t.Kind == token.LeftSquare:
			end := s.closing(i)
			if end < 0 || end == i+1 {
				return s.badSelector(t, "an attribute selector is not complete: it must be like [href] or [type=\"text\"]")
			}
			i, compound, combinator = end, true, false
		default:
			n, ok := s.simple(i)
			if !ok {
				return false
			}
			i, compound, combinator = n, true, false
		}
	}
	if !compound {
		last := s.items[len(s.items)-1]
		return s.badSelector(last, "a selector must follow "+quote(s.text(last)))
	}
	return good
}

func (s *sheet) badSelector(t token.Token, message string) bool {
	s.report(t.Start, t.End, "css/selector", message)
	return false
}

func (s *sheet) isCombinator(t token.Token) bool {
	return s.delim(t, '>') || s.delim(t, '+') || s.delim(t, '~')
}

// closing returns the index of the bracket that closes the one at i, or -1.
func (s *sheet) closing(i int) int {
	depth := 0
	for ; i < len(s.items); i++ {
		switch s.items[i].Kind {
		case token.LeftSquare, token.LeftParen, token.Function:
			depth++
		case token.RightSquare, token.RightParen:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// simple checks the simple selector at i and returns the index of its last token.
func (s *sheet) simple(i int) (last int, ok bool) {
	t := s.items[i]
	next := token.Token{}
	if i+1 < len(s.items) && s.items[i+1].Start == t.End {
		next = s.items[i+1]
	}
	switch {
	case t.Kind == token.Ident || s.delim(t, '*') || s.delim(t, '&') || s.delim(t, '|'):
		return i, true
	case t.Kind == token.Hash:
		if c := s.lex.Src[t.Start+1]; '0' <= c && c <= '9' {
			return i, s.badSelector(t, "the id in "+quote(s.text(t))+" begins with a digit: write #\\3"+string(c)+" and a space for it")
		}
		return i, true
	case t.Kind == token.Colon:
		return s.pseudo(i)
	case s.delim(t, '.'):
		if next.Kind != token.Ident {
			return i, s.badSelector(t, "a class name must follow the point")
		}
		return i + 1, true
	case (t.Kind == token.Dimension || t.Kind == token.Number) && s.lex.Src[t.Start] == '.':
		return i, s.badSelector(t, "the class in "+quote(s.text(t))+" begins with a digit: write the digit as an escape, such as .\\31 a")
	case t.Kind == token.Percentage || t.Kind == token.Number || t.Kind == token.Dimension:
		return i, s.badSelector(t, "a selector cannot begin with the number "+quote(s.text(t)))
	case t.Kind == token.CDO || t.Kind == token.CDC:
		return i, true
	case t.Kind == token.Semicolon && i > 0:
		return i, s.badSelector(t, "there is a semicolon in a selector: before it a { is missing, or it does not belong there")
	}
	return i, s.badSelector(t, "there is "+quote(s.text(t))+" where a selector should be")
}

// pseudo checks the pseudo-class or pseudo-element at i.
func (s *sheet) pseudo(i int) (last int, ok bool) {
	start := s.items[i]
	element := i+1 < len(s.items) && s.items[i+1].Kind == token.Colon && s.items[i+1].Start == start.End
	if element {
		i++
	}
	if i+1 == len(s.items) || s.items[i+1].Start != s.items[i].End {
		return i, s.badSelector(start, "the name of a pseudo-class or pseudo-element must follow the colon")
	}
	i++
	t := s.items[i]
	name := s.text(t)
	switch t.Kind {
	case token.Ident:
	case token.Function:
		name = name[:len(name)-1]
		end := s.closing(i)
		if end < 0 {
			return i, s.badSelector(t, "a ) is missing for "+quote(s.text(t)))
		}
		i = end
	default:
		return i, s.badSelector(t, "the name of a pseudo-class or pseudo-element must follow the colon")
	}
	if name[0] == '-' || strings.Contains(name, `\`) {
		return i, true
	}
	list := pseudoClasses
	if element {
		list = pseudoElements
	}
	if !hasWord(list, name) {
		if before := i - 2; before >= 0 && !element && s.items[before].Kind == token.Ident && knownProperty(s.text(s.items[before])) && len(s.blocks) > 0 {
			return i, s.badSelector(s.items[before], "the declaration of "+s.text(s.items[before])+" goes on with {: a ; or } is missing before it")
		}
		return i, s.badSelector(t, "there is no pseudo-class or pseudo-element called "+quote(name))
	}
	return i, true
}

const (
	// pseudoClasses has the pseudo-elements that may stand behind one colon, too.
	pseudoClasses = " active active-view-transition active-view-transition-type after any any-link autofill before blank buffering checked" +
		" contents corner-present current decrement default defined dir disabled double-button empty enabled end" +
		" end first first-child first-letter first-line first-of-type focus focus-visible focus-within fullscreen" +
		" future grammar-error has has-slotted heading horizontal host host-context hover in-range increment indeterminate invalid is" +
		" lang last-child last-of-type left link local-link matches modal muted no-button not nth-child nth-col nth-last-child" +
		" nth-last-col nth-last-of-type nth-of-type only-child only-of-type open optional out-of-range past paused" +
		" picture-in-picture placeholder-shown playing popover-open popover read-only read-write required right root scope seeking" +
		" selection single-button spelling-error stalled start state target target-current target-within unchecked user-error user-invalid user-valid" +
		" valid vertical visited volume-locked where window-inactive xr-overlay placeholder "
	pseudoElements = " after backdrop before checkmark clear-icon column cue cue-region details-content file-selector-button first-letter first-line" +
		" footnote-call footnote-marker grammar-error highlight inactive-selection marker outside part picker picker-icon placeholder" +
		" reveal-icon scroll-button scroll-marker scroll-marker-group search-text selection shadow slider-fill slider-thumb slider-track slotted" +
		" spelling-error target-text content view-transition view-transition-group view-transition-group-children view-transition-image-pair" +
		" view-transition-new view-transition-old "
)
