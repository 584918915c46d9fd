package reloader

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResolveGoPackage(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	main := "package main\n\nfunc main() {}\n"
	dir := writeModule(t, map[string]string{
		"main.go": main, "cmd/a/a.go": main, "cmd/b/b.go": main, "lib/lib.go": "package lib\n",
		"broken/x.go": "pakcage main\n", "empty/readme.txt": "",
	})
	outer := writeModule(t, map[string]string{
		"go.work": "go 1.24\n\nuse ./one\nuse ./two\n", "go.mod": "",
		"one/go.mod": "module example.com/one\n\ngo 1.24\n", "one/main.go": main,
		"two/go.mod": "module example.com/two\n\ngo 1.24\n", "two/cmd/x/main.go": main,
		"two/cmd/x/y.txt": "",
	})
	if err := os.Remove(filepath.Join(outer, "go.mod")); err != nil {
		t.Fatal(err)
	}
	above := writeModule(t, map[string]string{"go.mod": "", "sub/app/go.mod": "module m\n\ngo 1.24\n", "sub/app/main.go": main})
	if err := os.Remove(filepath.Join(above, "go.mod")); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, dir, pattern, path, root, err string }{
		{"here", dir, ".", "example.com/app", dir, ""},
		{"folder", dir, "./cmd/a", "example.com/app/cmd/a", dir, ""},
		{"folder without dot", dir, "cmd/a", "example.com/app/cmd/a", dir, ""},
		{"import path", dir, "example.com/app/cmd/b", "example.com/app/cmd/b", dir, ""},
		{"does not parse", dir, "./broken", "example.com/app/broken", dir, ""},
		{"from another folder", above, "./sub/app", "m", filepath.Join(above, "sub/app"), ""},
		{"workspace member", outer, "./two/cmd/x", "example.com/two/cmd/x", filepath.Join(outer, "two"), ""},
		{"workspace member by path", filepath.Join(outer, "one"), "example.com/two/cmd/x", "example.com/two/cmd/x", filepath.Join(outer, "two"), ""},
		{"library", dir, "./lib", "", "", "./lib is not a main package: it is package lib"},
		{"several", dir, "./cmd/...", "", "", "./cmd/... matches 2 main packages: ./cmd/a, ./cmd/b\nhint: name one of them"},
		{"no Go files", dir, "./empty", "", "", "no Go files"},
		{"absent", dir, "./absent", "", "", "build ./absent: no such folder"},
		{"file", dir, "./main.go", "", "", "build ./main.go: is a file, not a package\nhint: name its folder: pastedev run ./."},
		{"unknown path", dir, "nope.example/x", "", "", "nope.example/x"},
		{"no module", above, ".", "", "", "no go.mod in " + above + " or above it\nhint: modules below: ./sub/app"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := ResolveGoPackage(t.Context(), tc.dir, tc.pattern)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("error %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.path, tc.root, tc.pattern}, []string{p.ImportPath, p.ModuleRoot, p.Pattern}); diff != "" {
				t.Error(diff)
			}
		})
	}
	p, err := ResolveGoPackage(t.Context(), outer, "./one")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"example.com/one", "example.com/two"}, p.Modules); diff != "" {
		t.Error(diff)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := ResolveGoPackage(t.Context(), dir, "."); err == nil || !strings.Contains(err.Error(), "the go command is not on PATH") {
		t.Errorf("without go: %v", err)
	}
}

func TestReadEnvFile(t *testing.T) {
	dir := t.TempDir()
	for _, tc := range []struct{ name, text, want, err string }{
		{"values", "A=1\n# c\nexport B='x y'\n", "A=1 B=x y", ""},
		{"bad line", "A=1\nB=2\nnot a pair\nC=3\n", "", ":3: not KEY=value"},
		{"open quote", "A=1\nB=\"x\nC=3\n", "", ":2: not KEY=value"},
		{"first line", "?\n", "", ":1: not KEY=value"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			writeFile(t, dir, "env", tc.text)
			got, err := readEnvFile(filepath.Join(dir, "env"))
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("error %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			env := joinEnv([]string{"A=0", "Z=1"}, got...)
			if lookupEnv(env, "A") != "1" || lookupEnv(env, "B") != "x y" || lookupEnv(env, "Z") != "1" {
				t.Errorf("env %q", env)
			}
		})
	}
	if _, err := readEnvFile(filepath.Join(dir, "absent")); err == nil || !strings.Contains(err.Error(), "hint: --env-file") {
		t.Errorf("absent: %v", err)
	}
}

func TestTargetString(t *testing.T) {
	shop := filepath.Join(t.TempDir(), "shop")
	for _, tc := range []struct {
		name   string
		target Target
		want   string
	}{
		{"the folder we are in", Target{Kind: TargetPackage, Package: GoPackage{Pattern: ".", Dir: shop}, Args: []string{"127.0.0.1:8080"}}, "shop 127.0.0.1:8080"},
		{"a folder", Target{Kind: TargetPackage, Package: GoPackage{Pattern: "./cmd/shop", Dir: shop}}, "./cmd/shop"},
		{"an import path", Target{Kind: TargetPackage, Package: GoPackage{Pattern: "example.com/shop", Dir: shop}}, "example.com/shop"},
		{"a command", Target{Kind: TargetCommand, Args: []string{"node", "server.js"}}, "node server.js"},
		{"an upstream", Target{Upstream: "http://127.0.0.1:1"}, "http://127.0.0.1:1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.target.String(); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}
