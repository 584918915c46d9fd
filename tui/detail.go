package tui

import (
	"context"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// detailRefresh is how often an exchange that is under way is read again.
const detailRefresh = 250 * time.Millisecond

// tab is a view of an exchange.
type tab int

const (
	tabOverview tab = iota
	tabRequest
	tabResponse
	tabSubs
	tabLogs
	tabSQL
	tabCalls
	tabProgram
	tabErrors
	tabHTML
	tabProfile
	tabTiming
	tabCount
)

var tabNames = [tabCount]string{"Overview", "Request", "Response", "Sub-requests", "Logs", "SQL", "Calls", "Program", "Errors", "HTML", "Profile", "Timing"}

// maxTraces bounds the failures of one exchange that its detail shows.
const maxTraces = 20

// detail shows one exchange in tabs. Its text is made beside Update, in the command
// that loads it.
type detail struct {
	*shared
	id     inspect.ID        // what shall be shown; "" nothing
	ex     *inspect.Exchange // what is shown
	err    error             // why id cannot be shown
	reveal bool
	tab    tab
	views  [tabCount]widget.Viewer
	folds  [tabCount]outline // of the tabs that fold
	traces []*inspect.Trace  // of ex
	parent *inspect.Summary  // what ex is a sub-request of, where known
	trail  []inspect.ID      // where esc leads back to, from relative to relative
	prof   profileTab

	busy   bool
	due    bool // load and draw again
	loadAt time.Time
	drawn  int // the width that views are made for

	searching bool
	input     widget.Input
	width     int
	height    int
}

func newDetail(sh *shared) detail { return detail{shared: sh, prof: profileTab{shared: sh}} }

func (d *detail) resize(w, h int) {
	d.width, d.height = w, h
	d.prof.resize(w, d.textRows())
	for i := range d.views {
		d.views[i].SetHeight(d.textRows())
		if folding(tab(i)) {
			d.folds[i].resize(d.textRows())
		}
	}
	if d.ex != nil && d.drawn != w {
		d.due = true
	}
}

// textRows is the height of the text: without title, tabs and foot, and where there
// is room a blank line.
func (d *detail) textRows() int {
	if d.height >= rulesHeight {
		return d.height - 4
	}
	return d.height - 3
}

// show makes id the exchange of the detail.
func (d *detail) show(id inspect.ID) {
	if d.id == id {
		return
	}
	d.id, d.err, d.due, d.trail = id, nil, true, nil
}

// maxTrail bounds the way back: a step for each level of sub-requests, and some wandering.
const maxTrail = 32

// visit shows a relative of the exchange that is shown; esc leads back.
func (d *detail) visit(id inspect.ID) {
	trail := append(d.trail[max(0, len(d.trail)-maxTrail+1):], d.id)
	d.show(id)
	d.tab, d.trail = tabOverview, trail
}

// home goes back to where [detail.visit] came from; it reports whether there was one.
func (d *detail) home() bool {
	n := len(d.trail)
	if n == 0 {
		return false
	}
	rest := d.trail[:n-1]
	d.show(d.trail[n-1])
	d.tab, d.trail = tabSubs, rest
	return true
}

// openProfile shows a view of the profile tab.
func (d *detail) openProfile(m profileMode) {
	d.tab, d.prof.mode = tabProfile, m
}

// stale says that colours have changed.
func (d *detail) stale() { d.due = d.id != "" }

// refresh reads an exchange again that was not complete.
func (d *detail) refresh() {
	if d.ex != nil && d.ex.ID == d.id && d.ex.InFlight && d.now.Sub(d.loadAt) >= detailRefresh {
		d.due = true
	}
}

// changed says that exchanges have got more, or failures.
func (d *detail) changed(ids map[inspect.ID]bool) {
	if d.id != "" && ids[d.id] {
		d.due = true
		d.prof.stale()
	}
}

func (d *detail) close() {
	d.id, d.ex, d.err, d.due, d.traces, d.parent, d.trail = "", nil, nil, false, nil, nil, nil
	d.views = [tabCount]widget.Viewer{}
	d.prof.close()
}

// exchangeMsg brings an exchange with the text of its tabs.
type exchangeMsg struct {
	id     inspect.ID
	reveal bool
	width  int
	ex     *inspect.Exchange
	traces []*inspect.Trace
	parent *inspect.Summary
	docs   [tabCount][]string
	err    error
}

// sync loads what shall be shown; one load of each part is under way at a time.
func (d *detail) sync() tea.Cmd {
	var prof tea.Cmd
	if d.tab == tabProfile {
		prof = d.prof.sync()
	}
	return tea.Batch(d.syncExchange(), prof)
}

func (d *detail) syncExchange() tea.Cmd {
	if d.busy || !d.due || d.id == "" || d.width <= 0 {
		return nil
	}
	d.busy, d.due, d.loadAt = true, false, d.now
	ctx, src, id, reveal, width, th := d.ctx, d.src, d.id, d.reveal, d.width, d.th
	return func() tea.Msg {
		m := exchangeMsg{id: id, reveal: reveal, width: width}
		m.ex, m.err = src.Exchange(ctx, id, reveal)
		if m.err == nil {
			w := writer{th: th, width: width}
			for _, n := range m.ex.Traces[:min(len(m.ex.Traces), maxTraces)] {
				if t, err := src.Trace(ctx, countlessText(n), reveal); err == nil {
					m.traces = append(m.traces, t)
				}
			}
			m.parent = parentOf(ctx, src, m.ex)
			m.docs = w.exchange(m.ex, m.traces, m.parent)
		}
		return m
	}
}

// parentOf returns what ex is a sub-request of, nil where that is not known (any more).
func parentOf(ctx context.Context, src Source, ex *inspect.Exchange) *inspect.Summary {
	if ex.Parent == "" {
		return nil
	}
	list, err := src.Exchanges(ctx, inspect.ListRequest{Query: "id:" + string(ex.Parent), Limit: 1})
	if err != nil || len(list.Items) == 0 {
		return nil
	}
	return &list.Items[0]
}

func (d *detail) loaded(m exchangeMsg) {
	d.busy = false
	if m.id != d.id || m.reveal != d.reveal {
		return
	}
	if m.err != nil {
		d.err, d.ex = m.err, nil
		return
	}
	fresh := d.ex == nil || d.ex.ID != m.id
	d.ex, d.traces, d.parent, d.err, d.drawn = m.ex, m.traces, m.parent, nil, m.width
	d.prof.show(m.ex)
	for i := range d.views {
		if folding(tab(i)) {
			if fresh {
				d.folds[i] = newOutline(d.shared)
				d.folds[i].resize(d.textRows())
			}
			d.draw(tab(i))
			if fresh {
				d.folds[i].first()
			}
			continue
		}
		if fresh {
			d.views[i] = widget.Viewer{}
		}
		d.views[i].SetHeight(d.textRows())
		d.views[i].SetLines(m.docs[i])
	}
	if m.width != d.width {
		d.due = true
	}
}

func (d *detail) key(k tea.KeyPressMsg) tea.Cmd {
	if d.searching {
		d.searchKey(k)
		return nil
	}
	if d.tab == tabProfile && d.ex != nil {
		if cmd, ok := d.prof.key(k); ok {
			return cmd
		}
	}
	switch {
	case key.Matches(k, d.keys.NextTab):
		d.turn(1)
	case key.Matches(k, d.keys.PrevTab):
		d.turn(-1)
	case key.Matches(k, d.keys.Reveal):
		d.reveal = !d.reveal
		d.due = d.id != ""
		if d.reveal {
			d.say("secrets are shown; x masks them")
		} else {
			d.say("secrets are masked")
		}
	case key.Matches(k, d.keys.Filter):
		d.searching = true
		d.input.Set("")
	case folding(d.tab):
		return d.foldKey(k)
	default:
		scrollKey(&d.views[d.tab], d.keys, k)
	}
	return nil
}

// scrollKey moves a viewer, and walks through its hits.
func scrollKey(v *widget.Viewer, keys KeyMap, k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, keys.Up):
		v.Scroll(-1)
	case key.Matches(k, keys.Down):
		v.Scroll(1)
	case key.Matches(k, keys.HalfUp):
		v.Page(-1)
	case key.Matches(k, keys.HalfDown):
		v.Page(1)
	case key.Matches(k, keys.PageUp):
		v.Page(-2)
	case key.Matches(k, keys.PageDown):
		v.Page(2)
	case key.Matches(k, keys.Top):
		v.Top()
	case key.Matches(k, keys.Bottom):
		v.Bottom()
	case key.Matches(k, keys.NextHit):
		v.Next(1)
	case key.Matches(k, keys.PrevHit):
		v.Next(-1)
	}
}

