package agent

import "sync"

// This file packs trees for the wire and reads them. A tree is so many bytes of
//
//	the number of lost calls
//	the number of functions that pastedev does not know yet, and of each: its pc, the
//	line it begins in, name and file
//	the number of things that nodes stand for, and of each: its kind, and for NodeFunc
//	and NodeGoroutine the pc of a function, for the others a name
//	the number of nodes, and of each: how many places before it its parent is, 0 for
//	the first; what it stands for, from 0 on; calls; nanoseconds
//
// in which numbers are varints, and texts are as everywhere in a frame. It comes in
// messages of type calls, in their order, with nothing between.

const (
	// maxPiece is what of a tree goes in one frame, whose other fields are short.
	maxPiece = MaxFrame - 1<<10
	// MaxTree bounds a packed tree. Its names can be long; what does not fit is lost.
	MaxTree = 512 << 10
	// nodeSize is the most that a node takes: four varints.
	nodeSize = 2*3 + 2*10
)

// A CallTree is what a message of calls packs.
type CallTree struct {
	Lost      int64
	Functions []CallFunction // told for the first time
	Refs      []CallRef
	Nodes     []CallNode
}

// A CallFunction is a function of the program. It is told once and known by its PC.
type CallFunction struct {
	PC   uint64
	Line int64 // it begins in
	Name string
	File string
}

// A CallRef is what nodes stand for: the function at PC for NodeFunc and NodeGoroutine,
// else what Name says.
type CallRef struct {
	Kind NodeKind
	PC   uint64
	Name string
}

// A CallNode is the calls on one path.
type CallNode struct {
	Parent int // before this one; -1 for the first
	Ref    int
	Calls  int64
	Total  int64 // nanoseconds
}

// told are functions that pastedev knows. It may forget some, which are told again.
var told cache[uintptr]

func isTold(pc uintptr) bool {
	hash := hashPC(pc)
	for way := range cacheWays {
		if p := told.slot(hash, way).Load(); p != nil && *p == pc {
			return true
		}
	}
	return false
}

// tell notes what was sent.
func tell(pcs []uintptr) {
	for _, pc := range pcs {
		if !isTold(pc) {
			told.add(hashPC(pc), &pc)
		}
	}
}

// A packer is the memory that packing needs.
type packer struct {
	all       []*callNode
	sums      []int64 // ticks, and then nanoseconds
	parents   []int32
	refs      map[refKey]int
	functions []byte
	things    []byte
	nodes     []byte
	out       []byte
	names     map[uintptr]string
	told      []uintptr
}

type refKey struct {
	kind uint8
	key  uintptr
}

var packers = sync.Pool{New: func() any { return &packer{refs: make(map[refKey]int)} }}

// pack returns the packed tree, which is good until p is given back. p.told are the
// functions that it tells of.
func (c *calls) pack(p *packer) []byte {
	p.all = c.order(p.all[:0])
	for len(p.sums) < len(p.all) {
		p.sums, p.parents = append(p.sums, 0), append(p.parents, 0)
	}
	for i, n := range p.all {
		p.parents[i] = n.above(p.all[:i])
	}
	totals(p.all, p.sums, p.parents)
	for i := range p.all {
		p.sums[i] = int64(float64(p.sums[i]) * c.tick)
	}
	p.sums[0] = max(p.sums[0], c.took)
	lost := c.lost + c.tree.lost
	for _, t := range c.parts {
		lost += t.lost
	}
	p.collectNames(c)
	n := 0
	for ; n < min(len(p.all), maxNodes); n++ {
		if !p.add(n) {
			break
		}
	}
	for _, node := range p.all[n:] {
		lost += node.calls
	}
	b := appendCount(p.out[:0], uint64(max(0, lost)))
	b = append(appendCount(b, uint64(len(p.told))), p.functions...)
	b = append(appendCount(b, uint64(len(p.refs))), p.things...)
	b = append(appendCount(b, uint64(n)), p.nodes...)
	p.out = b
	return b
}

