package overlay_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
			g.t.Fatalf("a tree of %d bytes is not understood", len(data))
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

// TestCallTree tries every way of calling on every supported version of Go.
func TestCallTree(t *testing.T) {
	for _, version := range toolchains {
		t.Run(version, func(t *testing.T) {
			c := calltreeConfig(t, toolchain(t, version))
			program := build(t, instrument(t, c), c, ".")
			g := serve(t, program, withCalls)
			testTrees(t, g)
			testTimes(t, g)
			testBounds(t, g)
			testManyTrees(t, g)
			testNoCalls(t, serve(t, program, targetConfig{}))
		})
	}
}

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

func testTrees(t *testing.T, g *target) {
	for i, tt := range calltreeTests {
		x := id(100 + i)
		g.ask(tt.path, x)
		g.eventually(x, strings.ReplaceAll(strings.TrimPrefix(tt.want, "\n"), "SELF", g.url))
	}
	x := id(150)
	g.get(clients["http/1"], "/crash", x)
	g.eventually(x, `handler 1
  main.crash 1
    main.first 1
      main.spin 1
      main.second 1
        main.spin 1
`)
	// It goes on when the response has long been there.
	x = id(151)
	g.ask("/later", x)
	if first := g.tree(x).text(); first != "handler 1\n  main.later 1\n" {
		t.Errorf("/later, at first:\n%s", first)
	}
	g.eventually(x, "handler 1\n  main.later 1\n    go main.after 1\n      main.spin 1\n")
}

// testTimes compares what the tree says with what the program and the exchange say.
func testTimes(t *testing.T, g *target) {
	near := func(what string, got, want time.Duration) {
		t.Helper()
		if diff := (got - want).Abs(); diff > want/20 {
			t.Errorf("%s: %v in the tree, really %v", what, got, want)
		}
	}
	x := id(200)
	took, err := time.ParseDuration(g.ask("/timed", x).body)
	if err != nil {
		t.Fatal(err)
	}
	tree := g.tree(x)
	near("a function", tree.total("main.long"), took)
	done := pick(g.of(x), agent.TypeDone)[0]
	near("the handler", time.Duration(tree.Nodes[0].Total), time.Duration(done.Duration)*time.Microsecond)

	for n := 210; ; n++ {
		x := id(n)
		g.ask("/waits", x)
		g.of(x)
		tree := g.tree(x)
		text := tree.text()
		if !strings.Contains(text, "wait sync.Mutex.Lock 1\n") || !strings.Contains(text, "wait chan receive 1\n") {
			if n < 220 {
				continue // the machine was slow: there was nothing to wait for
			}
			t.Errorf("/waits:\n%s", text)
		}
		slept := time.Duration(0)
		for i, n := range tree.Nodes {
			if tree.name(i) == "wait sleep" && tree.name(n.Parent) == "main.nap" {
				slept += time.Duration(n.Total)
			}
		}
		if nap := tree.total("main.nap"); slept < 15*time.Millisecond || nap < slept {
			t.Errorf("/waits: naps of %v, in which it slept %v", nap, slept)
		}
		break
	}
	for i := range 20 {
		x := id(230 + i)
		g.ask("/busy", x)
		tree := g.tree(x)
		sum := int64(0)
		for i, own := range tree.self() {
			if sum += own; own < 0 {
				t.Errorf("%s takes %d ns itself", tree.name(i), own)
			}
		}
		if sum != tree.Nodes[0].Total {
			t.Errorf("the own times add up to %d, not to %d", sum, tree.Nodes[0].Total)
		}
	}
}

