package tui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// under is the name of the function that the cursor of the profile tab is on.
func (r *rig) under() string {
	r.t.Helper()
	p := &r.requests.detail.prof
	_, f := p.under()
	if f < 0 {
		return ""
	}
	return p.m.names[f]
}

func (r *rig) wantUnder(want string) {
	r.t.Helper()
	if got := r.under(); got != want {
		r.t.Errorf("the cursor is on %q, want %q\n%s", got, want, r.plain())
	}
}

func TestProfileTree(t *testing.T) {
	var edited []string
	r := newRig(t, newFake(120), 120, 40, func(o *Options) {
		o.Editor = func(path string, line, col int) error {
			edited = append(edited, fmt.Sprintf("%s:%d:%d", path, line, col))
			return nil
		}
	})
	r.keys(inCart()...)
	r.wantUnder("handlers.(*Server).AddToCart")
	r.wantText("▾ f bank.(*Client).Authorize", "H POST https://bank.example", "▸ G go mail.(*Queue).deliver", "▸ f store.(*Orders).Place")
	r.wantNoText("INSERT INTO")
	r.keys("right", "right") // into, and into
	r.wantUnder("POST https://bank.example/v1/authorize")
	r.keys("right", "enter") // a leaf has nothing to unfold
	r.wantUnder("POST https://bank.example/v1/authorize")
	r.keys("left")
	r.wantUnder("bank.(*Client).Authorize")
	r.keys("left")
	r.wantText("▸ f bank.(*Client).Authorize")
	r.wantNoText("H POST")
	r.keys("l", "j", "j", "j", "j", "l")
	r.wantText("▾ G go mail.(*Queue).deliver", "f mail.render", "W chan send")
	r.keys("e", "j", "j")
	r.wantUnder("chan send")
	r.keys("e")
	r.wantText("no line of source here")
	if diff := cmp.Diff([]string{"/src/shop/mail/queue.go:64:0"}, edited); diff != "" {
		t.Errorf("opened, -want +got\n%s", diff)
	}
	r.keys("/", "text:sign", "enter", "enter") // a function that calls nothing: its source
	r.keys("esc", "/", "text:chan send", "enter", "esc")
	if diff := cmp.Diff([]string{"/src/shop/mail/queue.go:64:0", "/src/shop/bank/sign.go:9:0"}, edited); diff != "" {
		t.Errorf("opened, -want +got\n%s", diff)
	}
	r.keys("a")
	r.wantText("INSERT INTO", "json.(*Decoder).Decode", "T confirmation.txt")
	r.wantUnder("chan send")
	r.keys("a")
	r.wantNoText("INSERT INTO", "chan send")
	r.keys("tab", "shift+tab", "G")
	r.wantUnder("handlers.decode[...]")
}

func TestProfileSearch(t *testing.T) {
	r := newRig(t, newFake(120), 120, 40)
	r.keys(inCart("/", "text:MONEY")...)
	r.wantUnder("shop.Money.String")
	r.wantText("1 of 1", "▾ T cart.html")
	r.keys("enter", "/", "text:r", "backspace", "text:store", "enter")
	r.wantText("/ store", "1 of 3")
	at := map[string]bool{r.under(): true}
	r.keys("n")
	at[r.under()] = true
	r.keys("n")
	at[r.under()] = true
	if diff := cmp.Diff(map[string]bool{"store.(*Orders).Place": true, "store.(*Orders).reserve.func1": true, "session.(*Store).Load": true}, at); diff != "" {
		t.Errorf("hits, -want +got\n%s", diff)
	}
	first := r.under()
	r.keys("n", "N")
	r.wantUnder(first)
	r.keys("v")
	r.wantText("Top", "/ store", "of 3")
	r.keys("n", "n", "n")
	r.wantText("of 3")
	r.keys("esc")
	r.wantNoText("/ store")
	r.keys("/", "text:nowhere", "enter")
	r.wantText("not found")
	r.keys("esc")
	if !r.requests.open {
		t.Error("esc has left the detail, not the search")
	}
}

func TestProfileTop(t *testing.T) {
	r := newRig(t, newFake(120), 120, 40)
	r.keys(inCart("v", "g")...)
	r.wantText("↓self")
	r.wantUnder("POST https://bank.example/v1/authorize")
	for _, want := range []string{"handlers.(*Server).AddToCart", "shop.Money.String", "go mail.(*Queue).deliver", "POST https://bank.example/v1/authorize"} {
		r.keys("s")
		r.wantUnder(want)
	}
	r.wantText("↓self")
	r.keys("left")
	r.wantText("↓blocked")
	r.keys("right", "right")
	r.wantText("↓total")
	r.keys("j", "v")
	r.wantText("Flame")
	r.wantUnder("bank.(*Client).Authorize")
	r.keys("v")
	r.wantUnder("bank.(*Client).Authorize")
}

