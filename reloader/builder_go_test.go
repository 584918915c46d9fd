package reloader

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGoBuilderResult builds with the user's flags in force and leaves no scratch
// files.
func TestGoBuilderResult(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go build")
	}
	dir := writeModule(t, map[string]string{
		"cmd/hello/main.go": "package main\n\nvar word = \"unset\"\n\nfunc main() { println(word + tag) }\n",
		"cmd/hello/tag.go":  "//go:build special\n\npackage main\n\nconst tag = \"+tag\"\n",
		"cmd/hello/no.go":   "//go:build !special\n\npackage main\n\nconst tag = \"\"\n",
	})
	t.Setenv("GOFLAGS", "'-ldflags=-X \"main.word=from GOFLAGS\"'")
	p, err := ResolveGoPackage(t.Context(), dir, "./cmd/hello")
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "1")
	var compiled []string
	got, err := GoBuilder{}.Build(t.Context(), BuildRequest{
		Package: p, Dir: out, Flags: []string{"-tags=special"},
		Compiling: func(pkg string) { compiled = append(compiled, pkg) },
	})
	if err != nil || !got.OK {
		t.Fatalf("%v %+v", err, got)
	}
	said, err := exec.Command(got.Program).CombinedOutput()
	if err != nil || string(said) != "from GOFLAGS+tag\n" {
		t.Errorf("the program says %q (%v)", said, err)
	}
	if filepath.Base(got.Program) != "hello"+exeSuffix || len(compiled) == 0 || got.Done != len(compiled) {
		t.Errorf("program %s, %d compiled, %d reported", got.Program, len(compiled), got.Done)
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"hello" + exeSuffix}, names); diff != "" {
		t.Error(diff)
	}
}

// TestListStale names what a build has to compile.
func TestListStale(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go list")
	}
	dir := writeModule(t, map[string]string{
		"main.go":  "package main\n\nimport _ \"example.com/app/a\"\n\nfunc main() {}\n",
		"a/a.go":   "package a\n\nimport _ \"example.com/app/a/b\"\n",
		"a/b/b.go": "package b\n",
	})
	p, err := ResolveGoPackage(t.Context(), dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	list := func() map[string]bool {
		g := &goBuild{req: BuildRequest{Package: p, Dir: t.TempDir()}, compiled: map[string]bool{}}
		g.env = buildEnv(nil, t.TempDir())
		stale, err := g.listStale(context.Background(), buildFlags(p, nil, false))
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]bool{}
		for _, s := range stale {
			set[s] = true
		}
		return set
	}
	before := list()
	if !before["example.com/app/a"] || !before["example.com/app/a/b"] {
		t.Errorf("stale before the first build: %v", before)
	}
	if got, err := (GoBuilder{}).Build(t.Context(), BuildRequest{Package: p, Dir: filepath.Join(t.TempDir(), "1")}); err != nil || !got.OK {
		t.Fatalf("%v %+v", err, got)
	}
	if after := list(); after["example.com/app/a"] || after["example.com/app/a/b"] {
		t.Errorf("stale after the build: %v", after)
	}
}
