package snapshot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"

	"github.com/go-delve/delve/pkg/proc"
)

// Explain says in one plain sentence what made the program panic, from the names
// and values in the failing line: "u is nil: users[id] has no entry". It returns ""
// unless it is certain; that is so also when the source was edited since the program
// was linked. The frame must be the innermost of [Snapshot.Frames]: in the others
// nothing failed. The message is the panic's text.
func (s *Snapshot) Explain(goroutine int64, frame int, message string) (sentence string) {
	defer func() {
		if recover() != nil { // damaged debug information explains nothing
			sentence = ""
		}
	}()
	explain := explainerOf(message)
	if explain == nil || frame != 0 {
		return ""
	}
	l, ok := s.failingLine(goroutine, frame)
	if !ok {
		return ""
	}
	return explain(l, message)
}

// maxCallers bounds how far up the stack the reason for an argument is looked for: farther
// away it explains little, and a recursion may be thousands of calls deep.
const maxCallers = 5

// explainers by what the runtime says. The order does not matter: no text holds two.
var explainers = []struct {
	text    string
	explain func(*failingLine, string) string
}{
	{"nil pointer dereference", (*failingLine).explainNil},
	{"assignment to entry in nil map", (*failingLine).explainNilMap},
	{"index out of range", (*failingLine).explainIndex},
	{"slice bounds out of range", (*failingLine).explainSlice},
	{"interface conversion: ", (*failingLine).explainAssertion},
	{"integer divide by zero", (*failingLine).explainDivision},
	{"send on closed channel", (*failingLine).explainSend},
	{"close of closed channel", (*failingLine).explainClose},
	{"close of nil channel", (*failingLine).explainClose},
}

func explainerOf(message string) func(*failingLine, string) string {
	for _, e := range explainers {
		if strings.Contains(message, e.text) {
			return e.explain
		}
	}
	return nil
}

// failingLine is the line of source that a frame is in, with what it could see.
type failingLine struct {
	conv     converter
	scope    *proc.EvalScope
	fset     *token.FileSet
	src      []byte
	line     int
	packages map[string]bool // names of imports
	caller   func() (*failingLine, bool)
	name     string // of the function; empty for a literal
	function *ast.FuncType
	receiver *ast.FieldList
	body     *ast.BlockStmt
}

func (s *Snapshot) failingLine(goroutine int64, frame int) (*failingLine, bool) {
	stack, err := s.stack(goroutine)
	if err != nil || frame >= len(stack) {
		return nil, false
	}
	at := stack[frame].Call
	fi, err := os.Stat(at.File)
	if err != nil || fi.ModTime().After(s.linked) {
		return nil, false
	}
	src, err := os.ReadFile(at.File)
	if err != nil {
		return nil, false
	}
	scope, err := s.frameScope(goroutine, frame)
	if err != nil {
		return nil, false
	}
	l := &failingLine{conv: converter{snapshot: s, cfg: s.cfg, left: s.cfg.Nodes}, scope: scope,
		fset: token.NewFileSet(), src: src, line: at.Line, packages: map[string]bool{},
		caller: func() (*failingLine, bool) {
			if frame >= maxCallers {
				return nil, false
			}
			return s.failingLine(goroutine, frame+1)
		}}
	file, err := parser.ParseFile(l.fset, at.File, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	for _, im := range file.Imports {
		path := strings.Trim(im.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if im.Name != nil {
			name = im.Name.Name
		}
		l.packages[name] = true
	}
	return l, l.findFunction(file, at.Fn.Name)
}

// findFunction finds the innermost function that holds the line. It fails when the
// function's name does not fit, and when a whole function literal is in the line: the
// line alone does not tell then who failed.
func (l *failingLine) findFunction(file *ast.File, name string) bool {
	clear := true
	literal := false
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || !l.covers(n) {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				l.name, l.function, l.receiver, l.body, literal = n.Name.Name, n.Type, n.Recv, n.Body, false
				clear = strings.HasSuffix(typeArguments.ReplaceAllString(name, ""), n.Name.Name) || strings.Contains(name, ".func") || strings.Contains(name, "-range")
			}
		case *ast.FuncLit:
			if l.lineOf(n.Pos()) == l.lineOf(n.End()) {
				clear = false
			}
			if l.lineOf(n.Body.Lbrace) < l.line {
				l.name, l.function, l.receiver, l.body, literal = "", n.Type, nil, n.Body, true
			}
		}
		return true
	})
	isLiteral := strings.Contains(name, ".func")
	return clear && l.body != nil && literal == isLiteral && !strings.Contains(name, "-range")
}

func (l *failingLine) lineOf(p token.Pos) int { return l.fset.Position(p).Line }

// covers reports whether the node touches the line.
func (l *failingLine) covers(n ast.Node) bool {
	return l.lineOf(n.Pos()) <= l.line && l.line <= l.lineOf(n.End())
}

// nodes calls f for the nodes of the function that touch the line, in the order of
// the source, function literals left out.
func (l *failingLine) nodes(f func(ast.Node)) {
	ast.Inspect(l.body, func(n ast.Node) bool {
		if n == nil || !l.covers(n) {
			return false
		}
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		f(n)
		return true
	})
}

// text is the source of a node, in one line.
func (l *failingLine) text(n ast.Node) string {
	from, to := l.fset.Position(n.Pos()).Offset, l.fset.Position(n.End()).Offset
	return strings.Join(strings.Fields(string(l.src[from:to])), " ")
}

// value evaluates an expression of the source. It fails for those with calls.
func (l *failingLine) value(n ast.Expr) (*proc.Variable, bool) {
	if hasCall(n) {
		return nil, false
	}
	v, err := l.scope.EvalExpression(l.text(n), proc.LoadConfig{MaxStringLen: maxLine})
	if err != nil || v.Unreadable != nil {
		return nil, false
	}
	return v, true
}

// show is the value of an expression in one line, "" when it cannot be known.
func (l *failingLine) show(n ast.Expr) string {
	if v, ok := l.value(n); ok {
		return l.conv.line(v)
	}
	return ""
}

// hasCall reports whether evaluating n calls a function. Conversions count as calls,
// len and cap do not.
func hasCall(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			id, isName := c.Fun.(*ast.Ident)
			found = found || !isName || (id.Name != "len" && id.Name != "cap")
		}
		return !found
	})
	return found
}

func isLiteral(n ast.Expr) bool {
	if u, ok := n.(*ast.UnaryExpr); ok {
		n = u.X
	}
	_, ok := n.(*ast.BasicLit)
	return ok
}
