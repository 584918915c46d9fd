package reloader

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// patience is how long a test waits for what must come: no test passes by it.
const patience = 2 * time.Minute

// watched is a Watcher in a test, with what it said.
type watched struct {
	*Watcher
	t     *testing.T
	root  string
	mu    sync.Mutex
	dirty []string
	said  []string
}

// watchFiles starts a Watcher on the set and waits until the first event of
// each file can be compared.
func watchFiles(t *testing.T, root string, set func(root string) FileSet, options ...func(*WatcherOptions)) *watched {
	t.Helper()
	w := &watched{t: t, root: root}
	o := WatcherOptions{
		StateDir: filepath.Join(root, ".pastedev"),
		OnDirty:  func(p string) { w.mu.Lock(); w.dirty = append(w.dirty, p); w.mu.Unlock() },
		Notify:   func(text string) { w.mu.Lock(); w.said = append(w.said, text); w.mu.Unlock() },
	}
	for _, option := range options {
		option(&o)
	}
	var err error
	if w.Watcher, err = NewWatcher(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	w.set(set(root))
	return w
}

func (w *watched) set(s FileSet) {
	w.t.Helper()
	// What is not older than the last Change counts as changed since.
	w.tree.received(time.Now().Add(time.Hour))
	if err := w.Watch(s); err != nil {
		w.t.Fatal(err)
	}
	w.tree.received(time.Now().Add(-time.Hour))
	w.waitKnown()
}

// waitKnown waits for the background reading of the files.
func (w *watched) waitKnown() {
	w.t.Helper()
	eventually(w.t, func() bool {
		w.tree.mu.Lock()
		defer w.tree.mu.Unlock()
		for _, st := range w.tree.files {
			if !st.known && st.class != classRules {
				return false
			}
		}
		return true
	})
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

func (w *watched) sync() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.Sync(ctx); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watched) heard() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.dirty)
}

// changesSoFar returns the Changes of all edits made before the call: as many
// as OnDirty was called, merged.
func (w *watched) changesSoFar(received *int) Change {
	w.t.Helper()
	w.sync()
	paths := map[string]fileClass{}
	limit := time.After(patience)
	for *received < w.heard() {
		select {
		case c := <-w.Changes():
			*received++
			for class, list := range map[fileClass][]string{classRebuild: c.Rebuild, classRestart: c.Restart, classReload: c.Reload} {
				for _, name := range list {
					paths[Absolute(w.root, filepath.FromSlash(name))] = class
				}
			}
		case <-limit:
			w.t.Fatal("no Change for an OnDirty")
		}
	}
	return newChange(w.root, paths)
}

// write makes files below root, given as name and content.
func write(t *testing.T, root string, files ...string) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		p := filepath.Join(root, files[i])
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tempRoot is a folder without links in its path.
func tempRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	return root
}

// goFiles is a set of a small module made by hand.
func goFiles(root string) FileSet {
	s := FileSet{
		Root: root, Main: root, made: time.Now(), trees: []string{root}, table: newExtTable(dataTable()),
		named: map[string]digestMode{}, pkgDirs: map[string]bool{root: true, filepath.Join(root, "pkg"): true},
		restart: map[string]bool{}, modules: map[string]bool{root: true},
		embeds: []embedPattern{newEmbedPattern(root, "embedded")},
	}
	for _, name := range []string{"go.mod", "go.sum", "gen.go"} {
		s.named[filepath.Join(root, name)] = digestAll
	}
	s.named[filepath.Join(root, "other_windows.go")] = digestHeader
	s.addDotEnv(root)
	return s
}

