package calltree

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// changeShare is the part of the longer side's time from which a function's own time
	// is told to differ: no two runs take the same nanoseconds.
	changeShare = 0.005
	// changeCalls is the difference in calls per exchange from which it is told: of a
	// mean, a call in every other exchange.
	changeCalls = 0.5
	// maxChanges bounds the functions and statements that are told. The first few are
	// what anybody reads.
	maxChanges = 200
)

// Compare says how after differs from before, per exchange. Trees that are not valid
// count as none. See [inspect.Comparison] for what it holds, and the thresholds beside
// [Slower] for when there is a verdict.
func Compare(before, after Side) inspect.Comparison {
	for _, s := range []*Side{&before, &after} {
		if Validate(s.Tree) != nil {
			s.Tree = nil
		}
	}
	c := inspect.Comparison{Before: before.compared(), After: after.compared()}
	functions := changes(before.Tree, after.Tree)
	statements := sqlChanges(before.SQL, after.SQL)
	c.Verdict = verdict(&before, &after, functions, statements)
	if before.Tree != nil && after.Tree != nil {
		c.Tree, c.Delta = union(before.Tree, after.Tree)
	}
	least := changeShare * float64(max(before.Wall, after.Wall))
	c.Functions = slices.DeleteFunc(functions, func(f inspect.FunctionChange) bool {
		return math.Abs(f.Self[1]-f.Self[0]) < max(1, least) && math.Abs(f.Calls[1]-f.Calls[0]) < changeCalls
	})
	c.Functions = c.Functions[:min(len(c.Functions), maxChanges)]
	for _, s := range statements {
		c.SQL = append(c.SQL, s.StatementChange)
	}
	c.SQL = c.SQL[:min(len(c.SQL), maxChanges)]
	return c
}

// changes returns how each function of two trees differs, the largest difference of own
// times first. Without both trees there is nothing to say.
func changes(before, after *inspect.CallTree) []inspect.FunctionChange {
	if before == nil || after == nil {
		return nil
	}
	var list []inspect.FunctionChange
	at := map[key]int{}
	for side, t := range []*inspect.CallTree{before, after} {
		for _, r := range Top(t) {
			k := keyOf(&r.Function)
			if r.Function.Kind == inspect.CallHandler {
				k.name = "" // it is one, whatever it is called
			}
			i, ok := at[k]
			if !ok {
				i = len(list)
				at[k] = i
				list = append(list, inspect.FunctionChange{})
			}
			c := &list[i]
			c.Function = r.Function // where it is now
			c.Calls[side] += float64(r.Calls)
			c.Self[side] += float64(r.Self)
			c.Total[side] += float64(r.Total)
		}
	}
	for i := range list {
		list[i].Delta = time.Duration(list[i].Self[1] - list[i].Self[0])
	}
	slices.SortStableFunc(list, func(a, b inspect.FunctionChange) int {
		return cmp.Or(cmp.Compare(b.Delta.Abs(), a.Delta.Abs()),
			cmp.Compare(math.Abs(b.Calls[1]-b.Calls[0]), math.Abs(a.Calls[1]-a.Calls[0])),
			cmp.Compare(a.Function.Name, b.Function.Name))
	})
	return list
}

// sqlChange is a StatementChange with the verb of the statement.
type sqlChange struct {
	inspect.StatementChange
	verb string
}

// sqlChanges returns the statements whose count differs or whose time does by a
// millisecond, those with the largest difference in count first.
func sqlChanges(before, after []Statement) []sqlChange {
	var list []sqlChange
	at := map[string]int{}
	for side, statements := range [][]Statement{before, after} {
		for _, s := range statements {
			i, ok := at[s.Text]
			if !ok {
				i = len(list)
				at[s.Text] = i
				list = append(list, sqlChange{inspect.StatementChange{Statement: s.Text}, s.Verb})
			}
			list[i].Count[side] += s.Count
			list[i].Time[side] += s.Time
		}
	}
	count := func(c *sqlChange) float64 { return math.Abs(c.Count[1] - c.Count[0]) }
	spent := func(c *sqlChange) float64 { return math.Abs(c.Time[1] - c.Time[0]) }
	list = slices.DeleteFunc(list, func(c sqlChange) bool {
		return count(&c) < changeCalls && spent(&c) < float64(time.Millisecond)
	})
	slices.SortStableFunc(list, func(a, b sqlChange) int {
		return cmp.Or(cmp.Compare(count(&b), count(&a)), cmp.Compare(spent(&b), spent(&a)))
	})
	return list
}

// union returns after's tree with all nodes that only before has, without calls and
// time, and by node what its own time has more than before's. Both are valid.
func union(before, after *inspect.CallTree) (*inspect.CallTree, []time.Duration) {
	var s sum
	s.limit = 2 * MaxNodes // there is room for both
	s.add(after)
	nodes := slices.Clone(s.nodes)
	s.add(before)
	t := &inspect.CallTree{Functions: s.functions, Lost: after.Lost, Nodes: make([]inspect.CallNode, len(s.nodes))}
	was := &inspect.CallTree{Functions: s.functions, Nodes: make([]inspect.CallNode, len(s.nodes))}
	for i, n := range s.nodes {
		is := inspect.CallNode{Parent: int(n.parent), Function: int(n.function)}
		old := is
		if i < len(nodes) {
			is.Calls, is.Total = rounded(nodes[i].calls), time.Duration(rounded(nodes[i].total))
		}
		old.Total = time.Duration(rounded(n.total)) - is.Total
		t.Nodes[i], was.Nodes[i] = is, old
	}
	delta, _ := times(t)
	self, _ := times(was)
	for i := range delta {
		delta[i] -= self[i]
	}
	return t, delta
}
