package calltree

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

var update = flag.Bool("update", false, "write golden files")

// parse reads a tree from lines of "kind name total [xCALLS] [@file:line]", of which the
// indentation by two spaces is the depth; _ in a name is a space.
func parse(tb testing.TB, text string) *inspect.CallTree {
	tb.Helper()
	t := &inspect.CallTree{}
	functions := map[string]int{}
	var path []int
	for l := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		l = strings.TrimPrefix(l, "\t\t")
		depth := (len(l) - len(strings.TrimLeft(l, " "))) / 2
		w := strings.Fields(l)
		total, err := time.ParseDuration(w[2])
		if err != nil {
			tb.Fatal(err)
		}
		n := inspect.CallNode{Parent: -1, Calls: 1, Total: total}
		f := inspect.CallFunction{Kind: inspect.CallKind(w[0]), Name: strings.ReplaceAll(w[1], "_", " ")}
		for _, more := range w[3:] {
			switch more[0] {
			case 'x':
				n.Calls, _ = strconv.ParseInt(more[1:], 10, 64)
			case '@':
				file, line, _ := strings.Cut(more[1:], ":")
				f.At = &inspect.Location{Function: f.Name, File: file}
				f.At.Line, _ = strconv.Atoi(line)
			}
		}
		id := w[0] + w[1]
		if _, ok := functions[id]; !ok {
			functions[id] = len(t.Functions)
			t.Functions = append(t.Functions, f)
		}
		n.Function = functions[id]
		path = path[:depth]
		if depth > 0 {
			n.Parent = path[depth-1]
		}
		path = append(path, len(t.Nodes))
		t.Nodes = append(t.Nodes, n)
	}
	if err := Validate(t); err != nil {
		tb.Fatal(err)
	}
	return t
}

// shop is a request with everything in it.
const shop = `
handler GET_/cart 50ms
  func example.com/shop.(*Server).cart 48ms @server.go:40
    func example.com/shop.loadCart 30ms @cart.go:12
      sql query_SELECT_*_FROM_items;_SELECT_2 24ms x12
        wait IO_wait 20ms x12
      func example.com/shop.Map[example.com/shop.Item] 2ms @generic.go:3
        func example.com/shop.loadCart.func1 1ms x24 @cart.go:20
    goroutine example.com/shop.(*Server).log 60ms @server.go:80
      func example.com/shop.(*Server).log 59ms @server.go:80
        wait sleep 50ms
      goroutine example.com/shop.flush 10ms x3 @log.go:9
    func example.com/shop.render 15ms @render.go:5
      template cart.html 14ms
        func example.com/shop.price 3ms x12 @render.go:30
        func example.com/shop.tree 6ms @tree.go:8
          func example.com/shop.tree 5ms x2 @tree.go:8
            func example.com/shop.tree 4ms x4 @tree.go:8
              wait sync.Mutex.Lock 1ms
      json json.Marshal 500us
    http GET_http://localhost:9/rates 2ms
`

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// random returns a valid tree. Where it is fair, no node took less than its children.
func random(seed uint64, size int, fair bool) *inspect.CallTree {
	r := rand.New(rand.NewPCG(seed, 4))
	kinds := []inspect.CallKind{inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallGoroutine, inspect.CallSQL,
		inspect.CallHTTP, inspect.CallTemplate, inspect.CallJSON, inspect.CallWait, "what is to come", ""}
	names := []string{"main.a", "main.b", "m/x.(*T).c", "m/x.F[a/b.c]", "", "a;b c\n\x1b[31md", "\xff\xfe", strings.Repeat("é", 200), "query SELECT 'x', 17"}
	t := &inspect.CallTree{Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "h"}}}
	for range 1 + r.IntN(12) {
		f := inspect.CallFunction{Kind: kinds[r.IntN(len(kinds))], Name: names[r.IntN(len(names))]}
		if r.IntN(2) == 0 {
			f.At = &inspect.Location{File: f.Name, Line: r.IntN(100) - 1}
		}
		t.Functions = append(t.Functions, f)
	}
	t.Nodes = []inspect.CallNode{{Parent: -1, Calls: 1, Total: time.Duration(r.IntN(1e9))}}
	left := []time.Duration{t.Nodes[0].Total}
	for i := 1; i < size; i++ {
		n := inspect.CallNode{Parent: r.IntN(i), Function: r.IntN(len(t.Functions)), Calls: int64(r.IntN(1000)), Total: time.Duration(r.IntN(1e9))}
		if n.Function == 0 {
			n.Function = 1
		}
		if fair && t.Functions[n.Function].Kind != inspect.CallGoroutine {
			n.Total = time.Duration(r.Int64N(int64(left[n.Parent]) + 1))
			left[n.Parent] -= n.Total
		}
		t.Nodes = append(t.Nodes, n)
		left = append(left, n.Total)
	}
	return t
}

