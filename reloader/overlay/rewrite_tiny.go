package overlay

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// inlineBudget is how many nodes a function may have for the compiler to inline
// it. A node of the compiler is about a node of the syntax tree; blocks, types and
// names of fields are none.
const inlineBudget = 80

// sizes estimates what the compiler inlines. A function is tiny when it has no more
// nodes than the budget and nothing in which time can pass: no loop, no channel, no
// go, defer or recover, and no calls but those of builtins, conversions, of
// quickPackages and of tiny functions of the same file. A getter and a setter are tiny,
// and a function that makes another one, which inlined allocates nothing. A function
// that only calls another one is not, although the compiler may inline it: it is what
// people look for in a tree of calls.
type sizes struct {
	functions map[string]*ast.FuncDecl // of the file, without methods
	types     map[string]bool          // that the file declares
	imports   map[string]string        // path by name
	nodes     map[*ast.BlockStmt]int   // what of has found; negative: not tiny
}

// literalNodes is what the compiler takes a function literal for.
const literalNodes = 15

// quickPackages hold functions that become an instruction or a few. Of package
// time only the conversion to a Duration counts.
var quickPackages = map[string]bool{"math": true, "math/bits": true, "sync/atomic": true, "unsafe": true}

// quickNames are the builtin functions that return at once, and the builtin types.
var quickNames = map[string]bool{
	"append": true, "cap": true, "clear": true, "complex": true, "copy": true, "delete": true, "imag": true, "len": true,
	"make": true, "max": true, "min": true, "new": true, "panic": true, "real": true,
	"any": true, "bool": true, "byte": true, "complex128": true, "complex64": true, "error": true, "float32": true,
	"float64": true, "int": true, "int16": true, "int32": true, "int64": true, "int8": true, "rune": true, "string": true,
	"uint": true, "uint16": true, "uint32": true, "uint64": true, "uint8": true, "uintptr": true,
}

func newSizes(file *ast.File) sizes {
	s := sizes{
		functions: make(map[string]*ast.FuncDecl), types: make(map[string]bool),
		imports: make(map[string]string), nodes: make(map[*ast.BlockStmt]int),
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Body != nil {
				s.functions[d.Name.Name] = d
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					s.types[t.Name.Name] = true
				}
			}
		}
	}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := path
		switch {
		case spec.Name != nil:
			name = spec.Name.Name
		case path == "math/bits":
			name = "bits"
		case path == "sync/atomic":
			name = "atomic"
		}
		s.imports[name] = path
	}
	return s
}

// of returns the nodes of a function and whether it is tiny.
func (s sizes) of(body *ast.BlockStmt) (nodes int, tiny bool) {
	if n, known := s.nodes[body]; known {
		return n, n >= 0
	}
	s.nodes[body] = -1 // for a function that calls itself
	n := s.count(body)
	s.nodes[body] = n
	return n, n >= 0
}

// count is negative when the body is not tiny.
func (s sizes) count(body *ast.BlockStmt) int {
	n := 0
	ast.Inspect(body, func(node ast.Node) bool {
		if n < 0 {
			return false
		}
		if _, literal := node.(*ast.FuncLit); literal {
			n += literalNodes
			return false
		}
		n += s.node(node)
		if n > inlineBudget || slow(node) {
			n = -1
		}
		if call, ok := node.(*ast.CallExpr); ok && n >= 0 {
			if called, quick := s.call(call); quick {
				n += called
			} else {
				n = -1
			}
		}
		return n >= 0
	})
	return n
}

// node is 1 for what is a node of the compiler too.
func (s sizes) node(n ast.Node) int {
	switch n.(type) {
	case nil, *ast.BlockStmt, *ast.ExprStmt, *ast.EmptyStmt, *ast.DeclStmt, *ast.GenDecl, *ast.ValueSpec, *ast.ParenExpr,
		*ast.Field, *ast.FieldList, *ast.Comment, *ast.CommentGroup, *ast.CaseClause,
		*ast.ArrayType, *ast.StructType, *ast.FuncType, *ast.InterfaceType, *ast.MapType, *ast.ChanType, *ast.TypeSpec:
		return 0
	case *ast.SelectorExpr: // its two names are counted, and one node is right
		return -1
	}
	return 1
}

// slow reports what can take time or is never inlined.
func slow(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt, *ast.SendStmt, *ast.LabeledStmt:
		return true
	case *ast.UnaryExpr:
		return n.Op == token.ARROW
	}
	return false
}

// call returns the nodes of what is called, when that is quick. A literal given to
// something of package p that is called p.HandlerFunc is a conversion, by the custom
// of the language: other functions with such a name take more than a literal.
func (s sizes) call(c *ast.CallExpr) (nodes int, quick bool) {
	converts := false
	if len(c.Args) == 1 {
		_, converts = ast.Unparen(c.Args[0]).(*ast.FuncLit)
	}
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		if d := s.functions[f.Name]; d != nil {
			return s.of(d.Body)
		}
		return 0, s.types[f.Name] || quickNames[f.Name] || converts && strings.HasSuffix(f.Name, "Func")
	case *ast.SelectorExpr:
		if converts && strings.HasSuffix(f.Sel.Name, "Func") {
			return 0, true
		}
		name, ok := f.X.(*ast.Ident)
		if !ok {
			return 0, false
		}
		path := s.imports[name.Name]
		return 0, quickPackages[path] || path == "time" && f.Sel.Name == "Duration"
	case *ast.ArrayType, *ast.MapType, *ast.ChanType, *ast.FuncType, *ast.InterfaceType, *ast.StarExpr:
		return 0, true
	}
	return 0, false
}
