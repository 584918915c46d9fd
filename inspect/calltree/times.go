package calltree

import (
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// kind returns what node i is.
func kind(t *inspect.CallTree, i int) inspect.CallKind { return t.Functions[t.Nodes[i].Function].Kind }

// beside reports whether node i ran beside its parent instead of within its time.
func beside(t *inspect.CallTree, i int) bool { return i > 0 && kind(t, i) == inspect.CallGoroutine }

// times returns by node its own time and its total: that of the record, or what its
// callees took, if that is more. So own times are never negative, and those beneath a
// node, goroutines left out, add up to its total. t must be valid.
func times(t *inspect.CallTree) (self, total []time.Duration) {
	self, total = make([]time.Duration, len(t.Nodes)), make([]time.Duration, len(t.Nodes))
	for i := len(t.Nodes) - 1; i >= 0; i-- { // total[i] is that of the callees until here
		n := &t.Nodes[i]
		self[i] = max(0, n.Total-total[i])
		total[i] = max(n.Total, total[i])
		if i > 0 && !beside(t, i) {
			total[n.Parent] += total[i]
		}
	}
	return self, total
}

// children returns by node its children in their order. t must be valid.
func children(t *inspect.CallTree) [][]int {
	list := make([][]int, len(t.Nodes))
	for i := 1; i < len(t.Nodes); i++ {
		p := t.Nodes[i].Parent
		list[p] = append(list[p], i)
	}
	return list
}

// Self returns by node its own time: its total without that of its children,
// goroutines not taken for such. It is never negative, and those of the nodes that no
// goroutine is above add up to the total of node 0, unless a node took less than its
// children. nil when t is not valid.
func Self(t *inspect.CallTree) []time.Duration {
	if Validate(t) != nil {
		return nil
	}
	self, _ := times(t)
	return self
}

// Blocked returns by node how long it and what it called was parked: the waits beneath
// it, goroutines left out. Of a wait it is its own total. nil when t is not valid.
func Blocked(t *inspect.CallTree) []time.Duration {
	if Validate(t) != nil {
		return nil
	}
	_, total := times(t)
	blocked := make([]time.Duration, len(t.Nodes))
	for i := len(t.Nodes) - 1; i >= 0; i-- {
		if kind(t, i) == inspect.CallWait {
			blocked[i] = total[i] // and not also what may be beneath
		}
		if i > 0 && !beside(t, i) {
			blocked[t.Nodes[i].Parent] += blocked[i]
		}
	}
	return blocked
}
