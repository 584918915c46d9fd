package tui

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

const (
	// maxShownLogs and maxShownSpans bound what a trace repeats of its exchange, whose
	// own tabs have all of it.
	maxShownLogs  = 200
	maxShownSpans = 200
	// maxMessage bounds the lines of a message: the frames below it matter more.
	maxMessage = 8
)

// answer is what an expression gave in a frame.
type answer struct {
	frame int
	expr  string
	v     inspect.Variable
	err   error
}

// traceDoc is all that the trace view shows.
type traceDoc struct {
	t       *inspect.Trace
	ex      *inspect.Exchange // nil: none, or not known
	answers []answer
	all     bool // frames of the library and dependencies unfolded
	now     time.Time
}

// frameKey and answerKey name folds.
func frameKey(i int) string { return fmt.Sprintf("frame %d", i) }

func answerKey(i int) string { return fmt.Sprintf("answer %d", i) }

// failing is the frame to look at first: the innermost of the app's own; -1 none.
func failing(t *inspect.Trace) int {
	shown := func(f inspect.Frame) bool { return f.Line > 0 && !f.Hidden }
	i := slices.IndexFunc(t.Frames, func(f inspect.Frame) bool { return f.Origin == inspect.FrameApp && shown(f) })
	if i < 0 {
		i = slices.IndexFunc(t.Frames, shown)
	}
	return i
}

// traceDoc writes a trace as rows.
func (f *folder) traceDoc(d traceDoc) {
	t := d.t
	f.frame, f.trace = -1, 0
	f.traceHead(d)
	fail := failing(t)
	for i := 0; i < len(t.Frames); {
		j := i
		for j < len(t.Frames) && (t.Frames[j].Hidden || t.Frames[j].Origin != inspect.FrameApp) && j != fail {
			j++
		}
		if j > i {
			f.foreign(d, i, j)
			i = j
			continue
		}
		f.frameRows(d, i, 1, i == fail)
		i++
	}
	if c := t.CreatedBy; c != nil {
		f.at = c.Location
		head := "started by "
		if t.Goroutine > 0 {
			head = "goroutine " + countlessText(t.Goroutine) + " started by "
		}
		f.cut(1, f.th.Dim.Render(head)+clean(shortFunc(c.Function))+"  "+f.th.Dim.Render(clean(placeOf(c.Location))))
		f.at = inspect.Location{}
	}
	f.frame = -1
	f.causes(t)
	f.changed(t)
	f.insideOf(d)
	if t.Raw != "" {
		f.blank()
		if f.fold(1, "raw", t.Kind == inspect.TraceText && len(t.Frames) == 0, f.th.Strong.Render("As it was printed")) {
			for _, l := range strings.Split(strings.TrimRight(t.Raw, "\n"), "\n") {
				f.hard(5, clean(expandTabs4(l)))
			}
			f.end()
		}
	}
}

func (f *folder) traceHead(d traceDoc) {
	t, th := d.t, f.th
	f.text(1, th.Bad.Bold(true).Render(clean(t.Headline)))
	facts := []string{th.Accent.Render(clean(t.Code))}
	add := func(s string) {
		if s != "" {
			facts = append(facts, th.Dim.Render(s))
		}
	}
	if t.Count > 1 {
		add(countText(t.Count) + " times")
	}
	if t.Kind != inspect.TracePanic {
		add(kindText(t))
	}
	add(agoText(d.now, t.Time))
	if t.Build > 0 {
		add("build " + strconv.Itoa(t.Build))
	}
	if t.Recovered {
		add("recovered")
	}
	if t.Pause > 0 {
		add("paused " + inspect.FormatDuration(t.Pause.Duration()))
	}
	f.text(1, strings.Join(facts, th.Faint.Render(" "+th.Glyph.Dot+" ")))
	if msg := strings.TrimSpace(t.Message); msg != "" && msg != t.Headline {
		f.blank()
		head := typed(th.Dim, clean(t.Type))
		lines := strings.Split(msg, "\n")
		for _, l := range lines[:min(len(lines), maxMessage)] {
			f.text(3, head+clean(l))
			head = ""
		}
		if n := len(lines) - maxMessage; n > 0 {
			f.cut(3, th.Dim.Render(th.Glyph.Ellipsis+" "+plural(n, "line")+" more"))
		}
	}
	if len(t.Hints) > 0 {
		f.blank()
	}
	for _, h := range t.Hints {
		f.text(3, th.Info.Render(th.Glyph.Arrow+" ")+clean(h))
	}
	f.blank()
	if t.NoLocals != "" && len(t.Frames) > 0 && t.Kind == inspect.TracePanic {
		f.text(3, th.Warn.Render(th.Glyph.Warn+" no values of variables: "+clean(t.NoLocals)))
		f.blank()
	}
}