// collectNames makes a map of the names of leaves.
func (p *packer) collectNames(c *calls) {
	collect := func(t *callTree) {
		for n := t.names; n != nil; n = n.next {
			if p.names == nil {
				p.names = make(map[uintptr]string)
			}
			p.names[n.key] = n.name
		}
	}
	collect(c.tree)
	for _, t := range c.parts {
		collect(t)
	}
}

// add packs a node. It is false when the tree is full.
func (p *packer) add(i int) bool {
	n := p.all[i]
	key := refKey{n.kind, n.key}
	ref, known := p.refs[key]
	if !known {
		if len(p.functions)+len(p.things)+4*maxName > MaxTree-nodeSize*maxNodes {
			return false
		}
		ref = len(p.refs)
		p.refs[key] = ref
		p.thing(n)
	}
	up := 0
	if i > 0 {
		up = i - int(p.parents[i])
	}
	b := appendCount(p.nodes, uint64(up))
	b = appendCount(b, uint64(ref))
	b = appendCount(b, uint64(max(0, n.calls)))
	p.nodes = appendCount(b, uint64(p.sums[i]))
	return true
}

// thing packs what a node stands for.
func (p *packer) thing(n *callNode) {
	p.things = append(p.things, n.kind)
	switch NodeKind(n.kind) {
	case NodeFunc, NodeGoroutine:
		p.things = appendCount(p.things, uint64(n.key))
		if isTold(n.key) {
			return
		}
		for _, pc := range p.told { // as a goroutine and as a function
			if pc == n.key {
				return
			}
		}
		p.told = append(p.told, n.key)
		name, file, line := host.funcAt(n.key)
		b := appendCount(p.functions, uint64(n.key))
		b = appendCount(b, uint64(max(0, line)))
		p.functions = appendText(appendText(b, cut(name, maxName)), cut(file, maxName))
	case NodeHandler:
		p.things = appendText(p.things, "handler")
	case NodeWait:
		p.things = appendText(p.things, cut(host.waitName(n.key), maxName))
	default:
		p.things = appendText(p.things, cut(p.names[n.key], 2*maxName))
	}
}

// release makes p ready for the next tree.
func (p *packer) release() {
	const keep = 64 << 10 // bytes: most trees need less
	if cap(p.out)+cap(p.nodes)+cap(p.functions)+cap(p.things) > keep {
		return
	}
	clear(p.all)
	clear(p.refs)
	p.functions, p.things, p.nodes = p.functions[:0], p.things[:0], p.nodes[:0]
	p.names, p.told = nil, p.told[:0]
	packers.Put(p)
}

// ParseCalls reads a packed tree. It is false for anything that the agent does not pack.
func ParseCalls(data string) (*CallTree, bool) {
	p := parser{rest: data}
	t := &CallTree{Lost: p.number()}
	for range p.many(4) {
		t.Functions = append(t.Functions, CallFunction{PC: p.count(), Line: p.number(), Name: p.text(), File: p.text()})
	}
	for range p.many(2) {
		r := CallRef{Kind: NodeKind(p.byte())}
		switch {
		case r.Kind == NodeFunc || r.Kind == NodeGoroutine:
			r.PC = p.count()
		case r.Kind <= NodeWait:
			r.Name = p.text()
		default:
			p.failed = true
		}
		t.Refs = append(t.Refs, r)
	}
	for i := range p.many(4) {
		up, ref := p.count(), p.count()
		n := CallNode{Parent: i - int(up), Ref: int(ref), Calls: p.number(), Total: p.number()}
		if up > uint64(i) || (up == 0) != (i == 0) || ref >= uint64(len(t.Refs)) {
			return nil, false
		}
		if i == 0 {
			n.Parent = -1
		}
		t.Nodes = append(t.Nodes, n)
	}
	if p.failed || p.rest != "" || len(t.Nodes) == 0 {
		return nil, false
	}
	return t, true
}

// many reads how many things follow that take so many bytes at least.
func (p *parser) many(size int) int {
	n := p.count()
	if p.failed || n > uint64(len(p.rest)/size) {
		p.failed = true
		return 0
	}
	return int(n)
}

// number is a count that fits an int64.
func (p *parser) number() int64 {
	n := p.count()
	if n > 1<<63-1 {
		p.failed = true
		return 0
	}
	return int64(n)
}
