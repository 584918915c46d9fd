package overlay_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/reloader/overlay"
)

// ours is all that rewriting inserts.
var ours = regexp.MustCompile(`if \w+\.PastedevCalls\(\)\{defer \w+\.PastedevLeave\(\w+\.PastedevEnter\(\)\)\};|; import \w+ "runtime"|/\*line [^*]*\*/`)

// overlaid returns the files below dir that the overlay replaces, and fails the test
// unless each is the user's with what is inserted.
func overlaid(t *testing.T, r *overlay.Result, dir string) []string {
	t.Helper()
	var names []string
	for from, to := range readOverlay(t, r) {
		name, err := filepath.Rel(dir, from)
		if err != nil || !filepath.IsLocal(name) {
			continue
		}
		names = append(names, filepath.ToSlash(name))
		want, err := os.ReadFile(from)
		if err != nil {
			t.Error(err)
		}
		got, err := os.ReadFile(to)
		if err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(string(want), ours.ReplaceAllString(string(got), "")); d != "" {
			t.Errorf("%s (-the user's +overlaid):\n%s", name, d)
		}
	}
	slices.Sort(names)
	return names
}

// timed is a file with a function to time.
func timed(pkg, name string, imports ...string) string {
	text := "package " + pkg + "\n\n"
	for _, path := range imports {
		text += fmt.Sprintf("import _ %q\n", path)
	}
	return text + "\nfunc " + name + "() {\n\tprintln(1)\n}\n"
}

// An edit of the user's, and the files that are overlaid after it.
type edit struct {
	name string
	do   func()
	want string
}

// editor edits a module in the folder app.
type editor struct {
	*testing.T
	root string
}

func (e editor) put(name, text string) func() {
	return func() { write(e.T, filepath.Join(e.root, name), text) }
}

// aged is put with a time of last change.
func (e editor) aged(name, text string, modified time.Time) func() {
	return func() {
		e.put(name, text)()
		if err := os.Chtimes(filepath.Join(e.root, name), modified, modified); err != nil {
			e.Fatal(err)
		}
	}
}

func (e editor) rename(from, to string) func() {
	return func() {
		if err := os.Rename(filepath.Join(e.root, from), filepath.Join(e.root, to)); err != nil {
			e.Fatal(err)
		}
	}
}

const appMod = "module example.com/app\n\ngo 1.25\n"

// edits are edits of files.
func (e editor) edits() []edit {
	past, soon := time.Now().Add(-time.Hour), time.Now().Add(time.Hour) // not long ago, however slow this is
	rename := e.rename("app/lib/new", "app/lib/a.go")
	return []edit{
		{"first", func() {}, "lib/a.go main.go"},
		{"edit", e.aged("app/lib/a.go", timed("lib", "G"), soon), "lib/a.go main.go"},
		{"same size and time", e.aged("app/lib/a.go", timed("lib", "H"), soon), "lib/a.go main.go"},
		{"older than before", e.aged("app/lib/a.go", timed("lib", "I"), past), "lib/a.go main.go"},
		{"another file in its place", func() { e.aged("app/lib/new", timed("lib", "J"), past)(); rename() }, "lib/a.go main.go"},
		{"does not parse", e.put("app/lib/a.go", "package lib\n\nfunc F( {\n"), "main.go"},
		{"parses again", e.put("app/lib/a.go", timed("lib", "K")), "lib/a.go main.go"},
		{"nothing to time", e.put("app/lib/a.go", "package lib\n"), "main.go"},
		{"something to time", e.put("app/lib/a.go", timed("lib", "L")), "lib/a.go main.go"},
		{"new file", e.put("app/lib/b.go", timed("lib", "M")), "lib/a.go lib/b.go main.go"},
		{"file of another system", e.put("app/lib/b.go", "//go:build never\n\n"+timed("lib", "M")), "lib/a.go main.go"},
		{"of this one again", e.put("app/lib/b.go", timed("lib", "M")), "lib/a.go lib/b.go main.go"},
		{"renamed", e.rename("app/lib/b.go", "app/lib/c.go"), "lib/a.go lib/c.go main.go"},
		{"removed", func() { os.Remove(filepath.Join(e.root, "app/lib/c.go")) }, "lib/a.go main.go"},
	}
}

