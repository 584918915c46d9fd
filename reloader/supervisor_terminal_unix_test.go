//go:build unix

package reloader

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// TestTerminalStdin types at our terminal; the target, which is in the background
// there, reads it from a terminal of its own, over a restart.
func TestTerminalStdin(t *testing.T) {
	user, ours, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer user.Close()
	defer ours.Close()
	var raw bytes.Buffer
	ts := superviseRole(t, "echo", func(o *Options) { o.Stdin, o.Stdout = ours, &raw })
	typeText := func(s string) {
		if _, err := user.WriteString(s); err != nil {
			t.Fatal(err)
		}
	}
	ts.awaitState(inspect.StateStarting)
	pollUntil(t, "the program runs", func() bool { return ts.Status().PID != 0 })
	typeText("one\n")
	ts.awaitLine("echo: one")
	pid := ts.Status().PID
	ts.Restart()
	pollUntil(t, "another program runs", func() bool { p := ts.Status().PID; return p != 0 && p != pid })
	typeText("two\n")
	ts.awaitLine("echo: two")
	typeText("\x04")
	ts.awaitState(inspect.StateStopped)
	ts.end()
	if diff := cmp.Diff("echo: one\necho: two\n", raw.String()); diff != "" {
		t.Error(diff)
	}
}

// typist types at the terminal of a supervisor.
func typist(t *testing.T, role string) (ts *testSupervisor, typeText func(string)) {
	t.Helper()
	user, ours, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close(); ours.Close() }) // after Run, which reads it
	ts = superviseRole(t, role, func(o *Options) { o.Stdin = ours })
	return ts, func(s string) {
		t.Helper()
		if _, err := user.WriteString(s); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTypeAhead types while no program runs: the next one gets all of it, however much
// of it was read before it started, and before anything typed later.
func TestTypeAhead(t *testing.T) {
	ts, typeText := typist(t, "echo")
	pollUntil(t, "the program runs", func() bool { return ts.Status().PID != 0 })
	typeText("\x04")
	ts.awaitState(inspect.StateStopped)
	lines := 8 // what a terminal of any system holds
	if runtime.GOOS == "linux" {
		lines = 100 // more than it holds: the rest waits on its way there
	}
	var want []string
	for i := range lines {
		want = append(want, fmt.Sprintf("%03d %s", i, strings.Repeat("x", 95)))
		typeText(want[i] + "\n")
	}
	typeText("unfinished")
	ts.Restart()
	pollUntil(t, "another program runs", func() bool { return ts.Status().PID != 0 })
	typeText(", finished\n")
	want = append(want, "unfinished, finished")
	for _, text := range want {
		if got := ts.awaitLine("echo: ").Text; got != "echo: "+text {
			t.Fatalf("got %q, want %q", got, "echo: "+text)
		}
	}
}

// TestTypeAheadWhileLeaving types when the program has ended and something of it has
// not: the next one gets it.
func TestTypeAheadWhileLeaving(t *testing.T) {
	ts, typeText := typist(t, "echo-then-leave-stubborn")
	pollUntil(t, "the program runs", func() bool { return ts.Status().PID != 0 })
	ts.mu.Lock()
	p := ts.cur
	ts.mu.Unlock()
	typeText("one\n\x04")
	ts.awaitLine("echo: one")
	ts.awaitLine("left stubborn")
	<-p.exited
	typeText("late\n")
	p.group.kill()
	ts.awaitState(inspect.StateStopped)
	ts.Restart()
	ts.awaitLine("echo: late")
	typeText("\x04")
	ts.awaitLine("left stubborn")
	ts.Kill()
}
