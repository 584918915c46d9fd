package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"
	"github.com/pastedev/pastedev/inspect"
)

// callTree returns the nth of a stream of trees that look like a web app's: a few
// functions, paths of about six calls.
func callTree(n, nodes int) *inspect.CallTree {
	t := &inspect.CallTree{Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "GET /api/items"},
		{Kind: inspect.CallSQL, Name: "query SELECT id, name FROM item WHERE id = ?"}, {Kind: inspect.CallWait, Name: "IO wait"}}}
	for i := range 1 + nodes/4 {
		name := fmt.Sprintf("example.com/shop/internal/items.(*Store).Function%d", i)
		file := fmt.Sprintf("internal/items/store%d.go", i%5)
		t.Functions = append(t.Functions, inspect.CallFunction{Kind: inspect.CallFunc, Name: name,
			At: &inspect.Location{Function: name, File: file, Path: "/home/ann/shop/" + file, Line: 10 + 7*i}})
	}
	t.Nodes = []inspect.CallNode{{Parent: -1, Calls: 1, Total: time.Duration(n%400+1) * time.Millisecond}}
	for i := 1; i < nodes; i++ {
		parent := i - 1
		if i%6 == 0 {
			parent = i / 7
		}
		t.Nodes = append(t.Nodes, inspect.CallNode{Parent: parent, Function: 1 + (i*31+n)%(len(t.Functions)-1),
			Calls: int64(1 + i%40), Total: t.Nodes[parent].Total - time.Duration(i*n%977)})
	}
	return t
}

func TestTreeCodec(t *testing.T) {
	strange := &inspect.CallTree{Lost: -1, // damaged trees are for their readers to refuse
		Functions: []inspect.CallFunction{{}, {Kind: "new", Name: "\xff\x00", At: &inspect.Location{}}, {Name: "a", At: &inspect.Location{Function: "b", Line: -1}}},
		Nodes: []inspect.CallNode{{Parent: -1}, {Parent: 7, Function: -3, Calls: math.MinInt64, Total: math.MaxInt64},
			{Parent: math.MinInt64 / 2, Function: math.MaxInt64, Calls: -1, Total: -1}}}
	for name, want := range map[string]*inspect.CallTree{"empty": {}, "usual": callTree(3, 500), "strange": strange} {
		b := appendTree(nil, want)
		got, err := decodeTree(b)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for i := range b { // a part is no tree, and nothing panics
			if _, err := decodeTree(b[:i]); err == nil {
				t.Errorf("%s: %d of %d bytes are a tree", name, i, len(b))
			}
		}
	}
	if _, err := decodeTree(append(appendTree(nil, callTree(1, 5)), 0)); err == nil {
		t.Error("a byte too many is no fault")
	}
	promise := binary.AppendUvarint([]byte{treeVersion, 0, 0}, 1<<62)
	if n := testing.AllocsPerRun(10, func() { decodeTree(promise) }); n > 5 {
		t.Errorf("%v allocations for nodes that there are not", n)
	}
}

// The packed form is small enough to be kept with every exchange.
func TestTreeCodecIsSmall(t *testing.T) {
	tree := callTree(3, 1000)
	js, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	b := appendTree(nil, tree)
	packed := s2.Encode(nil, b)
	if len(b)*3 > len(js) || len(packed) > 16_000 {
		t.Errorf("%d bytes of JSON are %d, %d packed", len(js), len(b), len(packed))
	}
	t.Logf("1000 nodes, %d functions: JSON %d, packed %d, with s2 %d bytes", len(tree.Functions), len(js), len(b), len(packed))
}

