package overlay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect/agent"
)

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
			testSwitch(t, serveProfiled(t, program, nil))
			// The collector has goroutines wait in the middle of an allocation of ours.
			g = serve(t, program, targetConfig{env: []string{agent.EnvCalls + "=1", "GOGC=1"}})
			testBounds(t, g)
			testManyTrees(t, g)
		})
	}
}

// The time for which pastedev holds a panic is not that of the function.
func TestCallTreePause(t *testing.T) {
	for _, version := range toolchains {
		t.Run(version, func(t *testing.T) {
			c := calltreeConfig(t, toolchain(t, version))
			testPause(t, build(t, instrument(t, c), c, "."))
		})
	}
}

func testPause(t *testing.T, program string) {
	const pause = 50 * time.Millisecond
	g := serve(t, program, targetConfig{env: []string{agent.EnvCalls + "=1", agent.EnvSnapshots + "=1"}, answer: func(g *target, m agent.Message) {
		if m.Type == agent.TypePanic && m.Wait == 1 {
			time.Sleep(pause) // what a snapshot takes
			g.reply(agent.Message{Type: agent.TypeGo, ID: m.ID})
		}
	}})
	x := id(300)
	g.ask("/panic", x)
	tree := g.tree(x)
	const looks = "wait pastedev looks at the panic"
	if got := tree.total(looks); got < pause-pause/20 { // the clock is the processor's
		t.Errorf("%v in the pause, want %v or more:\n%s", got, pause, tree.text())
	}
	for i, own := range tree.self() {
		if parent := tree.Nodes[i].Parent; own < 0 || tree.name(i) == looks && tree.name(parent) != "main.second" {
			t.Errorf("%s has %v of its own, in %s:\n%s", tree.name(i), time.Duration(own), tree.name(parent), tree.text())
		}
	}
}

// Trees change hands without a race that the detector could see.
func TestCallTreeRace(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a standard library of its own")
	}
	c := calltreeConfig(t, toolchain(t, "local"))
	c.Flags = []string{"-race"}
	g := serve(t, build(t, instrument(t, c), c, "."), targetConfig{env: []string{agent.EnvCalls + "=1", "GORACE=exitcode=66 halt_on_error=1"}})
	testTrees(t, g)
	testManyTrees(t, g)
	g.stdin.Close()
	if <-g.ended; g.exit != nil {
		t.Error(g.exit)
	}
}

// Without its hooks there is nothing to switch on.
func TestCallTreeLeftOut(t *testing.T) {
	c := calltreeConfig(t, toolchain(t, "local"), "calltree")
	g := serve(t, build(t, instrument(t, c), c, "."), withCalls)
	testNoCalls(t, g)
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
	near := func(got, want time.Duration) bool { return (got - want).Abs() <= want/20 }
	var tree callTree
	for n := 260; ; n++ {
		x := id(n)
		took, err := time.ParseDuration(g.ask("/timed", x).body)
		if err != nil {
			t.Fatal(err)
		}
		tree = g.tree(x)
		long, handler := tree.total("main.long"), time.Duration(tree.Nodes[0].Total)
		really := time.Duration(pick(g.of(x), agent.TypeDone)[0].Duration) * time.Microsecond
		if near(long, took) && near(handler, really) {
			break
		}
		if n == 269 { // before that it may be that the program was interrupted between two clocks
			t.Errorf("in the tree main.long took %v and the handler %v, really %v and %v", long, handler, took, really)
			break
		}
	}
	source, err := os.ReadFile("testdata/calltree/main.go")
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(source), "\nfunc long() {")
	for i := range tree.Nodes {
		f := tree.names[tree.Refs[tree.Nodes[i].Ref].PC]
		if f.Name == "main.long" && (filepath.Base(f.File) != "main.go" || !filepath.IsAbs(f.File) || f.Line != int64(strings.Count(before, "\n")+2)) {
			t.Errorf("main.long is said to be at %s:%d", f.File, f.Line)
		}
	}
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
			if i > 0 {
				depth[i] = depth[n.Parent] + 1
			}
			if tree.Refs[n.Ref].Kind != agent.NodeWait { // on a busy machine any call may come to wait
				calls += n.Calls
				deepest = max(deepest, depth[i])
			}
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

// testSwitch turns the call tree on and off in the middle of requests.
func testSwitch(t *testing.T, g *profiled) {
	testNoCalls(t, g.target)
	hold := func(x string, on int) {
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			if _, err := g.get(clients["http/1"], "/hold", x); err != nil {
				t.Error(err)
			}
		})
		g.ask("/held", "")
		g.do("POST", fmt.Sprint("/calls?on=", on))
		g.ask("/release", "")
	}
	hold(id(10), 1) // it has no tree, and gets none
	hold(id(11), 0)
	g.eventually(id(11), "handler 1\n  main.hold 1\n    main.spin 1\n")
	hold(id(12), 1)
	g.ask("/recursion?n=1", id(13))
	g.eventually(id(13), "handler 1\n  main.recursion 1\n    main.number 1\n    main.fibonacci 1\n")
	if a, b := g.trees(id(10)), g.trees(id(12)); len(a)+len(b) > 0 {
		t.Errorf("requests that began without a tree have %v and %v", a, b)
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
