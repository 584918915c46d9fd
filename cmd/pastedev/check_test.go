package main

import (
	"bytes"
	"testing"
)

// TestCheckNothing: a folder without pages is a wrong use, in every form.
func TestCheckNothing(t *testing.T) {
	for _, form := range []string{"--errors", "--json", "--sarif", "--github"} {
		var out, err bytes.Buffer
		dir := t.TempDir()
		if code := run(t.Context(), []string{"check", form, dir}, stdio{out: &out, err: &err}); code != exitUsage {
			t.Errorf("%s ends with %d, want %d", form, code, exitUsage)
		}
		want := "pastedev: nothing to check: no .html, .htm or .xhtml file in " + dir + "\nhint: name the folder where the pages are, a file, a URL, or - for the standard input\n"
		if err.String() != want {
			t.Errorf("%s says %q, want %q", form, err.String(), want)
		}
	}
}
