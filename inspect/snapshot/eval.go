package snapshot

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/go-delve/delve/pkg/proc"

	"github.com/pastedev/pastedev/inspect"
)

// maxExpression bounds an expression, in bytes: nobody types more.
const maxExpression = 2000

// Eval returns the value of a Go expression in a frame of [Snapshot.Frames]. It may
// use what the frame could see and the variables of packages; fields, indices, slices
// of slices, map lookups, len, cap, conversions, arithmetic, comparisons. It cannot call
// functions or change anything. A wrong expression is an error of KindExpression with
// the column.
func (s *Snapshot) Eval(goroutine int64, frame int, expr string) (out inspect.Variable, err error) {
	defer guard(&err)
	scope, err := s.frameScope(goroutine, frame)
	if err != nil {
		return out, err
	}
	tree, err := parseExpression(expr)
	if err != nil {
		return out, err
	}
	cfg := s.cfg
	cfg.Depth++ // who asks wants to see more
	v, err := scope.EvalExpression(expr, cfg.delve())
	if err == nil && v.Unreadable == nil {
		c := converter{snapshot: s, cfg: cfg, left: cfg.Nodes}
		out = c.variable(v)
		out.Name = expr
		return out, nil
	}
	if err == nil {
		err = v.Unreadable
	}
	at, reason := culprit(scope, expr, tree, err)
	return out, &Error{Kind: KindExpression, Column: at, Message: evalReason(reason), cause: err}
}

func (s *Snapshot) frameScope(goroutine int64, frame int) (*proc.EvalScope, error) {
	stack, err := s.stack(goroutine)
	if err != nil {
		return nil, err
	}
	if frame < 0 || frame >= len(stack) {
		return nil, fail(KindNotFound, nil, "goroutine %d has %d frames: there is no frame %d", goroutine, len(stack), frame)
	}
	return s.scope(goroutine, stack[frame:])
}

// parseExpression refuses what the reader would understand otherwise than Go, or
// answer without a position.
func parseExpression(expr string) (ast.Expr, error) {
	wrong := func(column int, message string) error {
		return &Error{Kind: KindExpression, Column: column, Message: message}
	}
	if strings.TrimSpace(expr) == "" {
		return nil, wrong(1, "an empty expression")
	}
	if len(expr) > maxExpression {
		return nil, wrong(maxExpression, "the expression is too long")
	}
	tree, err := parser.ParseExpr(expr)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok && len(list) > 0 {
		return nil, wrong(list[0].Pos.Column, list[0].Msg)
	}
	if err != nil {
		return nil, wrong(1, err.Error())
	}
	var bad error
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			bad = wrong(int(n.Pos()), "functions cannot be called: the snapshot is read-only")
		case *ast.CompositeLit:
			bad = wrong(int(n.Pos()), "composite literals are not supported")
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				bad = wrong(int(n.Pos()), "a channel cannot be received from: the snapshot is read-only")
			}
		}
		return bad == nil
	})
	return tree, bad
}

// culprit finds the innermost part of the expression that cannot be evaluated, its
// column and why. Parts come before what they are part of.
func culprit(scope *proc.EvalScope, expr string, tree ast.Expr, err error) (int, error) {
	var column int
	var reason error
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		for _, part := range parts(n) {
			if visit(part); reason != nil {
				return
			}
		}
		src := expr[n.Pos()-1 : n.End()-1]
		if v, err := scope.EvalExpression(src, proc.LoadConfig{MaxStringLen: 1}); err != nil {
			column, reason = int(n.Pos()), err
		} else if v.Unreadable != nil {
			column, reason = int(n.Pos()), v.Unreadable
		}
	}
	if visit(tree); reason == nil {
		return int(tree.Pos()), err
	}
	return column, reason
}

// parts returns the operands of an expression that are values by themselves.
func parts(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return []ast.Node{n.X}
	case *ast.StarExpr:
		return []ast.Node{n.X}
	case *ast.UnaryExpr:
		return []ast.Node{n.X}
	case *ast.BinaryExpr:
		return []ast.Node{n.X, n.Y}
	case *ast.IndexExpr:
		return []ast.Node{n.X, n.Index}
	case *ast.SliceExpr:
		return []ast.Node{n.X}
	case *ast.TypeAssertExpr:
		return []ast.Node{n.X}
	case *ast.SelectorExpr:
		if _, ok := n.X.(*ast.Ident); !ok { // else it may be a package
			return []ast.Node{n.X}
		}
	case *ast.CallExpr:
		var in []ast.Node
		for _, a := range n.Args {
			in = append(in, a)
		}
		return in
	}
	return nil
}

// evalReason rewords what the reader says.
func evalReason(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "function calls not allowed"), strings.Contains(text, "call injection"),
		strings.Contains(text, "can not call"), strings.Contains(text, "function call"):
		return "functions cannot be called: the snapshot is read-only"
	case strings.HasPrefix(text, "could not find symbol value for "):
		return strings.TrimPrefix(text, "could not find symbol value for ") + " is not known in this frame"
	case strings.HasPrefix(text, "key not found"):
		return "the map has no such key"
	}
	return plainReason(err)
}
