//go:build linux || darwin || freebsd

package agent

import (
	"testing"
	"unsafe"
)

// What goroutines do after the handler is sent too, for a while.
func TestLateCalls(t *testing.T) {
	hostOfCalls(t)
	conn := connect(t)
	var here, tree unsafe.Pointer
	host.exchange = func() unsafe.Pointer { return here }
	host.setExchange = func(p unsafe.Pointer) {
		if p != nil { // what sends clears that of a goroutine of its own
			here = p
		}
	}
	host.beginCalls = func(record bool) (_, _ unsafe.Pointer) {
		if !record {
			return nil, nil
		}
		p := plant(NodeHandler, 0, nil)
		tree = unsafe.Pointer(p.callTree)
		return tree, nil
	}
	host.endCalls = func(_, _ unsafe.Pointer) {}
	t.Cleanup(func() { SetCalls(false) })
	id := "0123456789abcdef0123456789abcdef"

	x := Begin(id)
	x.Returned()
	x.End(200) // without a tree nothing is said

	SetCalls(true)
	x = Begin(id)
	root := (*callTree)(tree).root
	handOver(unsafe.Pointer(plant(NodeGoroutine, 10, root).callTree))
	x.Returned()
	x.End(200)
	here = unsafe.Pointer(x) // as on a goroutine that the handler has started
	nodes := func(m Message) int {
		t.Helper()
		tree, ok := ParseCalls(m.Data)
		if m.Type != TypeCalls || m.Exchange != id || m.Seq != 0 || m.Count != 1 || !ok {
			t.Fatalf("%+v", m)
		}
		return len(tree.Nodes)
	}
	if n := nodes(next(t, conn)); n != 2 {
		t.Errorf("%d nodes, want 2", n)
	}
	if m := next(t, conn); m.Type != TypeDone || m.Exchange != id {
		t.Errorf("after the tree comes %+v", m)
	}
	for i := range maxLate {
		handOver(unsafe.Pointer(plant(NodeGoroutine, 20+uintptr(i), root).callTree))
		handOver(unsafe.Pointer(plant(NodeGoroutine, 20+uintptr(i), root).callTree))
		if n := nodes(next(t, conn)); n != 3+i {
			t.Errorf("%d nodes, want %d", n, 3+i)
		}
	}
	handOver(unsafe.Pointer(plant(NodeGoroutine, 99, root).callTree))
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.listed || x.calls.parts != nil {
		t.Errorf("it goes on: listed %t, %d parts", x.listed, len(x.calls.parts))
	}
}
