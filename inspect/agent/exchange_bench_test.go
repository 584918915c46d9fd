//go:build linux || darwin || freebsd

package agent

import (
	"io"
	"runtime"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkExchange is what a request with one query and two prints pays, without
// the hooks and the reading of the goroutine's fields.
func BenchmarkExchange(b *testing.B) {
	conn := connect(b)
	conn.SetDeadline(time.Time{})
	go io.Copy(io.Discard, conn)
	var here unsafe.Pointer
	before := host
	b.Cleanup(func() { host = before })
	host.exchange = func() unsafe.Pointer { return here }
	host.setExchange = func(p unsafe.Pointer) { here = p }
	stack := make([]uintptr, 20)
	stack = stack[:runtime.Callers(0, stack)]
	host.callers = func(pcs []uintptr) int { return copy(pcs, stack) }
	host.expand = func(dst []uintptr, pc uintptr) int { return copy(dst, []uintptr{pc}) }
	line := []byte("a line of some words that is printed\n")
	id := "0123456789abcdef0123456789abcdef"
	args := []any{2}
	var sums []byte
	b.ReportAllocs()
	for b.Loop() {
		x := Begin(id)
		Wrote(1, line)
		s := StartSpan()
		s.EndSQL("query", "select name from item where id = ?", s.Args(args, Go), -1, 0, nil)
		s.Rows(1)
		Wrote(1, line)
		sums = x.AppendSums(sums[:0])
		x.Returned()
		x.End(200)
	}
}
