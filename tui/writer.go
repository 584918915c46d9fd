package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/theme"
)

const (
	// labelCells is the width of the labels before facts and header values.
	labelCells = 18
	// docLimit bounds the lines of one tab. A body that needs more says so; the copy
	// menu and the command line have all of it.
	docLimit = 20000
	// maxNamed bounds the failures that the overview names; their tab has all.
	maxNamed = 3
)

// writer makes the styled lines of a text that is scrolled. It runs in a command,
// not in Update, and touches nothing shared.
type writer struct {
	th    theme.Theme
	width int
	lines []string
}

// take returns the lines written so far and starts anew.
func (w *writer) take() []string {
	l := w.lines
	w.lines = nil
	return l
}

func (w *writer) blank() { w.lines = append(w.lines, "") }

// add writes a styled text of possibly several lines, folded at the width.
func (w *writer) add(indent int, styled string) {
	if len(w.lines) >= docLimit {
		return
	}
	pad := repeat(" ", indent)
	for _, l := range strings.Split(styled, "\n") {
		for _, part := range foldStyled(l, max(w.width-indent-1, 8)) {
			w.lines = append(w.lines, pad+part)
		}
	}
}

func (w *writer) heading(text, note string) {
	if len(w.lines) > 0 {
		w.blank()
	}
	l := " " + w.th.Strong.Render(text)
	if note != "" {
		l += "  " + w.th.Dim.Render(note)
	}
	w.lines = append(w.lines, ansi.Truncate(l, w.width, w.th.Glyph.Ellipsis))
}

// fact writes a label and its value; a long value is folded beside the label. An
// empty value is left out.
func (w *writer) fact(label, value string, st lipgloss.Style) {
	if value == "" || len(w.lines) >= docLimit {
		return
	}
	cells := min(labelCells, max(w.width/3, 6))
	if lw := ansi.StringWidth(label); lw > cells { // a long name stands on its own line
		w.add(2, w.th.Dim.Render(label))
		w.add(2+cells+1, st.Render(value))
		return
	}
	head := "  " + w.th.Dim.Render(label) + repeat(" ", cells-ansi.StringWidth(label)+1)
	room := max(w.width-cells-4, 8)
	for i, l := range strings.Split(ansi.Hardwrap(value, room, true), "\n") {
		if i > 0 {
			head = repeat(" ", cells+3)
		}
		w.lines = append(w.lines, head+st.Render(l))
	}
}

