package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
)

// folder makes the rows of an [outline].
type folder struct {
	th     theme.Theme
	width  int
	flip   map[string]bool
	rows   []foldRow
	in     []int // the open folds, outermost first
	frame  int
	at     inspect.Location
	trace  int64
	opens  inspect.ID
	answer string
	around int // lines of source shown before and after the one that matters; 0: all there are
}

// push writes one row as it is.
func (f *folder) push(r foldRow) {
	if len(f.rows) >= docLimit {
		return
	}
	r.up, r.frame, r.trace, r.ex, r.answer = -1, f.frame, f.trace, f.opens, f.answer
	f.answer = ""
	if n := len(f.in); n > 0 {
		r.up = f.in[n-1]
	}
	if r.at.Line == 0 {
		r.at = f.at
	}
	f.rows = append(f.rows, r)
}

func (f *folder) blank() { f.push(foldRow{}) }

// cut writes a styled line, cut at the width.
func (f *folder) cut(indent int, styled string) {
	f.push(foldRow{text: ansi.Truncate(repeat(" ", indent)+styled, f.width, f.th.Glyph.Ellipsis)})
}

// text writes a styled text, folded at the width between words.
func (f *folder) text(indent int, styled string) {
	pad := repeat(" ", indent)
	for _, l := range strings.Split(wrapStyled(styled, max(f.width-indent-1, 8)), "\n") {
		plain := ansi.Strip(l)
		if n := len(plain) - len(strings.TrimLeft(plain, " ")); n > 0 { // the blank that the fold was at
			l = ansi.TruncateLeft(l, n, "")
		}
		f.push(foldRow{text: pad + l})
	}
}

// hard is text for what is no prose: it is folded anywhere.
func (f *folder) hard(indent int, styled string) {
	pad := repeat(" ", indent)
	for _, l := range foldStyled(styled, max(f.width-indent-1, 8)) {
		f.push(foldRow{text: pad + l})
	}
}

func (f *folder) heading(styled string) {
	if len(f.rows) > 0 {
		f.blank()
	}
	f.cut(1, f.th.Strong.Render(styled))
}

// fold writes the head of something that folds. When it is open it reports true: what
// is written until [folder.end] is in it.
func (f *folder) fold(indent int, name string, open bool, styled string) bool {
	open = open != f.flip[name]
	mark := f.th.Glyph.Shut
	if open {
		mark = f.th.Glyph.Open
	}
	line := repeat(" ", indent) + f.th.Dim.Render(mark) + " " + styled
	f.push(foldRow{text: ansi.Truncate(line, f.width, f.th.Glyph.Ellipsis), fold: name, open: open})
	if !open || len(f.rows) >= docLimit {
		return false
	}
	f.in = append(f.in, len(f.rows)-1)
	return true
}

func (f *folder) end() { f.in = f.in[:len(f.in)-1] }

// take returns the rows; a text that was too long says so.
func (f *folder) take() []foldRow {
	if len(f.rows) >= docLimit {
		f.rows = append(f.rows, foldRow{up: -1, frame: -1, text: "  " + f.th.Warn.Render(f.th.Glyph.Warn+" the rest is not shown")})
	}
	return f.rows
}
