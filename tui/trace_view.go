package tui

import (
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// maxAnswers bounds the answers of a trace that are shown; the oldest goes.
	maxAnswers = 50
	// maxOthers bounds the earlier failures of the same code that a trace names.
	maxOthers = 10
)

// traceView shows one failure.
type traceView struct {
	*shared
	outline
	id     int64 // what shall be shown; 0 nothing
	doc    traceDoc
	others []inspect.Trace // earlier ones of the same code
	err    error
	reveal bool

	busy, due bool
	loadAt    time.Time

	asking bool // the field for an expression has the keys
	expr   widget.Input
	width  int
	height int
}

func newTraceView(sh *shared) traceView { return traceView{shared: sh, outline: newOutline(sh)} }

// traceMsg brings a failure with its exchange.
type traceMsg struct {
	id     int64
	reveal bool
	t      *inspect.Trace
	ex     *inspect.Exchange
	err    error
}

// answerMsg brings what an expression gave.
type answerMsg struct {
	id int64
	answer
}

func (v *traceView) show(id int64) {
	if v.id == id {
		return
	}
	v.id, v.due, v.err = id, true, nil
	v.doc = traceDoc{}
	v.outline = newOutline(v.shared)
	v.resize(v.width, v.height)
	v.loadAt = time.Time{}
}

// stale says that the failure may have changed: it gets its variables later.
func (v *traceView) stale() { v.due = v.id != 0 }

func (v *traceView) sync() tea.Cmd {
	if v.busy || !v.due || v.id == 0 || v.now.Sub(v.loadAt) < detailRefresh {
		return nil
	}
	v.busy, v.due, v.loadAt = true, false, v.now
	ctx, src, id, reveal := v.ctx, v.src, v.id, v.reveal
	return func() tea.Msg {
		m := traceMsg{id: id, reveal: reveal}
		if m.t, m.err = src.Trace(ctx, strconv.FormatInt(id, 10), reveal); m.err == nil && m.t.Exchange != "" {
			m.ex, _ = src.Exchange(ctx, m.t.Exchange, reveal) // retention may have taken it
		}
		return m
	}
}

func (v *traceView) loaded(m traceMsg) {
	v.busy = false
	if m.id != v.id || m.reveal != v.reveal {
		return
	}
	first := v.doc.t == nil
	v.err = m.err
	if m.err == nil {
		v.doc.t, v.doc.ex = m.t, m.ex
	}
	v.draw()
	if first {
		v.toFailing()
	}
}

// toFailing puts the cursor on the line that failed, while the headline stays seen.
func (v *traceView) toFailing() {
	if v.doc.t == nil {
		return
	}
	i := failing(v.doc.t)
	for n, r := range v.rows {
		if i >= 0 && r.frame == i && r.fold != "" {
			v.to(n)
			break
		}
	}
	for n := v.cursor + 1; n < len(v.rows) && i >= 0 && v.rows[n].frame == i; n++ {
		if v.rows[n].at.Line == v.doc.t.Frames[i].Line {
			v.view_.Show(min(n+2, len(v.rows)-1))
			break
		}
	}
	v.view_.Show(v.cursor)
}

// same tells the list that the failure is in.
func (v *traceView) same(list []inspect.Trace) {
	if v.doc.t == nil && v.id == 0 {
		return
	}
	code := ""
	for _, t := range list {
		if t.ID == v.id {
			code = t.Code
		}
	}
	v.others = v.others[:0]
	for _, t := range list {
		if code != "" && t.Code == code && t.ID != v.id && len(v.others) < maxOthers {
			v.others = append(v.others, t)
		}
	}
	v.draw()
}

// draw makes the text anew.
func (v *traceView) draw() {
	if v.doc.t == nil || v.width <= 0 {
		return
	}
	v.doc.now = v.now
	f := folder{th: v.th, width: v.width, flip: v.flip, frame: -1, around: sourceAround(v.height)}
	f.traceDoc(v.doc)
	if len(v.others) > 0 {
		f.heading("Seen also")
		for _, t := range v.others {
			f.trace = t.ID
			f.cut(3, agoText(v.now, t.Time)+f.th.Dim.Render("  build "+strconv.Itoa(t.Build)+"  "+t.Exchange.Short()))
		}
	}
	v.set(f.take())
}

func (v *traceView) resize(w, h int) {
	redraw := w != v.width || sourceAround(h) != sourceAround(v.height)
	v.width, v.height = w, h
	if redraw {
		v.draw()
	}
	v.outline.resize(max(h-1, 1))
}

// sourceAround is how many lines of source go before and after the failing one, so
// that on a small screen the values are seen with it.
func sourceAround(height int) int {
	switch {
	case height < 25:
		return 3
	case height < 45:
		return 5
	}
	return 0
}

func (v *traceView) editing() bool { return v.asking || v.searching }

func (v *traceView) paste(text string) {
	switch {
	case v.asking:
		v.expr.Paste(text)
	case v.searching:
		v.input.Paste(text)
		v.search(v.input.Text())
	}
}

// back ends the search; it reports whether there was one.
func (v *traceView) back(esc bool) bool {
	if esc && v.view_.Needle() != "" {
		v.view_.Search("")
		return true
	}
	return false
}

