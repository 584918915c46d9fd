package reloader

import (
	"path/filepath"
	"testing"
)

func TestFileSetClasses(t *testing.T) {
	root := tempRoot(t)
	write(t, root, ".gitignore", "dist/\nsecret.*\n!secret.html\n/only-top.txt\na?.css\nsub/deep/*.sql\n", "web/.gitignore", "*.html\n!keep.html\n", "site/x", "")
	all := func(class fileClass, names ...string) map[string]fileClass {
		m := map[string]fileClass{}
		for _, n := range names {
			m[n] = class
		}
		return m
	}
	cases := []struct {
		name string
		set  FileSet
		want []map[string]fileClass
	}{
		{"command", CommandFiles(root, []string{"*.md", "dist/*.bin", "../shared/**/*.css"}, []string{"gen", "*_gen.py"}), []map[string]fileClass{
			all(classRestart, "server.js", "a/b.ts", "app.py", "x.rb", "views/a.html", ".env", "README.md", "dist/a.bin", "sub/only-top.txt", "secret.html", "web/keep.html", "x/sub/deep/a.sql"),
			all(classReload, "site.css", "public/app.js", "x/static/y.mjs", "logo.svg", "../shared/a/b.css"),
			all(classNone, "gen/x.py", "a/gen/b.js", "a_gen.py", "dist/a.js", "dist/sub/a.bin", "secret.json", "only-top.txt", "a1.css", "sub/deep/a.sql",
				"web/a.html", "web/sub/b.html", "node_modules/x/index.js", ".git/config.json", "a.log", "a.db", "noext", "package.json", "../shared/a.js", "x.py~", "coverage.html"),
		}},
		{"upstream", UpstreamFiles(root, []string{"site/**/*.go", "*.py"}, []string{"old.py"}), []map[string]fileClass{
			all(classReload, "site/a.go", "site/b/c.go", "x.py", "y/x.py"),
			all(classNone, "main.go", "site/a.css", "a.html", "old.py"),
		}},
		{"upstream, folder", UpstreamFiles(root, []string{"site"}, nil), []map[string]fileClass{all(classReload, "site/a", "site/b/c.go"), all(classNone, "a")}},
		{"--env-file", CommandFiles(root, nil, nil).AlsoRestart("conf/dev.vars"), []map[string]fileClass{all(classRestart, "conf/dev.vars"), all(classNone, "conf/other.vars")}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rules, err := newFileRules(c.set, filepath.Join(root, ".pastedev"))
			must(t, err)
			for _, group := range c.want {
				for name, want := range group {
					if got := rules.classify(filepath.Join(root, name)); got != want {
						t.Errorf("%s counts as %d, want %d", name, got, want)
					}
				}
			}
		})
	}
}

func TestEmbedPattern(t *testing.T) {
	cases := []struct {
		pattern, file string
		want          bool
	}{
		{"a.txt", "a.txt", true}, {"a.txt", "b/a.txt", false}, {"*.txt", "b.txt", true}, {"*.txt", "sub/b.txt", false},
		{"dir", "dir/x/y", true}, {"dir", "dir/.x", false}, {"dir", "dir/_x/y", false}, {"all:dir", "dir/.x", true},
		{"dir/*", "dir/.x", true}, {"dir/*", "dir/sub/z", true}, {"dir/*", "dir/sub/.z", false}, {"d*/x", "dir/x/y", true}, {"dir", "dirx/y", false},
	}
	for _, c := range cases {
		e := newEmbedPattern("/m", c.pattern)
		if got := e.match("/m/" + c.file); got != c.want {
			t.Errorf("%s embeds %s: %v, want %v", c.pattern, c.file, got, c.want)
		}
		for dir := filepath.Dir("/m/" + c.file); c.want && dir != "/"; dir = filepath.Dir(dir) {
			if _, inside := below("/m", dir); inside && !e.mayHold(dir) {
				t.Errorf("%s: %s is not entered for %s", c.pattern, dir, c.file)
			}
		}
	}
}

func TestHalfWritten(t *testing.T) {
	root := tempRoot(t)
	cases := []struct {
		name, text string
		want       bool
	}{
		{"whole.go", "package m\n\nfunc f() {}\n", false},
		{"empty.go", "", true}, {"empty.css", "", true}, {"some.css", "a {", false},
		{"cut.go", "package m\n\nfunc f() {\n\tprint", true}, {"string.go", "package m\n\nvar s = \"abc", true},
		{"raw.go", "package m\n\nvar s = `abc\n\n\n", true}, {"comment.go", "package m\n\n/* abc\n\n", true}, {"word.go", "pack", true},
		{"error.go", "package m\n\nfunc f() { x := }\n\nfunc g() {}\n", false}, {"top.go", "package m\n\nfoo\n\nfunc g() {}\n", false},
	}
	for _, c := range cases {
		write(t, root, c.name, c.text)
		if got := halfWritten(filepath.Join(root, c.name)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if !halfWritten(filepath.Join(root, "gone.go")) {
		t.Error("a missing file is no half-written one")
	}
}

func FuzzIgnoreLine(f *testing.F) {
	for _, line := range []string{"", "#x", `\#x`, "!a/", "/a/**/b", "[a-", "{a,b}", `a\ `, "**", "a//b", "\\"} {
		f.Add(line, "a/b")
	}
	f.Fuzz(func(t *testing.T, line, name string) {
		p, ok := parseIgnoreLine(line)
		if !ok {
			return
		}
		g := &gitIgnore{top: "/r", files: map[string][]ignorePattern{"/r": {p}}, dirs: map[string]bool{}}
		if g.ignored(filepath.Join("/r", filepath.Clean("/"+name)), false) && p.negate {
			t.Errorf("%q ignores %q", line, name)
		}
	})
}
