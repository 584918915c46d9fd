package reloader

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// fakeWatcher lets a test play the watcher.
type fakeWatcher struct {
	s       *Supervisor
	changes chan Change
}

func (w *fakeWatcher) Changes() <-chan Change     { return w.changes }
func (w *fakeWatcher) Sync(context.Context) error { return nil }

// edit plays one edit: seen first, understood later.
func (w *fakeWatcher) edit(c Change) {
	w.s.Dirty("x")
	w.changes <- c
}

const helloServer = `package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		panic(err)
	}
	defer l.Close()
	fmt.Println("version", %s)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
}
`

// writeModule makes a module of the files given and returns its folder.
func writeModule(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if _, ok := files["go.mod"]; !ok {
		writeFile(t, dir, "go.mod", "module example.com/app\n\ngo 1.24\n")
	}
	for name, text := range files {
		writeFile(t, dir, name, text)
	}
	return dir
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func superviseModule(t *testing.T, dir string, edit func(*Options)) (*testSupervisor, *fakeWatcher) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs go build")
	}
	p, err := ResolveGoPackage(t.Context(), dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	w := &fakeWatcher{changes: make(chan Change)}
	o := Options{Target: Target{Kind: TargetPackage, Package: p}, Dir: dir, NoAgent: true, Watcher: w}
	if edit != nil {
		edit(&o)
	}
	ts := supervise(t, o)
	w.s = ts.Supervisor
	return ts, w
}

func TestEditFailAndRecover(t *testing.T) {
	dir := writeModule(t, map[string]string{"main.go": fmt.Sprintf(helloServer, "1")})
	ts, w := superviseModule(t, dir, func(o *Options) { o.FirstBuild = 41 })
	c := ts.awaitState(inspect.StateRunning)
	if c.Build.Number != 42 || !c.Open || !c.Recording {
		t.Errorf("running: build %d open %v recording %v, want 42 true true", c.Build.Number, c.Open, c.Recording)
	}
	first := ts.Status().PID

	writeFile(t, dir, "main.go", fmt.Sprintf(helloServer, "2+undefinedName"))
	w.edit(Change{Rebuild: []string{"main.go"}})
	c = ts.awaitState(inspect.StateFailed)
	if c.Open {
		t.Error("the gate is open over a failed build")
	}
	d := c.Build.Diagnostics[0]
	if d.File != "main.go" || d.Line != 17 || d.Column != 27 || d.Code != codeCompile || d.Message != "undefined: undefinedName" || d.Path != filepath.Join(dir, "main.go") {
		t.Errorf("diagnostic %+v", d)
	}
	if len(d.Context) != 10 || d.Context[contextLines].Number != 17 {
		t.Errorf("context %+v", d.Context)
	}
	if got := ts.Status().PID; got != first {
		t.Errorf("process %d, want the old %d alive behind the error", got, first)
	}

	writeFile(t, dir, "main.go", fmt.Sprintf(helloServer, "3"))
	w.edit(Change{Rebuild: []string{"main.go"}})
	c = ts.awaitState(inspect.StateRunning)
	if c.Build.Number != 44 || ts.Status().PID == first {
		t.Errorf("build %d, want 44 in a new process", c.Build.Number)
	}
	ts.awaitLine("version 3")
}

func TestSameContentReopens(t *testing.T) {
	ts := superviseRole(t, "serve", nil)
	w := &fakeWatcher{changes: make(chan Change), s: ts.Supervisor}
	ts.awaitState(inspect.StateRunning)
	pid := ts.Status().PID
	ts.Dirty("a")
	if c := ts.awaitState(inspect.StateBuilding); c.Open {
		t.Error("dirty, and the gate is open")
	}
	_ = w
	ts.post(func() { ts.change(Change{}) })
	if c := ts.awaitState(inspect.StateRunning); !c.Open {
		t.Error("unchanged, and the gate stays closed")
	}
	// Two edits seen, one understood: the gate waits for the other.
	ts.Dirty("a")
	ts.Dirty("b")
	ts.post(func() { ts.change(Change{}) })
	settled := make(chan inspect.State, 1)
	ts.post(func() { settled <- ts.Status().State })
	if got := <-settled; got != inspect.StateBuilding {
		t.Errorf("state %s after one of two changes, want building", got)
	}
	ts.post(func() { ts.change(Change{}) })
	ts.awaitState(inspect.StateRunning)
	if ts.Status().PID != pid {
		t.Error("the process was restarted for nothing")
	}
}

