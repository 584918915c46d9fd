//go:build linux && (amd64 || arm64)

package snapshot

import (
	"bytes"
	"testing"
)

// smallCore is a core as image.write lays it out, with one thread and one page.
func smallCore() []byte {
	img := image{pid: 1, threads: make([]thread, 1), auxv: make([]byte, 32)}
	notes := img.notes()
	m := &mapping{start: 0x1000, end: 0x2000, write: true, fileOffset: int64(headerSize + 2*progHeaderSize + len(notes))}
	b := append(headers([]*mapping{m}, len(notes)), notes...)
	return append(b, make([]byte, 0x1000)...)
}

func FuzzCheckCore(f *testing.F) {
	whole := smallCore()
	if err := checkCore(bytes.NewReader(whole), uint64(len(whole))); err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(whole[:200])
	f.Add([]byte("\x7fELF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := checkCore(bytes.NewReader(b), uint64(len(b)))
		if err == nil && len(b) < headerSize+progHeaderSize {
			t.Errorf("%d bytes pass as a core", len(b))
		}
	})
}

func FuzzParseMapping(f *testing.F) {
	f.Add("00400000-004a0000 r-xp 00001000 fe:00 123    /tmp/a b/shop\n")
	f.Add("c000000000-c000400000 rw-p 00000000 00:00 0 \n")
	f.Fuzz(func(t *testing.T, line string) {
		if m, ok := parseMapping(line); ok && m.end <= m.start {
			t.Errorf("%q: %+v", line, m)
		}
	})
}

func FuzzParseExpression(f *testing.F) {
	for _, s := range []string{"a.b[1]", "<-c", "func(){}", "f(x", "\x00", "(((", "T{1}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		tree, err := parseExpression(expr)
		e, ok := err.(*Error)
		if err != nil && (!ok || e.Kind != KindExpression || e.Column < 0) {
			t.Errorf("%q: %v", expr, err)
		}
		if err == nil && (tree == nil || int(tree.End()-1) > len(expr)) {
			t.Errorf("%q: no tree", expr)
		}
	})
}
