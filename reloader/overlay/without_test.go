package overlay_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// A program that pastedev does not listen to allocates what it did.
func TestSilentHooksAllocateNothing(t *testing.T) {
	c := serverConfig(t, "local", nil)
	var said [2]string
	for i, r := range []*overlay.Result{{Go: "go"}, instrument(t, c)} {
		out, err := exec.CommandContext(t.Context(), build(t, r, c, "."), "allocations").Output()
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(string(out)) {
			if first, _, _ := strings.Cut(line, " "); len(first) < 3 && first != "x\n" {
				lines = append(lines, line)
			}
		}
		slices.Sort(lines)
		said[i] = strings.Join(lines, "")
	}
	if d := cmp.Diff(said[0], said[1]); d != "" || strings.Count(said[0], "\n") != 6 {
		t.Errorf("allocations (-plain +instrumented):\n%s\n%s", d, said[0])
	}
}

// Each hook can be left out, and the others work.
func TestWithout(t *testing.T) {
	if d := cmp.Diff([]string{"handler", "prints", "logs", "sql", "calls", "panics", "profile", "calltree"}, overlay.Names()); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
	if _, err := overlay.Make(t.Context(), overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Without: []string{"sgl"}}); err == nil || !strings.Contains(err.Error(), `no hook is called "sgl"; there are handler, prints,`) {
		t.Errorf("a wrong name: %v", err)
	}
	c := serverConfig(t, "local", []string{"logs", "sql", "panics"})
	g := serve(t, build(t, instrument(t, c), c, "."), targetConfig{})
	g.ask("/logs", id(1))
	for _, m := range pick(g.of(id(1)), agent.TypeOutput) {
		if m.Level != "" || m.Stream == "log" {
			t.Errorf("without logs: %+v", m)
		}
	}
	g.ask("/sql", id(2))
	g.get(clients["http/1"], "/panic", id(3))
	g.ask("/calls", id(4))
	g.of(id(4))
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.messages {
		if m.Type == agent.TypePanic || m.Exchange == id(2) {
			t.Errorf("without sql and panics: %+v", m)
		}
	}
}

// A program built with the race detector has no race of ours.
func TestRaceDetector(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a standard library of its own")
	}
	c := serverConfig(t, "local", nil)
	c.Flags = []string{"-race"}
	g := serve(t, build(t, instrument(t, c), c, "."), targetConfig{env: []string{"GORACE=exitcode=66 halt_on_error=1"}})
	testMessages(t, g)
	testPanics(t, g)
	testAttribution(t, g)
	g.stdin.Close()
	if <-g.ended; g.exit != nil {
		t.Error(g.exit)
	}
}

// Without the path of the library, panics that it catches itself are still known, and
// frames lead to the program.
func TestTrimmed(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a standard library of its own")
	}
	c := serverConfig(t, "local", nil)
	c.Flags = []string{"-trimpath"}
	g := serve(t, build(t, instrument(t, c), c, "."), targetConfig{})
	g.ask("/internal", id(1))
	g.ask("/sql", id(2))
	g.get(clients["http/1"], "/panic?kind=nil", id(3))
	panicked := pick(append(g.of(id(2)), g.of(id(3))...), agent.TypePanic)
	if len(panicked) == 0 { // the client may have asked twice
		t.Fatalf("panics:\n%s", show(panicked))
	}
	for _, frames := range [][]string{panicked[0].Frames, pick(g.of(id(2)), agent.TypeSpan)[0].Frames} {
		if f, ok := agent.ParseFrame(frames[0]); !ok || f.File != "example.com/server/main.go" {
			t.Errorf("the innermost frame is %+v", f)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.messages {
		if m.Exchange == id(1) {
			t.Errorf("of panics that the library catches: %+v", m)
		}
	}
}
