package reloader

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// wait returns what comes of d.
func (d *DebugProgram) wait(t *testing.T) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), awaitLimit)
	defer cancel()
	return d.Wait(ctx)
}

func TestDebugProgramOfEachBuild(t *testing.T) {
	dir := writeModule(t, map[string]string{"main.go": fmt.Sprintf(helloServer, "1")})
	heard := make(chan *DebugProgram, 8)
	ts, w := superviseModule(t, dir, func(o *Options) { o.OnDebug = func(d *DebugProgram) { heard <- d } })
	build := ts.awaitState(inspect.StateRunning).Build.Number
	d := ts.Debug(build)
	path, err := d.wait(t)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != d || d.Build != 1 {
		t.Errorf("heard of %+v", got)
	}
	program := filepath.Join(ts.o.StateDir, "builds", "1", filepath.Base(path))
	if path == program || !hasDWARF(path) || hasDWARF(program) {
		t.Errorf("%s has DWARF %v, %s %v", path, hasDWARF(path), program, hasDWARF(program))
	}
	if st := ts.Status(); st.Build.Debug != path {
		t.Errorf("the record says %q, want %q", st.Build.Debug, path)
	}
	// A restart of the same build needs no other one; an edit does.
	ts.Restart()
	ts.awaitState(inspect.StateRunning)
	writeFile(t, dir, "main.go", fmt.Sprintf(helloServer, "2"))
	w.edit(Change{Rebuild: []string{"main.go"}})
	ts.await("second build running", func(c StateChange) bool { return c.State == inspect.StateRunning && c.Build.Number == 2 })
	if _, err := ts.Debug(2).wait(t); err != nil {
		t.Error(err)
	}
	if got := <-heard; got.Build != 2 {
		t.Errorf("the program of build %d was linked, want 2", got.Build)
	}
	if _, err := ts.Debug(99).wait(t); err == nil || !strings.Contains(err.Error(), "build 99: it is not kept") {
		t.Errorf("of no build: %v", err)
	}
}

func TestDebugProgramByTheUsersFlags(t *testing.T) {
	tests := []struct {
		name, flag string
		own        bool   // the program itself has DWARF
		want       string // in the error
	}{
		{"left out", "-ldflags=-s -X main.a=b", false, `the build flag -ldflags="-s -X main.a=b" leaves it out`},
		{"kept", "-ldflags=-w=false", true, ""},
		{"other", "-ldflags=-X main.a=b", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeModule(t, map[string]string{"main.go": fmt.Sprintf(helloServer, "1")})
			heard := make(chan *DebugProgram, 8)
			ts, _ := superviseModule(t, dir, func(o *Options) {
				o.BuildFlags = []string{tt.flag}
				o.OnDebug = func(d *DebugProgram) { heard <- d }
			})
			path, err := (<-heard).wait(t)
			if got := fmt.Sprint(err); tt.want != "" && !strings.Contains(got, tt.want) || tt.want == "" && (err != nil || !hasDWARF(path)) {
				t.Fatalf("%s, %v, want %q", path, err, tt.want)
			}
			program := filepath.Join(ts.o.StateDir, "builds", "1", filepath.Base(dir)+exeSuffix)
			if (path == program) != tt.own {
				t.Errorf("debug data in %s, program %s", path, program)
			}
		})
	}
}

// debugBuilder makes programs at once, and one with DWARF when told to.
type debugBuilder struct {
	asked chan BuildRequest // of those with DWARF
	link  chan error
}

func (b *debugBuilder) Build(ctx context.Context, req BuildRequest) (BuildOutcome, error) {
	if !req.DWARF {
		return BuildOutcome{OK: true, Program: os.Args[0]}, nil
	}
	b.asked <- req
	select {
	case err := <-b.link:
		return BuildOutcome{OK: true, Program: "/debug"}, err
	case <-ctx.Done():
		return BuildOutcome{}, ctx.Err()
	}
}

