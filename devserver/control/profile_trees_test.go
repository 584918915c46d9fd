package control

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// grow makes trees: each call adds a node.
type grow struct{ inspect.CallTree }

func (g *grow) add(parent int, kind inspect.CallKind, name string, calls int64, d time.Duration) int {
	f := inspect.CallFunction{Kind: kind, Name: name}
	if kind == inspect.CallFunc {
		f.At = &inspect.Location{Function: name, File: "cart.go", Path: "/src/shop/cart.go", Line: 40 + len(g.Functions)}
	}
	i := slices.IndexFunc(g.Functions, func(have inspect.CallFunction) bool { return have.Kind == kind && have.Name == name })
	if i < 0 {
		i = len(g.Functions)
		g.Functions = append(g.Functions, f)
	}
	g.Nodes = append(g.Nodes, inspect.CallNode{Parent: parent, Function: i, Calls: calls, Total: d})
	return len(g.Nodes) - 1
}

// shopTree is what a request for a cart does, slower by more, with mark in its names.
func shopTree(mark string, more time.Duration) *inspect.CallTree {
	const ms = time.Millisecond
	var g grow
	root := g.add(-1, inspect.CallHandler, "example.com/shop.(*Server).cart"+mark, 1, 40*ms+more)
	session := g.add(root, inspect.CallFunc, "example.com/shop.session"+mark, 1, 2*ms)
	g.add(session, inspect.CallSQL, "query SELECT * FROM sessions WHERE id = ?"+mark, 1, 1500*time.Microsecond)
	load := g.add(root, inspect.CallFunc, "example.com/shop.(*Cart).Load"+mark, 1, 30*ms+more)
	g.add(load, inspect.CallSQL, "query SELECT name, price\n\tFROM lines WHERE id = ?"+mark, 14, 18*ms+more)
	prices := g.add(load, inspect.CallHTTP, "GET http://prices.test/217"+mark, 1, 8*ms)
	g.add(prices, inspect.CallWait, "select"+mark, 3, 7*ms)
	total := g.add(load, inspect.CallFunc, "example.com/shop.(*Cart).total"+mark, 14, 3*ms)
	g.add(total, inspect.CallFunc, "example.com/shop.round[go.shape.int]"+mark, 120, ms)
	page := g.add(root, inspect.CallTemplate, "cart.html"+mark, 1, 6*ms)
	g.add(page, inspect.CallFunc, "example.com/shop.money"+mark, 28, 2*ms)
	g.add(root, inspect.CallJSON, "json.Marshal"+mark, 1, ms/2)
	fetch := g.add(load, inspect.CallGoroutine, "example.com/shop.prefetch"+mark, 2, 25*ms)
	g.add(fetch, inspect.CallHTTP, "GET http://images.test/"+mark, 2, 20*ms)
	g.add(fetch, inspect.CallWait, "sync.Mutex.Lock"+mark, 1, 4*ms)
	return &g.CallTree
}

// bigTree has n nodes of all kinds, the same ones each time.
func bigTree(n int) *inspect.CallTree {
	var g grow
	rnd := rand.New(rand.NewPCG(1, 2))
	kinds := []inspect.CallKind{inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallFunc, inspect.CallSQL, inspect.CallHTTP, inspect.CallTemplate, inspect.CallJSON, inspect.CallWait}
	g.add(-1, inspect.CallHandler, "example.com/shop.(*Server).report", 1, 2*time.Second)
	for p := 0; len(g.Nodes) < n; p++ {
		if p > 0 && g.Functions[g.Nodes[p].Function].Kind != inspect.CallFunc {
			continue
		}
		kids := 3 + rnd.IntN(4)
		for range kids {
			kind := inspect.CallFunc // the first ones call others
			if p >= 50 {
				kind = kinds[rnd.IntN(len(kinds))]
			}
			took := time.Duration(float64(g.Nodes[p].Total) / float64(kids) * (0.6 + 0.4*rnd.Float64()))
			g.add(p, kind, fmt.Sprintf("example.com/shop/report.step%d", rnd.IntN(400)), 1+rnd.Int64N(90), took)
		}
	}
	g.Nodes = g.Nodes[:n]
	return &g.CallTree
}

// deepTree calls itself.
func deepTree(depth int) *inspect.CallTree {
	var g grow
	at := g.add(-1, inspect.CallHandler, "example.com/shop.(*Server).walk", 1, time.Second)
	for n := range depth {
		at = g.add(at, inspect.CallFunc, "example.com/shop.(*Node).Walk", 1, time.Second-time.Duration(n+1)*time.Second/time.Duration(depth+1))
	}
	return &g.CallTree
}
