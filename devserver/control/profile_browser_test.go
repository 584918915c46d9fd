package control

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/calltree"
	"github.com/pastedev/pastedev/inspect/profile"
)

// profiled is an instance with a profiler that the test steers.
type profiled struct {
	*instance
	mu       sync.Mutex
	kept     []inspect.Profile
	begun    chan inspect.ProfileRequest // a recording began
	finish   chan inspect.Profile        // what it gives
	canceled chan struct{}               // a recording's client went
}

func startProfiled(t *testing.T) *profiled {
	p := &profiled{instance: startInstance(t), begun: make(chan inspect.ProfileRequest, 10), finish: make(chan inspect.Profile), canceled: make(chan struct{}, 10)}
	o := &p.svc.opt
	status := o.Status
	o.Status = func() inspect.Status {
		s := status()
		s.Editor = "vscode://file{path}:{line}:{column}"
		return s
	}
	o.Profiles = p
	o.Record = p.record
	o.Goroutines = func(_ context.Context, id inspect.ID) (string, error) {
		p.call("goroutines " + string(id))
		return "goroutine 7 [select, 1 minutes]:\nmain.(*Server).cart(<b>)\n\t/src/shop/cart.go:44 +0x1d\n", nil
	}
	o.Cancel = func(id inspect.ID) bool { p.call("cancel " + string(id)); return true }
	o.CompareRoute = func(_ context.Context, route string) (inspect.Comparison, error) {
		return compared(route, 38*time.Millisecond), nil
	}
	return p
}

// compared is a route that has become slower.
func compared(route string, more time.Duration) inspect.Comparison {
	side := func(build int, tree *inspect.CallTree, selects float64) calltree.Side {
		return calltree.Side{Route: route, Build: build, Count: 12, Wall: tree.Nodes[0].Total, Tree: tree,
			SQL: []calltree.Statement{{Text: "SELECT name, price FROM lines WHERE id = ?", Verb: "SELECT", Count: selects, Time: float64(tree.Nodes[4].Total)}}}
	}
	before, after := shopTree("", 0), shopTree("", more)
	g := grow{*before}
	g.add(3, inspect.CallFunc, "example.com/shop.cached", 1, time.Millisecond) // gone since
	return calltree.Compare(side(3, &g.CallTree, 2), side(4, after, 14))
}

func (p *profiled) record(ctx context.Context, req inspect.ProfileRequest, _ *inspect.Exchange) (inspect.Profile, error) {
	p.begun <- req
	select {
	case made := <-p.finish:
		made.Kind, made.Exchange = req.Kind, req.Exchange
		return p.put(made), nil
	case <-ctx.Done():
		p.canceled <- struct{}{}
		return inspect.Profile{}, ctx.Err()
	}
}

func (p *profiled) put(made inspect.Profile) inspect.Profile {
	p.mu.Lock()
	made.ID, made.Time = int64(len(p.kept)+1), time.Now()
	p.kept = append(p.kept, made)
	p.mu.Unlock()
	p.store.send(inspect.ProfileRecorded{Profile: made})
	return made
}

// List is part of Profiles.
func (p *profiled) List(int) []inspect.Profile {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.Clone(p.kept)
	slices.Reverse(list)
	return list
}

// Get is part of Profiles.
func (p *profiled) Get(id int64) (inspect.Profile, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id < 1 || id > int64(len(p.kept)) {
		return inspect.Profile{}, inspect.ErrNotFound
	}
	return p.kept[id-1], nil
}

// Data is part of Profiles.
func (p *profiled) Data(int64) ([]byte, error) { return []byte("profile"), nil }

// treed adds an exchange with a call tree.
func (p *profiled) treed(method string, tree *inspect.CallTree) *inspect.Exchange {
	ex := exchange(method, "/cart/217", 200)
	ex.CallTree, ex.Sums.Nodes = tree, len(tree.Nodes)
	return p.store.add(ex)
}

