package tui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// drawing is how a view of the profile tab is drawn.
type drawing struct {
	th      theme.Theme
	width   int
	focused bool
	needle  string // in lower case; "" none
}

// treeMode is the call tree as an outline.
type treeMode struct {
	roll
	rows []treeRow
	flip map[uint64]bool // folds that are not as they were at first, by path
	all  bool            // they were all open at first
}

// treeRow is a node that is not folded away.
type treeRow struct {
	node, depth int
	up          int    // row of its parent; -1 none
	path        uint64 // names it, also in a tree that has grown
	open        bool
}

func (t *treeMode) set(m *callModel) {
	if t.flip == nil {
		t.flip = map[uint64]bool{}
	}
	t.rebuild(m)
}

// rebuild finds the rows; the cursor stays on its node.
func (t *treeMode) rebuild(m *callModel) {
	var was uint64
	if r, ok := t.row(); ok {
		was = r.path
	}
	t.rows = t.rows[:0]
	if m != nil {
		t.grow(m)
	}
	t.n = len(t.rows)
	for i, r := range t.rows {
		if r.path == was {
			t.cursor = i
			break
		}
	}
	t.to(t.cursor)
}

// grow walks through what is open, without recursion.
func (t *treeMode) grow(m *callModel) {
	stack := []treeRow{{up: -1, path: pathOfCall(0, m.names[m.fn[0]])}}
	for len(stack) > 0 {
		r := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		kids := m.kids[r.node]
		r.open = len(kids) > 0 && (t.all || m.hot[r.node]) != t.flip[r.path]
		t.rows = append(t.rows, r)
		if !r.open {
			continue
		}
		for i := len(kids) - 1; i >= 0; i-- {
			name := m.names[m.fn[kids[i]]]
			stack = append(stack, treeRow{node: kids[i], depth: r.depth + 1, up: len(t.rows) - 1, path: pathOfCall(r.path, name)})
		}
	}
}

// pathOfCall is the hash of a path (FNV-1a).
func pathOfCall(parent uint64, name string) uint64 {
	h := parent ^ 14695981039346656037
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return h
}

func (t *treeMode) row() (treeRow, bool) {
	if t.cursor < 0 || t.cursor >= len(t.rows) {
		return treeRow{}, false
	}
	return t.rows[t.cursor], true
}

// node is the one under the cursor, -1 none.
func (t *treeMode) node() int {
	if r, ok := t.row(); ok {
		return r.node
	}
	return -1
}

// reveal unfolds what holds a node and goes to it.
func (t *treeMode) reveal(m *callModel, node int) {
	var up []int
	for i := m.t.Nodes[node].Parent; i >= 0; i = m.t.Nodes[i].Parent {
		up = append(up, i)
	}
	var path uint64
	for i := len(up) - 1; i >= 0; i-- {
		path = pathOfCall(path, m.names[m.fn[up[i]]])
		t.flip[path] = !t.all && !m.hot[up[i]]
	}
	t.rebuild(m)
	for i, r := range t.rows {
		if r.node == node {
			t.to(i)
		}
	}
}

func (t *treeMode) toggle(m *callModel, r treeRow) {
	if len(m.kids[r.node]) > 0 {
		t.flip[r.path] = !t.flip[r.path]
		t.rebuild(m)
	}
}

func (t *treeMode) key(m *callModel, keys KeyMap, k tea.KeyPressMsg) bool {
	r, ok := t.row()
	switch {
	case !ok:
		return false
	case key.Matches(k, keys.Open):
		t.toggle(m, r)
	case key.Matches(k, keys.Unfold) && r.open:
		t.to(t.cursor + 1)
	case key.Matches(k, keys.Unfold):
		t.toggle(m, r)
	case key.Matches(k, keys.Fold) && r.open:
		t.toggle(m, r)
	case key.Matches(k, keys.Fold):
		if r.up >= 0 {
			t.to(r.up)
		}
	case key.Matches(k, keys.Frames):
		t.all, t.flip = !t.all, map[uint64]bool{}
		t.rebuild(m)
	default:
		return t.roll.key(keys, k)
	}
	return true
}

// callColumns are the widths of the fields before the names; 0 leaves one out.
type callColumns struct{ total, bar, self, calls, blocked int }

func fitCalls(width int) callColumns {
	c := callColumns{total: timeCells, bar: barCells, self: timeCells, calls: 7, blocked: timeCells}
	if width < 100 {
		c.bar, c.calls = 5, 6
	}
	if width < 76 {
		c.blocked = 0
	}
	if width < 62 {
		c.bar = 0
	}
	if width < 48 {
		c.calls = 0
	}
	return c
}

