package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
)

// TestInsideProfile looks at where the time of requests goes, in one sitting.
func TestInsideProfile(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	in := startApp(t, "calls", "--slow=2s")
	in.await("/", "calls, version 1")
	in.awaitRecording()
	for _, step := range []struct {
		name string
		run  func(*testing.T, *instance)
	}{
		{"brief", stepBrief},
		{"recursion", stepRecursion},
		{"goroutine", stepGoroutine},
		{"recovered panic", stepRescue},
		{"samples", stepSamples},
		{"slow", stepSlow},
		{"slower", stepSlower},
		{"off and on", stepOffAndOn},
	} {
		t.Run(step.name, func(t *testing.T) {
			in.tb = t
			step.run(t, in)
		})
	}
	in.tb = t
}

// calls asks for path and returns the call tree of that exchange once ok holds for it,
// with the exchange and the answer.
func (in *instance) calls(path string, ok func(*inspect.CallTree) bool) (*inspect.CallTree, *inspect.Exchange, answer) {
	in.tb.Helper()
	a := in.ask(path)
	if a.status != 200 {
		in.tb.Fatalf("%s: %+v", path, a)
	}
	ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return ex.Sums.Nodes > 0 })
	return in.treeOf(a.id, ok), ex, a
}

func (in *instance) treeOf(id inspect.ID, ok func(*inspect.CallTree) bool) *inspect.CallTree {
	in.tb.Helper()
	c := in.client()
	ctx, cancel := context.WithTimeout(context.Background(), inTime)
	defer cancel()
	for {
		tree, err := c.CallTree(ctx, id)
		if err == nil && (ok == nil || ok(tree)) {
			if err := calltree.Validate(tree); err != nil {
				in.tb.Fatal(err)
			}
			return tree
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("call tree of %s never was as it should be: %v\n%s", id, err, strings.Join(shape(tree), "\n"))
		case <-time.After(20 * time.Millisecond): // goroutines that outlive the handler come later
		}
	}
}

// shape is a tree without times. Waits are left out: a busy machine has more of them.
func shape(t *inspect.CallTree) []string {
	if t == nil {
		return nil
	}
	var list []string
	depth := make([]int, len(t.Nodes))
	var walk func(int)
	walk = func(i int) {
		n := t.Nodes[i]
		f := t.Functions[n.Function]
		if i > 0 {
			depth[i] = depth[n.Parent] + 1
		}
		if f.Kind == inspect.CallWait {
			return
		}
		at := ""
		if f.At != nil {
			at = fmt.Sprintf(" %s:%d", f.At.File, f.At.Line)
		}
		list = append(list, fmt.Sprintf("%s%s ×%d%s", strings.Repeat("  ", depth[i]), calltree.Label(f), n.Calls, at))
		for k := range t.Nodes {
			if k > 0 && t.Nodes[k].Parent == i {
				walk(k)
			}
		}
	}
	walk(0)
	return list
}

// node returns the total of the one node of the function, and its index.
func node(t *testing.T, tree *inspect.CallTree, name string) (int, time.Duration) {
	t.Helper()
	at := -1
	for i, n := range tree.Nodes {
		if calltree.Label(tree.Functions[n.Function]) == name {
			if at >= 0 {
				t.Fatalf("%s is there twice", name)
			}
			at = i
		}
	}
	if at < 0 {
		t.Fatalf("no %s in\n%s", name, strings.Join(shape(tree), "\n"))
	}
	return at, tree.Nodes[at].Total
}

func wantShape(t *testing.T, tree *inspect.CallTree, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, shape(tree)); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
}