// opened is a browser at the profile of an exchange.
func (p *profiled) opened(t *testing.T, ex *inspect.Exchange, flags ...chromedp.ExecAllocatorOption) *browser {
	b := newBrowser(t, flags...)
	b.run(t, chromedp.Navigate(p.OpenURL()+"&to=/exchanges/"+string(ex.ID)+"/profile"), until(`document.querySelector('#profile .fl-box')`))
	return b
}

// focused is the box that has the focus, by its text.
const focused = `document.activeElement.matches('.fl-box') && document.activeElement.textContent`

func boxOf(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('.fl-box')].find(b => b.textContent === %q)`, text)
}

// TestBrowserTreeIsFlame: graph, tree and table say the same as package calltree, and all
// nodes are in them.
func TestBrowserTreeIsFlame(t *testing.T) {
	p := startProfiled(t)
	tree := shopTree("", 0)
	b := p.opened(t, p.treed("GET", tree), chromedp.WindowSize(1900, 1000))
	b.run(t, chromedp.Click(chromedp.CSS(".wide-toggle")), until(`document.querySelectorAll('.fl-box').length === `+fmt.Sprint(len(tree.Nodes))))
	flame := js[map[string]string](t, b, `Object.fromEntries([...document.querySelectorAll('.fl-box')].map(e => [e.dataset.i, e.getAttribute("aria-label")]))`)
	b.run(t, chromedp.Click(chromedp.CSS(`[data-view=tree]`)), until(`document.querySelector('.calltree')`), do(`document.querySelector('.calls-bar button').click()`))
	rows := js[map[string][]string](t, b, `Object.fromEntries([...document.querySelectorAll('.calltree tbody tr')].map(r => [r.dataset.i, [r.querySelector('.name').title, ...[...r.querySelectorAll('.num')].map(e => e.textContent)]]))`)
	self, blocked := calltree.Self(tree), calltree.Blocked(tree)
	for i, n := range tree.Nodes {
		key := fmt.Sprint(i)
		if len(rows[key]) != 5 {
			t.Fatalf("node %d has the row %q", i, rows[key])
		}
		want := []string{strings.Join(strings.Fields(tree.Functions[n.Function].Name), " "), fmt.Sprint(n.Calls), reading(n.Total), reading(self[i]), "–"}
		if blocked[i] > 0 {
			want[4] = reading(blocked[i])
		}
		if diff := cmp.Diff(want, rows[key]); diff != "" {
			t.Errorf("row of node %d:\n%s", i, diff)
		}
		if told := flame[key]; !strings.HasPrefix(told, fmt.Sprintf("%s, calls %s, total %s (", want[0], want[1], want[2])) || !strings.Contains(told, ", self "+want[3]) {
			t.Errorf("box of node %d says %s, its row %q", i, told, want)
		}
	}
	b.run(t, chromedp.Click(chromedp.CSS(`[data-view=top]`)), until(`document.querySelector('.calltop')`))
	top := js[[][]string](t, b, `[...document.querySelectorAll('.calltop tbody tr')].map(r => [r.querySelector('.name').title.split("\n")[0], ...[...r.querySelectorAll('.num')].map(e => e.textContent)])`)
	var want [][]string
	for _, r := range calltree.Top(tree) {
		row := []string{strings.Join(strings.Fields(r.Function.Name), " "), fmt.Sprint(r.Calls), reading(r.Self), reading(r.Total), "–"}
		if r.Blocked > 0 {
			row[4] = reading(r.Blocked)
		}
		want = append(want, row)
	}
	if diff := cmp.Diff(want, top); diff != "" {
		t.Errorf("top:\n%s", diff)
	}
	// a row leads to its box, by key
	b.run(t, chromedp.Click(chromedp.CSS(`[data-view=tree]`)), do(`document.querySelector('.calltree [data-i="3"]').focus()`), chromedp.KeyEvent("\r"), until(focused+` === "shop.(*Cart).Load"`))
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}

// reading is a time as the page writes it.
func reading(d time.Duration) string { return inspect.FormatNanos(d) }

// TestBrowserRecord: a recording shows how far it is, asks before it repeats what is not
// safe, can be cancelled, and ends as a row.
func TestBrowserRecord(t *testing.T) {
	p := startProfiled(t)
	ex := p.treed("POST", shopTree("", 0))
	b := p.opened(t, ex)
	b.run(t, chromedp.Click(chromedp.CSS(`[data-record=cpu]`)), chromedp.WaitVisible(chromedp.CSS("dialog.ask")), until(`document.querySelector('dialog.ask').textContent.includes("POST is not a safe method")`))
	if len(p.begun) != 0 {
		t.Fatal("recorded without a yes")
	}
	b.run(t, chromedp.Click(chromedp.CSS("dialog.ask .primary")))
	if req := <-p.begun; req.Kind != inspect.ProfileCPU || req.Exchange != ex.ID || !req.Replay || !req.Confirmed {
		t.Errorf("asked for %+v", req)
	}
	progress := inspect.ProfileProgress{Exchange: ex.ID, Kind: inspect.ProfileCPU, Replays: 31, Samples: 120, Wanted: 200, Elapsed: inspect.Millis(2 * time.Second), Limit: inspect.Millis(10 * time.Second)}
	p.store.send(inspect.ProfileProgressed{Progress: progress})
	b.run(t, until(`document.querySelector('.recording').textContent.includes("CPU · 120 of 200 samples · 31 replays · ")`),
		until(`document.querySelector('.recording .track i').style.width.startsWith("60") && document.querySelector('[data-record=wall]').disabled`))
	p.finish <- inspect.Profile{Samples: 204, Others: 17, Replays: 52, Duration: inspect.Millis(3 * time.Second), Size: 5120, Walls: walls(), Note: "the processor was busy with others <b>too</b>"}
	b.run(t, until(`document.querySelectorAll('.profile-row').length === 1 && document.querySelector('.recording').hidden`))
	text := js[string](t, b, `document.querySelector('.profile-row').innerText`)
	for _, want := range []string{"CPU", "204 samples", "52 replays", "17 others left out", "the processor was busy with others <b>too</b>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the row lacks %q: %s", want, text)
		}
	}
	links := js[string](t, b, `[...document.querySelectorAll('.profile-row a')].map(a => a.getAttribute("href")).join()`)
	if links != "/pprof/1/,/api/v1/profiles/1/data" {
		t.Errorf("links %s", links)
	}
	var bars []string
	for _, bucket := range profile.Histogram(walls(), 16) {
		bars = append(bars, fmt.Sprint(bucket.Count))
	}
	if got := js[string](t, b, `[...document.querySelectorAll('.profile-row .histogram i')].map(i => i.dataset.n).join()`); got != strings.Join(bars, ",") {
		t.Errorf("histogram %s, want %v", got, bars)
	}
	b.run(t, until(`document.querySelector('.profile-row .histogram').getAttribute("aria-label").startsWith("The replays took 3.1 ms to ")`))

	// without replay nothing is sent again; Cancel ends it
	b.run(t, chromedp.Click(chromedp.CSS("#record-replay")), chromedp.Click(chromedp.CSS(`[data-record=wall]`)))
	if req := <-p.begun; req.Kind != inspect.ProfileWall || req.Replay {
		t.Errorf("asked for %+v", req)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#record-cancel")))
	<-p.canceled
	b.run(t, until(`document.querySelector('.recording').hidden && document.querySelector('#toasts').textContent.includes("Recording cancelled")`))

	// what somebody else records is told and listed too
	progress.Kind, progress.Samples = inspect.ProfileHeap, 3
	p.store.send(inspect.ProfileProgressed{Progress: progress})
	b.run(t, until(`document.querySelector('.recording').textContent.includes("Heap · 3 of 200 samples")`))
	progress.Done = true
	p.store.send(inspect.ProfileProgressed{Progress: progress})
	p.put(inspect.Profile{Kind: inspect.ProfileCPU, Exchange: ex.ID, Note: "0 samples: the request took 4 ms, one sample is 10 ms"})
	b.run(t, until(`document.querySelector('.recording').hidden && document.querySelectorAll('.profile-row').length === 2 && document.querySelector('.profile-row .bad').textContent === "0 samples"`))
	if problems := b.problems("409 (Conflict)"); problems != "" { // the question
		t.Errorf("console:\n%s", problems)
	}
}

func walls() (list []inspect.Millis) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 52 {
		list = append(list, inspect.Millis(3100*time.Microsecond+time.Duration(rnd.ExpFloat64()*float64(700*time.Microsecond))))
	}
	return append(list, inspect.Millis(3100*time.Microsecond))
}

// TestBrowserCompare: the verdict is in the list and leads to what differs, with the route
// before the build, and with any other exchange.
func TestBrowserCompare(t *testing.T) {
	p := startProfiled(t)
	before := p.treed("GET", shopTree("", 0))
	ex := exchange("GET", "/cart/217", 200)
	ex.CallTree, ex.Sums.Nodes, ex.Verdict = shopTree("", 38*time.Millisecond), 15, "+38 ms in query SELECT, 12 more SELECTs"
	p.store.add(ex)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(p.OpenURL()), rowWith("12 more SELECTs"), do(`location.hash = "#/exchanges/`+string(ex.ID)+`"`), until(`document.querySelector('button.verdict')`),
		chromedp.Click(chromedp.CSS("button.verdict")), until(`document.querySelector('.compared .verdict')?.textContent.includes("+38 ms")`),
		until(`document.querySelector('.compared .sides').textContent.includes("build 3 · mean of 12 requests")`),
		until(`[...document.querySelectorAll('.compared .delta .slower')].some(e => e.textContent.startsWith("query SELECT name"))`),
		until(`[...document.querySelectorAll('.compared .faster')].some(e => e.matches('.fl-box') && e.getAttribute("aria-label").startsWith("example.com/shop.cached, calls 0"))`))
	if got := js[string](t, b, `[...document.querySelectorAll('.changes tbody tr:first-child .num')].map(e => e.textContent).join(" | ")`); got != "18.0 ms → 56.0 ms | 14 | +38.0 ms | 18.0 ms → 56.0 ms | 2 → 14 | +38.0 ms" {
		t.Errorf("first rows: %s", got)
	}
	b.run(t, until(`[...document.querySelectorAll('#compare-with optgroup')].some(g => g.label === "The same route" && g.children.length === 1)`),
		do(`const s = document.querySelector('#compare-with'); s.value = "`+string(before.ID)+`"; s.dispatchEvent(new Event("change"))`),
		until(`document.querySelector('.compared .sides a')?.textContent === "`+string(before.ID[:8])+`"`), until(`document.querySelector('.compared .delta .slower')`))
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}

// TestBrowserStuck: what is under way says how long, is called stuck, shows its
// goroutines, and can be ended.
func TestBrowserStuck(t *testing.T) {
	p := startProfiled(t)
	ex := exchange("GET", "/slow", 0)
	ex.Start = time.Now().Add(-31 * time.Second)
	p.store.start(ex)
	fresh := exchange("GET", "/fresh", 0)
	p.store.start(fresh)
	b := newBrowser(t)
	b.run(t, chromedp.Navigate(p.OpenURL()), until(`document.querySelectorAll('.row.flight').length === 2 && document.querySelectorAll('.row.stuck').length === 1`),
		until(`/stuck\?.*3\d\.\d s/.test(document.querySelector('.row.stuck').textContent)`), do(`location.hash = "#/exchanges/`+string(ex.ID)+`"`), until(`document.querySelector('.flight-bar.stuck')`),
		chromedp.Click(chromedp.CSS("#goroutines")), until(`document.querySelector('.dump').textContent.includes("main.(*Server).cart(<b>)")`), chromedp.KeyEvent("\x1b"), until(`!document.querySelector('dialog')`),
		chromedp.Click(chromedp.CSS("#cancel-exchange")), until(`document.querySelector('#toasts').textContent.includes("Cancelled")`))
	if got := strings.Join(p.called(), ","); got != "goroutines "+string(ex.ID)+",cancel "+string(ex.ID) {
		t.Errorf("called %s", got)
	}
	p.store.finish(ex)
	b.run(t, until(`!document.querySelector('.flight-bar') && !document.querySelector('.row.stuck')`))
	if problems := b.problems(); problems != "" {
		t.Errorf("console:\n%s", problems)
	}
}
