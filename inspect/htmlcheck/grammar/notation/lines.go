package notation

import (
	"fmt"
	"strings"
)

// line is one line of a file with the deeper indented ones below it.
type line struct {
	pos      Pos
	indent   int
	text     string
	children []*line
}

// readLines makes the tree of lines. Comments and empty lines are gone.
func readLines(name, src string) ([]*line, error) {
	root := &line{indent: -1}
	open := []*line{root}
	for i, raw := range strings.Split(src, "\n") {
		text := strings.TrimRight(cutComment(raw), " \t\r")
		body := strings.TrimLeft(text, " ")
		if body == "" {
			continue
		}
		pos := Pos{name, i + 1}
		if body[0] == '\t' {
			return nil, errorf(pos, "indent with spaces, not with tabs")
		}
		l := &line{pos: pos, indent: len(text) - len(body), text: body}
		for open[len(open)-1].indent >= l.indent {
			open = open[:len(open)-1]
		}
		parent := open[len(open)-1]
		if n := len(parent.children); n > 0 && parent.children[0].indent != l.indent {
			return nil, errorf(pos, "expected an indent of %d spaces, as in line %d; found %d",
				parent.children[0].indent, parent.children[0].pos.Line, l.indent)
		}
		parent.children = append(parent.children, l)
		open = append(open, l)
	}
	return root.children, nil
}

// cutComment cuts a comment: a # at the beginning or after a space, outside of quotes.
func cutComment(s string) string {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case '#':
			if !quoted && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') {
				return s[:i]
			}
		}
	}
	return s
}

// keyword splits the first word from the rest.
func (l *line) keyword() (word, rest string) {
	word, rest, _ = strings.Cut(l.text, " ")
	return word, strings.TrimSpace(rest)
}

// pieces are rest and all lines below l, as one text each.
func (l *line) pieces(rest string) []piece {
	all := []piece{{l.pos, rest}}
	for _, c := range l.children {
		all = append(all, c.pieces(c.text)...)
	}
	return all
}

type piece struct {
	pos  Pos
	text string
}

// Error is one fault of a grammar file.
type Error struct {
	Pos     Pos
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.Pos.File, e.Pos.Line, e.Message)
}

func errorf(pos Pos, format string, args ...any) error {
	return &Error{pos, fmt.Sprintf(format, args...)}
}
