package reloader

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// playDaemonMiddle forks a grandchild away and ends, as daemons do.
func playDaemonMiddle() int {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), helperVariable+"=stubborn")
	child.Stdout = os.Stdout
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("grandchild", child.Process.Pid)
	return 0
}

// pidIn returns the process id at the end of a line of output.
func pidIn(t *testing.T, text string) int {
	t.Helper()
	var word string
	var pid int
	if _, err := fmt.Sscanf(text, "%s %d", &word, &pid); err != nil {
		t.Fatalf("no pid in %q: %v", text, err)
	}
	return pid
}

func pidLives(pid int) bool {
	if unix.Kill(pid, 0) != nil {
		return false
	}
	st, ok := readStat(pid)
	return !ok || st.living()
}

func TestGrandchildInOwnSessionIsEnded(t *testing.T) {
	ts := superviseRole(t, "daemon", func(o *Options) { o.Grace = 200 * time.Millisecond })
	pid := pidIn(t, ts.awaitLine("grandchild").Text)
	ts.awaitLine("ready") // it ignores SIGTERM from here on
	ts.awaitState("running")
	if !pidLives(pid) {
		t.Fatal("the grandchild ended early: nothing is tested")
	}
	ts.end()
	if pidLives(pid) {
		unix.Kill(pid, unix.SIGKILL)
		t.Errorf("grandchild %d outlived the target", pid)
	}
}
