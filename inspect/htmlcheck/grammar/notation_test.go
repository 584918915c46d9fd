package grammar_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
)

// TestNotation reads all grammar files.
func TestNotation(t *testing.T) {
	files, _ := filepath.Glob("*.grammar")
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := notation.Parse(name, string(src)); err != nil {
			t.Errorf("%v", err)
		}
	}
}
