package overlay_test

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/reloader/overlay"
)

// rewritten makes the overlay and fails the test unless functions are timed.
func rewritten(t *testing.T, c overlay.Config) *overlay.Result {
	t.Helper()
	r := instrument(t, c)
	if r.Rewritten.Functions == 0 || r.Rewritten.Problem != "" {
		t.Fatalf("rewritten: %+v", r.Rewritten)
	}
	return r
}

// differs is what differs from build to build in what the runtime says of a crash.
var differs = regexp.MustCompile(` \+0x[0-9a-f]+|0x[0-9a-f]+\??|\{\.\.\.\}|\.\.\.|goroutine \d+|, | gp=.*`)

// library is where the standard library is.
var library = regexp.MustCompile(`/\S*/src/(?:runtime|fmt|testing)/`)

// A program finds out nothing about its calls being timed, whether they are or not.
func TestSemanticsStay(t *testing.T) {
	tests := []struct {
		name    string
		version string
		flags   []string
		heavy   bool // compiles a standard library of its own
	}{
		{name: "as it is"},
		{name: "oldest Go", version: toolchains[0], heavy: true},
		{name: "newest Go", version: toolchains[len(toolchains)-1], heavy: true},
		{name: "optimization off", flags: []string{"-gcflags=example.com/semantics/...=-N -l"}},
		{name: "trimpath", flags: []string{"-trimpath"}, heavy: true},
		{name: "race", flags: []string{"-race"}, heavy: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.heavy && testing.Short() {
				t.Skip("compiles a standard library of its own")
			}
			dir, err := filepath.Abs("testdata/semantics")
			if err != nil {
				t.Fatal(err)
			}
			c := overlay.Config{Dir: dir, StateDir: t.TempDir(), Env: toolchain(t, cmp.Or(tt.version, "local")), Flags: tt.flags}
			r := rewritten(t, c)
			programs := map[string]string{"plain": build(t, &overlay.Result{Go: "go"}, c, "."), "off": build(t, r, c, ".")}
			c.Flags = append(slices.Clone(c.Flags), "-tags=calls")
			programs["on"] = build(t, rewritten(t, c), c, ".")
			for _, arg := range []string{"", "exit", "panic", "goexit", "nil"} {
				if arg == "goexit" && tt.name == "race" {
					continue // nobody notices there that no goroutine is left, also plainly
				}
				want := says(t, programs["plain"], arg)
				if arg == "" && !strings.HasSuffix(want, "hello\nexit status 0\n") {
					t.Fatalf("the program fails plainly:\n%s", want)
				}
				for _, name := range []string{"off", "on"} {
					if d := gocmp.Diff(want, says(t, programs[name], arg)); d != "" {
						t.Errorf("%q, calls %s (-plain +instrumented):\n%s", arg, name, d)
					}
				}
			}
		})
	}
}

// says runs a program and returns all that it says.
func says(t *testing.T, program, arg string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, strings.Fields(arg)...)
	out, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	out = differs.ReplaceAll(out, nil)
	out = library.ReplaceAll(out, []byte("GOROOT/")) // a downloaded one is used by a link
	return string(out) + cmd.ProcessState.String() + "\n"
}

// elsewhere is what the compiler adds to some positions in lines that are longer in the
// overlaid file. The reloader takes it away.
var elsewhere = regexp.MustCompile(`\[[^\[\]]*/overlay/calls/[0-9a-f]{32}\.go:\d+:\d+\]`)

