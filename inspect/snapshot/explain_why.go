package snapshot

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
)

// definition is a place where a variable gets a value.
type definition struct {
	value  ast.Expr   // nil for a declaration without one, or when it is not an expression
	others []ast.Expr // what else the statement assigns
	zero   bool       // a declaration without a value
	line   int
}

// whyNil says where the only value of a variable of the function came from, "" when
// it had several or it is not certain.
func (l *failingLine) whyNil(name string) string {
	defs, safe := l.definitions(name)
	switch {
	case !safe:
		return ""
	case len(defs) == 0 && declares(l.receiver, name):
		return "the method was called on nil"
	case len(defs) == 0 && declares(l.function.Params, name):
		return "it came in as an argument"
	case len(defs) != 1 || declares(l.function.Params, name) || declares(l.receiver, name):
		return ""
	case defs[0].zero:
		return "nothing was assigned to it"
	}
	switch v := defs[0].value.(type) {
	case *ast.IndexExpr:
		s := nilSearch{failingLine: l}
		if s.absentEntry(v) {
			if m, ok := l.value(v.X); ok && isNil(m) {
				return l.text(v.X) + " is a nil map"
			}
			return l.text(v) + " has no entry" + l.forKey(v.Index)
		}
	case *ast.CallExpr:
		return l.returned(v, defs[0])
	}
	return ""
}

func (l *failingLine) forKey(key ast.Expr) string {
	if text := l.show(key); text != "" && !isLiteral(key) {
		return " for " + text
	}
	return ""
}

// returned says which call gave the nil, and with which error.
func (l *failingLine) returned(call *ast.CallExpr, d definition) string {
	text := fmt.Sprintf("%s returned it in line %d", l.text(call), d.line)
	for _, other := range d.others {
		id, ok := other.(*ast.Ident)
		if !ok || id.Name == "_" {
			continue
		}
		if defs, safe := l.definitions(id.Name); !safe || len(defs) != 1 {
			continue
		}
		if v, ok := l.value(id); ok && typeName(v) == "error" && !isNil(v) {
			shown, err := l.scope.EvalExpression(id.Name, l.conv.cfg.delve())
			if err != nil {
				return text
			}
			if said, ok := errorText(shown, lineDepth); ok {
				return text + ", with the error " + strconv.Quote(said)
			}
			return text + ", with the error " + l.conv.line(shown)
		}
	}
	return text
}

// definitions finds all assignments to a name in the function and its literals. It is
// not safe when the variable's address is taken: others may write to it.
func (l *failingLine) definitions(name string) (defs []definition, safe bool) {
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && id.Name == name
	}
	safe = true
	ast.Inspect(l.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			safe = safe && (n.Op != token.AND || !is(n.X))
		case *ast.RangeStmt:
			if (n.Key != nil && is(n.Key)) || (n.Value != nil && is(n.Value)) {
				safe = false
			}
		case *ast.FuncLit:
			safe = safe && !declares(n.Type.Params, name) && !declares(n.Type.Results, name)
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Name == name {
					defs = append(defs, definitionOf(l, n.Pos(), i, nil, n.Values))
				}
			}
		case *ast.AssignStmt:
			for i, e := range n.Lhs {
				if is(e) {
					defs = append(defs, definitionOf(l, n.Pos(), i, n.Lhs, n.Rhs))
				}
			}
		}
		return true
	})
	return defs, safe
}

func definitionOf(l *failingLine, at token.Pos, i int, left, right []ast.Expr) definition {
	d := definition{line: l.lineOf(at), zero: len(right) == 0}
	switch {
	case len(right) == 1 && i == 0:
		d.value, d.others = right[0], left[min(1, len(left)):]
	case len(left) == len(right) && i < len(right):
		d.value = right[i]
	}
	return d
}

func declares(fields *ast.FieldList, name string) bool {
	if fields == nil {
		return false
	}
	for _, f := range fields.List {
		for _, id := range f.Names {
			if id.Name == name {
				return true
			}
		}
	}
	return false
}
