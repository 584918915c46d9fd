package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// buildLimit is how many builds the page shows.
const buildLimit = 200

// builds is the page of the builds, newest first, with the findings of one.
type builds struct {
	*shared
	list   []inspect.Build
	number int // the selected build; 0 the newest, whichever it is
	top    int

	open      bool
	view_     widget.Viewer
	searching bool
	input     widget.Input

	dirty, busy, asked bool
	retryAt            time.Time
	err                error
	width, height      int
}

// buildsMsg is the answer to a load.
type buildsMsg struct {
	list []inspect.Build
	err  error
}

func (p *builds) sync() tea.Cmd {
	if p.busy || p.asked && !p.dirty || p.now.Before(p.retryAt) {
		return nil
	}
	p.busy, p.dirty, p.asked = true, false, true
	ctx, src := p.ctx, p.src
	return func() tea.Msg {
		list, err := src.Builds(ctx, buildLimit)
		return buildsMsg{list, err}
	}
}

func (p *builds) loaded(m buildsMsg) {
	p.busy, p.err = false, m.err
	if m.err != nil {
		p.dirty, p.retryAt = true, p.now.Add(retryLoad)
		return
	}
	p.list = m.list
	p.restyle()
}

// cursor is the index of the selected build.
func (p *builds) cursor() int {
	for i, b := range p.list {
		if b.Number == p.number {
			return i
		}
	}
	return 0
}

func (p *builds) selected() (inspect.Build, bool) {
	if len(p.list) == 0 {
		return inspect.Build{}, false
	}
	return p.list[p.cursor()], true
}

// move selects by so many rows further down; the first row is the newest build,
// whichever that will be.
func (p *builds) move(by int) {
	if len(p.list) == 0 {
		return
	}
	i := max(min(p.cursor()+by, len(p.list)-1), 0)
	p.number = p.list[i].Number
	if i == 0 {
		p.number = 0
	}
	p.scroll()
}

func (p *builds) rows() int { return max(p.height-1, 1) }

func (p *builds) scroll() {
	c := p.cursor()
	p.top = max(min(p.top, c), c-p.rows()+1, 0)
}

func (p *builds) resize(w, h int) {
	p.view_.SetHeight(h - 1)
	if w != p.width {
		p.width = w
		p.restyle()
	}
	p.height = h
	p.scroll()
}

// restyle makes the text of the open build anew.
func (p *builds) restyle() {
	if b, ok := p.selected(); ok && p.open {
		w := writer{th: p.th, width: p.width}
		w.build(b)
		p.view_.SetLines(w.take())
	}
}

func (p *builds) back() bool {
	if !p.open {
		return false
	}
	if p.view_.Needle() != "" {
		p.view_.Search("")
	} else {
		p.open = false
	}
	return true
}

func (p *builds) paste(text string) {
	p.input.Paste(text)
	p.view_.Search(p.input.Text())
}

func (p *builds) key(k tea.KeyPressMsg) {
	switch {
	case p.searching:
		p.searchKey(k)
	case p.open && key.Matches(k, p.keys.Filter):
		p.searching = true
		p.input.Set("")
	case p.open:
		scrollKey(&p.view_, p.keys, k)
	default:
		p.listKey(k)
	}
}

func (p *builds) listKey(k tea.KeyPressMsg) {
	by, moves := listStep(p.keys, k, p.rows(), len(p.list))
	switch {
	case moves:
		p.move(by)
	case key.Matches(k, p.keys.Open):
		if b, ok := p.selected(); ok {
			p.open, p.number = true, b.Number
			p.view_ = widget.Viewer{}
			p.view_.SetHeight(p.height - 1)
			p.restyle()
		}
	}
}

func (p *builds) searchKey(k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, p.keys.Back):
		p.searching = false
		p.view_.Search("")
	case key.Matches(k, p.keys.Open):
		p.searching = false
	default:
		if p.input.Key(k) {
			p.view_.Search(p.input.Text())
		}
	}
}

