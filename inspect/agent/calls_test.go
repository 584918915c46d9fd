package agent

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A planter builds trees as the runtime does.
type planter struct{ *callTree }

func plant(kind NodeKind, key uintptr, from *callNode) planter {
	c := &callChunk{nodes: make([]callNode, 1, 4)}
	t := &callTree{root: &c.nodes[0], oldest: c, newest: c, count: 1}
	*t.root = callNode{kind: uint8(kind), key: key, calls: 1, parent: from}
	if from != nil {
		t.root.depth = from.depth + 1
	}
	return planter{t}
}

func (p planter) add(parent *callNode, kind NodeKind, key uintptr, calls, ticks int64) *callNode {
	c := p.newest
	if len(c.nodes) == cap(c.nodes) {
		p.newest = &callChunk{nodes: make([]callNode, 0, 4)}
		c.next, c = p.newest, p.newest
	}
	c.nodes = append(c.nodes, callNode{parent: parent, kind: uint8(kind), key: key, calls: calls, ticks: ticks, depth: parent.depth + 1})
	n := &c.nodes[len(c.nodes)-1]
	at := &parent.first
	for *at != nil {
		at = &(*at).next
	}
	*at = n
	p.count++
	return n
}

func (p planter) say(key uintptr, name string) {
	p.names = &callName{next: p.names, key: key, name: name}
}

// hostOfCalls lets functions be called by their pcs, without a runtime.
func hostOfCalls(t testing.TB) {
	before := host
	t.Cleanup(func() { host = before })
	told = cache[uintptr]{}
	host.funcAt = func(pc uintptr) (string, string, int) { return "main.f" + Go(int(pc)), "/app/main.go", int(pc) }
	host.waitName = func(uintptr) string { return "chan receive" }
}

// packed packs and reads again, as the other side does.
func packed(t testing.TB, c *calls) *CallTree {
	t.Helper()
	p := packers.Get().(*packer)
	defer p.release()
	tree, ok := ParseCalls(string(c.pack(p)))
	if !ok {
		t.Fatal("what was packed is not understood")
	}
	tell(p.told)
	return tree
}

