package become

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/httpx"
)

var users = []User{{Name: "alice", Roles: []string{"admin", "staff"}, Data: "d", Note: "may do all"}, {Name: "bob & <i>co</i>"}, {Name: "alice"}, {}}

var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id, ok := auth.From(r.Context())
	fmt.Fprintf(w, "%s|%v|%s|%s|%v", id.User, id.Roles, id.Data, id.Method, ok)
})

const nobody = "|[]|||false"

// browser asks a server on loopback; it keeps cookies and follows nothing.
type browser struct {
	*http.Client
	t    *testing.T
	base string
}

func newBrowser(t *testing.T, h http.Handler) *browser {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, _ := cookiejar.New(nil)
	return &browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, t, srv.URL}
}

// do sends a request; a header "Host" sets that.
func (b *browser) do(method, path string, form url.Values, header ...string) (int, string, http.Header) {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Add(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	res, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	s, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(s), res.Header
}

// fields returns what a page's inputs and buttons hold, one value after another.
func fields(page string) url.Values {
	v := url.Values{}
	for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
		tok := z.Token()
		attr := map[string]string{}
		for _, a := range tok.Attr {
			attr[a.Key] = a.Val
		}
		if (tok.Data == "input" || tok.Data == "button") && attr["name"] != "" {
			v.Add(attr["name"], attr["value"])
		}
	}
	return v
}

func TestPickAndStop(t *testing.T) {
	var changes []string
	p := &Picker{Users: users, Changed: func(_ *http.Request, user string) { changes = append(changes, user) }}
	b := newBrowser(t, p.Handler(who))
	_, page, header := b.do("GET", "/_become?back=/cart%3Fx", nil)
	f := fields(page)
	if got := strings.Join(f["user"], ","); got != "alice,bob & <i>co</i>" || f.Get("back") != "/cart?x" || f.Has("stop") {
		t.Fatalf("fields %v", f)
	}
	if header.Get("Cache-Control") != "no-store" || !strings.Contains(header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("headers %v", header)
	}
	if strings.Contains(page, "<i>") || strings.Contains(page, ">d<") {
		t.Error("a name is not escaped, or Data is shown")
	}
	status, _, header := b.do("POST", "/_become", url.Values{"token": f["token"], "back": f["back"], "user": {"alice"}}, "Origin", b.base, "Sec-Fetch-Site", "same-origin")
	if status != 303 || header.Get("Location") != "/cart?x" {
		t.Fatalf("%d %v", status, header)
	}
	if c := header.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || strings.Contains(c, "Expires") || strings.Contains(c, "Max-Age") {
		t.Errorf("cookie %s", c)
	}
	if _, got, _ := b.do("GET", "/cart", nil); got != "alice|[admin staff]|d|become|true" {
		t.Errorf("%s", got)
	}
	_, page, _ = b.do("GET", "/_become", nil)
	if f = fields(page); !f.Has("stop") || !strings.Contains(page, "You are <b>alice</b>") {
		t.Errorf("no way to stop: %s", page)
	}
	if status, _, header := b.do("POST", "/_become", url.Values{"token": f["token"], "stop": {"1"}}); status != 303 || header.Get("Location") != "/" {
		t.Errorf("stop: %d", status)
	}
	if _, got, _ := b.do("GET", "/cart", nil); got != nobody {
		t.Errorf("after stop: %s", got)
	}
	if got := strings.Join(changes, ","); got != "alice," {
		t.Errorf("changes %q", got)
	}
}