// stepBrief: a request of 300 µs shows each of its calls, and its times are those that
// it has measured itself.
func stepBrief(t *testing.T, in *instance) {
	line := func(text string) int { return in.lineOf("main.go", text) }
	tree, ex, a := in.calls("/brief", nil)
	wantShape(t, tree,
		"handler ×1",
		fmt.Sprintf("  main.brief ×1 main.go:%d", line("func brief(")),
		fmt.Sprintf("    main.measured ×1 main.go:%d", line("func measured(")),
		fmt.Sprintf("      main.part ×3 main.go:%d", line("func part(")),
		fmt.Sprintf("        main.spin ×3 main.go:%d", line("func spin(")),
		fmt.Sprintf("      main.spin ×1 main.go:%d", line("func spin(")),
	)
	var within, around int64
	if _, err := fmt.Sscan(a.body, &within, &around); err != nil {
		t.Fatal(err)
	}
	_, measured := node(t, tree, "main.measured")
	_, brief := node(t, tree, "main.brief")
	const clocks = 1.05 // the tree counts cycles
	if low, high := float64(within)/clocks, float64(around)*clocks+float64(20*time.Microsecond); float64(measured) < low || float64(measured) > high {
		t.Errorf("main.measured took %v, by itself at least %v, by its caller at most %v", measured, time.Duration(low), time.Duration(high))
	}
	if float64(brief)*clocks < float64(around) {
		t.Errorf("main.brief took %v, and measured %v of it", brief, time.Duration(around))
	}
	var sum time.Duration
	for _, self := range calltree.Self(tree) {
		sum += self
	}
	total := tree.Nodes[0].Total
	if math.Abs(float64(sum-total)) > 0.05*float64(total) {
		t.Errorf("own times add up to %v of %v", sum, total)
	}
	if wall := ex.Duration.Duration(); float64(total) > float64(wall)*clocks {
		t.Errorf("the handler took %v, the whole exchange %v", total, wall)
	}
	if ex.Sums.Nodes != len(tree.Nodes) || tree.Lost != 0 {
		t.Errorf("%d nodes are said of %d, %d calls lost", ex.Sums.Nodes, len(tree.Nodes), tree.Lost)
	}
}

// stepRecursion: each depth is a node, tables count the outermost only, and a function
// knows the line it was called from.
func stepRecursion(t *testing.T, in *instance) {
	tree, _, a := in.calls("/down?n=2", nil)
	up, down := in.lineOf("main.go", "func up("), in.lineOf("main.go", "func down(")
	wantShape(t, tree,
		"handler ×1",
		fmt.Sprintf("  main.descend ×1 main.go:%d", in.lineOf("main.go", "func descend(")),
		fmt.Sprintf("    main.down ×1 main.go:%d", down),
		fmt.Sprintf("      main.up ×1 main.go:%d", up),
		fmt.Sprintf("        main.down ×1 main.go:%d", down),
		fmt.Sprintf("          main.up ×1 main.go:%d", up),
		fmt.Sprintf("            main.down ×1 main.go:%d", down),
	)
	for _, row := range calltree.Top(tree) {
		if calltree.Label(row.Function) != "main.down" {
			continue
		}
		for i, n := range tree.Nodes {
			if tree.Functions[n.Function].Name == row.Function.Name {
				if row.Total != tree.Nodes[i].Total || row.Calls != 3 {
					t.Errorf("main.down: %d calls, total %v, want 3 and that of the outermost, %v", row.Calls, row.Total, tree.Nodes[i].Total)
				}
				break
			}
		}
	}
	if want := fmt.Sprintf("/main.go:%d\n", in.lineOf("main.go", "// called from here")); !strings.HasSuffix(a.body, want) {
		t.Errorf("called from %s, want %s", a.body, want)
	}
}

// stepGoroutine: a goroutine stands beneath the function that started it, beside its
// time, and comes into the tree when it ends after the handler.
func stepGoroutine(t *testing.T, in *instance) {
	_, ex, _ := in.calls("/spawn", nil)
	text, err := in.client().Goroutines(t.Context(), ex.ID)
	if err != nil || !strings.Contains(text, "main.worker") || strings.Contains(text, "astedev") {
		t.Errorf("goroutines: %v\n%s", err, text)
	}
	if a := in.ask("/release"); a.status != 200 {
		t.Fatalf("%+v", a)
	}
	tree := in.treeOf(ex.ID, func(t *inspect.CallTree) bool {
		return slices.ContainsFunc(shape(t), func(s string) bool { return strings.Contains(s, "main.spin") })
	})
	wantShape(t, tree,
		"handler ×1",
		fmt.Sprintf("  main.spawn ×1 main.go:%d", in.lineOf("main.go", "func spawn(")),
		fmt.Sprintf("    main.start ×1 main.go:%d", in.lineOf("main.go", "func start(")),
		fmt.Sprintf("      go main.worker ×1 main.go:%d", in.lineOf("main.go", "func worker(")),
		fmt.Sprintf("        main.spin ×1 main.go:%d", in.lineOf("main.go", "func spin(")),
	)
	worker, took := node(t, tree, "go main.worker")
	if blocked := calltree.Blocked(tree)[worker]; blocked <= 0 || blocked > took {
		t.Errorf("blocked for %v of %v", blocked, took)
	}
	start, took := node(t, tree, "main.start")
	if self := calltree.Self(tree)[start]; self > took || took > tree.Nodes[0].Total {
		t.Errorf("main.start took %v itself, %v in all, of %v", self, took, tree.Nodes[0].Total)
	}
}

