package overlay

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// The rules by which something of the user's is left as it is. Each is a reason.
const (
	ruleBigFile   = "the file is larger than what people write"
	ruleName      = "a line directive cannot hold the name of the file"
	ruleOneLine   = "the file has code in the line of its package clause"
	ruleCgo       = "the file imports C: the cgo command writes another one from it"
	ruleNoBody    = "the function has its body in assembly or elsewhere"
	ruleInit      = "init runs once, before any request"
	ruleMain      = "main runs once and as long as the program"
	ruleBlank     = "nobody can call a function named _"
	ruleDirective = "a //go: directive sets conditions for the body that a call would break"
	ruleLinkname  = "//go:linkname gives the function to callers with conditions of their own"
	ruleLongLine  = "columns of the line would come behind the last one that the compiler counts"
	ruleTiny      = "the compiler inlines the function, and it calls nothing that takes time"
)

// harmless are the //go: directives that a function can have and be timed: they
// are orders to the compiler that a deferred call does not contradict, or meant
// for other tools.
var harmless = []string{"noinline", "generate", "fix", "embed", "build"}

// rules decides about the functions of one file.
type rules struct {
	file     *ast.File
	linkname []string // names that //go:linkname gives another name
	marked   map[*ast.FuncDecl]bool
	sizes    sizes
}

func newRules(file *ast.File) *rules {
	r := &rules{file: file, marked: make(map[*ast.FuncDecl]bool), sizes: newSizes(file)}
	for _, group := range file.Comments {
		for _, c := range group.List {
			word := directive(c.Text)
			if c.Pos() < file.Package {
				break // about the file
			}
			if word == "linkname" {
				if fields := strings.Fields(c.Text); len(fields) > 1 {
					r.linkname = append(r.linkname, fields[1])
				}
				continue
			}
			if word == "" || slices.Contains(harmless, word) {
				continue
			}
			if f := r.next(c.Pos()); f != nil {
				r.marked[f] = true
			}
		}
	}
	return r
}

// next returns the function to which the compiler gives a directive at p: the
// declaration after it, whatever lies between.
func (r *rules) next(p token.Pos) *ast.FuncDecl {
	i := slices.IndexFunc(r.file.Decls, func(d ast.Decl) bool { return d.End() > p })
	if i < 0 {
		return nil
	}
	f, _ := r.file.Decls[i].(*ast.FuncDecl)
	return f
}

// declaration returns the rule that leaves a function alone, or "".
func (r *rules) declaration(f *ast.FuncDecl) string {
	plain := f.Recv == nil
	switch name := f.Name.Name; {
	case f.Body == nil:
		return ruleNoBody
	case plain && name == "init":
		return ruleInit
	case plain && name == "main" && r.file.Name.Name == "main":
		return ruleMain
	case name == "_":
		return ruleBlank
	case r.marked[f]:
		return ruleDirective
	case plain && slices.Contains(r.linkname, name):
		return ruleLinkname
	}
	return r.body(f.Body)
}

// body returns the rule that leaves a function with this body alone, or "".
func (r *rules) body(b *ast.BlockStmt) string {
	if _, tiny := r.sizes.of(b); tiny {
		return ruleTiny
	}
	return ""
}