func (v *traceView) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case v.asking:
		return v.askKey(k)
	case v.searching:
		v.searchKey(k)
	case key.Matches(k, v.keys.Unfold):
		return v.unfold(key.Matches(k, v.keys.Open))
	case key.Matches(k, v.keys.Fold):
		if v.shut() {
			v.draw()
		}
	case key.Matches(k, v.keys.Frames):
		v.doc.all = !v.doc.all
		v.draw()
	case key.Matches(k, v.keys.Filter):
		v.searching = true
		v.input.Set("")
	case key.Matches(k, v.keys.Evaluate):
		v.ask()
	case key.Matches(k, v.keys.Edit):
		return v.edit()
	case key.Matches(k, v.keys.ToRequest):
		if v.doc.t != nil {
			return toRequest(v.shared, v.doc.t.Exchange)
		}
	case key.Matches(k, v.keys.Reveal):
		v.reveal, v.due, v.loadAt = !v.reveal, true, time.Time{}
		if v.say("secrets are masked"); v.reveal {
			v.say("secrets are shown; x masks them")
		}
	default:
		v.move(k)
	}
	return nil
}

// unfold opens what the row folds; enter closes it too.
func (v *traceView) unfold(both bool) tea.Cmd {
	r, ok := v.row()
	if !ok {
		return nil
	}
	if r.trace != 0 {
		return func() tea.Msg { return openTraceMsg{r.trace} }
	}
	if (both || !r.open) && v.toggle() {
		v.draw()
	}
	return nil
}

// frame is the one the cursor is in, or the failing one.
func (v *traceView) frame() int {
	if r, ok := v.row(); ok && r.frame >= 0 {
		return r.frame
	}
	return failing(v.doc.t)
}

func (v *traceView) searchKey(k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, v.keys.Back):
		v.searching = false
		v.view_.Search("")
	case key.Matches(k, v.keys.Open):
		v.searching = false
		v.input.Remember()
	default:
		if v.input.Key(k) {
			v.search(v.input.Text())
		}
	}
}

// edit opens the line under the cursor in the editor.
func (v *traceView) edit() tea.Cmd {
	r, ok := v.row()
	if !ok || v.doc.t == nil {
		return nil
	}
	at, col := r.at, 0
	if i := v.frame(); at.Line == 0 && i >= 0 {
		at = v.doc.t.Frames[i].Location
	}
	if i := v.frame(); i >= 0 && at.Line == v.doc.t.Frames[i].Line {
		col = v.doc.t.Frames[i].Column
	}
	return openEditor(v.shared, at, col)
}

// openEditor opens a line of source in the editor.
func openEditor(s *shared, at inspect.Location, col int) tea.Cmd {
	path := at.Path
	if path == "" {
		path = at.File
	}
	edit := s.opts.Editor
	switch {
	case path == "" || at.Line <= 0:
		s.fail("edit", errorText("no line of source here"))
		return nil
	case edit == nil:
		s.fail("edit", errorText("no editor is known; --editor names one"))
		return nil
	}
	what := "open " + clean(placeOf(at))
	return func() tea.Msg {
		return doneMsg{what: what, text: "opened " + clean(placeOf(at)), err: edit(path, at.Line, col)}
	}
}

func (v *traceView) view() []string {
	ell := v.th.Glyph.Ellipsis
	var lines []string
	switch {
	case v.err != nil:
		lines = append(lines, "", v.th.Bad.Render("  "+v.th.Glyph.Fail+" "+clean(v.err.Error())))
	case v.doc.t == nil:
		lines = append(lines, "", v.th.Dim.Render("  Loading"+ell))
	default:
		lines = v.outline.view(v.width, true)
	}
	lines = widget.Lines(lines, v.width, v.height-1, ell)
	return append(lines, widget.Fit(v.footView(), v.width, ell))
}

// footView is the field for an expression, the search, or the frame that the cursor
// is in when its head is not seen.
func (v *traceView) footView() string {
	if v.asking {
		name := ""
		if i := v.frame(); i >= 0 {
			name = clean(shortFunc(v.doc.t.Frames[i].Function))
		}
		label := v.th.Accent.Render(" = ")
		right := v.th.Dim.Render(" in " + strings.TrimRight(widget.Fit(name, min(widget.Width(name), v.width/3), v.th.Glyph.Ellipsis), " ") + " ")
		field, _ := v.expr.View(max(v.width-4-widget.Width(right), 1), v.th.Caret)
		return widget.Ends(label+field, right, v.width, "")
	}
	right := ""
	if v.reveal {
		right += v.th.Warn.Render("secrets shown ")
	}
	if at, of := v.view_.Hit(); of > 0 {
		right += v.th.Dim.Render(strconv.Itoa(at) + " of " + strconv.Itoa(of) + " ")
	} else if pct, more := v.view_.Percent(); more {
		right += v.th.Dim.Render(strconv.Itoa(pct) + "% ")
	}
	if v.searching {
		field, _ := v.input.View(max(v.width-5-widget.Width(right), 1), v.th.Caret)
		return widget.Ends(v.th.Accent.Render(" / ")+field, right, v.width, "")
	}
	left := ""
	if n := v.view_.Needle(); n != "" {
		left = v.th.Accent.Render(" / ") + clean(n)
	} else if v.view_.First() > 0 && v.doc.t != nil {
		left = " " + v.th.Bad.Render(v.th.Glyph.Fail+" ") + v.th.Dim.Render(clean(v.doc.t.Headline))
	}
	return widget.Ends(left, right, v.width, v.th.Glyph.Ellipsis)
}

func (v *traceView) hints() []key.Binding {
	k := v.keys
	return []key.Binding{k.Back, k.Unfold, k.Evaluate, k.Edit, k.ToRequest, k.Copy, k.Replay, k.Frames, searchHint(k), k.Older}
}
