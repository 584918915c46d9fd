package auth

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Require lets only requests with an identity through. The zero value asks for any
// identity, and for nothing more.
type Require struct {
	// Roles are the roles of which an identity must have at least one. Empty: any
	// identity will do.
	Roles []string
	// Challenge is the WWW-Authenticate header of the answer 401, such as
	// `Basic realm="staging"`. Empty: no such header, as for sites whose login is a page.
	Challenge string
	// Refuse answers in place of the 401 and 403 pages. Nil: those of [Refuse].
	Refuse func(w http.ResponseWriter, r *http.Request, status int)
}

// Handler answers 401 to a request without identity, 403 to one whose identity has none
// of the roles, and leaves all others to next.
func (q *Require) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, ok := From(r.Context())
		switch {
		case !ok:
			q.refuse(w, r, Refusal{
				Status: http.StatusUnauthorized,
				Detail: "This page is for those who have signed in, and the request says nothing of who it is from.",
			})
		case len(q.Roles) > 0 && !slices.ContainsFunc(q.Roles, id.Has):
			q.refuse(w, r, Refusal{
				Status: http.StatusForbidden,
				Detail: fmt.Sprintf("%s, and this page wants one of the roles %s.", roles(id), strings.Join(q.Roles, ", ")),
			})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (q *Require) refuse(w http.ResponseWriter, r *http.Request, what Refusal) {
	if what.Status == http.StatusUnauthorized && q.Challenge != "" {
		w.Header().Set("WWW-Authenticate", q.Challenge)
	}
	if q.Refuse != nil {
		q.Refuse(w, r, what.Status)
		return
	}
	Refuse(w, r, what)
}

// roles says in words who id is and what it may.
func roles(id Identity) string {
	user := id.User
	if user == "" {
		user = "A client without a name"
	}
	if len(id.Roles) == 0 {
		return user + " has no roles"
	}
	return user + " has the roles " + strings.Join(id.Roles, ", ")
}
