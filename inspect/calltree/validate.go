package calltree

import (
	"errors"
	"fmt"
	"math"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// MaxNodes bounds a tree: the agent keeps a few thousand, and one of this size is
	// still laid out and written in well under a second.
	MaxNodes = 1 << 18
	// MaxDepth bounds the nodes on a path. Stacks are written node by node, so that
	// a tree of depth d costs d times its size; the agent stops long before.
	MaxDepth = 4096
)

// ErrNoTree is the error for an exchange that has no call tree.
var ErrNoTree = errors.New("no call tree")

// Validate reports what is wrong with t: a tree without nodes, a parent that is not
// before its child, a function that there is not, a time or count below 0 or too large
// to add up, more than [MaxNodes] nodes or more than [MaxDepth] of them on a path. Node 0
// alone has no parent. nil is [ErrNoTree].
//
// A node whose callees took longer than itself is no fault: clocks of processors differ.
func Validate(t *inspect.CallTree) error {
	if t == nil || len(t.Nodes) == 0 {
		return ErrNoTree
	}
	if len(t.Nodes) > MaxNodes {
		return fmt.Errorf("call tree: %d nodes, more than %d", len(t.Nodes), MaxNodes)
	}
	depth := make([]uint16, len(t.Nodes))
	var time, calls int64
	for i, n := range t.Nodes {
		switch {
		case i == 0 && n.Parent != -1:
			return errors.New("call tree: node 0 has a parent")
		case i > 0 && (n.Parent < 0 || n.Parent >= i):
			return fmt.Errorf("call tree: node %d has parent %d, which is not before it", i, n.Parent)
		case n.Function < 0 || n.Function >= len(t.Functions):
			return fmt.Errorf("call tree: node %d has function %d of %d", i, n.Function, len(t.Functions))
		case n.Calls < 0 || n.Total < 0:
			return fmt.Errorf("call tree: node %d has %d calls and %d ns", i, n.Calls, n.Total)
		case int64(n.Total) > math.MaxInt64-time || n.Calls > math.MaxInt64-calls:
			return errors.New("call tree: its times or calls are too large to add up")
		}
		time += int64(n.Total)
		calls += n.Calls
		if i > 0 {
			depth[i] = depth[n.Parent] + 1
		}
		if depth[i] >= MaxDepth {
			return fmt.Errorf("call tree: node %d is deeper than %d", i, MaxDepth)
		}
	}
	if t.Lost < 0 {
		return fmt.Errorf("call tree: %d calls lost", t.Lost)
	}
	return nil
}
