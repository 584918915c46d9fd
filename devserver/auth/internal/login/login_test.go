package login

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/devserver/httpx"
)

func TestBack(t *testing.T) {
	tests := []struct{ in, want string }{
		{"/", "/"},
		{"/a/b?c=d&e=%2F", "/a/b?c=d&e=%2F"},
		{"/a#b", "/a"},
		{"/a%2Fb", "/a%2Fb"},
		{"/ü", "/%C3%BC"},
		{"/?next=http://evil.example", "/?next=http://evil.example"},
		{"//evil.example/x", "/.//evil.example/x"},
		{"///evil.example", "/.///evil.example"},
		{`/%2Fevil.example/"`, "/%2Fevil.example/%22"},
		{`/%2f"`, "/%2f%22"},
		{"", "/"},
		{"a", "/"},
		{"http://evil.example", "/"},
		{"javascript:alert(1)", "/"},
		{`/\evil.example`, "/"},
		{`\\evil.example`, "/"},
		{"/\t/evil.example", "/"},
		{"/\n/evil.example", "/"},
		{"/a\r\nSet-Cookie: x=1", "/"},
		{"/a b", "/"},
		{"/%zz", "/"},
		{"/" + strings.Repeat("a", maxBack), "/"},
	}
	for _, tt := range tests {
		if got := Back(tt.in); got != tt.want {
			t.Errorf("Back(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzBack(f *testing.F) {
	for _, s := range []string{"/", "//a", `/\a`, "/.//a", "/%2f/a", "/\t/a", "http:/a", "/a?b#c", "/;/a", "/..//a", `/%2f"`} {
		f.Add(s)
	}
	base := &url.URL{Scheme: "http", Host: "here.example", Path: "/login"}
	f.Fuzz(func(t *testing.T, s string) {
		got := Back(s)
		u, err := url.Parse(got)
		if err != nil {
			t.Fatalf("Back(%q) = %q: %v", s, got, err)
		}
		if abs := base.ResolveReference(u); abs.Host != "here.example" || abs.Scheme != "http" {
			t.Errorf("Back(%q) = %q leads to %s", s, got, abs)
		}
		if got[0] != '/' || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("Back(%q) = %q", s, got)
		}
	})
}

func TestHere(t *testing.T) {
	tests := []struct{ mount, target, want string }{
		{"", "/", "/"},
		{"", "/a%2Fb?x=%22%3E", "/a%2Fb?x=%22%3E"},
		{"", "//evil.example/x", "/.//evil.example/x"},
		{"", `/%2Fevil.example/"`, "/.//evil.example/%22"},
		{"/app", "/app/x?y", "/app/x?y"},
		{"/app", "/app", "/app"},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", tt.target, nil)
		r = httpx.WithMount(r, tt.mount)
		if got := Here(r); got != tt.want {
			t.Errorf("Here(%s below %q) = %q, want %q", tt.target, tt.mount, got, tt.want)
		}
	}
}

func TestFromElsewhere(t *testing.T) {
	tests := []struct {
		name   string
		header http.Header
		want   bool
	}{
		{"no browser", nil, false},
		{"our page", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"http://proxy.example"}}, false},
		{"another port", http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://example.com:81"}}, true},
		{"another site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, true},
		{"two answers", http.Header{"Sec-Fetch-Site": {"same-origin", "cross-site"}}, true},
		{"an old browser", http.Header{"Origin": {"http://Example.com"}}, false},
		{"behind a proxy", http.Header{"Origin": {"http://app.example"}, "X-Forwarded-Host": {"app.example"}}, false},
		{"an old browser, another site", http.Header{"Origin": {"http://evil.example"}}, true},
		{"an old browser, another port", http.Header{"Origin": {"http://example.com:81"}}, true},
		{"a sandbox", http.Header{"Origin": {"null"}}, true},
		{"two origins", http.Header{"Origin": {"http://example.com", "http://evil.example"}}, true},
		{"no origin at all", http.Header{"Origin": {""}}, true},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("POST", "/", nil) // of example.com
		r.Header = tt.header
		if got := FromElsewhere(r); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestTokens(t *testing.T) {
	tokens := new(Tokens).Configure("n", nil)
	w := httptest.NewRecorder()
	token := tokens.Make(w, httptest.NewRequest("GET", "/", nil))
	cookies := w.Result().Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || !cookies[0].Expires.IsZero() {
		t.Fatalf("cookies %v", cookies)
	}
	with := func(c *http.Cookie) *http.Request {
		r := httptest.NewRequest("POST", "/", nil)
		if c != nil {
			r.AddCookie(c)
		}
		return r
	}
	if !tokens.Valid(with(cookies[0]), token) {
		t.Error("its own token is refused")
	}
	again := httptest.NewRecorder()
	if got := tokens.Make(again, with(cookies[0])); got != token || len(again.Result().Cookies()) != 0 {
		t.Error("a second page has another token, or sets the cookie anew")
	}
	other := new(Tokens).Configure("n", nil).Make(httptest.NewRecorder(), with(cookies[0]))
	for name, bad := range map[string]bool{
		"no cookie":     tokens.Valid(with(nil), token),
		"empty":         tokens.Valid(with(cookies[0]), ""),
		"other key":     tokens.Valid(with(cookies[0]), other),
		"other browser": tokens.Valid(with(&http.Cookie{Name: "n", Value: Nonce()}), token),
		"odd cookie":    tokens.Valid(with(&http.Cookie{Name: "n", Value: "x"}), tokens.mac("x")),
	} {
		if bad {
			t.Errorf("%s: accepted", name)
		}
	}
}
