package form

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/httpx"
)

func check(_ context.Context, user, password string) (auth.Identity, bool) {
	return auth.Identity{}, user == "bing" && password == "gnib"
}

// keep is Remember and Recall by a cookie that holds the user.
func keep(l *Login) *Login {
	l.Check = check
	l.Remember = func(w http.ResponseWriter, _ *http.Request, id auth.Identity) error {
		http.SetCookie(w, &http.Cookie{Name: "me", Value: id.User + "-" + id.Method, Path: "/"})
		return nil
	}
	l.Recall = func(r *http.Request) (auth.Identity, bool) {
		c, err := r.Cookie("me")
		if err != nil {
			return auth.Identity{}, false
		}
		user, method, _ := strings.Cut(c.Value, "-")
		return auth.Identity{User: user, Method: method}, true
	}
	return l
}

var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id, _ := auth.From(r.Context())
	fmt.Fprintf(w, "%s %s by %s: %s", r.Method, r.URL.RequestURI(), id.Method, id.User)
})

// page is a login page as a browser reads it.
type page struct {
	status int
	action string
	fields map[string]string
	text   string
	header http.Header
}

func read(t *testing.T, res *http.Response) page {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	p := page{status: res.StatusCode, fields: map[string]string{}, text: string(b), header: res.Header}
	for z := html.NewTokenizer(strings.NewReader(p.text)); z.Next() != html.ErrorToken; {
		tok := z.Token()
		attr := map[string]string{}
		for _, a := range tok.Attr {
			attr[a.Key] = a.Val
		}
		switch tok.Data {
		case "form":
			if attr["action"] != "" {
				p.action = attr["action"]
			}
		case "input":
			p.fields[attr["name"]] = attr["value"]
		case "script":
			t.Error("a script on the page")
		}
	}
	return p
}

func (p page) values(user, password string) url.Values {
	v := url.Values{FieldUser: {user}, FieldPassword: {password}}
	for _, name := range []string{FieldToken, FieldBack} {
		if s, ok := p.fields[name]; ok {
			v.Set(name, s)
		}
	}
	return v
}

// newBrowser returns a client with cookies that follows no redirects, and the server.
func newBrowser(t *testing.T, h http.Handler) (*http.Client, string) {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, srv.URL
}

