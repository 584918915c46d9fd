package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// foldRow is a line of an outline. Its first cell is the cursor's.
type foldRow struct {
	text   string
	fold   string // what the line folds, as a key; "" nothing
	open   bool
	up     int              // the row that folds this one; -1 none
	frame  int              // index of the frame it belongs to; -1 none
	at     inspect.Location // the source it is about; Line 0: none
	trace  int64            // the trace it opens; 0 none
	ex     inspect.ID       // the exchange it opens; "" none
	answer string           // the answer it begins, as a key
}

// outline is a text with a cursor, whose parts fold. What is folded is kept by key,
// so that the text can be made anew.
type outline struct {
	*shared
	view_  widget.Viewer
	rows   []foldRow
	cursor int
	flip   map[string]bool // folds that are not as they were at first

	searching bool
	input     widget.Input
}

func newOutline(sh *shared) outline { return outline{shared: sh, flip: map[string]bool{}} }

// set replaces the text. The cursor stays on the same fold, or the same line.
func (o *outline) set(rows []foldRow) {
	fold := ""
	if r, ok := o.row(); ok {
		fold = r.fold
	}
	o.rows = rows
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = r.text
		if fold != "" && r.fold == fold {
			o.cursor = i
		}
	}
	o.view_.SetLines(lines)
	o.to(o.cursor)
}

func (o *outline) row() (foldRow, bool) {
	if o.cursor < 0 || o.cursor >= len(o.rows) {
		return foldRow{frame: -1}, false
	}
	return o.rows[o.cursor], true
}

func (o *outline) to(i int) {
	o.cursor = max(min(i, len(o.rows)-1), 0)
	o.view_.Show(o.cursor)
}

// first puts the cursor on the first row that a key can do something with.
func (o *outline) first() {
	for i, r := range o.rows {
		if r.fold != "" || r.ex != "" || r.trace != 0 && strings.TrimSpace(r.text) != "" {
			o.cursor = i
			return
		}
	}
}

func (o *outline) resize(h int) {
	o.view_.SetHeight(h)
	o.view_.Show(o.cursor)
}

// toggle folds or unfolds the row under the cursor; it reports whether it could. The
// owner makes the text anew then.
func (o *outline) toggle() bool {
	r, ok := o.row()
	if !ok || r.fold == "" {
		return false
	}
	o.flip[r.fold] = !o.flip[r.fold]
	return true
}

// shut folds the row under the cursor, or goes to the one that holds it. It reports
// whether the text must be made anew.
func (o *outline) shut() bool {
	r, ok := o.row()
	switch {
	case !ok:
	case r.fold != "" && r.open:
		return o.toggle()
	case r.up >= 0:
		o.to(r.up)
	}
	return false
}

// move handles the keys that move in any text; it reports whether k was one.
func (o *outline) move(k tea.KeyPressMsg) bool {
	half := max(o.view_.Height()/2, 1)
	switch {
	case key.Matches(k, o.keys.Up):
		o.to(o.cursor - 1)
	case key.Matches(k, o.keys.Down):
		o.to(o.cursor + 1)
	case key.Matches(k, o.keys.HalfUp):
		o.to(o.cursor - half)
	case key.Matches(k, o.keys.HalfDown):
		o.to(o.cursor + half)
	case key.Matches(k, o.keys.PageUp):
		o.to(o.cursor - 2*half)
	case key.Matches(k, o.keys.PageDown):
		o.to(o.cursor + 2*half)
	case key.Matches(k, o.keys.Top):
		o.to(0)
	case key.Matches(k, o.keys.Bottom):
		o.to(len(o.rows))
	case key.Matches(k, o.keys.NextHit):
		o.view_.Next(1)
		o.toHit()
	case key.Matches(k, o.keys.PrevHit):
		o.view_.Next(-1)
		o.toHit()
	default:
		return false
	}
	return true
}

// search looks for text; the cursor goes to the hit.
func (o *outline) search(text string) {
	o.view_.Search(text)
	o.toHit()
}

func (o *outline) toHit() {
	if l := o.view_.HitLine(); l >= 0 {
		o.to(l)
	}
}

// view draws the seen rows in w cells. Without focus there is no cursor.
func (o *outline) view(w int, focused bool) []string {
	lines := o.view_.View(w, o.th.Match, o.th.Here, o.th.Glyph.Ellipsis)
	if i := o.cursor - o.view_.First(); focused && len(o.rows) > 0 && i >= 0 && i < len(lines) {
		lines[i] = o.marked(lines[i])
	}
	return lines
}

// marked lays the cursor over a line and keeps its colours.
func (o *outline) marked(line string) string {
	before, after, _ := strings.Cut(o.th.On(o.th.Text, true).Render("x"), "x")
	for _, reset := range []string{"\x1b[m", "\x1b[0m"} {
		line = strings.ReplaceAll(line, reset, reset+before)
	}
	line = strings.TrimPrefix(line, " ")
	return o.th.On(o.th.Accent, true).Render(o.th.Glyph.Cursor) + before + line + after
}