func TestDebugProgramAndEdits(t *testing.T) {
	b := &debugBuilder{asked: make(chan BuildRequest, 8), link: make(chan error)}
	w := &fakeWatcher{changes: make(chan Change)}
	starts := make(chan Start, 8)
	ts := supervise(t, Options{
		Target:  Target{Kind: TargetPackage, Package: GoPackage{ImportPath: "x", ModuleRoot: t.TempDir()}},
		Builder: b, Watcher: w, Env: append(os.Environ(), helperVariable+"=serve"), BuildFlags: []string{"-race"},
		Instrument: func(context.Context) (Instrumentation, error) {
			return Instrumentation{Go: "othergo", Flags: []string{"-overlay=x"}, Env: []string{"GOROOT=y"}}, nil
		},
		NewLink: func(st Start) (Link, error) { starts <- st; return newPipeLink(st) },
		OnDebug: func(*DebugProgram) {},
	})
	w.s = ts.Supervisor
	<-starts
	ts.Listening(1)
	ts.awaitState(inspect.StateRunning)
	req := <-b.asked
	if !req.Low || req.Go != "othergo" || lookupEnv(req.Env, "GOROOT") != "y" || !cmp.Equal(req.Flags, []string{"-race", "-overlay=x"}) {
		t.Errorf("linked with another request than the program: %+v", req)
	}
	// The next build cancels it.
	w.edit(Change{Rebuild: []string{"a.go"}})
	if _, err := ts.Debug(1).wait(t); !errors.Is(err, errSuperseded) {
		t.Errorf("after an edit: %v", err)
	}
	<-starts
	ts.Listening(2)
	<-b.asked
	// An edit is on its way when it ends: it may have been linked already.
	ts.Dirty("a.go")
	b.link <- nil
	looped := make(chan struct{})
	ts.post(func() { close(looped) })
	<-looped
	select {
	case <-ts.Debug(2).Done():
		t.Error("done while an edit is not understood")
	default:
	}
	w.changes <- Change{} // contents are as before
	if path, err := ts.Debug(2).wait(t); err != nil || path != "/debug" {
		t.Errorf("after an edit that was none: %q, %v", path, err)
	}
}

// TestDebugProgramHasTheSameSymbols is what makes the program fit for a core of the
// other one.
func TestDebugProgramHasTheSameSymbols(t *testing.T) {
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("reads ELF files that go build made")
	}
	const cgo = "package main\n\n// int twice(int n) { return 2 * n; }\nimport \"C\"\n\nfunc main() { println(C.twice(4)) }\n"
	tests := []struct{ name, source string }{{"internal", fmt.Sprintf(helloServer, "1")}, {"cgo", cgo}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := exec.LookPath("gcc"); err != nil && tt.source == cgo {
				t.Skip("no C compiler")
			}
			dir := writeModule(t, map[string]string{"main.go": tt.source})
			p, err := ResolveGoPackage(t.Context(), dir, ".")
			must(t, err)
			program, debug := buildOne(t, p, false), buildOne(t, p, true)
			if hasDWARF(program) || !hasDWARF(debug) {
				t.Errorf("DWARF: %v and %v, want none and some", hasDWARF(program), hasDWARF(debug))
			}
			want, text := symbolsOf(t, program)
			got, debugText := symbolsOf(t, debug)
			if diff := cmp.Diff(want, got); diff != "" || len(want) < 100 {
				t.Errorf("%d symbols, differ by\n%s", len(want), diff)
			}
			if text != debugText {
				t.Error("the text sections differ")
			}
		})
	}
}

func buildOne(t *testing.T, p GoPackage, dwarf bool) string {
	t.Helper()
	out, err := GoBuilder{}.Build(t.Context(), BuildRequest{Package: p, Dir: filepath.Join(t.TempDir(), fmt.Sprint(dwarf)), DWARF: dwarf})
	must(t, err)
	if !out.OK {
		t.Fatal(out.Diagnostics)
	}
	return out.Program
}

// symbolsOf returns name, address and size of all symbols of an ELF file that name
// code or data, and its text.
func symbolsOf(t *testing.T, path string) (symbols []string, text string) {
	t.Helper()
	f, err := elf.Open(path)
	must(t, err)
	defer f.Close()
	list, err := f.Symbols()
	must(t, err)
	for _, s := range list {
		if kind := elf.ST_TYPE(s.Info); kind == elf.STT_FUNC || kind == elf.STT_OBJECT {
			symbols = append(symbols, fmt.Sprintf("%s %#x %d", s.Name, s.Value, s.Size))
		}
	}
	data, err := f.Section(".text").Data()
	must(t, err)
	return symbols, string(data)
}
