package devserver

import (
	"testing"

	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
)

// TestOldForgetsCrashed holds requests after a crash, rather than sending them to the
// address of the program that is gone.
func TestOldForgetsCrashed(t *testing.T) {
	b, err := proxy.NewBackend("127.0.0.1:1", 1)
	if err != nil {
		t.Fatal(err)
	}
	g := NewGate(GateOptions{Old: true})
	g.setBackend(1, b)
	g.Set(inspect.StateBuilding, nil, "")
	if got, no := g.decide(g.now.Load(), 1); got != b || no != nil {
		t.Fatalf("while building: %v %v, want the old backend", got, no)
	}
	g.Set(inspect.StateBackoff, nil, "exit status 1")
	g.Set(inspect.StateStarting, nil, "")
	if got, no := g.decide(g.now.Load(), 1); got != nil || no != nil {
		t.Errorf("starting after a crash: %v %v, want to wait", got, no)
	}
}