// view draws the detail in its size; focused says that it has the keys.
func (d *detail) view(focused bool) []string {
	w, ell := d.width, d.th.Glyph.Ellipsis
	lines := []string{d.titleView(focused), d.tabsView(focused)}
	if d.height >= rulesHeight {
		lines = append(lines, "")
	}
	switch {
	case d.id == "":
		lines = append(lines, "", d.th.Dim.Render("  Nothing selected"))
	case d.err != nil:
		lines = append(lines, "", d.th.Bad.Render("  "+d.th.Glyph.Fail+" "+clean(d.err.Error())))
	case d.ex == nil:
		lines = append(lines, "", d.th.Dim.Render("  Loading"+ell))
	case d.tab == tabProfile:
		lines = append(lines, d.prof.view(focused)...)
	case folding(d.tab):
		lines = append(lines, d.folds[d.tab].view(w, focused)...)
	default:
		lines = append(lines, d.views[d.tab].View(w, d.th.Match, d.th.Here, ell)...)
	}
	lines = widget.Lines(lines, w, d.height-1, ell)
	return append(lines, widget.Fit(d.footView(), w, ell))
}

func (d *detail) titleView(focused bool) string {
	if d.ex == nil {
		return ""
	}
	s := d.ex.Summary
	glyph, word, st := outcome(d.th, s)
	title := d.th.Strong
	if focused {
		title = d.th.Accent
	}
	left := " " + st.Render(glyph+" "+word) + "  " + methodStyle(d.th, s.Method).Render(clean(s.Method)) + " "
	right := d.th.Dim.Render("  " + elapsed(d.now, s) + "  " + inspect.FormatSize(s.ResponseSize) + " ")
	path, query := pathAndQuery(s)
	room := d.width - widget.Width(left) - widget.Width(right)
	if room < min(widget.Width(path+query), minPath) {
		room, right = d.width-widget.Width(left), ""
	}
	return left + title.Render(widget.FitPath(path, query, room, d.th.Glyph.Ellipsis)) + right
}

// pathOf is the path with its query.
func pathOf(s inspect.Summary) string {
	path, query := pathAndQuery(s)
	return path + query
}

// pathAndQuery are the path, or the host of a tunnel, and the query with its question mark.
func pathAndQuery(s inspect.Summary) (path, query string) {
	if _, q, ok := strings.Cut(s.URL, "?"); ok && s.Kind != inspect.KindTunnel {
		query = clean("?" + readable(q))
	}
	if s.Path == "" && query == "" {
		return clean(s.Host), ""
	}
	return clean(s.Path), query
}
