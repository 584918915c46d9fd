package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAuthCannotBeWalkedAround asks for a guarded path in the ways that servers take for it.
func TestAuthCannotBeWalkedAround(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "users"), []byte("ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"), 0o600); err != nil {
		t.Fatal(err) // password: password
	}
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("user " + r.Header.Get(headerUser)))
	})
	h, err := new(session).askWho(app, []authConfig{{Path: "/admin", Kind: "basic", Users: "users", base: dir}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string, change func(*http.Request)) (int, string) {
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		r.URL.Path = path
		if change != nil {
			change(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, path := range []string{"/admin", "/admin/x", "//admin/x", "/x/../admin/y", "/./admin", `/x\..\admin`, "/admin/"} {
		if code, _ := ask(path, nil); code != http.StatusUnauthorized {
			t.Errorf("%s: %d without a password", path, code)
		}
	}
	for _, path := range []string{"/", "/administrator", "/x/admin"} {
		if code, _ := ask(path, nil); code != http.StatusOK {
			t.Errorf("%s: %d, it is not guarded", path, code)
		}
	}
	if _, body := ask("/", func(r *http.Request) { r.Header.Set(headerUser, "root") }); body != "user " {
		t.Errorf("the client's word counts: %q", body)
	}
	code, body := ask("/admin", func(r *http.Request) { r.SetBasicAuth("ann", "password") })
	if code != http.StatusOK || body != "user ann" {
		t.Errorf("with the password: %d %q", code, body)
	}
}

func TestAuthConfig(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"users": "ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n", "empty": " \n\n", "secret": "s\n", "htdigest": "ann:r:58d63d00c3e76f8574dcb634f2e69fd4\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	form := authConfig{Path: "/", Kind: "form", Users: "users"}
	tests := []struct {
		wrong string // what the error says
		list  []authConfig
	}{
		{"begins with a slash", []authConfig{{Path: "admin", Kind: "basic"}}},
		{"no kind", []authConfig{{Path: "/", Kind: "magic"}}},
		{"has no users", []authConfig{{Path: "/", Kind: "basic"}}},
		{"hint: pastedev password ann --users none makes it", []authConfig{{Path: "/", Kind: "basic", Users: "none"}}},
		{"hint: pastedev password ann --digest --realm r --users none makes it", []authConfig{{Path: "/", Kind: "digest", Users: "none", Realm: "r"}}},
		{"needs a file of users", []authConfig{{Path: "/", Kind: "digest", Users: "none"}}},
		{"timeout is negative", []authConfig{{Path: "/", Kind: "form", Users: "users", Timeout: -1}}},
		{"basic has no timeout", []authConfig{{Path: "/", Kind: "basic", Users: "users", Timeout: 1}}},
		{"control character", []authConfig{{Path: "/", Kind: "basic", Users: "users", Names: []string{"ann:a\r\nX-Forwarded-User"}}}},
		{"needs a range", []authConfig{{Path: "/", Kind: "address"}}},
		{"from:", []authConfig{{Path: "/", Kind: "address", From: []string{"x"}, Names: []string{"a"}}}},
		{"can want no roles", []authConfig{{Path: "/", Kind: "address", From: []string{"::1"}, Names: []string{"a"}, Optional: true, Roles: []string{"b"}}}},
		{"is for all paths", []authConfig{{Path: "/x", Kind: "become", Names: []string{"a"}}}},
		{"become is there twice", []authConfig{{Path: "/", Kind: "become", Names: []string{"a"}}, {Path: "/", Kind: "become", Names: []string{"b"}}}},
		{"needs the secret", []authConfig{{Path: "/", Kind: "ticket"}}},
		{"secret names no file", []authConfig{{Path: "/", Kind: "ticket", Secret: "hunter2"}}},
		{"the file of secrets is empty", []authConfig{{Path: "/", Kind: "ticket", Secret: "empty"}}},
		{"the secret is empty", []authConfig{{Path: "/", Kind: "ticket", Secret: "text:"}}},
		{"cannot be the name", []authConfig{{Path: "/", Kind: "ticket", Secret: "secret", Cookie: "a b"}}},
		{"users and a login", []authConfig{{Path: "/", Kind: "ticket", Secret: "secret", Users: "users", Login: "http://x/"}}},
		{"login", []authConfig{{Path: "/", Kind: "ticket", Secret: "secret", Login: "/here"}}},
		{"needs the server", []authConfig{{Path: "/", Kind: "cas"}}},
		{"no version 4", []authConfig{{Path: "/", Kind: "cas", Server: "http://x", Service: "http://y", Version: 4}}},
		{"needs the address that browsers know", []authConfig{{Path: "/", Kind: "cas", Server: "http://x"}}},
		{"is never asked", []authConfig{form, form}},
		{"digest is never asked", []authConfig{form, {Path: "/", Kind: "digest", Users: "htdigest", Realm: "r"}}},
		{"digest is never asked", []authConfig{{Path: "/", Kind: "digest", Users: "htdigest", Realm: "r", When: "scheme:Digest"}, {Path: "/", Kind: "basic", Users: "users"}}},
		{"want different roles", []authConfig{form, {Path: "/", Kind: "basic", Users: "users", Roles: []string{"a"}}}},
		{"when is", []authConfig{{Path: "/", Kind: "basic", Users: "users", When: "header:"}}},
		{"when is", []authConfig{{Path: "/", Kind: "basic", Users: "users", When: "path:api"}}},
	}
	for _, tt := range tests {
		for i := range tt.list {
			tt.list[i].base = dir
		}
		_, err := new(session).askWho(http.NotFoundHandler(), tt.list)
		u, ok := errors.AsType[usageError](err)
		if !ok || !strings.Contains(u.text, tt.wrong) || strings.Contains(u.text, "hunter2") {
			t.Errorf("%+v: error %v, want one with %q", tt.list, err, tt.wrong)
		}
		if ok && !strings.Contains(u.text, "hint:") {
			t.Errorf("no hint in %q", u.text)
		}
	}
}

// TestCASService: the address that browsers know is the one that is listened at, where there
// is no doubt about it.
func TestCASService(t *testing.T) {
	for addr, want := range map[string]string{"127.0.0.1:8000": "https://127.0.0.1:8000", "[::1]:8000": "https://[::1]:8000", "dev.example:443": "https://dev.example:443",
		"127.0.0.1:0": "", ":8000": "", "0.0.0.0:8000": "", "[::]:8000": ""} {
		got, err := authConfig{Path: "/"}.service(&session{config: config{Addr: addr, TLS: true}})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", addr, got, err)
		}
	}
}

// TestAuthFallback: what asks those that say nothing is what no client begins by itself.
func TestAuthFallback(t *testing.T) {
	digest, basic, form := authConfig{Kind: "digest"}, authConfig{Kind: "basic"}, authConfig{Kind: "form"}
	some := basic
	some.When = "path:/x"
	for _, tt := range []struct {
		group authGroup
		want  int
	}{
		{authGroup{digest, basic}, 0}, {authGroup{basic, digest}, 1}, {authGroup{basic, form}, 1}, {authGroup{form, basic}, 0}, {authGroup{some, basic}, 1}, {authGroup{some}, -1},
	} {
		if got := tt.group.fallback(); got != tt.want {
			t.Errorf("%+v: %d, want %d", tt.group, got, tt.want)
		}
	}
}

func TestAuthAddress(t *testing.T) {
	a := authConfig{Path: "/", Kind: "address", From: []string{"10.0.0.0/8"}, Names: []string{"inside:staff"}, Roles: []string{"staff"}}
	h, err := new(session).askWho(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), []authConfig{a})
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]int{"10.1.2.3:4": http.StatusOK, "127.0.0.1:4": http.StatusUnauthorized} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = addr
		r.Header.Set("X-Forwarded-For", "10.0.0.1") // anybody can write that
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", addr, w.Code, want)
		}
	}
}

// TestBecomeIsOutermost picks a user where another method would ask.
func TestBecomeIsOutermost(t *testing.T) {
	list := []authConfig{
		{Path: "/", Kind: "address", From: []string{"10.0.0.0/8"}, Names: []string{"inside"}},
		{Path: "/", Kind: "become", Names: []string{"bob"}},
	}
	h, err := (&session{config: config{Addr: "127.0.0.1:8000"}}).askWho(http.NotFoundHandler(), list)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "http://localhost:8000/_become", nil)
	r.RemoteAddr = "127.0.0.1:5"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "bob") {
		t.Errorf("the page of users is behind the address: %d", w.Code)
	}
}
