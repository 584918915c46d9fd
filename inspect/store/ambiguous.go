package store

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// minPrefix is the shortest part of an ID that names an exchange.
	minPrefix = 4
	// maxNamed is how many candidates an ambiguous prefix names.
	maxNamed = 5
)

// AmbiguousError says that the beginning of an ID fits several exchanges.
type AmbiguousError struct {
	Prefix     inspect.ID
	Found      int               // exchanges that begin so
	Candidates []inspect.Summary // the newest five of them, newest first
}

// Error names the candidates, each in a hint with enough of its ID to tell it from the
// others.
func (e *AmbiguousError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "exchange %q is ambiguous: %d begin so", e.Prefix, e.Found)
	for _, c := range e.Candidates {
		fmt.Fprintf(&b, "\nhint: %s is %s %s", c.ID[:min(len(c.ID), max(12, len(e.Prefix)+4))], c.Method, c.Path)
	}
	return b.String()
}

// newAmbiguousError takes what fits, newest first.
func newAmbiguousError(prefix inspect.ID, found []packed) error {
	e := &AmbiguousError{Prefix: prefix, Found: len(found)}
	for _, s := range found[:min(len(found), maxNamed)] {
		e.Candidates = append(e.Candidates, s.summary())
	}
	return e
}