func (p *builds) view() []string {
	ell := p.th.Glyph.Ellipsis
	if p.open {
		lines := p.view_.View(p.width, p.th.Match, p.th.Here, ell)
		foot := ""
		if p.searching {
			f, _ := p.input.View(max(p.width-4, 1), p.th.Caret)
			foot = p.th.Accent.Render(" / ") + f
		} else if at, of := p.view_.Hit(); of > 0 {
			foot = p.th.Dim.Render(fmt.Sprintf(" %s: %d of %d", clean(p.view_.Needle()), at, of))
		}
		return widget.Lines(append(lines[:min(len(lines), p.height-1)], foot), p.width, p.height, ell)
	}
	lines := []string{p.th.Dim.Render(widget.Fit("  build  result    "+widget.FitLeft("time", timeCells, "")+"   age  cause", p.width, ell))}
	if len(p.list) == 0 {
		text := "Nothing was built yet"
		if p.err != nil {
			text = "The builds cannot be read: " + clean(p.err.Error())
		}
		lines = append(lines, "", p.th.Dim.Render("  "+text))
	}
	c := p.cursor()
	for i := p.top; i < len(p.list) && len(lines) < p.height; i++ {
		lines = append(lines, p.row(p.list[i], i == c))
	}
	return widget.Lines(lines, p.width, p.height, ell)
}

// row draws one build.
func (p *builds) row(b inspect.Build, sel bool) string {
	on := func(st lipgloss.Style) lipgloss.Style { return p.th.On(st, sel) }
	mark := on(p.th.Text).Render("  ")
	if sel {
		mark = on(p.th.Accent).Render(p.th.Glyph.Cursor) + on(p.th.Text).Render(" ")
	}
	glyph, word, st := buildOutcome(p.th, b)
	took := b.Duration.Duration()
	if b.Result == inspect.BuildUnfinished {
		took = max(p.now.Sub(b.Start), 0)
	}
	line := mark +
		on(p.th.Strong).Render(widget.FitLeft(strconv.Itoa(b.Number), 5, "")+"  ") +
		on(st).Render(widget.Fit(glyph+" "+word, 10, "")) +
		on(p.th.Text).Render(widget.FitLeft(inspect.FormatDuration(took), timeCells, "")) +
		on(p.th.Dim).Render("  "+widget.FitLeft(ageText(p.now, b.Start), ageCells, "")+"  ")
	cause, causeStyle := buildCause(b), p.th.Text
	if d, ok := firstError(b); ok {
		cause, causeStyle = place(d)+" "+d.Message, p.th.Bad
	}
	if b.Mount != "" {
		line += on(p.th.Accent.Bold(false)).Render(clean(b.Mount)) + on(p.th.Text).Render("  ")
	}
	rest := max(p.width-widget.Width(line), 0)
	return line + on(causeStyle).Render(widget.Fit(clean(cause), rest, p.th.Glyph.Ellipsis))
}

// buildOutcome gives the glyph, the word and the style of how a build went.
func buildOutcome(th theme.Theme, b inspect.Build) (glyph, word string, st lipgloss.Style) {
	switch b.Result {
	case inspect.BuildOK:
		return th.Glyph.OK, "ok", th.Good
	case inspect.BuildFailed:
		return th.Glyph.Fail, "failed", th.Bad
	case inspect.BuildCanceled:
		return th.Glyph.Plain, "canceled", th.Dim
	case inspect.BuildUnfinished:
		return th.Glyph.Pending, "building", th.Info
	}
	return th.Glyph.Plain, clean(string(b.Result)), th.Dim
}

func buildCause(b inspect.Build) string {
	var parts []string
	if len(b.Cause) > 0 {
		parts = append(parts, strings.Join(b.Cause, ", "))
	} else {
		parts = append(parts, "first build")
	}
	if b.Result == inspect.BuildUnfinished && b.Total > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s", b.Done, plural(b.Total, "package")))
	}
	if b.Result == inspect.BuildOK && !b.Instrumented {
		parts = append(parts, "(plain)")
	}
	return strings.Join(parts, "  ")
}

// firstError returns the finding that stopped a build.
func firstError(b inspect.Build) (inspect.Diagnostic, bool) {
	if b.Result == inspect.BuildOK {
		return inspect.Diagnostic{}, false
	}
	for _, d := range b.Diagnostics {
		if d.Severity == inspect.SeverityError {
			return d, true
		}
	}
	return inspect.Diagnostic{}, false
}

func errorCount(b inspect.Build) (n int) {
	for _, d := range b.Diagnostics {
		if d.Severity == inspect.SeverityError {
			n++
		}
	}
	return n
}

// place is "file:line:column:" as compilers and editors write it, or "".
func place(d inspect.Diagnostic) string {
	if d.File == "" {
		return ""
	}
	s := d.File
	if d.Line > 0 {
		s += ":" + strconv.Itoa(d.Line)
		if d.Column > 0 {
			s += ":" + strconv.Itoa(d.Column)
		}
	}
	return s + ":"
}

func (p *builds) hints() []key.Binding {
	k := p.keys
	if p.open {
		return []key.Binding{k.Back, k.Down, searchHint(k), k.Restart}
	}
	return []key.Binding{k.Open, k.Restart, k.Quit}
}