// names joins the names of header fields, in lines that break between them: a fold at a
// hyphen would make two names of one.
func (w *writer) names(all []string) string {
	room := max(w.width-min(labelCells, max(w.width/3, 6))-4, 8)
	var b strings.Builder
	col := 0
	for i, n := range all {
		if n = clean(n); i < len(all)-1 {
			n += ","
		}
		switch {
		case col > 0 && col+1+ansi.StringWidth(n) > room:
			b.WriteByte('\n')
			col = 0
		case col > 0:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(n)
		col += ansi.StringWidth(n)
	}
	return b.String()
}

// exchange makes the text of all tabs.
func (w *writer) exchange(ex *inspect.Exchange, traces []*inspect.Trace, parent *inspect.Summary) (docs [tabCount][]string) {
	w.overview(ex, traces, parent)
	docs[tabOverview] = w.take()
	w.message(ex.Request, ex.Added)
	docs[tabRequest] = w.take()
	if ex.Status == 0 && len(ex.Response.Header) == 0 {
		head, note := "No response", ""
		if ex.InFlight {
			head, note = "Under way", "the response is shown at its end"
		}
		w.heading(head, note)
		if ex.Error != "" {
			w.add(2, w.th.Bad.Render(clean(ex.Error)))
		}
	} else {
		w.message(ex.Response, nil)
	}
	docs[tabResponse] = w.take()
	w.timing(ex)
	docs[tabTiming] = w.take()
	w.logs(ex)
	docs[tabLogs] = w.take()
	return docs
}

func (w *writer) overview(ex *inspect.Exchange, traces []*inspect.Trace, parent *inspect.Summary) {
	th := w.th
	for _, t := range traces[:min(len(traces), maxNamed)] {
		text := th.Bad.Render(th.Glyph.Bar + " " + th.Glyph.Fail + " " + clean(t.Headline))
		if i := failing(t); i >= 0 {
			text += "  " + th.Dim.Render(clean(placeOf(t.Frames[i].Location)))
		}
		w.add(1, text)
	}
	if len(traces) > 0 {
		w.blank()
	} else if ex.Error != "" {
		w.add(1, th.Bad.Render(th.Glyph.Bar+" "+th.Glyph.Fail+" "+clean(ex.Error)))
		w.blank()
	}
	w.fact("url", clean(ex.URL), th.Text)
	w.fact("part of", partOf(ex, parent), th.Info)
	kind := ""
	if ex.Kind != inspect.KindHTTP {
		kind = string(ex.Kind)
	}
	w.fact("kind", clean(kind), th.Info)
	w.fact("status", statusText(ex), th.Text)
	if ex.ResponseFrom == inspect.FromPastedev {
		w.fact("answered by", "pastedev, not the app", th.Warn)
	}
	w.fact("time", inspect.FormatDuration(ex.Duration.Duration())+phaseNote(ex.Timing), th.Text)
	w.fact("slower", clean(ex.Verdict), th.Warn)
	w.fact("sizes", fmt.Sprintf("%s %s %s", inspect.FormatSize(ex.RequestSize), th.Glyph.Arrow, inspect.FormatSize(ex.ResponseSize)), th.Text)
	w.fact("type", clean(ex.ContentType), th.Text)
	for _, h := range ex.Hints {
		w.fact("hint", clean(h.Message), th.Info)
	}
	w.fact("mount", clean(ex.Mount), th.Text)
	w.fact("program", programNote(ex), th.Text)
	w.fact("protocol", clean(ex.Proto), th.Text)
	w.fact("client", clean(ex.Client), th.Text)
	w.fact("started", ex.Start.Format("2006-01-02 15:04:05.000"), th.Text)
	if ex.Build > 0 {
		w.fact("build", fmt.Sprint(ex.Build), th.Text)
	}
	w.fact("inside", insideText(ex.Sums), th.Text)
	if ex.Injected {
		w.fact("injected", "the page got pastedev's script tag", th.Text)
	}
	w.fact("added headers", w.names(ex.Added), th.Text)
	w.fact("replay of", string(ex.ReplayOf), th.Info)
	w.fact("page", string(ex.Page), th.Text)
	w.fact("id", string(ex.ID), th.Dim)
	w.children(ex)
	if ex.Kind == inspect.KindHTTP && ex.Timing.Total > 0 {
		w.heading("Timing", "")
		w.phases(ex.Timing)
	}
}

// insideText sums up what happened in the app.
func insideText(s inspect.Sums) string {
	var parts []string
	if s.SQL > 0 {
		parts = append(parts, plural(s.SQL, "statement")+" in "+inspect.FormatDuration(s.SQLTime.Duration()))
	}
	if s.Calls > 0 {
		parts = append(parts, plural(s.Calls, "call")+" in "+inspect.FormatDuration(s.CallTime.Duration()))
	}
	if s.Logs > 0 {
		parts = append(parts, plural(s.Logs, "line")+" printed")
	}
	if s.Errors > 0 {
		parts = append(parts, plural(s.Errors, "error"))
	}
	return strings.Join(parts, ", ")
}

func statusText(ex *inspect.Exchange) string {
	switch {
	case ex.Status != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", ex.Status, statusWord(ex.Status)))
	case ex.InFlight:
		return "under way; its response is shown at the end"
	}
	return "no response"
}

// statusWord names the class of a status: the wall around net/http keeps its list
// out of reach, and the class is what matters.
func statusWord(code int) string {
	switch code / 100 {
	case 1:
		return "(informational)"
	case 2:
		return "(success)"
	case 3:
		return "(redirection)"
	case 4:
		return "(client error)"
	case 5:
		return "(server error)"
	}
	return ""
}

// heldShown is from how long on a request was held for something: less is the way through
// the gate.
const heldShown = 5 * time.Millisecond

func phaseNote(t inspect.Timing) string {
	if t.Held.Duration() >= heldShown {
		return ", of it held before it was sent: " + inspect.FormatDuration(t.Held.Duration())
	}
	return ""
}

// message writes the header fields and the body of one side.
func (w *writer) message(m inspect.Message, added []string) {
	w.heading("Headers", plural(len(m.Header), "field"))
	w.header(m.Header)
	if len(added) > 0 {
		w.add(2, w.th.Dim.Render("pastedev added on the way: "+clean(strings.Join(added, ", "))))
	}
	if len(m.Trailer) > 0 {
		w.heading("Trailers", plural(len(m.Trailer), "field"))
		w.header(m.Trailer)
	}
	w.body(m)
}

func (w *writer) header(h inspect.Header) {
	names := make([]string, 0, len(h))
	for n := range h {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		for _, v := range h[n] {
			if v == "" {
				v = " "
			}
			w.fact(safe(n), safe(v), w.th.Text)
		}
	}
}

// timing writes the phases as bars on one scale.
func (w *writer) timing(ex *inspect.Exchange) {
	w.heading("Timing", "total "+inspect.FormatDuration(ex.Timing.Total.Duration()))
	w.blank()
	w.phases(ex.Timing)
	if ex.Timing.ReusedConn || ex.InFlight {
		w.blank()
	}
	if ex.Timing.ReusedConn {
		w.add(2, w.th.Dim.Render("The connection to the app was a kept one."))
	}
	if ex.InFlight {
		w.add(2, w.th.Info.Render("The exchange is still under way."))
	}
	w.timeline(ex)
}

// restShown is the part of the whole from which on time in no phase has a line of its own:
// less is what lies between the phases.
const restShown = 4

func (w *writer) phases(t inspect.Timing) {
	total := t.Total
	if total <= 0 {
		total = t.Held + t.Connect + t.Send + t.Wait + t.Receive
	}
	room := max(min(w.width-34, 80), 8)
	type phase struct {
		name string
		d    inspect.Millis
		st   lipgloss.Style
	}
	list := []phase{
		{"held", t.Held, w.th.Warn}, {"connect", t.Connect, w.th.Info}, {"send", t.Send, w.th.Info},
		{"wait", t.Wait, w.th.Accent}, {"receive", t.Receive, w.th.Good},
	}
	// An answer that never came, or that pastedev gave, leaves time that is in no phase.
	if rest := total - t.Held - t.Connect - t.Send - t.Wait - t.Receive; rest > total/restShown {
		list = append(list, phase{"the rest", rest, w.th.Dim})
	}
	var before inspect.Millis
	for _, p := range list {
		at, n := 0, 0
		if total > 0 {
			at = int(int64(before) * int64(room) / int64(total))
			n = int((int64(p.d)*int64(room) + int64(total) - 1) / int64(total))
		}
		n = max(min(n, room-at), 0)
		before += p.d
		bar := repeat(w.th.Glyph.Dot, at) + "\x00" + repeat(w.th.Glyph.Dot, max(room-at-n, 0))
		left, right, _ := strings.Cut(bar, "\x00")
		line := fmt.Sprintf("  %-9s", p.name) + fmt.Sprintf("%9s  ", inspect.FormatDuration(p.d.Duration()))
		line += w.th.Faint.Render(left) + p.st.Render(repeat(w.th.Glyph.Block, n)) + w.th.Faint.Render(right)
		if total > 0 {
			line += w.th.Dim.Render(fmt.Sprintf("  %3d%%", int64(p.d)*100/int64(total)))
		}
		w.lines = append(w.lines, line)
	}
}

func repeat(s string, n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat(s, n)
}
