package calltree

import (
	"math"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Merge returns the mean of trees: each node's total and calls divided by the number of
// trees, whether or not a tree has the node. A node that any tree has is called once at
// least. Statements and outgoing requests that differ in values only are one: numbers and
// texts of theirs become ?, segments of their paths {}. Trees that are not valid, nil
// among them, do not count; nil when none does.
func Merge(trees []*inspect.CallTree) *inspect.CallTree {
	var s sum
	for _, t := range trees {
		if Validate(t) == nil {
			s.add(t)
		}
	}
	return s.mean()
}

// sum is trees added up by path. The zero value is empty. It is not safe for concurrent
// use.
type sum struct {
	trees     int
	limit     int // nodes at most; 0 means MaxNodes
	functions []inspect.CallFunction
	function  map[key]int32
	nodes     []sumNode
	node      map[edge]int32
	lost      float64
	names     int // bytes of the functions' names
}

type sumNode struct {
	parent, function int32
	calls, total     float64
}

// edge is what makes a node the same in two trees.
type edge struct{ parent, function int32 }

// add adds t, which is valid. Nodes beyond the limit are left out, and what is beneath
// them: their time is their parent's.
func (s *sum) add(t *inspect.CallTree) {
	if s.node == nil {
		s.function, s.node = map[key]int32{}, map[edge]int32{}
	}
	s.trees++
	s.lost += float64(t.Lost)
	at := make([]int32, len(t.Nodes)) // index in s, -1 left out
	for i, n := range t.Nodes {
		parent := int32(-1)
		if i > 0 {
			if parent = at[n.Parent]; parent < 0 {
				at[i] = -1
				continue
			}
		}
		at[i] = s.child(parent, &t.Functions[n.Function])
		if at[i] >= 0 {
			s.nodes[at[i]].calls += float64(n.Calls)
			s.nodes[at[i]].total += float64(n.Total)
		}
	}
}

// child returns the node of f beneath parent and makes it if there is none; -1 when
// there is no room.
func (s *sum) child(parent int32, f *inspect.CallFunction) int32 {
	limit := s.limit
	if limit == 0 {
		limit = MaxNodes
	}
	k := key{f.Kind, general(f)}
	fn, ok := s.function[k]
	if parent < 0 && len(s.nodes) > 0 { // there is one handler, whatever it is called
		return 0
	}
	if i, have := s.node[edge{parent, fn}]; ok && have {
		return i
	}
	if len(s.nodes) >= limit {
		return -1
	}
	if !ok {
		fn = int32(len(s.functions))
		own := inspect.CallFunction{Kind: f.Kind, Name: strings.Clone(k.name)} // not what may be part of a whole frame
		if f.At != nil {
			at := *f.At
			own.At = &at
		}
		s.functions = append(s.functions, own)
		s.names += len(own.Name)
		s.function[keyOf(&own)] = fn
	}
	i := int32(len(s.nodes))
	s.nodes = append(s.nodes, sumNode{parent: parent, function: fn})
	s.node[edge{parent, fn}] = i
	return i
}

// general returns the name of f without the values that differ from call to call.
func general(f *inspect.CallFunction) string {
	switch f.Kind {
	case inspect.CallSQL:
		return normal(f.Name)
	case inspect.CallHTTP:
		name, _, _ := strings.Cut(f.Name, "?")
		origin, path, ok := strings.Cut(name, "://")
		if !ok {
			return name
		}
		host, path, ok := strings.Cut(path, "/")
		if !ok {
			return name
		}
		return origin + "://" + host + Route("", "/"+path)
	}
	return f.Name
}

// mean returns the tree of an average exchange, nil of none.
func (s *sum) mean() *inspect.CallTree {
	if s.trees == 0 {
		return nil
	}
	by := float64(s.trees)
	t := &inspect.CallTree{Functions: s.functions[:len(s.functions):len(s.functions)], Lost: rounded(s.lost / by)}
	t.Nodes = make([]inspect.CallNode, len(s.nodes))
	for i, n := range s.nodes {
		calls := rounded(n.calls / by)
		if n.calls > 0 {
			calls = max(1, calls)
		}
		t.Nodes[i] = inspect.CallNode{Parent: int(n.parent), Function: int(n.function), Calls: calls, Total: time.Duration(rounded(n.total / by))}
	}
	return t
}

// rounded returns v as an integer. Half of all that fits is the largest: what many
// nodes have must still add up.
func rounded(v float64) int64 { return int64(math.Round(min(v, math.MaxInt64/2))) }
