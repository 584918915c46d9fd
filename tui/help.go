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

// helpColumns is from where the help stands in two columns.
const helpColumns = 100

func (a *App) helpLines() []string {
	groups := a.keys.groups()
	half := len(groups) / 2
	if a.width < helpColumns {
		half = len(groups)
	}
	lines := a.helpGroups(groups[:half])
	for i, l := range a.helpGroups(groups[half:]) {
		if i == len(lines) {
			lines = append(lines, "")
		}
		lines[i] = widget.Fit(lines[i], a.width/2, "") + l
	}
	lines = append(lines, " "+a.th.Strong.Render("Filter"))
	for _, l := range []string{
		"status:5xx  method:POST  path:/cart*  host:api.*  dur>200ms  size>1mb",
		`header.accept:json  body~"regex"  build:12  since:5m  -static`,
		`has:trace  has:sql  sql>10  sqltime>50ms  calls>2  out:"text"  statement:"text"`,
		`is:inflight  is:slower  verdict:"text"  has:tree  is:sub  has:children  has:process  mount:/api`,
		"words side by side must all match; OR, NOT or -, and parentheses join them",
	} {
		lines = append(lines, "   "+a.th.Dim.Render(l))
	}
	lines = append(lines, "", " "+a.th.Strong.Render("Letters of the call tree"))
	for _, l := range []string{
		"R request   f function   G goroutine   S SQL   H outgoing request",
		"T template   J JSON   W waiting: for a lock, a channel, the network",
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

func (a *App) helpGroups(groups []group) []string {
	var lines []string
	for _, g := range groups {
		lines = append(lines, " "+a.th.Strong.Render(g.title))
		for _, b := range g.keys {
			lines = append(lines, "   "+a.th.Accent.Render(widget.Fit(b.Help().Key, 12, ""))+longDesc(b))
		}
		lines = append(lines, "")
	}
	return lines
}

// A description reads "hint; what the help says". The hint alone serves both where
// it says it all.

func shortDesc(b key.Binding) string {
	s, _, _ := strings.Cut(b.Help().Desc, "; ")
	return s
}

func longDesc(b key.Binding) string {
	s, l, ok := strings.Cut(b.Help().Desc, "; ")
	if !ok {
		return s
	}
	return l
}

// searchHint is the filter key inside a text, where it searches.
func searchHint(k KeyMap) key.Binding {
	b := k.Filter
	b.SetHelp(b.Help().Key, "search")
	return b
}
