package control

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Wrong tokens are counted so that a guess in a loop is seen and slowed. The token
// has 256 bits, so the limit is about noise in the log more than about luck.
const (
	maxAttempts   = 10
	attemptWindow = time.Minute
)

// tokens knows who holds the token of this run.
type tokens struct {
	token      string // what the terminal's link and control.json carry
	cookie     string // what a browser keeps instead; derived, so that nothing is stored
	cookieName string // cookies are shared across ports: the name holds the port and the run

	mu     sync.Mutex
	wrong  int       // wrong tokens since window
	window time.Time // start of the current minute
	now    func() time.Time
}

func newTokens() *tokens {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	token := hex.EncodeToString(b[:])
	mac := hmac.New(sha256.New, b[:])
	mac.Write([]byte("pastedev session"))
	return &tokens{token: token, cookie: hex.EncodeToString(mac.Sum(nil)), now: time.Now}
}

// setPort completes the cookie's name once the port is known.
func (t *tokens) setPort(port int) {
	run := sha256.Sum256([]byte(t.token))
	t.cookieName = "pastedev_" + strconv.Itoa(port) + "_" + hex.EncodeToString(run[:4])
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// check returns nil when r carries this run's token or cookie. A session that
// exists goes on while others guess; a token is refused, right or wrong, once the
// guesses are used up.
func (t *tokens) check(r *http.Request) *refusal {
	if c, err := r.Cookie(t.cookieName); err == nil && equal(c.Value, t.cookie) {
		return nil
	}
	auth := r.Header.Get("Authorization")
	if auth == "" {
		return &refusal{http.StatusUnauthorized, "token", "there is neither an Authorization header nor this run's cookie",
			"open the link that pastedev printed; tools read the token from .pastedev/control.json"}
	}
	scheme, token, _ := strings.Cut(auth, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return &refusal{http.StatusUnauthorized, "token", fmt.Sprintf("the Authorization header has the scheme %q, not Bearer", scheme),
			"send Authorization: Bearer with the token from .pastedev/control.json"}
	}
	return t.try(strings.TrimSpace(token))
}

// try compares a token and counts it when it is wrong.
func (t *tokens) try(token string) *refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if now.Sub(t.window) >= attemptWindow {
		t.window, t.wrong = now, 0
	}
	if t.wrong >= maxAttempts {
		return &refusal{http.StatusTooManyRequests, "attempts",
			fmt.Sprintf("%d wrong tokens came within a minute", maxAttempts),
			"wait a minute, then open the link that pastedev printed"}
	}
	if !equal(token, t.token) {
		t.wrong++
		return &refusal{http.StatusUnauthorized, "token", "the token is not this run's (each start of pastedev makes a new one)",
			"open the link that pastedev printed last"}
	}
	return nil
}

// setCookie gives the browser its session. It ends with the browser, or with this
// run, whichever is first.
func (t *tokens) setCookie(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: t.cookieName, Value: t.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
}
