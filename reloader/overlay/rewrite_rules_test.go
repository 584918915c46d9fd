package overlay

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// Each rule, and what is next to it.
func TestRules(t *testing.T) {
	const work = "{ for range 3 { work() } }\n"
	for _, tt := range []struct{ name, source, want string }{
		{"function", "func f() " + work, ""},
		{"method", "func (t *T) f() " + work, ""},
		{"generic", "func f[T any](x T) " + work, ""},
		{"no body", "func f()\n", ruleNoBody},
		{"init", "func init() " + work, ruleInit},
		{"method init", "func (T) init() " + work, ""},
		{"main", "func main() " + work, ruleMain},
		{"method main", "func (T) main() " + work, ""},
		{"blank", "func _() " + work, ruleBlank},
		{"nosplit", "//go:nosplit\nfunc f() " + work, ruleDirective},
		{"two directives", "//go:noinline\n//go:norace\nfunc f() " + work, ruleDirective},
		{"systemstack", "//go:systemstack\nfunc f() " + work, ruleDirective},
		{"directive far above", "//go:uintptrescapes\n\n// A comment.\n\nfunc f() " + work, ruleDirective},
		{"directive of another function", "//go:nosplit\nfunc g()\nfunc f() " + work, ""},
		{"directive of a variable", "//go:nosplit\nvar x int\nfunc f() " + work, ""},
		{"no directive", "// go:nosplit\n//nosplit\nfunc f() " + work, ""},
		{"noinline", "//go:noinline\nfunc f() " + work, ""},
		{"generate", "//go:generate x\nfunc f() " + work, ""},
		{"fix", "//go:fix inline\nfunc f() " + work, ""},
		{"linkname", "//go:linkname f other.f\nfunc f() " + work, ruleLinkname},
		{"linkname below", "func f() " + work + "//go:linkname f\n", ruleLinkname},
		{"linkname of a method's namesake", "//go:linkname f other.f\nfunc g()\nfunc (T) f() " + work, ""},
		{"getter", "func (t *T) f() int { return t.x }\n", ruleTiny},
		{"setter", "func (t *T) f(x int) { t.x = x }\n", ruleTiny},
		{"nothing", "func f() {}\n", ruleTiny},
		{"makes a function", "func f() func() { return func() " + work + "}\n", ruleTiny},
		{"calls", "func f() { work() }\n", ""},
		{"calls a tiny one", "func f() int { return tiny(1) + 1 }\nfunc tiny(x int) int { return x }\n", ruleTiny},
		{"calls a method", "func f(t T) int { return t.x() }\n", ""},
		{"waits", "func f(c chan int) int { return <-c }\n", ""},
		{"locks", "func (t *T) f() int { t.mu.Lock(); defer t.mu.Unlock(); return t.x }\n", ""},
		{"loops", "func f() { for {} }\n", ""},
		{"recovers", "func f() { recover() }\n", ""},
		{"starts", "func f() { go tiny() }\nfunc tiny() {}\n", ""},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package main\n\n"+tt.source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var f *ast.FuncDecl
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name != "g" && d.Name.Name != "tiny" {
				f = d
			}
		}
		if got := newRules(file).declaration(f); got != tt.want {
			t.Errorf("%s: rule %q, want %q", tt.name, got, tt.want)
		}
	}
}
