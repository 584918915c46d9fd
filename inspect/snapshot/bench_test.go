//go:build linux && (amd64 || arm64)

package snapshot

import (
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkTake measures how long a web program of usual size is stopped, and how
// long a helper takes from its start to the core.
func BenchmarkTake(b *testing.B) {
	tg := panicking(b, build(b, variant{app: "web"}), "")
	path := filepath.Join(b.TempDir(), "1"+Suffix)
	var pause time.Duration
	for b.Loop() {
		s := helperSession(b)
		a, err := s.Do(Request{Take: &TakeOptions{PID: tg.cmd.Process.Pid, Path: path}})
		if err != nil && KindOf(err) == KindForbidden {
			b.Skip(err)
		}
		if err != nil {
			b.Fatal(err)
		}
		pause += a.Info.Pause.Duration()
		b.ReportMetric(float64(a.Info.Bytes)/1e6, "MB")
		b.ReportMetric(float64(a.Info.Threads), "threads")
	}
	b.ReportMetric(float64(pause.Microseconds())/1e3/float64(b.N), "ms-paused/op")
	tg.finish(b)
}

// BenchmarkRead measures a helper from its start to all frames with their variables.
func BenchmarkRead(b *testing.B) {
	tg := panicking(b, build(b, variant{app: "web"}), "")
	core := tg.take(b, helperSession(b))
	tg.finish(b)
	for b.Loop() {
		a, err := helperSession(b).Do(Request{Read: &ReadRequest{
			Source: Source{Core: core, Exe: tg.twin}, Goroutines: []int64{tg.goroutine}, Message: "no user"}})
		if err != nil {
			b.Fatal(err)
		}
		if len(a.Stacks) != 1 || len(a.Stacks[0].Frames) == 0 || len(a.Stacks[0].Frames[0].Locals) == 0 {
			b.Fatalf("%+v", a.Stacks)
		}
	}
}
