package form

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/signed"
)

// site is a site with a login, and pages to sign in and out at.
func site(out *Logout) http.Handler {
	in := &Login{Check: check}
	return (&signed.Cookie{Keys: [][]byte{[]byte("a key of a test")}}).Handler(out.Handler(in.Handler(who)))
}

// The way of a user: in, the page that asks, out, and unknown again.
func TestLogout(t *testing.T) {
	browser, base := newBrowser(t, site(&Logout{}))
	res := must(t)(browser.Get(base + "/logout"))
	res.Body.Close()
	if res.StatusCode != 303 || res.Header.Get("Location") != "/" {
		t.Errorf("who has not signed in: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	p := read(t, must(t)(browser.Get(base+"/x")))
	res = must(t)(browser.PostForm(base+p.action, p.values("bing", "gnib")))
	res.Body.Close()
	if res.StatusCode != 303 {
		t.Fatalf("signed in: %d", res.StatusCode)
	}
	ask := read(t, must(t)(browser.Get(base+"/logout")))
	if ask.status != 200 || ask.action != "/logout" || !strings.Contains(ask.text, "bing") || ask.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%+v", ask)
	}
	for name, change := range map[string]func() (*http.Response, error){
		"without the token": func() (*http.Response, error) { return browser.PostForm(base+"/logout", nil) },
		"with another's token": func() (*http.Response, error) {
			return browser.PostForm(base+"/logout", map[string][]string{FieldToken: {"x"}})
		},
		"as JSON": func() (*http.Response, error) {
			return browser.Post(base+"/logout", "application/json", strings.NewReader("{}"))
		},
	} {
		if got := read(t, must(t)(change())); got.status != 403 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if got := read(t, must(t)(browser.Get(base+"/x"))); got.status != 200 {
		t.Errorf("still signed in: %d", got.status)
	}
	res = must(t)(browser.PostForm(base+"/logout", map[string][]string{FieldToken: {ask.fields[FieldToken]}}))
	res.Body.Close()
	if res.StatusCode != 303 || res.Header.Get("Location") != "/" {
		t.Errorf("signed out: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	if got := read(t, must(t)(browser.Get(base+"/x"))); got.status != 401 {
		t.Errorf("after it: %d", got.status)
	}
}

// TestLogoutElsewhere: where others sign in the browser goes on to the server's own page,
// and the policy of ours lets it.
func TestLogoutElsewhere(t *testing.T) {
	l := &Logout{Path: "/app/_logout", To: "https://sso.example/cas/logout"}
	as := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.Handler(who).ServeHTTP(w, auth.With(r, auth.Identity{User: "<b>"}))
	})
	browser, base := newBrowser(t, as)
	p := read(t, must(t)(browser.Get(base+"/app/_logout")))
	if csp := p.header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://sso.example;") {
		t.Errorf("policy %s", csp)
	}
	if strings.Contains(p.text, "<b>") {
		t.Errorf("unescaped: %s", p.text)
	}
	// Nobody keeps this identity: it came from elsewhere, as a password that the browser sends.
	res := must(t)(browser.PostForm(base+p.action, map[string][]string{FieldToken: {p.fields[FieldToken]}}))
	res.Body.Close()
	if res.StatusCode != 403 {
		t.Errorf("ended what it cannot end: %d", res.StatusCode)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodDelete, base+"/app/_logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	res = must(t)(browser.Do(req))
	res.Body.Close()
	if res.StatusCode != 405 || res.Header.Get("Allow") == "" {
		t.Errorf("DELETE: %d", res.StatusCode)
	}
}
