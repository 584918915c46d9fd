package overlay_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/reloader/overlay"
)

// toolchains are the Go versions whose standard library the hooks must fit, one
// for each line that pastedev supports.
var toolchains = []string{"go1.25.12", "go1.26.8", "go1.27.4"}

// toolchain returns the environment that selects a Go version, and skips the test
// when the version cannot be had here.
func toolchain(t *testing.T, name string) []string {
	t.Helper()
	env := append(os.Environ(), "GOTOOLCHAIN="+name, "GOFLAGS=-buildvcs=false", "GOWORK=off")
	cmd := exec.CommandContext(t.Context(), "go", "env", "GOVERSION")
	cmd.Env, cmd.Dir = env, t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Skipf("%s cannot be had here: %v: %s", name, err, bytes.TrimSpace(out))
	}
	return env
}

// write makes a file and the folders above it.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// files writes a txtar-like map of files below dir.
func files(t *testing.T, dir string, content map[string]string) {
	t.Helper()
	for name, text := range content {
		write(t, filepath.Join(dir, name), text)
	}
}

// instrument makes the overlay and fails the test when a feature is lost.
func instrument(t *testing.T, c overlay.Config) *overlay.Result {
	t.Helper()
	r, err := overlay.Make(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Lost) > 0 || len(r.Flags) == 0 {
		t.Fatalf("Make: flags %q, lost %v", r.Flags, r.Lost)
	}
	return r
}

// goRun runs the go command as Result says and returns what it printed.
func goRun(ctx context.Context, r *overlay.Result, c overlay.Config, verb string, args ...string) (string, error) {
	all := append([]string{verb}, c.Flags...)
	all = append(append(all, r.Flags...), args...)
	cmd := exec.CommandContext(ctx, r.Go, all...)
	cmd.Dir, cmd.Env = c.Dir, append(c.Env[:len(c.Env):len(c.Env)], r.Env...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// build returns the path of the instrumented program.
func build(t *testing.T, r *overlay.Result, c overlay.Config, pkg string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "app")
	if out, err := goRun(t.Context(), r, c, "build", "-o", program, pkg); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}
