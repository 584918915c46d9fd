package calltree

import (
	"io"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// BenchmarkBaseline is what a session pays for each exchange.
func BenchmarkBaseline(b *testing.B) {
	for name, nodes := range map[string]int{"60nodes": 60, "4096nodes": 4096} {
		b.Run(name, func(b *testing.B) {
			var base Baseline
			ex := &inspect.Exchange{Summary: inspect.Summary{Kind: inspect.KindHTTP, Method: "GET", Path: "/cart/17", Status: 200, Build: 1},
				ResponseFrom: inspect.FromTarget, CallTree: random(1, nodes, true)}
			base.Add(ex)
			ex.Build = 2
			b.ReportAllocs()
			for b.Loop() {
				base.Add(ex)
			}
		})
	}
}

// BenchmarkViews writes the largest tree that the agent keeps.
func BenchmarkViews(b *testing.B) {
	t := random(1, 4096, true)
	for name, view := range map[string]func(){
		"top": func() { Top(t) }, "text": func() { Text(io.Discard, t, 120) }, "folded": func() { Folded(io.Discard, t) },
		"speedscope": func() { Speedscope(io.Discard, t, "") }, "pprof": func() { Pprof(t).Write(io.Discard) }, "flame": func() { Flame(t) },
		"compare": func() { Compare(Side{Count: 1, Tree: t}, Side{Count: 1, Tree: t}) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				view()
			}
		})
	}
}
