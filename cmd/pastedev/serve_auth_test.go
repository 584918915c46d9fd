package main

import (
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
	for wrong, a := range map[string]authConfig{
		"begins with a slash":   {Path: "admin", Kind: "basic"},
		"no kind":               {Path: "/", Kind: "magic"},
		"has no users":          {Path: "/", Kind: "basic"},
		"no such file":          {Path: "/", Kind: "basic", Users: "none", base: dir},
		"needs a file of users": {Path: "/", Kind: "digest", Users: "none", base: dir},
		"needs a range":         {Path: "/", Kind: "address"},
		"from:":                 {Path: "/", Kind: "address", From: []string{"x"}, Names: []string{"a"}},
		"is for all paths":      {Path: "/x", Kind: "become", Names: []string{"a"}},
	} {
		_, err := new(session).askWho(http.NotFoundHandler(), []authConfig{a})
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%+v: error %v, want one with %q", a, err, wrong)
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
