package tui

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// verdictWidth is from where the list tells what got slower, verdictCells the room
	// behind the path that it needs.
	verdictWidth = 100
	verdictCells = 20
)

// path draws the path with what sets the exchange apart behind it.
func (p *requests) path(s inspect.Summary, width int, sel bool) string {
	tail, st := p.tail(s)
	pathStyle, tailStyle := p.th.On(p.th.Text, sel), p.th.On(st, sel)
	if d := p.win.depth[s.ID]; d > 0 && width > minPath { // part of the one above
		lead := repeat("  ", min(d, maxIndent)-1) + p.th.Glyph.Sub + " "
		width -= widget.Width(lead)
		pathStyle = p.th.On(p.th.Dim, sel)
		return p.th.On(p.th.Faint, sel).Render(lead) + p.pathAndTail(s, tail, width, pathStyle, tailStyle, sel)
	}
	return p.pathAndTail(s, tail, width, pathStyle, tailStyle, sel)
}

// maxIndent is the depth from which sub-requests are indented no further.
const maxIndent = 4

func (p *requests) pathAndTail(s inspect.Summary, tail string, width int, pathStyle, tailStyle lipgloss.Style, sel bool) string {
	ell := p.th.Glyph.Ellipsis
	if sel {
		pathStyle = pathStyle.Bold(true)
	}
	path, query := pathAndQuery(s)
	fitted := func(n int) string { return pathStyle.Render(widget.FitPath(path, query, n, ell)) }
	room := width - widget.Width(path+query)
	if v := p.verdict(s, room); tail == "" && v != "" {
		return fitted(width-room) + p.th.On(p.th.Dim, sel).Render(widget.Fit("  "+v, room, ell))
	}
	if tail == "" || room < 6 && width < 2*minPath {
		return fitted(width)
	}
	if room < widget.Width(tail)+2 { // the path yields at most half to the tail
		room = min(widget.Width(tail)+2, max(room, width/2))
	}
	return fitted(width-room) + tailStyle.Render(widget.Fit("  "+tail, room, ell))
}

// tail is what stands behind the path.
func (p *requests) tail(s inspect.Summary) (string, lipgloss.Style) {
	var flags []string
	if s.ID == p.marked.ID && s.ID != "" {
		flags = append(flags, p.th.Glyph.Arrow+" marked")
	}
	switch s.Kind {
	case inspect.KindWebSocket:
		flags = append(flags, "websocket")
	case inspect.KindUpgrade, inspect.KindTunnel:
		flags = append(flags, string(s.Kind))
	}
	if s.Subs > 0 && p.query == "" && !p.subs.has(s.ID) {
		flags = append(flags, p.th.Glyph.Sub+" "+countText(s.Subs))
	}
	if s.Via != "" {
		flags = append(flags, viaWord(s.Via))
	}
	if s.ReplayOf != "" {
		flags = append(flags, p.th.Glyph.Replay+" replay")
	}
	tail := strings.Join(flags, " ")
	switch {
	case s.Sums.Errors > 0: // says more than how the answer broke
		return strings.TrimSpace(tail + " " + p.th.Glyph.Fail + " " + plural(s.Sums.Errors, "error")), p.th.Bad
	case s.Error != "":
		return strings.TrimPrefix(tail+" "+p.th.Glyph.Dot+" "+clean(s.Error), " "+p.th.Glyph.Dot+" "), p.th.Bad
	case stuck(p.now, s):
		return strings.TrimSpace(tail + " " + p.th.Glyph.Warn + " stuck"), p.th.Warn
	case s.Sums.HTMLErrors > 0:
		return strings.TrimSpace(tail + " " + p.th.Glyph.Warn + " " + countText(s.Sums.HTMLErrors) + " HTML"), p.th.Warn
	}
	if s.Subs > 0 || s.Via != "" {
		return tail, p.th.Dim
	}
	return tail, p.th.Info
}

// verdict is what got slower, where the room behind the path is wide enough to tell.
func (p *requests) verdict(s inspect.Summary, room int) string {
	if s.Verdict == "" || room < verdictCells || p.listWidth() < verdictWidth {
		return ""
	}
	return p.th.Glyph.Up + " " + clean(s.Verdict)
}
