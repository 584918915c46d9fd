package overlay_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/reloader/overlay"
)

// A Maker gives what Make gives, and notices when its files are gone.
func TestMaker(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/go.mod", []byte("module m\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := overlay.Config{Dir: dir, StateDir: t.TempDir()}
	want, err := overlay.Make(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var m overlay.Maker
	var last *overlay.Result
	for i := range 3 {
		got, err := m.Make(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("call %d: %s", i, diff)
		}
		if again := got == last; again != (i == 1) {
			t.Errorf("call %d: the last result again: %v", i, again)
		}
		last = got
		if i == 1 { // what the user deletes is made anew
			if err := os.Remove(strings.TrimPrefix(got.Flags[0], "-overlay=")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := os.Stat(strings.TrimPrefix(last.Flags[0], "-overlay=")); err != nil {
		t.Error(err)
	}
}
