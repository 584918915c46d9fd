package agent

// A NodeKind is what a node of a call tree stands for. The instrumented runtime and the
// wire use its numbers.
type NodeKind uint8

// The kinds. Those of EnterLeaf are from NodeSQL to NodeJSON.
const (
	NodeFunc NodeKind = iota
	NodeHandler
	NodeGoroutine
	NodeSQL
	NodeHTTP
	NodeTemplate
	NodeJSON
	NodeWait
)

// The instrumented runtime declares the four types below too, in the same form.

type callNode struct {
	parent *callNode
	first  *callNode
	last   *callNode
	next   *callNode
	key    uintptr
	calls  int64
	ticks  int64
	index  int32 // place in the tree that was sent last, from 1 on; merged
	width  uint16
	depth  uint8
	kind   uint8
}

type callChunk struct {
	next  *callChunk
	nodes []callNode
}

type callName struct {
	next *callName
	key  uintptr
	name string
}

type callTree struct {
	root  *callNode
	begun int64
	until int64
	lost  int64
	oldest,
	newest *callChunk
	names *callName
	count int64
	// What follows is the runtime's alone.
}

// merged is the index of a node that stands in no tree any more: last is the one that
// took its calls.
const merged = -1

// now is the node that stands for n.
func (n *callNode) now() *callNode {
	for n != nil && n.index == merged {
		n = n.last
	}
	return n
}

// take adds the tree of a goroutine: to one that was started in the same place and began
// with the same function, if there is one.
func (c *calls) take(t *callTree) {
	from := t.root.parent.now()
	for _, p := range c.parts {
		if p.root.key == t.root.key && p.root.parent.now() == from {
			c.merge(p, t)
			return
		}
	}
	if c.count+t.count > maxNodes {
		c.drop(t)
		return
	}
	c.parts = append(c.parts, t)
	c.count += t.count
}

// drop counts the calls of a tree that there is no room for.
func (c *calls) drop(t *callTree) {
	c.lost += t.lost
	for chunk := t.oldest; chunk != nil; chunk = chunk.next {
		for i := range chunk.nodes {
			c.lost += chunk.nodes[i].calls
		}
	}
}

// merge adds t to p. Nodes that p does not have move there.
func (c *calls) merge(p, t *callTree) {
	moved := int64(0)
	room := maxNodes - c.count
	for chunk := t.oldest; chunk != nil; chunk = chunk.next {
		for i := range chunk.nodes {
			n := &chunk.nodes[i]
			at := p.root
			if n != t.root {
				parent := n.parent.now()
				if at = parent.child(n.key); at == nil && moved < room {
					n.parent, n.first, n.last, n.next = parent, nil, nil, nil
					parent.adopt(n)
					moved++
					continue
				}
				if at == nil {
					at = parent
					c.lost += n.calls
					n.calls = 0
				}
			}
			at.calls += n.calls
			at.ticks += max(0, n.ticks)
			n.first, n.last, n.next, n.index = nil, at, nil, merged
		}
	}
	p.lost += t.lost
	p.count += moved
	c.count += moved
	if moved > 0 {
		p.newest.next, p.newest = t.oldest, t.newest
	}
	if t.names != nil {
		end := t.names
		for end.next != nil {
			end = end.next
		}
		end.next, p.names = p.names, t.names
	}
}

func (n *callNode) child(key uintptr) *callNode {
	for child := n.first; child != nil; child = child.next {
		if child.key == key {
			return child
		}
	}
	return nil
}

// adopt makes n the newest child, which last is here.
func (parent *callNode) adopt(n *callNode) {
	if parent.first == nil {
		parent.first = n
	} else {
		at := parent.first
		for at.next != nil {
			at = at.next
		}
		at.next = n
	}
	parent.width++
}

// order numbers all nodes, each after its parent: the handler's, and then those of the
// goroutines behind what started them. One whose starter goes on still is beneath the
// nearest node that there is.
func (c *calls) order(all []*callNode) []*callNode {
	c.gather()
	all = c.tree.number(all)
	waiting := append([]*callTree(nil), c.parts...)
	for len(waiting) > 0 {
		var left []*callTree
		for _, p := range waiting {
			if p.root.parent.now().placed(all) {
				all = p.number(all)
			} else {
				left = append(left, p)
			}
		}
		if len(left) == len(waiting) {
			next := 0 // the one furthest out: others may lie beneath it
			for i, p := range left {
				if p.root.depth < left[next].root.depth {
					next = i
				}
			}
			all = left[next].number(all)
			left = append(left[:next], left[next+1:]...)
		}
		waiting = left
	}
	return all
}

// gather merges parts that have come to begin in the same place since they were taken:
// what started them was merged itself.
func (c *calls) gather() {
	type start struct {
		from *callNode
		key  uintptr
	}
	if len(c.parts) < 2 {
		return
	}
	first := make(map[start]*callTree, len(c.parts))
	for again := true; again; {
		again = false
		clear(first)
		kept := c.parts[:0]
		for _, t := range c.parts {
			s := start{t.root.parent.now(), t.root.key}
			if p := first[s]; p != nil {
				c.count -= t.count
				c.merge(p, t)
				again = true
				continue
			}
			first[s] = t
			kept = append(kept, t)
		}
		clear(c.parts[len(kept):])
		c.parts = kept
	}
}

// number appends the nodes of t.
func (t *callTree) number(all []*callNode) []*callNode {
	for chunk := t.oldest; chunk != nil; chunk = chunk.next {
		for i := range chunk.nodes {
			if n := &chunk.nodes[i]; n.index != merged {
				all = append(all, n)
				n.index = int32(len(all))
			}
		}
	}
	return all
}

// placed reports whether n is among those that are numbered.
func (n *callNode) placed(all []*callNode) bool {
	return n != nil && n.index > 0 && int(n.index) <= len(all) && all[n.index-1] == n
}

// above is the place of the nearest node over n that is among those numbered before it.
func (n *callNode) above(all []*callNode) int32 {
	for up := n.parent.now(); up != nil; up = up.parent.now() {
		if up.placed(all) {
			return up.index - 1
		}
	}
	return 0
}

// totals adds up the ticks of each node and of what is beneath it. A goroutine's time is
// not that of what started it.
func totals(all []*callNode, sums []int64, parents []int32) {
	for i := range all {
		sums[i] = 0
	}
	for i := len(all) - 1; i >= 0; i-- {
		sums[i] += max(0, all[i].ticks) // clocks of two processors can differ a little
		if i > 0 && NodeKind(all[i].kind) != NodeGoroutine {
			sums[parents[i]] += sums[i]
		}
	}
}
