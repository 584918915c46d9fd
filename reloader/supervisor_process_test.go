package reloader

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func skipWithoutSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no signals on windows")
	}
}

func TestStopDrains(t *testing.T) {
	skipWithoutSignals(t)
	backend := make(chan string, 1)
	ts := superviseRole(t, "serve", func(o *Options) { o.OnBackend = func(a string) { backend <- a } })
	ts.awaitState(inspect.StateRunning)
	conn, err := net.Dial("tcp", <-backend)
	if err != nil {
		t.Fatalf("running, but the backend refuses: %v", err)
	}
	conn.Close()
	ts.end()
	if b := ts.Status().Build; b == nil || b.Number != 1 || b.Result != inspect.BuildOK || b.Duration != 0 {
		t.Errorf("build %+v, want the number of the start and no duration: nothing was built", b)
	}
	last := ts.LastOutput(1)
	if len(last) != 1 || last[0].Text != "drained" {
		t.Errorf("last output %v, want the word of a program that was asked to end", last)
	}
	if code := ts.ExitCode(); code != 0 {
		t.Errorf("exit code %d, want the program's own 0", code)
	}
}

// TestBackendMoves: a program need not go on to listen where it did first.
func TestBackendMoves(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells where another process listens")
	}
	backend := make(chan string, 100)
	ts := superviseRole(t, "wander", func(o *Options) { o.OnBackend = func(a string) { backend <- a } })
	before := ""
	for range 3 {
		addr := <-backend
		if addr == before {
			t.Fatalf("told of %s twice", addr)
		}
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatalf("the backend refuses: %v", err)
		}
		conn.Close()
		before = addr
	}
	ts.end()
}

func TestStopKillsAfterGrace(t *testing.T) {
	skipWithoutSignals(t)
	ts := superviseRole(t, "stubborn", func(o *Options) { o.Grace = 50 * time.Millisecond })
	ts.awaitLine("ready")
	ts.end()
	if code := ts.ExitCode(); code != 128+9 {
		t.Errorf("exit code %d, want 137 for SIGKILL", code)
	}
}

func TestExitCodes(t *testing.T) {
	for _, tc := range []struct {
		role   string
		state  inspect.State
		detail string
		code   int
	}{
		{"exit=0", inspect.StateStopped, "finished", 0},
		{"exit=3", inspect.StateBackoff, "exit status 3: last words", 3},
	} {
		t.Run(tc.role, func(t *testing.T) {
			ts := superviseRole(t, tc.role, nil)
			c := ts.awaitState(tc.state)
			if c.Detail != tc.detail || c.Open {
				t.Errorf("detail %q open %v, want %q and a closed gate", c.Detail, c.Open, tc.detail)
			}
			if got := ts.ExitCode(); got != tc.code {
				t.Errorf("exit code %d, want %d", got, tc.code)
			}
			ts.Restart()
			ts.awaitState(inspect.StateStarting)
			ts.awaitState(tc.state)
		})
	}
}

func TestFloodNeitherBlocksNorGrows(t *testing.T) {
	var mu sync.Mutex
	var raw countWriter
	hold := make(chan struct{})
	lines, notices := 0, 0
	ts := superviseRole(t, "flood", func(o *Options) {
		o.Stdout = &raw
		o.Notify = func(ev inspect.Event) {
			if out, ok := ev.(inspect.OutputWritten); ok {
				<-hold // a consumer that does not keep up at all
				mu.Lock()
				defer mu.Unlock()
				lines++
				if strings.Contains(out.Output.Text, "are not listed here") {
					notices++
				}
			}
		}
	})
	ts.awaitState(inspect.StateStopped) // the program has got rid of all its output
	close(hold)
	ts.end()
	if raw.n != 10_000_000 {
		t.Errorf("raw copy has %d bytes, want all 10000000", raw.n)
	}
	mu.Lock()
	defer mu.Unlock()
	if lines > feedQueue+3 || notices == 0 {
		t.Errorf("%d lines and %d notices, want at most the queue and a word about the rest", lines, notices)
	}
}

