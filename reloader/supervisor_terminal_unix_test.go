//go:build unix

package reloader

import (
	"bytes"
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
