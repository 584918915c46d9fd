package tui

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// outputLines bounds the lines the page holds; the history has more.
	outputLines = 10000
	// outputBatch is the most that is asked for at once.
	outputBatch = 2000
)

// errorLevel is the Level of a line of pastedev's that tells of a mistake.
const errorLevel = "ERROR"

// outLine is a printed line, made safe to draw.
type outLine struct {
	inspect.Output
	styled string // with the app's own colours
	plain  string // lower case, to be searched
}

// output is the page of what the app prints.
type output struct {
	*shared
	lines  []outLine // oldest first, at most outputLines
	shown  []int     // indices of the lines that pass the filter
	after  int64     // Seq of the newest line
	top    int       // index into shown of the first line that is seen
	follow bool
	wrap   bool
	frozen int // len(shown) when the page stopped following

	editing bool
	input   widget.Input
	filter  string

	dirty, busy bool
	retryAt     time.Time
	err         error
	width       int
	height      int
}

func newOutput(sh *shared) output {
	return output{shared: sh, follow: true, wrap: true, dirty: true}
}

// heard tells in one line of a mistake that the page shows, unless the page is before the
// user's eyes.
func (p *output) heard(mistake string, shown bool) {
	if mistake != "" && !shown {
		p.fail(mistake, errorText(p.keys.Output.Help().Key+" shows it"))
	}
}

// outputMsg brings new lines, made ready to draw.
type outputMsg struct {
	lines []outLine
	full  bool // as many as were asked for: there may be more
	err   error
}

func (p *output) sync() tea.Cmd {
	if !p.dirty || p.busy || p.now.Before(p.retryAt) {
		return nil
	}
	p.dirty, p.busy = false, true
	ctx, src, after := p.ctx, p.src, p.after
	return func() tea.Msg {
		outs, err := src.Outputs(ctx, after, outputBatch)
		m := outputMsg{err: err, full: len(outs) == outputBatch, lines: make([]outLine, 0, len(outs))}
		slices.SortStableFunc(outs, func(a, b inspect.Output) int { return int(min(max(a.Seq-b.Seq, -1), 1)) })
		for _, o := range outs {
			styled := terminalLine(o.Text)
			m.lines = append(m.lines, outLine{o, styled, strings.ToLower(ansi.Strip(styled))})
		}
		return m
	}
}

func (p *output) loaded(m outputMsg) {
	p.busy = false
	p.err = m.err
	if m.err != nil {
		p.dirty, p.retryAt = true, p.now.Add(retryLoad)
		return
	}
	for _, l := range m.lines {
		if l.Seq > p.after {
			p.after = l.Seq
			p.lines = append(p.lines, l)
			if p.passes(l) {
				p.shown = append(p.shown, len(p.lines)-1)
			}
		}
	}
	p.dirty = p.dirty || m.full && len(m.lines) > 0
	p.trim()
	p.scroll(0)
}

// trim drops the oldest lines in one go when there are too many.
func (p *output) trim() {
	over := len(p.lines) - outputLines
	if over <= 0 {
		return
	}
	p.lines = slices.Clone(p.lines[over:])
	gone := sort.SearchInts(p.shown, over)
	p.shown = slices.Clone(p.shown[gone:])
	for i := range p.shown {
		p.shown[i] -= over
	}
	p.top = max(p.top-gone, 0)
	p.frozen = max(p.frozen-gone, 0)
}

func (p *output) passes(l outLine) bool { return p.filter == "" || strings.Contains(l.plain, p.filter) }

// setFilter shows only lines that hold s, ignoring case. The place in the text is
// kept.
func (p *output) setFilter(s string) {
	at := 0
	if p.top < len(p.shown) {
		at = p.shown[p.top]
	}
	p.filter = strings.ToLower(strings.TrimSpace(s))
	p.shown = p.shown[:0]
	for i, l := range p.lines {
		if p.passes(l) {
			p.shown = append(p.shown, i)
		}
	}
	p.top = sort.SearchInts(p.shown, at)
	p.frozen = len(p.shown)
	p.scroll(0)
}

// rows is the number of text lines on the page.
func (p *output) rows() int {
	if p.editing || p.filter != "" {
		return max(p.height-1, 1)
	}
	return max(p.height, 1)
}

func (p *output) resize(w, h int) {
	p.width, p.height = w, h
	p.scroll(0)
}

// last returns the greatest useful top: from it the newest lines fill the page.
func (p *output) last() int {
	i, room := len(p.shown), p.rows()
	for i > 0 {
		room -= p.rowsOf(p.lines[p.shown[i-1]])
		if room < 0 {
			break
		}
		i--
	}
	return min(i, max(len(p.shown)-1, 0))
}

// rowsOf is how many rows a line takes on the page.
func (p *output) rowsOf(l outLine) int {
	if !p.wrap {
		return 1
	}
	room := p.textCells()
	return max((widget.Width(l.styled)+room-1)/room, 1)
}

func (p *output) textCells() int { return max(p.width-4, 8) }

