package overlay_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The agent reads what the runtime writes: the two declare the same things, and the
// kinds of nodes by the same numbers.
func TestFormOfTrees(t *testing.T) {
	runtime, runtimeKinds := declared(t, "_std/runtime/pastedev_calls.go", "pastedevFunc")
	agent, agentKinds := declared(t, "../../inspect/agent/calls_tree.go", "NodeFunc")
	for _, name := range []string{"Node", "Chunk", "Name", "Tree"} {
		theirs := strings.NewReplacer("*call", "*pastedev", "[]call", "[]pastedev").Replace(agent["call"+name])
		ours := runtime["pastedev"+name]
		if name == "Tree" { // the end of it is the runtime's alone
			ours = ours[:min(len(theirs), len(ours))]
		}
		if d := cmp.Diff(theirs, ours); d != "" || theirs == "" {
			t.Errorf("%s (-agent +runtime):\n%s", name, d)
		}
	}
	if d := cmp.Diff(agentKinds, runtimeKinds); d != "" || len(agentKinds) != 8 {
		t.Errorf("kinds (-agent +runtime):\n%s", d)
	}
}

// declared returns the fields of the struct types of a file, a line each, and the names
// of the constants that begin with one, without what is before the last word's begin.
func declared(t *testing.T, name, first string) (structs map[string]string, kinds []string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	structs = make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, id := range f.Names {
						structs[n.Name.Name] += id.Name + " " + types.ExprString(f.Type) + "\n"
					}
				}
			}
		case *ast.GenDecl:
			if v, ok := n.Specs[0].(*ast.ValueSpec); ok && v.Names[0].Name == first {
				for _, s := range n.Specs {
					name := s.(*ast.ValueSpec).Names[0].Name
					kinds = append(kinds, strings.TrimPrefix(strings.TrimPrefix(name, "pastedev"), "Node"))
				}
			}
		}
		return true
	})
	return structs, kinds
}