// testBounds calls deeper, wider and more than a tree has room for.
func testBounds(t *testing.T, g *target) {
	count := func(tree callTree) (calls, deepest int64) {
		depth := make([]int64, len(tree.Nodes))
		for i, n := range tree.Nodes {
			if tree.Refs[n.Ref].Kind != agent.NodeWait {
				calls += n.Calls
			}
			if i > 0 {
				depth[i] = depth[n.Parent] + 1
			}
			deepest = max(deepest, depth[i])
		}
		return calls + tree.Lost, deepest
	}
	for i, tt := range []struct {
		path           string
		calls, deepest int64
		nodes          int
	}{
		{"/deep?n=1000", 3 + 1001 + 333 + 1334, 200, 0},
		{"/wide?n=1000", 3 + 2*1000, 3, 0},
		{"/big?n=30", 3 + 30*31/2 + 2*400*30*31/2, 0, 4096},
	} {
		x := id(300 + i)
		g.ask(tt.path, x)
		tree := g.tree(x)
		calls, deepest := count(tree)
		if calls != tt.calls || tt.deepest != 0 && deepest != tt.deepest || tt.nodes != 0 && len(tree.Nodes) != tt.nodes || tree.Lost == 0 {
			t.Errorf("%s: %d calls (%d lost), want %d; %d deep, want %d; %d nodes, want %d", tt.path, calls, tree.Lost, tt.calls, deepest, tt.deepest, len(tree.Nodes), tt.nodes)
		}
	}
}

// testManyTrees has many requests at a time, each with goroutines that call on.
func testManyTrees(t *testing.T, g *target) {
	const requests = 50
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			if _, err := g.get(clients["http/1"], fmt.Sprintf("/goroutines?n=%d", 10+i), id(400+i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range requests {
		g.eventually(id(400+i), strings.ReplaceAll(goroutinesTree, "10\n", fmt.Sprint(10+i, "\n")))
	}
}

// Nothing is recorded until it is wanted.
func testNoCalls(t *testing.T, g *target) {
	g.ask("/leaves", id(1))
	g.of(id(1))
	if trees := g.trees(id(1)); len(trees) > 0 {
		t.Errorf("%d trees", len(trees))
	}
}

const goroutinesTree = `handler 1
  main.goroutines 1
    main.number 1
    go main.step 10
      main.spin 10
      main.nested 10
        go main.nested.func1 10
          main.spin 10
    go sync.(*WaitGroup).Go.func1 1
      main.goroutines.func1 1
        main.spin 1
        main.nested 1
          go main.nested.func1 1
            main.spin 1
`

var calltreeTests = []struct{ path, want string }{
	{"/recursion?n=4", `
handler 1
  main.recursion 1
    main.number 1
    main.fibonacci 1
      main.fibonacci 2
        main.fibonacci 4
          main.fibonacci 2
`},
	{"/panic", `
handler 1
  main.panics 1
    main.panics.func1 1
      main.first 1
        main.spin 1
        main.second 1
          main.spin 1
      main.panics.func1.1 1
    main.spin 1
    main.third 1
      main.spin 1
`},
	{"/goroutines?n=10", goroutinesTree},
	{"/generations?n=3", `
handler 1
  main.generations 1
    main.number 1
    main.generation 1
      go main.generation.func1 1
        main.generation 1
          go main.generation.func1 1
            main.generation 1
              go main.generation.func1 1
                main.generation 1
`},
	{"/goexit", `
handler 1
  main.goexit 1
    go main.leave 1
      main.leave.func1 1
        main.spin 1
`},
	{"/worker", `
handler 1
  main.worker 1
    go main.worker.func1 1
      main.spin 1
`},
	{"/waits", `
handler 1
  main.waits 1
    main.locked 1
      main.spin 1
    main.nap 3
      main.spin 3
    go main.waits.func1 1
`},
	{"/leaves", `
handler 1
  main.leaves 1
    main.statements 1
      main.spin 1
      main.query 2
        sql query select 1 2
      sql begin 1
      sql exec update t 1
        main.fakeStmt.Exec 1
      sql commit 1
    template text 1
      main.total 1
        main.spin 1
    template part 1
      main.total 1
        main.spin 1
    template page 1
      main.total 1
        main.spin 1
    template item 1
      main.total 1
        main.spin 1
    main.encode 1
      main.spin 1
      json json.Marshal 1
        main.price.MarshalJSON 3
          main.spin 3
          json json.Marshal 3
      json json.Unmarshal 1
      json json.Encoder.Encode 1
        main.price.MarshalJSON 1
          main.spin 1
          json json.Marshal 1
    http GET SELF/recursion 1
    http GET http://127.0.0.1:1/refused 1
`},
}
