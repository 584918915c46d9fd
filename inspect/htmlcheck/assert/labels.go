package assert

import (
	"fmt"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// label is an open label element.
type label struct {
	target   *parse.Attr // its for, or that of the label around it
	controls int
}

func openLabel(c *checker, n *parse.Node) {
	l := label{target: n.Attr("for")}
	if last := len(c.labels) - 1; l.target == nil && last >= 0 {
		l.target = c.labels[last].target
	}
	c.labels = append(c.labels, l)
}

func closeLabel(c *checker, _ *frame) { c.labels = c.labels[:len(c.labels)-1] }

// labelable reports whether n is a control that a label can name (4.10.2).
func labelable(n *parse.Node) bool {
	if n == nil || n.Space != parse.HTML {
		return false
	}
	switch n.Name {
	case "button", "meter", "output", "progress", "select", "textarea":
		return true
	case "input":
		return !hasValue(n, "type", "hidden")
	}
	return false
}

// labelled compares a control with the label around it (4.10.4).
func labelled(c *checker, n *parse.Node) {
	if len(c.labels) == 0 || !labelable(n) {
		return
	}
	c.labels[0].controls++ // the outermost has all of them
	if c.labels[0].controls > 1 {
		c.error(n, n.Span, "content-model/label-many-controls", "4.10.4",
			"a `label` names one control; end it before this `"+n.Name+"`")
	}
	target := c.labels[len(c.labels)-1].target
	if target == nil {
		return
	}
	if id, ok := value(n, "id"); !ok || id != target.Value {
		c.error(n, n.Span, "id-ref/label-other-control", "4.10.4",
			fmt.Sprintf("the `label` around it is for `%s`: give this `%s` that id, or leave out `for`", shorten(target.Value), n.Name))
	}
}
