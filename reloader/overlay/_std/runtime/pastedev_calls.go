package runtime

import (
	"internal/abi"
	"internal/runtime/atomic"
	"internal/runtime/sys"
	"unsafe"
)

// This file joins package runtime in a build made by pastedev. The functions of the
// program's own modules begin there with
//
//	if runtime.PastedevCalls() { defer runtime.PastedevLeave(runtime.PastedevEnter()) }
//
// A goroutine has one current node of its tree, whose time runs. Each node keeps the
// time that it was the current one, so all of them add up, whatever happens: a call
// makes another node the current one, and its end names the one that was before.
// Nobody but its goroutine touches a tree until it is handed over.

const (
	pastedevMaxNodes = 4096 // of a tree: 256 kB
	pastedevMaxDepth = 200  // of a path: more nobody reads, and a recursion ends there
	// pastedevMaxWidth bounds the children of a node. It is also how far is looked for
	// one that is not there, at each call.
	pastedevMaxWidth = 500
	pastedevMaxName  = 300 // bytes of what a leaf is called

	pastedevFirstChunk = 16 // nodes: what most handlers need
	pastedevLastChunk  = 256
	// pastedevReserve is how many nodes gopark finds, which must not allocate: it may
	// be the garbage collector's own affairs that wait.
	pastedevReserve = 4
	// pastedevNear is how many children are looked at before the index.
	pastedevNear  = 8
	pastedevIndex = 128
)

// What a node stands for. The agent knows these numbers.
const (
	pastedevFunc uint8 = iota
	pastedevHandler
	pastedevGoroutine
	pastedevSQL
	pastedevHTTP
	pastedevTemplate
	pastedevJSON
	pastedevWait
)

// pastedevNode is the calls on one path. The agent reads it in this form; parent, key,
// depth and kind stay as they are made.
type pastedevNode struct {
	parent *pastedevNode // of a goroutine's root: the node that started it, in another tree
	first  *pastedevNode // child
	last   *pastedevNode // child that was entered last
	next   *pastedevNode // child of the same parent
	key    uintptr       // a pc in the function, a waitReason, or the hash of a leaf's name
	calls  int64
	ticks  int64  // that it was the current one
	index  int32  // the agent's
	width  uint16 // children
	depth  uint8
	kind   uint8
}

// pastedevChunk is nodes in the order of their making: len of them are used.
type pastedevChunk struct {
	next  *pastedevChunk
	nodes []pastedevNode
}

// pastedevName is what a leaf is called.
type pastedevName struct {
	next *pastedevName
	key  uintptr
	name string
}

// pastedevTree is what a goroutine has called. The agent reads it in this form.
type pastedevTree struct {
	root  *pastedevNode
	begun int64 // ticks
	until int64 // ticks: time until then is in the nodes
	lost  int64 // calls that there was no node for
	oldest,
	newest *pastedevChunk
	names *pastedevName
	count int64 // nodes

	current *pastedevNode
	index   *[pastedevIndex]*pastedevNode // of nodes with many siblings
	outside pastedevNode                  // the current one of a goroutine that is in no call
}

var pastedevCallsOn atomic.Uint32

// pastedevHandOver takes the tree of a goroutine whose outermost call has ended. The
// agent sets it before the program has a second goroutine.
//
//go:linkname pastedevHandOver
var pastedevHandOver func(tree unsafe.Pointer)

// PastedevCalls reports whether calls are recorded.
func PastedevCalls() bool { return pastedevCallsOn.Load() != 0 }

//go:linkname pastedevSetCalls
func pastedevSetCalls(on bool) {
	if on {
		pastedevCallsOn.Store(1)
	} else {
		pastedevCallsOn.Store(0)
	}
}

// PastedevEnter notes that the function it is called from begins. The result is for
// PastedevLeave; it is nil on a goroutine that belongs to no request.
//
//go:noinline
func PastedevEnter() unsafe.Pointer {
	gp := getg()
	t := gp.pastedev.tree
	if t == nil {
		if gp.pastedev.from == nil {
			return nil
		}
		return pastedevStarted(gp, sys.GetCallerPC())
	}
	pc := sys.GetCallerPC()
	before := t.current
	n := before.last
	if n == nil || n.key != pc {
		n = t.child(before, pc, pastedevFunc)
	}
	n.calls++
	t.switchTo(n)
	return unsafe.Pointer(before)
}

