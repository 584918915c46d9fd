package form

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth"
)

// TestLoginFromElsewhere: a page of another port of localhost, which shares its cookies, can
// have a browser send a nonce and its token. The browser says where the form comes from.
func TestLoginFromElsewhere(t *testing.T) {
	var why error
	l := keep(&Login{Failed: func(_ *http.Request, _ string, err error) { why = err }})
	h := l.Handler(who)
	first := httptest.NewRecorder()
	get := httptest.NewRequest("GET", "/x", nil)
	get.Header.Set("Accept", "text/html")
	h.ServeHTTP(first, get)
	p := read(t, first.Result())
	send := func(site string, values url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(values.Encode()))
		r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {site}}
		r.AddCookie(first.Result().Cookies()[0])
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	w := send("same-site", p.values("bing", "gnib"))
	if w.Code != 403 || !errors.Is(why, ErrElsewhere) || strings.Contains(w.Body.String(), "bing") || strings.Contains(strings.Join(w.Header().Values("Set-Cookie"), ""), "me=") {
		t.Errorf("%d %v, %v: %s", w.Code, why, w.Header(), w.Body)
	}
	if w := send("same-origin", p.values("bing", "gnib")); w.Code != 303 {
		t.Errorf("our own page: %d", w.Code)
	}
}

// TestLogoutFromElsewhere is the same for the page to sign out at, whose token is its own.
func TestLogoutFromElsewhere(t *testing.T) {
	key := []byte("one key for both")
	l, in := &Logout{Key: key}, &Login{Key: key}
	cookie := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/logout", nil)
	token := l.form().Make(cookie, r)
	r.AddCookie(cookie.Result().Cookies()[0])
	other := in.form().Make(httptest.NewRecorder(), r)
	for _, tt := range []struct {
		name, site, token string
		ended             bool
	}{
		{"another site", "cross-site", token, false},
		{"another port", "same-site", token, false},
		{"the login's token", "same-origin", other, false},
		{"our own page", "same-origin", token, true},
	} {
		r := httptest.NewRequest("POST", "/logout", strings.NewReader(url.Values{FieldToken: {tt.token}}.Encode()))
		r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {tt.site}}
		r.AddCookie(cookie.Result().Cookies()[0])
		keeper := new(forgetful)
		l.Handler(who).ServeHTTP(httptest.NewRecorder(), auth.WithKeeper(auth.With(r, auth.Identity{User: "bing"}), keeper))
		if keeper.forgot != tt.ended {
			t.Errorf("%s: ended: %v", tt.name, keeper.forgot)
		}
	}
}

// forgetful is a keeper that notes that it was told to forget.
type forgetful struct{ forgot bool }

func (f *forgetful) Remember(auth.Identity) error { return nil }

func (f *forgetful) Forget() error {
	f.forgot = true
	return nil
}

// TestVaryOnce: the page says once what it varies by.
func TestVaryOnce(t *testing.T) {
	for _, accept := range []string{"text/html", "application/json"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", accept)
		keep(&Login{}).Handler(who).ServeHTTP(w, r)
		if got := w.Header().Values("Vary"); len(got) != 1 || got[0] != "Accept" {
			t.Errorf("%s: Vary %q", accept, got)
		}
	}
}
