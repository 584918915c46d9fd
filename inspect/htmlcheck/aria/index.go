package aria

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// index is what other elements say of an id. It is made once, when first asked for.
type index struct {
	nodes  map[string]*parse.Node // the first with the id
	owners map[string][]string    // roles of the elements whose aria-owns names the id
	panels map[string]bool        // ids that aria-labelledby of a tabpanel names
	labels map[string]*parse.Node // ids that the for of a label names
}

// maxOwners bounds the owners that are kept of an id: more than one is a mistake.
const maxOwners = 8

func (c *checker) ids() *index {
	if c.index != nil {
		return c.index
	}
	x := &index{
		nodes: map[string]*parse.Node{}, owners: map[string][]string{},
		panels: map[string]bool{}, labels: map[string]*parse.Node{},
	}
	c.index = x
	root := c.page.Doc.Root
	for n := root.FirstChild; n != nil; n = n.Following(root, n.Is(parse.TagTemplate)) {
		if n.Kind == parse.ElementNode && len(n.Attrs) > 0 {
			x.add(n)
		}
	}
	return x
}

func (x *index) add(n *parse.Node) {
	for i := range n.Attrs {
		switch a := &n.Attrs[i]; a.Name {
		case "id":
			if x.nodes[a.Value] == nil {
				x.nodes[a.Value] = n
			}
		case "aria-owns":
			for _, id := range strings.Fields(a.Value) {
				if o := x.owners[id]; len(o) < maxOwners {
					x.owners[id] = append(o, roleWritten(n))
				}
			}
		case "aria-labelledby":
			if roleWritten(n) == "tabpanel" {
				for _, id := range strings.Fields(a.Value) {
					x.panels[id] = true
				}
			}
		case "for":
			if n.Is(parse.TagLabel) && x.labels[a.Value] == nil {
				x.labels[a.Value] = n
			}
		}
	}
}

// activeDescendant judges the reference to the active element of a composite.
func (s *subject) activeDescendant(at *parse.Attr) {
	for _, id := range strings.Fields(at.Value) {
		if s.ids().nodes[id] == nil {
			s.err("aria/active-descendant", valueSpan(at), secStates, fmt.Sprintf(
				"aria-activedescendant must be the id of an element: there is none with the id %q", id))
		}
	}
}
