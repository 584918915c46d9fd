package overlay_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/reloader/overlay"
)

// publish puts a module into a folder that serves as a GOPROXY.
func publish(t *testing.T, proxy, path, version string, content map[string]string) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range content {
		w, err := z.Create(path + "@" + version + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(text))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	mod := content["go.mod"]
	if mod == "" {
		mod = "module " + path + "\n"
	}
	files(t, filepath.Join(proxy, path, "@v"), map[string]string{
		"list": version + "\n", version + ".info": `{"Version":"` + version + `"}`, version + ".mod": mod, version + ".zip": b.String(),
	})
}

// Functions of dependencies in the module cache are timed when asked for, and find
// themselves where they were.
func TestIncludeDependencies(t *testing.T) {
	proxy, cache := t.TempDir(), t.TempDir()
	where := "\n\nimport (\n\t_ \"embed\"\n\t\"runtime\"\n)\n\n//go:embed text\nvar text string\n\nfunc Where() string { _, file, _, _ := runtime.Caller(0); return file + text }\n"
	publish(t, proxy, "example.com/dep", "v1.0.0", map[string]string{"go.mod": "module example.com/dep\n\ngo 1.25\n", "d.go": "package dep" + where, "text": "one", "sub/s.go": timed("sub", "F")})
	publish(t, proxy, "example.com/old", "v0.1.0", map[string]string{"o.go": "package old" + where, "text": "two"})
	publish(t, proxy, "example.com/left", "v0.1.0", map[string]string{"l.go": "package left" + where, "text": "three"})
	app := map[string]string{
		"go.mod":  "module example.com/app\n\ngo 1.25\n\nrequire (\n\texample.com/dep v1.0.0\n\texample.com/old v0.1.0\n\texample.com/left v0.1.0\n)\n",
		"main.go": "package main\n\nimport (\n\t\"example.com/dep\"\n\t\"example.com/left\"\n\t\"example.com/old\"\n)\n\nfunc main() { println(dep.Where(), old.Where(), left.Where()) }\n",
	}
	for _, tt := range []struct {
		name string
		add  map[string]string
		env  string
		want int
	}{
		{"module", nil, "GOWORK=off", 2},
		{"workspace", map[string]string{"go.work": "go 1.25\n\nuse .\n"}, "GOWORK=", 2},
		{"other go.mod", map[string]string{"other.mod": app["go.mod"], "other.sum": "", "go.mod": "module example.com/app\n"}, "GOFLAGS=-buildvcs=false -modcacherw -modfile=other.mod", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := overlay.Config{
				Dir: t.TempDir(), StateDir: t.TempDir(),
				Calls: overlay.Calls{Packages: []string{"."}, Include: []string{"example.com/dep/...", "example.com/old"}},
			}
			c.Env = append(toolchain(t, "local"), "GOPROXY=file://"+proxy, "GOSUMDB=off", "GOMODCACHE="+cache, "GOFLAGS=-buildvcs=false -modcacherw", tt.env)
			files(t, c.Dir, app)
			files(t, c.Dir, tt.add)
			download := exec.CommandContext(t.Context(), "go", "get", "example.com/app")
			download.Dir, download.Env = c.Dir, c.Env
			if out, err := download.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			before, _ := os.ReadFile(filepath.Join(c.Dir, "go.mod"))
			r := rewritten(t, c)
			if r.Rewritten.Files != tt.want {
				t.Errorf("%+v", r.Rewritten)
			}
			got := says(t, build(t, r, c, "."), "")
			want := says(t, build(t, &overlay.Result{Go: "go"}, c, "."), "")
			if got != want || strings.Count(want, cache) != 3 {
				t.Errorf("says %q, want %q", got, want)
			}
			if after, _ := os.ReadFile(filepath.Join(c.Dir, "go.mod")); !bytes.Equal(before, after) {
				t.Errorf("go.mod is %q", after)
			}
		})
	}
}