func typed(st lipgloss.Style, name string) string {
	if name == "" {
		return ""
	}
	return st.Render(name + ": ")
}

// kindText says what a trace is where that is not plain.
func kindText(t *inspect.Trace) string {
	lang := ""
	if t.Language != "" && t.Language != "go" {
		lang = clean(t.Language) + " "
	}
	switch t.Kind {
	case inspect.TracePanic:
		return "panic"
	case inspect.TraceCrash:
		return lang + "crash: the process ended"
	case inspect.TraceText:
		return lang + "traceback"
	case inspect.TraceError:
		return "error answer"
	}
	return clean(string(t.Kind))
}

func agoText(now, t time.Time) string {
	if a := ageText(now, t); a != "" && a != "now" {
		return a + " ago"
	} else {
		return a
	}
}

// shortFunc is a function's name with the last element of its package alone, which is
// the one before the major version where there is one.
func shortFunc(name string) string {
	i := strings.LastIndexByte(name, '/')
	short := name[i+1:]
	version, rest, ok := strings.Cut(short, ".")
	if !ok || i < 0 || len(version) < 2 || version[0] != 'v' || strings.Trim(version[1:], "0123456789") != "" {
		return short
	}
	return name[strings.LastIndexByte(name[:i], '/')+1:i] + "." + rest
}

// placeOf is "file:line".
func placeOf(l inspect.Location) string {
	if l.File == "" {
		return ""
	}
	if l.Line <= 0 {
		return l.File
	}
	return l.File + ":" + strconv.Itoa(l.Line)
}

// foreign writes a run of frames that are not the app's own, folded into one line.
func (f *folder) foreign(d traceDoc, from, to int) {
	var pkgs []string
	for _, fr := range d.t.Frames[from:to] {
		if p := packageOf(fr); !slices.Contains(pkgs, p) {
			pkgs = append(pkgs, p)
		}
	}
	head := f.th.Dim.Render(plural(to-from, "frame") + " of " + clean(strings.Join(pkgs, ", ")))
	if f.fold(1, fmt.Sprintf("frames %d", from), d.all, head) {
		for i := from; i < to; i++ {
			f.frameRows(d, i, 3, false)
		}
		f.end()
	}
}

func packageOf(fr inspect.Frame) string {
	if fr.Package != "" {
		return fr.Package
	}
	slash := strings.LastIndexByte(fr.Function, '/') + 1
	if i := strings.IndexByte(fr.Function[slash:], '.'); i >= 0 {
		return fr.Function[:slash+i]
	}
	if fr.Origin == inspect.FrameStandard {
		return "the standard library"
	}
	return path.Dir(fr.File)
}

// frameRows writes one frame; the failing one is open and stands out.
func (f *folder) frameRows(d traceDoc, i, indent int, fails bool) {
	fr, th := d.t.Frames[i], f.th
	f.frame, f.at = i, fr.Location
	defer func() { f.frame, f.at = -1, inspect.Location{} }()
	name, st := clean(shortFunc(fr.Function)), th.Text
	if fails {
		st = th.Strong
	}
	if name == "" {
		name = "?"
	}
	head := st.Render(name)
	if fr.Origin == inspect.FrameApp {
		head += "  " + th.Accent.Bold(false).Render(clean(placeOf(fr.Location)))
	} else {
		head += "  " + th.Dim.Render(clean(placeOf(fr.Location)))
	}
	if len(fr.Source)+len(fr.Args)+len(fr.Locals)+len(fr.Notes)+f.answered(d, i) == 0 {
		f.cut(indent+2, head)
		return
	}
	if !f.fold(indent, frameKey(i), fails, head) {
		return
	}
	f.source(indent+2, fr.Source, fr.Line, fr.Column, fails)
	f.variables(indent+3, frameKey(i), fr)
	f.results(indent+3, d, i)
	f.end()
	if fails && i+1 < len(d.t.Frames) {
		f.blank()
	}
}

