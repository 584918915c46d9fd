package cas

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/httpx"
)

func newClient(server string) (*Client, *memory) {
	m := &memory{}
	return &Client{Server: server + "/cas/", Service: "http://app.example", Remember: m.remember, Recall: m.recall}, m
}

func get(h http.Handler, target string, header ...string) *http.Response {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The redirect's address is escaped exactly, and Host has no say in it.
func TestRedirectExactEscape(t *testing.T) {
	tests := []struct{ target, want string }{
		{"/", "http://app.example/"},
		{"/a%2Fb/%C3%BC?x=1&y=a%20b", "http://app.example/a%2Fb/%C3%BC?x=1&y=a%20b"},
		{"/?service=http://evil.example&z=%23", "http://app.example/?service=http://evil.example&z=%23"},
		{"//evil.example/", "http://app.example//evil.example/"},
		{`/"><script>?q="`, `http://app.example/%22%3E%3Cscript%3E?q="`},
	}
	c, _ := newClient("http://sso.example")
	c.Renew = true
	for _, tt := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		u, err := url.ParseRequestURI(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		r.URL, r.Host = u, "evil.example"
		r.Header.Set("X-Forwarded-Host", "evil.example")
		w := httptest.NewRecorder()
		c.Handler(who).ServeHTTP(w, r)
		want := "http://sso.example/cas/login?service=" + url.QueryEscape(tt.want) + "&renew=true"
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("%s: %d %s\nwant %s", tt.target, w.Code, got, want)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Error("the redirect may be kept")
		}
	}
}

func TestServiceHasMountPoint(t *testing.T) {
	c, _ := newClient("http://sso.example")
	c.Service = "https://app.example/outer/"
	r := httpx.WithMount(httptest.NewRequest("GET", "/in/x?y", nil), "/in")
	w := httptest.NewRecorder()
	c.Handler(who).ServeHTTP(w, r)
	if got, want := w.Header().Get("Location"), "service="+url.QueryEscape("https://app.example/outer/in/x?y"); !strings.HasSuffix(got, want) {
		t.Errorf("Location %s, want …%s", got, want)
	}
}

// The whole way in a browser, in each version; the existing query is kept, the ticket goes.
func TestSignIn(t *testing.T) {
	tests := []struct {
		version    int
		path, want string
	}{
		{1, "/cas/validate", "bob|[]||cas|true|/x?a=1&b=%2F"},
		{2, "/cas/serviceValidate", "bob|[]||cas|true|/x?a=1&b=%2F"},
		{3, "/cas/p3/serviceValidate", `bob|[staff admin]|{"mail":["bob@example.edu"],"memberOf":["staff","admin"]}|cas|true|/x?a=1&b=%2F`},
	}
	for _, tt := range tests {
		f := newServer(t)
		c, _ := newClient(f.URL)
		c.Version = tt.version
		app := httptest.NewServer(nil)
		t.Cleanup(app.Close)
		c.Service = app.URL
		app.Config.Handler = c.Handler(who)
		jar, _ := cookiejar.New(nil)
		browser := &http.Client{Jar: jar}
		var hops []string
		browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			hops = append(hops, r.URL.Path)
			return nil
		}
		for range 2 { // the second time by the cookie
			res, err := browser.Get(app.URL + "/x?a=1&b=%2F")
			if err != nil {
				t.Fatal(err)
			}
			if got := body(t, res); got != tt.want {
				t.Errorf("version %d: %s\nwant %s", tt.version, got, tt.want)
			}
			res.Body.Close()
		}
		if want := []string{"/cas/login", "/x", "/x"}; !cmp.Equal(hops, want) {
			t.Errorf("version %d: went by %v, want %v", tt.version, hops, want)
		}
		asked := f.validations()
		if len(asked) != 1 || !strings.HasPrefix(asked[0], tt.path+"?service="+url.QueryEscape(app.URL+"/x?a=1&b=%2F")+"&ticket=ST-1-") {
			t.Errorf("version %d: asked %q", tt.version, asked)
		}
	}
}

