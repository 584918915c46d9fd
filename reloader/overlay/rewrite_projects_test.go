package overlay_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/reloader/overlay"
)

// Real projects, named by their folders in PASTEDEV_TEST_PROJECTS with the path
// list separator between them, pass their own tests as they do without us, whether
// calls are recorded or not: what fails plainly may fail. PASTEDEV_TEST_FLAGS are more
// flags of go test.
func TestProjects(t *testing.T) {
	list := filepath.SplitList(os.Getenv("PASTEDEV_TEST_PROJECTS"))
	if len(list) == 0 {
		t.Skip("PASTEDEV_TEST_PROJECTS names no folders")
	}
	for _, dir := range list {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			c := overlay.Config{
				Dir: dir, StateDir: t.TempDir(), Env: append(os.Environ(), "GOFLAGS=-buildvcs=false"),
				Flags: strings.Fields(os.Getenv("PASTEDEV_TEST_FLAGS")),
				Calls: overlay.Calls{Tests: true},
			}
			r := rewritten(t, c)
			t.Logf("%+v", r.Rewritten)
			plain := goTest(t, &overlay.Result{Go: r.Go}, c)
			t.Logf("%d packages and tests, %d fail plainly", len(plain), count(plain, "fail"))
			if count(plain, "pass") == 0 {
				t.Error("no test passes plainly")
			}
			for name, action := range plain { // what is flaky may pass
				if action == "fail" {
					delete(plain, name)
				}
			}
			t.Run("off", func(t *testing.T) { sameResults(t, plain, r, c) })
			t.Run("on", func(t *testing.T) {
				c.Flags = append(slices.Clone(c.Flags), "-overlay="+recording(t, c))
				sameResults(t, plain, rewritten(t, c), c)
			})
		})
	}
}

// sameResults fails the test unless what passes plainly passes, at the second try if
// not at the first: tests that measure time fail on a busy machine.
func sameResults(t *testing.T, want map[string]string, r *overlay.Result, c overlay.Config) {
	t.Helper()
	for range 2 {
		got := goTest(t, r, c)
		for name := range got {
			if want[name] == "" {
				delete(got, name)
			}
		}
		diff := cmp.Diff(want, got)
		if diff == "" {
			return
		}
		t.Logf("(-plain +instrumented):\n%s", diff)
	}
	t.Error("other results than plainly")
}

// recording makes an overlay that adds a file to the tests of each package which
// begins to record calls, as the agent does for an exchange.
func recording(t *testing.T, c overlay.Config) string {
	t.Helper()
	out, err := goRun(t.Context(), &overlay.Result{Go: "go"}, c, "list", "-e", "-f", "{{if and (or .TestGoFiles .XTestGoFiles) (not .CgoFiles)}}{{.Dir}}\t{{.Name}}{{end}}", "./...")
	if err != nil {
		t.Fatal(out)
	}
	dir := t.TempDir()
	replace := make(map[string]string)
	for line := range strings.Lines(out) {
		folder, pkg, _ := strings.Cut(strings.TrimSpace(line), "\t")
		on := filepath.Join(dir, pkg+"_test.go")
		write(t, on, "package "+pkg+`

import "unsafe"

//go:linkname pastedevSetCalls runtime.pastedevSetCalls
func pastedevSetCalls(on bool)

//go:linkname pastedevBeginCalls runtime.pastedevBeginCalls
func pastedevBeginCalls(record bool) (tree, before unsafe.Pointer)

func init() {
	pastedevSetCalls(true)
	if tree, _ := pastedevBeginCalls(true); tree == nil {
		panic("nothing is recorded")
	}
}
`)
		replace[filepath.Join(folder, "pastedev_on_test.go")] = on
		replace[filepath.Join(folder, "pastedev_on.s")] = filepath.Join(dir, "empty.s")
	}
	write(t, filepath.Join(dir, "empty.s"), "// Lets functions have no body.\n")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "overlay.json"), string(text))
	return filepath.Join(dir, "overlay.json")
}

func count(results map[string]string, action string) (n int) {
	for _, a := range results {
		if a == action {
			n++
		}
	}
	return n
}

// goTest runs all tests of a module and returns what became of each.
func goTest(t *testing.T, r *overlay.Result, c overlay.Config) map[string]string {
	t.Helper()
	args := slices.Concat([]string{"test", "-json", "-count=1"}, c.Flags, r.Flags, []string{"./..."})
	cmd := exec.CommandContext(t.Context(), r.Go, args...)
	cmd.Dir, cmd.Env = c.Dir, slices.Concat(c.Env, r.Env)
	out, err := cmd.Output()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	results := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		var event struct{ Action, Package, Test, ImportPath, Output string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("go test says %q: %v", line, err)
		}
		switch event.Action {
		case "pass", "fail", "skip":
			results[event.Package+" "+event.Test] = event.Action
		case "build-output", "output":
			if len(r.Flags) > 0 && event.Action == "build-output" || strings.Contains(event.Output, "--- FAIL") {
				t.Logf("%s %s", event.ImportPath, event.Output)
			}
		}
	}
	return results
}
