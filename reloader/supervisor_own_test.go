package reloader

import (
	"path/filepath"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// TestOwnErrors checks which compile errors are the user's, so that a build is not tried
// again without the agent.
func TestOwnErrors(t *testing.T) {
	dir := t.TempDir()
	s := &Supervisor{o: Options{
		StateDir: filepath.Join(dir, ".pastedev"),
		Target:   Target{Package: GoPackage{ModuleRoot: dir, ModuleDirs: []string{dir}}},
	}}
	for _, tc := range []struct {
		name, path, message string
		want                bool
	}{
		{"in the user's file", filepath.Join(dir, "main.go"), "undefined: total", true},
		{"without a place", "", "package foo is not in std", false},
		{"in a file of the overlay", filepath.Join(dir, ".pastedev", "overlay", "os", "file.go"), "undefined: x", false},
		{"elsewhere", filepath.Join(filepath.Dir(dir), "lib.go"), "undefined: x", false},
		{"in what was added to the user's file", filepath.Join(dir, "main.go"), "undefined: pdrt.PastedevEnter", false},
	} {
		if got := s.own(inspect.Diagnostic{Path: tc.path, Message: tc.message}); got != tc.want {
			t.Errorf("%s: own is %v", tc.name, got)
		}
	}
}