// imports are edits after which other packages belong to the build.
func (e editor) imports(c *overlay.Config) []edit {
	return []edit{
		{"import of the library", e.put("app/lib/a.go", timed("lib", "F", "strings")), "lib/a.go main.go"},
		{"import of another package", e.put("app/lib/a.go", timed("lib", "F", "example.com/app/other")), "lib/a.go main.go other/o.go"},
		{"import of a missing package", e.put("app/lib/a.go", timed("lib", "F", "example.com/app/later")), "lib/a.go main.go"},
		{"which comes", e.put("app/later/l.go", timed("later", "F")), "later/l.go lib/a.go main.go"},
		{"a name of ours", e.put("app/lib/b.go", timed("lib", "pdrt")), "later/l.go lib/a.go lib/b.go main.go"},
		{"go.mod is broken", e.put("app/go.mod", "nonsense\n"), ""},
		{"and mended", e.put("app/go.mod", appMod), "later/l.go lib/a.go lib/b.go main.go"},
		{"a module replaced by a folder", func() {
			e.put("app/lib/a.go", timed("lib", "F", "example.com/near"))()
			e.put("app/go.mod", appMod+"\nrequire example.com/near v1.0.0\n\nreplace example.com/near => ../near\n")()
		}, "../near/n.go lib/a.go lib/b.go main.go"},
		{"state folder is gone", func() { os.RemoveAll(c.StateDir) }, "../near/n.go lib/a.go lib/b.go main.go"},
		{"another state folder", func() { c.StateDir = e.TempDir() }, "../near/n.go lib/a.go lib/b.go main.go"},
	}
}

