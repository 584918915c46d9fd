package tui

import (
	"cmp"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// topSort is what the table of functions is sorted by.
type topSort int

const (
	bySelf topSort = iota
	byTotal
	byCalls
	byBlocked
	sortCount
)

var sortNames = [sortCount]string{"self", "total", "calls", "blocked"}

// topMode is the functions of a call tree as a table.
type topMode struct {
	roll
	rows []callRow
	by   topSort
}

func (t *topMode) set(m *callModel) {
	was, had := t.row()
	t.rows = nil
	if m != nil {
		t.rows = slices.Clone(m.top)
	}
	t.sort()
	if had {
		t.reveal(was.fn)
	}
}

func (t *topMode) sort() {
	value := func(r callRow) int64 {
		switch t.by {
		case byTotal:
			return int64(r.Total)
		case byCalls:
			return r.Calls
		case byBlocked:
			return int64(r.Blocked)
		}
		return int64(r.Self)
	}
	slices.SortStableFunc(t.rows, func(a, b callRow) int {
		return cmp.Or(cmp.Compare(value(b), value(a)), cmp.Compare(b.Total, a.Total), cmp.Compare(a.fn, b.fn))
	})
	t.roll.set(len(t.rows))
}

func (t *topMode) row() (callRow, bool) {
	if t.cursor < 0 || t.cursor >= len(t.rows) {
		return callRow{}, false
	}
	return t.rows[t.cursor], true
}

// reveal goes to a function.
func (t *topMode) reveal(function int) {
	if i := slices.IndexFunc(t.rows, func(r callRow) bool { return r.fn == function }); i >= 0 {
		t.to(i)
	}
}

func (t *topMode) key(keys KeyMap, k tea.KeyPressMsg) bool {
	by := topSort(0)
	switch {
	case key.Matches(k, keys.Sort), key.Matches(k, keys.Unfold):
		by = 1
	case key.Matches(k, keys.Fold):
		by = sortCount - 1
	default:
		return t.roll.key(keys, k)
	}
	t.by = (t.by + by) % sortCount
	t.sort()
	t.to(0)
	return true
}

func (t *topMode) view(m *callModel, d drawing) []string {
	c := fitCalls(d.width)
	lines := []string{c.headings(d, sortNames[t.by])}
	from, to := t.seen()
	for i := from; i < to; i++ {
		sel := d.focused && i == t.cursor
		on := func(st lipgloss.Style) lipgloss.Style { return d.th.On(st, sel) }
		line := rowMark(d, sel) + c.figures(d, on, m.whole(), t.rows[i].Row) + on(d.th.Text).Render(" ") + callLabel(m, d, on, t.rows[i].fn)
		lines = append(lines, fill(ansi.Truncate(line, d.width, d.th.Glyph.Ellipsis), d.width, on(d.th.Text)))
	}
	return lines
}
