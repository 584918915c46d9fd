// Package form signs users in by a page with a form.
//
//	l := &form.Login{Check: users.Check}
//	handler := (&signed.Cookie{Keys: keys}).Handler(l.Handler(app))
//
// Whoever is unknown and asks for a page gets the form, with status 401. Name and password
// are posted to the address that was asked for; if they are right, a cookie remembers who
// it is, and the browser is sent to the same address again by 303.
//
// The package never accepts a form that did not come from its page in the same browser,
// never sends a browser to another origin, and never repeats a password. It does not slow
// down who guesses: Check may. Its Paste ancestor is paste.auth.form.
package form

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// Method is the Method of identities of this package.
const Method = "form"

// The names of the form's fields. A page of one's own has the same.
const (
	FieldUser     = "username"
	FieldPassword = "password"
	FieldToken    = "login_token"
	FieldBack     = "login_back" // of the page that is not where it leads to: see Login.ServeHTTP
)

// CookieName is the cookie that the form's token belongs to.
const CookieName = "pastedev_login"

const (
	// maxBody bounds a posted form: two short fields, a token and an address.
	maxBody = 64 << 10
	// maxField bounds name and password, so that hashing them is no way to keep the
	// server busy. bcrypt looks at 72 bytes.
	maxField = 1 << 10
)

// A Prompt is what a login page has to show.
type Prompt struct {
	Status  int    // that the page is sent with: 200, 401, 403 or 500
	Title   string // of the site, as in Login.Title
	Action  string // where the form is posted to: an address on this server. Not escaped.
	Token   string // goes into the hidden field FieldToken
	Back    string // goes into the hidden field FieldBack, unless it is empty. Not escaped.
	User    string // the name that was tried, to be filled in again. Not escaped.
	Problem string // a sentence on what was wrong with the try; empty for the first
}

// Login is the middleware, and with [Login.ServeHTTP] a login page of its own. Check must
// be set.
type Login struct {
	// Check returns the identity of user if password is theirs. It is called by several
	// goroutines. An identity without Method gets [Method], one with neither user nor
	// roles gets the user. It is what basic.Auth takes too. Nil: nobody is known.
	Check func(ctx context.Context, user, password string) (auth.Identity, bool)
	// Title is the page's heading. Empty: "Sign in".
	Title string
	// Page writes the page in place of the built-in one. Headers are set already, but for
	// its Content-Type and policies; the status is for it to send. It is not called for
	// HEAD. Nil: the built-in one.
	Page func(w http.ResponseWriter, r *http.Request, p Prompt)
	// Remember keeps an identity for the next requests of the client; it is called before
	// the response begins. Nil: [auth.Remember], for which a keeper as signed.Cookie must
	// be around.
	Remember func(w http.ResponseWriter, r *http.Request, id auth.Identity) error
	// Recall returns the identity that Remember kept. Nil: what is around has done it.
	Recall func(r *http.Request) (auth.Identity, bool)
	// Key signs the form's tokens. Empty: a random one, so that a form that was open
	// while the server restarted must be sent twice. Do not change it once in use.
	Key []byte
	// Failed hears of logins that did not succeed, and why. Nil: nobody does.
	Failed func(r *http.Request, user string, err error)

	tokens login.Tokens
}

// The reasons that [Login.Failed] hears.
var (
	ErrPassword = errors.New("form: unknown user or wrong password")
	ErrToken    = errors.New("form: the token is not this browser's")
	// ErrElsewhere is how another site signs somebody in as whom it likes.
	ErrElsewhere = errors.New("form: it was sent by a page of another site (Sec-Fetch-Site or Origin)")
)

// Handler lets requests with an identity through to next, and has all others sign in.
// Clients that want no page get 401 as problem+json.
func (l *Login) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.From(r.Context()); ok {
			next.ServeHTTP(w, r)
			return
		}
		if l.Recall != nil {
			if id, ok := l.Recall(r); ok {
				next.ServeHTTP(w, auth.With(r, id))
				return
			}
		}
		here := login.Here(r)
		l.serve(w, r, Prompt{Status: http.StatusUnauthorized, Action: here}, here)
	})
}

// ServeHTTP is the login page by itself, for sites that also have something for those who
// have not signed in. It sends the browser to the path in the parameter back of its query,
// or to "/"; a path that leads to another origin counts as none.
func (l *Login) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	back := login.Back(r.URL.Query().Get("back"))
	own := *r.URL
	own.RawQuery = ""
	r2 := *r
	r2.URL = &own
	l.serve(w, r, Prompt{Status: http.StatusOK, Action: login.Here(&r2), Back: back}, back)
}

