package parse

// NodeKind says what a node is.
type NodeKind uint8

// The kinds of nodes.
const (
	DocumentNode NodeKind = iota
	ElementNode
	TextNode
	CommentNode
	DoctypeNode
	ProcessingInstructionNode
)

// Node is a node of the tree. The contents of a template are its children.
type Node struct {
	Kind  NodeKind
	Space Space // of an element
	Tag   Tag   // of an HTML element, 0 when the parser has no rule for its name
	class class
	// Implied says that an element has no start tag in the source: the parser inserted it
	// at Span, which is empty.
	Implied bool
	// Clone says that the parser made this element again from the start tag at Span, which
	// another node has too: a formatting element that was open across another's end.
	Clone bool
	// Fostered says that the node was moved in front of a table.
	Fostered bool
	// SelfClosing says that the start tag ended with "/>".
	SelfClosing bool
	unclosed    bool // reported as unclosed
	isFormatted bool // in the list of active formatting elements
	ended       bool // EndTag is set

	Name  string // of an element or DOCTYPE; the target of a processing instruction
	Data  string // of text, comment or processing instruction
	Attrs []Attr
	// Span is the start tag, the text (from the first to the last piece that was put into
	// the node), the comment or the DOCTYPE.
	Span Span
	// EndTag is the end tag. It is empty where there is none, and says then what closed
	// the element; void elements end with their start tag.
	EndTag  Span
	Doctype *DoctypeInfo

	Parent, FirstChild, LastChild, Prev, Next *Node
}

// Is reports whether n is the HTML element of this tag.
func (n *Node) Is(tag Tag) bool { return n != nil && n.Tag == tag && tag != 0 }

// Attr returns the attribute of this name, or nil.
func (n *Node) Attr(name string) *Attr {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			return &n.Attrs[i]
		}
	}
	return nil
}

// Following returns the node after n in document order that is below root, or nil: a walk
// without recursion. With skip it leaves out what is below n.
func (n *Node) Following(root *Node, skip bool) *Node {
	if n.FirstChild != nil && !skip {
		return n.FirstChild
	}
	for ; n != root && n != nil; n = n.Parent {
		if n.Next != nil {
			return n.Next
		}
	}
	return nil
}

// insertBefore puts child, which has no parent, in front of ref, or at the end for nil.
func (n *Node) insertBefore(child, ref *Node) {
	prev := n.LastChild
	if ref != nil {
		prev = ref.Prev
	}
	child.Parent, child.Prev, child.Next = n, prev, ref
	if prev != nil {
		prev.Next = child
	} else {
		n.FirstChild = child
	}
	if ref != nil {
		ref.Prev = child
	} else {
		n.LastChild = child
	}
}

// detach takes n out of its parent.
func (n *Node) detach() {
	p := n.Parent
	if p == nil {
		return
	}
	if n.Prev != nil {
		n.Prev.Next = n.Next
	} else {
		p.FirstChild = n.Next
	}
	if n.Next != nil {
		n.Next.Prev = n.Prev
	} else {
		p.LastChild = n.Prev
	}
	n.Parent, n.Prev, n.Next = nil, nil, nil
}

// adopt moves all children of from to the end of n.
func (n *Node) adopt(from *Node) {
	for c := from.FirstChild; c != nil; c = from.FirstChild {
		c.detach()
		n.insertBefore(c, nil)
	}
}
