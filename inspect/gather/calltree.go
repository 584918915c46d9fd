package gather

import "github.com/pastedev/pastedev/inspect"

// maxHeld bounds the nodes of all call trees that wait for their exchange, some 64 MB.
// They wait for milliseconds, unless the agent tells of exchanges that nobody finishes.
const maxHeld = 2 << 20

// CallTree replaces what is known of the calls of an exchange. t belongs to the gatherer
// from now on and must not be changed; nil is ignored. One that comes after the end
// becomes an update. An update without a tree says nothing of it: the one that went on
// before is not held here.
//
// From the first one on, every exchange that the target answered is waited for until
// [Gatherer.Done], as one that has printed is: an agent that has call trees speaks of
// all. When one was waited for in vain, that is over until the next call tree.
func (g *Gatherer) CallTree(id inspect.ID, t *inspect.CallTree) {
	if t == nil {
		return
	}
	g.add(id, func(e *entry) {
		g.trees = true
		if g.held+len(t.Nodes) <= maxHeld {
			g.hold(e, t)
			e.nodes = len(t.Nodes)
		}
	})
}

// hold makes t the call tree of e. The lock is held.
func (g *Gatherer) hold(e *entry, t *inspect.CallTree) {
	if e.tree != nil {
		g.held -= len(e.tree.Nodes)
	}
	if e.tree = t; t != nil {
		g.held += len(t.Nodes)
	}
}
