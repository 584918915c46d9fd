package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// tabGapWidth is from where the names of the tabs stand well apart.
const tabGapWidth = 90

// folding reports whether a tab is an outline.
func folding(t tab) bool {
	return t == tabSubs || t == tabSQL || t == tabCalls || t == tabProgram || t == tabErrors || t == tabHTML
}

// count is what a tab's name tells of its content; -1 for the tabs that always have
// some.
func (d *detail) count(t tab) int {
	if d.ex == nil {
		return -1
	}
	switch t {
	case tabSubs:
		if n := max(d.ex.Subs, len(d.ex.Children)); n > 0 || d.ex.Parent == "" {
			return n
		}
		return -1
	case tabProgram:
		return len(spansOf(d.ex, inspect.SpanProcess))
	case tabLogs:
		return max(d.ex.Sums.Logs, min(len(d.ex.Logs), 1))
	case tabSQL:
		return max(d.ex.Sums.SQL, len(spansOf(d.ex, inspect.SpanSQL)))
	case tabCalls:
		return max(d.ex.Sums.Calls, len(spansOf(d.ex, inspect.SpanCall)))
	case tabErrors:
		return max(d.ex.Sums.Errors, len(d.ex.Traces))
	case tabHTML:
		switch {
		case d.ex.Sums.HTMLErrors > 0:
			return d.ex.Sums.HTMLErrors
		case d.ex.HTML != nil:
			return -1
		}
		return 0
	case tabProfile:
		if d.ex.Sums.Nodes > 0 || d.ex.CallTree != nil || d.prof.with[d.ex.ID] || d.rec != nil && d.rec.id == d.ex.ID {
			return -1
		}
		return 0
	}
	return -1
}

// shows reports whether a tab is offered: one without content only while it is the
// one that is looked at.
func (d *detail) shows(t tab) bool {
	return t == d.tab || d.count(t) != 0 && (d.ex != nil || !inside(t))
}

// inside reports whether a tab tells what happened in the app.
func inside(t tab) bool { return t == tabLogs || t == tabProfile || folding(t) }

// turn goes to the next tab that is offered.
func (d *detail) turn(by int) {
	for range tabCount {
		d.tab = (d.tab + tab(by) + tabCount) % tabCount
		if d.count(d.tab) != 0 && (d.ex != nil || !inside(d.tab)) {
			return
		}
	}
}

// tabsView names the tabs. Where they have no room their counts go, and then the first
// ones, so that the one that is looked at is seen.
func (d *detail) tabsView(focused bool) string {
	text, _ := d.tabsAt(focused)
	return text
}

// tabsAt is tabsView, and the cells between which each name stands.
func (d *detail) tabsAt(focused bool) (text string, at [tabCount][2]int) {
	gap := "   "
	if d.width < tabGapWidth {
		gap = "  "
	}
	for _, try := range []struct {
		gap    string
		counts bool
	}{{gap, true}, {gap, false}, {" ", false}} {
		if text, at = d.tabNames(focused, try.gap, try.counts); widget.Width(text) <= d.width {
			return text, at
		}
	}
	if over := at[d.tab][1] + 1 - d.width; over > 0 {
		text = ansi.TruncateLeft(text, over+1, d.th.Glyph.Ellipsis)
		for t := range at {
			at[t][0], at[t][1] = at[t][0]-over, at[t][1]-over
		}
	}
	return text, at
}

// clickTab opens the tab whose name is at cell x.
func (d *detail) clickTab(x int) {
	_, at := d.tabsAt(true)
	for t := range tabCount {
		if x >= at[t][0] && x < at[t][1] {
			d.tab = t
		}
	}
}

// clickText puts the cursor of an outline on a line of the text; a second click does there
// what enter does.
func (d *detail) clickText(line int) tea.Cmd {
	if !folding(d.tab) || line < 0 || line >= d.textRows() {
		return nil
	}
	o := &d.folds[d.tab]
	i := o.view_.First() + line
	if i >= len(o.rows) {
		return nil
	}
	if i != o.cursor {
		o.to(i)
		return nil
	}
	return d.enter()
}

