package store

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// TestHTMLChecked adds findings before and after the exchange is written, and an update
// that knows nothing of them.
func TestHTMLChecked(t *testing.T) {
	html := &inspect.HTMLCheck{Errors: 2, Warnings: 3, New: 1, Bytes: 40,
		Diagnostics: []inspect.Diagnostic{{Severity: inspect.SeverityError, Code: "id-ref/duplicate-id", Message: "x", Line: 2, Count: 2}}}
	logs := []inspect.Output{{Text: "later"}}
	for _, path := range []string{"", filepath.Join(t.TempDir(), "history.db")} {
		for _, late := range []bool{false, true} {
			s := open(t, Options{Path: path})
			events := s.Subscribe(t.Context())
			s.Publish(inspect.HTMLChecked{Exchange: inspect.Summary{ID: idOf(9)}, HTML: html}) // not kept: no event
			finish(s, 1)
			if late {
				flushed(t, s)
			}
			s.Publish(inspect.HTMLChecked{Exchange: inspect.Summary{ID: idOf(1)}, HTML: html})
			<-events
			if told := (<-events).(inspect.HTMLChecked); told.Exchange.Sums.HTMLErrors != 2 || told.Exchange.Seq == 0 {
				t.Errorf("late %v: told of %+v", late, told.Exchange)
			}
			up := &inspect.Exchange{Summary: inspect.Summary{ID: idOf(1), Sums: inspect.Sums{Logs: 1}}, Logs: logs}
			s.Publish(inspect.ExchangeUpdated{Exchange: up})
			check := func(when string) {
				t.Helper()
				ex, err := s.Exchange(t.Context(), idOf(1))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(html, ex.HTML); diff != "" {
					t.Errorf("late %v, %s (-want +got):\n%s", late, when, diff)
				}
				want := inspect.Sums{Logs: 1, HTMLErrors: 2, HTMLWarnings: 3, HTMLNew: 1}
				if ex.Sums != want || len(ex.Logs) != 1 {
					t.Errorf("late %v, %s: sums %+v with %d logs, want %+v with 1", late, when, ex.Sums, len(ex.Logs), want)
				}
			}
			check("at once")
			flushed(t, s)
			check("written")
			s.Close()
			if path != "" {
				s = open(t, Options{Path: path})
				check("read again")
				s.Clear(t.Context())
				s.Close()
			}
		}
	}
}
