package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// Below this nothing useful can be drawn.
	minWidth, minHeight = 40, 10
	// tabNamesWidth is from where all pages are named in the first line.
	tabNamesWidth = 72
	// rulesHeight is from where there is room for lines that only part.
	rulesHeight = 20
)

// chrome is the number of lines above and below the page.
func (a *App) chrome() (above, below int) {
	above, below = 1, 2
	if a.height >= rulesHeight {
		above, below = 2, 3
	}
	return above + len(a.status.banner(a.width, a.page)), below
}

// layout gives the pages their size.
func (a *App) layout() {
	above, below := a.chrome()
	h := max(a.height-above-below, 1)
	a.requests.resize(a.width, h)
	a.output.resize(a.width, h)
	a.builds.resize(a.width, h)
	a.errors.resize(a.width, h)
	if a.help != nil {
		a.help.SetHeight(h)
	}
}

// View draws the screen.
func (a *App) View() tea.View {
	if !a.asDrawn || a.drawn.Content == "" {
		a.drawn, a.asDrawn = a.draw(), true
	}
	return a.drawn
}

// unseen reports whether d alone changes nothing that is seen, before what it has put out of
// date is loaded: so it is under traffic, and drawing is most of the work then.
func (a *App) unseen(d dirt) bool {
	return !d.cleared && !d.traces && !d.profiles && d.progress == nil && d.mistake == "" && d.broken == nil && a.status.broken == nil &&
		a.page == pageRequests && a.requests.win.follow
}

