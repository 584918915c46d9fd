//go:build unix

package reloader

import (
	"bytes"
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

// TestTypeAhead types while no program runs: the next one gets it, as much as a terminal
// keeps, and before anything typed later.
func TestTypeAhead(t *testing.T) {
	user, ours, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close(); ours.Close() }) // after Run, which reads it
	ts := superviseRole(t, "echo", func(o *Options) { o.Stdin = ours })
	typeText := func(s string) {
		if _, err := user.WriteString(s); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() int {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		return len(ts.typeAhead)
	}
	pollUntil(t, "the program runs", func() bool { return ts.Status().PID != 0 })
	typeText("\x04")
	ts.awaitState(inspect.StateStopped)
	typeText("one\ntwo\n")
	pollUntil(t, "it is kept", func() bool { return kept() == len("one\ntwo\n") })
	ts.Restart()
	pollUntil(t, "another program runs", func() bool { return ts.Status().PID != 0 })
	typeText("three\n\x04")
	for _, text := range []string{"one", "two", "three"} {
		ts.awaitLine("echo: " + text)
	}
	ts.awaitState(inspect.StateStopped)

	line := strings.Repeat("x", 99) + "\n"
	for range maxTypeAhead/len(line) + 5 {
		typeText(line)
	}
	pollUntil(t, "no more is kept", func() bool { return kept() == maxTypeAhead })
	ts.Restart()
	pollUntil(t, "a third program runs", func() bool { return ts.Status().PID != 0 })
	typeText(".\n")
	cut := strings.Repeat("x", maxTypeAhead%len(line)) + "."
	if got := ts.awaitLine("x."); got.Text != "echo: "+cut {
		t.Errorf("the last line is %q, want %q", got.Text, "echo: "+cut)
	}
}
