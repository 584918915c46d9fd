package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/session"
)

// visitor signs into the sessions of dir and returns its token.
func visitor(t *testing.T, dir, name string, life time.Duration) string {
	t.Helper()
	m, err := session.New(session.Options{Dir: dir, Lifetime: life, Notice: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	w := httptest.NewRecorder()
	m.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { m.Put(r.Context(), "name", name) })).
		ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	c, err := http.ParseSetCookie(w.Header().Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	return c.Value
}

// TestFolder: another program finds a session by its token, lists all, and ends them.
func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sessions")
	f := &session.Folder{Path: dir}
	if list, err := f.List(10); err != nil || len(list) != 0 {
		t.Errorf("a folder that is not there has %v, %v", list, err)
	}
	ann, bob := visitor(t, dir, "ann", time.Hour), visitor(t, dir, "bob", 2*time.Hour)
	got, err := f.Find(ann)
	if err != nil || !strings.Contains(string(got.Data), "ann") || got.Size != len(got.Data) || time.Since(got.Changed) > time.Hour {
		t.Fatalf("found %+v, %v", got, err)
	}
	if left := time.Until(got.Expiry); left < 50*time.Minute || left > time.Hour {
		t.Errorf("it ends in %v", left)
	}
	if _, err := os.Stat(got.Path); err != nil || strings.Contains(got.Path, ann) {
		t.Errorf("its file %s: %v", got.Path, err)
	}
	list, err := f.List(10)
	if err != nil || len(list) != 2 || list[1].ID != got.ID || list[0].Data != nil {
		t.Errorf("listed %+v, %v; want bob's, which lasts longer, before ann's", list, err)
	}
	if list, err := f.List(1); err != nil || len(list) != 1 || list[0].ID == got.ID {
		t.Errorf("one of them: %+v, %v", list, err)
	}
	if id, err := f.Match(got.ID[:16]); err != nil || id != got.ID {
		t.Errorf("matched %q, %v", id, err)
	}
	if err := f.Forget(got.ID); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"find":         func() error { _, err := f.Find(ann); return err }(),
		"get":          func() error { _, err := f.Get(got.ID); return err }(),
		"match":        func() error { _, err := f.Match(got.ID[:16]); return err }(),
		"match all":    func() error { _, err := f.Match(""); return err }(),
		"forget":       f.Forget(got.ID),
		"forget no id": f.Forget("../" + got.ID),
	} {
		if !errors.Is(err, session.ErrNoSession) {
			t.Errorf("%s: %v after its end", what, err)
		}
	}
	if _, err := f.Find(bob); err != nil {
		t.Errorf("bob's: %v", err)
	}
}

// TestFolderIgnores: what is no session of ours, damaged or expired is not listed, and the
// token of a client is never a path.
func TestFolderIgnores(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sessions")
	f := &session.Folder{Path: dir}
	old := visitor(t, dir, "old", time.Nanosecond)
	kept := visitor(t, dir, "kept", time.Hour)
	outside := filepath.Join(filepath.Dir(dir), "outside")
	for _, p := range []string{filepath.Join(dir, "notes.txt"), filepath.Join(dir, strings.Repeat("a", 64)+".session"), outside} {
		if err := os.WriteFile(p, []byte("nothing"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := f.List(10); err != nil || len(list) != 1 {
		t.Errorf("listed %+v, %v; want %s alone", list, err, kept)
	}
	if _, err := f.Get(strings.Repeat("a", 64)); err == nil || errors.Is(err, session.ErrNoSession) {
		t.Errorf("a damaged one: %v", err)
	}
	for _, token := range []string{old, "", "../outside", outside, "\x00", strings.Repeat("a", 64)} {
		if got, err := f.Find(token); !errors.Is(err, session.ErrNoSession) {
			t.Errorf("%q finds %+v, %v", token, got, err)
		}
	}
	if _, err := new(session.Folder).Find(kept); !errors.Is(err, session.ErrNoSession) {
		t.Errorf("no folder: %v", err)
	}
}

func TestDir(t *testing.T) {
	for _, want := range []string{"", "/somewhere/sessions"} {
		t.Setenv(session.EnvDir, want)
		if got := session.Dir(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
