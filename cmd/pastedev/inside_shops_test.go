package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// TestInsideShops looks into the requests of three shops that know nothing of us, on
// chi, gin and echo.
func TestInsideShops(t *testing.T) {
	if testing.Short() {
		t.Skip("builds three programs")
	}
	for _, name := range []string{"chi", "gin", "echo"} {
		t.Run(name, func(t *testing.T) {
			in := startShop(t, name)
			for _, step := range []struct {
				name string
				run  func(*testing.T, *instance)
			}{
				{"queries", shopQueries},
				{"transactions", shopTransactions},
				{"call", shopCall},
				{"goroutines", shopGoroutines},
				{"panic", shopPanic},
			} {
				t.Run(step.name, func(t *testing.T) {
					in.tb = t
					step.run(t, in)
				})
			}
			in.tb = t
		})
	}
}

// shopQueries: one statement for the list, one for each book, all from their lines.
func shopQueries(t *testing.T, in *instance) {
	a := in.ask("/books")
	if !strings.HasPrefix(a.body, "Momo, Emil") {
		t.Fatalf("%+v", a)
	}
	ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return len(ex.Spans) == 5 })
	list, one := in.lineOf("shelf/shelf.go", "SELECT id FROM book"), in.lineOf("shelf/shelf.go", "SELECT title FROM book")
	want := []string{fmt.Sprintf(`query SELECT id FROM book ORDER BY id [] 4 rows, shelf/shelf.go:%d`, list)}
	for id := range 4 {
		want = append(want, fmt.Sprintf(`query SELECT title FROM book WHERE id = ? ["%d"] 1 rows, shelf/shelf.go:%d`, id+1, one))
	}
	if d := cmp.Diff(want, spansOf(ex, inspect.SpanSQL)); d != "" {
		t.Error(d)
	}
	if ex.Sums.SQL != 5 || ex.Sums.SQLTime <= 0 || ex.Sums.Calls != 0 {
		t.Errorf("sums %+v, want 5 statements", ex.Sums)
	}
	if got := timing(a.header, "sql"); !strings.HasPrefix(got, `desc="5 statements";dur=`) {
		t.Errorf("Server-Timing says of sql: %q; it holds %q", got, a.header.Values("Server-Timing"))
	}
}

// shopTransactions: what one request did in a transaction bears its number.
func shopTransactions(t *testing.T, in *instance) {
	begin := in.lineOf("shelf/shelf.go", "s.db.BeginTx(")
	update := in.lineOf("shelf/shelf.go", "tx.ExecContext(")
	number := map[int64]bool{}
	commit := in.lineOf("shelf/shelf.go", `return "bought"`)
	for _, tt := range []struct {
		book string
		rows int
		end  string
		line int
	}{
		{"1", 1, "commit", commit},
		{"2", 0, "rollback", commit + 1}, // deferred: runs at the end of the function
	} {
		a := in.ask("/buy/" + tt.book)
		ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return len(ex.Spans) == 3 })
		want := []string{
			fmt.Sprintf(`begin  [] -1 rows, shelf/shelf.go:%d`, begin),
			fmt.Sprintf(`exec UPDATE book SET stock = stock - 1 WHERE id = ? AND stock > 0 ["\"%s\""] %d rows, shelf/shelf.go:%d`, tt.book, tt.rows, update),
			fmt.Sprintf(`%s  [] -1 rows, shelf/shelf.go:%d`, tt.end, tt.line),
		}
		if d := cmp.Diff(want, spansOf(ex, inspect.SpanSQL)); d != "" {
			t.Errorf("book %s: %s", tt.book, d)
		}
		tx := ex.Spans[0].SQL.Tx
		if tx == 0 || number[tx] || ex.Spans[1].SQL.Tx != tx || ex.Spans[2].SQL.Tx != tx {
			t.Errorf("book %s: the statements bear the numbers %s", tt.book, describe(ex))
		}
		number[tx] = true
	}
}