func TestTicketTwiceIs403(t *testing.T) {
	for version := 1; version <= 3; version++ {
		f := newServer(t)
		c, _ := newClient(f.URL)
		c.Version = version
		f.tickets["ST-9"] = "http://app.example/x?a=1"
		h := c.Handler(who)
		if res := get(h, "/x?a=1&ticket=ST-9"); res.StatusCode != 303 || res.Header.Get("Location") != "http://app.example/x?a=1" {
			t.Fatalf("first: %d %s", res.StatusCode, res.Header.Get("Location"))
		}
		if res := get(h, "/x?a=1&ticket=ST-9"); res.StatusCode != 403 || len(res.Cookies()) != 0 {
			t.Errorf("version %d: second: %d %v, want 403 without a cookie", version, res.StatusCode, res.Cookies())
		}
	}
}

func TestNoIs403(t *testing.T) {
	f := newServer(t)
	f.tickets["ST-other"] = "http://other.example/"
	for version := 1; version <= 3; version++ {
		for _, ticket := range []string{"ST-unknown", "ST-other", "", "%0d%0ax", strings.Repeat("x", maxTicket+1), "<b>"} {
			c, m := newClient(f.URL)
			c.Version = version
			var told error
			c.Failed = func(_ *http.Request, err error) { told = err }
			res := get(c.Handler(who), "/?ticket="+ticket, "Accept", "text/html")
			if res.StatusCode != 403 || len(m.ids) != 0 || told == nil {
				t.Errorf("version %d, ticket %.20q: %d, told %v", version, ticket, res.StatusCode, told)
			}
			if s := body(t, res); strings.Contains(s, "<b>") || !strings.Contains(s, "open the page again") {
				t.Errorf("page: %s", s)
			}
		}
	}
}

func TestValidatorDownIs502(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	f := newServer(t)
	answers := map[string]http.HandlerFunc{
		"500":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"page":     func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<!DOCTYPE html><p>yes") },
		"empty":    func(http.ResponseWriter, *http.Request) {},
		"long": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "yes\n"+strings.Repeat("x", maxAnswer))
		},
		"abort":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"bad user": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "yes\n\x1b[31m\n") },
		"no user":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "yes\n\n") },
		"internal": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, wrap(`<cas:authenticationFailure code="INTERNAL_ERROR">database</cas:authenticationFailure>`))
		},
	}
	for version := 1; version <= 3; version++ {
		for name, answer := range answers {
			f.mu.Lock()
			f.answer = answer
			f.mu.Unlock()
			for _, server := range []string{f.URL, gone.URL} {
				c, _ := newClient(server)
				c.Version = version
				var told error
				c.Failed = func(_ *http.Request, err error) { told = err }
				res := get(c.Handler(who), "/?ticket=ST-secret")
				if res.StatusCode != 502 || told == nil {
					t.Errorf("version %d, %s: %d, want 502", version, name, res.StatusCode)
				}
				if told != nil && strings.Contains(told.Error(), "ST-secret") || strings.Contains(body(t, res), "ST-secret") {
					t.Errorf("version %d, %s: the ticket is told: %v", version, name, told)
				}
			}
		}
	}
}

// Also a server that never answers is no reason to wait for ever, nor a client that left.
func TestServerThatHangs(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
	}))
	defer srv.Close()
	defer close(release)
	c, _ := newClient(srv.URL)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-entered; cancel() }()
	w := httptest.NewRecorder()
	c.Handler(who).ServeHTTP(w, httptest.NewRequest("GET", "/?ticket=ST-1", nil).WithContext(ctx))
	if w.Code != 502 {
		t.Errorf("status %d, want 502", w.Code)
	}
	if deadline, ok := firstDeadline(c); !ok || deadline > validateTimeout {
		t.Errorf("the question is not bounded: %v %v", deadline, ok)
	}
}

