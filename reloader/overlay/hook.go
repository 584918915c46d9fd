package overlay

import "embed"

// startSource makes the copy of the agent in the target start by itself.
//
//go:embed _std/agent/start.go
var startSource string

//go:embed _std
var std embed.FS

// A Hook is a change to one package of the standard library, whole or not at all.
type Hook struct {
	Feature string // what is lost without it, as users call it
	Package string // its import path
	Edits   []Edit
	File    string // a file that joins the package, by its path in this package's _std
}

// An Edit changes one declaration.
type Edit struct {
	// Anchor names the declaration: "F", "T.F" and "(*T).F" are functions and
	// methods, "type T" is a type.
	Anchor string
	// Want is the type the declaration must have, as go/types.ExprString prints it.
	// For a struct type it is "struct".
	Want string
	// Change returns the text to put into the file of the declaration. It must not
	// hold a line end, so that all lines keep their numbers.
	Change func(decl) splice
}

// rename gives a function another name. The hook's file declares the old one.
func rename(to string) func(decl) splice {
	return func(d decl) splice {
		return splice{at: d.offset(d.name.Pos()), end: d.offset(d.name.End()), text: to}
	}
}

// addField adds a field behind the last one of a struct type, which leaves the
// others at their offsets.
func addField(text string) func(decl) splice {
	return func(d decl) splice {
		if n := len(d.fields.List); n > 0 {
			at := d.offset(d.fields.List[n-1].End())
			return splice{at: at, end: at, text: "; " + text}
		}
		at := d.offset(d.fields.Closing)
		return splice{at: at, end: at, text: text}
	}
}

// DefaultHooks returns every hook there is.
func DefaultHooks() []Hook {
	return []Hook{listenHook()}
}
