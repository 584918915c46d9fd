package form

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
)

// DefaultLogout is the path of [Logout]'s page unless told otherwise.
const DefaultLogout = "/logout"

// Logout is a page on which who has signed in ends that. It asks first: no GET, and no form
// of another page, signs anybody out. It stands inside of the keeper, outside of the method
// that asks who it is:
//
//	handler := keeper.Handler(logout.Handler(login.Handler(app)))
//
// The zero value works.
type Logout struct {
	// Path is that of the page, as the handler sees it. Empty: [DefaultLogout].
	Path string
	// To is where the browser goes afterwards: a path of this server or, as of a server
	// that others sign in at, an address. Empty: "/".
	To string
	// Key signs the page's tokens, as in Login. Empty: a random one.
	Key []byte

	tokens login.Tokens
}

//go:embed logout.html
var logoutHTML string

var logoutTemplate = template.Must(template.New("logout").Parse(logoutHTML))

// Handler answers at Path, and leaves all other requests to next.
func (l *Logout) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != l.path() {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		id, known := auth.From(r.Context())
		switch {
		case !known:
			l.away(w)
		case r.Method == http.MethodGet, r.Method == http.MethodHead:
			l.ask(w, r, id)
		case r.Method == http.MethodPost:
			l.end(w, r)
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			auth.Refuse(w, r, auth.Refusal{Status: http.StatusMethodNotAllowed, Detail: "This page can be read and its form be sent, nothing else."})
		}
	})
}

// ask sends the page.
func (l *Logout) ask(w http.ResponseWriter, r *http.Request, id auth.Identity) {
	token, nonce := l.form().Make(w, r), login.Nonce()
	login.SecurePage(w.Header(), nonce)
	if u, err := url.Parse(l.To); err == nil && u.Host != "" {
		// A browser holds the policy against where the form's answer leads, too.
		csp := w.Header().Get("Content-Security-Policy")
		w.Header().Set("Content-Security-Policy", strings.Replace(csp, "form-action 'self'", "form-action 'self' "+u.Scheme+"://"+u.Host, 1))
	}
	var b bytes.Buffer
	err := logoutTemplate.Execute(&b, struct{ Nonce, Action, Token, User string }{nonce, login.Here(r), token, id.User})
	if err != nil { // the template is ours, and a buffer takes everything
		b.WriteString(template.HTMLEscapeString(err.Error()))
	}
	w.Header().Set("Content-Length", fmt.Sprint(b.Len()))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes()) // a client that has gone needs no page
	}
}

// end ends the login, if the page's own form asks for it.
func (l *Logout) end(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil || login.FromElsewhere(r) || !l.form().Valid(r, r.PostForm.Get(FieldToken)) {
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusForbidden,
			Detail: "The form is not from this browser, or from a page that was opened before the server started.",
			Hint:   "open " + login.Here(r) + " again"})
		return
	}
	switch err := auth.Forget(r.Context()); {
	case errors.Is(err, auth.ErrNoKeeper):
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusForbidden,
			Detail: "Who this request is from is known by other means than a login here, which cannot be ended here.",
			Hint:   "a browser forgets a password that it sends by itself when it is closed"})
	case err != nil:
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusInternalServerError, Detail: "The login could not be ended: " + firstLine(err) + "."})
	default:
		l.away(w)
	}
}

// away sends the browser on.
func (l *Logout) away(w http.ResponseWriter) {
	to := l.To
	if to == "" {
		to = "/"
	}
	login.SeeOther(w, to)
}

func (l *Logout) path() string {
	if l.Path == "" {
		return DefaultLogout
	}
	return l.Path
}

// form returns the tokens, which are not those of a Login with the same key.
func (l *Logout) form() *login.Tokens {
	if len(l.Key) == 0 {
		return l.tokens.Configure(CookieName, nil)
	}
	m := hmac.New(sha256.New, l.Key)
	m.Write([]byte("logout"))
	return l.tokens.Configure(CookieName, m.Sum(nil))
}
