package overlay

import (
	"embed"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// startSource makes the copy of the agent in the target start by itself.
//
//go:embed _std/agent/start.go
var startSource string

//go:embed _std
var std embed.FS

// A Hook is a change to one package of the standard library, whole or not at all.
type Hook struct {
	// Name is what switches the hook off in Config.Without. Hooks of one name belong
	// together; without one it cannot be switched off.
	Name    string
	Feature string // what is lost without it, as users call it
	Package string // its import path
	Edits   []Edit
	// Files join the standard library, by their paths in this package's _std. Those
	// in "agent" join the agent.
	Files []string
	// Needs is the Feature of an earlier hook, without which this one is lost too.
	Needs string
	// Or is tried when the hook does not fit: the same for other versions of Go.
	Or []Hook
}

// An Edit changes one declaration.
type Edit struct {
	// Anchor names the declaration: "F", "T.F" and "(*T).F" are functions and
	// methods, "type T" is a type.
	Anchor string
	// Want is the type the declaration must have, as go/types.ExprString prints it.
	// For a struct type it is "struct".
	Want string
	// Tag is a build tag that the declaration's file asks for, or "!" and one that it asks
	// not to be there, when builds of one Go version differ in it. Else it is empty.
	Tag string
	// Change returns the text to put into the file of the declaration. It must not
	// hold a line end, so that all lines keep their numbers.
	Change func(decl) (splice, error)
}

// rename gives a function another name. The hook's file declares the old one.
func rename(to string) func(decl) (splice, error) {
	return func(d decl) (splice, error) {
		return splice{at: d.offset(d.name.Pos()), end: d.offset(d.name.End()), text: to}, nil
	}
}

// addField adds a field behind the last one of a struct type, which leaves the
// others at their offsets.
func addField(text string) func(decl) (splice, error) {
	return func(d decl) (splice, error) {
		if n := len(d.fields.List); n > 0 {
			at := d.offset(d.fields.List[n-1].End())
			return splice{at: at, end: at, text: "; " + text}, nil
		}
		at := d.offset(d.fields.Closing)
		return splice{at: at, end: at, text: text}, nil
	}
}

// begin puts text at the begin of a function's body.
func begin(text string) func(decl) (splice, error) {
	return func(d decl) (splice, error) {
		if d.body == nil {
			return splice{}, fmt.Errorf("%s has no body", d.name.Name)
		}
		at := d.offset(d.body.Lbrace) + 1
		return splice{at: at, end: at, text: " " + text}, nil
	}
}

// around puts text before and after the one statement of a function's body, however
// deep, that reads so. What comes before ends with a semicolon and what comes after
// begins with one.
func around(statement, before, after string) func(decl) (splice, error) {
	return func(d decl) (splice, error) {
		at, end, err := d.statement(statement)
		if err != nil {
			return splice{}, err
		}
		return splice{at: at, end: end, text: before + statement + after}, nil
	}
}

// replace puts another statement in the place of one.
func replace(statement, by string) func(decl) (splice, error) {
	return func(d decl) (splice, error) {
		at, end, err := d.statement(statement)
		return splice{at: at, end: end, text: by}, err
	}
}

// statement finds the one statement of a function that reads so.
func (d decl) statement(want string) (at, end int, err error) {
	var found []ast.Stmt
	if d.body != nil {
		ast.Inspect(d.body, func(n ast.Node) bool {
			if s, ok := n.(ast.Stmt); ok && string(d.text[d.offset(s.Pos()):d.offset(s.End())]) == want {
				found = append(found, s)
			}
			return true
		})
	}
	if len(found) != 1 {
		return 0, 0, fmt.Errorf("%s holds %d statements %q, expected one", d.name.Name, len(found), want)
	}
	return d.offset(found[0].Pos()), d.offset(found[0].End()), nil
}

// DefaultHooks returns every hook there is. The order is that of Needs.
func DefaultHooks() []Hook {
	return slices.Concat([]Hook{listenHook(), goroutineHook()}, handlerHooks(),
		[]Hook{printsHook()}, logsHooks(), []Hook{sqlHook(), callsHook(), panicsHook()}, profileHooks(), callTreeHooks())
}

// Names lists what Config.Without takes.
func Names() []string {
	var names []string
	for _, h := range DefaultHooks() {
		if h.Name != "" && !slices.Contains(names, h.Name) {
			names = append(names, h.Name)
		}
	}
	return names
}

// without leaves out the hooks of these names.
func without(hooks []Hook, names []string) ([]Hook, error) {
	for _, name := range names {
		if !slices.ContainsFunc(hooks, func(h Hook) bool { return h.Name == name && name != "" }) {
			return nil, fmt.Errorf("overlay: no hook is called %q; there are %s", name, strings.Join(Names(), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(hooks), func(h Hook) bool {
		return h.Name != "" && slices.Contains(names, h.Name)
	}), nil
}