func must(t *testing.T) func(*http.Response, error) *http.Response {
	return func(res *http.Response, err error) *http.Response {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
}

// The way of a user: page with 401, wrong password, right password, 303 to the same
// address, and in.
func TestSignIn(t *testing.T) {
	var failed []error
	l := keep(&Login{Failed: func(_ *http.Request, user string, err error) {
		failed = append(failed, fmt.Errorf("%s: %w", user, err))
	}})
	browser, base := newBrowser(t, l.Handler(who))
	const path = "/cart?item=%227%22&x=%3Cb%3E"
	p := read(t, must(t)(browser.Get(base+path)))
	if p.status != 401 || p.action != path || p.fields[FieldToken] == "" || p.header.Get("WWW-Authenticate") == "" ||
		p.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%+v", p)
	}
	wrong := read(t, must(t)(browser.PostForm(base+p.action, p.values("bing", "<nope>"))))
	if wrong.status != 401 || wrong.fields[FieldUser] != "bing" || !strings.Contains(wrong.text, `role="alert"`) || strings.Contains(wrong.text, "nope") {
		t.Errorf("%+v", wrong)
	}
	if len(failed) != 1 || !errors.Is(failed[0], ErrPassword) {
		t.Errorf("failed: %v", failed)
	}
	res := must(t)(browser.PostForm(base+p.action, p.values("bing", "gnib")))
	res.Body.Close()
	if res.StatusCode != 303 || res.Header.Get("Location") != path {
		t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Location"))
	}
	res = must(t)(browser.Get(base + path))
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if got, want := string(b), "GET "+path+" by form: bing"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// Who is known posts to the application, also the fields of the form.
	res = must(t)(browser.PostForm(base+path, p.values("bing", "x")))
	b, _ = io.ReadAll(res.Body)
	res.Body.Close()
	if got, want := string(b), "POST "+path+" by form: bing"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Paste's form holds the unescaped query string.
func TestActionIsEscaped(t *testing.T) {
	l := keep(&Login{Title: `<script>alert("t")</script>`})
	r := httptest.NewRequest("GET", "/", nil)
	r.URL.Path, r.URL.RawQuery = `/"><script>alert(1)</script>`, `q="><script>alert(2)</script>&'`
	r.RequestURI = ""
	w := httptest.NewRecorder()
	l.Handler(who).ServeHTTP(w, r)
	p := read(t, w.Result())
	if strings.Contains(p.text, "<script") || strings.Contains(p.text, `"><`) {
		t.Errorf("unescaped: %s", p.text)
	}
	if strings.Count(p.text, "<form") != 1 || !strings.HasPrefix(p.action, "/") {
		t.Errorf("action %q", p.action)
	}
}

// A form that is not from our page in this browser is refused, and the password is not
// even looked at.
func TestCSRF(t *testing.T) {
	asked := 0
	l := keep(&Login{})
	l.Check = func(ctx context.Context, user, password string) (auth.Identity, bool) {
		asked++
		return check(ctx, user, password)
	}
	h := l.Handler(who)
	victim, base := newBrowser(t, h)
	attacker, _ := newBrowser(t, h)
	must(t)(victim.Get(base + "/")).Body.Close()
	theirs := read(t, must(t)(attacker.Get(base+"/")))
	for name, token := range map[string]string{"attacker's": theirs.fields[FieldToken], "empty": "", "odd": "x"} {
		v := url.Values{FieldUser: {"bing"}, FieldPassword: {"gnib"}, FieldToken: {token}}
		p := read(t, must(t)(victim.PostForm(base+"/", v)))
		if p.status != 403 || p.fields[FieldToken] == "" || p.fields[FieldUser] != "bing" {
			t.Errorf("%s token: %+v", name, p)
		}
	}
	// Without any token it is no form of ours.
	p := read(t, must(t)(victim.PostForm(base+"/", url.Values{FieldUser: {"bing"}, FieldPassword: {"gnib"}})))
	if p.status != 401 {
		t.Errorf("no token: %d", p.status)
	}
	if asked != 0 {
		t.Errorf("%d passwords were looked at", asked)
	}
	// The page that refuses has what is needed to try again.
	p = read(t, must(t)(victim.Get(base+"/")))
	res := must(t)(victim.PostForm(base+"/", p.values("bing", "gnib")))
	res.Body.Close()
	if res.StatusCode != 303 {
		t.Errorf("second try: %d", res.StatusCode)
	}
}

// The browser is never sent to another origin, whichever way in was taken.
func TestOpenRedirect(t *testing.T) {
	l := keep(&Login{})
	browser, base := newBrowser(t, l.Handler(who))
	p := read(t, must(t)(browser.Get(base+"//evil.example/x")))
	res := must(t)(browser.PostForm(base+"//evil.example/x", p.values("bing", "gnib")))
	res.Body.Close()
	if got := res.Header.Get("Location"); res.StatusCode != 303 || got != "/.//evil.example/x" {
		t.Errorf("%d %s", res.StatusCode, got)
	}
	browser, base = newBrowser(t, keep(&Login{}))
	for back, want := range map[string]string{
		"":                           "/",
		"/account?a=%2F":             "/account?a=%2F",
		"http://evil.example":        "/",
		"//evil.example":             "/.//evil.example",
		`/\evil.example`:             "/",
		"/\t/evil.example":           "/",
		"javascript:alert(1)":        "/",
		`/"><script>x</script>`:      "/%22%3E%3Cscript%3Ex%3C/script%3E",
		"/x\r\nSet-Cookie: evil=1":   "/",
		"https:evil.example":         "/",
		"/a/../..//evil.example/%2e": "/a/../..//evil.example/%2e",
	} {
		p := read(t, must(t)(browser.Get(base+"/login?back="+url.QueryEscape(back))))
		if p.status != 200 || p.action != "/login" {
			t.Fatalf("%+v", p)
		}
		res := must(t)(browser.PostForm(base+p.action, p.values("bing", "gnib")))
		res.Body.Close()
		if got := res.Header.Get("Location"); res.StatusCode != 303 || got != want {
			t.Errorf("back %q: %d %q, want %q", back, res.StatusCode, got, want)
		}
		v := p.values("bing", "gnib") // and the field itself is no way around
		v.Set(FieldBack, back)
		res = must(t)(browser.PostForm(base+p.action, v))
		res.Body.Close()
		if got := res.Header.Get("Location"); got != want {
			t.Errorf("field %q: %q, want %q", back, got, want)
		}
	}
}

func TestPrograms(t *testing.T) {
	h := keep(&Login{}).Handler(who)
	tests := []struct {
		method, accept, body, contentType, want string
		status                                  int
	}{
		{"GET", "application/json", "", "", "application/problem+json", 401},
		{"POST", "application/json", "{}", "application/json", "application/problem+json", 401},
		{"GET", "", "", "", "text/html; charset=utf-8", 401},
		{"GET", "text/html", "", "", "text/html; charset=utf-8", 401},
		{"PUT", "*/*", "x", "text/plain", "text/html; charset=utf-8", 401},
		{"POST", "text/html", "login_token=x&a=%zz", "application/x-www-form-urlencoded", "text/html; charset=utf-8", 401},
		{"POST", "text/html", "login_token=" + strings.Repeat("x", maxBody), "application/x-www-form-urlencoded", "text/html; charset=utf-8", 401},
		{"POST", "text/html", "login_token=x", "multipart/form-data; boundary=x", "text/html; charset=utf-8", 401},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "/", strings.NewReader(tt.body))
		if tt.accept != "" {
			r.Header.Set("Accept", tt.accept)
		}
		r.Header.Set("Content-Type", tt.contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.status || w.Header().Get("Content-Type") != tt.want {
			t.Errorf("%s %s: %d %s", tt.method, tt.accept, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestHead(t *testing.T) {
	h := keep(&Login{}).Handler(who)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("HEAD", "/", nil))
	if w.Code != 401 || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "" {
		t.Errorf("%d, %d bytes, length %q", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

func TestLongFieldsAreNotHashed(t *testing.T) {
	l := keep(&Login{})
	l.Check = func(context.Context, string, string) (auth.Identity, bool) { return auth.Identity{}, true }
	browser, base := newBrowser(t, l.Handler(who))
	p := read(t, must(t)(browser.Get(base+"/")))
	for _, v := range []url.Values{p.values("bing", strings.Repeat("x", maxField+1)), p.values(strings.Repeat("x", maxField+1), "x"), p.values("", "x")} {
		res := must(t)(browser.PostForm(base+"/", v))
		res.Body.Close()
		if res.StatusCode != 401 {
			t.Errorf("status %d", res.StatusCode)
		}
	}
}

func TestOwnPage(t *testing.T) {
	l := keep(&Login{Title: "Shop", Page: func(w http.ResponseWriter, _ *http.Request, p Prompt) {
		w.WriteHeader(p.Status)
		fmt.Fprintf(w, "%s|%s|%s|%v", p.Title, p.Action, p.Back, p.Token != "")
	}})
	w := httptest.NewRecorder()
	l.Handler(who).ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	if got, want := w.Body.String(), "Shop|/x||true"; w.Code != 401 || got != want {
		t.Errorf("%d %s, want %s", w.Code, got, want)
	}
	w = httptest.NewRecorder()
	l.ServeHTTP(w, httptest.NewRequest("GET", "/login?back=/y", nil))
	if got, want := w.Body.String(), "Shop|/login|/y|true"; w.Code != 200 || got != want {
		t.Errorf("%d %s, want %s", w.Code, got, want)
	}
}

func TestBelowMountPoint(t *testing.T) {
	w := httptest.NewRecorder()
	keep(&Login{}).Handler(who).ServeHTTP(w, httpx.WithMount(httptest.NewRequest("GET", "/app/x?y=1", nil), "/app"))
	if p := read(t, w.Result()); p.action != "/app/x?y=1" {
		t.Errorf("action %q", p.action)
	}
}

func TestNothingRemembers(t *testing.T) {
	l := &Login{Check: check}
	browser, base := newBrowser(t, l.Handler(who))
	p := read(t, must(t)(browser.Get(base+"/")))
	p = read(t, must(t)(browser.PostForm(base+"/", p.values("bing", "gnib"))))
	if p.status != 500 || !strings.Contains(p.text, "cannot be remembered") {
		t.Errorf("%d %s", p.status, p.text)
	}
}

// keeper is the auth.Keeper of a cookie around the login.
type keeper struct{ id auth.Identity }

func (k *keeper) Remember(id auth.Identity) error { k.id = id; return nil }
func (k *keeper) Forget() error                   { return nil }

func TestKeeperAround(t *testing.T) {
	k := &keeper{}
	h := (&Login{Check: check}).Handler(who)
	browser, base := newBrowser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, auth.WithKeeper(r, k)) }))
	p := read(t, must(t)(browser.Get(base+"/")))
	must(t)(browser.PostForm(base+"/", p.values("bing", "gnib"))).Body.Close()
	if k.id.User != "bing" || k.id.Method != Method {
		t.Errorf("kept %+v", k.id)
	}
}

func TestPassesThroughIfSet(t *testing.T) {
	w := httptest.NewRecorder()
	r := auth.With(httptest.NewRequest("POST", "/", strings.NewReader("login_token=x")), auth.Identity{User: "eve", Method: "basic"})
	(&Login{}).Handler(who).ServeHTTP(w, r)
	if got, want := w.Body.String(), "POST / by basic: eve"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The page's policy allows its own style and nothing else.
func TestPagePolicy(t *testing.T) {
	w := httptest.NewRecorder()
	(&Login{}).Handler(who).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	csp := w.Header().Get("Content-Security-Policy")
	m := regexp.MustCompile(`<style nonce="([^"]+)"`).FindStringSubmatch(w.Body.String())
	if m == nil || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "style-src 'nonce-"+html.UnescapeString(m[1])+"'") ||
		!strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'self'") {
		t.Errorf("policy %q", csp)
	}
}
