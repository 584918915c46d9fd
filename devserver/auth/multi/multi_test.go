package multi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth"
)

// method is a middleware that makes everybody a user of its name.
func method(name string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, auth.With(r, auth.Identity{User: "u", Method: name}))
		})
	}
}

var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id, _ := auth.From(r.Context())
	io.WriteString(w, id.Method)
})

func serve(h http.Handler, r *http.Request) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

// The first choice that is for a request has it, else the default.
func TestFirstMatch(t *testing.T) {
	m := &Choose{
		Choices: []Choice{
			{ByQuery("authmeth", "digest"), method("digest")},
			{ByPath("/api"), method("basic")},
			{ByQuery("authmeth", "digest"), method("never")},
			{ByPath("/open"), nil},
		},
		Default: method("form"),
	}
	h := m.Handler(who)
	for target, want := range map[string]string{
		"/?authmeth=digest":     "digest",
		"/api?authmeth=digest":  "digest",
		"/api/x":                "basic",
		"/apix":                 "form",
		"/?authmeth=digestive":  "form", // Paste takes any query that contains the words
		"/?xauthmeth=digest":    "form",
		"/?x=authmeth%3Ddigest": "form",
		"/open/x":               "",
		"/":                     "form",
	} {
		if got := serve(h, httptest.NewRequest("GET", target, nil)); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	set := auth.With(httptest.NewRequest("GET", "/api", nil), auth.Identity{User: "eve", Method: "signed"})
	if got := serve(h, set); got != "signed" {
		t.Errorf("an identity became one of %q", got)
	}
}

func TestZeroAndNil(t *testing.T) {
	if got := serve((&Choose{}).Handler(who), httptest.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("the zero value says %q", got)
	}
	all := &Choose{Choices: []Choice{{Handler: method("all")}}}
	if got := serve(all.Handler(who), httptest.NewRequest("GET", "/", nil)); got != "all" {
		t.Errorf("a choice without When: %q", got)
	}
}

// What is added to Choices later does not count, and breaks nothing.
func TestChoicesAreTakenOnce(t *testing.T) {
	m := &Choose{Choices: []Choice{{ByPath("/x"), method("x")}}}
	h := m.Handler(who)
	m.Choices = append(m.Choices, Choice{nil, method("y")})
	m.Choices[0].When = ByPath("/")
	if got := serve(h, httptest.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("%q", got)
	}
}

func TestPredicates(t *testing.T) {
	tests := []struct {
		name   string
		when   func(*http.Request) bool
		target string
		header string // of Authorization
		want   bool
	}{
		{"query any value", ByQuery("a", ""), "/?a", "", true},
		{"query absent", ByQuery("a", ""), "/?b=a", "", false},
		{"query second", ByQuery("a", "2"), "/?a=1&a=2", "", true},
		{"query encoded", ByQuery("a b", "c+"), "/?a+b=c%2B", "", true},
		{"header value", ByHeader("authorization", "bearer x"), "/", "Bearer x", true},
		{"header any", ByHeader("Authorization", ""), "/", "x", true},
		{"header absent", ByHeader("Authorization", ""), "/", "", false},
		{"host", ByHeader("Host", "EXAMPLE.com"), "/", "", true},
		{"scheme", ByScheme("digest"), "/", `Digest username="a"`, true},
		{"scheme, none", ByScheme(""), "/", "", false},
		{"other scheme", ByScheme("Digest"), "/", "Digestive x", false},
		{"path root", ByPath("/"), "/x", "", true},
		{"path with slash", ByPath("api/"), "/api", "", true},
		{"path doubled slashes", ByPath("/admin"), "//admin/x", "", true},
		{"path dots", ByPath("/admin"), "/public/../admin", "", true},
		{"path dots out", ByPath("/admin"), "/admin/../public", "", false},
		{"path case", ByPath("/admin"), "/Admin", "", false},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", tt.target, nil)
		if tt.header != "" {
			r.Header.Set("Authorization", tt.header)
		}
		if got := tt.when(r); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
