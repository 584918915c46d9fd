package reloader

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// TestBuildWaitsForItsWatchSet: neither a good build nor a failed one is published
// before what it read is watched.
func TestBuildWaitsForItsWatchSet(t *testing.T) {
	for _, ok := range []bool{true, false} {
		t.Run(fmt.Sprintf("ok=%v", ok), func(t *testing.T) {
			asked, release := make(chan []string, 1), make(chan struct{})
			b := &foundBuilder{out: BuildOutcome{OK: ok, Program: os.Args[0]}, built: make(chan struct{})}
			if !ok {
				b.out.Diagnostics = []inspect.Diagnostic{{Severity: inspect.SeverityError, Message: "undefined: x"}}
			}
			ts := supervise(t, Options{
				Target:  Target{Kind: TargetPackage, Package: GoPackage{ImportPath: "x", ModuleRoot: t.TempDir()}},
				NoAgent: true, Builder: b, Env: append(os.Environ(), helperVariable+"=serve"),
				Refresh: func(ctx context.Context, began time.Time, changed []string) error {
					if time.Since(began) > time.Hour {
						t.Errorf("began %v", began)
					}
					asked <- changed
					<-release
					return nil
				},
			})
			<-asked
			<-b.built
			if st := ts.Status(); st.State != inspect.StateBuilding {
				t.Errorf("state %s before the build's files are watched", st.State)
			}
			close(release)
			want := inspect.StateFailed
			if ok {
				want = inspect.StateRunning
			}
			ts.awaitState(want)
		})
	}
}

// foundBuilder reports its diagnostics while it runs, and ends at once.
type foundBuilder struct {
	out   BuildOutcome
	built chan struct{}
}

func (b *foundBuilder) Build(_ context.Context, req BuildRequest) (BuildOutcome, error) {
	for _, d := range b.out.Diagnostics {
		req.Diagnostic(d)
	}
	close(b.built)
	return b.out, nil
}

func TestRefreshFails(t *testing.T) {
	failing := func(context.Context, time.Time, []string) error { return errors.New("no such folder") }
	ts := supervise(t, Options{
		Target:  Target{Kind: TargetPackage, Package: GoPackage{ImportPath: "x", ModuleRoot: t.TempDir()}},
		NoAgent: true, Builder: &foundBuilder{out: BuildOutcome{OK: true, Program: os.Args[0]}, built: make(chan struct{})},
		Env: append(os.Environ(), helperVariable+"=serve"), Refresh: failing,
	})
	ts.awaitLine("watching what was watched before: no such folder")
}

// editingBuilder edits a file right after the nth build has read everything.
type editingBuilder struct {
	GoBuilder
	n    int
	edit func()
}

func (b *editingBuilder) Build(ctx context.Context, req BuildRequest) (BuildOutcome, error) {
	out, err := b.GoBuilder.Build(ctx, req)
	if b.n--; b.n == 0 {
		b.edit()
	}
	return out, err
}

// TestNewImportEditedDuringItsBuild is the gate's rule where it is hardest: the edit
// is of a package that nobody watched when the build began that first imports it.
func TestNewImportEditedDuringItsBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go build")
	}
	dir := writeModule(t, map[string]string{
		"main.go": fmt.Sprintf(helloServer, "1"),
		"b/b.go":  "package b\n\nconst V = \"old\"\n",
	})
	p, err := ResolveGoPackage(t.Context(), dir, ".")
	must(t, err)
	var ts *testSupervisor
	ready := make(chan struct{})
	w, err := NewWatcher(WatcherOptions{
		StateDir: filepath.Join(dir, ".pastedev"), Root: dir,
		OnDirty: func(path string) { <-ready; ts.Dirty(path) },
	})
	must(t, err)
	t.Cleanup(func() { w.Close() })
	refresh := func(ctx context.Context, began time.Time, _ []string) error {
		s, err := Discover(ctx, DiscoverOptions{Dir: dir, Package: "."})
		if err != nil {
			return err
		}
		return w.Watch(s.Since(began))
	}
	must(t, refresh(t.Context(), time.Time{}, nil))
	b := &editingBuilder{n: 2, edit: func() { writeFile(t, dir, "b/b.go", "package b\n\nconst V = \"new\"\n") }}
	ts = supervise(t, Options{
		Target: Target{Kind: TargetPackage, Package: p}, Dir: dir, StateDir: filepath.Join(dir, ".pastedev"),
		NoAgent: true, Watcher: w, Builder: b, Refresh: refresh,
	})
	close(ready)
	ts.awaitState(inspect.StateRunning)
	source := fmt.Sprintf(helloServer, "b.V")
	writeFile(t, dir, "main.go", strings.Replace(source, "import (", "import (\n\t\"example.com/app/b\"", 1))
	must(t, ts.Sync(t.Context()))
	c := ts.await("open again", func(c StateChange) bool { return c.Open && c.State == inspect.StateRunning })
	ts.awaitLine("version new")
	if c.Build.Number != 3 {
		t.Errorf("the gate opened with build %d, want 3: the second has the old package", c.Build.Number)
	}
}
