package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// An editor on PATH is called with the place; one that needs a terminal of its own and
// has none says how to call it.
func TestOpenEditor(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in is a shell script")
	}
	dir := t.TempDir()
	told := filepath.Join(dir, "told")
	script := "#!/bin/sh\nprintf '%s ' \"$@\" >" + told + ".new && mv " + told + ".new " + told + "\n"
	for _, name := range []string{"zed", "vim"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	t.Setenv("TMUX", "")
	if err := openEditor("zed")("/src/my app/main.go", 41, 0); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for range 1000 { // the editor is a process that nobody waits for
		if got, _ = os.ReadFile(told); len(got) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if want := "/src/my app/main.go:41:1 "; string(got) != want {
		t.Errorf("zed was called with %q, want %q", got, want)
	}
	for name, want := range map[string]string{"off": "--editor", "vim": "vim +41 /a.go"} {
		if err := openEditor(name)("/a.go", 41, 7); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to say %q", name, err, want)
		}
	}
}
