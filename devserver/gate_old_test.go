package devserver

import (
	"io"
	"net/http"
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

// TestOldDrains waits for the POST at the old process and not for that at the new one,
// and leads nobody to the old one any more.
func TestOldDrains(t *testing.T) {
	arrived, release := make(chan string, 2), map[string]chan struct{}{"old": make(chan struct{}), "new": make(chan struct{})}
	slow := func(name string) string {
		return httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			arrived <- name
			<-release[name]
			io.WriteString(w, name)
		}))
	}
	s := newSite(t, slow("old"), Options{GateOptions: GateOptions{Old: true}})
	second, err := s.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	onlyOld := slow("old")
	if err := s.SetBackend(second.String(), onlyOld); err != nil {
		t.Fatal(err)
	}
	answers := make(chan string, 2)
	post := func() {
		go func() {
			res, err := http.Post("http://"+s.addr, "text/plain", nil)
			if err != nil {
				answers <- err.Error()
				return
			}
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			answers <- string(b)
		}()
		<-arrived
	}
	post()
	s.Reset(2)
	if err := s.SetBackend(s.addr, slow("new")); err != nil {
		t.Fatal(err)
	}
	s.SetState(inspect.StateRunning, &inspect.Build{Number: 2}, "")
	post()
	drained := make(chan error, 1)
	go func() { drained <- s.Drain(t.Context()) }()
	select {
	case <-drained:
		t.Error("drained while the old process was at work")
	case release["old"] <- struct{}{}:
	}
	if err := <-drained; err != nil { // with the new one's POST under way
		t.Error(err)
	}
	if got := <-answers; got != "old" {
		t.Errorf("the first POST got %q", got)
	}
	if b, no := s.gate.decide(s.gate.now.Load(), 2); b != nil || no != nil {
		t.Errorf("where only the old one listened: %v %v, want to wait", b, no)
	}
	close(release["new"])
	if got := <-answers; got != "new" {
		t.Errorf("the second POST got %q", got)
	}
}