// broken are programs that do not compile.
var broken = map[string]map[string]string{
	"types":                     {"main.go": "package main\n\nimport \"fmt\"\n\nfunc main() { one(); fmt.Println(1 + \"x\"); undefined() }\n\nfunc one() { fmt.Println(); y := 1 }; func two() int { fmt.Println() }\n\nfunc three() {\n\tthree(1)\n\tfmt.Printl()\n}\n"},
	"syntax in a function":      {"main.go": "package main\n\nfunc main() {\n\tone()\n}\n\nfunc one() {\n\tif {\n}\n"},
	"syntax in another file":    {"b.go": "package main\n\nfunc one() { one( }\n"},
	"no package clause":         {"b.go": "func one() {}\n"},
	"two packages":              {"b.go": "package other\n\nfunc one() { one(); one() }\n"},
	"unused import":             {"b.go": "package main\n\nimport \"runtime\"\nimport rt \"runtime\"\n\nfunc one() { one() }\n"},
	"missing package":           {"b.go": "package main\n\nimport \"example.com/broken/missing\"\n\nfunc one() { missing.Do() }\n"},
	"missing module":            {"b.go": "package main\n\nimport \"example.org/missing\"\n\nfunc one() { missing.Do() }\n"},
	"import cycle":              {"b.go": "package main\n\nimport \"example.com/broken/lib\"\n\nfunc one() { lib.Do() }\n", "lib/lib.go": "package lib\n\nimport \"example.com/broken/lib2\"\n\nfunc Do() { lib2.Do() }\n", "lib2/lib.go": "package lib2\n\nimport \"example.com/broken/lib\"\n\nfunc Do() { lib.Do() }\n"},
	"in a package of its own":   {"b.go": "package main\n\nimport \"example.com/broken/lib\"\n\nfunc one() { lib.Do() }\n", "lib/lib.go": "package lib\n\nfunc Do() { Do(); var x int; Do(x) }\n"},
	"label":                     {"b.go": "package main\n\nfunc one() { goto L; x := 1; L: one(); _ = x }\n\nfunc two() {\nunused:\n\ttwo()\n}\n"},
	"redeclared":                {"b.go": "package main\n\nfunc one() { one() }\n\nfunc one() { two := 1; two := 2; one() }\n"},
	"declared and not used":     {"b.go": "package main\n\nfunc one() { a := 1; one(); b := 2 }\n"},
	"missing return":            {"b.go": "package main\n\nfunc one() (x int) { one(); if x > 0 { return } }\n"},
	"directive in the body":     {"b.go": "package main\n\nfunc one() { //go:noinline\n\tone()\n}\n"},
	"line directive":            {"b.go": "package main\n\n//line grammar.y:10\nfunc one() { one(); x }\n//line grammar.y:20:5\nfunc two() { one(); x }\n"},
	"alias of ours":             {"b.go": "package main\n\nfunc pastedevrt() { pastedevrt(); x }\n"},
	"go.mod":                    {"go.mod": "module example.com/broken\n\ngo 1.25\n\nnonsense\n"},
	"embed":                     {"b.go": "package main\n\nimport _ \"embed\"\n\n//go:embed missing.txt\nvar text string\n\nfunc one() { one() }\n"},
	"misplaced //go:build":      {"b.go": "package main\n\nfunc one() {\n\tone()\n}\n\n//go:build ignore\nx\n"},
	"more than ten":             {"b.go": "package main\n\nfunc one() {\n" + strings.Repeat("\tx()\n", 12) + "}\n"},
	"bad line directive":        {"b.go": "package main\n\nfunc one() { one(); /*line x.go:0*/ x }\n"},
	"order":                     {"b.go": "package main\n\nimport \"os\"\n\nvar v int = \"\"\n\nfunc one() { one(); x }\n\nfunc two(a undefined) {\n\tone()\n\tvar unused int\n}\n\nfunc three() { one(); three(1) }\n\nfunc four() { one(); var again, again int }\n"},
	"generic":                   {"b.go": "package main\n\nfunc one[T int](x T) { one[string](\"\"); one(x) }\n"},
	"windows lines and letters": {"b.go": "\ufeffpackage main\r\n\r\nfunc one() { one(\"\u00fc\"); x }\r\n"},
}

// What does not compile is reported as without us, to the letter.
func TestErrorsOfRewrittenFiles(t *testing.T) {
	versions := toolchains
	if testing.Short() { // the others may compile a standard library of their own
		versions = []string{"local"}
	}
	for _, version := range versions {
		t.Run(version, func(t *testing.T) { testErrors(t, version) })
	}
}

func testErrors(t *testing.T, version string) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, version)}
	var m overlay.Maker
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		t.Run(name, func(t *testing.T) {
			if err := os.RemoveAll(c.Dir); err != nil {
				t.Fatal(err)
			}
			files(t, c.Dir, map[string]string{
				"go.mod":    "module example.com/broken\n\ngo 1.25\n",
				"main.go":   "package main\n\nfunc main() {\n\tone()\n}\n\nfunc more() {\n\tone()\n}\n",
				"lib/go.go": "package lib\n",
			})
			files(t, c.Dir, broken[name])
			r, err := m.Make(t.Context(), c)
			if err != nil || len(r.Flags) == 0 || len(r.Lost) > 0 {
				t.Fatalf("%+v, %v", r, err)
			}
			for _, flags := range [][]string{nil, {"-trimpath"}, {"-gcflags=-e"}} {
				c := c
				c.Flags = flags
				if flags != nil && flags[0] == "-trimpath" && (testing.Short() || version != toolchains[1]) {
					continue // compiles a standard library of its own
				}
				got, err := goRun(t.Context(), r, c, "build", "-o", os.DevNull, ".")
				want, plain := goRun(t.Context(), &overlay.Result{Go: "go"}, c, "build", "-o", os.DevNull, ".")
				got = elsewhere.ReplaceAllString(got, "")
				if err == nil || plain == nil || got != want {
					t.Errorf("%q with pastedev (%v):\n%s\nwithout (%v):\n%s", flags, err, got, plain, want)
				}
			}
			got, _ := goRun(t.Context(), r, c, "vet", ".")
			want, _ := goRun(t.Context(), &overlay.Result{Go: "go"}, c, "vet", ".")
			if name == "line directive" { // vet looks for such a name beside the overlaid file
				got = strings.ReplaceAll(got, "../002/overlay/calls/", "./") // before Go 1.27
			}
			if got != want {
				t.Errorf("vet with pastedev:\n%s\nwithout:\n%s", got, want)
			}
		})
	}
}

