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
// list separator between them, pass their own tests as they do without us: what
// fails plainly may fail. PASTEDEV_TEST_FLAGS are more flags of go test.
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
			r := instrument(t, c)
			if r.Rewritten.Functions == 0 {
				t.Fatalf("nothing is rewritten: %+v", r.Rewritten)
			}
			t.Logf("%+v", r.Rewritten)
			want := goTest(t, &overlay.Result{Go: r.Go}, c)
			got := goTest(t, r, c)
			t.Logf("%d packages and tests, %d fail plainly", len(want), count(want, "fail"))
			if count(want, "pass") == 0 {
				t.Error("no test passes plainly")
			}
			for name, action := range want { // what is flaky may pass
				if action == "fail" {
					delete(want, name)
					delete(got, name)
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-plain +instrumented):\n%s", d)
			}
		})
	}
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
