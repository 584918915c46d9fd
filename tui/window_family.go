package tui

import (
	"slices"

	"github.com/pastedev/pastedev/inspect"
)

// arrange puts rows, which it may change, into the order of the list: oldest first, each
// sub-request below the exchange it belongs to where that is among them, and else at its own
// place. It returns how deep each sub-request stands: 1 where its exchange is not among them.
func arrange(rows []inspect.Summary) map[inspect.ID]int {
	slices.SortFunc(rows, func(a, b inspect.Summary) int { return int(a.Seq - b.Seq) })
	if !slices.ContainsFunc(rows, func(s inspect.Summary) bool { return s.Parent != "" }) {
		return nil
	}
	at := make(map[inspect.ID]int, len(rows))
	for i := range rows {
		at[rows[i].ID] = i
	}
	kids := make(map[inspect.ID][]int)
	var roots []int
	for i := range rows {
		p := rows[i].Parent
		if k, ok := at[p]; p != "" && ok && k < i { // what it is a part of began before
			kids[p] = append(kids[p], i)
		} else {
			roots = append(roots, i)
		}
	}
	depth := make(map[inspect.ID]int)
	sorted := make([]inspect.Summary, 0, len(rows))
	var place func(i, d int)
	place = func(i, d int) {
		s := rows[i]
		sorted = append(sorted, s)
		if d > 0 {
			depth[s.ID] = d
		}
		for _, k := range kids[s.ID] {
			place(k, d+1)
		}
	}
	for _, i := range roots {
		if rows[i].Parent != "" {
			place(i, 1)
		} else {
			place(i, 0)
		}
	}
	copy(rows, sorted)
	return depth
}

// newest is the highest Seq among the rows, 0 without any: the last row may be older than a
// sub-request above it.
func (w *window) newest() int64 { return maxSeq(w.rows) }

func maxSeq(rows []inspect.Summary) (seq int64) {
	for i := range rows {
		seq = max(seq, rows[i].Seq)
	}
	return seq
}

func minSeq(rows []inspect.Summary) int64 {
	if len(rows) == 0 {
		return 0
	}
	seq := rows[0].Seq
	for i := range rows {
		seq = min(seq, rows[i].Seq)
	}
	return seq
}

// index is the row of an exchange; -1 when it has none.
func (w *window) index(id inspect.ID) int {
	return slices.IndexFunc(w.rows, func(s inspect.Summary) bool { return s.ID == id })
}

// fold takes the rows below an exchange out of the list. The cursor goes to it when it was
// on one of them.
func (w *window) fold(id inspect.ID) {
	gone := map[inspect.ID]bool{id: true}
	sel, _ := w.selected()
	rows := w.rows[:0:0]
	for _, s := range w.rows { // those below follow it
		if gone[s.Parent] && s.Parent != "" {
			gone[s.ID] = true
			continue
		}
		rows = append(rows, s)
	}
	offset := w.cursor - w.top
	w.rows = rows
	if gone[sel.ID] {
		sel.ID = id
	}
	w.cursor = max(w.index(sel.ID), 0)
	w.top = w.cursor - offset
	w.scroll()
}

// foldAll takes all sub-requests out of the list.
func (w *window) foldAll() {
	sel, ok := w.selected()
	for ok && sel.Parent != "" {
		i := w.index(sel.Parent)
		if ok = i >= 0; ok {
			sel = w.rows[i]
		}
	}
	offset := w.cursor - w.top
	w.rows = slices.DeleteFunc(w.rows, func(s inspect.Summary) bool { return s.Parent != "" })
	w.reselect(sel, ok)
	w.top = w.cursor - offset
	w.scroll()
}
