package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// columns are the widths of the list's fields; 0 leaves a field out.
type columns struct{ host, path, mount, kind, logs, calls, sql, size, time, age int }

// sumsWidth is from where what happened inside has fields of its own.
const sumsWidth = 116

// Widths of the fields that do not grow.
const (
	statusCells = 5 // glyph, blank, three digits
	methodCells = 7 // DELETE, OPTIONS
	hostCells   = 22
	kindCells   = 7
	sizeCells   = 8
	timeCells   = 8
	ageCells    = 4
	logsCells   = 4
	callsCells  = 5
	sqlCells    = 12 // "120  99.9 ms"
	minPath     = 20

	// From mountWidth on the mount has a field, where there are several; it is as wide as
	// the widest of them within these bounds.
	mountWidth                   = 120
	minMountCells, maxMountCells = 5, 14
)

// fitColumns drops fields, the least telling first, until the path has room.
func fitColumns(width int, hosts bool, mount int, sums inspect.Sums) columns {
	c := columns{kind: kindCells, size: sizeCells, time: timeCells, age: ageCells}
	if hosts {
		c.host = hostCells
	}
	if width >= mountWidth {
		c.mount = mount
	}
	if width >= sumsWidth {
		if sums.SQL > 0 {
			c.sql = sqlCells
		}
		if sums.Calls > 0 {
			c.calls = callsCells
		}
		if sums.Logs > 0 {
			c.logs = logsCells
		}
	}
	fixed := 2 + statusCells + 2 + methodCells + 1
	for _, drop := range []*int{nil, &c.mount, &c.logs, &c.calls, &c.kind, &c.host, &c.sql, &c.size, &c.age, &c.time} {
		if drop != nil {
			*drop = 0
		}
		rest := width - fixed
		for _, n := range []int{c.host, c.mount, c.kind, c.logs, c.calls, c.sql, c.size, c.time, c.age} {
			if n > 0 {
				rest -= n + 2
			}
		}
		c.path = rest - 1
		if rest >= minPath {
			break
		}
	}
	c.path = max(c.path, 0)
	return c
}

// view draws the page in exactly width by height cells.
func (p *requests) view() []string {
	if p.paper != nil {
		return p.paper.view()
	}
	if p.open && !p.split() {
		return p.detail.view(true)
	}
	list := p.listView(p.listWidth())
	if !p.split() {
		return list
	}
	side := p.detail.view(p.open)
	bar := p.th.Faint.Render(p.th.Glyph.VRule)
	for i := range list {
		list[i] += bar + side[i]
	}
	return list
}

func (p *requests) listView(w int) []string {
	ell := p.th.Glyph.Ellipsis
	lines := p.filterView(w)
	c := fitColumns(w, p.manyHosts(), p.mountCells(), p.seenSums())
	lines = append(lines, p.headings(c, w))
	if len(p.win.rows) == 0 {
		lines = append(lines, p.emptyView(w, p.win.height)...)
		return widget.Lines(lines, w, p.height, ell)
	}
	end := min(p.win.top+p.win.height, len(p.win.rows))
	for i := p.win.top; i < end; i++ {
		lines = append(lines, p.row(p.win.rows[i], c, w, i == p.win.cursor))
	}
	return widget.Lines(lines, w, p.height, ell)
}

// mountCells is the width of the mounts that are seen; 0 when there are not several.
func (p *requests) mountCells() int {
	end := min(p.win.top+p.win.height, len(p.win.rows))
	several, cells := false, minMountCells
	for i := p.win.top; i < end; i++ {
		m := p.win.rows[i].Mount
		several = several || m != p.win.rows[p.win.top].Mount
		cells = max(cells, widget.Width(clean(m)))
	}
	if !several {
		return 0
	}
	return min(cells, maxMountCells)
}

func (p *requests) manyHosts() bool {
	end := min(p.win.top+p.win.height, len(p.win.rows))
	for i := p.win.top + 1; i < end; i++ {
		if p.win.rows[i].Host != p.win.rows[p.win.top].Host {
			return true
		}
	}
	return false
}

func (p *requests) headings(c columns, w int) string {
	var b strings.Builder
	b.WriteString("  " + widget.Fit("status", statusCells+2, "") + widget.Fit("method", methodCells+1, ""))
	if c.host > 0 {
		b.WriteString(widget.Fit("host", c.host+2, ""))
	}
	b.WriteString(widget.Fit("path", c.path, ""))
	if c.mount > 0 {
		b.WriteString("  " + widget.Fit("mount", c.mount, ""))
	}
	if c.kind > 0 {
		b.WriteString("  " + widget.Fit("type", c.kind, ""))
	}
	right := func(s string, n int) {
		if n > 0 {
			b.WriteString("  " + widget.FitLeft(s, n, ""))
		}
	}
	right("logs", c.logs)
	right("calls", c.calls)
	right("sql", c.sql)
	right("size", c.size)
	right("time", c.time)
	right("age", c.age)
	return p.th.Dim.Render(widget.Fit(b.String(), w, ""))
}