// serve answers somebody unknown: with the page, or to the page's form.
func (l *Login) serve(w http.ResponseWriter, r *http.Request, p Prompt, back string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	user, password, token, ok := l.posted(w, r)
	if !ok {
		if p.Status == http.StatusUnauthorized && !login.WantsPage(r) {
			h.Set("WWW-Authenticate", l.challenge())
			auth.Refuse(w, r, auth.Refusal{Status: http.StatusUnauthorized,
				Detail: "This address is for those who have signed in, and the request says nothing of who it is from.",
				Hint:   "open it in a browser, sign in, and send the cookie along"})
			return
		}
		l.page(w, r, p)
		return
	}
	p.User = user
	if p.Back != "" {
		back = login.Back(r.PostForm.Get(FieldBack))
		p.Back = back
	}
	id, err := l.check(r, user, password, token)
	if err == nil {
		if err = l.remember(w, r, id); err == nil {
			login.SeeOther(w, back)
			return
		}
	}
	if l.Failed != nil {
		l.Failed(r, user, err)
	}
	switch {
	case errors.Is(err, ErrElsewhere):
		p.Status, p.Problem = http.StatusForbidden, "Another site has tried to sign you in. Please do so here, if you meant to."
		p.User = ""
	case errors.Is(err, ErrToken):
		p.Status, p.Problem = http.StatusForbidden, "This page was opened before the server started, or without cookies. Please sign in once more."
	case errors.Is(err, ErrPassword):
		p.Status, p.Problem = http.StatusUnauthorized, "This name and password do not belong together."
	default:
		p.Status, p.Problem = http.StatusInternalServerError, "The password is right, but the login cannot be remembered: "+firstLine(err)+"."
	}
	l.page(w, r, p)
}

// posted returns what our form sent, ok only if r has come from one.
func (l *Login) posted(w http.ResponseWriter, r *http.Request) (user, password, token string, ok bool) {
	if r.Method != http.MethodPost {
		return
	}
	if mt, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mt != "application/x-www-form-urlencoded" {
		return
	}
	if r.PostForm == nil {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	if err := r.ParseForm(); err != nil || !r.PostForm.Has(FieldToken) {
		return
	}
	f := r.PostForm
	return f.Get(FieldUser), f.Get(FieldPassword), f.Get(FieldToken), true
}

// check returns the identity of user, ErrElsewhere, ErrToken or ErrPassword. The first two
// go before the password: no other page shall learn whether a password is right.
func (l *Login) check(r *http.Request, user, password, token string) (auth.Identity, error) {
	if login.FromElsewhere(r) {
		return auth.Identity{}, ErrElsewhere
	}
	if !l.form().Valid(r, token) {
		return auth.Identity{}, ErrToken
	}
	if l.Check == nil || user == "" || len(user) > maxField || len(password) > maxField {
		return auth.Identity{}, ErrPassword
	}
	id, ok := l.Check(r.Context(), user, password)
	if !ok {
		return auth.Identity{}, ErrPassword
	}
	if id.User == "" && len(id.Roles) == 0 {
		id.User = user
	}
	if id.Method == "" {
		id.Method = Method
	}
	return id, nil
}

func (l *Login) remember(w http.ResponseWriter, r *http.Request, id auth.Identity) error {
	if l.Remember != nil {
		return l.Remember(w, r, id)
	}
	return auth.Remember(r.Context(), id)
}

// form returns the tokens, set up at the first use.
func (l *Login) form() *login.Tokens { return l.tokens.Configure(CookieName, l.Key) }

func (l *Login) challenge() string { return "Form realm=" + auth.Quote(l.title()) }

func (l *Login) title() string {
	if l.Title == "" {
		return "Sign in"
	}
	return l.Title
}

// page sends the login page.
func (l *Login) page(w http.ResponseWriter, r *http.Request, p Prompt) {
	p.Title = l.title()
	p.Token = l.form().Make(w, r)
	h := w.Header()
	httpx.AddVary(h, "Accept")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", l.challenge())
	}
	switch {
	case l.Page != nil && r.Method != http.MethodHead:
		l.Page(w, r, p)
	case l.Page != nil:
		w.WriteHeader(p.Status)
	default:
		body := render(h, p)
		h.Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(p.Status)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // a client that has gone needs no page
		}
	}
}

// firstLine is the text of an error without its hints.
func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}
