//go:build ignore

// Gen_charref writes charref.txt, the named character references of section 13.5, from
// the table in the Go distribution: a name and its text a line, sorted by name.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
)

func main() {
	file := filepath.Join(runtime.GOROOT(), "src", "html", "entity.go")
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		log.Fatal(err)
	}
	// Go's table leaves out the two whose text is longer than their name.
	refs := map[string]string{"nLt;": "\u226a\u20d2", "nGt;": "\u226b\u20d2"}
	ast.Inspect(f, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		name, err := strconv.Unquote(kv.Key.(*ast.BasicLit).Value)
		if err != nil {
			log.Fatal(err)
		}
		switch v := kv.Value.(type) {
		case *ast.BasicLit:
			refs[name] = char(v)
		case *ast.CompositeLit:
			refs[name] = char(v.Elts[0]) + char(v.Elts[1])
		}
		return false
	})
	names := make([]string, 0, len(refs))
	for name := range refs {
		names = append(names, name)
	}
	sort.Strings(names)
	var out bytes.Buffer
	for _, name := range names {
		fmt.Fprintf(&out, "%s %s\n", name, strconv.QuoteToASCII(refs[name]))
	}
	if err := os.WriteFile("charref.txt", out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func char(e ast.Expr) string {
	s, err := strconv.Unquote(e.(*ast.BasicLit).Value)
	if err != nil {
		log.Fatal(err)
	}
	return s
}