// row draws one exchange.
func (p *requests) row(s inspect.Summary, c columns, w int, sel bool) string {
	on := func(st lipgloss.Style) lipgloss.Style { return p.th.On(st, sel) }
	text, dim := on(p.th.Text), on(p.th.Dim)
	ell := p.th.Glyph.Ellipsis
	mark := "  "
	if sel {
		mark = on(p.th.Accent).Render(p.th.Glyph.Cursor) + text.Render(" ")
	}
	glyph, word, st := outcome(p.th, s)
	var b strings.Builder
	b.WriteString(mark)
	b.WriteString(on(st).Render(widget.Fit(glyph+" "+word, statusCells+2, "")))
	b.WriteString(on(methodStyle(p.th, s.Method)).Render(widget.Fit(clean(s.Method), methodCells, ell) + " "))
	if c.host > 0 {
		b.WriteString(dim.Render(widget.Fit(clean(s.Host), c.host, ell) + "  "))
	}
	b.WriteString(p.path(s, c.path, sel))
	field := func(st lipgloss.Style, s string, n int, left bool) {
		if n == 0 {
			return
		}
		if left {
			s = widget.Fit(s, n, ell)
		} else {
			s = widget.FitLeft(s, n, ell)
		}
		b.WriteString(st.Render("  " + s))
	}
	field(dim, clean(s.Mount), c.mount, true)
	field(dim, clean(typeText(s.ContentType)), c.kind, true)
	field(dim, countOrBlank(s.Sums.Logs), c.logs, false)
	field(dim, countOrBlank(s.Sums.Calls), c.calls, false)
	field(on(p.sqlStyle(s)), sqlText(s.Sums), c.sql, false)
	size := ""
	if s.Status != 0 || s.ResponseSize > 0 {
		size = inspect.FormatSize(s.ResponseSize)
	}
	field(dim, size, c.size, false)
	field(on(p.speed(s)), elapsed(p.now, s), c.time, false)
	field(dim, ageText(p.now, s.Start), c.age, false)
	return fill(b.String(), w, text)
}

// fill widens a drawn line to w cells in the style of its row.
func fill(line string, w int, st lipgloss.Style) string {
	n := widget.Width(line)
	switch {
	case n > w:
		return ansi.Truncate(line, w, "")
	case n < w:
		return line + st.Render(strings.Repeat(" ", w-n))
	}
	return line
}

// outcome gives the glyph, the word and the style of how an exchange went.
func outcome(th theme.Theme, s inspect.Summary) (glyph, word string, st lipgloss.Style) {
	g := th.Glyph
	word = strconv.Itoa(s.Status)
	switch {
	case s.InFlight && s.Status == 0:
		return g.Pending, "...", th.Info
	case s.InFlight:
		return g.Pending, word, th.Info
	case s.Status == 0 && s.Error != "":
		return g.Fail, "err", th.Bad
	case s.Status == 0:
		return g.Plain, "-", th.Dim
	case s.Error != "" || s.Status >= 500:
		return g.Fail, word, th.Bad
	case s.Status >= 400:
		return g.Warn, word, th.Warn
	case s.Status >= 300, s.Status < 200:
		return g.Redirect, word, th.Info
	}
	return g.OK, word, th.Good
}

// methodStyle sets requests that change something apart from those that read.
func methodStyle(th theme.Theme, method string) lipgloss.Style {
	if safeMethod(method) {
		return th.Dim
	}
	return th.Strong
}

// safeMethod reports whether a method only reads (RFC 9110, 9.2.1).
func safeMethod(m string) bool {
	return m == "GET" || m == "HEAD" || m == "OPTIONS" || m == "TRACE"
}

// elapsed is the duration, counted on while the exchange is under way.
func elapsed(now time.Time, s inspect.Summary) string {
	if s.InFlight {
		return countingUp(now.Sub(s.Start))
	}
	return inspect.FormatDuration(s.Duration.Duration())
}

// slow is from where a duration is worth a look: what a person begins to feel.
const slowMillis, verySlowMillis = 200, 1000

func (p *requests) speed(s inspect.Summary) lipgloss.Style {
	switch ms := s.Duration.Duration().Milliseconds(); {
	case stuck(p.now, s):
		return p.th.Warn
	case s.InFlight:
		return p.th.Info
	case ms >= verySlowMillis && s.Kind == inspect.KindHTTP:
		return p.th.Bad
	case ms >= slowMillis && s.Kind == inspect.KindHTTP:
		return p.th.Warn
	}
	return p.th.Text
}