func (p *output) scroll(by int) {
	last := p.last()
	if p.follow && by >= 0 {
		p.top = last
		return
	}
	p.top = max(min(p.top+by, last), 0)
	if by != 0 {
		p.setFollow(p.top == last && by > 0)
	}
}

func (p *output) setFollow(on bool) {
	if p.follow && !on {
		p.frozen = len(p.shown)
	}
	p.follow = on
	if on {
		p.top = p.last()
	}
}

// newer is the number of lines that have come since the page stopped following.
func (p *output) newer() int {
	if p.follow {
		return 0
	}
	return max(len(p.shown)-p.frozen, 0)
}

func (p *output) paste(text string) {
	p.input.Paste(text)
	p.setFilter(p.input.Text())
}

// back clears the filter with esc; it reports whether there was one.
func (p *output) back(esc bool) bool {
	if esc && p.filter != "" {
		p.input.Set("")
		p.setFilter("")
		return true
	}
	return false
}

func (p *output) key(k tea.KeyPressMsg) {
	rows := p.rows()
	switch {
	case p.editing:
		p.filterKey(k)
	case key.Matches(k, p.keys.Up):
		p.scroll(-1)
	case key.Matches(k, p.keys.Down):
		p.scroll(1)
	case key.Matches(k, p.keys.HalfUp):
		p.scroll(-max(rows/2, 1))
	case key.Matches(k, p.keys.HalfDown):
		p.scroll(max(rows/2, 1))
	case key.Matches(k, p.keys.PageUp):
		p.scroll(-rows)
	case key.Matches(k, p.keys.PageDown):
		p.scroll(rows)
	case key.Matches(k, p.keys.Top):
		p.setFollow(false)
		p.top = 0
	case key.Matches(k, p.keys.Bottom):
		p.setFollow(true)
	case key.Matches(k, p.keys.Follow):
		p.setFollow(!p.follow)
	case key.Matches(k, p.keys.Wrap):
		p.wrap = !p.wrap
		p.scroll(0)
	case key.Matches(k, p.keys.Filter):
		p.editing = true
		p.input.Set(p.filter)
	}
}

func (p *output) filterKey(k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, p.keys.Back):
		p.editing = false
		p.back(true)
	case key.Matches(k, p.keys.Open):
		p.editing = false
		p.input.Remember()
	default:
		if p.input.Key(k) {
			p.setFilter(p.input.Text())
		}
	}
}

func (p *output) view() []string {
	ell := p.th.Glyph.Ellipsis
	var lines []string
	if p.editing || p.filter != "" {
		right := p.th.Dim.Render(fmt.Sprintf("%s of %s ", countText(len(p.shown)), countText(len(p.lines))))
		field := clean(p.filter)
		if p.editing {
			field, _ = p.input.View(max(p.width-4-widget.Width(right), 1), p.th.Caret)
		}
		lines = append(lines, widget.Ends(p.th.Accent.Render(" / ")+field, right, p.width, ell))
	}
	if len(p.shown) == 0 {
		lines = append(lines, "", p.th.Dim.Render("  "+p.emptyText()))
		return widget.Lines(lines, p.width, p.height, ell)
	}
	for i := p.top; i < len(p.shown) && len(lines) < p.height; i++ {
		lines = append(lines, p.lineView(p.lines[p.shown[i]])...)
	}
	return widget.Lines(lines, p.width, p.height, ell)
}

func (p *output) emptyText() string {
	switch {
	case p.err != nil:
		return "The output cannot be read: " + clean(p.err.Error())
	case p.filter != "":
		return "No line matches; esc clears the filter"
	}
	return "The app has printed nothing yet"
}

// lineView draws a line with the sign of its stream, folded or cut at the width.
func (p *output) lineView(l outLine) []string {
	sign, text := p.th.Faint.Render(" "+p.th.Glyph.VRule+" "), l.styled
	switch l.Stream {
	case inspect.Stderr:
		sign = p.th.Warn.Render(" ! ")
	case inspect.Pastedev:
		sign = p.th.Accent.Render(" " + p.th.Glyph.OK + " ")
		if l.Level == errorLevel {
			sign = p.th.Bad.Render(" " + p.th.Glyph.Fail + " ")
		}
		text = p.th.Dim.Render(ansi.Strip(text))
	}
	room := p.textCells()
	if !p.wrap || widget.Width(text) <= room {
		return []string{sign + ansi.Truncate(text, room, p.th.Glyph.Ellipsis) + "\x1b[m"}
	}
	folded := foldStyled(text, room)
	for i := range folded {
		folded[i] = sign + folded[i] + "\x1b[m"
		sign = "   "
	}
	return folded
}

func (p *output) hints() []key.Binding {
	k := p.keys
	if p.follow {
		return []key.Binding{k.Filter, k.Wrap, k.Follow, k.Restart, k.Quit}
	}
	return []key.Binding{k.Filter, k.Wrap, k.Bottom, k.Restart, k.Quit}
}
