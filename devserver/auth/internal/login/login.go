// Package login is what the login pages share: where a browser may be sent back to
// ([Back]), a token that only a page of ours can know ([Tokens]), and whether a client
// wants a page at all ([WantsPage]). It never keeps anything between requests.
package login

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxBack bounds an address to go back to; browsers and servers take 8 kB at most.
const maxBack = 8 << 10

// Back returns s, a path with a query, as an address on this server that may stand in a
// Location header, and "/" for everything else: other origins in any spelling (RFC 3986
// section 4.2 and the WHATWG's URL parser, which takes "\" for "/" and drops tabs and
// line ends), control characters, relative paths.
func Back(s string) string {
	if s == "" || len(s) > maxBack || s[0] != '/' || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }) {
		return "/"
	}
	s, _, _ = strings.Cut(s, "#")
	s = local(s)
	if u, err := url.Parse(s); err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "/"
	}
	// The text itself, not what url.URL makes of it: that may decode "/%2F" to "//".
	return escape(s)
}

// escape writes the characters that no address holds as percent escapes, and leaves all
// others as they are.
func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Here returns the address of r on this server, with the mount point, so that a browser
// that follows it asks for the same again.
func Here(r *http.Request) string {
	u := url.URL{Path: httpx.MountPoint(r.Context())}
	path := u.EscapedPath() + r.URL.EscapedPath()
	if path == "" || path == "*" {
		path = "/"
	}
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	return local(path)
}

// local keeps a path that begins with two slashes from being read as a host: a browser
// takes the dot away and stays where it is.
func local(path string) string {
	if strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		return "/." + path
	}
	return path
}

// WantsPage reports whether the client would rather have a page than a document for
// programs. One that says nothing gets a page.
func WantsPage(r *http.Request) bool {
	const page = "text/html"
	return httpx.Negotiate(strings.Join(r.Header.Values("Accept"), ","), page, "application/problem+json", "application/json") == page
}

// Tokens makes tokens that show that a form was sent from a page of ours: each is bound
// to a random cookie of the browser, which a page of another origin can neither read nor
// guess. It may be used by several goroutines once it is configured.
type Tokens struct {
	once sync.Once
	name string
	key  []byte
}

// Configure gives t, at its first call, the name of the cookie and the key of the MAC,
// which is random, and so of this process only, if key is empty. It returns t.
func (t *Tokens) Configure(name string, key []byte) *Tokens {
	t.once.Do(func() {
		t.name, t.key = name, key
		if len(key) == 0 {
			t.key = make([]byte, 32)
			rand.Read(t.key) // never fails: crypto/rand ends the program instead
		}
	})
	return t
}

// Make returns the token for the browser of r and sets its cookie where it has none.
func (t *Tokens) Make(w http.ResponseWriter, r *http.Request) string {
	nonce, ok := t.nonce(r)
	if !ok {
		var b [16]byte
		rand.Read(b[:])
		nonce = base64.RawURLEncoding.EncodeToString(b[:])
		http.SetCookie(w, &http.Cookie{Name: t.name, Value: nonce, Path: "/", HttpOnly: true,
			Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
	}
	return t.mac(nonce)
}

// Valid reports whether token was made for the browser of r.
func (t *Tokens) Valid(r *http.Request, token string) bool {
	nonce, ok := t.nonce(r)
	return ok && hmac.Equal([]byte(token), []byte(t.mac(nonce)))
}

// FromElsewhere reports whether a browser says that r, the form of a page of ours, was sent
// by a page of another origin. The token does not tell by itself: cookies are shared by all
// ports of a host and by the names below one, so that another site there can make a browser
// send a nonce whose token it has asked for. A client that says nothing is no browser, or
// one too old to tell.
func FromElsewhere(r *http.Request) bool {
	if sites := r.Header.Values("Sec-Fetch-Site"); len(sites) > 0 {
		return len(sites) > 1 || sites[0] != "same-origin" && sites[0] != "none"
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return false
	}
	u, err := url.Parse(origins[0])
	if err != nil || len(origins) > 1 || u.Host == "" { // as of "null"
		return true
	}
	// A proxy may have put its own Host in place of the browser's; no form sets these fields.
	for _, host := range append(r.Header.Values("X-Forwarded-Host"), r.Host) {
		if strings.EqualFold(u.Host, strings.TrimSpace(host)) {
			return false
		}
	}
	return true
}

func (t *Tokens) nonce(r *http.Request) (string, bool) {
	c, err := r.Cookie(t.name)
	if err != nil {
		return "", false
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	return c.Value, err == nil && len(b) == 16
}

func (t *Tokens) mac(nonce string) string {
	m := hmac.New(sha256.New, t.key)
	m.Write([]byte("form token\x00" + t.name + "\x00" + nonce))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// SecurePage sets the headers of a page of ours whose style has the given nonce, and
// whose script too: nothing from elsewhere, in nobody's frame, kept by nobody.
func SecurePage(h http.Header, nonce string) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+"'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // a form of a page with no-referrer has the origin null
	httpx.AddVary(h, "Accept")
}

// KeepCookie has caches that serve several clients hand a Set-Cookie line of h to none but
// the first: by itself it does not keep a response out of them (RFC 9111 section 7.3).
func KeepCookie(h http.Header) {
	have := strings.ToLower(strings.Join(h.Values("Cache-Control"), ","))
	if !strings.Contains(have, "no-store") && !strings.Contains(have, "private") {
		h.Add("Cache-Control", `no-cache="Set-Cookie"`)
	}
}

// Nonce returns a nonce for [SecurePage].
func Nonce() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// SeeOther sends the browser to address, which [Back] or [Here] returned, by 303.
// [http.Redirect] would tidy its path, and so send it elsewhere than it came from.
func SeeOther(w http.ResponseWriter, address string) {
	w.Header().Set("Location", escape(address))
	w.WriteHeader(http.StatusSeeOther)
}
