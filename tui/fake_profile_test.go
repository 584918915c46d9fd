package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// fakeProfiler is what a [fake] knows of profiles; fake.mu guards it.
type fakeProfiler struct {
	asked     []inspect.ProfileRequest
	compared  []string
	ended     []inspect.ID
	switched  []bool
	profiles  []inspect.Profile // newest first
	trees     map[inspect.ID]*inspect.CallTree
	profErr   error
	stacks    string
	profileOf func(context.Context, inspect.ProfileRequest) error // before a profile is there
}

// treeBuilder makes call trees from lines: two blanks a level, then the kind, the calls,
// the milliseconds, the name and perhaps the place after " @".
func fakeTreeOf(text string) *inspect.CallTree {
	t := &inspect.CallTree{}
	index := map[string]int{}
	var path []int
	for _, l := range strings.Split(strings.Trim(text, "\n"), "\n") {
		depth := (len(l) - len(strings.TrimLeft(l, " "))) / 2
		var kind string
		var calls int64
		var took float64
		rest := strings.TrimLeft(l, " ")
		if n, err := fmt.Sscan(rest, &kind, &calls, &took); n != 3 {
			panic(fmt.Sprintf("%q: %v", l, err))
		}
		name := strings.SplitN(rest, " ", 4)[3]
		name, place, _ := strings.Cut(name, " @")
		f, ok := index[kind+name]
		if !ok {
			f = len(t.Functions)
			index[kind+name] = f
			fn := inspect.CallFunction{Kind: inspect.CallKind(kind), Name: name}
			if file, line, ok := strings.Cut(place, ":"); ok {
				fn.At = &inspect.Location{Function: name, File: file, Path: "/src/shop/" + file}
				fmt.Sscan(line, &fn.At.Line)
			}
			t.Functions = append(t.Functions, fn)
		}
		parent := -1
		if depth > 0 {
			parent = path[depth-1]
		}
		path = append(path[:depth], len(t.Nodes))
		t.Nodes = append(t.Nodes, inspect.CallNode{Parent: parent, Function: f, Calls: calls, Total: time.Duration(took * float64(time.Millisecond))})
	}
	return t
}

const fakeCart = `
handler 1 229 example.com/shop/handlers.(*Server).AddToCart @handlers/cart.go:41
  func 1 0.9 example.com/shop/session.(*Store).Load @session/store.go:58
    wait 1 0.2 sync.Mutex.Lock
  func 1 0.4 example.com/shop/handlers.decode[...] @handlers/json.go:12
    json 1 0.3 json.(*Decoder).Decode
  func 1 12.6 example.com/shop/store.(*Orders).Place @store/orders.go:40
    sql 1 0.2 begin
    sql 1 1.2 query SELECT id, price, stock FROM products WHERE sku = ? FOR UPDATE
    func 2 0.06 example.com/shop/store.(*Orders).reserve.func1 @store/orders.go:77
    sql 1 0.9 exec UPDATE products SET stock = stock - ? WHERE id = ?
    sql 1 2.1 exec INSERT INTO orders (user_id, product_id, quantity, total) VALUES (?, ?, ?, ?)
    sql 1 3.9 commit
  func 1 142 example.com/shop/bank.(*Client).Authorize @bank/client.go:70
    func 3 0.012 example.com/shop/bank.sign @bank/sign.go:9
    http 1 121 POST https://bank.example/v1/authorize
    http 1 20 GET http://stock.internal:9000/levels/118
  func 1 61 example.com/shop/views.Cart @views/cart.go:22
    template 1 58 cart.html
      func 118 31 example.com/shop/shop.Money.String @shop/money.go:30
      func 118 9.1 example.com/shop/views.thumbnail @views/image.go:14
  goroutine 2 93 example.com/shop/mail.(*Queue).deliver @mail/queue.go:64
    func 2 88 example.com/shop/mail.render @mail/render.go:17
      template 2 41 confirmation.txt
    wait 2 4.2 chan send
`

