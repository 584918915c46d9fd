//go:build unix

package main

import (
	"os"
	"strings"
	"testing"
)

// TestServeInterrupt hands the signal to all programs, and waits for them; a second one
// ends them.
func TestServeInterrupt(t *testing.T) {
	const (
		polite = `sh -c "trap 'echo $0 drains; exit 5' INT TERM; echo $0 is up; while :; do sleep 0.05; done" `
		deaf   = `sh -c "trap 'echo $0 heard' INT TERM; echo $0 is up; while :; do sleep 0.05; done" `
	)
	serve := func(mounts ...string) *instance {
		return start(t, t.TempDir(), "", append([]string{"serve", "--ui=log", "--grace=1h", "--addr=127.0.0.1:0"}, mounts...)...)
	}
	in := serve("--mount=/a=run:"+polite+"one", "--mount=/b=run:"+polite+"two")
	in.awaitLog("one is up")
	in.awaitLog("two is up")
	if code := in.stop(os.Interrupt); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	for _, text := range []string{"one drains", "two drains"} {
		if !strings.Contains(in.log.String(), text) {
			t.Errorf("it never said %q", text)
		}
	}
	in = serve("--mount=/a=run:"+polite+"one", "--mount=/b=run:"+deaf+"two")
	in.awaitLog("one is up")
	in.awaitLog("two is up")
	_ = in.cmd.Process.Signal(os.Interrupt)
	in.awaitLog("one drains")
	in.awaitLog("two heard")
	if code := in.stop(os.Interrupt); code != exitOK {
		t.Errorf("exit code %d after a second signal", code)
	}
	if log := in.log.String(); strings.Contains(log, "backoff") {
		t.Errorf("an end that was asked for looks like a crash:\n%s", log)
	}
}
