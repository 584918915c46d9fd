package calltree

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/pastedev/pastedev/inspect"
)

// minText is the width below which lines are not cut: three columns of numbers and
// nothing beside them help nobody.
const minText = 40

// Text writes t as an indented tree with total, own time and calls of each node, children
// in the order of their first call. Lines are cut to width cells; 0 means no limit.
// Nothing in it moves a terminal. The error is that of [Validate] or of w.
func Text(w io.Writer, t *inspect.CallTree, width int) error {
	if err := Validate(t); err != nil {
		return err
	}
	p := &textPrinter{w: bufio.NewWriter(w), t: t, kids: children(t), width: width}
	p.self, p.total = times(t)
	for _, f := range t.Functions {
		name := Label(f)
		if at := f.At; at != nil && at.File != "" {
			name += "  " + path.Base(line(at.File)) + ":" + strconv.Itoa(at.Line)
		}
		p.names = append(p.names, name)
	}
	p.line(fmt.Sprintf("%9s %9s %8s  %s", "total", "self", "calls", "function"))
	p.node(0, "", "")
	if t.Lost > 0 {
		p.line(fmt.Sprintf("%d calls were more than the tree holds; their time is their caller's", t.Lost))
	}
	return p.w.Flush()
}

type textPrinter struct {
	w           *bufio.Writer // keeps the first error
	t           *inspect.CallTree
	kids        [][]int
	self, total []time.Duration
	names       []string // by function
	width       int
}

// node writes node i and all beneath it; first stands before its name, rest before those
// of its children.
func (p *textPrinter) node(i int, first, rest string) {
	n := p.t.Nodes[i]
	p.line(fmt.Sprintf("%9s %9s %8d  %s%s", Time(p.total[i]), Time(p.self[i]), n.Calls, first, p.names[n.Function]))
	for k, c := range p.kids[i] {
		if k == len(p.kids[i])-1 {
			p.node(c, rest+"└ ", rest+"  ")
		} else {
			p.node(c, rest+"├ ", rest+"│ ")
		}
	}
}

func (p *textPrinter) line(s string) {
	if p.width >= minText && len(s) > p.width { // no character has more cells than bytes
		s = ansi.Truncate(s, p.width, "…")
	}
	p.w.WriteString(strings.TrimRight(s, " "))
	p.w.WriteByte('\n')
}

// Time returns d as views show it: three digits or so, in the unit that suits it, "0"
// for none.
func Time(d time.Duration) string {
	switch a := d.Abs(); {
	case d == 0:
		return "0"
	case a < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + " ns"
	case a < time.Millisecond:
		return digits(d, time.Microsecond) + " µs"
	case a < time.Second:
		return digits(d, time.Millisecond) + " ms"
	}
	return digits(d, time.Second) + " s"
}

// digits returns d in units with a decimal where the number has few digits before it.
func digits(d, unit time.Duration) string {
	v := float64(d) / float64(unit)
	switch {
	case v < 9.95 && v > -9.95:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.5 && v > -99.5:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
