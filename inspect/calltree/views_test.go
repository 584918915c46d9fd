package calltree

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"
	"github.com/pastedev/pastedev/inspect"
)

func TestGolden(t *testing.T) {
	tree := parse(t, shop)
	tree.Lost = 3
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":   func(b *bytes.Buffer) error { return Text(b, tree, 0) },
		"text60": func(b *bytes.Buffer) error { return Text(b, tree, 60) },
		"folded": func(b *bytes.Buffer) error { return Folded(b, tree) },
		"speedscope": func(b *bytes.Buffer) error {
			return indented(b, func(b *bytes.Buffer) error { return Speedscope(b, tree, "GET /cart") })
		},
		"pprof": func(b *bytes.Buffer) error {
			b.WriteString(Pprof(tree).String())
			return nil
		},
		"top": func(b *bytes.Buffer) error {
			for _, r := range Top(tree) {
				fmt.Fprintf(b, "%9s %9s %9s %4d %s\n", inspect.FormatNanos(r.Self), inspect.FormatNanos(r.Total), inspect.FormatNanos(r.Blocked), r.Calls, Label(r.Function))
			}
			return nil
		},
		"flame": func(b *bytes.Buffer) error {
			for _, x := range Flame(tree) {
				fmt.Fprintf(b, "lane %d row %2d x %.4f w %.4f %s\n", x.Lane, x.Depth, x.X, x.W, Label(tree.Functions[tree.Nodes[x.Node].Function]))
			}
			return nil
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".golden", b.String())
	}
}

// indented writes a line for each value.
func indented(b *bytes.Buffer, write func(*bytes.Buffer) error) error {
	var raw bytes.Buffer
	if err := write(&raw); err != nil {
		return err
	}
	return json.Indent(b, raw.Bytes(), "", " ")
}

func TestTimes(t *testing.T) {
	tree := parse(t, `
handler h 10ms
  func a 6ms
    goroutine g 20ms
      wait sleep 15ms
    wait lock 2ms
  func b 3ms
    func c 4ms
`)
	ms := func(list []time.Duration) (s []float64) {
		for _, d := range list {
			s = append(s, float64(d)/1e6)
		}
		return s
	}
	if diff := cmp.Diff([]float64{0, 4, 5, 15, 2, 0, 4}, ms(Self(tree))); diff != "" {
		t.Errorf("self: %s", diff) // b took less than c: what c has more is taken from the handler
	}
	if diff := cmp.Diff([]float64{2, 2, 15, 15, 2, 0, 0}, ms(Blocked(tree))); diff != "" {
		t.Errorf("blocked: %s", diff)
	}
}

func TestTopCountsRecursionOnce(t *testing.T) {
	tree := parse(t, `
handler h 10ms
  func walk 8ms
    func walk 6ms x2
      func leaf 3ms x4
      goroutine walk 5ms
        func walk 5ms
    wait lock 1ms
  func other 2ms
    func walk 1ms
`)
	got := map[string]Row{}
	for _, r := range Top(tree) {
		got[string(r.Function.Kind)+" "+r.Function.Name] = Row{Calls: r.Calls, Self: r.Self, Total: r.Total, Blocked: r.Blocked}
	}
	const ms = time.Millisecond
	want := map[string]Row{
		"handler h":      {Calls: 1, Total: 10 * ms, Blocked: ms},
		"func walk":      {Calls: 5, Self: 10 * ms, Total: 14 * ms, Blocked: ms}, // 8 + 1 in the handler, 5 in the goroutine
		"func leaf":      {Calls: 4, Self: 3 * ms, Total: 3 * ms},
		"func other":     {Calls: 1, Self: ms, Total: 2 * ms},
		"goroutine walk": {Calls: 1, Total: 5 * ms},
		"wait lock":      {Calls: 1, Self: ms, Total: ms, Blocked: ms},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestShort(t *testing.T) {
	for name, want := range map[string]string{
		"main.loadCart": "loadCart", "example.com/a.b/shop.(*Cart).Add": "Cart.Add", "example.com/shop.Cart.Add": "Cart.Add",
		"example.com/shop.Map[example.com/shop.Item]": "Map", "m/shop.(*List[go.shape.int]).Len": "List.Len", "m/shop.Map[...].func1": "Map.func1",
		"main.main.func1.2": "main.func1.2", "handler": "handler", "": "", "shop.": "shop.", "a\x07b.c": "c", "[": "", "m.(*": "(*",
	} {
		if got := Short(name); got != want {
			t.Errorf("Short(%q) = %q, want %q", name, got, want)
		}
	}
}

// FuzzViews: whatever the tree, own times are not negative and all views have all of
// them.
func FuzzViews(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, uint16(seed*seed*20), seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, size uint16, fair bool) {
		tree := random(seed, 1+int(size)%2000, fair)
		if err := Validate(tree); err != nil {
			t.Fatal(err)
		}
		self := Self(tree)
		var sum, handler time.Duration
		for i, d := range self {
			if d < 0 {
				t.Fatalf("node %d has %d ns of its own", i, d)
			}
			sum += d
			if stack(tree, i)[0] == 0 {
				handler += d
			}
		}
		if fair && handler != tree.Nodes[0].Total {
			t.Errorf("own times add up to %d, not %d", handler, tree.Nodes[0].Total)
		}
		if got := foldedSum(t, tree); got != sum {
			t.Errorf("folded: %d, not %d", got, sum)
		}
		if got := speedscopeSum(t, tree); got != sum {
			t.Errorf("speedscope: %d, not %d", got, sum)
		}
		if got := pprofSum(t, tree); got != sum {
			t.Errorf("pprof: %d, not %d", got, sum)
		}
		var rows time.Duration
		for _, r := range Top(tree) {
			if rows += r.Self; r.Self > r.Total || r.Blocked > r.Total || r.Self < 0 || r.Blocked < 0 {
				t.Errorf("impossible row %+v", r)
			}
		}
		if rows != sum {
			t.Errorf("top: %d, not %d", rows, sum)
		}
		var b strings.Builder
		if err := Text(&b, tree, 50); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) != 1+len(tree.Nodes) {
			t.Errorf("text: %d lines of %d nodes", len(lines), len(tree.Nodes))
		}
		for _, l := range lines {
			if ansi.StringWidth(l) > 50 || strings.ContainsAny(l, "\x1b\r\t\x07") {
				t.Errorf("line %q", l)
			}
		}
		checkFlame(t, tree)
	})
}

