package gather_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastedev/pastedev/inspect/gather"
)

// Several programs may have worked for one exchange: what each told is counted.
func TestOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		g := gather.New(&l, true)
		g.Expect(id)
		g.Output(line("of one"))
		g.Over(id)
		g.Output(line("of another"))
		g.Span(id, query(1, time.Millisecond))
		g.Over(id)
		g.Publish(finished())
		if ex := l.want(t, "exchange_finished"); len(ex.Logs) != 2 || ex.Sums.Logs != 2 || ex.Sums.SQL != 1 {
			t.Errorf("got %+v", ex)
		}
	})
}
