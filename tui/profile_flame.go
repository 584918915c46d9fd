package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/tui/widget"
)

// flameFoot is the number of lines below the frames that tell of the one under the
// cursor.
const flameFoot = 3

// flameMode is the call tree as frames: below a frame stands what it called, as wide as
// it took long. What a goroutine did stands below all that.
type flameMode struct {
	node  int   // under the cursor
	zoom  []int // frames that were zoomed into, outermost first
	width int
	rows  int
	top   int // first depth that is seen

	// What is drawn: by depth below the zoomed frame, from left to right.
	lines  [][]flameBox
	narrow int // frames that are too narrow to draw
}

// flameBox is a frame that is drawn, in the cells from x to end.
type flameBox struct{ node, x, end int }

func (f *flameMode) set(m *callModel) {
	if m == nil || f.node >= len(m.t.Nodes) {
		f.node = 0
	}
	f.zoom = nil // nodes have other numbers in a tree that has grown
	f.layout(m)
}

func (f *flameMode) resize(m *callModel, width, rows int) {
	rows = max(rows, 1)
	if f.width == width && f.rows == rows {
		return
	}
	f.width, f.rows = width, rows
	f.layout(m)
}

func (f *flameMode) root() int {
	if n := len(f.zoom); n > 0 {
		return f.zoom[n-1]
	}
	return 0
}

// layout places the frames below the zoomed one.
func (f *flameMode) layout(m *callModel) {
	f.lines, f.narrow = nil, 0
	if m == nil || f.width < 3 {
		return
	}
	t, nodes := m.below(f.root())
	cells := float64(f.width - 2)
	for _, b := range calltree.Flame(t) {
		x, end := int(math.Round(b.X*cells)), int(math.Round((b.X+b.W)*cells))
		if x >= end {
			f.narrow++
			continue
		}
		for len(f.lines) <= b.Depth {
			f.lines = append(f.lines, nil)
		}
		f.lines[b.Depth] = append(f.lines[b.Depth], flameBox{nodes[b.Node], 1 + x, 1 + end})
	}
	f.tidy()
	f.keep(m)
}

// below is the part of the tree that a node is at the top of, and which node of m each
// of its nodes is.
func (m *callModel) below(root int) (*inspect.CallTree, []int) {
	if root == 0 {
		return m.t, m.all
	}
	t := &inspect.CallTree{Functions: m.t.Functions}
	var nodes []int
	at := make([]int, len(m.t.Nodes)) // 1 and more: index in t
	for i, n := range m.t.Nodes {
		switch {
		case i == root:
			n.Parent = -1
		case n.Parent < 0 || at[n.Parent] == 0:
			continue
		default:
			n.Parent = at[n.Parent] - 1
		}
		t.Nodes, nodes = append(t.Nodes, n), append(nodes, i)
		at[i] = len(nodes)
	}
	return t, nodes
}

// tidy puts the frames of each line in order, and lets none cover another.
func (f *flameMode) tidy() {
	for d, line := range f.lines {
		slices.SortStableFunc(line, func(a, b flameBox) int { return a.x - b.x })
		kept, end := line[:0], 0
		for _, b := range line {
			if b.x = max(b.x, end); b.x >= b.end {
				f.narrow++
				continue
			}
			end = b.end
			kept = append(kept, b)
		}
		f.lines[d] = kept
	}
}

// keep puts the cursor on a frame that is drawn: its own, or the nearest above it.
func (f *flameMode) keep(m *callModel) {
	for f.node > 0 {
		if _, _, ok := f.find(f.node); ok {
			break
		}
		f.node = m.t.Nodes[f.node].Parent
	}
	if _, _, ok := f.find(f.node); !ok {
		f.node = f.root()
	}
	d, _, _ := f.find(f.node)
	f.top = max(min(f.top, d, len(f.lines)-f.rows), d-f.rows+1, 0)
}

// find is where a node is drawn.
func (f *flameMode) find(node int) (depth, i int, ok bool) {
	for d, line := range f.lines {
		for i, b := range line {
			if b.node == node {
				return d, i, true
			}
		}
	}
	return 0, 0, false
}

// reveal goes to a node, and zooms out as far as it needs to.
func (f *flameMode) reveal(m *callModel, node int) {
	for {
		f.node = node
		f.layout(m)
		if f.node == node || len(f.zoom) == 0 {
			break
		}
		f.zoom = f.zoom[:len(f.zoom)-1]
	}
	if f.node != node { // too narrow: its parent is the frame to zoom into
		if up := m.t.Nodes[node].Parent; up > 0 {
			f.zoom = []int{up}
		}
		f.node = node
		f.layout(m)
	}
}

// out leaves the zoomed frame; it reports whether there was one.
func (f *flameMode) out(m *callModel) bool {
	n := len(f.zoom)
	if n == 0 {
		return false
	}
	f.node = f.zoom[n-1]
	f.zoom = f.zoom[:n-1]
	f.layout(m)
	return true
}