// stepRescue: what is called after a recovered panic stands where it belongs, and the
// panic's trace is that of the source as it is written.
func stepRescue(t *testing.T, in *instance) {
	trace, ex, a := in.traceOf("/rescue")
	if a.status != 500 || !strings.HasPrefix(a.body, "after runtime error: index out of range") {
		t.Errorf("%+v", a)
	}
	line := func(text string) int { return in.lineOf("main.go", text) }
	wantShape(t, in.treeOf(ex.ID, nil),
		"handler ×1",
		fmt.Sprintf("  main.rescue ×1 main.go:%d", line("func rescue(")),
		fmt.Sprintf("    main.guarded ×1 main.go:%d", line("func guarded(")),
		fmt.Sprintf("      main.deep ×1 main.go:%d", line("func deep(")),
		fmt.Sprintf("      main.guarded.func1 ×1 main.go:%d", line("defer func() {")),
		fmt.Sprintf("        main.after ×1 main.go:%d", line("func after(")),
		fmt.Sprintf("    main.after ×1 main.go:%d", line("func after(")),
	)
	f := failing(trace)
	if f.Function != "main.deep" || f.File != "main.go" || f.Line != line("// nobody has that name") {
		t.Errorf("failed at %s:%d in %s", f.File, f.Line, f.Function)
	}
	if trace.NoLocals == "" { // the program does not wait for long on a busy machine
		wantLocals(t, trace, f, map[string]string{"name": `""`})
	}
	for _, f := range trace.Frames {
		ours := strings.Contains(f.Function, "astedev")
		for _, v := range slices.Concat(f.Args, f.Locals) {
			ours = ours || strings.HasPrefix(v.Name, "pastedev")
		}
		if ours {
			t.Errorf("pastedev shows in the trace: %s with %v", f.Function, variables(f))
		}
	}
}