// startFiles is what the cases of TestWatchEdits edit.
func startFiles(t *testing.T, root string) {
	write(t, root,
		"go.mod", "module m\n", ".gitignore", ".env\ngen.go\nignored/\n*.cache.json\n",
		"main.go", "package main\n", "main_test.go", "package main\n", "other_windows.go", "package main\n\nvar a = 1\n",
		"gen.go", "package main\n", "pkg/p.go", "package pkg\n", "unused/u.go", "package unused\n",
		"embedded/a.css", "a{}", ".env", "A=1\n", "views/index.html", "<p>", "static/site.css", "b{}", "static/app.js", "1",
		"notes.md", "x", "app.log", "x", "app.db", "x", "ignored/a.html", "x", "x.cache.json", "{}",
		"node_modules/a/a.js", "1", "vendor/v/v.go", "package v\n", "testdata/a.html", "x", ".hidden/a.html", "x", "docs/a.html", "x",
		"nested/go.mod", "module n\n", "nested/a.html", "x", "package.json", "{}")
	must(t, os.Symlink("views", filepath.Join(root, "linked")))
	write(t, root, "../outside/real.html", "x", "../outside/dir/a.html", "x")
	must(t, os.Symlink("../outside/real.html", filepath.Join(root, "link.html")))
	must(t, os.Symlink("../outside/dir", filepath.Join(root, "linkdir")))
}

