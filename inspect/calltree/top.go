package calltree

import (
	"cmp"
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Row is one function of a tree, all its paths together.
type Row struct {
	Function inspect.CallFunction
	Calls    int64
	Self     time.Duration // of all calls, without what they called
	Total    time.Duration // of the outermost calls, see the package comment
	Blocked  time.Duration // of Total: parked
}

// Top returns the functions of t by their own time, the longest first. Functions of the
// same kind and name are one. nil when t is not valid.
func Top(t *inspect.CallTree) []Row {
	if Validate(t) != nil {
		return nil
	}
	self, total := times(t)
	blocked := Blocked(t)
	outer := outermost(t)
	var rows []Row
	at := map[key]int{}
	for i, n := range t.Nodes {
		f := &t.Functions[n.Function]
		r, ok := at[keyOf(f)]
		if !ok {
			r = len(rows)
			at[keyOf(f)] = r
			rows = append(rows, Row{Function: *f})
		}
		rows[r].Calls += n.Calls
		rows[r].Self += self[i]
		if outer[i] {
			rows[r].Total += total[i]
			rows[r].Blocked += blocked[i]
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Total, a.Total), cmp.Compare(a.Function.Name, b.Function.Name))
	})
	return rows
}

// key is what makes a function the same in two trees: lines move from build to build.
type key struct {
	kind inspect.CallKind
	name string
}

func keyOf(f *inspect.CallFunction) key { return key{f.Kind, f.Name} }

// outermost returns by node whether its function is not above it already, within the
// same goroutine. t must be valid.
func outermost(t *inspect.CallTree) []bool {
	same := make([]int, len(t.Functions)) // number of the first equal function
	first := map[key]int{}
	for i := range t.Functions {
		k := keyOf(&t.Functions[i])
		if _, ok := first[k]; !ok {
			first[k] = i
		}
		same[i] = first[k]
	}
	type where struct{ goroutine, function int }
	on := map[where]int{} // how often it is on the path
	outer := make([]bool, len(t.Nodes))
	kids := children(t)
	var walk func(i, goroutine int)
	walk = func(i, goroutine int) { // no deeper than MaxDepth
		if beside(t, i) {
			goroutine = i
		}
		w := where{goroutine, same[t.Nodes[i].Function]}
		outer[i] = on[w] == 0
		on[w]++
		for _, c := range kids[i] {
			walk(c, goroutine)
		}
		on[w]--
	}
	walk(0, 0)
	return outer
}
