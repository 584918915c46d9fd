package control

import (
	"os"
	"testing"
)

// shortTempDir is a temporary folder whose path leaves room for a socket's name:
// t.TempDir holds the test's name, and a system's own may be long.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
