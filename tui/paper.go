package tui

import (
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

// paper is a text that lies over the page of the requests until it is left: the stacks
// of goroutines, a comparison.
type paper struct {
	*shared
	outline
	title string
	note  string
	plain string        // what the copy key copies
	write func(*folder) // nil: still loading
	err   error

	width, height, drawn int
}

// paperText is the content of a paper.
type paperText struct {
	note, plain string
	write       func(*folder)
}

// paperMsg fills a paper.
type paperMsg struct {
	paper *paper
	text  paperText
	err   error
}

func newPaper(sh *shared, title string) *paper {
	return &paper{shared: sh, outline: newOutline(sh), title: title}
}

func (p *paper) loaded(m paperMsg) {
	p.err, p.note, p.plain, p.write = m.err, m.text.note, m.text.plain, m.text.write
	if m.err != nil {
		p.write = nil
	}
	p.draw()
	if i := slices.IndexFunc(p.rows, func(r foldRow) bool { return r.at.Line > 0 }); i >= 0 && i < p.view_.Height() {
		p.to(i)
	}
}

func (p *paper) resize(w, h int) {
	p.width, p.height = w, h
	p.outline.resize(max(h-3, 1))
	if p.drawn != w {
		p.draw()
	}
}

// draw makes the text for the width.
func (p *paper) draw() {
	if p.write == nil || p.width == 0 {
		return
	}
	p.drawn = p.width
	f := folder{th: p.th, width: p.width, flip: p.flip, frame: -1}
	p.write(&f)
	p.set(f.take())
}

// back ends the search; it reports whether there was one.
func (p *paper) back(esc bool) bool {
	if esc && p.view_.Needle() != "" {
		p.view_.Search("")
		return true
	}
	return false
}

func (p *paper) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case p.searching:
		p.searchKey(k)
	case key.Matches(k, p.keys.Filter):
		p.searching = true
		p.input.Set("")
	case key.Matches(k, p.keys.Edit), key.Matches(k, p.keys.Open):
		r, _ := p.row()
		return openEditor(p.shared, r.at, 0)
	default:
		p.move(k)
	}
	return nil
}

func (p *paper) searchKey(k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, p.keys.Back):
		p.searching = false
		p.view_.Search("")
	case key.Matches(k, p.keys.Open):
		p.searching = false
		p.input.Remember()
	default:
		if p.input.Key(k) {
			p.search(p.input.Text())
		}
	}
}

func (p *paper) view() []string {
	th, ell := p.th, p.th.Glyph.Ellipsis
	lines := []string{widget.Ends(" "+th.Accent.Render(clean(p.title)), th.Dim.Render(clean(p.note)+" "), p.width, ell), ""}
	switch {
	case p.err != nil:
		lines = append(lines, errorLines(th, p.err, p.width)[1:]...)
	case p.write == nil:
		lines = append(lines, th.Dim.Render("  Loading"+ell))
	default:
		lines = append(lines, p.outline.view(p.width, true)...)
	}
	lines = widget.Lines(lines, p.width, p.height-1, ell)
	return append(lines, widget.Fit(p.footView(), p.width, ell))
}

func (p *paper) footView() string {
	right := ""
	if at, of := p.view_.Hit(); of > 0 {
		right = strconv.Itoa(at) + " of " + strconv.Itoa(of) + " "
	} else if p.view_.Needle() != "" {
		right = "not found "
	} else if pct, more := p.view_.Percent(); more {
		right = strconv.Itoa(pct) + "% "
	}
	right = p.th.Dim.Render(right)
	if p.searching {
		field, _ := p.input.View(max(p.width-5-widget.Width(right), 1), p.th.Caret)
		return widget.Ends(p.th.Accent.Render(" / ")+field, right, p.width, "")
	}
	left := ""
	if n := p.view_.Needle(); n != "" {
		left = p.th.Accent.Render(" / ") + clean(n)
	}
	return widget.Ends(left, right, p.width, p.th.Glyph.Ellipsis)
}

func (p *paper) hints() []key.Binding {
	k := p.keys
	return []key.Binding{k.Back, k.Down, k.Edit, searchHint(k), k.Copy}
}

// stacks writes the stacks of goroutines, as the runtime prints them.
func (f *folder) stacks(text string) {
	f.frame = -1
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		f.at = inspect.Location{}
		switch {
		case strings.HasPrefix(l, "goroutine "):
			f.cut(1, f.th.Strong.Render(clean(l)))
		case strings.HasPrefix(l, "\t"):
			f.at = stackPlace(l)
			f.cut(5, f.th.Dim.Render(clean(strings.TrimSpace(l))))
		case l == "":
			f.blank()
		default:
			if i+1 < len(lines) {
				f.at = stackPlace(lines[i+1])
			}
			f.cut(3, clean(l))
		}
	}
	f.at = inspect.Location{}
}

// stackPlace reads the line of a stack that says where: "\t/src/a.go:12 +0x1d".
func stackPlace(line string) inspect.Location {
	line, ok := strings.CutPrefix(line, "\t")
	if !ok {
		return inspect.Location{}
	}
	line, _, _ = strings.Cut(line, " +0x")
	i := strings.LastIndexByte(line, ':')
	if i <= 0 {
		return inspect.Location{}
	}
	n, err := strconv.Atoi(line[i+1:])
	if err != nil {
		return inspect.Location{}
	}
	return inspect.Location{File: line[:i], Path: line[:i], Line: n}
}
