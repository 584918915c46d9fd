package ticket

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// DefaultBack is the parameter in which login pages of mod_auth_tkt expect the address to go
// back to.
const DefaultBack = "back"

// Away sends whoever has no ticket to the login page of another site, which has the same
// secret and issues one. It stands inside of a [Cookie].
type Away struct {
	// Login is the address of that page. Empty: there is none, and whoever is unknown is
	// refused by 401.
	Login string
	// Back is the parameter that tells the page where to send the browser afterwards.
	// Empty: [DefaultBack].
	Back string
}

// Check says what is wrong with the fields, nil if nothing is.
func (a *Away) Check() error {
	if a.Login == "" {
		return nil
	}
	u, err := url.Parse(a.Login)
	switch {
	case err != nil:
		err = errors.New("it is no URL")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		err = errors.New("it does not begin with http:// or https:// and a host")
	case u.User != nil || u.Fragment != "":
		err = errors.New("it may have no user before the host and no fragment behind the path")
	default:
		return nil
	}
	return fmt.Errorf("ticket: login %q: %w\nhint: write it as https://sso.example.edu/login", a.Login, err)
}

// Handler lets requests with an identity through to next. A GET of who would have a page is
// answered by 303 to Login, all else by 401: it could not be taken up again after the login.
// If the fields are wrong, each request is answered by 500 and the sentence of [Away.Check].
func (a *Away) Handler(next http.Handler) http.Handler {
	bad := a.Check()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, known := auth.From(r.Context())
		get := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case known:
			next.ServeHTTP(w, r)
		case bad != nil:
			detail, hint, _ := strings.Cut(bad.Error(), "\nhint: ")
			auth.Refuse(w, r, auth.Refusal{Status: http.StatusInternalServerError, Detail: detail, Hint: hint})
		case a.Login != "" && get && login.WantsPage(r):
			w.Header().Set("Cache-Control", "no-store")
			httpx.AddVary(w.Header(), "Accept")
			http.Redirect(w, r, a.address(r), http.StatusSeeOther)
		default:
			a.refuse(w, r)
		}
	})
}

// refuse answers 401.
func (a *Away) refuse(w http.ResponseWriter, r *http.Request) {
	hint := "send a cookie with a ticket along"
	if a.Login != "" {
		hint = "sign in at " + a.Login + " in a browser, and send its cookie along"
	}
	w.Header().Set("WWW-Authenticate", "Ticket realm="+auth.Quote(r.Host))
	auth.Refuse(w, r, auth.Refusal{Status: http.StatusUnauthorized,
		Detail: "This address is for those who have signed in, and the request has no ticket that counts.", Hint: hint})
}

// address is the login page's, with that of r to go back to. The host is the one that the
// client asked for: its own browser goes back there.
func (a *Away) address(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	back := a.Back
	if back == "" {
		back = DefaultBack
	}
	sep := "?"
	if strings.Contains(a.Login, "?") {
		sep = "&"
	}
	return a.Login + sep + url.QueryEscape(back) + "=" + url.QueryEscape(scheme+"://"+r.Host+login.Here(r))
}
