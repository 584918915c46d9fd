package snapshot

import (
	"go/ast"
	"go/token"
	"reflect"
	"strings"

	"github.com/go-delve/delve/pkg/dwarf/godwarf"
	"github.com/go-delve/delve/pkg/proc"
)

// nilSearch goes through a line as the program did and stops at the first nil that
// is followed.
type nilSearch struct {
	*failingLine
	culprit ast.Expr
	value   *proc.Variable // of culprit; nil when it is the absent entry of a map
	absent  *ast.IndexExpr // the entry, when it is one
	unknown []ast.Expr     // followed before the culprit, with values that are not known
}

func (l *failingLine) explainNil(string) string {
	s := nilSearch{failingLine: l}
	for _, st := range l.statements() {
		if s.visit(st); s.culprit != nil {
			break
		}
	}
	switch {
	case s.culprit == nil && len(s.unknown) == 1:
		if call, ok := s.unknown[0].(*ast.CallExpr); ok {
			return l.text(call) + " returned nil"
		}
		return ""
	case s.culprit == nil || len(s.unknown) > 0:
		return ""
	}
	name := l.text(s.culprit)
	if s.absent != nil {
		return name + " is nil: " + l.noEntry(s.absent)
	}
	sentence := name + " is nil"
	switch s.value.Kind {
	case reflect.Interface:
		sentence = name + " is a nil " + typeName(s.value)
	case reflect.Func:
		sentence = name + " is a nil function"
	}
	if id, ok := s.culprit.(*ast.Ident); ok {
		if why := l.whyNil(id.Name); why != "" {
			return sentence + ": " + why
		}
	}
	return sentence
}

// statements returns the innermost nodes that are evaluated as a whole: those of
// statement lists that touch the line, without the bodies they contain.
func (l *failingLine) statements() []ast.Node {
	var out []ast.Node
	add := func(ns ...ast.Node) {
		for _, n := range ns {
			if n != nil && !reflect.ValueOf(n).IsNil() && l.covers(n) {
				out = append(out, n)
			}
		}
	}
	l.nodes(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.IfStmt:
			add(n.Cond)
		case *ast.ForStmt:
			add(n.Cond)
		case *ast.RangeStmt:
			add(n.X)
		case *ast.SwitchStmt:
			add(n.Tag)
		case *ast.CaseClause:
			for _, e := range n.List {
				add(e)
			}
		case *ast.AssignStmt, *ast.ExprStmt, *ast.ReturnStmt, *ast.SendStmt, *ast.IncDecStmt,
			*ast.DeclStmt, *ast.DeferStmt, *ast.GoStmt:
			add(n)
		}
	})
	return out
}

// visit goes through n, operands first. It is done when a culprit is found.
func (s *nilSearch) visit(n ast.Node) {
	if s.culprit != nil || n == nil {
		return
	}
	switch n := n.(type) {
	case *ast.FuncLit:
		return
	case *ast.AssignStmt: // the right side is evaluated before anything is stored
		for _, e := range n.Rhs {
			s.visit(e)
		}
		for _, e := range n.Lhs {
			s.visit(e)
		}
		return
	case *ast.BinaryExpr:
		s.binary(n)
		return
	}
	ast.Inspect(n, func(m ast.Node) bool {
		if m == nil || m == n {
			return m == n
		}
		s.visit(m)
		return false
	})
	if e, ok := n.(ast.Expr); ok && s.culprit == nil {
		s.follow(e)
	}
}

// binary knows that && and || may leave out their right side.
func (s *nilSearch) binary(n *ast.BinaryExpr) {
	if s.visit(n.X); s.culprit != nil {
		return
	}
	if n.Op == token.LAND || n.Op == token.LOR {
		left := s.show(n.X)
		if (n.Op == token.LAND && left == "false") || (n.Op == token.LOR && left == "true") {
			return
		}
		if left == "" {
			s.unknown = append(s.unknown, n.X)
		}
	}
	s.visit(n.Y)
}

