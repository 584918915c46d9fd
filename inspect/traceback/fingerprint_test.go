package traceback

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// TestTwoPanicsOfAFunction: two panics of one function are two faults, before and after an
// edit above them; a runtime error is one wherever its line went.
func TestTwoPanicsOfAFunction(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "main.go")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code := func(message string, line int) string {
		tr := inspect.Trace{Language: "go", Kind: inspect.TracePanic, Message: message, Frames: []inspect.Frame{
			{Location: inspect.Location{Function: "example.com/a.pay", Path: path, Line: line}, Package: "example.com/a"},
		}}
		roots := Roots{Dir: dir, Module: "example.com/a"}
		Finish(&tr, roots, "")
		AddSource(&tr, roots, 2, nil)
		first := tr.Code
		Finish(&tr, roots, "")
		if tr.Code != first || first != Fingerprint(&tr) {
			t.Errorf("the code goes from %s to %s", first, tr.Code)
		}
		return first
	}
	const oops = "runtime error: invalid memory address or nil pointer dereference"
	write("package main\n\nfunc pay() {\n\tpanic(\"none\")\n\tpanic(`two`)\n\tprintln(*p)\n\tprintln(*q)\n}\n")
	none, two, nilP := code("none", 4), code("two", 5), code(oops, 6)
	if none == two {
		t.Errorf("two panics have the code %s", none)
	}
	if q := code(oops, 7); q != nilP {
		t.Errorf("one kind of runtime error has the codes %s and %s", nilP, q)
	}
	write("package main\n\n// pay pays.\nfunc pay() {\n\tif p == nil {\n\t\tpanic(\"none\")\n\t}\n\tpanic(`two`)\n}\n")
	if got := code("none", 6); got != none {
		t.Errorf("after an edit above it %s is %s", none, got)
	}
	if got := code("two", 8); got != two {
		t.Errorf("after an edit above it %s is %s", two, got)
	}
}