// PastedevLeave ends the call that PastedevEnter began, and those within it that have
// not ended.
//
//go:noinline
func PastedevLeave(before unsafe.Pointer) {
	if before == nil {
		return
	}
	gp := getg()
	t := gp.pastedev.tree
	if t == nil {
		return
	}
	t.switchTo((*pastedevNode)(before))
	if before == unsafe.Pointer(&t.outside) {
		gp.pastedev.tree = nil
		if pastedevHandOver != nil {
			pastedevHandOver(unsafe.Pointer(t))
		}
	}
}

func (t *pastedevTree) switchTo(n *pastedevNode) {
	now := pastedevTicks()
	t.current.ticks += now - t.until
	t.until = now
	t.current = n
}

// child finds or makes a child. Without room it is the parent itself, which then counts
// the call only when it is one of the same function.
func (t *pastedevTree) child(parent *pastedevNode, key uintptr, kind uint8) *pastedevNode {
	if t.index == nil && parent.width > pastedevNear {
		t.index = new([pastedevIndex]*pastedevNode)
	}
	if n := t.find(parent, key); n != nil {
		parent.last = n
		return n
	}
	if parent.depth >= pastedevMaxDepth || parent.width >= pastedevMaxWidth || t.count >= pastedevMaxNodes {
		if parent.key != key {
			t.lost++
			parent.calls-- // the caller counts it
		}
		return parent
	}
	t.spare()
	return t.add(parent, key, kind)
}

// spare makes sure that there is room for a node, and more for gopark.
func (t *pastedevTree) spare() {
	if c := t.newest; cap(c.nodes)-len(c.nodes) <= pastedevReserve {
		t.grow()
	}
}

// find looks among the children. What comes after the last one called comes first:
// calls repeat in their order. It does not allocate.
func (t *pastedevTree) find(parent *pastedevNode, key uintptr) *pastedevNode {
	n := parent.last
	if n == nil {
		n = parent.first
	}
	for range pastedevNear {
		if n == nil {
			n = parent.first
		}
		if n == nil || n.key == key {
			return n
		}
		n = n.next
	}
	slot := (uintptr(unsafe.Pointer(parent))>>6 ^ key>>2) % pastedevIndex
	if t.index != nil {
		if n := t.index[slot]; n != nil && n.parent == parent && n.key == key {
			return n
		}
	}
	for n = parent.first; n != nil; n = n.next {
		if n.key == key {
			if t.index != nil {
				t.index[slot] = n
			}
			return n
		}
	}
	return nil
}

// grow gets more nodes. gopark may use the old ones meanwhile.
func (t *pastedevTree) grow() {
	c := new(pastedevChunk)
	c.nodes = make([]pastedevNode, 0, min(2*cap(t.newest.nodes), pastedevLastChunk))
	t.newest.next = c
	t.newest = c
}

// add makes a child of a key that has none. There must be room. It does not allocate.
func (t *pastedevTree) add(parent *pastedevNode, key uintptr, kind uint8) *pastedevNode {
	c := t.newest
	c.nodes = c.nodes[:len(c.nodes)+1]
	n := &c.nodes[len(c.nodes)-1]
	n.parent, n.key, n.kind, n.depth = parent, key, kind, parent.depth+1
	at := &parent.first
	for *at != nil {
		at = &(*at).next
	}
	*at, parent.last = n, n
	parent.width++
	t.count++
	return n
}

// pastedevNewTree makes a tree with a root.
func pastedevNewTree(kind uint8, key uintptr, parent *pastedevNode) *pastedevTree {
	t, c := new(pastedevTree), new(pastedevChunk)
	c.nodes = make([]pastedevNode, 1, pastedevFirstChunk)
	t.oldest, t.newest, t.count = c, c, 1
	t.root = &c.nodes[0]
	t.root.kind, t.root.key, t.root.calls, t.root.parent = kind, key, 1, parent
	if parent != nil {
		t.root.depth = parent.depth + 1
	}
	t.begun = pastedevTicks()
	t.until = t.begun
	return t
}

