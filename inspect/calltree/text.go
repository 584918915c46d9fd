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
	p.line(fmt.Sprintf("%9s %9s %8d  %s%s", inspect.FormatNanos(p.total[i]), inspect.FormatNanos(p.self[i]), n.Calls, first, p.names[n.Function]))
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
