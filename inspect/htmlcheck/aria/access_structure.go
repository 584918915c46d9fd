package aria

import (
	"fmt"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// landmarks are the parts of the page that assistive technology leads to.
type landmarks struct {
	main, other bool
	navs        kindOfLandmark
	asides      kindOfLandmark
}

// kindOfLandmark are the landmarks of one kind.
type kindOfLandmark struct {
	count   int
	unnamed []*parse.Node
}

// maxUnnamed bounds the landmarks that are kept to be reported: more say nothing new.
const maxUnnamed = 50

func (l *landmarks) add(n *parse.Node, role string) {
	name := ""
	if n.Space == parse.HTML {
		name = n.Name
	}
	switch {
	case role == "main" || role == "" && name == "main":
		l.main = true
	case role == "navigation" || role == "" && name == "nav":
		l.other = true
		l.navs.add(n)
	case role == "complementary" || role == "" && name == "aside" && !inSectioning(n):
		l.asides.add(n)
	case role == "banner", role == "contentinfo", role == "" && name == "footer", role == "" && name == "header":
		l.other = true
	}
}

// inSectioning reports whether an aside is within a part of the page, which makes it none
// of its landmarks (HTML-AAM 3.5).
func inSectioning(n *parse.Node) bool {
	p := n.Parent
	for range maxUp {
		if p == nil {
			return false
		}
		if p.Space == parse.HTML {
			switch p.Name {
			case "article", "aside", "nav", "section":
				return true
			}
		}
		p = p.Parent
	}
	return true
}

func (k *kindOfLandmark) add(n *parse.Node) {
	k.count++
	if len(k.unnamed) < maxUnnamed && n.Attr("aria-label") == nil && n.Attr("aria-labelledby") == nil && n.Attr("title") == nil && !bound(n) {
		k.unnamed = append(k.unnamed, n)
	}
}

func (l *landmarks) report(a *access) {
	l.navs.report(a, "navigation", "nav")
	l.asides.report(a, "complementary", "aside")
	if l.main || !l.other || a.page.Fragment {
		return
	}
	root := a.page.Doc.Root
	for n := root.FirstChild; n != nil; n = n.Following(root, false) {
		if n.Is(parse.TagBody) {
			a.warn(n, "a11y/no-main", n.Span, secInfo, "the page has landmarks, but no main element: put what it is about into <main>, so that readers can get to it at once")
			return
		}
	}
}

// report tells of landmarks that readers cannot tell apart.
func (k *kindOfLandmark) report(a *access, role, name string) {
	if k.count < 2 || len(k.unnamed) == 0 {
		return
	}
	for _, n := range k.unnamed {
		a.warn(n, "a11y/unnamed-landmark", n.Span, secInfo, fmt.Sprintf(
			"the page has %d %s landmarks: give this %s an aria-label, so that readers can tell them apart", k.count, role, name))
	}
}

// tableParts is what is seen of an open table.
type tableParts struct {
	node          *parse.Node
	header        bool // a th, or a cell with a header's role
	caption, head bool
}

func (a *access) tablePart(n *parse.Node) {
	if len(a.tables) == 0 {
		return
	}
	t := &a.tables[len(a.tables)-1]
	switch n.Name {
	case "th":
		t.header = true
	case "caption":
		t.caption = true
	case "thead":
		t.head = true
	}
}

// closeTable reports a table of data, as its caption or its head shows, without headers.
func (a *access) closeTable(t tableParts) {
	if t.header || !t.caption && !t.head || t.node.Attr("role") != nil {
		return
	}
	a.warn(t.node, "a11y/table-headers", t.node.Span, secInfo, "the table has no header cells: use th for the cells that name a column or a row")
}
