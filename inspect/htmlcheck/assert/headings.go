package assert

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// maxHeadingLevel is the deepest level that heading offsets lead to (4.3.11).
const maxHeadingLevel = 9

// headings is the outline so far.
type headings struct {
	first     *parse.Node
	last      string // the element of the heading before
	level     int    // its computed level, 0 before the first
	highest   int
	pageTop   bool // an h1 outside all sections
	nestedTop []nestedHeading
}

// nestedHeading is an h1 inside sections.
type nestedHeading struct {
	node  *parse.Node
	depth int
}

// heading compares the level of a heading with that of the one before (4.3.11).
func heading(c *checker, n *parse.Node) {
	level := min(int(n.Name[1]-'0')+c.top().offset, maxHeadingLevel)
	h := &c.headings
	if h.level > 0 && level > h.level+1 && !c.broken() {
		c.error(n, n.Span, "outline/heading-level-skipped", "4.3.11", skipped(n.Name, level, h))
	}
	if h.first == nil {
		h.first, h.highest = n, level
	}
	h.last, h.level, h.highest = n.Name, level, min(h.highest, level)
	if n.Name == "h1" {
		switch depth := c.top().sections; {
		case c.top().offset > 0:
		case depth == 0:
			h.pageTop = true
		default:
			h.nestedTop = append(h.nestedTop, nestedHeading{n, depth})
		}
	}
}

func skipped(name string, level int, h *headings) string {
	want := "`h" + strconv.Itoa(min(int(name[1]-'0')-(level-h.level-1), 6)) + "`"
	if int(name[1]-'0')-(level-h.level-1) < 1 {
		want = "a smaller `headingoffset`"
	}
	where := fmt.Sprintf("`%s` follows `%s`", name, h.last)
	if int(name[1]-'0') != level || int(h.last[1]-'0') != h.level {
		where = fmt.Sprintf("`%s` of level %d follows `%s` of level %d", name, level, h.last, h.level)
	}
	levels := "a level"
	if n := level - h.level - 1; n > 1 {
		levels = strconv.Itoa(n) + " levels"
	}
	return fmt.Sprintf("%s, which leaves out %s: use %s", where, levels, want)
}

// finishHeadings reports what only the whole page shows.
func (c *checker) finishHeadings() {
	h := &c.headings
	if h.first == nil || c.page.Fragment {
		return
	}
	if h.highest > 1 {
		c.warn(h.first, h.first.Span, "outline/no-top-heading", "4.3.11",
			"the page has headings, but none of level 1: begin with an `h1` that says what the page is about")
	}
	for _, nested := range h.nestedTop {
		if n := nested.node; nested.depth > 1 || h.pageTop {
			c.warn(n, n.Span, "outline/nested-top-heading", "4.3.11",
				"`h1` inside a section counts as a heading of the whole page: use `h2` to `h6`, or `headingoffset` around it")
		}
	}
}

// headingOffset reads the attributes that move the levels of the headings inside n.
func (c *checker) headingOffset(n *parse.Node, a *parse.Attr) {
	if a.Name == "headingreset" {
		c.top().offset -= c.stack[len(c.stack)-2].offset
		return
	}
	v, err := strconv.Atoi(a.Value)
	if err != nil || v < 0 || v >= maxHeadingLevel || len(a.Value) > 1 {
		c.error(n, attrSpan(a), "co-constraint/heading-offset-range", "4.3.11",
			"`headingoffset` must be a number from 0 to 8")
	}
	if err != nil { // what browsers read of it all the same (2.3.4.1)
		digits := strings.TrimLeft(a.Value, " \t\n\f\r+")
		digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
		v, _ = strconv.Atoi(digits) // too large a number is the largest
	}
	if v > 0 {
		c.top().offset = min(c.top().offset+min(v, maxHeadingLevel), maxHeadingLevel)
	}
}

// language warns of a page that does not say what language it is in (3.2.6.1).
func language(c *checker, n *parse.Node) {
	if c.page.XHTML && n.Attr("xml:lang") != nil {
		return
	}
	if n.Attr("lang") == nil && !c.page.Fragment && n.Parent == c.page.Doc.Root {
		c.warn(n, n.Span, "lang/lang-missing", "3.2.6.1",
			"say what language the page is in: `<html lang=\"en\">`")
	}
}

// visibleMain reports a second main element that is not hidden (4.4.15).
func visibleMain(c *checker, n *parse.Node) {
	switch {
	case n.Attr("hidden") != nil:
	case c.main == nil:
		c.main = n
	default:
		c.error(n, n.Span, "co-constraint/second-main", "4.4.14",
			"a page has one visible `main`; mark the others with `hidden`, or use `section` or `div`")
	}
}
