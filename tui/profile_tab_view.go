package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// view draws the tab in its size.
func (p *profileTab) view(focused bool) []string {
	var lines []string
	switch {
	case !p.ready:
		return []string{"", p.th.Dim.Render("  Loading" + p.th.Glyph.Ellipsis)}
	case p.err != nil && p.m == nil && !p.has(modeRecorded):
		return errorLines(p.th, p.err, p.width)
	case !p.has(p.mode):
		return p.emptyView()
	}
	lines = append(lines, p.namesView())
	d := drawing{th: p.th, width: p.width, focused: focused, needle: strings.ToLower(p.needle)}
	switch p.mode {
	case modeTree:
		lines = append(lines, p.tree.view(p.m, d)...)
	case modeTop:
		lines = append(lines, p.top.view(p.m, d)...)
	case modeFlame:
		lines = append(lines, p.flame.view(p.m, d)...)
	case modeRecorded:
		lines = append(lines, p.recorded.view(p.shared, d)...)
	}
	return lines
}

// namesView names the views, and sums up the tree.
func (p *profileTab) namesView() string {
	var b strings.Builder
	for m := range modeCount {
		if !p.has(m) {
			continue
		}
		name := modeNames[m]
		if m == modeRecorded && len(p.recorded.list) > 1 {
			name += " " + countText(len(p.recorded.list))
		}
		if m == p.mode {
			b.WriteString(" " + p.th.Strong.Underline(true).Render(name) + " ")
		} else {
			b.WriteString(" " + p.th.Dim.Render(name) + " ")
		}
	}
	return widget.Ends(b.String(), p.sumView(), p.width, p.th.Glyph.Ellipsis)
}

func (p *profileTab) sumView() string {
	if p.m == nil || p.mode == modeRecorded {
		return ""
	}
	text := inspect.FormatDuration(p.m.t.Nodes[0].Total) + ", " + plural(p.m.calls, "call") + " "
	if n := p.m.t.Lost; n > 0 {
		return p.th.Warn.Render(p.th.Glyph.Warn+" "+countText(n)+" not kept") + p.th.Dim.Render(" · "+text)
	}
	return p.th.Dim.Render(text)
}

// emptyView says why nothing is known, and what to do.
func (p *profileTab) emptyView() []string {
	why := "No calls of the app's own functions were recorded in this request."
	switch {
	case p.early:
		why = "The request is under way; its calls are known when it ends. " + p.keys.Stacks.Help().Key + " shows where it is."
	case p.callsOff:
		why = "The call tree is off: " + p.keys.CallTree.Help().Key + " switches it on for the requests that follow."
	}
	return []string{"", "  " + p.th.Dim.Render(why), "  " + p.th.Accent.Render(p.keys.Profile.Help().Key) + p.th.Dim.Render(" records a profile while the request is sent again and again.")}
}

// hints are the keys of the view.
func (p *profileTab) hints() []key.Binding {
	k := p.keys
	view := k.View
	view.SetHelp(view.Help().Key, strings.ToLower(modeNames[p.next()]))
	as := func(b key.Binding, desc string) key.Binding {
		b.SetHelp(b.Help().Key, desc)
		return b
	}
	move := as(k.Unfold, "unfold")
	var own []key.Binding
	switch p.mode {
	case modeTree:
		own = []key.Binding{move, as(k.Fold, "fold"), k.Edit}
	case modeTop:
		own = []key.Binding{k.Sort, k.Edit}
	case modeFlame:
		own = []key.Binding{as(k.Open, "zoom"), k.Edit}
	case modeRecorded:
		if len(p.recorded.list) > 1 {
			own = append(own, as(k.Unfold, "older profile"))
		}
		if len(p.recorded.list) > 0 {
			own = append(own, k.Edit, as(k.Inspect, "in the browser"))
		}
	}
	if p.next() == p.mode {
		return append(append([]key.Binding{k.Back, k.NextTab}, own...), searchHint(k), k.Profile, k.Compare, k.Mark)
	}
	return append(append([]key.Binding{k.Back, view}, own...), searchHint(k), k.Profile, k.Compare, k.Mark, k.NextTab)
}

// errorLines are an error with its hints.
func errorLines(th theme.Theme, err error, width int) []string {
	lines := []string{""}
	for i, l := range strings.Split(err.Error(), "\n") {
		st, mark := th.Dim, "  "
		if i == 0 {
			st, mark = th.Bad, th.Glyph.Fail+" "
		}
		for _, part := range foldStyled(clean(l), max(width-6, 8)) {
			lines = append(lines, "  "+st.Render(mark+strings.TrimSpace(part)))
			mark = "  "
		}
	}
	return lines
}