const fakeProduct = `
handler 1 74.9 example.com/shop/handlers.Product @handlers/product.go:20
  func 1 62.4 example.com/shop/store.(*Products).InCategory @store/products.go:88
    sql 1 62.1 query SELECT * FROM products WHERE category = ? ORDER BY name LIMIT ?
      wait 1 61 select
  func 13 10.6 example.com/shop/handlers.reviewsOf @handlers/product.go:52
    sql 13 9.1 query SELECT stars, text FROM reviews WHERE product_id = ?
  json 1 0.7 json.(*Encoder).Encode
`

const fakeCheckout = `
handler 1 1310 example.com/shop/handlers.(*Server).Checkout @handlers/checkout.go:61
  func 1 2.2 example.com/shop/store.(*Users).ByID @store/users.go:31
    sql 1 1.1 query SELECT id, name, email FROM users WHERE id = ?
  wait 1 1300 sleep
`

// fakeTree is the calls inside the exchange number n.
func fakeTree(n int64) *inspect.CallTree {
	switch n % 9 {
	case 3:
		return fakeTreeOf(fakeCart)
	case 4:
		return fakeTreeOf(fakeProduct)
	case 6:
		return fakeTreeOf(fakeCheckout)
	}
	return nil
}

func (f *fake) CallTree(_ context.Context, id inspect.ID) (*inspect.CallTree, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.profErr != nil {
		return nil, f.profErr
	}
	if t := f.trees[id]; t != nil {
		return t, nil
	}
	for _, s := range f.rows {
		if t := fakeTree(s.Seq); s.ID == id && t != nil {
			return t, nil
		}
	}
	return nil, fmt.Errorf("call tree of %s: %w", id.Short(), inspect.ErrNotFound)
}

func (f *fake) Profile(ctx context.Context, r inspect.ProfileRequest) (inspect.Profile, error) {
	f.mu.Lock()
	f.asked = append(f.asked, r)
	wait := f.profileOf
	f.mu.Unlock()
	if wait != nil {
		if err := wait(ctx, r); err != nil {
			return inspect.Profile{}, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p := fakeRecorded(int64(len(f.profiles))+1, r.Exchange, r.Kind)
	f.profiles = append([]inspect.Profile{p}, f.profiles...)
	return p, nil
}

func fakeRecorded(n int64, id inspect.ID, kind inspect.ProfileKind) inspect.Profile {
	p := inspect.Profile{
		ID: n, Kind: kind, Time: epoch.Add(-time.Minute), Duration: ms(9230), Exchange: id, Build: 12, Samples: 214, Others: 3, Replays: 41, Size: 18_230,
		Note: "214 samples of 10 ms each; the request itself took 229 ms, most of it waiting, which a processor profile does not see",
	}
	for i := range p.Replays {
		p.Walls = append(p.Walls, ms(205+float64(i*i%37)+float64(i*i*i%7)*3))
	}
	if kind == inspect.ProfileTrace {
		p.Note, p.Samples, p.Others = "", 0, 0
		p.Trace = &inspect.TraceSummary{Goroutines: 3, Running: ms(71), Runnable: ms(12.5), Syscall: ms(3.1), GC: ms(4.4), STW: ms(0.09),
			Blocked: []inspect.TraceReason{{Reason: "network", Time: ms(141), Count: 9}, {Reason: "sync", Time: ms(0.2), Count: 1}}}
	}
	return p
}

func (f *fake) Profiles(_ context.Context, limit int) ([]inspect.Profile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]inspect.Profile(nil), f.profiles[:min(limit, len(f.profiles))]...), f.profErr
}