// Each rule turns away by itself, and what it turns away changes nothing.
func TestRefusals(t *testing.T) {
	pick := func(token string) url.Values { return url.Values{"token": {token}, "user": {"alice"}} }
	tests := []struct {
		name   string
		picker Picker
		header []string
		want   string // in the refusal of the POST; empty: it is accepted
		page   bool   // the page refuses too
	}{
		{name: "fine"},
		{name: "listens on all addresses", picker: Picker{Listen: []string{"127.0.0.1:80", ":8080"}}, want: "listens on :8080", page: true},
		{name: "listens on 0.0.0.0", picker: Picker{Listen: []string{"0.0.0.0:8080"}}, want: "listens on 0.0.0.0", page: true},
		{name: "listens on loopback names", picker: Picker{Listen: []string{"localhost:8080", "[::1]:80", "127.8.8.8:1"}}},
		{name: "foreign host", header: []string{"Host", "evil.example"}, want: "the Host header is", page: true},
		{name: "foreign host with localhost in it", header: []string{"Host", "localhost.evil.example"}, want: "the Host header is", page: true},
		{name: "localhost", header: []string{"Host", "LOCALHOST:1234"}},
		{name: "below localhost", header: []string{"Host", "app.localhost"}},
		{name: "allowed host", picker: Picker{AllowHosts: []string{"dev.test"}}, header: []string{"Host", "dev.test:80"}},
		{name: "allowed below", picker: Picker{AllowHosts: []string{".dev.test"}}, header: []string{"Host", "a.dev.test"}},
		{name: "not below", picker: Picker{AllowHosts: []string{"dev.test"}}, header: []string{"Host", "a.dev.test"}, want: "the Host header is", page: true},
		{name: "forwarded host", header: []string{"X-Forwarded-Host", "my.tunnel.example"}, want: "the Host header is", page: true},
		{name: "through a local proxy", header: []string{"X-Forwarded-For", "127.0.0.1"}},
		{name: "through a tunnel", header: []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.9"}, want: "203.0.113.9", page: true},
		{name: "through a tunnel, RFC 7239", header: []string{"Forwarded", `for="[2001:db8::1]:5"`}, want: "2001:db8::1", page: true},
		{name: "through a proxy that hides it", header: []string{"X-Forwarded-For", "unknown"}, want: "unknown", page: true},
		{name: "another port's page", header: []string{"Origin", "http://127.0.0.1:1"}, want: "Origin"},
		{name: "sandboxed page", header: []string{"Origin", "null"}, want: "Origin"},
		{name: "same site", header: []string{"Sec-Fetch-Site", "same-site"}, want: "Sec-Fetch-Site"},
		{name: "cross site", header: []string{"Sec-Fetch-Site", "cross-site"}, want: "Sec-Fetch-Site"},
		{name: "two origins", header: []string{"Origin", "http://a", "Origin", "http://a"}, want: "several"},
	}
	for i := range tests {
		tt := &tests[i]
		tt.picker.Users = users
		b := newBrowser(t, tt.picker.Handler(who))
		// The token is right, however strict the picker is.
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		token := tt.picker.form().Make(w, r)
		for _, c := range w.Result().Cookies() {
			tt.header = append(tt.header, "Cookie", c.Name+"="+c.Value)
		}
		status, body, header := b.do("POST", "/_become", pick(token), append(tt.header, "Accept", "text/plain")...)
		if tt.want == "" {
			if status != 303 || header.Get("Set-Cookie") == "" {
				t.Errorf("%s: %d %s", tt.name, status, body)
			}
			continue
		}
		if status != 403 || !strings.Contains(body, tt.want) || !strings.Contains(body, "hint: ") || header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
		if status, _, _ := b.do("GET", "/_become", nil, tt.header...); (status == 403) != tt.page {
			t.Errorf("%s: the page says %d", tt.name, status)
		}
		if tt.page { // where the page refuses, a good cookie counts for nothing
			cookie := tt.picker.cookieName() + "=" + tt.picker.sign("alice")
			if status, got, _ := b.do("GET", "/x", nil, append(tt.header, "Cookie", cookie)...); status != 200 || got != nobody {
				t.Errorf("%s: the cookie makes %d %s", tt.name, status, got)
			}
		}
	}
}

func TestPeer(t *testing.T) {
	p := &Picker{Users: users, Listen: []string{"127.0.0.1:80"}}
	for remote, want := range map[string]int{"127.0.0.1:5": 200, "[::1]:5": 200, "[::ffff:127.0.0.1]:5": 200, "192.168.0.7:5": 403, "[fe80::1%lo]:5": 403, "@": 403, "": 403} {
		r := httptest.NewRequest("GET", "http://localhost/_become", nil)
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		if p.Handler(who).ServeHTTP(w, r); w.Code != want {
			t.Errorf("%q: %d, want %d", remote, w.Code, want)
		}
	}
}

// Without Listen the address that the connection came to counts; unknown is no.
func TestListenOfConnection(t *testing.T) {
	for local, want := range map[string]int{"127.0.0.1:80": 200, "192.168.0.7:80": 403, "": 403} {
		r := httptest.NewRequest("GET", "http://localhost/_become", nil)
		r.RemoteAddr = "127.0.0.1:5"
		if local != "" {
			a, err := net.ResolveTCPAddr("tcp", local)
			if err != nil {
				t.Fatal(err)
			}
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, a))
		}
		w := httptest.NewRecorder()
		if (&Picker{Users: users}).Handler(who).ServeHTTP(w, r); w.Code != want {
			t.Errorf("%q: %d, want %d", local, w.Code, want)
		}
	}
}

