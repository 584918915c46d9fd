package overlay_test

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// BenchmarkCalls has a handler make 1,000 calls of about 100 ns, and another a few: with
// the call tree, with it built in but off, and without it. They run in turns, so that
// what else the machine does falls on all.
//
// "on" and "off" are requests per second as a fraction of those without it; "on/off" is
// what switching it on costs; "ns/call" is what is added to each call by recording it,
// "ns/call-off" by being able to.
func BenchmarkCalls(b *testing.B) {
	programs := make(map[bool]string)
	for _, in := range []bool{true, false} {
		c := calltreeConfig(b, os.Environ())
		if !in {
			c.Without = []string{"calltree"}
		}
		r, err := overlay.Make(b.Context(), c)
		if err != nil || len(r.Lost) > 0 {
			b.Fatal(err, r)
		}
		programs[in] = filepath.Join(b.TempDir(), "app")
		if out, err := goRun(b.Context(), r, c, "build", "-o", programs[in], "."); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	forget := targetConfig{forget: true}
	without, off := serve(b, programs[false], forget), serve(b, programs[true], forget)
	forget.env = []string{agent.EnvCalls + "=1"}
	on := serve(b, programs[true], forget)
	b.Run("throughput", func(b *testing.B) { compareCalls(b, []*target{without, off, on}, "/busy") })
	b.Run("few", func(b *testing.B) { compareCalls(b, []*target{without, off, on}, "/recursion?n=1") })
	b.Run("call", func(b *testing.B) { costOfCalls(b, []*target{without, off, on}) })
}

func compareCalls(b *testing.B, targets []*target, path string) {
	const rounds, round = 60, 100 * time.Millisecond
	for b.Loop() {
		var done [3]float64
		for i := range rounds {
			for j := range targets {
				at := (i + j) % len(targets) // none is always first
				done[at] += float64(load(b, targets[at].url+path, round))
			}
		}
		b.ReportMetric(done[0]/(rounds*round).Seconds(), "req/s")
		b.ReportMetric(done[1]/done[0], "off")
		b.ReportMetric(done[2]/done[0], "on")
		b.ReportMetric(done[2]/done[1], "on/off")
	}
	b.ReportMetric(0, "ns/op") // says nothing here
}

func costOfCalls(b *testing.B, targets []*target) {
	const rounds = 7
	for b.Loop() {
		least := [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}
		for range rounds {
			for j, g := range targets {
				ns, err := strconv.ParseFloat(g.ask("/cost", id(1)).body, 64)
				if err != nil {
					b.Fatal(err)
				}
				least[j] = min(least[j], ns)
			}
		}
		b.ReportMetric(least[0], "ns/call-without")
		b.ReportMetric(least[1]-least[0], "ns/call-off")
		b.ReportMetric(least[2]-least[0], "ns/call")
	}
	b.ReportMetric(0, "ns/op") // says nothing here
}
