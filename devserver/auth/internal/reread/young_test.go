package reread

import (
	"path/filepath"
	"testing"
	"time"
)

// TestChangeWithoutASign: a password that is changed twice within a tick of the file system,
// to a hash of the same length, leaves time and size as they were.
func TestChangeWithoutASign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	now, parsed := time.Now(), 0
	save(t, path, "one", now)
	f, err := Open(path, counting(&parsed))
	if err != nil {
		t.Fatal(err)
	}
	save(t, path, "two", now)
	for range 3 {
		if got, err := f.Load(); got != "two" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if parsed != 2 {
		t.Errorf("parsed %d times", parsed)
	}
}
