package assert

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const spaces = " \t\n\f\r"

// blank reports whether s is white space only.
func blank(s string) bool {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(spaces, s[i]) < 0 {
			return false
		}
	}
	return true
}

// text notes that the open element has text.
func (c *checker) text(n *parse.Node) {
	if !blank(n.Data) {
		c.top().seen |= hasText
		if !c.top().template {
			c.figureText()
		}
	}
}

// emptyTitle reports a title without text (4.2.2). The title of an SVG image may be empty.
func emptyTitle(c *checker, f *frame) {
	if f.seen&hasText == 0 {
		c.error(f.node, f.node.Span, "content-model/title-empty", "4.2.2",
			"`title` must say what the page is: browsers show it in tabs, bookmarks and search results")
	}
}

// emptyHeading warns of a heading that shows nothing (4.3.6).
func emptyHeading(c *checker, f *frame) {
	if f.seen&(hasText|hasImageAlt) == 0 && !f.template {
		c.warn(f.node, f.node.Span, "outline/heading-empty", "4.3.6",
			"a heading must have text, or an image with a text alternative; leave out `"+f.node.Name+"` when there is nothing to say")
	}
	f.seen |= hasHeading
}

// sectionHeading warns of a section or article without a heading (4.3.3, 4.3.2).
func sectionHeading(c *checker, f *frame) {
	n := f.node
	if f.seen&hasHeading == 0 && n.Attr("aria-label") == nil && n.Attr("aria-labelledby") == nil {
		c.warn(n, n.Span, "outline/section-without-heading", c.section(n),
			"`"+n.Name+"` has no heading: give it one, `h2` to `h6`, or use `div` when none is needed")
	}
	ownHeading(c, f)
}

// ownHeading keeps the heading of a part from being that of the whole.
func ownHeading(_ *checker, f *frame) { f.seen &^= hasHeading }

// value returns the value of an attribute and whether there is one.
func value(n *parse.Node, name string) (string, bool) {
	if a := n.Attr(name); a != nil {
		return a.Value, true
	}
	return "", false
}

// hasValue reports whether an attribute has a value, in any case.
func hasValue(n *parse.Node, name, want string) bool {
	v, ok := value(n, name)
	return ok && strings.EqualFold(v, want)
}

// hasToken reports whether a space-separated list of words has one, in any case.
func hasToken(list string, words ...string) bool {
	for token := range strings.FieldsFuncSeq(list, isSpace) {
		for _, w := range words {
			if strings.EqualFold(token, w) {
				return true
			}
		}
	}
	return false
}

func isSpace(r rune) bool { return r < 128 && strings.IndexByte(spaces, byte(r)) >= 0 }

// attrSpan is what to mark for an attribute: its value, or its name when it has none.
func attrSpan(a *parse.Attr) parse.Span {
	if a.ValueSpan.Len() > 0 {
		return a.ValueSpan
	}
	return a.NameSpan
}