func (a *App) draw() tea.View {
	v := tea.NewView(a.screen())
	v.AltScreen = true
	v.WindowTitle = a.title()
	if a.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

func (a *App) title() string {
	if a.status.st.Target == "" {
		return "pastedev"
	}
	return "pastedev " + clean(a.status.st.Target)
}

// screen is the text of the screen: exactly height lines of width cells.
func (a *App) screen() string {
	if a.width < minWidth || a.height < minHeight {
		msg := fmt.Sprintf("too small: %dx%d, needs %dx%d", a.width, a.height, minWidth, minHeight)
		return strings.Join(widget.Lines([]string{msg, "q quits"}, a.width, a.height, ""), "\n")
	}
	_, below := a.chrome()
	lines := []string{a.headerView()}
	if a.height >= rulesHeight {
		lines = append(lines, a.rule())
	}
	lines = append(lines, a.status.banner(a.width, a.page)...)
	lines = append(lines, a.pageView()...)
	lines = widget.Lines(lines, a.width, a.height-below, a.th.Glyph.Ellipsis)
	if a.sheet != nil {
		sheet := a.sheetView(a.width)
		sheet = sheet[:min(len(sheet), len(lines)-1)]
		at := len(lines) - len(sheet)
		lines = append(lines[:at], widget.Lines(sheet, a.width, len(sheet), a.th.Glyph.Ellipsis)...)
	}
	if a.height >= rulesHeight {
		lines = append(lines, a.rule())
	}
	lines = append(lines, a.factsView(), a.hintsView())
	text := strings.Join(lines, "\n")
	if a.opts.ASCII {
		text = strings.ReplaceAll(text, "µs", "us")
	}
	return text
}

func (a *App) rule() string { return a.th.Faint.Render(repeat(a.th.Glyph.Rule, a.width)) }

func (a *App) pageView() []string {
	switch {
	case a.help != nil:
		return a.help.View(a.width, a.th.Match, a.th.Here, a.th.Glyph.Ellipsis)
	case a.page == pageOutput:
		return a.output.view()
	case a.page == pageBuilds:
		return a.builds.view()
	case a.page == pageErrors:
		return a.errors.view()
	}
	return a.requests.view()
}

// headerView is the first line: program, target, pages, state. What yields first on
// a narrow screen is the target's name.
func (a *App) headerView() string {
	state := a.status.stateView() + " "
	tabs, _ := a.tabs()
	left := " " + a.th.Badge.Render("pastedev")
	room := a.width - widget.Width(left) - widget.Width(tabs) - widget.Width(state) - 3
	if target := clean(a.status.st.Target); target != "" && room >= 8 {
		left += " " + a.th.Dim.Render(strings.TrimRight(widget.Fit(target, min(room, widget.Width(target)), a.th.Glyph.Ellipsis), " "))
	}
	if widget.Width(left+tabs+state)+1 > a.width { // the name of the program is known
		return widget.Ends(strings.TrimPrefix(tabs, " "), state, a.width, a.th.Glyph.Ellipsis)
	}
	return widget.Ends(left+tabs, state, a.width, a.th.Glyph.Ellipsis)
}

// tabs draws the names of the pages and tells where each begins and ends.
func (a *App) tabs() (text string, at [pageCount][2]int) {
	var b strings.Builder
	b.WriteString("  ")
	for i, k := range []key.Binding{a.keys.Requests, a.keys.Output, a.keys.Builds, a.keys.Errors} {
		h := k.Help()
		name := strings.ToUpper(h.Desc[:1]) + h.Desc[1:]
		at[i][0] = widget.Width(b.String())
		if pageID(i) == a.page && a.help == nil {
			b.WriteString(a.th.Accent.Render(h.Key) + " " + a.th.Accent.Underline(true).Render(name))
		} else {
			if a.width < tabNamesWidth {
				name = ""
			}
			b.WriteString(a.th.Dim.Render(strings.TrimSpace(h.Key + " " + name)))
		}
		if n := a.errors.news(); pageID(i) == pageErrors && n > 0 {
			b.WriteString(" " + a.th.Bad.Render(a.th.Glyph.Fail+countText(n)))
		}
		at[i][1] = widget.Width(b.String())
		b.WriteString("  ")
	}
	return b.String(), at
}

// factsView is the line of addresses and counts, or the toast; at its right end the
// page says what is new below.
func (a *App) factsView() string {
	left := a.status.facts()
	if a.toast != "" && a.now.Before(a.toastEnd) {
		left = " " + a.th.Good.Render(a.th.Glyph.OK+" "+a.toast)
		if a.toastBad {
			left = " " + a.th.Bad.Render(a.th.Glyph.Fail+" "+a.toast)
		}
	}
	right := a.newerView()
	if right != "" {
		right = " " + right
	}
	if a.rec != nil && !a.recordingSeen() && (a.toast == "" || !a.now.Before(a.toastEnd)) {
		left = a.rec.line(a.shared, a.width-widget.Width(right)-1)
	}
	lw := a.width - widget.Width(right) - 1
	return widget.Fit(left, lw, a.th.Glyph.Ellipsis) + right + " "
}

// newerView says what has come since the page stopped following.
func (a *App) newerView() string {
	n, follow := 0, true
	switch {
	case a.help != nil || a.page == pageBuilds, a.page == pageErrors, a.page == pageRequests && a.requests.paper != nil:
		return ""
	case a.page == pageRequests:
		n, follow = a.requests.win.newer(a.requests.query != "" || !a.requests.subs.all), a.requests.win.follow
	case a.page == pageOutput:
		n, follow = a.output.newer(), a.output.follow
	}
	reading := a.page == pageRequests && a.requests.open && !a.requests.split()
	switch {
	case reading && n > 0:
		return a.th.Dim.Render(countText(n) + " new")
	case reading:
		return ""
	case follow:
		return a.th.Dim.Render("following " + a.th.Glyph.Down)
	case n < 0:
		return a.th.Accent.Render("new below " + a.th.Glyph.Down + " G")
	case n > 0:
		return a.th.Accent.Render(countText(n) + " new " + a.th.Glyph.Down + " G")
	}
	return a.th.Dim.Render("paused, G follows")
}

// hintsView shows the keys of the page, as many as fit.
func (a *App) hintsView() string {
	var keys []key.Binding
	switch {
	case a.help != nil:
		keys = []key.Binding{a.keys.Back, a.keys.Down}
	case a.page == pageOutput:
		keys = a.output.hints()
	case a.page == pageBuilds:
		keys = a.builds.hints()
	case a.page == pageErrors:
		keys = a.errors.hints()
	default:
		keys = a.requests.hints()
	}
	if a.page == pageErrors && a.errors.open && a.errors.look.asking {
		return widget.Fit(" "+a.th.Accent.Render("enter")+a.th.Dim.Render(" evaluate   ")+
			a.th.Accent.Render("esc")+a.th.Dim.Render(" back   ")+
			a.th.Accent.Render(a.th.Glyph.Up+a.th.Glyph.Down)+a.th.Dim.Render(" earlier ones"), a.width, "")
	}
	if a.editing() {
		complete := ""
		if a.page == pageRequests && a.requests.typed && a.requests.paper == nil {
			complete = a.th.Accent.Render("tab") + a.th.Dim.Render(" complete   ")
		}
		return widget.Fit(" "+a.th.Accent.Render("enter")+a.th.Dim.Render(" keep   ")+
			a.th.Accent.Render("esc")+a.th.Dim.Render(" clear   ")+complete+
			a.th.Accent.Render(a.th.Glyph.Up+a.th.Glyph.Down)+a.th.Dim.Render(" earlier ones"), a.width, "")
	}
	hint := func(k key.Binding) string {
		name := keyName(k, a.opts.ASCII)
		return " " + a.th.Accent.Render(name) + " " + a.th.Dim.Render(shortDesc(k)) + " "
	}
	help := hint(a.keys.Help)
	line := ""
	for _, k := range keys {
		item := hint(k)
		if widget.Width(line)+widget.Width(item)+1+widget.Width(help) > a.width {
			break
		}
		line += item
	}
	return widget.Ends(line, help, a.width, "")
}

// keyName is the name of a key in a hint: the first that the terminal can draw.
func keyName(k key.Binding, ascii bool) string {
	names := strings.Fields(k.Help().Key)
	for _, n := range names {
		if !ascii || plainASCII(n) {
			return n
		}
	}
	return strings.Join(names[:min(len(names), 1)], "")
}
