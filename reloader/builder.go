package reloader

import (
	"context"

	"github.com/pastedev/pastedev/inspect"
)

// Builder turns the source into a program. GoBuilder runs go build; a builder that
// runs the compile and link steps itself can take its place.
type Builder interface {
	// Build makes the program. The error is for what kept it from trying (no go
	// command, ctx ended); source that does not compile is a result, not an error.
	// When ctx ends, every process of the build is dead before Build returns.
	Build(ctx context.Context, req BuildRequest) (BuildOutcome, error)
}

// BuildRequest says what to build, and where to report on the way. The callbacks
// are called one at a time, from the goroutine that called Build or from one that
// ends before it returns; nil is allowed.
type BuildRequest struct {
	Package GoPackage
	Go      string   // the go command; "" means the one on PATH
	Dir     string   // scratch and output folder of this build, made by Build
	Flags   []string // build flags of the user and of the instrumentation: "-tags=x"
	Env     []string // the whole environment; nil means our own
	Low     bool     // at low priority, beside a running app
	DWARF   bool     // link the debug data in, which a program that runs does without
	// Diagnostic hears of each finding as soon as the compiler has said it.
	Diagnostic func(inspect.Diagnostic)
	// Compiling hears of each package whose compilation begins.
	Compiling func(importPath string)
	// Progress hears how many packages are compiled, of how many; total is 0 while
	// it is not known.
	Progress func(done, total int)
}

// BuildOutcome is what came out of a build.
type BuildOutcome struct {
	OK          bool
	Program     string // absolute path of the program file, when OK
	Diagnostics []inspect.Diagnostic
	Output      string // what the build printed beside its diagnostics
	Done, Total int    // packages compiled, and how many had to be where known
}
