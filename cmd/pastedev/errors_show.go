package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/traceback"
)

// printTrace prints a failure for people: what and why, the failing line with its
// values, the stack, the request. ex may be nil.
func printTrace(w io.Writer, t *inspect.Trace, ex *inspect.Exchange, all bool) error {
	p := newPaper(w)
	p.packages = appPackages(t)
	p.traceHead(t)
	failing := traceback.Failing(t)
	if failing >= 0 {
		p.failingFrame(t, failing, all)
	}
	p.stack(t, failing, all)
	p.changed(t)
	if ex != nil {
		p.section("request")
		p.linef("  %s  %s %s  %s", p.paint(dim, ex.ID.Short()), oneLine(ex.Method), oneLine(ex.URL), p.paint(dim, oneLine(outcome(ex))))
		p.logs(ex, t.Time, all)
		p.sql(ex)
		p.calls(ex)
	}
	if all && t.Raw != "" {
		p.section("as it was printed")
		for line := range strings.Lines(body.Terminal(t.Raw, false)) {
			p.line("  " + strings.TrimRight(line, "\r\n"))
		}
	}
	if !all && len(t.Frames) > 0 {
		p.line("")
		p.line(p.paint(dim, "every frame, more values: pastedev errors show "+oneLine(cmp.Or(t.Code, fmt.Sprint(t.ID)))+" --all"))
	}
	return p.flush(w)
}

// traceKinds are the words for a trace's kind; read only.
var traceKinds = map[inspect.TraceKind]string{
	inspect.TracePanic: "panic", inspect.TraceCrash: "the process ended",
	inspect.TraceText: "found in the output", inspect.TraceError: "bad answer",
}

func (p *paper) traceHead(t *inspect.Trace) {
	about := []string{cmp.Or(traceKinds[t.Kind], string(t.Kind))}
	if t.Recovered {
		about[0] += ", recovered by the program"
	}
	if t.Count > 1 {
		about = append(about, fmt.Sprintf("seen %d times", t.Count))
	}
	about = append(about, when(t.Time, time.Now()))
	if t.Build > 0 {
		about = append(about, fmt.Sprint("build ", t.Build))
	}
	p.line(p.paint(codeStyle, oneLine(t.Code)) + p.paint(dim, "  "+oneLine(strings.Join(about, " · "))))
	p.line("")
	p.wrap("  ", "  ", alarm, oneLine(t.Headline))
	if m := oneLine(t.Message); m != "" && m != oneLine(t.Headline) {
		if k := oneLine(t.Type); k != "" && !strings.HasPrefix(m, k) {
			m = k + ": " + m
		}
		p.wrap("  ", "  ", plainStyle, m)
	}
	p.causes(t.Causes, "  ")
	for _, h := range t.Hints {
		p.wrap("  "+p.paint(warning, "why")+"  ", "       ", plainStyle, oneLine(h))
	}
}

func (p *paper) causes(list []inspect.Cause, indent string) {
	for _, c := range list {
		text := oneLine(c.Message)
		if k := oneLine(c.Type); k != "" {
			text = k + ": " + text
		}
		p.wrap(indent+p.paint(dim, "from ")+"", indent+"     ", plainStyle, text)
		p.causes(c.Causes, indent+"  ")
	}
}

// failingFrame prints the line that failed, large: with the lines around it and the
// values that it could see.
func (p *paper) failingFrame(t *inspect.Trace, i int, all bool) {
	f := &t.Frames[i]
	p.line("")
	p.line("  " + p.paint(placeStyle, oneLine(placeOf(&f.Location))) + p.paint(dim, "  in "+functionName(f)))
	limit := shortTree
	around := shortSource
	if all {
		limit, around = longTree, len(f.Source)
	}
	p.source(f, "  ", around)
	if len(f.Args)+len(f.Locals) > 0 {
		p.line("")
		p.variables(append(append([]inspect.Variable{}, f.Args...), f.Locals...), "  ", limit)
	} else if t.NoLocals != "" {
		p.line("")
		p.line("  " + p.paint(dim, "no values: "+oneLine(t.NoLocals)))
	}
	p.notes(f, "  ")
}

func (p *paper) notes(f *inspect.Frame, indent string) {
	for _, n := range f.Notes {
		p.linef("%s%s: %s", indent, oneLine(n.Key), oneLine(n.Value))
	}
}

// shortSource is how many lines before and after the failing one are shown.
const shortSource = 5

