package calltree

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func TestBaseline(t *testing.T) {
	var b Baseline
	add := func(build int, wall, want string) {
		t.Helper()
		if got := b.Add(exchange(t, build, "/cart/17", wall)); got != want {
			t.Errorf("build %d, %s: got %q, want %q", build, wall, got, want)
		}
	}
	add(1, "300ms", "") // cold
	add(1, "20ms", "")
	add(1, "22ms", "")
	if _, err := b.Compare("GET /cart/{}"); !errors.Is(err, inspect.ErrNotFound) {
		t.Error(err)
	}
	add(2, "310ms", "") // cold as well
	add(2, "21ms", "")
	add(2, "60ms", "+39 ms")
	add(1, "24ms", "")        // late, of the build before
	add(4, "400ms", "+90 ms") // colder than cold
	add(4, "100ms", "+60 ms")
	add(1, "1ms", "")
	c, err := b.Compare("GET /cart/{}")
	if err != nil {
		t.Fatal(err)
	}
	want := inspect.Comparison{
		Before:  inspect.Compared{Route: "GET /cart/{}", Build: 2, Count: 2, Wall: inspect.Millis(40500 * time.Microsecond)},
		After:   inspect.Compared{Route: "GET /cart/{}", Build: 4, Count: 1, Wall: inspect.Millis(100 * time.Millisecond)},
		Verdict: "+60 ms",
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"GET /cart/{}"}, b.Routes()); diff != "" {
		t.Error(diff)
	}
	for _, near := range []string{"GET /cart/{}/", "get /cart/{}"} {
		if _, err := b.Compare(near); !errors.Is(err, inspect.ErrNotFound) || !strings.Contains(err.Error(), `hint: there is "GET /cart/{}"`) {
			t.Errorf("%s: %v", near, err)
		}
	}
	if c, err := b.Compare("GET /cart/17"); err != nil || c.After.Route != "GET /cart/{}" {
		t.Errorf("the route of a request: %+v, %v", c.After, err)
	}
	if _, err := b.Compare("GET /nowhere"); !errors.Is(err, inspect.ErrNotFound) || !strings.Contains(err.Error(), "hint: ") {
		t.Error(err)
	}
}

// A route that is the first of its build to be asked for, or comes with the first one, is
// compared with what was so too; else the order of asking would make verdicts.
func TestBaselineWarmth(t *testing.T) {
	var b Baseline
	add := func(build int, path, wall, want string) *inspect.Exchange {
		t.Helper()
		ex := exchange(t, build, path, wall)
		if got := b.Add(ex); got != want {
			t.Errorf("build %d, %s %s: got %q, want %q", build, path, wall, got, want)
		}
		return ex
	}
	add(1, "/a", "300ms", "") // pays for the start
	add(1, "/b", "30ms", "")
	add(1, "/b", "10ms", "")
	add(1, "/c", "30ms", "")
	add(2, "/b", "330ms", "") // pays for the start: nothing to compare with
	add(2, "/b", "10ms", "")
	add(2, "/a", "350ms", "") // within a fifth of a cold one
	add(2, "/c", "60ms", "+30 ms")
	add(3, "/b", "500ms", "+170 ms") // cold with cold
	add(3, "/b", "30ms", "+20 ms")

	started := exchange(t, 4, "/a", "300ms") // two at once: the second one is cold too
	together := exchange(t, 4, "/b", "900ms")
	started.Start = together.Start.Add(-time.Second)
	started.Duration = inspect.Millis(2 * time.Second)
	b.Add(started)
	if got := b.Add(together); got != "+400 ms" {
		t.Errorf("cold with cold: %q", got)
	}
}

func TestBaselineReplays(t *testing.T) {
	var b Baseline
	for i := range 3 * maxReplays {
		ex := exchange(t, 1, "/a", "20ms")
		if i > 0 {
			ex.ReplayOf = "x"
		}
		b.Add(ex)
	}
	if n := b.routes["GET /a"].now.means[usual].last.Count; n != maxReplays {
		t.Errorf("%d replays count", n)
	}
	b.Add(exchange(t, 2, "/b", "20ms"))
	b.Add(exchange(t, 2, "/a", "20ms"))
	for range 3 * maxReplays { // all are judged
		ex := exchange(t, 2, "/a", "60ms")
		ex.ReplayOf = "x"
		if got := b.Add(ex); got != "+40 ms" {
			t.Fatalf("got %q", got)
		}
	}
}

func TestBaselineTakesOnlyWhatTells(t *testing.T) {
	for name, change := range map[string]func(*inspect.Exchange){
		"failed": func(ex *inspect.Exchange) { ex.Status = 404 }, "broken": func(ex *inspect.Exchange) { ex.Error = "reset" },
		"ours": func(ex *inspect.Exchange) { ex.ResponseFrom = inspect.FromPastedev }, "socket": func(ex *inspect.Exchange) { ex.Kind = inspect.KindWebSocket },
		"events": func(ex *inspect.Exchange) { ex.ContentType = "text/event-stream; charset=utf-8" }, "no build": func(ex *inspect.Exchange) { ex.Build = 0 },
	} {
		var b Baseline
		ex := exchange(t, 1, "/", "20ms")
		change(ex)
		b.Add(ex)
		if b.Add(nil); len(b.routes) > 0 {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestBaselineIsBounded(t *testing.T) {
	var b Baseline
	names := make([]string, 300)
	for i := range names {
		names[i] = fmt.Sprintf("  func example.com/a/package/of/some/length.function%d 1ms", i)
	}
	tree := "handler h 1s\n" + strings.Join(names, "\n")
	ex := exchange(t, 1, "/", tree)
	sum := 0
	for i := range 3 * maxRoutes {
		ex.Path, ex.Build = "/r"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+"/"+strings.Repeat("y", i/26), 1+i%2
		b.Add(ex)
	}
	for _, h := range b.routes {
		sum += h.before.bytes() + h.now.bytes()
	}
	if len(b.routes) > maxRoutes || len(b.routes) < 50 || sum > maxBaseline || sum != b.bytes {
		t.Errorf("%d routes with %d bytes, %d by its own count", len(b.routes), sum, b.bytes)
	}
	for i := range 3 * maxMean { // one route for ever
		ex := exchange(t, 9, "/same", "handler h 10ms\n  func a 8ms\n    sql query_SELECT_1 3ms")
		ex.Spans = []inspect.Span{{SQL: &inspect.SQL{Statement: "SELECT a" + strings.Repeat("b", i)}, Duration: 1}}
		b.Add(ex)
	}
	m := &b.routes["GET /same"].now.means[usual]
	if s := m.side(); m.last.Count > maxMean || len(m.statements) > 2*maxStatements || s.Wall != 10*time.Millisecond ||
		s.Tree.Nodes[1].Total.Round(time.Millisecond) != 8*time.Millisecond || s.Tree.Nodes[2].Calls != 1 {
		t.Errorf("%d exchanges, %d statements, %+v", m.last.Count, len(m.statements), s.Tree)
	}
}

func TestBaselineConcurrently(t *testing.T) {
	var b Baseline
	var wg sync.WaitGroup
	for g := range 4 {
		ex := exchange(t, 1, "/a", quick, "SELECT 1")
		wg.Go(func() {
			for i := range 50 {
				c := *ex
				c.Build = 1 + i/10
				b.Add(&c)
				b.Compare("GET /a")
				b.Routes()
			}
		})
		_ = g
	}
	wg.Wait()
	if c, err := b.Compare("GET /a"); err != nil || c.After.Build != 5 || c.Verdict != "" {
		t.Errorf("%+v %v", c, err)
	}
}