// What a Maker returns follows from the files as they are.
func TestMakerFollowsEdits(t *testing.T) {
	e := editor{t, t.TempDir()}
	c := overlay.Config{
		Dir: filepath.Join(e.root, "app"), StateDir: t.TempDir(), Env: toolchain(t, "local"),
		Calls: overlay.Calls{Packages: []string{"."}},
	}
	files(t, e.root, map[string]string{
		"app/go.mod": appMod, "app/main.go": timed("main", "f", "example.com/app/lib") + "func main() {}\n",
		"app/lib/a.go": timed("lib", "F"), "app/lib/none.go": "package lib\n", "app/other/o.go": timed("other", "F"),
		"near/go.mod": "module example.com/near\n", "near/n.go": timed("near", "F"),
	})
	var m overlay.Maker
	for _, step := range append(e.edits(), e.imports(&c)...) {
		step.do()
		var r [2]*overlay.Result
		for i := range r {
			var err error
			if r[i], err = m.Make(t.Context(), c); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		if r[0] != r[1] {
			t.Errorf("%s: two results of one state: %+v, %+v", step.name, r[0], r[1])
		}
		var names []string
		for _, name := range overlaid(t, r[0], e.root) {
			names = append(names, strings.Replace("../"+name, "../app/", "", 1))
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != step.want {
			t.Errorf("%s: overlaid are %q, want %q", step.name, got, step.want)
		}
		if broken := strings.Contains(step.name, "broken"); broken != (r[0].Rewritten.Problem != "") {
			t.Errorf("%s: %+v", step.name, r[0].Rewritten)
		}
	}
}

// Which packages are the user's.
func TestWhichPackages(t *testing.T) {
	dependency := map[string]string{
		"dep/go.mod": "module example.com/dep\n\ngo 1.25\n", "dep/d.go": timed("dep", "F"), "dep/sub/s.go": timed("sub", "F"),
	}
	plain := map[string]string{
		"go.mod":   "module example.com/app\n\ngo 1.25\n",
		"main.go":  timed("main", "f", "example.com/app/lib", "example.com/app/runtime") + "func main() {}\n",
		"lib/a.go": timed("lib", "F", "example.com/app/internal/x", "net/http"), "lib/a_test.go": timed("lib", "G"), "lib/x_test.go": timed("lib_test", "G", "example.com/app/tested"),
		"internal/x/x.go": timed("x", "F"), "runtime/r.go": timed("runtime", "F"), "unused/u.go": timed("unused", "F"),
		"lib/c.go": "package lib\n\nimport \"C\"\n\nfunc c() { println(1) }\n", "lib/a_windows.go": timed("lib", "F"), "tested/t.go": timed("tested", "F"),
	}
	needs := "\nrequire example.com/dep v1.0.0\n"
	with := func(parts ...map[string]string) map[string]string {
		all := make(map[string]string)
		for _, m := range parts {
			maps.Copy(all, m)
		}
		return all
	}
	replaced := map[string]string{"go.mod": plain["go.mod"] + needs + "replace example.com/dep => ./dep\n", "lib/a.go": timed("lib", "F", "example.com/dep/sub")}
	vendored := map[string]string{
		"go.mod": plain["go.mod"] + needs, "lib/a.go": timed("lib", "F", "example.com/dep/sub"),
		"vendor/modules.txt":                  "# example.com/dep v1.0.0\n## explicit; go 1.25\nexample.com/dep/sub\n",
		"vendor/example.com/dep/sub/s.go":     timed("sub", "F"),
		"vendor/example.com/dep/sub/s_all.go": "package sub\n",
	}
	work := map[string]string{"go.work": "go 1.25\n\nuse .\nuse ./dep\n", "go.mod": plain["go.mod"] + needs, "lib/a.go": timed("lib", "F", "example.com/dep")}
	for _, tt := range []struct {
		name  string
		files map[string]string
		env   []string
		calls overlay.Calls
		want  string
	}{
		{"one program", plain, nil, overlay.Calls{Packages: []string{"example.com/app"}}, "internal/x/x.go lib/a.go main.go runtime/r.go"},
		{"all", plain, nil, overlay.Calls{}, "internal/x/x.go lib/a.go main.go runtime/r.go tested/t.go unused/u.go"},
		{"tests", plain, nil, overlay.Calls{Packages: []string{"./lib"}, Tests: true}, "internal/x/x.go lib/a.go lib/a_test.go lib/x_test.go tested/t.go"},
		{"exclude", plain, nil, overlay.Calls{Packages: []string{"."}, Exclude: []string{"example.com/app/internal/...", "example.com/app"}}, "lib/a.go runtime/r.go"},
		{"include nothing of the library", plain, nil, overlay.Calls{Packages: []string{"."}, Include: []string{"..."}}, "internal/x/x.go lib/a.go main.go runtime/r.go"},
		{"replaced by a folder", with(plain, dependency, replaced), nil, overlay.Calls{Packages: []string{"."}}, "dep/sub/s.go lib/a.go main.go runtime/r.go"},
		{"vendored", with(plain, vendored), []string{"GOFLAGS=-buildvcs=false -mod=vendor"}, overlay.Calls{Packages: []string{"."}}, "lib/a.go main.go runtime/r.go"},
		{"vendored, included", with(plain, vendored), []string{"GOFLAGS=-buildvcs=false -mod=vendor"}, overlay.Calls{Packages: []string{"."}, Include: []string{"example.com/dep/..."}}, "lib/a.go main.go runtime/r.go vendor/example.com/dep/sub/s.go"},
		{"workspace", with(plain, dependency, work), []string{"GOWORK="}, overlay.Calls{Packages: []string{"."}}, "dep/d.go lib/a.go main.go runtime/r.go"},
		{"without cgo", plain, []string{"CGO_ENABLED=0"}, overlay.Calls{Packages: []string{"./lib"}}, "internal/x/x.go lib/a.go"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: append(toolchain(t, "local"), tt.env...), Calls: tt.calls}
			files(t, c.Dir, tt.files)
			r := rewritten(t, c)
			if got := strings.Join(overlaid(t, r, c.Dir), " "); got != tt.want {
				t.Errorf("overlaid are %q, want %q", got, tt.want)
			}
			if n := strings.Count(tt.want, ".go"); r.Rewritten.Files != n || r.Rewritten.Packages > n || r.Rewritten.Functions < n {
				t.Errorf("%+v", r.Rewritten)
			}
		})
	}
}

// The user's own overlay says what the files are, and ours adds to it.
func TestRewritesTheUsersOverlay(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local"), Flags: []string{"-overlay=theirs.json"}}
	files(t, c.Dir, tinyModule())
	files(t, c.Dir, map[string]string{
		"theirs.json": `{"Replace":{"word/word.go":"word.txt","word/added.go":"added.txt","word/tag.go":""}}`,
		"word.txt":    "package word\n\nvar Word = word()\n\nfunc word() string { print(); return file() }\n",
		"added.txt":   "package word\n\nimport (\n\t\"path/filepath\"\n\t\"runtime\"\n)\n\nfunc file() string { _, name, line, _ := runtime.Caller(1); return filepath.Base(name)+string(rune('0'+line)) }\n",
	})
	r := rewritten(t, c)
	if want := (overlay.Rewritten{Packages: 1, Files: 2, Functions: 2}); r.Rewritten != want {
		t.Errorf("%+v, want %+v", r.Rewritten, want)
	}
	said, asked := adopted(t, build(t, r, c, "./cmd"))
	want, _ := adopted(t, build(t, &overlay.Result{Go: "go"}, c, "./cmd"))
	if said != want || want != "<nil> no word.go5" || !asked {
		t.Errorf("says %q, want %q", said, want)
	}
}