func TestWatchEdits(t *testing.T) {
	cases := []struct {
		name string
		edit func(t *testing.T, root string)
		want Change
	}{
		{"go file", edits("main.go", "package main // 2\n"), Change{Rebuild: []string{"main.go"}}},
		{"other package", edits("pkg/p.go", "package pkg // 2\n"), Change{Rebuild: []string{"pkg/p.go"}}},
		{"same contents", edits("main.go", "package main\n"), Change{}},
		{"test file", edits("main_test.go", "package main // 2\n"), Change{}},
		{"go file of no package in the build", edits("unused/u.go", "package unused // 2\n"), Change{}},
		{"generated and ignored by git", edits("gen.go", "package main // 2\n"), Change{Rebuild: []string{"gen.go"}}},
		{"left out by the build, body", edits("other_windows.go", "package main\n\nvar a = 2\n"), Change{}},
		{"left out by the build, constraint", edits("other_windows.go", "//go:build linux\n\npackage main\n\nvar a = 1\n"), Change{Rebuild: []string{"other_windows.go"}}},
		{"assembly", edits("pkg/p_amd64.s", "// x\n"), Change{Rebuild: []string{"pkg/p_amd64.s"}}},
		{"go.mod and go.sum", edits("go.mod", "module m // 2\n", "go.sum", "x\n"), Change{Rebuild: []string{"go.mod", "go.sum"}}},
		{"embedded style sheet", edits("embedded/a.css", "a{b}"), Change{Rebuild: []string{"embedded/a.css"}}},
		{"new embedded file in a new folder", edits("embedded/new/b.js", "1"), Change{Rebuild: []string{"embedded/new/b.js"}}},
		{"dot env", edits(".env", "A=2\n"), Change{Restart: []string{".env"}}},
		{"template, also by its link", edits("views/index.html", "<b>"), Change{Restart: []string{"linked/index.html", "views/index.html"}}},
		{"style sheet", edits("static/site.css", "b{c}"), Change{Reload: []string{"static/site.css"}, Styles: true}},
		{"style sheet and script", edits("static/site.css", "b{c}", "static/app.js", "2"), Change{Reload: []string{"static/app.js", "static/site.css"}}},
		{"what never counts", edits("notes.md", "y", "app.log", "y", "app.db", "y", "ignored/a.html", "y", "x.cache.json", "[]",
			"node_modules/a/a.js", "2", "vendor/v/v.go", "package v // 2\n", "testdata/a.html", "y", ".hidden/a.html", "y", "docs/a.html", "y",
			"nested/a.html", "y", "package.json", "[]", "app.out", "y", "app.db-wal", "y", "Makefile", "y", ".pastedev/x.html", "y"), Change{}},
		{"droppings", edits("main.go~", "x", ".main.go.swp", "x", "4913", "x", ".#main.go", "x", "#main.go#", "x", ".DS_Store", "x",
			"main.go___jb_tmp___", "x", "views/index.html~", "x"), Change{}},
		{"new file", edits("new.go", "package main\n"), Change{Rebuild: []string{"new.go"}}},
		{"new folder with templates", edits("views/a/b/c.html", "x"), Change{Restart: []string{"linked/a/b/c.html", "views/a/b/c.html"}}},
		{"deleted", func(t *testing.T, root string) { must(t, os.Remove(filepath.Join(root, "pkg/p.go"))) }, Change{Rebuild: []string{"pkg/p.go"}}},
		{"folder deleted", func(t *testing.T, root string) { must(t, os.RemoveAll(filepath.Join(root, "pkg"))) }, Change{Rebuild: []string{"pkg/p.go"}}},
		{"folder deleted and made again", func(t *testing.T, root string) {
			must(t, os.RemoveAll(filepath.Join(root, "pkg")))
			write(t, root, "pkg/q.go", "package pkg\n")
		}, Change{Rebuild: []string{"pkg/p.go", "pkg/q.go"}}},
		{"file renamed", rename("pkg/p.go", "pkg/q.go"), Change{Rebuild: []string{"pkg/p.go", "pkg/q.go"}}},
		{"folder renamed", rename("static", "public"), Change{Reload: []string{"public/app.js", "public/site.css", "static/app.js", "static/site.css"}}},
		{"atomic save", func(t *testing.T, root string) {
			write(t, root, "main.go.123", "package main // 2\n")
			rename("main.go.123", "main.go")(t, root)
		}, Change{Rebuild: []string{"main.go"}}},
		{"save with backup", func(t *testing.T, root string) {
			write(t, root, "4913", "")
			must(t, os.Remove(filepath.Join(root, "4913")))
			rename("main.go", "main.go~")(t, root)
			write(t, root, "main.go", "package main // 2\n")
			must(t, os.Remove(filepath.Join(root, "main.go~")))
		}, Change{Rebuild: []string{"main.go"}}},
		{"older file of a checkout", func(t *testing.T, root string) {
			write(t, root, "tmp.x", "package pkg // old\n")
			old := time.Now().Add(-24 * time.Hour)
			must(t, os.Chtimes(filepath.Join(root, "tmp.x"), old, old))
			rename("tmp.x", "pkg/p.go")(t, root)
		}, Change{Rebuild: []string{"pkg/p.go"}}},
		{"times only", func(t *testing.T, root string) {
			must(t, os.Chtimes(filepath.Join(root, "main.go"), time.Now(), time.Now().Add(time.Hour)))
		}, Change{}},
		{"file becomes a folder", func(t *testing.T, root string) {
			must(t, os.Remove(filepath.Join(root, "main.go")))
			write(t, root, "main.go/a.html", "x")
		}, Change{Rebuild: []string{"main.go"}, Restart: []string{"main.go/a.html"}}},
		{"target of a linked file", edits("../outside/real.html", "y"), Change{Restart: []string{"link.html"}}},
		{"target of a linked file, atomic", func(t *testing.T, root string) {
			write(t, root, "../outside/.new", "y")
			rename("../outside/.new", "../outside/real.html")(t, root)
		}, Change{Restart: []string{"link.html"}}},
		{"in a linked folder", edits("../outside/dir/a.html", "y", "../outside/dir/b.html", "y"), Change{Restart: []string{"linkdir/a.html", "linkdir/b.html"}}},
		{"link points elsewhere", func(t *testing.T, root string) {
			write(t, root, "../outside/second/z.html", "y")
			must(t, os.Symlink("../outside/second", filepath.Join(root, "linkdir.new")))
			rename("linkdir.new", "linkdir")(t, root)
		}, Change{Restart: []string{"linkdir.new/z.html", "linkdir/a.html", "linkdir/z.html"}}},
		{"gitignore no longer ignores", func(t *testing.T, root string) {
			write(t, root, ".gitignore", "gen.go\n")
			write(t, root, "ignored/new.html", "x")
		}, Change{Restart: []string{"ignored/a.html", "ignored/new.html", "x.cache.json"}}},
	}
	modes := map[string]func(*WatcherOptions){"events": func(*WatcherOptions) {}, "poll": func(o *WatcherOptions) { o.Poll = true }}
	for mode, option := range modes {
		for _, c := range cases {
			t.Run(mode+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				root := filepath.Join(tempRoot(t), "root")
				startFiles(t, root)
				w := watchFiles(t, root, goFiles, option)
				c.edit(t, root)
				received := 0
				got := w.changesSoFar(&received)
				want := c.want
				if mode == "poll" && strings.HasPrefix(c.name, "link points elsewhere") {
					// A link that came and went between two looks was never there.
					want.Restart = []string{"linkdir/a.html", "linkdir/z.html"}
				}
				if c.name == "link points elsewhere" {
					got.Restart = without(got.Restart, "linkdir.new/z.html")
					want.Restart = without(want.Restart, "linkdir.new/z.html")
				}
				if strings.HasPrefix(c.name, "gitignore") {
					// Whether what was ignored before counts as new is of no matter.
					got.Restart = without(got.Restart, "ignored/a.html", "x.cache.json")
					want.Restart = without(want.Restart, "ignored/a.html", "x.cache.json")
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("Change (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func without(list []string, names ...string) []string {
	var kept []string
	for _, have := range list {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+have+" ") {
			kept = append(kept, have)
		}
	}
	return kept
}

func edits(files ...string) func(*testing.T, string) {
	return func(t *testing.T, root string) { write(t, root, files...) }
}

func rename(from, to string) func(*testing.T, string) {
	return func(t *testing.T, root string) {
		must(t, os.Rename(filepath.Join(root, from), filepath.Join(root, to)))
	}
}

// TestSyncIsExact is the rule of the Gate: a Sync that starts after a write has
// ended returns after OnDirty, and the Change that follows names the file.
func TestSyncIsExact(t *testing.T) {
	for _, poll := range []bool{false, true} {
		t.Run(fmt.Sprintf("poll=%v", poll), func(t *testing.T) {
			t.Parallel()
			root := tempRoot(t)
			write(t, root, "go.mod", "module m\n", "main.go", "package main\n", "pkg/p.go", "package pkg\n")
			w := watchFiles(t, root, goFiles, func(o *WatcherOptions) { o.Poll = poll })
			rounds := 300
			if poll {
				rounds = 60
			}
			received := 0
			for i := range rounds {
				name := []string{"main.go", "pkg/p.go", fmt.Sprintf("pkg/n%d.go", i), fmt.Sprintf("views%d/a.html", i)}[i%4]
				write(t, root, name, fmt.Sprintf("package p // %d\n", i))
				before := w.heard()
				w.sync()
				if w.heard() == received {
					t.Fatalf("write %d of %s: Sync returned before OnDirty (heard %d before)", i, name, before)
				}
				got := w.changesSoFar(&received)
				if all := append(got.Rebuild, got.Restart...); !strings.Contains(strings.Join(all, " "), name) {
					t.Fatalf("write %d of %s: Change %+v", i, name, got)
				}
			}
		})
	}
}

// TestSyncShared writes and syncs from many goroutines at once.
func TestSyncShared(t *testing.T) {
	root := tempRoot(t)
	write(t, root, "go.mod", "module m\n")
	var mu sync.Mutex
	open := 0 // OnDirty calls without a Change yet
	w := watchFiles(t, root, goFiles, func(o *WatcherOptions) {
		o.OnDirty = func(string) { mu.Lock(); open++; mu.Unlock() }
	})
	latest := map[string]string{} // contents that Changes have covered
	done := make(chan struct{})
	go func() {
		defer close(done)
		for c := range w.Changes() {
			mu.Lock()
			open--
			for _, name := range c.Rebuild {
				data, _ := os.ReadFile(filepath.Join(root, name))
				latest[name] = string(data)
			}
			mu.Unlock()
		}
	}()
	var writers sync.WaitGroup
	for g := range 8 {
		writers.Go(func() {
			name := fmt.Sprintf("w%d.go", g)
			for i := range 60 {
				text := fmt.Sprintf("package main // %d\n", i)
				if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
					t.Error(err)
					return
				}
				if err := w.Sync(context.Background()); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if open == 0 && latest[name] != text {
					t.Errorf("%s: gate open with %q, written %q", name, latest[name], text)
				}
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	must(t, w.Close())
	<-done
}
