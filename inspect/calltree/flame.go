package calltree

import (
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Box is where a node is drawn in a flame graph that hangs down from its handler.
type Box struct {
	X, W  float64 // of the graph's width, which is 1
	Depth int     // row, 0 the handler's; each is as high as the other
	Lane  int     // 0 the handler's; each further one holds goroutines, beneath all rows of the lane before
	Node  int     // index into the tree's nodes
}

// Flame returns the boxes of all nodes that took time, in the order of the nodes. Within
// a node its children stand side by side from the left, in the order of their first
// calls, as wide as their totals; what is left at the right is its own time. A goroutine
// stands in a lane of its own below, with its left edge where its parent's is, or as far
// to the left as it must. The graph is as wide as the longest of handler and goroutines.
// nil when t is not valid or took no time.
func Flame(t *inspect.CallTree) []Box {
	if Validate(t) != nil {
		return nil
	}
	_, total := times(t)
	var longest time.Duration
	for i := range t.Nodes {
		if i == 0 || beside(t, i) {
			longest = max(longest, total[i])
		}
	}
	if longest == 0 {
		return nil
	}
	f := flame{t: t, total: total, scale: 1 / float64(longest), boxes: make([]Box, len(t.Nodes)), next: make([]float64, len(t.Nodes))}
	f.heights()
	f.place()
	boxes := f.boxes[:0]
	for i, b := range f.boxes {
		if total[i] > 0 {
			b.Node = i
			boxes = append(boxes, b)
		}
	}
	return boxes
}

type flame struct {
	t      *inspect.CallTree
	total  []time.Duration
	scale  float64
	boxes  []Box
	next   []float64 // by node, where its next child begins
	height []int     // by node, the rows of it and what is beneath
}

// heights fills in height.
func (f *flame) heights() {
	f.height = make([]int, len(f.t.Nodes))
	for i := len(f.t.Nodes) - 1; i >= 0; i-- {
		f.height[i]++
		if i > 0 && !beside(f.t, i) {
			p := f.t.Nodes[i].Parent
			f.height[p] = max(f.height[p], f.height[i])
		}
	}
}

// lane is a band of rows.
type lane struct {
	free float64 // what is right of it has no box
	rows int
}

// place gives all nodes their X and W, goroutines the first lane with room, and then all
// their rows. A goroutine's parent may be in another goroutine's lane: it comes first in
// the order of the nodes.
func (f *flame) place() {
	var lanes []lane
	for i, n := range f.t.Nodes {
		b := &f.boxes[i]
		b.W = float64(f.total[i]) * f.scale
		switch {
		case i == 0:
			lanes = append(lanes, lane{rows: f.height[0]})
		case beside(f.t, i):
			b.X = max(0, min(f.boxes[n.Parent].X, 1-b.W))
			b.Lane = f.laneFor(&lanes, i)
		default:
			b.X = f.next[n.Parent]
			b.Lane = f.boxes[n.Parent].Lane
			f.next[n.Parent] += b.W
		}
		f.next[i] = b.X
	}
	first := make([]int, len(lanes)) // row of each lane
	for l := 1; l < len(lanes); l++ {
		first[l] = first[l-1] + lanes[l-1].rows
	}
	for i, n := range f.t.Nodes {
		b := &f.boxes[i]
		if i == 0 || beside(f.t, i) {
			b.Depth = first[b.Lane]
		} else {
			b.Depth = f.boxes[n.Parent].Depth + 1
		}
	}
}

// laneTries bounds the search: with thousands of goroutines a lane more does no harm.
const laneTries = 64

// laneFor returns the lane of goroutine i.
func (f *flame) laneFor(lanes *[]lane, i int) int {
	b := &f.boxes[i]
	for l := max(1, len(*lanes)-laneTries); l < len(*lanes); l++ {
		if la := &(*lanes)[l]; la.free <= b.X {
			la.free, la.rows = b.X+b.W, max(la.rows, f.height[i])
			return l
		}
	}
	*lanes = append(*lanes, lane{free: b.X + b.W, rows: f.height[i]})
	return len(*lanes) - 1
}
