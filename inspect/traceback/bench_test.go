package traceback

import (
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// BenchmarkCalmLine is the cost of an ordinary line: every line that a program prints pays it.
func BenchmarkCalmLine(b *testing.B) {
	for _, line := range []string{
		"2026/11/23 12:00:00 GET /cart/7731 200 1.2ms",
		`{"time":"2026-11-23T12:00:00Z","level":"INFO","msg":"request","path":"/cart/7731","status":200,"note":"started at noon"}`,
		`{"level":"error","msg":"error at once\nsecond line","stack":"none at all"}`,
	} {
		b.Run(strings.Fields(line)[0][:8], func(b *testing.B) {
			var s Scanner
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				s.Line(inspect.Output{Text: line})
			}
		})
	}
}

// BenchmarkHostileLine is the worst of lines: long, full of quotes, with the words that
// make the scanner look closer.
func BenchmarkHostileLine(b *testing.B) {
	line := `goroutine ` + strings.Repeat(`"a\n `, maxJSON/8)
	var s Scanner
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		s.Line(inspect.Output{Text: line})
	}
}