func TestProfileFlame(t *testing.T) {
	r := newRig(t, newFake(120), 120, 40)
	r.keys(inCart("v", "v")...)
	r.wantUnder("handlers.(*Server).AddToCart")
	for _, step := range []struct{ key, want string }{
		{"up", "handlers.(*Server).AddToCart"}, {"down", "bank.(*Client).Authorize"}, {"right", "views.Cart"}, {"right", "views.Cart"},
		{"left", "bank.(*Client).Authorize"}, {"left", "store.(*Orders).Place"}, {"k", "handlers.(*Server).AddToCart"},
		{"j", "bank.(*Client).Authorize"}, {"l", "views.Cart"},
	} {
		r.keys(step.key)
		if got := r.under(); got != step.want {
			t.Fatalf("after %q the cursor is on %q, want %q\n%s", step.key, got, step.want, r.plain())
		}
	}
	r.keys("enter")
	r.wantText("esc zooms out", "61.0 ms, 26.6%")
	r.wantNoText("│handlers.(*Server).AddToCart", "bank.(*Client)")
	r.keys("G")
	r.wantUnder("shop.Money.String")
	r.keys("up", "enter")
	r.wantNoText("views.Cart")
	r.keys("esc")
	r.wantText("▌T cart.html", "│views.Cart")
	r.keys("esc")
	r.wantText("bank.(*Client).Authorize")
	r.wantNoText("esc zooms out")
	r.wantUnder("views.Cart")
	r.keys("/", "text:sign", "enter") // 12 µs of 229 ms: too narrow, so its parent is zoomed into
	r.keys("esc", "g")
	r.keys("/", "text:commit", "enter")
	r.wantUnder("commit")
	r.keys("esc", "esc", "esc")
	if r.requests.open {
		t.Error("esc does not leave in the end")
	}
}

// TestProfileEmpty says why a request has no call tree.
func TestProfileEmpty(t *testing.T) {
	f := newFake(120)
	r := newRig(t, f, 120, 40)
	f.rows[110].Sums.Nodes = 0 // the cart before
	r.keys(inCart()...)
	r.keys("[")
	r.wantText("No calls of the app's own functions", "P records a profile")
	f.mu.Lock()
	f.st.CallTree = false
	f.mu.Unlock()
	r.heard(dirt{status: true})
	r.wantText("The call tree is off: T switches it on", "call tree off: T")
	r.keys("T")
	r.wantText("the calls of requests are recorded")
	r.wantNoText("call tree off")
	r.keys("T")
	r.wantText("no longer recorded")
	r.later(time.Minute)
	r.wantText("call tree off: T")
	if diff := cmp.Diff([]bool{true, false}, f.switched); diff != "" {
		t.Errorf("switched, -want +got\n%s", diff)
	}
	f.profErr = fmt.Errorf("the app has no call tree\nhint: it is in Go programs that pastedev builds")
	r.keys("T")
	r.wantText("✗ call tree: the app has no call tree")
}

func TestProfileSourceFails(t *testing.T) {
	f := newFake(120)
	f.profErr = fmt.Errorf("the history is locked\nhint: another pastedev runs here")
	r := newRig(t, f, 120, 40)
	r.keys(inCart()...)
	r.wantText("✗ the history is locked", "hint: another pastedev runs here")
	f.mu.Lock()
	f.profErr = nil
	id := f.rows[119].ID
	f.mu.Unlock()
	r.now = r.now.Add(time.Second)
	r.heard(dirt{exchanges: true, updated: map[inspect.ID]bool{id: true}})
	r.wantText("bank.(*Client).Authorize")
}

// TestProfileDamaged: a tree that does not hang together is an error, not a panic.
func TestProfileDamaged(t *testing.T) {
	f := newFake(120)
	bad := fakeTreeOf(fakeCart)
	bad.Nodes[3].Parent = 17
	f.trees = map[inspect.ID]*inspect.CallTree{fakeID(120): bad}
	r := newRig(t, f, 120, 40)
	r.keys(inCart("v", "enter", "j", "e")...)
	r.wantText("node 3 has parent 17")
}

// TestProfileGrows: folds and the cursor outlive a tree that gets more.
func TestProfileGrows(t *testing.T) {
	f := newFake(120)
	r := newRig(t, f, 120, 40)
	r.keys(inCart("/", "text:commit", "enter", "esc")...)
	r.wantUnder("commit")
	grown := fakeTreeOf(fakeCart)
	grown.Functions = append(grown.Functions, inspect.CallFunction{Kind: inspect.CallFunc, Name: "example.com/shop/late.Work"})
	grown.Nodes = append(grown.Nodes, inspect.CallNode{Parent: 0, Function: len(grown.Functions) - 1, Calls: 1, Total: time.Second})
	f.mu.Lock()
	f.trees = map[inspect.ID]*inspect.CallTree{fakeID(120): grown}
	f.rows[119].Sums.Nodes++
	f.mu.Unlock()
	r.now = r.now.Add(time.Second)
	r.heard(dirt{exchanges: true, updated: map[inspect.ID]bool{fakeID(120): true}})
	r.wantText("late.Work", "commit")
	r.wantUnder("commit")
}