// pastedevStarted begins the tree of a goroutine with its first call. Its root is that
// call when the goroutine was started with it.
func pastedevStarted(gp *g, pc uintptr) unsafe.Pointer {
	start := findfunc(gp.startpc)
	is := pc != 0 && (start.funcID == abi.FuncIDWrapper || findfunc(pc).entry() == gp.startpc)
	key := gp.startpc
	if is {
		key = pc
	}
	t := pastedevNewTree(pastedevGoroutine, key, gp.pastedev.from)
	t.current = t.root
	if pc != 0 && !is {
		t.current = t.child(t.root, pc, pastedevFunc)
		t.current.calls++
	}
	gp.pastedev.tree = t
	return unsafe.Pointer(&t.outside)
}

// pastedevCurrent is what goroutines that gp starts belong under. A chain of goroutines
// ends at the greatest depth: each keeps those before it.
func pastedevCurrent(gp *g) *pastedevNode {
	n := gp.pastedev.from
	if t := gp.pastedev.tree; t != nil {
		n = t.current
	}
	if n == nil || n.depth >= pastedevMaxDepth {
		return nil
	}
	return n
}

// pastedevParked adds the time that a goroutine was parked. It must not allocate.
func pastedevParked(gp *g, since int64, reason waitReason) {
	t := gp.pastedev.tree
	now := pastedevTicks()
	parent := t.current
	parent.ticks += since - t.until
	t.until = now
	n := t.find(parent, uintptr(reason))
	if c := t.newest; n == nil && len(c.nodes) < cap(c.nodes) && t.count < pastedevMaxNodes && parent.width < pastedevMaxWidth && parent != &t.outside {
		n = t.add(parent, uintptr(reason), pastedevWait)
	}
	if n == nil {
		parent.ticks += now - since
		return
	}
	n.calls++
	n.ticks += now - since
}

// pastedevBeginCalls gives this goroutine a tree, or none when record is false, and
// returns it and what was before.
//
//go:linkname pastedevBeginCalls
func pastedevBeginCalls(record bool) (tree, before unsafe.Pointer) {
	gp := getg()
	before = unsafe.Pointer(gp.pastedev.tree)
	gp.pastedev.tree, gp.pastedev.from = nil, nil // what starts from now on belongs elsewhere
	if !record {
		return nil, before
	}
	t := pastedevNewTree(pastedevHandler, 0, nil)
	t.current = t.root
	gp.pastedev.tree = t
	return unsafe.Pointer(t), before
}

// pastedevEndCalls brings the tree up to date, if there is one, and gives the goroutine
// back what was before.
//
//go:linkname pastedevEndCalls
func pastedevEndCalls(tree, before unsafe.Pointer) {
	if t := (*pastedevTree)(tree); t != nil {
		t.switchTo(t.root)
	}
	getg().pastedev.tree = (*pastedevTree)(before)
}

// pastedevEnterLeaf is PastedevEnter for something other than a function. The same
// within itself is one, as is JSON within JSON.
//
//go:linkname pastedevEnterLeaf
func pastedevEnterLeaf(kind uint8, op, name string) unsafe.Pointer {
	gp := getg()
	if gp.pastedev.tree == nil && gp.pastedev.from == nil {
		return nil
	}
	const mark = ^(^uintptr(0) >> 1) // in no pc and no waitReason
	key := memhash(unsafe.Pointer(unsafe.StringData(op)), uintptr(kind), uintptr(len(op)))
	key = memhash(unsafe.Pointer(unsafe.StringData(name)), key, uintptr(len(name))) | mark
	var before unsafe.Pointer
	if gp.pastedev.tree == nil {
		before = pastedevStarted(gp, 0)
	}
	t := gp.pastedev.tree
	parent := t.current
	if before == nil {
		before = unsafe.Pointer(parent)
	}
	if parent.key == key || kind == pastedevJSON && parent.kind == kind {
		return before
	}
	n := t.find(parent, key)
	if n == nil {
		name = name[:min(len(name), pastedevMaxName)]
		switch {
		case name == "":
			name = op
		case op != "":
			name = op + " " + name
		}
		said := &pastedevName{key: key, name: name}
		if n = t.child(parent, key, kind); n != parent {
			said.next, t.names = t.names, said
		}
	}
	n.calls++
	t.switchTo(n)
	return before
}