// What vet finds is where it was.
func TestVetOfRewrittenFiles(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
	files(t, c.Dir, map[string]string{
		"go.mod":  "module example.com/vet\n\ngo 1.25\n",
		"main.go": "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Printf(\"%d\", \"x\") }\n\nfunc one() { fmt.Print(); fmt.Printf(\"%d\", \"x\") }\n\nfunc two() {\n\tfmt.Printf(\"%s\", 1)\n}\n",
	})
	got, err := goRun(t.Context(), rewritten(t, c), c, "vet", ".")
	want, plain := goRun(t.Context(), &overlay.Result{Go: "go"}, c, "vet", ".")
	if err == nil || plain == nil || got != want || strings.Count(want, "main.go") != 3 {
		t.Errorf("with pastedev:\n%s\nwithout:\n%s", got, want)
	}
}

// A build that counts statements counts those of the program alone.
func TestCover(t *testing.T) {
	for _, how := range []string{"flag", "GOFLAGS"} {
		c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local"), Flags: []string{"-cover"}}
		if how == "GOFLAGS" {
			c.Flags, c.Env = nil, append(c.Env, "GOFLAGS=-covermode=atomic")
		}
		files(t, c.Dir, tinyModule())
		r, err := overlay.Make(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Lost) != 1 || !strings.Contains(r.Lost[0].String(), "call tree of a request is off: -cover counts") || r.Rewritten != (overlay.Rewritten{}) || len(r.Flags) == 0 {
			t.Errorf("%s: %+v", how, r)
		}
	}
}

// The overlay names no file whose text is not the file's own with what is inserted.
func TestOverlaidText(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
	files(t, c.Dir, tinyModule())
	files(t, c.Dir, map[string]string{"word/do.go": "package word\n\nfunc Do() { println() }\n"})
	r := rewritten(t, c)
	main, err := os.ReadFile(readOverlay(t, r)[filepath.Join(c.Dir, "word/do.go")])
	if err != nil || !bytes.Contains(main, []byte("PastedevCalls")) {
		t.Errorf("%s, %v", main, err)
	}
	if want := (overlay.Rewritten{Packages: 1, Files: 1, Functions: 1}); r.Rewritten != want {
		t.Errorf("%+v, want %+v", r.Rewritten, want)
	}
}

// Packages and files that are out of the ordinary compile and work.
func TestUnusualPackages(t *testing.T) {
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, "local")}
	files(t, c.Dir, map[string]string{
		"go.mod":             "module example.com/odd\n\ngo 1.25\n",
		"main.go":            "package main // it starts\n\nimport (\n\t. \"example.com/odd/runtime\"\n\tpdrt \"fmt\"\n)\n\nfunc main() { pdrt.Println(Where(), pdrt_(), other()) }\n",
		"collides.go":        "package main\n\nimport \"strings\"\n\nfunc pdrt_() string { return strings.ToUpper(\"pdrtx\") }\n",
		"other.go":           "package main\n\nfunc other() string { pdrtxx := pdrt_(); return pdrtxx }\n",
		"runtime/runtime.go": "package runtime\n\nimport \"runtime\"\n\nfunc Where() string {\n\t_, file, line, _ := runtime.Caller(1)\n\treturn file + string(rune('0'+line)) + inC()\n}\n",
		"runtime/c.go":       "package runtime\n\n/*\nextern int back(int);\nstatic int there(int x) { return back(x); }\n*/\nimport \"C\"\n\nfunc inC() string { return string(rune('0' + C.there(3))) }\n\n//export back\nfunc back(x C.int) C.int { return C.int(twice(int(x))) }\n",
		"runtime/nocgo.go":   "//go:build !cgo\n\npackage runtime\n\nfunc inC() string { println(); return \"\" }\n",
		"runtime/twice.go":   "package runtime\n\nfunc twice(x int) (n int) {\n\tfor range 2 {\n\t\tn += x\n\t}\n\treturn\n}\n",
	})
	r := rewritten(t, c)
	for _, env := range []string{"CGO_ENABLED=0", "CGO_ENABLED=1"} {
		if _, err := exec.LookPath("cc"); env == "CGO_ENABLED=1" && err != nil || env == "CGO_ENABLED=0" && testing.Short() {
			continue // no C compiler here; or it compiles a standard library of its own
		}
		c := c
		c.Env = append(slices.Clone(c.Env), env)
		r := rewritten(t, c)
		got := says(t, build(t, r, c, "."), "")
		want := says(t, build(t, &overlay.Result{Go: "go"}, c, "."), "")
		if got != want || !strings.Contains(want, "main.go8") {
			t.Errorf("%s: says %q, want %q", env, got, want)
		}
	}
	if r.Rewritten.Packages != 2 {
		t.Errorf("%+v", r.Rewritten)
	}
}
