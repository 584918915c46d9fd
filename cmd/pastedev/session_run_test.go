package main

import (
	"os"
	"strings"
	"testing"
)

// TestSecondInterrupt: the first signal leaves the target its grace, the second one
// does not.
func TestSecondInterrupt(t *testing.T) {
	script := `trap 'echo heard' INT TERM; echo up; while :; do sleep 0.05; done`
	in := start(t, t.TempDir(), "", "run", "--ui=log", "--grace=1h", "--addr=127.0.0.1:0", "--", "sh", "-c", script)
	in.awaitLog("up")
	in.cmd.Process.Signal(os.Interrupt)
	in.awaitLog("heard")
	if got := in.stop(os.Interrupt); got != 128+9 {
		t.Errorf("exit code %d, want that of a killed program", got)
	}
	if log := in.log.String(); strings.Contains(log, "backoff") {
		t.Errorf("an end that was asked for looks like a crash:\n%s", log)
	}
}

// TestGraceOnce: a target that ignores the signal has its grace once.
func TestGraceOnce(t *testing.T) {
	script := `trap '' INT TERM; echo up; while :; do sleep 0.05; done`
	in := start(t, t.TempDir(), "", "run", "--ui=log", "--grace=100ms", "--addr=127.0.0.1:0", "--", "sh", "-c", script)
	in.awaitLog("up")
	if got := in.stop(os.Interrupt); got != 128+9 {
		t.Errorf("exit code %d, want that of a killed program", got)
	}
}