type countWriter struct{ n int }

func (w *countWriter) Write(p []byte) (int, error) {
	w.n += len(p)
	return len(p), nil
}

func TestStdinFileIsHandedOver(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var raw bytes.Buffer
	ts := superviseRole(t, "echo", func(o *Options) { o.Stdin, o.Stdout = r, &raw })
	if _, err := w.WriteString("one\ntwo\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	ts.awaitState(inspect.StateStopped)
	ts.end()
	if diff := cmp.Diff("echo: one\necho: two\n", raw.String()); diff != "" {
		t.Error(diff)
	}
}

func TestTerminals(t *testing.T) {
	skipWithoutSignals(t)
	ts := superviseRole(t, "tty", func(o *Options) { o.PTY, o.Cols, o.Rows = true, 80, 24 })
	ts.awaitState(inspect.StateStopped)
	var got []string
	for _, line := range ts.LastOutput(10) {
		got = append(got, string(line.Stream)+" "+line.Text)
	}
	slices.Sort(got)
	want := []string{"stderr to stderr", "stdout /dev/stderr true", "stdout /dev/stdin true", "stdout /dev/stdout true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStartFailureSaysWhy(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "prog")
	if err := os.WriteFile(bad, []byte("\x7fELFnot"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, arg, want string }{
		{"not there", "./absent", "start ./absent: no such file or directory"},
		{"not on PATH", "surely-not-a-command", "start surely-not-a-command: not found on PATH\nhint: a program in this folder is named ./surely-not-a-command"},
		{"not a program", "./prog", "start ./prog: exec format error"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			skipWithoutSignals(t)
			ts := supervise(t, Options{Dir: dir, Target: Target{Kind: TargetCommand, Args: []string{tc.arg}}})
			c := ts.awaitState(inspect.StateBackoff)
			if c.Detail != tc.want {
				t.Errorf("detail %q, want %q", c.Detail, tc.want)
			}
		})
	}
}

func TestCrashAfterGoodStartIsRetried(t *testing.T) {
	backend := make(chan string, 4)
	ts := superviseRole(t, "serve-then-crash", func(o *Options) { o.OnBackend = func(a string) { backend <- a } })
	ts.awaitState(inspect.StateRunning)
	conn, err := net.Dial("tcp", <-backend)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("crash\n")); err != nil {
		t.Fatal(err)
	}
	c := ts.await("retry", func(c StateChange) bool {
		return c.State == inspect.StateBackoff && strings.Contains(c.Detail, "again in")
	})
	if want := "exit status 2: panic: told to, again in 1s"; c.Detail != want {
		t.Errorf("detail %q, want %q", c.Detail, want)
	}
	ts.awaitState(inspect.StateRunning)
}

// TestSignalIsNoCrash: the target ends by a signal that the user passed on, or at once.
func TestSignalIsNoCrash(t *testing.T) {
	skipWithoutSignals(t)
	for _, role := range []string{"sleep", "stubborn"} {
		t.Run(role, func(t *testing.T) {
			ts := superviseRole(t, role, func(o *Options) { o.Grace = time.Hour })
			ts.awaitLine("ready")
			if err := ts.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			want := "signal: terminated"
			if role == "stubborn" {
				want = "signal: killed"
				ts.Kill()
			}
			c := ts.await("ended", func(c StateChange) bool {
				return c.State == inspect.StateStopped || c.State == inspect.StateBackoff
			})
			if c.State != inspect.StateStopped || c.Detail != want {
				t.Errorf("state %s, %s, want stopped, %s", c.State, c.Detail, want)
			}
		})
	}
}

// TestKillCutsTheGraceShort: the target was asked to end and takes its time.
func TestKillCutsTheGraceShort(t *testing.T) {
	skipWithoutSignals(t)
	ts := superviseRole(t, "stubborn", func(o *Options) { o.Grace = time.Hour })
	ts.awaitLine("ready")
	ts.cancel()
	ts.Kill()
	ts.end()
}
