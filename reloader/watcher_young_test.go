package reloader

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWatchWhatABuildMissed edits a package while the build that first imports it
// runs: Watch must not return before the edit was heard of.
func TestWatchWhatABuildMissed(t *testing.T) {
	const main = "package main\n\nimport _ \"example.com/app/b/sub\"\nimport _ \"embed\"\n\n//go:embed views/index.html\nvar page string\n\nfunc main() {}\n"
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, root string) { must(t, os.Remove(filepath.Join(root, name))) }
	}
	tests := []struct {
		name  string
		edit  func(t *testing.T, root string)
		after bool // the list is made after the edit, else before
		want  string
	}{
		{"nothing", func(*testing.T, string) {}, true, ""},
		{"other package", edits("c/c.go", "package c // 2\n"), true, ""},
		{"edit", edits("b/sub/s.go", "package sub // 2\n"), true, "b/sub/s.go"},
		{"edit after the list", edits("b/sub/s.go", "package sub // 2\n"), false, "b/sub/s.go"},
		{"template that is embedded now", edits("views/index.html", "<b>"), true, "views/index.html"},
		{"file gone", remove("b/sub/t.go"), true, "b/sub/s.go"},
		{"file gone after the list", remove("b/sub/t.go"), false, "b/sub/s.go"},
		{"package gone after the list", func(t *testing.T, root string) { must(t, os.RemoveAll(filepath.Join(root, "b/sub"))) }, false, "b/sub/*.go"},
		{"another in its place", func(t *testing.T, root string) {
			rename("b/sub", "b/away")(t, root)
			rename("b/other", "b/sub")(t, root)
		}, true, "b/sub/s.go"},
		{"another above it", func(t *testing.T, root string) { rename("b", "away")(t, root); rename("b2", "b")(t, root) }, true, "b/sub/s.go"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tempRoot(t)
			write(t, root, "go.mod", "module example.com/app\n\ngo 1.24\n", "main.go", "package main\n\nfunc main() {}\n", "views/index.html", "<p>",
				"b/sub/s.go", "package sub\n", "b/sub/t.go", "package sub\n", "b/other/s.go", "package sub // other\n", "b2/sub/s.go", "package sub // 2\n", "c/c.go", "package c\n")
			o := DiscoverOptions{Dir: root, Package: "."}
			s, err := discover(t, o)
			must(t, err)
			w := watchFiles(t, root, func(string) FileSet { return s })
			received := 0
			write(t, root, "main.go", main)
			w.changesSoFar(&received)
			last := time.Now()
			eventually(t, func() bool { return time.Since(last) > 3*fineTick })

			began := time.Now()
			list := func() {
				if s, err = discover(t, o); err != nil {
					t.Fatal(err)
				}
			}
			if !tt.after {
				list()
			}
			tt.edit(t, root)
			if tt.after {
				list()
			}
			w.tree.received(time.Now().Add(time.Hour)) // another Change came during the build
			before := w.heard()
			must(t, w.Watch(s.Since(began)))
			if heard := w.heard() > 0 && (w.heard() > before || before > received); heard != (tt.want != "") {
				t.Errorf("heard of an edit when Watch returned: %v, want %v", heard, tt.want != "")
			}
			got := w.changesSoFar(&received).Rebuild
			if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Contains(got, tt.want) {
				t.Errorf("rebuild for %q, want %q among them", got, tt.want)
			}
		})
	}
}

func TestFileSetStands(t *testing.T) {
	const main = "// Command app.\npackage main\n\nimport (\n\t_ \"embed\"\n\t\"fmt\"\n)\n\n//go:embed a.txt\nvar a string\n\nfunc main() { fmt.Println(a) }\n"
	replace := func(old, new string) func(*testing.T, string) {
		return edits("main.go", strings.Replace(main, old, new, 1))
	}
	tests := []struct {
		name    string
		edit    func(t *testing.T, root string)
		changed string
		want    bool
	}{
		{"nothing", func(*testing.T, string) {}, "", true},
		{"body", replace("Println(a)", "Println(a, 2)"), "main.go", true},
		{"syntax error in the body", replace("Println(a)", "Println(("), "main.go", true},
		{"import", replace(`"fmt"`, `"log"`), "main.go", false},
		{"constraint", replace("// Command", "//go:build ignore\n\n// Command"), "main.go", false},
		{"embed line", replace("//go:embed a.txt", "//go:embed a.txt b.txt"), "main.go", false},
		{"embedded file", edits("a.txt", "2"), "a.txt", true},
		{"embedded file gone", func(t *testing.T, root string) { must(t, os.Remove(filepath.Join(root, "a.txt"))) }, "a.txt", false},
		{"new file", edits("new.go", "package main\n"), "new.go", false},
		{"file gone", func(t *testing.T, root string) { must(t, os.Remove(filepath.Join(root, "more.go"))) }, "more.go", false},
		{"left out, constraint", edits("more_windows.go", "//go:build linux\n\npackage main\n"), "more_windows.go", false},
		{"left out, body", edits("more_windows.go", "package main\n\nvar y = 1\n"), "more_windows.go", true},
		{"go.mod", edits("go.mod", "module example.com/app\n\ngo 1.25\n"), "go.mod", false},
		{"data", edits("b.txt", "2"), "b.txt", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tempRoot(t)
			write(t, root, "go.mod", "module example.com/app\n\ngo 1.24\n", "main.go", main, "more.go", "package main\n",
				"more_windows.go", "package main\n", "a.txt", "1", "b.txt", "1")
			last := time.Now()
			eventually(t, func() bool { return time.Since(last) > 3*fineTick })
			s, err := discover(t, DiscoverOptions{Dir: root, Package: "."})
			must(t, err)
			tt.edit(t, root)
			var changed []string
			if tt.changed != "" {
				changed = append(changed, filepath.Join(root, tt.changed))
			}
			if got := s.Stands(changed); got != tt.want {
				t.Errorf("stands %v, want %v", got, tt.want)
			}
		})
	}
	if new(FileSet).Stands(nil) {
		t.Error("the zero set stands")
	}
}

// TestStandsKnowsWhatItDoesNotKnow: a file that changed while the go command was
// asked may have been read before.
func TestStandsKnowsWhatItDoesNotKnow(t *testing.T) {
	root := tempRoot(t)
	write(t, root, "go.mod", "module example.com/app\n\ngo 1.24\n", "main.go", "package main\n\nfunc main() {}\n")
	d := discovery{FileSet: FileSet{made: time.Now().Add(-time.Minute), named: map[string]digestMode{filepath.Join(root, "main.go"): digestAll}}}
	d.noteSteady()
	if d.Stands([]string{filepath.Join(root, "main.go")}) {
		t.Error("stands by a file that changed since the list was begun")
	}
}