func TestPassesThroughIfSet(t *testing.T) {
	c, _ := newClient("http://sso.example")
	w := httptest.NewRecorder()
	r := auth.With(httptest.NewRequest("GET", "/?ticket=mine", nil), auth.Identity{User: "eve", Method: "basic"})
	c.Handler(who).ServeHTTP(w, r)
	if got, want := w.Body.String(), "eve|[]||basic|true|/?ticket=mine"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNoRedirectForPrograms(t *testing.T) {
	c, _ := newClient("http://sso.example")
	h := c.Handler(who)
	for _, r := range []*http.Request{
		httptest.NewRequest("POST", "/?ticket=ST-1", strings.NewReader("a=b")),
		httptest.NewRequest("DELETE", "/", nil),
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d", r.Method, w.Code)
		}
	}
	res := get(h, "/", "Accept", "application/json")
	if res.StatusCode != 401 || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
}

func TestWithoutKeeperIs500(t *testing.T) {
	f := newServer(t)
	f.tickets["ST-1"] = "http://app.example/"
	c, _ := newClient(f.URL)
	c.Remember, c.Recall = nil, nil
	var told error
	c.Failed = func(_ *http.Request, err error) { told = err }
	res := get(c.Handler(who), "/?ticket=ST-1")
	if s := body(t, res); res.StatusCode != 500 || !strings.Contains(s, "hint: wrap the client") || !errors.Is(told, auth.ErrNoKeeper) {
		t.Errorf("%d %s %v", res.StatusCode, s, told)
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		c    Client
		want string // in the error
	}{
		{Client{Server: "https://sso.example/cas", Service: "http://app.example"}, ""},
		{Client{}, `cas: Server "": it is empty`},
		{Client{Server: "sso.example/cas", Service: "http://a"}, "does not begin with http"},
		{Client{Server: "ftp://sso.example/cas", Service: "http://a"}, "does not begin with http"},
		{Client{Server: "https://sso.example", Service: "https://a/?x"}, "nothing behind it"},
		{Client{Server: "https://u:p@sso.example", Service: "https://a"}, "no user before it"},
		{Client{Server: "https:///cas", Service: "https://a"}, "no host"},
		{Client{Server: "https://s", Service: "https://a", Version: 4}, "no version 4"},
		{Client{Server: "http://[::1", Service: "https://a"}, "no URL"},
	}
	for _, tt := range tests {
		err := tt.c.Check()
		if (err == nil) != (tt.want == "") || err != nil && !(strings.Contains(err.Error(), tt.want) && strings.Contains(err.Error(), "\nhint: ")) {
			t.Errorf("%+v: %v, want %q", tt.c, err, tt.want)
		}
		if tt.want != "" {
			if res := get(tt.c.Handler(who), "/"); res.StatusCode != 500 || !strings.Contains(body(t, res), tt.want) {
				t.Errorf("%+v: status %d", tt.c, res.StatusCode)
			}
		}
	}
}

func TestCutTicket(t *testing.T) {
	tests := []struct {
		query, rest, ticket string
		ok                  bool
	}{
		{"", "", "", false},
		{"ticket=a", "", "a", true},
		{"ticket=", "", "", true},
		{"x=1&ticket=ST-1%2B", "x=1", "ST-1+", true},
		{"ticket=mine&ticket=ST-1", "ticket=mine", "ST-1", true},
		{"ticket=a&x=1", "ticket=a&x=1", "", false}, // not where a server puts it
		{"ticket", "ticket", "", false},
		{"myticket=a", "myticket=a", "", false},
		{"a&ticket=%zz", "a", "%zz", true},
	}
	for _, tt := range tests {
		rest, ticket, ok := cutTicket(tt.query)
		if rest != tt.rest || ticket != tt.ticket || ok != tt.ok {
			t.Errorf("cutTicket(%q) = %q, %q, %v", tt.query, rest, ticket, ok)
		}
	}
}

func TestURLs(t *testing.T) {
	c := &Client{Server: "https://s/cas/"}
	if got, want := c.LogoutURL(), "https://s/cas/logout"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
