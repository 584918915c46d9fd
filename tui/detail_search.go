package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/tui/widget"
)

// viewer is the text of the tab.
func (d *detail) viewer() *widget.Viewer {
	if folding(d.tab) {
		return &d.folds[d.tab].view_
	}
	return &d.views[d.tab]
}

// search looks for text in the tab.
func (d *detail) search(text string) {
	switch {
	case d.tab == tabProfile:
		d.prof.look(text, true)
	case folding(d.tab):
		d.folds[d.tab].search(text)
	default:
		d.views[d.tab].Search(text)
	}
}

// found says what is searched for in the tab, and which hit the cursor is at.
func (d *detail) found() (needle string, at, of int) {
	if d.tab == tabProfile {
		return d.prof.found()
	}
	v := d.viewer()
	at, of = v.Hit()
	return v.Needle(), at, of
}

func (d *detail) percent() (int, bool) {
	if d.tab == tabProfile {
		return d.prof.percent()
	}
	return d.viewer().Percent()
}

func (d *detail) paste(text string) {
	if d.searching {
		d.input.Paste(text)
		d.search(d.input.Text())
	}
}

// back ends the search, or leaves a zoomed frame; it reports whether there was one.
func (d *detail) back(esc bool) bool {
	if !esc {
		return false
	}
	if needle, _, _ := d.found(); needle != "" {
		d.search("")
		return true
	}
	return d.tab == tabProfile && d.prof.back() || d.home()
}

func (d *detail) searchKey(k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, d.keys.Back):
		d.searching = false
		d.search("")
	case key.Matches(k, d.keys.Open):
		d.searching = false
		d.input.Remember()
	default:
		if d.input.Key(k) {
			d.search(d.input.Text())
		}
	}
}

// footView is the search field, or how far the text is.
func (d *detail) footView() string {
	needle, at, of := d.found()
	hits := ""
	if needle != "" {
		hits = fmt.Sprintf("%d of %d ", at, of)
		if of == 0 {
			hits = "not found "
		}
	}
	if d.searching {
		field, _ := d.input.View(max(d.width-5-widget.Width(hits), 1), d.th.Caret)
		return widget.Ends(d.th.Accent.Render(" / ")+field, d.th.Dim.Render(hits), d.width, "")
	}
	left := ""
	if needle != "" {
		left = d.th.Accent.Render(" / ") + clean(needle)
	}
	if d.reveal {
		left += d.th.Warn.Render(" secrets shown")
	}
	right := d.th.Dim.Render(hits)
	if pct, more := d.percent(); more {
		right += d.th.Dim.Render(fmt.Sprintf("%d%% ", pct))
	}
	return widget.Ends(left, right, d.width, d.th.Glyph.Ellipsis)
}
