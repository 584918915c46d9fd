//go:build linux && (amd64 || arm64)

package snapshot

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// helperEnv makes the test binary the helper that pastedev would be.
const helperEnv = "PASTEDEV_TEST_SNAPSHOT_HELPER"

// testWait is for a machine under load; nothing waits so long when all is well.
const testWait = 2 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) != "" {
		if err := Main(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if builds.dir != "" {
		os.RemoveAll(builds.dir)
	}
	os.Exit(code)
}

// builds keeps what was built, for all tests of one run.
var builds struct {
	sync.Mutex
	dir  string
	done map[string]error
}

// variant is a way to build the target.
type variant struct {
	app       string // folder in testdata; "" is target
	toolchain string // "" is the one that runs the test
	optimized bool
	pie       bool
}

// program is a built target: what runs, and its twin with debug information.
type program struct{ run, twin, root string }

// build builds a program of testdata as pastedev builds: without debug information, and the
// twin with it, from the same cached packages.
func build(t testing.TB, v variant) program {
	t.Helper()
	builds.Lock()
	defer builds.Unlock()
	if builds.dir == "" {
		dir, err := os.MkdirTemp("", "pastedev-snapshot-test-")
		if err != nil {
			t.Fatal(err)
		}
		builds.dir, builds.done = dir, map[string]error{}
	}
	app := cmp.Or(v.app, "target")
	root, err := filepath.Abs(filepath.Join("testdata", app))
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("%s-%s-%v-%v", app, v.toolchain, v.optimized, v.pie)
	p := program{run: filepath.Join(builds.dir, name), twin: filepath.Join(builds.dir, name+".dwarf"), root: root}
	err, ok := builds.done[name]
	if !ok {
		if err = goBuild(root, p.run, v, "1"); err == nil {
			err = goBuild(root, p.twin, v, "0")
		}
		builds.done[name] = err
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func goCommand(args ...string) *exec.Cmd { return exec.Command("go", args...) }

func goBuild(root, out string, v variant, strip string) error {
	args := []string{"build", "-ldflags=-compressdwarf=0 -w=" + strip, "-o", out}
	if !v.optimized {
		args = append(args, "-gcflags=example.com/...=-N -l")
	}
	if v.pie {
		args = append(args, "-buildmode=pie")
	}
	cmd := goCommand(append(args, ".")...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if v.toolchain != "" {
		cmd.Env = append(cmd.Env, "GOTOOLCHAIN="+v.toolchain)
	}
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, b)
	}
	return nil
}

// target is a program that has panicked and waits.
type target struct {
	program
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	goroutine int64
	waited    chan error // of cmd.Wait, which is called at once
}

// panicking starts the target in a case and returns when it waits in its panic.
func panicking(t testing.TB, p program, name string) *target {
	t.Helper()
	tg := &target{program: p, cmd: exec.Command(p.run, name), waited: make(chan error, 1)}
	var err error
	if tg.in, err = tg.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	// An own pipe: the one of StdoutPipe is closed by Wait.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	tg.cmd.Stdout, tg.out = w, bufio.NewReader(r)
	if err := tg.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	go func() { tg.waited <- tg.cmd.Wait() }()
	t.Cleanup(func() {
		tg.cmd.Process.Kill()
		r.Close()
	})
	line, err := tg.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(line, "ready %d\n", &tg.goroutine); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return tg
}

// finish lets the target go on and checks that it ends as if nothing had been.
func (tg *target) finish(t testing.TB) {
	t.Helper()
	tg.goesOn(t)
	select {
	case err := <-tg.waited:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 7 {
			t.Errorf("the program's parent saw %v, want exit status 7", err)
		}
	case <-time.After(testWait):
		t.Error("the program does not end")
	}
}

// goesOn lets the program go on, and hears that it does.
func (tg *target) goesOn(t testing.TB) {
	t.Helper()
	io.WriteString(tg.in, "\n")
	if line, err := tg.out.ReadString('\n'); err != nil || line != "done\n" {
		t.Errorf("the program said %q, %v after the snapshot", line, err)
	}
}

// helperSession starts the helper.
func helperSession(t testing.TB) *Session {
	t.Helper()
	t.Setenv(helperEnv, "1")
	ctx, cancel := context.WithTimeout(context.Background(), testWait)
	s, err := Start(ctx, []string{os.Args[0]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		cancel()
	})
	return s
}

// take freezes the target. Where ptrace is forbidden the test is skipped, and the
// reason is the one that users see.
func (tg *target) take(t testing.TB, s *Session) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cores", "1"+Suffix)
	a, err := s.Do(Request{Take: &TakeOptions{PID: tg.cmd.Process.Pid, Path: path}})
	if KindOf(err) == KindForbidden && err != nil {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(a.Info.Path) != path || a.Info.Bytes == 0 || a.Info.Threads == 0 {
		t.Errorf("Take: %+v", a.Info)
	}
	return path
}
