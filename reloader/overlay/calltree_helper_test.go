package overlay_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// A callTree is what came of an exchange.
type callTree struct {
	*agent.CallTree
	names map[uint64]agent.CallFunction
}

// trees returns the call trees that came of an exchange so far.
func (g *target) trees(x string) []callTree {
	g.mu.Lock()
	defer g.mu.Unlock()
	names := make(map[uint64]agent.CallFunction)
	var trees []callTree
	data := ""
	for _, m := range g.messages {
		if m.Type != agent.TypeCalls {
			continue
		}
		if m.Seq == 0 {
			data = ""
		}
		if data += m.Data; m.Seq+1 < m.Count {
			continue
		}
		t, ok := agent.ParseCalls(data)
		if !ok {
			g.t.Fatalf("not understood: %q", data)
		}
		for _, f := range t.Functions {
			names[f.PC] = f
		}
		if m.Exchange == x {
			trees = append(trees, callTree{t, names})
		}
	}
	return trees
}

// tree returns the one that came before the done of an exchange.
func (g *target) tree(x string) callTree {
	g.t.Helper()
	all := g.of(x)
	if trees := g.trees(x); len(trees) > 0 {
		return trees[0]
	}
	g.t.Fatalf("no tree in\n%s", show(all))
	return callTree{}
}

// name is what node i stands for.
func (t callTree) name(i int) string {
	ref := t.Refs[t.Nodes[i].Ref]
	switch ref.Kind {
	case agent.NodeFunc:
		return t.names[ref.PC].Name
	case agent.NodeGoroutine:
		return "go " + t.names[ref.PC].Name
	}
	return [...]string{agent.NodeHandler: "", agent.NodeSQL: "sql ", agent.NodeHTTP: "http ", agent.NodeTemplate: "template ",
		agent.NodeJSON: "json ", agent.NodeWait: "wait "}[ref.Kind] + ref.Name
}

// text is the tree without its times, a line a node: children in their order, and then
// goroutines, which end in any.
func (t callTree) text() string {
	var b strings.Builder
	var write func(i int, indent string)
	write = func(i int, indent string) {
		fmt.Fprintf(&b, "%s%s %d\n", indent, t.name(i), t.Nodes[i].Calls)
		var calls, goroutines []int
		for child := i + 1; child < len(t.Nodes); child++ {
			switch n := t.Nodes[child]; {
			case n.Parent != i:
			case t.Refs[n.Ref].Kind == agent.NodeGoroutine:
				goroutines = append(goroutines, child)
			default:
				calls = append(calls, child)
			}
		}
		slices.SortFunc(goroutines, func(a, b int) int { return cmp.Compare(t.name(a), t.name(b)) })
		for _, child := range append(calls, goroutines...) {
			write(child, indent+"  ")
		}
	}
	write(0, "")
	return b.String()
}

// total is the time of all nodes of that name, those within another one left out.
func (t callTree) total(name string) (sum time.Duration) {
	for i, n := range t.Nodes {
		if t.name(i) == name && (n.Parent < 0 || t.name(n.Parent) != name) {
			sum += time.Duration(n.Total)
		}
	}
	return sum
}

// self is the times of the nodes without their children's.
func (t callTree) self() []int64 {
	own := make([]int64, len(t.Nodes))
	for i, n := range t.Nodes {
		own[i] += n.Total
		if n.Parent >= 0 && t.Refs[n.Ref].Kind != agent.NodeGoroutine {
			own[n.Parent] -= n.Total
		}
	}
	return own
}

// calltreeConfig is that of a module with the server of testdata.
func calltreeConfig(t testing.TB, env []string, without ...string) overlay.Config {
	t.Helper()
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: env, Without: without}
	for to, from := range map[string]string{"main.go": "calltree/main.go", "driver.go": "server/driver.go"} {
		text, err := os.ReadFile(filepath.Join("testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.Dir, to), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "go.mod"), []byte("module example.com/server\n\ngo 1.25\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return c
}

var withCalls = targetConfig{env: []string{agent.EnvCalls + "=1"}}

// eventually waits for a tree of the exchange that looks so. What goroutines do comes
// later than done when they were not through.
func (g *target) eventually(x, want string) {
	g.t.Helper()
	g.of(x)
	late := time.After(deadline)
	for {
		g.mu.Lock()
		changed := g.changed
		g.mu.Unlock()
		got := ""
		if trees := g.trees(x); len(trees) > 0 {
			got = steady(trees[len(trees)-1].text())
		}
		if got == want {
			return
		}
		select {
		case <-changed:
		case <-late:
			g.t.Fatalf("(-want +got):\n%s", gocmp.Diff(want, got))
		}
	}
}

// steady leaves the waits out: a goroutine that is late finds what it wants.
func steady(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimLeft(line, " "), "wait ") {
			b.WriteString(line)
		}
	}
	return b.String()
}
