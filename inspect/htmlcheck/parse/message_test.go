package parse

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// declaredCodes reads the constants of type Code from the source.
func declaredCodes(t *testing.T) []Code {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []Code
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "Code" {
			s, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, Code(s))
		}
		return true
	})
	return out
}

func TestMessages(t *testing.T) {
	all := declaredCodes(t)
	if len(all) < 90 || len(all) != len(standardMessages)+len(treeMessages) {
		t.Errorf("%d codes, %d and %d messages", len(all), len(standardMessages), len(treeMessages))
	}
	for _, c := range all {
		e := Error{Code: c, Name: "NAME", Other: "OTHER"}
		if m := e.Message(); m == "" || strings.ContainsAny(m, "{}") || c.Section() == "" {
			t.Errorf("%s: %q, section %q", c, m, c.Section())
		}
	}
}
