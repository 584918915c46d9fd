package reloader

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// discover runs Discover away from the network and the user's settings.
func discover(t *testing.T, o DiscoverOptions) (FileSet, error) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	o.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=", "GOTOOLCHAIN=local", "CGO_ENABLED=1")
	return Discover(context.Background(), o)
}

func TestDiscover(t *testing.T) {
	type want struct {
		root    string
		rebuild []string
		restart []string
		reload  []string
		none    []string
		err     string // part of the error
	}
	const mod = "\n\ngo 1.26\n"
	cases := []struct {
		name    string
		files   []string
		dir     string
		pattern string
		flags   []string
		want    want
	}{
		{
			name: "module with embedded files, cgo and assembly",
			files: []string{"go.mod", "module m" + mod, "cmd/app/main.go", "package main\n\nimport (\n\t\"embed\"\n\t_ \"m/lib\"\n)\n\n//go:embed web/*.html all:deep\nvar f embed.FS\n\nfunc main() {}\n",
				"cmd/app/web/a.html", "x", "cmd/app/web/a.css", "x", "cmd/app/deep/x/y.css", "x", "lib/lib.go", "package lib\n\n// int f(void);\nimport \"C\"\n",
				"lib/f.c", "int f(void) { return 1; }\n", "lib/f.h", "\n", "lib/lib_windows.go", "package lib\n", "other/o.go", "package other\n", "asm/a.go", "package asm\n"},
			pattern: "./cmd/app",
			want: want{root: ".",
				rebuild: []string{"go.mod", "go.sum", "cmd/app/main.go", "cmd/app/new.go", "cmd/app/web/a.html", "cmd/app/web/new.html", "cmd/app/deep/x/y.css", "cmd/app/deep/.hidden",
					"lib/lib.go", "lib/f.c", "lib/f.h", "lib/lib_windows.go", "lib/new_amd64.s"},
				restart: []string{".env", "cmd/app/.env", "cmd/app/page.html", "views/x.tmpl"},
				reload:  []string{"cmd/app/web/a.css", "static/x.css"},
				none:    []string{"other/o.go", "lib/lib_test.go", "README.md", "app"}},
		},
		{
			name: "workspace sibling", dir: "app", pattern: ".",
			files: []string{"go.work", "go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod", "module example.com/app" + mod, "app/main.go", "package main\n\nimport _ \"example.com/lib\"\n\nfunc main() {}\n",
				"lib/go.mod", "module example.com/lib" + mod, "lib/l.go", "package lib\n"},
			want: want{root: "app", rebuild: []string{"go.work", "app/go.mod", "app/main.go", "lib/go.mod", "lib/l.go", "lib/new.go"}, none: []string{"lib/data.json", "lib/sub/x.go"}},
		},
		{
			name: "replaced module", dir: "app", pattern: ".",
			files: []string{"app/go.mod", "module example.com/app" + mod + "\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n", "app/main.go", "package main\n\nimport _ \"example.com/lib/deep\"\n\nfunc main() {}\n",
				"lib/go.mod", "module example.com/lib" + mod, "lib/deep/l.go", "package deep\n\nimport _ \"embed\"\n\n//go:embed l.sql\nvar q string\n", "lib/deep/l.sql", "x"},
			want: want{root: "app", rebuild: []string{"app/main.go", "lib/go.mod", "lib/deep/l.go", "lib/deep/l.sql"}, none: []string{"lib/x.go", "lib/data.json"}},
		},
		{
			name: "module below the current folder", pattern: "./sub/app",
			files: []string{"go.mod", "module outer" + mod, "outer.go", "package outer\n", "sub/go.mod", "module inner" + mod, "sub/app/main.go", "package main\n\nfunc main() {}\n"},
			want:  want{root: "sub", rebuild: []string{"sub/go.mod", "sub/app/main.go"}, restart: []string{"sub/x.tmpl", ".env"}, none: []string{"outer.go", "go.mod", "x.tmpl"}},
		},
		{
			name: "vendored", pattern: ".",
			files: []string{"go.mod", "module m" + mod + "\nrequire example.com/v v1.0.0\n", "main.go", "package main\n\nimport _ \"example.com/v\"\n\nfunc main() {}\n",
				"vendor/modules.txt", "# example.com/v v1.0.0\n## explicit; go 1.26\nexample.com/v\n", "vendor/example.com/v/v.go", "package v\n"},
			want: want{root: ".", rebuild: []string{"vendor/modules.txt", "vendor/example.com/v/v.go"}, none: []string{"vendor/example.com/v/x.html", "vendor/other/o.go"}},
		},
		{
			name: "source with errors", pattern: ".",
			files: []string{"go.mod", "module m" + mod, "main.go", "package main\n\nimport _ \"m/lib\"\nimport _ \"m/missing/pkg\"\n\nfunc main() {\n", "lib/l.go", "package lib\nimport (\n"},
			want:  want{root: ".", rebuild: []string{"main.go", "lib/l.go", "missing/pkg/new.go"}},
		},
		{
			name: "package clause with an error", pattern: ".",
			files: []string{"go.mod", "module m" + mod, "main.go", "pakage main\n"},
			want:  want{root: ".", rebuild: []string{"main.go", "go.mod"}},
		},
		{
			name: "go.mod with an error", pattern: ".",
			files: []string{"go.mod", "module m" + mod + "\nrequire (((\n", "main.go", "package main\n\nfunc main() {}\n", "lib/l.go", "package lib\n"},
			want:  want{root: ".", rebuild: []string{"main.go", "go.mod", "lib/l.go"}, err: "go.mod:5"},
		},
		{name: "no such folder", pattern: "./nope", files: []string{"go.mod", "module m" + mod}, want: want{err: "no such folder"}},
		{name: "no such package", pattern: "m/nope", files: []string{"go.mod", "module m" + mod}, want: want{err: "hint:"}},
		{name: "folder without Go files", pattern: "./web", files: []string{"go.mod", "module m" + mod, "web/a.html", "x"}, want: want{err: "hint:"}},
		{
			name: "overlay and tags", pattern: ".", flags: []string{"-tags=special", "-overlay=overlay.json"},
			files: []string{"go.mod", "module m" + mod, "main.go", "package main\n\nfunc main() {}\n", "s.go", "//go:build special\n\npackage main\n\nimport _ \"m/lib\"\n",
				"lib/l.go", "package lib\n", "overlay.json", `{"Replace": {"main.go": "other/main.txt"}}`, "other/main.txt", "package main\n\nfunc main() {}\n"},
			want: want{root: ".", rebuild: []string{"lib/l.go", "overlay.json", "other/main.txt"}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := tempRoot(t)
			write(t, root, c.files...)
			s, err := discover(t, DiscoverOptions{Dir: filepath.Join(root, c.dir), Package: c.pattern, Flags: c.flags})
			if c.want.err == "" && err != nil || c.want.err != "" && (err == nil || !strings.Contains(err.Error(), c.want.err)) {
				t.Fatalf("error %v, want %q", err, c.want.err)
			}
			if c.want.root == "" {
				return
			}
			if want := filepath.Join(root, c.want.root); s.Root != want {
				t.Errorf("root %s, want %s", s.Root, want)
			}
			rules, err := newFileRules(s, "")
			must(t, err)
			for class, names := range map[fileClass][]string{classRebuild: c.want.rebuild, classRestart: c.want.restart, classReload: c.want.reload, classNone: c.want.none} {
				for _, name := range names {
					if got := rules.classify(filepath.Join(root, name)); got != class {
						t.Errorf("%s counts as %d, want %d", name, got, class)
					}
				}
			}
		})
	}
}

