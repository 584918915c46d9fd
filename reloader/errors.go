package reloader

import (
	"errors"
	"strings"
)

// hintedError is an error for the user's eyes: what failed, then one "hint:" line
// for each thing that can be done about it.
type hintedError struct {
	err   error
	hints []string
}

// Error returns the message and its hints, one to a line.
func (e *hintedError) Error() string {
	var b strings.Builder
	b.WriteString(e.err.Error())
	for _, h := range e.hints {
		b.WriteString("\nhint: ")
		b.WriteString(h)
	}
	return b.String()
}

// Unwrap returns the error without its hints.
func (e *hintedError) Unwrap() error { return e.err }

// hinted adds hint lines to err. Empty hints are left out.
func hinted(err error, hints ...string) error {
	kept := make([]string, 0, len(hints))
	for _, h := range hints {
		if h != "" {
			kept = append(kept, h)
		}
	}
	if len(kept) == 0 {
		return err
	}
	return &hintedError{err: err, hints: kept}
}

// errSuperseded ends work that a newer change has made useless.
var errSuperseded = errors.New("superseded by a newer change")