// follow checks what e goes through.
func (s *nilSearch) follow(e ast.Expr) {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok && s.packages[id.Name] {
			if _, ok := s.failingLine.value(e.X); !ok {
				return
			}
		}
		s.check(e.X, e.Sel.Name)
	case *ast.StarExpr:
		s.check(e.X, "")
	case *ast.IndexExpr:
		if x, ok := s.failingLine.value(e.X); ok && x.Kind == reflect.Pointer {
			s.check(e.X, "")
		}
	case *ast.CallExpr:
		if x, ok := s.failingLine.value(e.Fun); ok && x.Kind == reflect.Func && isNil(x) {
			s.culprit, s.value = e.Fun, x
		}
	}
}

// check makes x the culprit when it is nil and selecting name from it follows it.
func (s *nilSearch) check(x ast.Expr, name string) {
	v, ok := s.failingLine.value(x)
	if !ok {
		if ix, isIndex := x.(*ast.IndexExpr); isIndex && s.absentEntry(ix) {
			s.culprit, s.absent = x, ix
			return
		}
		if call, isCall := x.(*ast.CallExpr); isCall || hasCall(x) {
			if isCall && s.isConversion(call) {
				return
			}
			s.unknown = append(s.unknown, x)
		}
		return
	}
	switch {
	case v.Kind == reflect.Interface && isNil(v):
		s.culprit, s.value = x, v
	case v.Kind == reflect.Pointer && isNil(v) && (name == "" || s.selectsThrough(v, name)):
		s.culprit, s.value = x, v
	}
}

// isConversion reports whether the call is surely none: a type in parentheses.
func (s *nilSearch) isConversion(c *ast.CallExpr) bool {
	p, ok := c.Fun.(*ast.ParenExpr)
	if !ok {
		return false
	}
	_, ok = p.X.(*ast.StarExpr)
	return ok
}

// absentEntry reports whether the map has no such key, and nil is what Go gives then.
func (s *nilSearch) absentEntry(ix *ast.IndexExpr) bool {
	m, ok := s.failingLine.value(ix.X)
	if !ok || m.Kind != reflect.Map || hasCall(ix.Index) {
		return false
	}
	t, ok := m.RealType.(*godwarf.MapType)
	if !ok {
		return false
	}
	switch godwarf.ResolveTypedef(t.ElemType).(type) {
	case *godwarf.PtrType, *godwarf.InterfaceType:
	default:
		return false
	}
	if isNil(m) {
		return true
	}
	_, err := s.scope.EvalExpression(s.text(ix), proc.LoadConfig{})
	return err != nil && strings.Contains(err.Error(), "key not found")
}

// selectsThrough reports whether selecting name from a nil pointer to a struct reads
// memory: a field does, a method on the value does, a method on the pointer does not.
func (s *nilSearch) selectsThrough(v *proc.Variable, name string) bool {
	ptr, ok := v.RealType.(*godwarf.PtrType)
	if !ok {
		return false
	}
	if st, ok := godwarf.ResolveTypedef(ptr.Type).(*godwarf.StructType); ok && hasField(st, name, maxEmbedding) {
		return true
	}
	_, isValueMethod := s.scope.BinInfo.LookupFunc()[ptr.Type.Common().Name+"."+name]
	return isValueMethod
}

// maxEmbedding bounds how deep embedded structs are searched.
const maxEmbedding = 5

func hasField(st *godwarf.StructType, name string, depth int) bool {
	for _, f := range st.Field {
		if f.Name == name {
			return true
		}
		if in, ok := godwarf.ResolveTypedef(f.Type).(*godwarf.StructType); ok && f.Embedded && depth > 0 && hasField(in, name, depth-1) {
			return true
		}
	}
	return false
}

func (l *failingLine) noEntry(ix *ast.IndexExpr) string {
	if m, ok := l.value(ix.X); ok && isNil(m) {
		return l.text(ix.X) + " is a nil map"
	}
	if isLiteral(ix.Index) {
		return l.text(ix.X) + " has no such entry"
	}
	return l.text(ix.X) + " has no entry for " + l.show(ix.Index)
}