// tabNames are the names, and the cells between which each stands.
func (d *detail) tabNames(focused bool, gap string, counts bool) (text string, at [tabCount][2]int) {
	var b strings.Builder
	b.WriteString(" ")
	for t := range tabCount {
		if !d.shows(t) {
			continue
		}
		st := d.th.Dim
		switch {
		case t == d.tab && focused:
			st = d.th.Accent.Underline(true)
		case t == d.tab:
			st = d.th.Strong.Underline(true)
		}
		at[t][0] = widget.Width(b.String())
		b.WriteString(st.Render(tabNames[t]))
		if n := d.count(t); n > 0 && counts && (t != tabProgram || n > 1) {
			num := d.th.Dim
			if t == tabErrors || t == tabHTML {
				num = d.th.Bad
			}
			b.WriteString(" " + num.Render(countText(n)))
		}
		at[t][1] = widget.Width(b.String())
		b.WriteString(gap)
	}
	return strings.TrimRight(b.String(), " "), at
}

// draw makes the text of a tab that folds anew.
func (d *detail) draw(t tab) {
	if d.ex == nil {
		return
	}
	o := &d.folds[t]
	f := folder{th: d.th, width: d.width, flip: o.flip, frame: -1, around: sourceAround(d.height)}
	switch t {
	case tabSubs:
		f.family(d.ex, d.parent)
	case tabProgram:
		f.programs(d.ex)
	case tabSQL:
		f.sql(d.ex)
	case tabCalls:
		f.calls(d.ex)
	case tabErrors:
		f.errorsOf(d.ex, d.traces)
	case tabHTML:
		f.html(d.ex)
	}
	o.set(f.take())
}

// foldKey handles the keys of a tab that folds.
func (d *detail) foldKey(k tea.KeyPressMsg) tea.Cmd {
	o := &d.folds[d.tab]
	switch {
	case key.Matches(k, d.keys.Open):
		return d.enter()
	case key.Matches(k, d.keys.Edit):
		r, _ := o.row()
		return openEditor(d.shared, r.at, 0)
	default:
		o.move(k)
	}
	return nil
}

// enter unfolds the row under the cursor of an outline, or opens what it is about.
func (d *detail) enter() tea.Cmd {
	o := &d.folds[d.tab]
	if o.toggle() {
		d.draw(d.tab)
	} else if r, ok := o.row(); ok && r.ex != "" {
		d.visit(r.ex)
	} else if ok && r.trace != 0 {
		return func() tea.Msg { return openTraceMsg{r.trace} }
	}
	return nil
}

// errorsOf writes the failures of an exchange, each with the line that failed
// and the values there.
func (f *folder) errorsOf(ex *inspect.Exchange, traces []*inspect.Trace) {
	f.frame = -1
	for i, t := range traces {
		f.trace = t.ID
		if i > 0 {
			f.blank()
		}
		f.text(1, f.th.Bad.Render(f.th.Glyph.Fail+" ")+f.th.Strong.Render(clean(t.Headline)))
		f.cut(3, f.th.Accent.Bold(false).Render(clean(t.Code))+"  "+f.th.Dim.Render(kindText(t))+f.th.Dim.Render("   enter opens it"))
		for _, h := range t.Hints {
			f.text(3, f.th.Info.Render(f.th.Glyph.Arrow+" ")+clean(h))
		}
		if i := failing(t); i >= 0 {
			fr := t.Frames[i]
			f.at = fr.Location
			f.blank()
			f.cut(3, f.th.Text.Render(clean(shortFunc(fr.Function)))+"  "+f.th.Accent.Bold(false).Render(clean(placeOf(fr.Location))))
			f.source(4, fr.Source, fr.Line, fr.Column, true)
			f.variables(5, "trace "+countlessText(t.ID), fr)
			f.at = inspect.Location{}
		}
	}
	f.trace = 0
	if n := max(ex.Sums.Errors, len(ex.Traces)) - len(traces); n > 0 {
		f.blank()
		f.text(1, f.th.Dim.Render(plural(n, "error")+" more that the history has let go of"))
	}
}

// wheel scrolls the tab.
func (d *detail) wheel(by int) {
	if d.tab == tabProfile {
		d.prof.wheel(by)
		return
	}
	if folding(d.tab) {
		d.folds[d.tab].to(d.folds[d.tab].cursor + by)
		return
	}
	d.views[d.tab].Scroll(by)
}