func (f *folder) answered(d traceDoc, frame int) (n int) {
	for _, a := range d.answers {
		if a.frame == frame {
			n++
		}
	}
	return n
}

// source writes lines of source with the one at line marked.
func (f *folder) source(indent int, lines []inspect.SourceLine, line, column int, fails bool) {
	if len(lines) == 0 {
		return
	}
	th := f.th
	st := th.Accent
	if fails {
		st = th.Bad.Bold(true)
	}
	pad := repeat(" ", indent)
	gutter := len(strconv.Itoa(lines[len(lines)-1].Number))
	bar := th.Faint.Render(" " + th.Glyph.VRule + " ")
	for _, l := range lines {
		if f.around > 0 && max(l.Number-line, line-l.Number) > f.around {
			continue
		}
		number, text := fmt.Sprintf("%*d", gutter, l.Number), clean(expandTabs4(l.Text))
		at := f.at
		at.Line = l.Number
		before := 0
		if l.Number == line {
			before = widget.Width(clean(expandTabs4(l.Text[:min(max(column-1, 0), len(l.Text))])))
			text, before = widget.Around(text, before, f.width-indent-gutter-5, th.Glyph.Ellipsis)
		}
		row := pad + "  " + th.Dim.Render(number) + bar + th.Dim.Render(text)
		if l.Number == line {
			row = pad + st.Render(th.Glyph.Right+" "+number) + bar + th.Strong.Render(text)
		}
		f.push(foldRow{text: widget.Fit(row, f.width, th.Glyph.Ellipsis), at: at})
		if l.Number == line && column > 1 {
			f.push(foldRow{text: pad + repeat(" ", gutter+2) + bar + repeat(" ", before) + st.Render("^"), at: at})
		}
	}
}

// causes writes what the error wraps.
func (f *folder) causes(t *inspect.Trace) {
	if len(t.Causes) == 0 {
		return
	}
	f.heading("Causes")
	f.chain(t.Causes, 3)
}

func (f *folder) chain(cs []inspect.Cause, indent int) {
	for _, c := range cs {
		f.text(indent, f.th.Dim.Render(f.th.Glyph.Right+" ")+typed(f.th.Dim, clean(c.Type))+clean(c.Message))
		f.chain(c.Causes, min(indent+2, 21))
	}
}

// changed writes what is new since the build that had no such trace.
func (f *folder) changed(t *inspect.Trace) {
	if len(t.Changed) == 0 {
		return
	}
	f.heading("Changed since the last build without it")
	for _, c := range t.Changed {
		f.at = inspect.Location{File: c.File}
		f.cut(3, f.th.Accent.Bold(false).Render(clean(c.File)))
		for _, l := range c.Lines {
			at := f.at
			at.Line = l.Number
			f.push(foldRow{text: "   " + f.th.Dim.Render(fmt.Sprintf("%5d ", l.Number)) + f.th.Good.Render("+ ") + clean(expandTabs4(l.Text)), at: at})
		}
	}
	f.at = inspect.Location{}
}

// insideOf writes the request of the trace and what happened inside it.
func (f *folder) insideOf(d traceDoc) {
	ex := d.ex
	if ex == nil {
		return
	}
	glyph, word, st := outcome(f.th, ex.Summary)
	f.heading("Request")
	f.cut(3, st.Render(glyph+" "+word)+" "+f.th.Strong.Render(clean(ex.Method))+" "+pathOf(ex.Summary)+"  "+f.th.Dim.Render(elapsed(d.now, ex.Summary)))
	if n := len(ex.Logs); n > 0 {
		if f.fold(3, "logs", n <= 10, f.th.Text.Render(plural(ex.Sums.Logs, "line")+" printed")) {
			lines := logLines(f.th, ex, f.width-7)
			for _, l := range lines[max(len(lines)-maxShownLogs, 0):] {
				f.push(foldRow{text: "    " + l})
			}
			f.end()
		}
	}
	f.sqlAndCalls(ex)
}
