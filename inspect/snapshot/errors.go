package snapshot

import (
	"errors"
	"fmt"
)

// Kind says why there is no snapshot or nothing in it.
type Kind string

// The kinds of failure.
const (
	KindForbidden   Kind = "forbidden"   // ptrace is not permitted
	KindUnsupported Kind = "unsupported" // this system or architecture cannot
	KindTooLarge    Kind = "too_large"   // more memory than MaxBytes; read it live instead
	KindGone        Kind = "gone"        // the process has ended
	KindTwin        Kind = "twin"        // the program with debug information is another build, or has none
	KindCorrupt     Kind = "corrupt"     // the core is damaged or not a core
	KindNotFound    Kind = "not_found"   // no such goroutine or frame in the snapshot
	KindExpression  Kind = "expression"  // a wrong expression; Column says where
	KindFailed      Kind = "failed"      // anything else: no space, a file that cannot be read
)

// Error is every error of this package. It travels as JSON between the helper and
// the process that started it.
type Error struct {
	Kind    Kind   `json:"kind"`
	Message string `json:"message"`          // one line for the user
	Column  int    `json:"column,omitempty"` // in the expression, 1-based, in bytes; 0 for other errors
	cause   error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns what caused e. It is lost on the way through JSON.
func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the kind of an error of this package, KindFailed for any other.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindFailed
}

func fail(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), cause: cause}
}

// asError returns err as an *Error, and nil for nil.
func asError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return fail(KindFailed, err, "%v", err)
}

// guard turns a panic of the debug information readers into an error: they index
// what they read, and what they read may be damaged.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fail(KindCorrupt, nil, "read snapshot: the core or its debug information is damaged: %v", p)
	}
}
