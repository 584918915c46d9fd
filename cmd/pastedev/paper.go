package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
)

// style is a set of SGR parameters (ECMA-48).
type style string

// The styles, in the terminal's own 16 colours: they fit its theme, dark or light.
const (
	plainStyle style = ""
	bold       style = "1"
	dim        style = "2"
	alarm      style = "1;31"
	codeStyle  style = "31"
	placeStyle style = "36"
	warning    style = "33"
)

// paper is what a command prints for people: lines, cut to the terminal's width and in
// colour where there is one.
type paper struct {
	b        strings.Builder
	width    int  // columns to lay out for
	terminal bool // lines are cut to width
	colour   bool
	ruled    bool            // headings look like those of messages: -- logs --
	all      bool            // nothing is folded
	packages map[string]bool // the app's own, whose types are worth more than one line
}

func newPaper(w io.Writer) *paper {
	p := &paper{width: terminalWidth(w)}
	if p.terminal = p.width > 0; !p.terminal {
		p.width = printWidth
	}
	p.colour = coloured(w)
	return p
}

// slim reports whether a terminal is too narrow for more than two columns before a name.
func (p *paper) slim() bool { return p.terminal && p.width < slim }

// paint puts a style on text, which must be safe already.
func (p *paper) paint(s style, text string) string {
	if !p.colour || s == plainStyle || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[m"
}

// line prints one line, whose text must be safe already.
func (p *paper) line(text string) {
	if p.terminal {
		text = ansi.Truncate(text, p.width, "…")
	}
	p.b.WriteString(text)
	p.b.WriteByte('\n')
}

func (p *paper) linef(format string, args ...any) { p.line(fmt.Sprintf(format, args...)) }

// wrap prints text in lines that fit, each with the indent, the first with lead in it.
func (p *paper) wrap(lead, indent string, s style, text string) {
	for i, line := range strings.Split(ansi.Wordwrap(text, max(20, p.width-ansi.StringWidth(indent)), ""), "\n") {
		if i == 0 {
			p.line(lead + p.paint(s, line))
		} else {
			p.line(indent + p.paint(s, line))
		}
	}
}

// section begins a part with a heading.
func (p *paper) section(name string) {
	if p.ruled {
		name = "-- " + name + " --"
	}
	p.line("")
	p.line(p.paint(bold, name))
}

// table prints rows in columns as wide as their widest cell; a column without any is
// left out.
func (p *paper) table(rows [][]string, styles []style) {
	widest := make([]int, len(styles))
	for _, row := range rows {
		for k, cell := range row {
			widest[k] = max(widest[k], ansi.StringWidth(oneLine(cell)))
		}
	}
	for _, row := range rows {
		var line []string
		for k, cell := range row {
			if widest[k] == 0 {
				continue
			}
			cell = oneLine(cell)
			line = append(line, p.paint(styles[k], cell)+strings.Repeat(" ", widest[k]-ansi.StringWidth(cell)))
		}
		p.line(strings.TrimRight(strings.Join(line, "  "), " "))
	}
}

func (p *paper) flush(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

// treeLimit bounds a tree of values.
type treeLimit struct {
	depth, children int
	// foreign is how many levels of structs of other people's packages are opened: an
	// *http.Request leads to the whole server.
	foreign int
	brief   bool // one line a value, cut to fit; parts only where that does not show them
}

var (
	shortTree = treeLimit{depth: 3, children: 8, brief: true}
	longTree  = treeLimit{depth: 8, children: 100, foreign: 1}
	wholeTree = treeLimit{depth: 100, children: 10_000, foreign: 100} // what was read is bounded already
)

// tree prints v with its parts, as Go declares values.
func (p *paper) tree(v inspect.Variable, indent string, limit treeLimit) {
	p.variable(v, indent, 0, limit.brief)
	p.children(v, indent+"  ", limit)
}

// variables prints values side by side, their names lined up.
func (p *paper) variables(list []inspect.Variable, indent string, limit treeLimit) {
	wide := 0
	for _, v := range list {
		if n := ansi.StringWidth(oneLine(v.Name)); n <= widestName {
			wide = max(wide, n)
		}
	}
	for i, v := range list {
		if i == limit.children {
			p.line(indent + p.paint(dim, fmt.Sprintf("… %d more", len(list)-i)))
			return
		}
		p.part(v, indent, wide, limit)
	}
}

// part prints one of several values, and its parts as far as limit lets it.
func (p *paper) part(v inspect.Variable, indent string, wide int, limit treeLimit) {
	cut := p.variable(v, indent, wide, limit.brief)
	if strings.Contains(v.Value, "{") { // a struct, which stands in the line already
		switch {
		case p.own(v.Type):
			if limit.brief && !cut {
				return
			}
		case limit.foreign == 0:
			return
		default:
			limit.foreign--
		}
	}
	p.children(v, indent+"  ", limit)
}

// widestName is the longest name that the others line up with.
const widestName = 16

// own reports whether a type is one of the app's packages, or of none.
func (p *paper) own(name string) bool {
	name, _, qualified := strings.Cut(strings.TrimLeft(name, "*[]0123456789"), ".")
	return !qualified || p.packages[name]
}

// variable prints one value without its parts. It reports whether the line was cut.
func (p *paper) variable(v inspect.Variable, indent string, wide int, brief bool) (cut bool) {
	name := oneLine(v.Name)
	text := indent + p.paint(bold, name) + strings.Repeat(" ", max(0, wide-ansi.StringWidth(name)))
	if t := oneLine(v.Type); t != "" {
		text += " " + p.paint(dim, t)
	}
	value := body.Terminal(strings.ReplaceAll(v.Value, "\n", `\n`), false)
	if v.Type != "" { // "len 3 cap 4" says enough behind the type
		value = strings.TrimPrefix(value, oneLine(v.Type)+" ")
	}
	switch {
	case v.Unreadable != "":
		value = p.paint(dim, "("+oneLine(v.Unreadable)+")")
	case v.More && len(v.Children) == 0 && !strings.HasSuffix(value, "…"):
		value += "…"
	}
	if value != "" {
		text += " = " + value
	}
	if cut = ansi.StringWidth(text) > p.width; cut && brief {
		text = ansi.Truncate(text, p.width, "…")
	}
	p.line(text)
	return cut
}

func (p *paper) children(v inspect.Variable, indent string, limit treeLimit) {
	if limit.depth <= 1 || len(v.Children) == 0 {
		return
	}
	limit.depth--
	p.variables(v.Children, indent, limit)
	if v.More && len(v.Children) <= limit.children && !limit.brief {
		p.line(indent + p.paint(dim, "…"))
	}
}
