package control

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFindLeft looks from a folder upwards, or where it is told to and nowhere else.
func TestFindLeft(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	root := t.TempDir()
	state, deep := filepath.Join(root, StateDirName), filepath.Join(root, "a", "b")
	for _, dir := range []string{state, deep} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok := FindLeft(deep, "", "history.db"); ok {
		t.Errorf("found %s, where nothing was left", got)
	}
	if err := os.WriteFile(filepath.Join(state, "history.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dir, state, want string }{
		{root, "", state},
		{deep, "", state},
		{"/", root, state},
		{"/", state, state},
		{root, deep, ""},
	} {
		if got, ok := FindLeft(c.dir, c.state, "history.db"); got != c.want || ok != (c.want != "") {
			t.Errorf("FindLeft(%s, %s) = %q, %v, want %q", c.dir, c.state, got, ok, c.want)
		}
	}
	if err := os.Symlink(filepath.Join(state, "history.db"), filepath.Join(deep, "history.db")); err == nil {
		if got, ok := FindLeft("/", deep, "history.db"); ok {
			t.Errorf("%s is a link, which somebody else may have put there", got)
		}
	}
}