// TestWatchDiscovered edits outside the module root, and adds a package that an
// import was waiting for.
func TestWatchDiscovered(t *testing.T) {
	root := tempRoot(t)
	const mod = "\n\ngo 1.26\n"
	write(t, root, "go.work", "go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod", "module example.com/app"+mod,
		"app/main.go", "package main\n\nimport _ \"example.com/lib\"\n\nfunc main() {}\n", "lib/go.mod", "module example.com/lib"+mod, "lib/l.go", "package lib\n")
	options := DiscoverOptions{Dir: filepath.Join(root, "app"), Package: "."}
	s, err := discover(t, options)
	must(t, err)
	w := watchFiles(t, root, func(string) FileSet { return s })
	w.root = filepath.Join(root, "app")
	received := 0
	step := func(name string, want Change, edit func()) {
		t.Helper()
		edit()
		if diff := cmp.Diff(want, w.changesSoFar(&received)); diff != "" {
			t.Errorf("%s: Change (-want +got):\n%s", name, diff)
		}
	}
	sibling := filepath.ToSlash(filepath.Join(root, "lib"))
	step("sibling", Change{Rebuild: []string{sibling + "/l.go"}}, writing(t, root, "lib/l.go", "package lib // 2\n"))
	step("package nobody imports", Change{}, writing(t, root, "app/unused/u.go", "package unused\n"))
	step("import of a package to come", Change{Rebuild: []string{"main.go"}},
		writing(t, root, "app/main.go", "package main\n\nimport _ \"example.com/app/sub/pkg\"\nimport _ \"example.com/lib/sub\"\n\nfunc main() {}\n"))
	s, err = discover(t, options)
	must(t, err)
	step("new set", Change{}, func() { must(t, w.Watch(s)) })
	step("the package comes", Change{Rebuild: []string{"sub/pkg/p.go"}}, writing(t, root, "app/sub/pkg/p.go", "package pkg\n"))
	step("in the sibling too", Change{Rebuild: []string{sibling + "/sub/s.go"}}, writing(t, root, "lib/sub/s.go", "package sub\n"))
}

func writing(t *testing.T, root string, files ...string) func() {
	return func() { t.Helper(); write(t, root, files...) }
}