// stepSamples: the samples of a replayed request are its own, whatever else runs.
func stepSamples(t *testing.T, in *instance) {
	a := in.ask("/burn")
	in.exchange(a.id, nil)
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	busy.Go(func() {
		for ctx.Err() == nil {
			in.ask("/other")
		}
	})
	c := in.client()
	req := inspect.ProfileRequest{Kind: inspect.ProfileCPU, Exchange: a.id, Replay: true, Samples: 40, Seconds: 30}
	shared, err := c.Profile(t.Context(), req)
	stop()
	busy.Wait()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := c.ProfileTop(t.Context(), shared.ID, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(rows, func(r inspect.ProfileRow) bool { return r.Function == "main.burnMine" }) {
		t.Errorf("main.burnMine is not in %+v", rows)
	}
	if slices.ContainsFunc(rows, func(r inspect.ProfileRow) bool { return r.Function == "main.burnOther" }) || shared.Others == 0 {
		t.Errorf("of another request: %d samples left out, %+v", shared.Others, rows)
	}
	// Alone, all but what scheduler, collector and the fetching of the profile take is the
	// request's. Of 40 samples three of those are too many, so that one recording of six must do.
	share := 0.0
	for i := 0; i < 6 && share < 0.95; i++ {
		alone, err := c.Profile(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d samples are the request's, %d are not", alone.Samples, alone.Others)
		share = max(share, float64(alone.Samples)/float64(alone.Samples+alone.Others))
	}
	if share < 0.95 {
		t.Errorf("%.0f %% of the samples are the request's", 100*share)
	}
}

// stepSlow: --slow keeps an execution trace that says what the request waited for.
func stepSlow(t *testing.T, in *instance) {
	p := in.slowProfile(in.ask("/late").id)
	if p.Kind != inspect.ProfileTrace || p.Trace == nil || p.Route != "GET /late" {
		t.Fatalf("%+v", p)
	}
	if !slices.ContainsFunc(p.Trace.Blocked, func(r inspect.TraceReason) bool { return r.Reason == "sleep" && r.Time > 2500 }) {
		t.Errorf("blocked on %+v", p.Trace.Blocked)
	}
	if data, err := in.client().ProfileData(t.Context(), p.ID); err != nil || !strings.HasPrefix(string(data), "go 1.") {
		t.Errorf("its data: %d bytes, %v", len(data), err)
	}
}

// slowProfile returns what --slow kept of an exchange, once it is there.
func (in *instance) slowProfile(id inspect.ID) inspect.Profile {
	in.tb.Helper()
	c := in.client()
	ctx, cancel := context.WithTimeout(context.Background(), inTime)
	defer cancel()
	for {
		list, err := c.Profiles(ctx, 0)
		if i := slices.IndexFunc(list, func(p inspect.Profile) bool { return p.Exchange == id }); i >= 0 {
			return list[i]
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("no execution trace of %s: %v %+v", id, err, list)
		case <-time.After(50 * time.Millisecond): // it is fetched beside the answer
		}
	}
}

// stepOffAndOn: switched off, requests have no tree, also after a restart; switched on,
// they have one again.
func stepOffAndOn(t *testing.T, in *instance) {
	c := in.client()
	set := func(on bool) {
		t.Helper()
		if err := c.SetCallTree(t.Context(), on); err != nil {
			t.Fatal(err)
		}
		if st, err := c.Status(t.Context()); err != nil || st.CallTree != on {
			t.Errorf("call tree %v is said: %v", st.CallTree, err)
		}
	}
	without := func() {
		t.Helper()
		ex := in.exchange(in.ask("/cart").id, nil)
		if tree, err := c.CallTree(t.Context(), ex.ID); !errors.Is(err, inspect.ErrNotFound) || ex.Sums.Nodes != 0 {
			t.Errorf("switched off: %v, %d nodes\n%s", err, ex.Sums.Nodes, strings.Join(shape(tree), "\n"))
		}
	}
	set(false)
	without()
	in.edit("main.go", "version 1", "version 2")
	in.await("/", "version 2")
	without()
	set(true)
	tree, _, _ := in.calls("/cart", nil)
	if _, took := node(t, tree, "main.loadItem"); took < time.Millisecond {
		t.Errorf("main.loadItem slept for %v", took)
	}
}

// stepSlower: after an edit, requests say what in them is slower than before it.
func stepSlower(t *testing.T, in *instance) {
	for range 3 {
		in.calls("/cart", nil)
	}
	before := in.exchange(in.ask("/cart").id, nil)
	in.edit("main.go", "loadCart(1)", "loadCart(500)")
	ctx, cancel := context.WithTimeout(t.Context(), inTime)
	defer cancel()
	after := in.exchange(in.ask("/cart").id, nil)
	for after.Verdict == "" { // the machine may have been that slow before
		if after = in.exchange(in.ask("/cart").id, nil); ctx.Err() != nil {
			t.Fatalf("%v is no slower than %v", after.Duration, before.Duration)
		}
	}
	if !slowerByItems.MatchString(after.Verdict) {
		t.Errorf("verdict %q", after.Verdict)
	}
	c := in.client()
	list, err := c.Exchanges(t.Context(), inspect.ListRequest{Query: "has:verdict path:/cart"})
	if err != nil || len(list.Items) == 0 || list.Items[0].Verdict == "" {
		t.Errorf("has:verdict: %v %+v", err, list.Items)
	}
	for _, compare := range []func() (inspect.Comparison, error){
		func() (inspect.Comparison, error) { return c.Compare(t.Context(), before.ID, after.ID) },
		func() (inspect.Comparison, error) { return c.CompareRoute(t.Context(), "GET /cart") },
	} {
		d, err := compare()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(d.Functions, func(f inspect.FunctionChange) bool { return f.Function.Name == "main.loadItem" })
		if !slowerByItems.MatchString(d.Verdict) || d.After.Build <= d.Before.Build || i < 0 || d.Functions[i].Calls != [2]float64{1, 500} {
			t.Errorf("compared: %q, builds %d and %d, %+v", d.Verdict, d.Before.Build, d.After.Build, d.Functions)
		}
	}
}

var slowerByItems = regexp.MustCompile(`^\+[\d.]+ m?s in loadItem \(wait sleep\)$`)
