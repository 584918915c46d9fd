package store

import (
	"encoding/binary"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// A call tree is stored as numbers, all uvarints but the signed ones that are said:
// treeVersion, lost (signed), the count of functions and these, the count of nodes and
// these. A function is its kind and name, each a length and bytes, and what is known of
// its place: 0 for nothing, or 1 plus placeNamed, followed by the name unless placeNamed
// says that it is the function's, file, path and line (signed). A node is how far back
// its parent is (signed; 1 is the node before), its function, calls and time (all signed,
// so that damaged trees come back as they were). It is JSON's sixth part or less, and
// s2, which the details go through, halves it again.
const (
	treeVersion = 1
	placeNamed  = 1 << 1
)

// The fewest bytes of a function and of a node. A damaged count that promises more than
// there is must not make us allocate.
const (
	minFunctionBytes = 3
	minNodeBytes     = 4
)

// appendTree appends t.
func appendTree(b []byte, t *inspect.CallTree) []byte {
	b = binary.AppendUvarint(b, treeVersion)
	b = binary.AppendVarint(b, t.Lost)
	b = binary.AppendUvarint(b, uint64(len(t.Functions)))
	for i := range t.Functions {
		b = appendFunction(b, &t.Functions[i])
	}
	b = binary.AppendUvarint(b, uint64(len(t.Nodes)))
	for i, n := range t.Nodes {
		b = binary.AppendVarint(b, int64(i-n.Parent))
		b = binary.AppendVarint(b, int64(n.Function))
		b = binary.AppendVarint(b, n.Calls)
		b = binary.AppendVarint(b, int64(n.Total))
	}
	return b
}

func appendFunction(b []byte, f *inspect.CallFunction) []byte {
	b = appendText(b, string(f.Kind))
	b = appendText(b, f.Name)
	at := f.At
	switch {
	case at == nil:
		return append(b, 0)
	case at.Function == f.Name:
		b = append(b, 1|placeNamed)
	default:
		b = appendText(append(b, 1), at.Function)
	}
	b = appendText(b, at.File)
	b = appendText(b, at.Path)
	return binary.AppendVarint(b, int64(at.Line))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeTree reads what appendTree wrote. It allocates no more than a few times the
// length of b.
func decodeTree(b []byte) (*inspect.CallTree, error) {
	d := treeReader{b: b}
	if d.uint() != treeVersion {
		return nil, errBadRecord
	}
	t := &inspect.CallTree{Lost: d.int()}
	if n := d.count(minFunctionBytes); n > 0 {
		t.Functions = make([]inspect.CallFunction, n)
	}
	in := interner{} // files and kinds repeat
	for i := range t.Functions {
		d.function(&t.Functions[i], in)
	}
	if n := d.count(minNodeBytes); n > 0 {
		t.Nodes = make([]inspect.CallNode, n)
	}
	for i := range t.Nodes {
		t.Nodes[i] = inspect.CallNode{Parent: i - int(d.int()), Function: int(d.int()), Calls: d.int(), Total: time.Duration(d.int())}
	}
	if d.bad || len(d.b) > 0 {
		return nil, errBadRecord
	}
	return t, nil
}

// treeReader reads numbers and texts. After the first that is not there all are zero.
type treeReader struct {
	b   []byte
	bad bool
}

func (d *treeReader) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.b, d.bad = nil, true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *treeReader) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.b, d.bad = nil, true
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads how many of at least size bytes follow.
func (d *treeReader) count(size int) int {
	v := d.uint()
	if v > uint64(len(d.b)/size) {
		d.b, d.bad = nil, true
		return 0
	}
	return int(v)
}

func (d *treeReader) text() []byte {
	n := d.count(1)
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

func (d *treeReader) function(f *inspect.CallFunction, in interner) {
	f.Kind, f.Name = inspect.CallKind(in.do(d.text())), string(d.text())
	place := d.uint()
	if place == 0 {
		return
	}
	f.At = &inspect.Location{Function: f.Name}
	switch place {
	case 1:
		f.At.Function = string(d.text())
	case 1 | placeNamed:
	default:
		d.bad = true
	}
	f.At.File, f.At.Path, f.At.Line = in.do(d.text()), in.do(d.text()), int(d.int())
}

// interner makes equal texts share their bytes.
type interner map[string]string

func (in interner) do(b []byte) string {
	if s, ok := in[string(b)]; ok {
		return s
	}
	s := string(b)
	in[s] = s
	return s
}