// hostileCalls are names that must not reach the terminal as they are.
const hostileCalls = `
handler 1 20 evil` + "\x1b]0;owned\x07\x1b[2J" + `.Handler @a.go:1
  func 1 15 example.com/x.日本語の関数名前がとても長い関数名前がとても長い @wide/文件.go:3
    sql 1 9 query SELECT '` + "\x00\x1b[31m\u202e" + `日本語' FROM "ü" -- ` + "\t\x9b2J" + `
    template 3 4 🧑‍🚀🧑‍🚀🧑‍🚀.html
  wait 1 2 ` + "chan\rreceive" + `
`

// TestProfileHostile draws names with control bytes and wide characters at many sizes.
func TestProfileHostile(t *testing.T) {
	f := newFake(120)
	f.trees = map[inspect.ID]*inspect.CallTree{fakeID(120): fakeTreeOf(hostileCalls)}
	f.profiles = []inspect.Profile{fakeRecorded(1, fakeID(120), "cpu\x1b[2J")}
	f.profiles[0].Note = "\x1b[2Jnote\r\nof two lines"
	f.stacks = "goroutine 1 [\x1b[2J]:\nmain.f\x1b[2J\n\t/src/文件.go:3 +0x1\n"
	f.rows[119].InFlight = true
	r := newRig(t, f, 120, 40)
	r.keys(inCart("a")...)
	for _, size := range [][2]int{{40, 10}, {60, 20}, {80, 24}, {100, 30}, {120, 40}, {160, 45}, {200, 60}} {
		r.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for range modeCount {
			for _, k := range []string{"v", "j", "j", "right", "enter", "m", "c", "esc", "D", "j", "esc"} {
				r.keys(k)
				if text := r.plain(); strings.ContainsAny(text, "\x1b\x07\x00\r\u202e\u009b") {
					t.Fatalf("%v: a control character is drawn: %q", size, text)
				}
			}
		}
	}
}

// TestProfileRandom presses keys over random trees: whatever comes, the screen is whole.
func TestProfileRandom(t *testing.T) {
	names := []string{"v", "j", "k", "right", "left", "enter", "esc", "a", "s", "G", "g", "n", "N", "ctrl+d", "pgup", "[", "]", "tab", "shift+tab", "m", "c", "x", "e", "/", "f", "T"}
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 4))
		f := newFake(40)
		f.trees = map[inspect.ID]*inspect.CallTree{}
		for _, s := range f.rows {
			f.trees[s.ID] = randomTree(rng, 1+rng.IntN(300))
		}
		f.profiles = []inspect.Profile{fakeRecorded(2, f.rows[38].ID, "heap"), fakeRecorded(1, f.rows[38].ID, "cpu")}
		r := newRig(t, f, 120, 40)
		r.keys(inCart()...)
		for range 80 {
			r.now = r.now.Add(300 * time.Millisecond)
			k := names[rng.IntN(len(names))]
			if rng.IntN(12) == 0 {
				r.send(tea.WindowSizeMsg{Width: 40 + rng.IntN(180), Height: 10 + rng.IntN(50)})
			}
			r.keys(k)
			if k == "/" {
				r.keys("text:f", "enter")
			}
			if !r.requests.open && r.requests.paper == nil {
				r.keys("enter")
				r.requests.detail.openProfile(modeTree)
			}
			r.plain()
			if t.Failed() {
				t.Fatalf("seed %d, after %q", seed, k)
			}
		}
	}
}

// randomTree makes a valid tree of n nodes, some of which took no time or less than
// their callees.
func randomTree(rng *rand.Rand, n int) *inspect.CallTree {
	kinds := []inspect.CallKind{inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallGoroutine, inspect.CallSQL, inspect.CallHTTP, inspect.CallTemplate, inspect.CallJSON, inspect.CallWait, "new"}
	t := &inspect.CallTree{Lost: int64(rng.IntN(3)), Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "example.com/shop.Handler"}}}
	for i := range 1 + n/2 {
		f := inspect.CallFunction{Kind: kinds[rng.IntN(len(kinds))], Name: fmt.Sprintf("example.com/shop/p%d.f%d", i%7, i)}
		if rng.IntN(2) == 0 {
			f.At = &inspect.Location{File: fmt.Sprintf("p%d/f.go", i%7), Path: fmt.Sprintf("/src/p%d/f.go", i%7), Line: i + 1}
		}
		t.Functions = append(t.Functions, f)
	}
	for i := range n {
		node := inspect.CallNode{Parent: -1, Calls: rng.Int64N(1000), Total: time.Duration(rng.ExpFloat64() * 1e7 / float64(i+1))}
		if i > 0 {
			node.Function = 1 + rng.IntN(len(t.Functions)-1)
			node.Parent = max(i-1-rng.IntN(min(i, 8)), 0)
		}
		t.Nodes = append(t.Nodes, node)
	}
	return t
}
