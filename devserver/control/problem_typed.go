package control

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/query"
	"github.com/pastedev/pastedev/inspect/store"
)

// queryProblem is the problem for a wrong query, or nil for any other error.
func queryProblem(err error) *Problem {
	var q *query.Error
	if !errors.As(err, &q) {
		return nil
	}
	return &Problem{Type: problemQuery, Title: "Wrong query", Status: http.StatusBadRequest,
		Detail: q.Message, Pos: q.Pos, Len: q.Len, Suggestion: q.Suggestion}
}

// queryError is the reverse of queryProblem.
func queryError(p *Problem) error {
	return &query.Error{Pos: p.Pos, Len: p.Len, Message: p.Detail, Suggestion: p.Suggestion}
}

// ambiguousProblem is the problem for the beginning of an id that fits several
// exchanges, or nil for any other error.
func ambiguousProblem(err error) *Problem {
	var several *store.AmbiguousError
	if !errors.As(err, &several) {
		return nil
	}
	return &Problem{Type: problemAmbiguous, Title: "Ambiguous id", Status: http.StatusBadRequest,
		Detail: fmt.Sprintf("%d exchanges begin with %s", several.Found, several.Prefix), Hint: "give more digits of the id",
		Prefix: several.Prefix, Found: several.Found, Candidates: several.Candidates}
}

// ambiguousError is the reverse of ambiguousProblem.
func ambiguousError(p *Problem) error {
	return &store.AmbiguousError{Prefix: p.Prefix, Found: p.Found, Candidates: p.Candidates}
}

// notFoundError is a problem that is [inspect.ErrNotFound] too.
type notFoundError struct{ *Problem }

func (e *notFoundError) Unwrap() []error { return []error{e.Problem, inspect.ErrNotFound} }

// confirmError is a problem that is [inspect.ErrConfirm] too.
type confirmError struct{ *Problem }

func (e *confirmError) Unwrap() []error { return []error{e.Problem, inspect.ErrConfirm} }