func (f *flameMode) key(m *callModel, keys KeyMap, k tea.KeyPressMsg) bool {
	d, i, ok := f.find(f.node)
	switch {
	case !ok:
		return false
	case key.Matches(k, keys.Open):
		if f.node != f.root() && len(m.kids[f.node]) > 0 {
			f.zoom = append(f.zoom, f.node)
			f.top = 0
			f.layout(m)
		}
	case key.Matches(k, keys.Up):
		if up := m.t.Nodes[f.node].Parent; up >= 0 && f.node != f.root() {
			f.node = up
		}
	case key.Matches(k, keys.Down):
		f.down(m, d)
	case key.Matches(k, keys.Fold) && i > 0:
		f.node = f.lines[d][i-1].node
	case key.Matches(k, keys.Unfold) && i < len(f.lines[d])-1:
		f.node = f.lines[d][i+1].node
	case key.Matches(k, keys.Fold), key.Matches(k, keys.Unfold): // at the end of the line
	case key.Matches(k, keys.Top):
		f.node = f.root()
	case key.Matches(k, keys.Bottom):
		f.bottom(m)
	default:
		return false
	}
	f.keep(m)
	return true
}

// down goes to the widest frame that the one under the cursor called, or started.
func (f *flameMode) down(m *callModel, depth int) {
	best, far := flameBox{node: f.node}, true
	for d, line := range f.lines {
		for _, b := range line {
			if m.t.Nodes[b.node].Parent != f.node || b.node == f.root() {
				continue
			}
			near := d == depth+1 // a goroutine may stand farther down
			if far && near || near != far && b.end-b.x > best.end-best.x {
				best, far = b, !near
			}
		}
	}
	f.node = best.node
}

// bottom follows the widest frames to their end.
func (f *flameMode) bottom(m *callModel) {
	for {
		was := f.node
		d, _, _ := f.find(was)
		if f.down(m, d); f.node == was {
			return
		}
	}
}

func (f *flameMode) view(m *callModel, d drawing) []string {
	lines := make([]string, 0, f.rows+flameFoot)
	for i := range f.rows {
		line := ""
		if f.top+i < len(f.lines) {
			line = f.draw(m, d, f.lines[f.top+i])
		}
		lines = append(lines, line)
	}
	return append(lines, f.foot(m, d)...)
}

// draw draws one line of frames.
func (f *flameMode) draw(m *callModel, d drawing, line []flameBox) string {
	var b strings.Builder
	at := 0
	for _, box := range line {
		b.WriteString(repeat(" ", box.x-at))
		b.WriteString(f.box(m, d, box))
		at = box.end
	}
	return b.String()
}

// box draws a frame: its edge, and as much of its name as fits.
func (f *flameMode) box(m *callModel, d drawing, box flameBox) string {
	fn := m.fn[box.node]
	kind := m.t.Functions[fn].Kind
	letter, _, st := callStyle(d.th, kind)
	edge := d.th.Glyph.VRule
	if d.focused && box.node == f.node {
		edge, st = d.th.Glyph.Cursor, d.th.Here.Bold(true)
	} else if d.needle != "" && strings.Contains(strings.ToLower(m.names[fn]), d.needle) {
		st = d.th.Match.Underline(true)
	}
	name := m.names[fn]
	if kind != inspect.CallFunc && kind != inspect.CallHandler {
		name = letter + " " + name
	}
	room := box.end - box.x - 1
	if room < 3 {
		name = widget.Fit(letter, room, "")
	}
	return st.Render(edge + widget.Fit(name, room, d.th.Glyph.Ellipsis))
}

// foot tells of the frame under the cursor.
func (f *flameMode) foot(m *callModel, d drawing) []string {
	th, n, fn := d.th, m.t.Nodes[f.node], m.fn[f.node]
	letter, st, _ := callStyle(th, m.t.Functions[fn].Kind)
	head := " " + st.Bold(false).Render(letter) + " " + th.Strong.Render(m.names[fn])
	if place := m.places[fn]; place != "" {
		head += "  " + th.Accent.Bold(false).Render(place)
	}
	right := ""
	if f.narrow > 0 {
		right = th.Dim.Render(countText(f.narrow) + " too narrow to draw ")
	}
	if len(f.zoom) > 0 {
		right += th.Accent.Render("esc") + th.Dim.Render(" zooms out ")
	}
	facts := fmt.Sprintf("   %s, %.1f%%", inspect.FormatDuration(n.Total), 100*float64(n.Total)/float64(m.whole()))
	text := th.Text.Render(facts) + fact(th.Dim, "self", timeOrBlank(m.self[f.node])) + fact(th.Dim, "blocked", timeOrBlank(m.blocked[f.node])) + th.Dim.Render("   "+plural(n.Calls, "call"))
	if n.Calls > 1 {
		text += fact(th.Dim, "each", timeOrBlank(n.Total/time.Duration(n.Calls)))
	}
	return []string{th.Faint.Render(repeat(th.Glyph.Rule, d.width)), widget.Fit(head, d.width, th.Glyph.Ellipsis), widget.Ends(text, right, d.width, th.Glyph.Ellipsis)}
}

func fact(st lipgloss.Style, name, value string) string {
	if value == "" {
		return ""
	}
	return st.Render("   "+name+" ") + value
}
