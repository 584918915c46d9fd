package tui

import (
	"fmt"
	"path"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// envCells is the width of the names of variables.
const envCells = 22

// programEnd gives the glyph, the words and the style of how a program ended.
func programEnd(th theme.Theme, s *inspect.Span) (glyph, words string, st lipgloss.Style) {
	p := s.Process
	switch {
	case p.PID == 0:
		return th.Glyph.Fail, "did not start", th.Bad
	case p.Signal != "":
		return th.Glyph.Fail, clean(p.Signal), th.Bad
	case p.Exit == -1 && s.Duration == 0 && s.Error == "":
		return th.Glyph.Pending, "running", th.Info
	case p.Exit != 0 || s.Error != "":
		return th.Glyph.Fail, fmt.Sprintf("exit %d", p.Exit), th.Bad
	}
	return th.Glyph.OK, "exit 0", th.Good
}

// programNote is a program in a line of the overview.
func programNote(ex *inspect.Exchange) string {
	spans := spansOf(ex, inspect.SpanProcess)
	switch {
	case len(spans) == 0 || spans[0].Process == nil:
		return ""
	case len(spans) > 1:
		return plural(len(spans), "program")
	}
	_, words, _ := programEnd(theme.Theme{}, &spans[0])
	text := clean(path.Base(spans[0].Process.Program)) + ", " + words
	if spans[0].Duration > 0 {
		text += " after " + inspect.FormatDuration(spans[0].Duration.Duration())
	}
	return text
}

// programs writes the programs that were run for an exchange.
func (f *folder) programs(ex *inspect.Exchange) {
	f.frame = -1
	spans := spansOf(ex, inspect.SpanProcess)
	total := time.Duration(0)
	for i := range spans {
		total += spans[i].Duration.Duration()
	}
	f.cut(1, f.th.Strong.Render(plural(max(ex.Sums.Programs, len(spans)), "program"))+f.th.Dim.Render(" in "+inspect.FormatDuration(total)))
	f.blank()
	for i := range spans {
		f.program(ex, &spans[i], longest(spans), len(spans) == 1)
	}
	f.kept("programs", ex.Sums.Programs, len(spans))
}

func (f *folder) program(ex *inspect.Exchange, s *inspect.Span, of time.Duration, open bool) {
	p := s.Process
	if p == nil {
		return
	}
	glyph, words, st := programEnd(f.th, s)
	took := inspect.FormatDuration(s.Duration.Duration())
	if s.Duration == 0 {
		took = ""
	}
	head := f.th.Text.Render(widget.FitLeft(took, timeCells, "")) + " " + f.bar(s.Duration.Duration(), of) +
		"  " + st.Render(glyph+" "+words) + "  " + f.th.Strong.Render(clean(path.Base(p.Program))) +
		f.th.Dim.Render("  "+inspect.FormatSize(p.Input)+" in, "+inspect.FormatSize(p.Output)+" out")
	if !f.fold(1, fmt.Sprintf("span %d", s.Seq), open, head) {
		return
	}
	defer f.end()
	const in = 7
	if s.Error != "" {
		f.text(in, f.th.Bad.Render(f.th.Glyph.Fail+" "+clean(s.Error)))
	}
	fact := func(name, value string) {
		if value != "" {
			f.hard(in, f.th.Dim.Render(widget.Fit(name, 9, ""))+clean(value))
		}
	}
	fact("program", p.Program)
	fact("folder", p.Dir)
	if p.PID > 0 {
		fact("pid", countlessText(int64(p.PID)))
	}
	fact("started", "at +"+inspect.FormatDuration(max(s.Start.Sub(ex.Start), time.Nanosecond)))
	if len(p.Env) == 0 {
		return
	}
	if !f.fold(in-2, fmt.Sprintf("env %d", s.Seq), false, f.th.Dim.Render("environment ")+plural(len(p.Env), "variable")) {
		return
	}
	defer f.end()
	for _, e := range p.Env {
		name := clean(e.Key)
		if pad := envCells - widget.Width(name); pad > 0 {
			name += strings.Repeat(" ", pad)
		}
		f.hard(in+2, f.th.Dim.Render(name)+" "+clean(e.Value))
	}
}
