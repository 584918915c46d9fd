package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func TestChanges(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "b", "main.go"), filepath.Join(dir, "a.tmpl"), filepath.Join(dir, "data.bin"), filepath.Join(dir, "gone.go")}
	write := func(i int, text string) {
		t.Helper()
		os.MkdirAll(filepath.Dir(paths[i]), 0o755)
		if err := os.WriteFile(paths[i], []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var many string
	for i := range 30 {
		many += fmt.Sprintf("line %d\n", i)
	}
	write(0, "one\ntwo\n"+many+"three\n")
	write(1, "<p>\n")
	write(2, "\xff\xfe")
	c := &changes{root: dir}
	c.watch(paths)
	c.built(1)
	if got := c.of(1); got != nil {
		t.Errorf("the first build changed %v", got)
	}
	write(0, "zero\none\n"+many+"3\n")
	write(1, "<p>\n<b>\n")
	write(2, "\xff\xff\xff")
	c.built(2)
	want := []inspect.ChangedLines{
		{File: "a.tmpl", Lines: []inspect.SourceLine{{Number: 2, Text: "<b>"}}},
		{File: "b/main.go", Lines: []inspect.SourceLine{{Number: 1, Text: "zero"}, {Number: 33, Text: "3"}}},
	}
	if diff := cmp.Diff(want, c.of(2)); diff != "" {
		t.Error(diff)
	}
	if c.of(1) != nil {
		t.Error("an older build is remembered")
	}
	c.built(3)
	if got := c.of(3); got != nil {
		t.Errorf("nothing changed, told %v", got)
	}
	write(0, strings.Repeat("new line\n", 5*maxChangedLines))
	c.built(4)
	if got := c.of(4); len(got) != 1 || len(got[0].Lines) != maxChangedLines {
		t.Errorf("not bounded: %d files", len(got))
	}
}
