package snapshot

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// cameIn is said of an argument of which no more is known.
const cameIn = "it came in as an argument"

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
		if why := l.whyPassed(name); why != "" {
			return why
		}
		return cameIn
	case len(defs) != 1 || declares(l.function.Params, name) || declares(l.receiver, name):
		return ""
	case defs[0].zero:
		return "nothing was assigned to it"
	}
	return l.whyValue(defs[0])
}

// whyValue says why what a definition assigns is nil.
func (l *failingLine) whyValue(d definition) string {
	switch v := d.value.(type) {
	case *ast.IndexExpr:
		s := nilSearch{failingLine: l}
		if s.absentEntry(v) {
			if m, ok := l.value(v.X); ok && isNil(m) {
				return l.text(v.X) + " is a nil map"
			}
			return l.text(v) + " has no entry" + l.forKey(v.Index)
		}
	case *ast.CallExpr:
		return l.returned(v, d)
	}
	return ""
}

// whyPassed says where the caller had a nil argument from, "" when that is not certain: its
// line must hold one call of the function, and one that says which argument it is.
func (l *failingLine) whyPassed(name string) string {
	i := position(l.function.Params, name)
	caller, ok := l.caller()
	if i < 0 || l.name == "" || !ok {
		return ""
	}
	var call *ast.CallExpr
	calls := 0
	caller.nodes(func(n ast.Node) {
		if c, ok := n.(*ast.CallExpr); ok && calledName(c) == l.name {
			call = c
			calls++
		}
	})
	if calls != 1 || len(call.Args) != l.function.Params.NumFields() {
		return ""
	}
	why := ""
	switch arg := call.Args[i].(type) {
	case *ast.Ident:
		if v, ok := caller.value(arg); ok && isNil(v) && arg.Name != "nil" {
			why = caller.whyNil(arg.Name)
		}
		if declares(caller.function.Params, arg.Name) { // whose caller is named already
			return strings.TrimPrefix(why, cameIn)
		}
	case *ast.IndexExpr, *ast.CallExpr:
		why = caller.whyValue(definition{value: arg, line: caller.lineOf(arg.Pos())})
	}
	switch {
	case why == "":
		return ""
	case caller.name == "":
		return why + ", in its caller"
	}
	return why + ", in " + caller.name
}

// calledName is the name of the function or method that is called.
func calledName(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// position is the place of a name among parameters, -1 where it has none.
func position(fields *ast.FieldList, name string) int {
	i := 0
	for _, f := range fields.List {
		for _, id := range f.Names {
			if id.Name == name {
				return i
			}
			i++
		}
	}
	return -1
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
