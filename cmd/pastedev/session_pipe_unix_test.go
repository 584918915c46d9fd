//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestUnreadOutput: when nobody reads the output any more, as of `pastedev run | head`, the
// program has its end like at any signal, and is not left behind.
func TestUnreadOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dir := t.TempDir()
	script := `trap 'echo polite >end; exit 0' TERM; echo $$; while :; do echo more; sleep 0.05; done`
	cmd := exec.Command(pastedevBinary(t), "run", "--ui=log", "--addr=127.0.0.1:0", "--", "sh", "-c", script)
	cmd.Dir, cmd.Stdout = dir, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	var pid int
	if line, err := bufio.NewReader(r).ReadString('\n'); err != nil {
		t.Fatal(err)
	} else if _, err := fmt.Sscan(line, &pid); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	r.Close()
	_ = cmd.Wait() // its code is looked at
	if code := cmd.ProcessState.ExitCode(); code != exitPipe {
		t.Errorf("exit code %d, want %d", code, exitPipe)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the program is left behind: %v", err)
	}
	if text, err := os.ReadFile(dir + "/end"); err != nil || string(text) != "polite\n" {
		t.Errorf("the program had no grace: %q, %v", text, err)
	}
}