// Left out as a hook, nothing of it is there.
func TestWithoutCallTree(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local"), Without: []string{"calltree"}}
	files(t, c.Dir, map[string]string{"go.mod": "module m\n", "main.go": timed("main", "f") + "func main() {}\n"})
	r := instrument(t, c)
	if names := overlaid(t, r, c.Dir); len(names) > 0 || r.Rewritten != (overlay.Rewritten{}) {
		t.Errorf("%q, %+v", names, r.Rewritten)
	}
}

// The store of rewritten files does not grow with each edit.
func TestStoreIsPruned(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
	files(t, c.Dir, map[string]string{"go.mod": "module m\n", "main.go": timed("main", "f") + "func main() {}\n", "other.go": timed("main", "g")})
	store := filepath.Join(c.StateDir, "overlay", "calls")
	var m overlay.Maker
	past := time.Now().Add(-time.Hour)
	for i := range 70 {
		write(t, filepath.Join(c.Dir, "main.go"), timed("main", fmt.Sprint("f", i))+"func main() {}\n")
		r, err := m.Make(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		overlaid(t, r, c.Dir)
		for _, file := range storeFiles(t, store, ".go") {
			if err := os.Chtimes(file, past, past); err != nil {
				t.Fatal(err)
			}
		}
	}
	// At the 64th overlay file the oldest 48 went, and the files that only they named.
	if got := len(storeFiles(t, store, ".json")); got != 22 {
		t.Errorf("%d overlay files, want 22", got)
	}
	if got := len(storeFiles(t, store, ".go")); got != 23 {
		t.Errorf("%d rewritten files, want 23", got)
	}
}

func storeFiles(t *testing.T, store, ext string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(store, "*"+ext))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// BenchmarkWarmMake is what a save costs before the go command begins, in a module of
// 100 packages of which one file has changed; go-list is what asking the go command
// each time would cost.
func BenchmarkWarmMake(b *testing.B) {
	dir, state := b.TempDir(), b.TempDir()
	past := time.Now().Add(-time.Hour) // files that have just been written are read again
	put := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(dir, name), past, past); err != nil {
			b.Fatal(err)
		}
	}
	source, err := os.ReadFile("edit.go")
	if err != nil {
		b.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "\n")
	main := "package main\n\nimport (\n"
	for i := range 99 {
		for j := range 5 {
			put(fmt.Sprintf("p%d/f%d.go", i, j), fmt.Sprintf("package p%d\n%s", i, body))
		}
		main += fmt.Sprintf("\t_ \"example.com/big/p%d\"\n", i)
	}
	put("go.mod", "module example.com/big\n\ngo 1.25\n")
	main += ")\n\nfunc main() {}\n\nfunc f() {\n\tprintln(%d)\n}\n"
	put("main.go", fmt.Sprintf(main, 0))
	c := overlay.Config{Dir: dir, StateDir: state, Env: append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOWORK=off"), Calls: overlay.Calls{Packages: []string{"."}}}
	var m overlay.Maker
	if r, err := m.Make(b.Context(), c); err != nil || r.Rewritten.Packages != 100 {
		b.Fatal(r, err)
	}
	n := 0
	b.Run("edit", func(b *testing.B) {
		for b.Loop() {
			n++
			past = past.Add(time.Millisecond)
			put("main.go", fmt.Sprintf(main, n))
			if _, err := m.Make(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("go-env", func(b *testing.B) { // part of each
		for b.Loop() {
			goRun(b.Context(), &overlay.Result{Go: "go"}, overlay.Config{Dir: dir, Env: c.Env}, "env", "-json", "GOROOT")
		}
	})
	b.Run("go-list", func(b *testing.B) {
		for b.Loop() {
			goRun(b.Context(), &overlay.Result{Go: "go"}, overlay.Config{Dir: dir, Env: c.Env}, "list", "-e", "-deps", "-json=Dir,ImportPath,Standard,GoFiles,Module", ".")
		}
	})
}