// Details that were written before there were call trees are read as ever.
func TestOldDetails(t *testing.T) {
	ex := sample(7)
	d := details{Timing: ex.Timing, Request: ex.Request, Response: ex.Response, ResponseFrom: ex.ResponseFrom, Logs: ex.Logs, Spans: ex.Spans}
	d.Response.Body.Data = nil
	js, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	old := binary.AppendUvarint(nil, uint64(len(js)))
	old = binary.AppendUvarint(old, 0)
	old = append(append(old, js...), ex.Response.Body.Data...)
	for name, blob := range map[string][]byte{"plain": append([]byte{0}, old...), "packed": append([]byte{1}, s2.Encode(nil, old)...)} {
		got, err := decodeDetails(blob, &ex.Summary, true)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(ex, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	blob, err := new(encoder).encode(ex)
	if err != nil || blob[0]&hasTree != 0 {
		t.Errorf("without a tree the form is another one: %d, %v", blob[0], err)
	}
}

// Events have no trees, the exchange has, whole or where it was updated, before and after
// the writer has come to it.
func TestTreesThroughTheStore(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "history.db")} {
		ctx := context.Background()
		s := open(t, Options{Path: path})
		events := s.Subscribe(ctx)
		want := func(when string, tree *inspect.CallTree, verdict string) {
			t.Helper()
			ex, err := s.Exchange(ctx, idOf(1))
			if err != nil {
				t.Fatal(when, err)
			}
			if diff := cmp.Diff(tree, ex.CallTree); diff != "" || ex.Verdict != verdict || ex.Sums.Nodes != len(tree.Nodes) {
				t.Errorf("%s: verdict %q, %d nodes, tree -want +got\n%s", when, ex.Verdict, ex.Sums.Nodes, diff)
			}
		}
		told := func(ex *inspect.Exchange, verdict string) {
			t.Helper()
			if ex.CallTree != nil || ex.Sums.Nodes == 0 || ex.Verdict != verdict {
				t.Errorf("the event has %d nodes of %d, verdict %q", ex.Sums.Nodes, len(ex.CallTree.Nodes), ex.Verdict)
			}
		}
		ex := sample(1)
		ex.ID, ex.CallTree, ex.Verdict = idOf(1), callTree(1, 50), "+38 ms in loadCart"
		ex.Sums.Nodes = 50
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
		want("pending", ex.CallTree, ex.Verdict)
		told((<-events).(inspect.ExchangeFinished).Exchange, ex.Verdict)
		if ex.CallTree == nil {
			t.Error("the exchange that was given was changed")
		}
		flushed(t, s)
		want("written", ex.CallTree, ex.Verdict)
		s.mu.RLock()
		if s.index.recs[0].ex != nil {
			t.Error("the exchange stays in memory")
		}
		s.mu.RUnlock()

		update := func(tree *inspect.CallTree, nodes int) {
			up := *ex
			up.CallTree, up.Verdict, up.Sums.Nodes = tree, "", nodes // as gather sends it: it knows no verdict
			s.Publish(inspect.ExchangeUpdated{Exchange: &up})
			told((<-events).(inspect.ExchangeUpdated).Exchange, ex.Verdict)
		}
		update(nil, 50)
		want("about something else", ex.CallTree, ex.Verdict)
		flushed(t, s)
		want("about something else, written", ex.CallTree, ex.Verdict)
		later := callTree(2, 70)
		update(later, 70)
		update(nil, 70)
		want("replaced", later, ex.Verdict)
		flushed(t, s)
		want("replaced, written", later, ex.Verdict)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if path != "" {
			s = open(t, Options{Path: path})
			want("reloaded", later, ex.Verdict)
		}
	}
}

// A list that reads details does not unpack trees.
func TestScanLeavesTrees(t *testing.T) {
	s := open(t, Options{Path: filepath.Join(t.TempDir(), "history.db")})
	ex := sample(1)
	ex.ID, ex.CallTree = idOf(1), callTree(1, 50)
	s.Publish(inspect.ExchangeFinished{Exchange: ex})
	flushed(t, s)
	read := 0
	m := matchFunc(func(_ *inspect.Summary, load func() *inspect.Exchange) bool {
		read++
		got := load()
		return got.CallTree == nil && len(got.Response.Body.Data) == len(ex.Response.Body.Data)
	})
	if l, err := s.Exchanges(context.Background(), inspect.ListRequest{}, m); err != nil || len(l.Items) != 1 || read != 1 {
		t.Errorf("%d items, %d read, %v", len(l.Items), read, err)
	}
}

// Trees that wait for the writer count, and are let go before memory is full of them.
func TestTreesAreShed(t *testing.T) {
	s := &Store{opt: Options{MaxCount: 1000}, wake: make(chan struct{}, 1), done: make(chan struct{}), index: newIndex()} // nobody writes
	tree := callTree(1, 20_000)
	for i := range 400 {
		ex := sample(i)
		ex.ID, ex.CallTree = idOf(i+1), tree
		s.Publish(inspect.ExchangeFinished{Exchange: ex})
	}
	kept := int64(0)
	for _, r := range s.index.recs {
		if r.ex != nil && r.ex.CallTree != nil {
			kept += treeBytes(r.ex.CallTree)
		}
	}
	if kept == 0 || kept > pendingBytes {
		t.Errorf("%d bytes of trees wait", kept)
	}
}

func FuzzTree(f *testing.F) {
	f.Add(appendTree(nil, callTree(1, 30)))
	f.Add(appendTree(nil, &inspect.CallTree{Lost: 5, Functions: []inspect.CallFunction{{Kind: "x", At: &inspect.Location{Function: "y"}}}}))
	f.Add([]byte{treeVersion, 0, 1, 0, 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := decodeTree(b)
		if err != nil {
			return
		}
		again, err := decodeTree(appendTree(nil, tree))
		if err != nil || !cmp.Equal(tree, again) {
			t.Errorf("not stable: %v\n%s", err, cmp.Diff(tree, again))
		}
	})
}

func BenchmarkTreeCodec(b *testing.B) {
	tree := callTree(3, 1000)
	packed := appendTree(nil, tree)
	b.Run("append", func(b *testing.B) {
		buf := make([]byte, 0, len(packed))
		for b.Loop() {
			buf = appendTree(buf[:0], tree)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decodeTree(packed)
		}
	})
}
