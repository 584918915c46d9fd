package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/tui/widget"
)

// showHelp makes the help page from the key map.
func (a *App) showHelp() {
	a.help = &widget.Viewer{}
	a.help.SetLines(a.helpLines())
}

func (a *App) helpKey(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(k, a.keys.Help), key.Matches(k, a.keys.Back), key.Matches(k, a.keys.Quit):
		a.help = nil
	default:
		scrollKey(a.help, a.keys, k)
	}
	return nil
}

func (a *App) helpLines() []string {
	var lines []string
	for _, g := range a.keys.groups() {
		lines = append(lines, " "+a.th.Strong.Render(g.title))
		for _, b := range g.keys {
			h := b.Help()
			lines = append(lines, "   "+a.th.Accent.Render(widget.Fit(h.Key, 12, ""))+strings.ReplaceAll(h.Desc, ";", ","))
		}
		lines = append(lines, "")
	}
	lines = append(lines, " "+a.th.Strong.Render("Filter"))
	for _, l := range []string{
		"status:5xx  method:POST  path:/cart*  host:api.*  dur>200ms  size>1mb",
		`header.accept:json  body~"regex"  build:12  since:5m  -static`,
		"words side by side must all match; OR, NOT or -, and parentheses join them",
	} {
		lines = append(lines, "   "+a.th.Dim.Render(l))
	}
	if lost := a.status.st.Lost; len(lost) > 0 {
		lines = append(lines, "", " "+a.th.Warn.Render(a.th.Glyph.Warn+" Features that are off"))
		for _, l := range lost {
			lines = append(lines, "   "+clean(strings.TrimSpace(l)))
		}
	}
	return lines
}
