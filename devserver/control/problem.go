package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Problem is an error as the API sends it, an RFC 9457 problem with a hint. The
// client returns it as an error, except where a more telling one exists
// ([inspect.ErrNotFound], [inspect.ErrConfirm], [*query.Error], [*store.AmbiguousError]).
type Problem struct {
	Type   string `json:"type,omitempty"` // "query", "not-found", ...; absent where Status says it all
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`

	// Of a wrong query only: the place in it, in bytes, and a better spelling.
	Pos        int    `json:"pos,omitempty"`
	Len        int    `json:"len,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`

	// Of the beginning of an id that fits several exchanges only: how many, and the
	// newest of them.
	Prefix     inspect.ID        `json:"prefix,omitempty"`
	Found      int               `json:"found,omitempty"`
	Candidates []inspect.Summary `json:"candidates,omitempty"`

	Routes []string `json:"routes,omitempty"` // of an unknown path: what there is
}

// Error returns the detail, and the hint on a line of its own.
func (p *Problem) Error() string {
	s := p.Detail
	if s == "" {
		s = p.Title
	}
	if p.Hint != "" {
		s += "\nhint: " + p.Hint
	}
	return s
}

// The types of problem that a client tells apart.
const (
	problemQuery     = "query"
	problemNotFound  = "not-found"
	problemAmbiguous = "ambiguous"
	problemConfirm   = "confirm" // ask again with confirmed set
)

func newProblem(status int, detail, hint string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail, Hint: hint}
}

// problemOf says what an error of the service looks like from outside.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if p := queryProblem(err); p != nil {
		return p
	}
	if p := ambiguousProblem(err); p != nil {
		return p
	}
	switch {
	case errors.Is(err, inspect.ErrNotFound):
		detail, hint, ok := strings.Cut(err.Error(), "\nhint: ")
		if !ok {
			hint = "it may have been removed by the history's limits; see `pastedev requests`"
		}
		p = newProblem(http.StatusNotFound, detail, hint)
		p.Type = problemNotFound
	case errors.Is(err, inspect.ErrConfirm):
		p = newProblem(http.StatusConflict, err.Error(), "")
		p.Type = problemConfirm
	case errors.Is(err, context.DeadlineExceeded):
		p = newProblem(http.StatusGatewayTimeout, err.Error(), "")
	default:
		p = newProblem(http.StatusInternalServerError, err.Error(), "")
	}
	return p
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that is gone needs no answer
}

func writeError(w http.ResponseWriter, err error) { writeProblem(w, problemOf(err)) }

func writeJSON(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(b, '\n'))
}
