package reloader

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWatchLimit runs out of watches in the middle of a tree.
func TestWatchLimit(t *testing.T) {
	if !orderedEvents {
		t.Skip("limits of inotify")
	}
	root := tempRoot(t)
	write(t, root, "go.mod", "module m\n", "main.go", "package main\n", "pkg/p.go", "package pkg\n", "views/a.html", "x")
	w := watchFiles(t, root, func(root string) FileSet {
		return FileSet{Root: root, trees: []string{filepath.Join(root, "none")}}
	})
	real := w.addDir
	w.addDir = func(dir string) error {
		if dir != root {
			return fmt.Errorf("add watch: %w", syscall.ENOSPC)
		}
		return real(dir)
	}
	w.set(goFiles(root))
	if got, want := w.Mode(), "inotify and poll"; got != want {
		t.Errorf("mode %q, want %q", got, want)
	}
	w.mu.Lock()
	said := strings.Join(w.said, "\n")
	w.mu.Unlock()
	if !strings.Contains(said, "watches only 1 of 3 folders") || !strings.Contains(said, "sysctl fs.inotify.max_user_watches=") {
		t.Errorf("said %q", said)
	}
	received := 0
	write(t, root, "pkg/p.go", "package pkg // 2\n", "views/new/b.html", "x")
	want := Change{Rebuild: []string{"pkg/p.go"}, Restart: []string{"views/new/b.html"}}
	if diff := cmp.Diff(want, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
	// And without anyone who calls Sync.
	write(t, root, "pkg/p.go", "package pkg // 3\n")
	if diff := cmp.Diff(Change{Rebuild: []string{"pkg/p.go"}}, <-w.Changes()); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
}

// TestWatchOverflow loses all events but that of the sentinel.
func TestWatchOverflow(t *testing.T) {
	if !orderedEvents {
		t.Skip("limits of inotify")
	}
	root := tempRoot(t)
	startFiles(t, root)
	w := watchFiles(t, root, func(root string) FileSet {
		return FileSet{Root: root, trees: []string{filepath.Join(root, "none")}}
	})
	w.addDir = func(string) error { return nil }
	w.unwatchAll()
	w.set(goFiles(root))
	write(t, root, "main.go", "package main // 2\n", "views/new/b.html", "x", "new.go", "package main\n")
	must(t, os.RemoveAll(filepath.Join(root, "static")))
	w.sync()
	if got := w.heard(); got != 0 {
		t.Fatalf("%d events came", got)
	}
	w.overflow.Store(true)
	received := 0
	want := Change{Rebuild: []string{"main.go", "new.go"}, Restart: []string{"linked/new/b.html", "views/new/b.html"}, Reload: []string{"static/app.js", "static/site.css"}}
	if diff := cmp.Diff(want, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
}

// unwatchAll makes the kernel forget all folders but that of the sentinel.
func (w *watched) unwatchAll() {
	for _, dir := range w.events.WatchList() {
		w.unwatch(dir)
	}
}

// TestWatchStateGone removes the folder of the sentinel while Sync needs it.
func TestWatchStateGone(t *testing.T) {
	root := tempRoot(t)
	write(t, root, "go.mod", "module m\n", "main.go", "package main\n")
	w := watchFiles(t, root, goFiles)
	must(t, os.RemoveAll(filepath.Join(root, ".pastedev")))
	received := 0
	for i := range 3 {
		write(t, root, "main.go", fmt.Sprintf("package main // %d\n", i))
		if diff := cmp.Diff(Change{Rebuild: []string{"main.go"}}, w.changesSoFar(&received)); diff != "" {
			t.Errorf("Change (-want +got):\n%s", diff)
		}
	}
	if !exists(w.Watcher.sync.sentinel) {
		t.Error("the sentinel did not come back")
	}
}

// TestWatchRootGone removes the root, which no watched folder holds.
func TestWatchRootGone(t *testing.T) {
	root := filepath.Join(tempRoot(t), "root")
	write(t, root, "go.mod", "module m\n", "main.go", "package main\n")
	state := tempRoot(t)
	w := watchFiles(t, root, goFiles, func(o *WatcherOptions) { o.StateDir = state })
	received := 0
	must(t, os.RemoveAll(root))
	if diff := cmp.Diff(Change{Rebuild: []string{"go.mod", "main.go"}}, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
	write(t, root, "main.go", "package main // 2\n")
	if diff := cmp.Diff(Change{Rebuild: []string{"main.go"}}, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
	write(t, root, "main.go", "package main // 3\n")
	if diff := cmp.Diff(Change{Rebuild: []string{"main.go"}}, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
}

func TestWatchErrors(t *testing.T) {
	w, err := NewWatcher(WatcherOptions{})
	must(t, err)
	dir := w.sync.dir
	if err := w.Watch(FileSet{}); err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("empty set: %v", err)
	}
	if err := w.Watch(CommandFiles(t.TempDir(), []string{"[a"}, nil)); err == nil || !strings.Contains(err.Error(), `"[a" is not a glob`) {
		t.Errorf("bad glob: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Sync(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("canceled Sync: %v", err)
	}
	must(t, w.Close())
	must(t, w.Close())
	if err := w.Sync(context.Background()); !errors.Is(err, ErrWatcherClosed) {
		t.Errorf("Sync after Close: %v", err)
	}
	if err := w.Watch(CommandFiles(t.TempDir(), nil, nil)); !errors.Is(err, ErrWatcherClosed) {
		t.Errorf("Watch after Close: %v", err)
	}
	if _, ok := <-w.Changes(); ok {
		t.Error("Changes is open after Close")
	}
	if exists(dir) {
		t.Errorf("%s is left behind", dir)
	}
	if _, err := NewWatcher(WatcherOptions{StateDir: os.DevNull}); err == nil {
		t.Error("a state folder that is a file is no error")
	}
}

// TestWatchBatches holds OnDirty while more comes: one Change for all, and one
// Change an OnDirty.
func TestWatchBatches(t *testing.T) {
	root := tempRoot(t)
	write(t, root, "go.mod", "module m\n")
	gate, entered := make(chan struct{}), make(chan struct{}, 100)
	w := watchFiles(t, root, goFiles, func(o *WatcherOptions) {
		heard := o.OnDirty
		o.OnDirty = func(p string) { entered <- struct{}{}; <-gate; heard(p) }
	})
	var want []string
	for i := range 20 {
		name := fmt.Sprintf("f%02d.go", i)
		want = append(want, name)
		write(t, root, name, "package main\n")
	}
	<-entered
	close(gate)
	received := 0
	if diff := cmp.Diff(Change{Rebuild: want}, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
	if n := w.heard(); n > 3 || n != received {
		t.Errorf("OnDirty called %d times, %d Changes", n, received)
	}
}

// TestWatchSlowSave writes a file in pieces: one Change, of the whole.
func TestWatchSlowSave(t *testing.T) {
	root := tempRoot(t)
	write(t, root, "go.mod", "module m\n", "main.go", "package main\n\nfunc main() {}\n")
	w := watchFiles(t, root, goFiles)
	f, err := os.Create(filepath.Join(root, "main.go"))
	must(t, err)
	defer f.Close()
	must(t, errors.Join(write1(f, "package main\n\nfunc ma")))
	w.sync() // the first piece was heard of
	must(t, errors.Join(write1(f, "in() { println() }\n")))
	received := 0
	if diff := cmp.Diff(Change{Rebuild: []string{"main.go"}}, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
	// One that stays broken is a Change too.
	write(t, root, "main.go", "package main\n\nfunc ma")
	if diff := cmp.Diff(Change{Rebuild: []string{"main.go"}}, w.changesSoFar(&received)); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
}

func write1(f *os.File, text string) error { _, err := f.WriteString(text); return err }

// TestWatchBrake lets a program write its own data, over and over.
func TestWatchBrake(t *testing.T) {
	root := tempRoot(t)
	write(t, root, "go.mod", "module m\n", "data.json", "{}", "page.html", "x")
	w := watchFiles(t, root, goFiles)
	received, restarts, pages := 0, 0, 0
	for i := range 4 * brakeFile {
		write(t, root, "data.json", fmt.Sprint(i), "page.html", fmt.Sprint(i))
		for _, name := range w.changesSoFar(&received).Restart {
			if name == "data.json" {
				restarts++
			} else {
				pages++
			}
		}
	}
	if restarts >= brakeFile || restarts == 0 || pages != 4*brakeFile {
		t.Errorf("%d restarts for data, %d for a page", restarts, pages)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.said) != 1 || !strings.Contains(w.said[0], "data.json keeps changing") {
		t.Errorf("said %q", w.said)
	}
}

func BenchmarkSync(b *testing.B) {
	for _, poll := range []bool{false, true} {
		root := b.TempDir()
		for i := range 200 {
			dir := filepath.Join(root, fmt.Sprintf("d%d", i/10))
			if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.html", i)), nil, 0o644)); err != nil {
				b.Fatal(err)
			}
		}
		w, err := NewWatcher(WatcherOptions{StateDir: filepath.Join(root, ".pastedev"), Poll: poll})
		if err != nil {
			b.Fatal(err)
		}
		defer w.Close()
		go func() {
			for range w.Changes() {
			}
		}()
		if err := w.Watch(CommandFiles(root, nil, nil)); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%s/single", w.Mode()), func(b *testing.B) {
			for b.Loop() {
				if err := w.Sync(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("%s/parallel16", w.Mode()), func(b *testing.B) {
			b.SetParallelism(8) // times GOMAXPROCS, 2 where this was measured
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := w.Sync(context.Background()); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkDirty measures from a finished write to OnDirty.
func BenchmarkDirty(b *testing.B) {
	root := b.TempDir()
	dirty := make(chan struct{}, 1)
	w, err := NewWatcher(WatcherOptions{StateDir: filepath.Join(root, ".pastedev"), OnDirty: func(string) { dirty <- struct{}{} }})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	if err := w.Watch(CommandFiles(root, nil, nil)); err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(root, "a.html")
	var hashed time.Duration
	for i := 0; b.Loop(); i++ {
		if err := os.WriteFile(name+".tmp", fmt.Append(nil, i), 0o644); err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		if err := os.Rename(name+".tmp", name); err != nil {
			b.Fatal(err)
		}
		<-dirty
		<-w.Changes()
		hashed += time.Since(begun)
	}
	b.ReportMetric(float64(hashed.Nanoseconds())/float64(b.N), "ns/change")
}