func TestNothingByGetNorWithoutToken(t *testing.T) {
	p := &Picker{Users: users}
	b := newBrowser(t, p.Handler(who))
	_, page, _ := b.do("GET", "/_become", nil)
	token := fields(page).Get("token")
	b.do("GET", "/_become?user=alice&token="+url.QueryEscape(token), nil)
	for name, v := range map[string]url.Values{
		"no token":    {"user": {"alice"}},
		"wrong token": {"user": {"alice"}, "token": {"x"}},
		"no user":     {"token": {token}},
		"unknown":     {"token": {token}, "user": {"mallory"}},
		"empty name":  {"token": {token}, "user": {""}},
		"too long":    {"token": {token}, "user": {"alice"}, "x": {strings.Repeat("x", maxBody)}},
	} {
		if status, _, header := b.do("POST", "/_become", v); status < 400 || status >= 500 || header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _, header := b.do("DELETE", "/_become", nil); status != 405 || header.Get("Allow") == "" {
		t.Errorf("DELETE: %d", status)
	}
	if _, got, _ := b.do("GET", "/", nil); got != nobody {
		t.Errorf("%s", got)
	}
	if status, _, header := b.do("POST", "/_become", url.Values{"token": {token}, "user": {"alice"}, "back": {"//evil.example"}}); status != 303 || header.Get("Location") != "/.//evil.example" {
		t.Errorf("back: %d %s", status, header.Get("Location"))
	}
}

func TestCookie(t *testing.T) {
	now := time.Unix(1700000000, 0)
	p := &Picker{Users: users, Key: []byte("k"), now: func() time.Time { return now }}
	good := p.sign("alice")
	if user, ok := p.verify(good); !ok || user != "alice" {
		t.Fatalf("%q %v", user, ok)
	}
	for i := range good {
		for _, c := range []byte{'A', 'B', '.'} {
			if bad := good[:i] + string(c) + good[i+1:]; bad != good {
				// The last letters of base64 have bits that mean nothing.
				if user, ok := p.verify(bad); ok && user != "alice" {
					t.Fatalf("altered at %d: accepted as %q", i, user)
				}
			}
		}
	}
	for _, bad := range []string{"", ".", "x.y", good + "x", strings.Repeat("x", 10<<10) + ".", (&Picker{Key: []byte("l"), now: p.now}).sign("alice")} {
		if _, ok := p.verify(bad); ok {
			t.Errorf("%.40q is accepted", bad)
		}
	}
	now = now.Add(maxAge)
	if _, ok := p.verify(good); ok {
		t.Error("accepted after a day")
	}
	now = now.Add(-2 * maxAge)
	if _, ok := p.verify(good); ok {
		t.Error("accepted before it was made")
	}
}

// A user who is no longer configured is nobody, and a changed role counts at once.
func TestUsersAreCurrent(t *testing.T) {
	old := &Picker{Users: users, Key: []byte("k")}
	fresh := &Picker{Users: []User{{Name: "alice", Roles: []string{"less"}}}, Key: []byte("k")}
	b := newBrowser(t, fresh.Handler(who))
	if _, got, _ := b.do("GET", "/", nil, "Cookie", old.cookieName()+"="+old.sign("alice")); got != "alice|[less]||become|true" {
		t.Error(got)
	}
	if _, got, _ := b.do("GET", "/", nil, "Cookie", old.cookieName()+"="+old.sign("bob & <i>co</i>")); got != nobody {
		t.Error(got)
	}
}

func TestPassesThroughIfSet(t *testing.T) {
	p := &Picker{Users: users}
	h := p.Handler(who)
	b := newBrowser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, auth.With(r, auth.Identity{User: "eve", Method: "basic"}))
	}))
	if _, got, _ := b.do("GET", "/", nil, "Cookie", p.cookieName()+"="+p.sign("alice")); got != "eve|[]||basic|true" {
		t.Error(got)
	}
}

func TestEmptyAndMounted(t *testing.T) {
	p := &Picker{Hint: "add [[users]]", Path: "/who"}
	h := p.Handler(who)
	b := newBrowser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, httpx.WithMount(r, "/app")) }))
	_, page, _ := b.do("GET", "/app/who", nil)
	if !strings.Contains(page, "nobody to pick") || !strings.Contains(page, "add [[users]]") || !strings.Contains(page, `action="/app/who"`) {
		t.Error(page)
	}
	if status, body, header := b.do("HEAD", "/app/who", nil); status != 200 || body != "" || header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d %q", status, body)
	}
}

func TestInitials(t *testing.T) {
	for in, want := range map[string]string{"alice": "A", "Ada Lovelace": "AL", "a.b.c": "AC", "bob@example.com": "B", "日本 太郎": "日太", "": "?", "<>": "?"} {
		if got := initials(in); got != want {
			t.Errorf("initials(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzCookie(f *testing.F) {
	p := &Picker{Key: []byte("k"), now: func() time.Time { return time.Unix(1700000000, 0) }}
	f.Add(p.sign("alice"))
	f.Add("e30.x")
	f.Fuzz(func(t *testing.T, s string) {
		if user, ok := p.verify(s); ok && user != "alice" {
			t.Errorf("%q signs in %q", s, user)
		}
	})
}
