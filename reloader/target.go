package reloader

import (
	"path/filepath"
	"strings"
)

// TargetKind says what is run.
type TargetKind int

// The kinds of target.
const (
	TargetNone    TargetKind = iota // no process of ours: an upstream that others run
	TargetPackage                   // a Go package main, built by us
	TargetCommand                   // any command
)

// Target is what pastedev wraps.
type Target struct {
	Kind    TargetKind
	Package GoPackage // of TargetPackage
	// Args are the arguments after the package, unchanged, or the whole argument
	// vector of a TargetCommand.
	Args []string
	// Upstream is the URL of a TargetNone, for display.
	Upstream string
}

// String names the target as the user did: "./myapp", "node server.js".
func (t Target) String() string {
	switch t.Kind {
	case TargetPackage:
		return strings.Join(append([]string{t.Package.Pattern}, t.Args...), " ")
	case TargetCommand:
		return strings.Join(t.Args, " ")
	default:
		return t.Upstream
	}
}

// programName is the base name of the built program, as go build would choose it.
func (p GoPackage) programName() string {
	name := filepath.Base(p.Dir)
	if i := strings.LastIndexByte(p.ImportPath, '/'); i >= 0 && !p.inMainModule() {
		name = p.ImportPath[i+1:]
	}
	if name == "" || name == "." || name == string(filepath.Separator) {
		name = "app"
	}
	return name + exeSuffix
}
