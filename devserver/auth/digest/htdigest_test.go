package digest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func openText(t *testing.T, text string) (*Htdigest, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return OpenHtdigest(path)
}

func TestHtdigest(t *testing.T) {
	both := "bing:test:" + Hash(MD5, "test", "bing", "gnib") + "\nbing:test:" + strings.ToUpper(Hash(SHA256, "test", "bing", "gnib")) + "\n"
	h, err := openText(t, "# users\r\n\r\n"+both+"old:with:colon:"+Hash(MD5, "with:colon", "old", "p")+"\r\n")
	if err != nil {
		t.Fatal(err)
	}
	for realm, want := range map[string][]Algorithm{"test": {SHA256, MD5}, "with:colon": {MD5}, "none": {SHA256, MD5}} {
		if diff := cmp.Diff(want, h.Algorithms(realm)); diff != "" {
			t.Errorf("%s: %s", realm, diff)
		}
	}
	if ha1, ok := h.HA1(t.Context(), MD5, "with:colon", "old"); !ok || ha1 != Hash(MD5, "with:colon", "old", "p") {
		t.Errorf("got %q %v", ha1, ok)
	}
	for _, e := range []entry{{SHA256, "with:colon", "old"}, {MD5, "other", "bing"}, {MD5, "test", "bong"}} {
		if ha1, ok := h.HA1(t.Context(), e.alg, e.realm, e.user); ok {
			t.Errorf("%v has the hash %q", e, ha1)
		}
	}
	for _, alg := range []Algorithm{SHA256, MD5} {
		handler := (&Auth{Realm: "test", HA1: h.HA1, Algorithms: h.Algorithms("test")}).Handler(who)
		for password, want := range map[string]int{"gnib": 200, "gnab": 401} {
			if w := get(handler, "/", answer{nonce: nonceOf(t, handler), alg: alg, password: password}.String()); w.Code != want {
				t.Errorf("%s, %s: %d, want %d", alg, password, w.Code, want)
			}
		}
	}
}

func TestHtdigestRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"bing":                                 "line 2: not user:realm:hash",
		"bing:gnib":                            "not user:realm:hash",
		"bing:test:gnib":                       `line 2: user "bing": the last field is no hash`,
		"bing:test:":                           "no hash",
		"bing:test:" + strings.Repeat("g", 32): "no hash",
		"bing:test:" + strings.Repeat("a", 40): "no hash",
	} {
		if _, err := openText(t, "\n"+line); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hint: ") {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}

// The file is read again when it changes; a broken edit keeps the users and is told once.
func TestHtdigestChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	line := func(user string) string { return user + ":test:" + Hash(MD5, "test", user, "p") + "\n" }
	stamp := time.Now().Add(-time.Hour)
	// save gives each version a time of its own, however coarse the file system's clock.
	save := func(text string) {
		t.Helper()
		stamp = stamp.Add(time.Minute)
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, stamp, stamp)); err != nil {
			t.Fatal(err)
		}
	}
	save(line("bob"))
	h, err := OpenHtdigest(path)
	if err != nil {
		t.Fatal(err)
	}
	var logged []error
	h.Log = func(err error) { logged = append(logged, err) }
	for _, step := range []struct {
		text, known, unknown string
		logs                 int
	}{
		{line("eve"), "eve", "bob", 0},
		{"eve:test:plain", "eve", "bob", 1},
		{line("bob"), "bob", "eve", 1},
	} {
		save(step.text)
		if _, ok := h.HA1(t.Context(), MD5, "test", step.known); !ok {
			t.Errorf("%q: %s is not known", step.text, step.known)
		}
		if _, ok := h.HA1(t.Context(), MD5, "test", step.unknown); ok || len(logged) != step.logs {
			t.Errorf("%q: %s is known: %v, logged %v", step.text, step.unknown, ok, logged)
		}
	}
}
