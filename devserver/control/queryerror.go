package control

import (
	"errors"
	"net/http"

	"github.com/pastedev/pastedev/inspect/query"
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