// shopCall: a call of the app to itself is a span of the one exchange, and an
// exchange of its own, whose statements are not the caller's.
func shopCall(t *testing.T, in *instance) {
	a := in.ask("/call")
	ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return len(ex.Spans) > 0 })
	want := []string{fmt.Sprintf("GET %sbooks 200, shelf/shelf.go:%d", in.url, in.lineOf("shelf/shelf.go", "http.DefaultClient.Do"))}
	if d := cmp.Diff(want, spansOf(ex, inspect.SpanCall)); d != "" {
		t.Error(d)
	}
	if ex.Sums.SQL != 0 || ex.Sums.Calls != 1 || ex.Sums.CallTime <= 0 {
		t.Errorf("sums %+v, want one call and no statement", ex.Sums)
	}
	if got := timing(a.header, "calls"); !strings.HasPrefix(got, `desc="1 outgoing";dur=`) {
		t.Errorf("Server-Timing says of calls: %q", got)
	}
	list, err := in.client().Exchanges(t.Context(), inspect.ListRequest{Query: "path:/books", After: ex.Seq})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("exchanges within the call: %v %+v", err, list.Items)
	}
	inner := in.exchange(list.Items[0].ID, func(ex *inspect.Exchange) bool { return len(ex.Spans) == 5 })
	if inner.ID == ex.ID || inner.Sums.SQL != 5 {
		t.Errorf("the exchange within the call: %s", describe(inner))
	}
	if got := inner.Request.Header.Get("Traceparent"); !strings.Contains(got, string(ex.ID)) {
		t.Errorf("the call carried traceparent %q, want the trace %s", got, ex.ID)
	}
}

// shopGoroutines: each of many requests at once has the lines of its own goroutines.
func shopGoroutines(t *testing.T, in *instance) {
	answers := make([]answer, 20)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = in.ask(fmt.Sprintf("/spawn?tag=t%d", i)) })
	}
	wg.Wait()
	for i, a := range answers {
		ex := in.exchange(a.id, func(ex *inspect.Exchange) bool { return ex.Sums.Logs >= 3 })
		var want, got []string
		for g := range 3 {
			want = append(want, fmt.Sprintf("t%d: goroutine %d", i, g))
		}
		for _, o := range ex.Logs {
			_, text, _ := strings.Cut(o.Text, " t") // after the date of package log
			got = append(got, "t"+text)
			if o.Exchange != a.id || o.Goroutine == 0 || o.Level != "LOG" {
				t.Errorf("line %+v, want exchange %s, a goroutine and the level LOG", o, a.id)
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("request %d: %s\n%s", i, d, describe(ex))
		}
	}
}

// shopPanic: the framework's recoverer answers, and the panic is told all the same.
func shopPanic(t *testing.T, in *instance) {
	trace, ex, a := in.traceOf("/panic?title=Nothing")
	if a.status != 500 || ex.ResponseFrom != inspect.FromTarget {
		t.Errorf("answered with %d by %s, want the recoverer's own answer", a.status, ex.ResponseFrom)
	}
	if !trace.Recovered || trace.Kind != inspect.TracePanic || !strings.HasPrefix(trace.Headline, "nil pointer dereference: first is nil") {
		t.Errorf("recovered %v, kind %s, headline %q", trace.Recovered, trace.Kind, trace.Headline)
	}
	f := failing(trace)
	file := f.File
	if !strings.HasSuffix(file, "/main.go") || f.Line != in.lineOf(file, "first.Title") {
		t.Errorf("failed at %s:%d", f.File, f.Line)
	}
	wantLocals(t, trace, f, map[string]string{"first": "nil"})
	if !slices.ContainsFunc(trace.Frames, func(f inspect.Frame) bool { return f.Origin == inspect.FrameDependency }) {
		t.Error("no frame is told as the framework's")
	}
	if got := texts(ex.Logs); len(got) == 0 || got[0] != "looking for Nothing" {
		t.Errorf("printed %q", got)
	}
	again, _, _ := in.traceOf("/panic?title=Less")
	if again.Code != trace.Code || again.Count != trace.Count+1 {
		t.Errorf("%s ×%d, then %s ×%d", trace.Code, trace.Count, again.Code, again.Count)
	}
}
