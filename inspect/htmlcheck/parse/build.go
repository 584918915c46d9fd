package parse

// TagOf returns the number of the HTML element of this name, 0 for one that the parser has
// no rule for. Names are in lower case.
func TagOf(name string) Tag { return tagOf(name) }

// Append puts child, which has no parent, behind the children of n. It is for readers that
// build a tree by other rules than Parse; a tree that is being checked does not change.
func (n *Node) Append(child *Node) { n.insertBefore(child, nil) }