// source prints up to around lines before and after f's, which is marked.
func (p *paper) source(f *inspect.Frame, indent string, around int) {
	digits := len(fmt.Sprint(f.Line + around))
	for _, l := range f.Source {
		if l.Number < f.Line-around || l.Number > f.Line+around {
			continue
		}
		text := strings.ReplaceAll(strings.TrimRight(body.Terminal(l.Text, false), "\r\n"), "\t", "    ")
		if l.Number == f.Line {
			p.line(indent + p.paint(alarm, fmt.Sprintf("▶ %*d  %s", digits, l.Number, text)))
		} else {
			p.line(strings.TrimRight(indent+p.paint(dim, fmt.Sprintf("  %*d", digits, l.Number))+"  "+text, " "))
		}
	}
}

func functionName(f *inspect.Frame) string {
	name := oneLine(f.Function)
	if name == "" {
		return "(top level)"
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// stack prints the frames, numbered as eval wants them; those that are not the app's
// own are folded unless all is set.
func (p *paper) stack(t *inspect.Trace, failing int, all bool) {
	if len(t.Frames) == 0 {
		return
	}
	head := "stack"
	if t.Goroutine > 0 {
		head += fmt.Sprint(" of goroutine ", t.Goroutine)
	}
	p.section(head)
	wide := 0
	for i := range t.Frames {
		if all || !folded(&t.Frames[i]) {
			wide = max(wide, ansi.StringWidth(oneLine(placeOf(&t.Frames[i].Location))))
		}
	}
	wide = min(wide, p.width/2)
	for i := 0; i < len(t.Frames); i++ {
		f := &t.Frames[i]
		if n := foldedRun(t.Frames[i:]); n > 0 && !all {
			p.line(p.paint(dim, "        "+foldLabel(t.Frames[i:i+n])))
			i += n - 1
			continue
		}
		mark := " "
		if i == failing {
			mark = p.paint(alarm, "▶")
		}
		place := oneLine(placeOf(&f.Location))
		p.linef("%s %s  %s%s  %s", mark, p.paint(dim, fmt.Sprintf("#%-3d", i)), p.paint(placeStyle, place),
			strings.Repeat(" ", max(0, wide-ansi.StringWidth(place))), functionName(f))
		if i != failing {
			p.frameValues(f, all)
		}
	}
	if c := t.CreatedBy; c != nil && (all || !folded(c)) {
		p.line(p.paint(dim, "  go") + "    " + p.paint(placeStyle, oneLine(placeOf(&c.Location))) + p.paint(dim, "  "+functionName(c)+" started it"))
	}
}

// frameValues prints what else is known of a frame of the stack.
func (p *paper) frameValues(f *inspect.Frame, all bool) {
	if !all {
		for _, l := range f.Source {
			if l.Number == f.Line {
				p.line("        " + p.paint(dim, oneLine(l.Text)))
			}
		}
		return
	}
	p.source(f, "        ", len(f.Source))
	p.variables(append(append([]inspect.Variable{}, f.Args...), f.Locals...), "        ", longTree)
	p.notes(f, "        ")
}

// appPackages are the names of the app's packages on the stack.
func appPackages(t *inspect.Trace) map[string]bool {
	names := map[string]bool{}
	for i := range t.Frames {
		if f := &t.Frames[i]; f.Origin == inspect.FrameApp {
			name, _, _ := strings.Cut(functionName(f), ".")
			names[name] = true
		}
	}
	return names
}

func folded(f *inspect.Frame) bool { return f.Hidden || f.Origin != inspect.FrameApp }

// foldedRun is how many frames at the beginning are folded.
func foldedRun(frames []inspect.Frame) (n int) {
	for n < len(frames) && folded(&frames[n]) {
		n++
	}
	return n
}

// namedPackages is how many packages the label of folded frames names.
const namedPackages = 3

func foldLabel(frames []inspect.Frame) string {
	var names []string
	seen := map[string]bool{}
	for i := range frames {
		name := frames[i].Package
		if name == "" {
			name, _, _ = strings.Cut(functionName(&frames[i]), ".")
		}
		if name = oneLine(name); name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	more := ""
	if n := len(names) - namedPackages; n > 0 {
		names, more = names[:namedPackages], fmt.Sprintf(" and %d more", n)
	}
	s := "s"
	if len(frames) == 1 {
		s = ""
	}
	return fmt.Sprintf("⋯ %d frame%s of %s%s", len(frames), s, strings.Join(names, ", "), more)
}

func (p *paper) changed(t *inspect.Trace) {
	if len(t.Changed) == 0 {
		return
	}
	p.section("changed since the last build without this error")
	for _, c := range t.Changed {
		p.line("  " + p.paint(placeStyle, oneLine(c.File)))
		for _, l := range c.Lines {
			p.line(p.paint(dim, fmt.Sprintf("  %5d  ", l.Number)) + strings.ReplaceAll(strings.TrimRight(body.Terminal(l.Text, false), "\r\n"), "\t", "    "))
		}
	}
}