func TestValidate(t *testing.T) {
	fn := []inspect.CallFunction{{Kind: inspect.CallHandler}}
	deep := &inspect.CallTree{Functions: fn}
	for i := range MaxDepth + 1 {
		deep.Nodes = append(deep.Nodes, inspect.CallNode{Parent: i - 1})
	}
	for _, tt := range []struct {
		name string
		tree *inspect.CallTree
		want string
	}{
		{"nil", nil, "no call tree"},
		{"empty", &inspect.CallTree{}, "no call tree"},
		{"root with a parent", &inspect.CallTree{Functions: fn, Nodes: []inspect.CallNode{{Parent: 0}}}, "call tree: node 0 has a parent"},
		{"second root", &inspect.CallTree{Functions: fn, Nodes: []inspect.CallNode{{Parent: -1}, {Parent: -1}}}, "call tree: node 1 has parent -1, which is not before it"},
		{"own parent", &inspect.CallTree{Functions: fn, Nodes: []inspect.CallNode{{Parent: -1}, {Parent: 1}}}, "call tree: node 1 has parent 1, which is not before it"},
		{"no function", &inspect.CallTree{Functions: fn, Nodes: []inspect.CallNode{{Parent: -1, Function: 1}}}, "call tree: node 0 has function 1 of 1"},
		{"negative", &inspect.CallTree{Functions: fn, Nodes: []inspect.CallNode{{Parent: -1, Total: -1}}}, "call tree: node 0 has 0 calls and -1 ns"},
		{"overflow", &inspect.CallTree{Functions: fn, Nodes: []inspect.CallNode{{Parent: -1, Total: 1 << 62}, {Total: 1 << 62}}}, "call tree: its times or calls are too large to add up"},
		{"lost", &inspect.CallTree{Functions: fn, Nodes: []inspect.CallNode{{Parent: -1}}, Lost: -1}, "call tree: -1 calls lost"},
		{"deep", deep, "call tree: node 4096 is deeper than 4096"},
		{"many", &inspect.CallTree{Functions: fn, Nodes: make([]inspect.CallNode, MaxNodes+1)}, "call tree: 262145 nodes, more than 262144"},
	} {
		err := Validate(tt.tree)
		if got := fmt.Sprint(err); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		refused(t, tt.name, tt.tree)
	}
	if err := Validate(random(1, 50, false)); err != nil {
		t.Error(err)
	}
}

// refused checks that no function does anything with a tree that is not valid.
func refused(t *testing.T, name string, tree *inspect.CallTree) {
	t.Helper()
	if Self(tree) != nil || Blocked(tree) != nil || Top(tree) != nil || Pprof(tree) != nil || Flame(tree) != nil || Merge([]*inspect.CallTree{tree}) != nil {
		t.Errorf("%s: something was made of it", name)
	}
	var b strings.Builder
	if Text(&b, tree, 0) == nil || Folded(&b, tree) == nil || Speedscope(&b, tree, "") == nil || b.Len() > 0 {
		t.Errorf("%s: %q was written", name, b.String())
	}
	if c := Compare(Side{Count: 1, Tree: tree}, Side{Count: 1, Tree: tree, Wall: time.Second}); c.Verdict != "+1.0 s" || c.Tree != nil {
		t.Errorf("%s: compared: %q %v", name, c.Verdict, c.Tree)
	}
}
