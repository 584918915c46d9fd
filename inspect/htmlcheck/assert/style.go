package assert

import (
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// scriptLoads notes a script, which a base element must precede.
func scriptLoads(c *checker, _ *parse.Node) { c.loads = true }

// stylePlace reports a style element in the body that is not the first of its parent (4.2.6).
func stylePlace(c *checker, n *parse.Node) {
	if c.top().inside&inBody == 0 {
		return
	}
	for prev := n.Prev; prev != nil; prev = prev.Prev {
		if prev.Kind == parse.ElementNode || prev.Kind == parse.TextNode && !blank(prev.Data) {
			c.error(n, n.Span, "content-model/style-in-body", "4.2.6",
				"`style` belongs in the `head`; in the `body` only as the first child of its parent")
			return
		}
	}
}
