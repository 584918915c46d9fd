package htmlcheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// The types whose constants are names of rules.
const (
	ruleType = "github.com/pastedev/pastedev/inspect/htmlcheck/finding.Rule"
	codeType = "github.com/pastedev/pastedev/inspect/htmlcheck/parse.Code"
)

// sourceRules is what the sources say of rules.
type sourceRules struct {
	rules    map[string]string // constants of the type finding.Rule, with where they are
	codes    map[string]string // constants of the type parse.Code that are used
	composed []string          // functions that make a rule of something else
}

// TestRulesAreThoseOfTheSources reads the sources of the check: the list of rules has each
// rule that they write, and no other; none is put together but those of the parser.
func TestRulesAreThoseOfTheSources(t *testing.T) {
	src := readSources(t)
	for code, at := range src.codes {
		src.rules[string(parseRule(parse.Code(code)))] = at
	}
	listed := map[string]bool{}
	for _, r := range Rules() {
		listed[r.Code] = true
		if src.rules[r.Code] == "" && !strings.HasSuffix(r.Code, "/nu") { // package nu makes these of each family
			t.Errorf("%s is in the list of rules, and in no source", r.Code)
		}
	}
	for code, at := range src.rules {
		if !listed[code] {
			t.Errorf("%s: %s is not in the list of rules", at, code)
		}
	}
	if want := []string{"parseRule"}; !slices.Equal(src.composed, want) {
		t.Errorf("rules are put together in %q, want %q: write each as one constant", src.composed, want)
	}
}

// goPackage is what `go list` says of a package.
type goPackage struct {
	Dir, ImportPath, Export string
	GoFiles                 []string
	DepOnly                 bool
}

func readSources(t *testing.T) *sourceRules {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,DepOnly", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := map[string]string{}
	var checked []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			checked = append(checked, p)
		}
	}
	src := &sourceRules{rules: map[string]string{}, codes: map[string]string{}}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range checked {
		src.read(t, fset, imports, &p)
	}
	return src
}

func (s *sourceRules) read(t *testing.T, fset *token.FileSet, imports types.Importer, p *goPackage) {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: imports}
	if _, err := conf.Check(p.ImportPath, fset, files, info); err != nil {
		t.Fatal(err)
	}
	for id, o := range info.Uses {
		at := fset.Position(id.Pos())
		// A code is used where the parser reports it; message.go only explains it.
		if c, ok := o.(*types.Const); ok && c.Type().String() == codeType && path.Base(p.ImportPath) == "parse" && filepath.Base(at.Filename) != "message.go" {
			s.codes[constant.StringVal(c.Val())] = at.String()
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					s.expression(fset, d, e, info)
				}
				return true
			})
		}
	}
}

// expression notes an expression of the type finding.Rule: a constant, or a conversion or
// concatenation that is none.
func (s *sourceRules) expression(fset *token.FileSet, in ast.Decl, e ast.Expr, info *types.Info) {
	tv := info.Types[e]
	if tv.Type == nil || tv.Type.String() != ruleType || tv.IsType() {
		return
	}
	if tv.Value != nil {
		if code := constant.StringVal(tv.Value); code != "" {
			s.rules[code] = fset.Position(e.Pos()).String()
		}
		return
	}
	made := false
	switch e := e.(type) {
	case *ast.BinaryExpr:
		made = true
	case *ast.CallExpr:
		made = info.Types[e.Fun].IsType()
	}
	if f, ok := in.(*ast.FuncDecl); ok && made {
		s.composed = append(s.composed, f.Name.Name)
	} else if made {
		s.composed = append(s.composed, fset.Position(e.Pos()).String())
	}
}
