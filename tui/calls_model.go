package tui

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/tui/theme"
)

// hotShare is the part of the whole, one in so many, that a call must have to be on
// the path that is open at first.
const hotShare = 10

// callModel is a call tree made ready for drawing. It is made beside Update and does
// not change.
type callModel struct {
	t       *inspect.CallTree
	self    []time.Duration // by node
	blocked []time.Duration // by node
	kids    [][]int         // by node, the longest first
	all     []int           // nodes
	order   []int           // nodes, each before its kids, the longest of them first
	hot     map[int]bool    // nodes that are open at first
	top     []callRow
	fn      []int    // by node, its function; the first of equal ones
	names   []string // by function, safe to draw
	places  []string // by function, "" where there is no source
	calls   int64    // of the user's functions
}

// callRow is a function in a table.
type callRow struct {
	calltree.Row
	fn int
}

// newCallModel makes the model of a tree; nil when the tree is empty.
func newCallModel(t *inspect.CallTree) (*callModel, error) {
	switch err := calltree.Validate(t); {
	case errors.Is(err, calltree.ErrNoTree):
		return nil, nil
	case err != nil:
		return nil, err
	}
	m := &callModel{t: t, self: calltree.Self(t), blocked: calltree.Blocked(t), hot: map[int]bool{}}
	m.name()
	m.kids = make([][]int, len(t.Nodes))
	for i, n := range t.Nodes {
		if n.Parent >= 0 {
			m.kids[n.Parent] = append(m.kids[n.Parent], i)
		}
		if m.kind(i) == inspect.CallFunc {
			m.calls += n.Calls
		}
	}
	for _, kids := range m.kids {
		slices.SortStableFunc(kids, func(a, b int) int { return cmp.Compare(t.Nodes[b].Total, t.Nodes[a].Total) })
	}
	m.walk()
	m.heat()
	return m, nil
}

// name makes the names of the functions, and the table of them.
func (m *callModel) name() {
	type function struct {
		kind inspect.CallKind
		name string
	}
	first := map[function]int{}
	for i, f := range m.t.Functions {
		if _, ok := first[function{f.Kind, f.Name}]; !ok {
			first[function{f.Kind, f.Name}] = i
		}
		m.names = append(m.names, callName(f))
		place := ""
		if f.At != nil {
			place = clean(placeOf(*f.At))
		}
		m.places = append(m.places, place)
	}
	for _, n := range m.t.Nodes {
		f := m.t.Functions[n.Function]
		m.all = append(m.all, len(m.all))
		m.fn = append(m.fn, first[function{f.Kind, f.Name}])
	}
	for _, r := range calltree.Top(m.t) {
		m.top = append(m.top, callRow{r, first[function{r.Function.Kind, r.Function.Name}]})
	}
}

// walk puts the nodes in order, without recursion: a tree may be deep.
func (m *callModel) walk() {
	stack := []int{0}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		m.order = append(m.order, i)
		for _, k := range slices.Backward(m.kids[i]) {
			stack = append(stack, k)
		}
	}
}

// heat finds the path of the longest calls.
func (m *callModel) heat() {
	for i := 0; ; i = m.kids[i][0] {
		m.hot[i] = true
		if len(m.kids[i]) == 0 || m.t.Nodes[m.kids[i][0]].Total*hotShare < m.whole() {
			return
		}
	}
}

// whole is what shares are shares of: the time of the handler.
func (m *callModel) whole() time.Duration { return max(m.t.Nodes[0].Total, 1) }

func (m *callModel) kind(node int) inspect.CallKind {
	return m.t.Functions[m.t.Nodes[node].Function].Kind
}

// at is the source of a function; Line 0: none.
func (m *callModel) at(function int) inspect.Location {
	if f := m.t.Functions[function]; f.At != nil {
		return *f.At
	}
	return inspect.Location{}
}

// matches tells by function which names hold text, whatever their case.
func (m *callModel) matches(text string) []bool {
	out := make([]bool, len(m.names))
	text = strings.ToLower(text)
	for i, n := range m.names {
		out[i] = text != "" && strings.Contains(strings.ToLower(n), text)
	}
	return out
}

// callName is a function as the views name it.
func callName(f inspect.CallFunction) string {
	switch f.Kind {
	case inspect.CallFunc, inspect.CallHandler:
		return clean(shortFunc(f.Name))
	case inspect.CallGoroutine:
		return "go " + clean(shortFunc(f.Name))
	}
	return strings.Join(strings.Fields(clean(f.Name)), " ")
}

// callStyle is the letter that stands for a kind, so that nothing hangs on colour
// alone, and its styles in a list and in the flame graph.
func callStyle(th theme.Theme, k inspect.CallKind) (letter string, list, box lipgloss.Style) {
	switch k {
	case inspect.CallFunc:
		return "f", th.Text, th.BoxFunc
	case inspect.CallHandler:
		return "R", th.Strong, th.BoxFunc
	case inspect.CallGoroutine:
		return "G", th.Accent.Bold(false), th.BoxGo
	case inspect.CallSQL:
		return "S", th.Info, th.BoxSQL
	case inspect.CallHTTP:
		return "H", th.Good, th.BoxHTTP
	case inspect.CallTemplate:
		return "T", th.Warn, th.BoxTemplate
	case inspect.CallJSON:
		return "J", th.Warn, th.BoxJSON
	case inspect.CallWait:
		return "W", th.Dim, th.BoxWait
	}
	return "?", th.Text, th.BoxFunc
}