// headings names the fields.
func (c callColumns) headings(d drawing, sorted string) string {
	var b strings.Builder
	b.WriteString(" ")
	for _, f := range []struct {
		name  string
		cells int
	}{{"total", c.total}, {"", c.bar}, {"self", c.self}, {"calls", c.calls}, {"blocked", c.blocked}} {
		if f.cells == 0 {
			continue
		}
		st := d.th.Dim
		text := f.name
		if sorted != "" && f.name == sorted {
			st, text = d.th.Strong, d.th.Glyph.Down+f.name
		}
		b.WriteString(st.Render(widget.FitLeft(text, f.cells, "")) + " ")
	}
	return b.String() + d.th.Dim.Render(" function")
}

// figures draws the fields of a row.
func (c callColumns) figures(d drawing, on func(lipgloss.Style) lipgloss.Style, whole time.Duration, r calltree.Row) string {
	var b strings.Builder
	blank := on(d.th.Text).Render(" ")
	field := func(st lipgloss.Style, text string, cells int) {
		if cells > 0 {
			b.WriteString(on(st).Render(widget.FitLeft(text, cells, d.th.Glyph.Ellipsis)) + blank)
		}
	}
	field(d.th.Text, timeOrBlank(r.Total), c.total)
	if c.bar > 0 {
		n := barOf(r.Total, whole, c.bar)
		b.WriteString(on(d.th.Accent.Bold(false)).Render(repeat(d.th.Glyph.Block, n)) + on(d.th.Faint).Render(repeat(d.th.Glyph.Dot, c.bar-n)) + blank)
	}
	self := d.th.Dim
	if r.Self*5 >= whole {
		self = d.th.Warn
	}
	field(self, timeOrBlank(r.Self), c.self)
	field(d.th.Dim, compactText(r.Calls, c.calls), c.calls)
	field(d.th.Dim, timeOrBlank(r.Blocked), c.blocked)
	return b.String()
}

// barOf is how many of the cells of a bar stand for d of whole, rounded.
func barOf(d, whole time.Duration, cells int) int {
	if whole <= 0 || d <= 0 {
		return 0
	}
	return min(int((float64(d)*float64(cells))/float64(whole)+0.5), cells)
}

// timeOrBlank leaves out what would only be noise.
func timeOrBlank(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return inspect.FormatNanos(d)
}

func (t *treeMode) view(m *callModel, d drawing) []string {
	c := fitCalls(d.width)
	lines := []string{c.headings(d, "")}
	from, to := t.seen()
	for i := from; i < to; i++ {
		lines = append(lines, t.draw(m, d, c, i))
	}
	return lines
}

func (t *treeMode) draw(m *callModel, d drawing, c callColumns, i int) string {
	r := t.rows[i]
	sel := d.focused && i == t.cursor
	on := func(st lipgloss.Style) lipgloss.Style { return d.th.On(st, sel) }
	n := m.t.Nodes[r.node]
	line := rowMark(d, sel) + c.figures(d, on, m.whole(), calltree.Row{Calls: n.Calls, Self: m.self[r.node], Total: n.Total, Blocked: m.blocked[r.node]})
	room := max(d.width-widget.Width(line), 0)
	step := 2
	if d.width < 120 {
		step = 1
	}
	mark := " "
	switch {
	case r.open:
		mark = d.th.Glyph.Open
	case len(m.kids[r.node]) > 0:
		mark = d.th.Glyph.Shut
	}
	line += on(d.th.Dim).Render(repeat(" ", min(r.depth*step, room/2)) + mark + " ")
	return fill(ansi.Truncate(line+callLabel(m, d, on, m.fn[r.node]), d.width, d.th.Glyph.Ellipsis), d.width, on(d.th.Text))
}

// rowMark is the first cell of a row.
func rowMark(d drawing, sel bool) string {
	if sel {
		return d.th.On(d.th.Accent, true).Render(d.th.Glyph.Cursor)
	}
	return " "
}

// callLabel is the letter, the name and the place of a function.
func callLabel(m *callModel, d drawing, on func(lipgloss.Style) lipgloss.Style, function int) string {
	letter, st, _ := callStyle(d.th, m.t.Functions[function].Kind)
	text := on(st.Bold(false)).Render(letter) + on(d.th.Text).Render(" ") + marked(d, on(st), m.names[function])
	if place := m.places[function]; place != "" {
		text += on(d.th.Text).Render("  ") + on(d.th.Dim).Render(place)
	}
	return text
}

// marked draws a name with what is searched for set apart.
func marked(d drawing, st lipgloss.Style, name string) string {
	low := strings.ToLower(name)
	i := -1
	if d.needle != "" && len(low) == len(name) { // some letters change their length
		i = strings.Index(low, d.needle)
	}
	if i < 0 {
		return st.Render(name)
	}
	end := i + len(d.needle)
	return st.Render(name[:i]) + d.th.Match.Render(name[i:end]) + st.Render(name[end:])
}
