// Package become makes a developer any user of the application with one click, without a
// password: a page lists the configured users, and whoever is picked is who all further
// requests of this browser are from, until it is stopped on the same page.
//
//	p := &become.Picker{Users: []become.User{{Name: "alice", Roles: []string{"admin"}}, {Name: "bob"}}}
//	handler := p.Handler(app) // outside of all other methods; the page is at /_become
//
// It is for development on one's own machine and never works anywhere else: the listener,
// the peer, every proxy on the way and the Host must be this machine's, or the page says
// why it refuses and requests go on as they are. It never changes anything by a GET, nor
// by a form of another page. It stands where Paste had paste.auth.open_id.
package become

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// Method is the Method of identities of this package.
const Method = "become"

// DefaultPath is where the page is unless told otherwise.
const DefaultPath = "/_become"

const (
	// maxBody bounds a posted form: a name, a token and an address.
	maxBody = 16 << 10
	// maxAge is how long a pick counts at most. The cookie ends with the browser, but
	// browsers that restore sessions never end.
	maxAge = 24 * time.Hour
)

// A User is one that can be picked.
type User struct {
	Name  string   // unique and not empty
	Roles []string // that the user's identity has
	Data  string   // that the user's identity has; not shown
	Note  string   // a line on the page: what the user is good for. Empty: none
}

// Picker is the middleware. The zero value works and has nobody to pick.
type Picker struct {
	// Users can be picked, in this order. Those with an empty name, or that of one before,
	// are left out. Set before Handler is called.
	Users []User
	// Path is that of the page, below the mount point. Empty: [DefaultPath].
	Path string
	// Listen are the addresses that clients connect to, such as "127.0.0.1:8080" or
	// "localhost:8080"; one that is not loopback makes the picker refuse. Empty: the
	// local address of each request's connection, which is not enough behind a proxy or a
	// listener for all addresses.
	Listen []string
	// AllowHosts are names that may stand in the Host header beside localhost,
	// *.localhost and loopback addresses. One with a dot at its beginning also allows all
	// names below it.
	AllowHosts []string
	// Key signs the cookie and the form's token. Empty: a random one, so that a pick ends
	// with the process. Do not change it once in use.
	Key []byte
	// Hint says on a page without users where to configure them. Empty: nothing is said.
	Hint string
	// Changed hears of picks; user is empty when one has ended. Nil: nobody does.
	Changed func(r *http.Request, user string)

	once   sync.Once
	key    []byte
	tokens login.Tokens
	now    func() time.Time // nil: time.Now
}

// Handler answers at Path itself, and gives other requests the identity of the picked
// user. A request that has an identity already goes on as it is.
func (p *Picker) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == p.path() {
			p.ServeHTTP(w, r)
			return
		}
		if _, ok := auth.From(r.Context()); !ok {
			if u, ok := p.Current(r); ok {
				r = auth.With(r, auth.Identity{User: u.Name, Roles: u.Roles, Data: u.Data, Method: Method})
			}
		}
		next.ServeHTTP(w, r)
	})
}

// Current returns the user that the browser of r has picked; none where the picker refuses.
func (p *Picker) Current(r *http.Request) (User, bool) {
	c, err := r.Cookie(p.cookieName())
	if err != nil {
		return User{}, false
	}
	name, ok := p.verify(c.Value)
	if !ok || p.refusal(r) != nil {
		return User{}, false
	}
	return p.user(name)
}

// ServeHTTP is the page: GET shows it, POST picks and stops.
func (p *Picker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if no := p.refusal(r); no != nil {
		auth.Refuse(w, r, *no)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		p.page(w, r)
	case http.MethodPost:
		p.post(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusMethodNotAllowed, Detail: "This page can be read and its form be sent, nothing else."})
	}
}

// post acts on the page's form.
func (p *Picker) post(w http.ResponseWriter, r *http.Request) {
	if no := checkOrigin(r); no != nil {
		auth.Refuse(w, r, *no)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		httpx.BodyError(w, err)
		return
	}
	if !p.form().Valid(r, r.PostForm.Get("token")) {
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusForbidden,
			Detail: "The form is not from this browser, or from a page that was opened before the server started.",
			Hint:   "open " + p.action(r) + " again"})
		return
	}
	cookie := &http.Cookie{Name: p.cookieName(), Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode}
	name := ""
	if r.PostForm.Get("stop") != "" {
		cookie.MaxAge = -1
	} else {
		u, ok := p.user(r.PostForm.Get("user"))
		if !ok {
			auth.Refuse(w, r, auth.Refusal{Status: http.StatusBadRequest, Detail: "There is no such user.", Hint: "open " + p.action(r) + " again"})
			return
		}
		name, cookie.Value = u.Name, p.sign(u.Name)
	}
	http.SetCookie(w, cookie)
	if p.Changed != nil {
		p.Changed(r, name)
	}
	login.SeeOther(w, login.Back(r.PostForm.Get("back")))
}

func (p *Picker) path() string {
	if p.Path == "" {
		return DefaultPath
	}
	return p.Path
}

// action is the page's address on this server.
func (p *Picker) action(r *http.Request) string {
	u := url.URL{Path: httpx.MountPoint(r.Context()) + r.URL.Path}
	return u.EscapedPath()
}

func (p *Picker) user(name string) (User, bool) {
	i := slices.IndexFunc(p.Users, func(u User) bool { return u.Name == name })
	if i < 0 || name == "" {
		return User{}, false
	}
	return p.Users[i], true
}

func (p *Picker) clock() time.Time {
	if p.now != nil {
		return p.now()
	}
	return time.Now()
}

func (p *Picker) secret() []byte {
	p.once.Do(func() {
		if p.key = p.Key; len(p.key) == 0 {
			p.key = make([]byte, 32)
			rand.Read(p.key) // never fails: crypto/rand ends the program instead
		}
	})
	return p.key
}

func (p *Picker) form() *login.Tokens {
	return p.tokens.Configure(p.cookieName()+"_form", p.secret())
}

// cookieName holds the key's hash: cookies are shared by all ports of localhost, and what
// one application's picker sets must not take another's away.
func (p *Picker) cookieName() string {
	sum := sha256.Sum256(append([]byte("become cookie name\x00"), p.secret()...))
	return "pastedev_become_" + hex.EncodeToString(sum[:4])
}

// picked is what the cookie holds.
type picked struct {
	User string `json:"user"`
	At   int64  `json:"at"` // Unix time
}

// sign returns the cookie's value: JSON and its MAC, both in base64url, a dot between.
func (p *Picker) sign(user string) string {
	b, err := json.Marshal(picked{user, p.clock().Unix()})
	if err != nil {
		return "" // a string and a number always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b) + "." + base64.RawURLEncoding.EncodeToString(p.mac(b))
}

// verify returns the user that [Picker.sign] was called with, unless that is too long ago.
func (p *Picker) verify(value string) (user string, ok bool) {
	data, mac, ok := strings.Cut(value, ".")
	if !ok || len(value) > 8<<10 {
		return "", false
	}
	b, err := base64.RawURLEncoding.DecodeString(data)
	if err != nil {
		return "", false
	}
	m, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(m, p.mac(b)) {
		return "", false
	}
	var v picked
	if err := json.Unmarshal(b, &v); err != nil {
		return "", false
	}
	age := p.clock().Sub(time.Unix(v.At, 0))
	return v.User, age > -time.Minute && age < maxAge
}

func (p *Picker) mac(b []byte) []byte {
	m := hmac.New(sha256.New, p.secret())
	fmt.Fprintf(m, "become cookie\x00%d\x00%s", len(b), b)
	return m.Sum(nil)
}
