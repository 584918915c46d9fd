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

// String names the target as the user did: "./myapp", "node server.js". The package
// of the current folder has the folder's name: "." says nothing in a browser's tab.
func (t Target) String() string {
	switch t.Kind {
	case TargetPackage:
		name := t.Package.Pattern
		if name == "." && t.Package.Dir != "" {
			name = filepath.Base(t.Package.Dir)
		}
		return strings.Join(append([]string{name}, t.Args...), " ")
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
