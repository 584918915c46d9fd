package assert

import (
	"fmt"
	"math/bits"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// ancestor is a set of elements that are open.
type ancestor uint64

// The elements that matter as ancestors, in the order of ancestorNames.
const (
	inA ancestor = 1 << iota
	inAddress
	inArticle
	inAside
	inAudio
	inBlockquote
	inButton
	inCanvas
	inCaption
	inDd
	inDel
	inDetails
	inDfn
	inDialog
	inDt
	inFieldset
	inFigure
	inFooter
	inForm
	inHeader
	inIns
	inLabel
	inLi
	inMain
	inMap
	inMeter
	inNav
	inNoscript
	inObject
	inProgress
	inSection
	inSlot
	inTd
	inTh
	inVideo
	inBody
	inFigcaption
	inOptgroup
	inSVGLink
	inLinkWithURL

	// numExcluding is how many of them exclude other elements.
	numExcluding = 35

	sectioning     = inArticle | inAside | inNav | inSection
	interactiveOut = inA | inButton
	sectionsOut    = inAddress | inDt | inTh
	// mainOut are the elements that main may not be in: it is the content of the whole page.
	mainOut = inA | inAddress | inArticle | inAside | inAudio | inBlockquote | inCanvas | inCaption | inDd | inDel |
		inDetails | inDialog | inDt | inFieldset | inFigure | inFooter | inHeader | inIns | inLi | inMain | inMap |
		inNav | inNoscript | inObject | inSection | inSlot | inTd | inTh | inVideo
)

var ancestorNames = [numExcluding]string{"a", "address", "article", "aside", "audio", "blockquote", "button", "canvas",
	"caption", "dd", "del", "details", "dfn", "dialog", "dt", "fieldset", "figure", "footer", "form", "header", "ins",
	"label", "li", "main", "map", "meter", "nav", "noscript", "object", "progress", "section", "slot", "td", "th", "video"}

// reason says why an ancestor excludes what it excludes.
func reason(ancestor string) string {
	switch ancestor {
	case "a":
		return "a link holds no other interactive content"
	case "button":
		return "a button holds no other interactive content"
	case "address":
		return "it holds contact information only, without headings, sections, headers and footers"
	case "dt":
		return "a term holds no headings, sections, headers and footers"
	case "th":
		return "a header cell holds no headings, sections, headers and footers"
	case "caption":
		return "a caption holds no tables"
	}
	return "move it out"
}

// forbidden reports an element that may not be inside one of the open elements; never are
// those that exclude its name.
func (c *checker) forbidden(n *parse.Node, never, open ancestor) {
	if open == 0 || n.Space != parse.HTML {
		return
	}
	with := ""
	if never != 0 && n.Name == "input" && hasValue(n, "type", "hidden") {
		never = 0
	}
	if open&interactiveOut != 0 {
		if with = interactiveBy(n, never != 0); with != "" {
			never |= interactiveOut
		}
	}
	if never &= open; never != 0 {
		c.excluded(n, never, with)
	}
}

// excluded reports each ancestor in never that excludes n. The attribute with is what
// makes n interactive, "" when it is its name.
func (c *checker) excluded(n *parse.Node, never ancestor, with string) {
	what := "`" + n.Name + "`"
	if with != "" {
		what += " with the attribute `" + with + "`"
	}
	for ; never != 0; never &= never - 1 {
		a := ancestorNames[bits.TrailingZeros64(uint64(never))]
		why := reason(a)
		switch {
		case n.Name == "main":
			why = "the main content of a page is not a part of it"
		case a == n.Name:
			why = "end the outer one first"
		}
		c.error(n, n.Span, "content-model/forbidden-descendant", c.section(n),
			fmt.Sprintf("%s must not be anywhere inside `%s`: %s", what, a, why))
	}
}

// interactiveBy returns the attribute that makes an element interactive content, which may
// not be inside a link or button; "" also for an element that always is.
func interactiveBy(n *parse.Node, always bool) string {
	with := ""
	switch n.Name {
	case "audio", "video":
		with = "controls"
	case "img", "object":
		with = "usemap"
	case "a":
		with = "href"
	}
	if with != "" && n.Attr(with) != nil {
		return with
	}
	if !always && n.Attr("tabindex") != nil {
		return "tabindex"
	}
	return ""
}

// enterSVG notes the links of SVG, which do not nest either.
func (c *checker) enterSVG(n *parse.Node) {
	if n.Name != "a" {
		return
	}
	if c.top().inside&inSVGLink != 0 {
		c.error(n, n.Span, "content-model/forbidden-descendant", "SVG 16.2",
			"a link of SVG must not be inside another one: end the outer `a` first")
	}
	c.top().inside |= inSVGLink
}

// linkWithURL notes that the open link leads somewhere.
func linkWithURL(c *checker, n *parse.Node) {
	if n.Attr("href") != nil {
		c.top().inside |= inLinkWithURL
	}
}

// section returns the section of the HTML standard about an element, "" when these rules
// do not name it.
func (c *checker) section(n *parse.Node) string {
	if e := c.table[n.Name]; e != nil {
		return e.section
	}
	return ""
}