func (f *fake) ProfileTop(_ context.Context, id int64, n int) ([]inspect.ProfileRow, error) {
	rows := []inspect.ProfileRow{
		{Function: "runtime.mallocgc", File: "/go/src/runtime/malloc.go", Line: 1030, Flat: 410e6, Cum: 520e6, Unit: "nanoseconds"},
		{Function: "example.com/shop/shop.Money.String", File: "/src/shop/shop/money.go", Line: 33, Flat: 380e6, Cum: 1180e6, Unit: "nanoseconds"},
		{Function: "html/template.(*Template).Execute", File: "/go/src/html/template/template.go", Line: 122, Flat: 90e6, Cum: 1600e6, Unit: "nanoseconds"},
		{Function: "example.com/shop/views.Cart", File: "/src/shop/views/cart.go", Line: 30, Flat: 10e6, Cum: 1710e6, Unit: "nanoseconds"},
		{Function: "example.com/shop/handlers.(*Server).AddToCart", File: "/src/shop/handlers/cart.go", Line: 60, Flat: 0, Cum: 2140e6, Unit: "nanoseconds"},
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return rows[:min(n, len(rows))], f.profErr
}

func (f *fake) Compare(_ context.Context, before, after inspect.ID) (inspect.Comparison, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.compared = append(f.compared, before.Short()+" "+after.Short())
	c := fakeComparison()
	c.Before.Exchange, c.After.Exchange, c.Before.Count, c.After.Count = before, after, 1, 1
	return c, f.profErr
}

func (f *fake) CompareRoute(_ context.Context, route string) (inspect.Comparison, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.compared = append(f.compared, route)
	c := fakeComparison()
	c.Before.Route, c.After.Route = route, route
	return c, f.profErr
}

func fakeComparison() inspect.Comparison {
	fn := func(name, file string, line int) inspect.CallFunction {
		return inspect.CallFunction{Kind: inspect.CallFunc, Name: "example.com/shop/" + name, At: &inspect.Location{File: file, Path: "/src/shop/" + file, Line: line}}
	}
	return inspect.Comparison{
		Before: inspect.Compared{Build: 11, Count: 8, Wall: ms(31.5)}, After: inspect.Compared{Build: 12, Count: 5, Wall: ms(69.4)},
		Verdict: "+38 ms in loadCart, 12 more SELECTs",
		Functions: []inspect.FunctionChange{
			{Function: fn("store.loadCart", "store/cart.go", 19), Calls: [2]float64{1, 13}, Self: [2]float64{0.4e6, 38.6e6}, Total: [2]float64{2e6, 49e6}, Delta: 38200 * time.Microsecond},
			{Function: inspect.CallFunction{Kind: inspect.CallSQL, Name: "query SELECT * FROM items WHERE cart = ?"}, Calls: [2]float64{1, 13}, Self: [2]float64{0.8e6, 10.4e6}, Delta: 9600 * time.Microsecond},
			{Function: fn("views.Cart", "views/cart.go", 22), Calls: [2]float64{1, 1}, Self: [2]float64{12e6, 2.1e6}, Delta: -9900 * time.Microsecond},
		},
		SQL: []inspect.StatementChange{
			{Statement: "SELECT * FROM items WHERE cart = ?", Count: [2]float64{1, 13}, Time: [2]float64{0.8e6, 10.4e6}},
			{Statement: "SELECT id FROM carts\n\tWHERE user_id = ?", Count: [2]float64{2.5, 1}, Time: [2]float64{1.9e6, 0.7e6}},
		},
	}
}

const fakeStacks = `goroutine 34 [sleep, 1 minutes]:
time.Sleep(0x12a05f200)
	/go/src/runtime/time.go:363 +0xf2
example.com/shop/handlers.(*Server).Slow(0xc0000b4000, {0x7f2c10, 0xc0001a2000}, 0xc00019e000)
	/src/shop/handlers/slow.go:21 +0x45
net/http.HandlerFunc.ServeHTTP(...)
	/go/src/net/http/server.go:2322

goroutine 51 [chan receive]:
example.com/shop/mail.(*Queue).deliver(0xc0000b4000)
	/src/shop/mail/queue.go:71 +0x9a
created by example.com/shop/handlers.(*Server).Slow in goroutine 34
	/src/shop/handlers/slow.go:17 +0x2c
`

func (f *fake) Goroutines(context.Context, inspect.ID) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stacks, f.profErr
}

func (f *fake) Cancel(_ context.Context, id inspect.ID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = append(f.ended, id)
	return f.profErr
}

func (f *fake) SetCallTree(_ context.Context, on bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.switched = append(f.switched, on)
	if f.profErr == nil {
		f.st.CallTree = on
	}
	return f.profErr
}
