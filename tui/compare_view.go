package tui

import (
	"fmt"
	"math"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
	"github.com/pastedev/pastedev/tui/widget"
)

// maxChanges bounds the functions and the statements that a comparison shows; the ones
// that changed the most come first.
const maxChanges = 100

// comparison writes how two sides differ. Slower has a colour and a plus, faster
// another and a minus.
func (f *folder) comparison(c inspect.Comparison) {
	f.frame = -1
	f.cut(1, f.th.Dim.Render("before   ")+sideText(c.Before))
	f.cut(1, f.th.Dim.Render("after    ")+sideText(c.After))
	delta := c.After.Wall.Duration() - c.Before.Wall.Duration()
	f.cut(1, f.th.Dim.Render("time     ")+inspect.FormatDuration(c.Before.Wall.Duration())+" "+f.th.Glyph.Arrow+" "+inspect.FormatDuration(c.After.Wall.Duration())+
		"   "+deltaStyle(f.th, delta).Render(deltaText(delta)))
	f.blank()
	if c.Verdict != "" {
		f.text(1, deltaStyle(f.th, delta).Bold(true).Render(clean(c.Verdict)))
	} else {
		f.text(1, f.th.Good.Render(f.th.Glyph.OK)+" no difference that is worth telling")
	}
	f.functionChanges(c.Functions)
	f.statementChanges(c.SQL)
}

// sideText is one side of a comparison in words.
func sideText(c inspect.Compared) string {
	var parts []string
	if c.Exchange != "" {
		parts = append(parts, "request "+c.Exchange.Short())
	}
	if c.Route != "" {
		parts = append(parts, clean(c.Route))
	}
	if c.Build > 0 {
		parts = append(parts, fmt.Sprintf("build %d", c.Build))
	}
	if c.Count > 1 {
		parts = append(parts, "mean of "+plural(c.Count, "request"))
	}
	return strings.Join(parts, ", ")
}

func (f *folder) functionChanges(list []inspect.FunctionChange) {
	if len(list) == 0 {
		return
	}
	f.heading("Functions")
	c := fitChanges(f.width)
	f.cut(1, f.th.Dim.Render(widget.FitLeft("own time", 9, "")+" "+widget.Fit("", c.bar, "")+
		widget.FitLeft("before", c.times, "")+widget.FitLeft("after", c.times, "")+widget.FitLeft("calls", c.calls, "")+"  function"))
	most := time.Duration(1)
	for _, ch := range list {
		most = max(most, ch.Delta.Abs())
	}
	for _, ch := range list[:min(len(list), maxChanges)] {
		if ch.Function.At != nil {
			f.at = *ch.Function.At
		}
		f.cut(1, f.functionChange(c, ch, most))
		f.at = inspect.Location{}
	}
	f.rest(len(list), "function")
}

func (f *folder) rest(n int, noun string) {
	if n > maxChanges {
		f.cut(1, f.th.Dim.Render(f.th.Glyph.Ellipsis+" "+plural(n-maxChanges, noun)+" more that differ less"))
	}
}

// changeColumns are the widths of the fields of a change; 0 leaves one out.
type changeColumns struct{ bar, times, calls int }

func fitChanges(width int) changeColumns {
	switch {
	case width < 60:
		return changeColumns{calls: 10}
	case width < 100:
		return changeColumns{bar: barCells + 1, calls: 14}
	}
	return changeColumns{bar: barCells + 1, times: 10, calls: 16}
}

func (f *folder) functionChange(c changeColumns, ch inspect.FunctionChange, most time.Duration) string {
	st := deltaStyle(f.th, ch.Delta)
	line := st.Render(widget.FitLeft(deltaText(ch.Delta), 9, "")) + " "
	if c.bar > 0 {
		n := barOf(ch.Delta.Abs(), most, barCells)
		line += st.Render(repeat(f.th.Glyph.Block, n)) + f.th.Faint.Render(repeat(f.th.Glyph.Dot, barCells-n)) + " "
	}
	if c.times > 0 {
		line += f.th.Dim.Render(widget.FitLeft(timeOrBlank(time.Duration(ch.Self[0])), c.times, "")) + widget.FitLeft(timeOrBlank(time.Duration(ch.Self[1])), c.times, "")
	}
	calls := meanText(ch.Calls[1])
	if ch.Calls[0] != ch.Calls[1] {
		calls = meanText(ch.Calls[0]) + " " + f.th.Glyph.Arrow + " " + calls
	}
	line += f.th.Dim.Render(widget.FitLeft(calls, c.calls, ""))
	letter, name, _ := callStyle(f.th, ch.Function.Kind)
	line += "  " + name.Bold(false).Render(letter) + " " + name.Render(callName(ch.Function))
	if ch.Function.At != nil {
		line += "  " + f.th.Dim.Render(clean(placeOf(*ch.Function.At)))
	}
	return line
}

func (f *folder) statementChanges(list []inspect.StatementChange) {
	if len(list) == 0 {
		return
	}
	f.heading("SQL")
	f.cut(1, f.th.Dim.Render(widget.FitLeft("time", 9, "")+" "+widget.FitLeft("count", 14, "")+"  statement"))
	for _, ch := range list[:min(len(list), maxChanges)] {
		delta := time.Duration(ch.Time[1] - ch.Time[0])
		count := meanText(ch.Count[0]) + " " + f.th.Glyph.Arrow + " " + meanText(ch.Count[1])
		st := f.th.Dim
		switch {
		case ch.Count[1] > ch.Count[0]:
			st = f.th.Bad
		case ch.Count[1] < ch.Count[0]:
			st = f.th.Accent.Bold(false)
		}
		f.cut(1, deltaStyle(f.th, delta).Render(widget.FitLeft(deltaText(delta), 9, ""))+" "+st.Render(widget.FitLeft(count, 14, ""))+
			"  "+strings.Join(strings.Fields(clean(ch.Statement)), " "))
	}
	f.rest(len(list), "statement")
}

// deltaStyle is red for slower and blue for faster.
func deltaStyle(th theme.Theme, d time.Duration) lipgloss.Style {
	switch {
	case d > 0:
		return th.Bad
	case d < 0:
		return th.Accent.Bold(false)
	}
	return th.Dim
}

// deltaText is a difference with its sign.
func deltaText(d time.Duration) string {
	switch {
	case d > 0:
		return "+" + timeOrBlank(d)
	case d < 0:
		return "-" + timeOrBlank(-d)
	}
	return "0"
}

// meanText is a mean count in at most 5 cells: whole where it is whole, or large.
func meanText(v float64) string {
	if v == math.Trunc(v) || v >= 999.95 {
		return compactText(int64(math.Round(min(v, 1e18))), 5)
	}
	return fmt.Sprintf("%.1f", v)
}