func TestPackCalls(t *testing.T) {
	hostOfCalls(t)
	p := plant(NodeHandler, 0, nil)
	p.root.ticks, p.lost = 100, 3
	f := p.add(p.root, NodeFunc, 10, 2, 300)
	p.add(f, NodeWait, 1, 5, 500)
	p.add(p.root, NodeSQL, 1<<40, 1, 100)
	p.say(1<<40, "query select 1")
	p.add(f, NodeFunc, 10, 1, -7) // of a clock that went back
	c := calls{tree: p.callTree, took: 2000, tick: 2}
	want := &CallTree{
		Lost:      3,
		Functions: []CallFunction{{PC: 10, Line: 10, Name: "main.f10", File: "/app/main.go"}},
		Refs: []CallRef{
			{Kind: NodeHandler, Name: "handler"}, {Kind: NodeFunc, PC: 10},
			{Kind: NodeWait, Name: "chan receive"}, {Kind: NodeSQL, Name: "query select 1"},
		},
		Nodes: []CallNode{
			{Parent: -1, Ref: 0, Calls: 1, Total: 2000}, {Parent: 0, Ref: 1, Calls: 2, Total: 1600},
			{Parent: 1, Ref: 2, Calls: 5, Total: 1000}, {Parent: 0, Ref: 3, Calls: 1, Total: 200}, {Parent: 1, Ref: 1, Calls: 1},
		},
	}
	if d := cmp.Diff(want, packed(t, &c)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	want.Functions = nil // pastedev knows it by now
	if d := cmp.Diff(want, packed(t, &c)); d != "" {
		t.Errorf("again (-want +got):\n%s", d)
	}
}

func TestTickOf(t *testing.T) {
	ticks.at, ticks.is = time.Time{}, 0
	defer func() { ticks.at, ticks.is = time.Time{}, 0 }()
	begun := time.Now()
	for i, tt := range []struct {
		at, took     time.Duration // from begun on
		begun, until int64         // ticks
		want         float64
	}{
		{0, 4 * time.Microsecond, 1000, 5000, 1},                                      // the first
		{100 * time.Microsecond, 5 * time.Microsecond, 201_500, 209_500, 0.625},       // too soon after it
		{2000 * time.Microsecond, 5 * time.Microsecond, 4_001_500, 4_007_000, 0.5},    // with a microsecond of others
		{3000 * time.Microsecond, 1000 * time.Microsecond, 6_001_000, 8_001_000, 0.5}, // long
		{10 * time.Second, 5 * time.Microsecond, 1500, 9500, 0.625},                   // the ticks began anew
		{11 * time.Second, 10 * time.Millisecond, 1_000_000, 21_000_000, 0.5},         // and are counted anew
		{13 * time.Second, 5 * time.Microsecond, 4_001_000_000, 4_001_008_000, 0.5},   // from then on
		{20 * time.Second, 10 * time.Millisecond, 4_001_010_000, 4_021_010_000, 0.5},  // the machine slept
		{22 * time.Second, 10 * time.Microsecond, 8_001_010_000, 8_001_030_000, 0.5},  // since then
	} {
		tree := &callTree{begun: tt.begun, until: tt.until}
		if got := tickOf(tree, begun.Add(tt.at), tt.took); math.Abs(got-tt.want) > tt.want/100 {
			t.Errorf("%d: a tick is %.4f ns, want %.4f", i, got, tt.want)
		}
	}
}

// Goroutines that were started in one place are one node, in whatever order they end.
func TestGoroutinesAreJoined(t *testing.T) {
	hostOfCalls(t)
	h := plant(NodeHandler, 0, nil)
	f := h.add(h.root, NodeFunc, 10, 1, 100)
	var outer, inner [3]planter
	for i := range outer {
		outer[i] = plant(NodeGoroutine, 20, f)
		outer[i].root.ticks = 10
		at := outer[i].add(outer[i].root, NodeFunc, 21, 1, 20)
		if i == 1 {
			outer[i].add(at, NodeFunc, 22, 1, 5)
		}
		inner[i] = plant(NodeGoroutine, 30, at)
		inner[i].root.ticks = 7
	}
	live := plant(NodeGoroutine, 40, f) // goes on
	deep := live.add(live.root, NodeFunc, 41, 1, 1000)
	of := plant(NodeGoroutine, 50, deep)
	of.root.ticks = 3
	still := plant(NodeGoroutine, 60, of.root) // goes on too
	last := plant(NodeGoroutine, 70, still.root)
	last.root.ticks = 2

	c := calls{tree: h.callTree, took: 100, tick: 1}
	for _, p := range []planter{inner[1], inner[0], outer[0], last, of, outer[2], outer[1], inner[2]} {
		c.take(p.callTree)
	}
	type node struct {
		Parent       int
		PC           uint64
		Calls, Total int64
	}
	var got []node
	tree := packed(t, &c)
	for _, n := range tree.Nodes {
		got = append(got, node{n.Parent, tree.Refs[n.Ref].PC, n.Calls, n.Total})
	}
	want := []node{
		{-1, 0, 1, 100}, {0, 10, 1, 100},
		{1, 20, 3, 95}, {2, 21, 3, 65}, {3, 22, 1, 5}, {3, 30, 3, 21},
		{1, 50, 1, 3}, // what started it is not there yet
		{6, 70, 1, 2}, // nor is that
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	c.take(live.callTree)
	tree = packed(t, &c)
	if n := len(tree.Nodes); n != 10 {
		t.Fatalf("%d nodes, want 10: %+v", n, tree.Nodes)
	}
	if of := tree.Nodes[8]; tree.Refs[of.Ref].PC != 50 || tree.Refs[tree.Nodes[of.Parent].Ref].PC != 41 {
		t.Errorf("the last goroutine is %+v of %+v", of, tree.Nodes)
	}
}

func TestCallsAreBounded(t *testing.T) {
	hostOfCalls(t)
	h := plant(NodeHandler, 0, nil)
	for i := range uintptr(maxNodes - 2) {
		h.add(h.root, NodeSQL, 1<<40+i, 1, 1)
		h.say(1<<40+i, strings.Repeat("x", 2*maxName))
	}
	c := calls{tree: h.callTree, took: 100, tick: 1}
	for i := range uintptr(maxNodes + 10) {
		g := plant(NodeGoroutine, 100+i, h.root)
		g.add(g.root, NodeFunc, 10, 1, 1)
		c.take(g.callTree)
	}
	g := plant(NodeGoroutine, 100, h.root) // it has a place, what is new in it has none
	g.add(g.root, NodeFunc, 11, 1, 1)
	c.take(g.callTree)
	p := packers.Get().(*packer)
	defer p.release()
	data := string(c.pack(p))
	tree, ok := ParseCalls(data)
	if !ok || len(data) > MaxTree || len(tree.Nodes) > maxNodes {
		t.Fatalf("%d bytes, understood: %t", len(data), ok)
	}
	calls := tree.Lost
	for _, n := range tree.Nodes {
		calls += n.Calls
	}
	if want := int64(maxNodes - 1 + 2*(maxNodes+10) + 2); calls != want {
		t.Errorf("%d calls are there or lost, of %d", calls, want)
	}
}

func FuzzParseCalls(f *testing.F) {
	hostOfCalls(f)
	p := plant(NodeHandler, 0, nil)
	p.add(p.root, NodeFunc, 10, 2, 300)
	p.add(p.root, NodeWait, 1, 5, 500)
	c := calls{tree: p.callTree, took: 2000, tick: 2}
	k := packers.Get().(*packer)
	f.Add(string(c.pack(k)))
	f.Add("")
	f.Add("\x00\x00\x01\x01\x01h\x01\x00\x00\x01\x01")
	f.Add("\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Fuzz(func(t *testing.T, data string) {
		tree, ok := ParseCalls(data)
		if !ok {
			if tree != nil {
				t.Error("a tree that is none")
			}
			return
		}
		if tree.Lost < 0 || len(tree.Nodes) == 0 {
			t.Errorf("%+v", tree)
		}
		for i, n := range tree.Nodes {
			if n.Parent >= i || n.Parent < 0 && i > 0 || n.Ref < 0 || n.Ref >= len(tree.Refs) || n.Calls < 0 || n.Total < 0 {
				t.Errorf("node %d is %+v", i, n)
			}
		}
	})
}

// BenchmarkPackCalls packs a tree of 20 nodes, as most requests have.
func BenchmarkPackCalls(b *testing.B) {
	hostOfCalls(b)
	p := plant(NodeHandler, 0, nil)
	at := p.root
	for i := range uintptr(19) {
		n := p.add(at, NodeFunc, 10+i, 2, 300)
		if i%3 > 0 {
			at = n
		}
	}
	c := calls{tree: p.callTree, took: 2000, tick: 2}
	packed(b, &c)
	b.ReportAllocs()
	for b.Loop() {
		k := packers.Get().(*packer)
		c.pack(k)
		k.release()
	}
}