// slowBuilder counts builds and ends one only when told to.
type slowBuilder struct {
	begun, finished atomic.Int32
	release         chan struct{}
	program         string
}

func (b *slowBuilder) Build(ctx context.Context, req BuildRequest) (BuildOutcome, error) {
	b.begun.Add(1)
	select {
	case <-ctx.Done():
		return BuildOutcome{}, ctx.Err()
	case <-b.release:
		if ctx.Err() != nil { // both were ready: leave the word to the build it is meant for
			b.release <- struct{}{}
			return BuildOutcome{}, ctx.Err()
		}
		b.finished.Add(1)
		return BuildOutcome{OK: true, Program: b.program}, nil
	}
}

func TestBurstBuildsTheLast(t *testing.T) {
	b := &slowBuilder{release: make(chan struct{}, 1), program: os.Args[0]}
	w := &fakeWatcher{changes: make(chan Change)}
	ts := supervise(t, Options{
		Target:  Target{Kind: TargetPackage, Package: GoPackage{ImportPath: "x", ModuleRoot: t.TempDir()}},
		NoAgent: true, Builder: b, Watcher: w, Env: append(os.Environ(), helperVariable+"=serve"),
	})
	w.s = ts.Supervisor
	b.release <- struct{}{}
	ts.awaitState(inspect.StateRunning)
	for range 20 {
		w.edit(Change{Rebuild: []string{"a.go"}})
	}
	ts.await("last build begun", func(c StateChange) bool { return c.Build != nil && c.Build.Number == 21 })
	b.release <- struct{}{}
	c := ts.await("last build running", func(c StateChange) bool {
		return c.State == inspect.StateRunning && c.Build.Number == 21
	})
	if n := b.finished.Load(); n != 2 {
		t.Errorf("%d builds finished, want the first and the last", n)
	}
	if c.Build.Result != inspect.BuildOK || len(c.Build.Cause) != 1 {
		t.Errorf("build %+v", c.Build)
	}
}

func TestErrorsBeforeTheCommandEnds(t *testing.T) {
	// The compiler of package bad fails at once; the package beside it takes long
	// enough to be still compiling, as a generated table does.
	var big strings.Builder
	big.WriteString("package big\n\n")
	for i := range 6000 {
		fmt.Fprintf(&big, "func F%d(a, b int) map[string]int { m := map[string]int{}; for i := range a { m[string(rune(i))] += b * %d }; return m }\n", i, i)
	}
	dir := writeModule(t, map[string]string{
		"main.go":    "package main\n\nimport (\n\t_ \"example.com/app/bad\"\n\t_ \"example.com/app/big\"\n)\n\nfunc main() {}\n",
		"bad/bad.go": "package bad\n\nvar X int = \"text\"\n",
		"big/big.go": big.String(),
	})
	if testing.Short() {
		t.Skip("runs go build")
	}
	p, err := ResolveGoPackage(t.Context(), dir, ".")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := make(chan inspect.Diagnostic, 1)
	ended := make(chan error, 1)
	var pid atomic.Int64
	start := func(cmd *exec.Cmd) error {
		err := cmd.Start()
		if err == nil {
			pid.CompareAndSwap(0, int64(cmd.Process.Pid))
		}
		return err
	}
	go func() {
		_, err := GoBuilder{Start: start}.Build(ctx, BuildRequest{
			Package: p, Dir: filepath.Join(t.TempDir(), "1"), Flags: []string{"-p=2"},
			Diagnostic: func(d inspect.Diagnostic) {
				select {
				case first <- d:
				default:
				}
			},
		})
		ended <- err
	}()
	select {
	case d := <-first:
		if d.File != "bad/bad.go" || d.Line != 3 {
			t.Errorf("diagnostic %+v", d)
		}
	case err := <-ended:
		t.Fatalf("the command ended (%v) before any diagnostic was passed on", err)
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("a canceled build is used")
	}
	group := procGroup{pid: int(pid.Load())}
	if group.alive() {
		t.Error("processes of the canceled build are left")
	}
}
