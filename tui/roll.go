package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// roll is the cursor in a list of n rows of which height are seen.
type roll struct{ cursor, top, height, n int }

func (r *roll) resize(height int) {
	r.height = max(height, 1)
	r.to(r.cursor)
}

// set tells the number of rows.
func (r *roll) set(n int) {
	r.n = n
	r.to(r.cursor)
}

// to puts the cursor on row i, and scrolls by as little as shows it.
func (r *roll) to(i int) {
	r.cursor = max(min(i, r.n-1), 0)
	r.top = max(min(r.top, r.cursor, r.n-r.height), r.cursor-r.height+1, 0)
}

// seen is the range of the rows that are seen.
func (r *roll) seen() (from, to int) { return min(r.top, r.n), min(r.top+r.height, r.n) }

// key moves; it reports whether k is a key that does.
func (r *roll) key(keys KeyMap, k tea.KeyPressMsg) bool {
	half := max(r.height/2, 1)
	switch {
	case key.Matches(k, keys.Up):
		r.to(r.cursor - 1)
	case key.Matches(k, keys.Down):
		r.to(r.cursor + 1)
	case key.Matches(k, keys.HalfUp):
		r.to(r.cursor - half)
	case key.Matches(k, keys.HalfDown):
		r.to(r.cursor + half)
	case key.Matches(k, keys.PageUp):
		r.to(r.cursor - r.height)
	case key.Matches(k, keys.PageDown):
		r.to(r.cursor + r.height)
	case key.Matches(k, keys.Top):
		r.to(0)
	case key.Matches(k, keys.Bottom):
		r.to(r.n - 1)
	default:
		return false
	}
	return true
}

// percent says how far the list is, and whether there is more than fits.
func (r *roll) percent() (int, bool) {
	rest := r.n - r.height
	if rest <= 0 {
		return 100, false
	}
	return r.top * 100 / rest, true
}
