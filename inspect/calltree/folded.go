package calltree

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Folded writes t as lines of "a;b;c N", as flamegraph.pl and its kin read them: the
// labels of a path from the handler, or from the goroutine that it is in, and the own
// time of its end in nanoseconds. What has no time of its own has no line. A semicolon
// in a name becomes a comma. The error is that of [Validate] or of w.
func Folded(w io.Writer, t *inspect.CallTree) error {
	if err := Validate(t); err != nil {
		return err
	}
	labels := make([]string, len(t.Functions))
	for i, f := range t.Functions {
		labels[i] = strings.ReplaceAll(Label(f), ";", ",")
	}
	self, _ := times(t)
	out := bufio.NewWriter(w)
	for i, own := range self {
		if own == 0 {
			continue
		}
		for _, n := range stack(t, i) {
			out.WriteString(labels[t.Nodes[n].Function])
			if n != i {
				out.WriteByte(';')
			}
		}
		out.WriteString(" " + strconv.FormatInt(int64(own), 10) + "\n")
	}
	return out.Flush()
}

// stack returns the nodes from the handler, or the goroutine around i, down to i. t must
// be valid.
func stack(t *inspect.CallTree, i int) []int {
	depth := 1
	for n := i; n > 0 && !beside(t, n); n = t.Nodes[n].Parent {
		depth++
	}
	path := make([]int, depth)
	for n := i; depth > 0; n = t.Nodes[n].Parent {
		depth--
		path[depth] = n
	}
	return path
}