// filterView draws the filter field, and below it what is wrong with the query.
func (p *requests) filterView(w int) []string {
	if p.filterRows() == 0 {
		return nil
	}
	label := p.th.Accent.Render(" / ")
	right := ""
	if p.win.lastMatch >= 0 && p.qerr == nil && p.query != "" {
		right = p.th.Dim.Render(countText(p.win.lastMatch) + " of " + countText(p.win.total) + " ")
	}
	room := max(w-3-widget.Width(right)-1, 1)
	field, offset := "", 0
	if p.typed {
		field, offset = p.input.View(room, p.th.Caret)
	} else {
		field = widget.Fit(clean(p.wanted), room, p.th.Glyph.Ellipsis)
	}
	if p.typed && p.input.Text() == "" {
		ghost := widget.Fit("status:5xx  method:POST  path:/cart*  dur>200ms", max(room-2, 0), p.th.Glyph.Ellipsis)
		field = widget.Fit(p.th.Caret.Render(" ")+" "+p.th.Faint.Render(ghost), room, "")
	}
	lines := []string{widget.Ends(label+field, right, w, "")}
	if line, ok := p.completionView(w); ok && p.typed {
		return append(lines, line)
	}
	switch {
	case p.qerr != nil:
		lines = append(lines, p.queryErrorView(w, offset))
	case p.typed:
		lines = append(lines, "")
	}
	return lines
}

// queryErrorView draws the caret under the fault and the message behind it.
func (p *requests) queryErrorView(w, offset int) string {
	pos := min(max(p.qerr.Pos, 0), len(p.bad))
	end := min(max(pos+p.qerr.Len, pos), len(p.bad))
	from := widget.Width(clean(p.bad[:pos])) - offset
	carets := max(widget.Width(clean(p.bad[pos:end])), 1)
	msg := clean(p.qerr.Message)
	if s := p.qerr.Suggestion; s != "" {
		msg += "  did you mean " + clean(s) + "?"
	}
	mark := strings.Repeat("^", min(carets, max(w/3, 1)))
	need := widget.Width(msg) + 1
	left := strings.Repeat(" ", max(from, 0))
	if from+len(mark)+need+4 > w && from-1 > need { // no room at the right: write before the caret
		return p.th.Bad.Render(widget.Fit("   "+widget.FitLeft(msg+" ", from, "")+mark, w, ""))
	}
	return p.th.Bad.Render(widget.Fit("   "+left+mark+" "+msg, w, p.th.Glyph.Ellipsis))
}

// emptyView says why the list is empty, and what to do.
func (p *requests) emptyView(w, h int) []string {
	title, hint := "No requests yet", "open the app in a browser: press o"
	if p.query != "" {
		title, hint = "No request matches", "esc clears the filter"
	}
	if p.err != nil {
		title, hint = "The history cannot be read", clean(p.err.Error())
	}
	lines := make([]string, 0, h)
	for range max(h/3, 0) {
		lines = append(lines, "")
	}
	center := func(s string, st lipgloss.Style) string {
		return strings.Repeat(" ", max((w-widget.Width(s))/2, 0)) + st.Render(s)
	}
	return append(lines, center(title, p.th.Strong), center(hint, p.th.Dim))
}

// hints are the keys that the bottom line shows.
func (p *requests) hints() []key.Binding {
	k := p.keys
	s, _ := p.current()
	list := []key.Binding{k.Open, k.Filter, k.Copy, k.Replay, k.Bottom, k.Restart, k.Quit, k.Profile}
	if p.win.follow {
		list[4] = k.Browse
	}
	if p.query == "" && (s.Subs > 0 || s.Parent != "") {
		list = slices.Insert(list, 1, k.Subs)
	}
	switch {
	case p.paper != nil:
		return p.paper.hints()
	case p.open && p.detail.tab == tabProfile && !s.InFlight:
		return p.detail.prof.hints()
	case p.open && folding(p.detail.tab):
		open := k.Open
		if p.detail.tab != tabErrors && p.detail.tab != tabSubs {
			open.SetHelp(open.Help().Key, "unfold")
		}
		return []key.Binding{k.Back, k.NextTab, open, k.Edit, k.Older, k.Newer, searchHint(k), k.Copy, k.Replay, k.Profile}
	case p.open && s.InFlight:
		return []key.Binding{k.Back, k.NextTab, k.Stacks, k.End, k.Older, k.Newer, searchHint(k), k.Copy}
	case p.open:
		return []key.Binding{k.Back, k.NextTab, k.Older, k.Newer, searchHint(k), k.Copy, k.Replay, k.Reveal, k.Profile}
	case s.InFlight:
		return []key.Binding{k.Open, k.Stacks, k.End, k.Filter, k.Copy, k.Bottom, k.Quit}
	}
	return list
}