func foldedSum(t *testing.T, tree *inspect.CallTree) (sum time.Duration) {
	var b bytes.Buffer
	if err := Folded(&b, tree); err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(b.String()) {
		l = strings.TrimSuffix(l, "\n")
		n, err := strconv.ParseInt(l[strings.LastIndexByte(l, ' ')+1:], 10, 64)
		if err != nil || n <= 0 {
			t.Fatalf("line %q: %v", l, err)
		}
		sum += time.Duration(n)
	}
	return sum
}

// speedscopeSum reads the file as speedscope does: frames close in the order in which
// they were opened, and time does not go back.
func speedscopeSum(t *testing.T, tree *inspect.CallTree) (sum time.Duration) {
	var b bytes.Buffer
	if err := Speedscope(&b, tree, "x"); err != nil {
		t.Fatal(err)
	}
	var file speedscopeFile
	if err := json.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Profiles {
		var open []int
		last := time.Duration(0)
		for _, e := range p.Events {
			if e.At < last || e.Frame < 0 || e.Frame >= len(file.Shared.Frames) {
				t.Fatalf("event %+v after %d", e, last)
			}
			if len(open) > 0 {
				sum += e.At - last
			}
			last = e.At
			if e.Type == "O" {
				open = append(open, e.Frame)
				continue
			}
			if len(open) == 0 || open[len(open)-1] != e.Frame {
				t.Fatalf("event %+v closes what is not open", e)
			}
			open = open[:len(open)-1]
		}
		if len(open) > 0 || last != p.End {
			t.Fatalf("%d frames open at %d of %d", len(open), last, p.End)
		}
	}
	return sum
}

func pprofSum(t *testing.T, tree *inspect.CallTree) (sum time.Duration) {
	var b bytes.Buffer
	if err := Pprof(tree).Write(&b); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(&b) // checks it
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Sample {
		sum += time.Duration(s.Value[1])
	}
	return sum
}

// checkFlame checks that boxes are in the graph, within their parents, and that none
// covers another one.
func checkFlame(t *testing.T, tree *inspect.CallTree) {
	const e = 1e-9
	boxes := Flame(tree)
	of := map[int]Box{}
	rows := map[int][]Box{}
	for _, b := range boxes {
		of[b.Node] = b
		rows[b.Depth] = append(rows[b.Depth], b)
		if b.X < -e || b.X+b.W > 1+e || b.W <= 0 {
			t.Fatalf("box outside: %+v", b)
		}
		if b.Node == 0 || beside(tree, b.Node) {
			continue
		}
		if p := of[tree.Nodes[b.Node].Parent]; b.X < p.X-e || b.X+b.W > p.X+p.W+e || b.Depth != p.Depth+1 || b.Lane != p.Lane {
			t.Fatalf("box %+v outside of its parent %+v", b, p)
		}
	}
	for depth, row := range rows {
		if len(row) > 200 {
			row = row[:200]
		}
		for i, a := range row {
			for _, b := range row[i+1:] {
				if overlap := math.Min(a.X+a.W, b.X+b.W) - math.Max(a.X, b.X); overlap > e {
					t.Fatalf("row %d: %+v covers %+v", depth, a, b)
				}
			}
		}
	}
}
