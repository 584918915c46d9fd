package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	pb "github.com/google/pprof/profile"
	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/profile"
	"github.com/pastedev/pastedev/inspect/store"
)

// exampleTree is the tree of a handler that loads a cart in 10 ms, most of it in SQL, and
// of what it left to a goroutine.
func exampleTree(sql time.Duration) *inspect.CallTree {
	at := func(line int) *inspect.Location { return &inspect.Location{File: "shop/cart.go", Line: line} }
	return &inspect.CallTree{
		Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "GET /cart"}, {Kind: inspect.CallFunc, Name: "example.com/big/shop.(*Cart).load", At: at(12)},
			{Kind: inspect.CallSQL, Name: "query SELECT title FROM items"}, {Kind: inspect.CallFunc, Name: "example.com/big/shop.tiny", At: at(30)},
			{Kind: inspect.CallGoroutine, Name: "example.com/big/shop.audit"}, {Kind: inspect.CallWait, Name: "chan receive\x1b[31m"}},
		Nodes: []inspect.CallNode{{Parent: -1, Calls: 1, Total: 4*time.Millisecond + sql}, {Parent: 0, Function: 1, Calls: 1, Total: 3*time.Millisecond + sql},
			{Parent: 1, Function: 2, Calls: 9, Total: sql}, {Parent: 1, Function: 3, Calls: 1000, Total: 20 * time.Microsecond},
			{Parent: 0, Function: 4, Calls: 1, Total: time.Second}, {Parent: 4, Function: 5, Calls: 1, Total: 900 * time.Millisecond}},
	}
}

// recordings are profiles in memory, the newest last.
type recordings struct {
	list   []inspect.Profile
	data   [][]byte
	during func(inspect.ProfileRequest) // called while a profile is recorded; nil for nothing
}

func (r *recordings) List(limit int) []inspect.Profile {
	list := slices.Clone(r.list)
	slices.Reverse(list)
	if limit > 0 {
		list = list[:min(limit, len(list))]
	}
	return list
}

func (r *recordings) Get(id int64) (inspect.Profile, error) {
	if id > int64(len(r.list)) {
		return inspect.Profile{}, inspect.ErrNotFound
	}
	return r.list[id-1], nil
}

func (r *recordings) Data(id int64) ([]byte, error) {
	if id > int64(len(r.list)) {
		return nil, inspect.ErrNotFound
	}
	return r.data[id-1], nil
}

// record is what a recorder does: 200 samples with --replay, none without, an execution
// trace for the kind trace.
func (r *recordings) record(_ context.Context, req inspect.ProfileRequest, ex *inspect.Exchange) (inspect.Profile, error) {
	if r.during != nil {
		r.during(req)
	}
	f := &pb.Function{ID: 1, Name: "example.com/big/shop.(*Cart).load", Filename: "/src/shop/cart.go"}
	l := &pb.Location{ID: 1, Line: []pb.Line{{Function: f, Line: 14}}}
	p := &pb.Profile{SampleType: []*pb.ValueType{{Type: "cpu", Unit: "nanoseconds"}}, Function: []*pb.Function{f}, Location: []*pb.Location{l}}
	meta := inspect.Profile{ID: int64(len(r.list) + 1), Kind: req.Kind, Time: time.Now(), Duration: inspect.Millis(2 * time.Second), Route: req.Route, Exchange: req.Exchange}
	if req.Replay {
		p.Sample = []*pb.Sample{{Location: []*pb.Location{l}, Value: []int64{int64(2 * time.Second)}}}
		meta.Samples, meta.Others, meta.Replays, meta.Walls = 200, 12, 3, []inspect.Millis{4e6, 5e6, 9e6}
	}
	data, err := profile.Encode(p)
	if req.Kind == inspect.ProfileTrace {
		data, meta.Trace = []byte("a trace"), &inspect.TraceSummary{Goroutines: 2, Running: 3e6, Blocked: []inspect.TraceReason{{Reason: "chan receive", Time: 7e6, Count: 4}}}
	}
	if ex != nil {
		meta.Route = ex.Method + " " + ex.Path
	}
	r.list, r.data = append(r.list, meta), append(r.data, data)
	return meta, err
}

// profiled serves a history of one route, twice, of a request that is in flight, and of a
// POST. It returns the state dir, the store and the profiles; with off there are none.
func profiled(t *testing.T, off bool) (string, *store.Store, *recordings) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pd") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	history, err := store.Open(store.Options{Path: filepath.Join(dir, "history.db")})
	if err != nil {
		t.Fatal(err)
	}
	o := control.Options{Store: history, Status: func() inspect.Status { return inspect.Status{} }}
	kept := &recordings{}
	if !off {
		o.Profiles, o.Record = kept, kept.record
		o.Goroutines = func(_ context.Context, id inspect.ID) (string, error) {
			if strings.HasPrefix(string(id), "3333") {
				return "goroutine 7 [select]:\nmain.wait(0x1)\n\t/src/main.go:7 +0x1\x1b[31m\n", nil
			}
			return "", nil
		}
		o.Cancel = func(id inspect.ID) bool { return strings.HasPrefix(string(id), "3333") }
		o.CompareRoute = func(_ context.Context, route string) (inspect.Comparison, error) {
			return inspect.Comparison{Before: inspect.Compared{Route: route, Build: 1, Count: 20, Wall: 1e6}, After: inspect.Compared{Route: route, Build: 2, Count: 3, Wall: 1e6}}, nil
		}
	}
	srv, err := control.Listen(t.Context(), control.NewService(o), control.ServerOptions{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), history.Close()); err != nil {
			t.Error(err)
		}
	})
	for n, id := range []string{"1111", "2222", "3333", "4444"} {
		ex := &inspect.Exchange{Summary: inspect.Summary{ID: inspect.ID(strings.Repeat(id, 8)), Kind: inspect.KindHTTP, Method: "GET", URL: "http://localhost/cart",
			Path: "/cart", Status: 200, Start: time.Now(), Duration: 12e6, Build: n + 1}}
		switch id {
		case "1111", "2222":
			ex.CallTree = exampleTree(time.Duration(6+40*n) * time.Millisecond)
			ex.Sums.Nodes = len(ex.CallTree.Nodes)
			for range 1 + 12*n {
				ex.Spans = append(ex.Spans, inspect.Span{Kind: inspect.SpanSQL, Duration: 1e6, SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: "SELECT title FROM items WHERE id = 3"}})
			}
		case "3333":
			ex.Status, ex.InFlight = 0, true
			history.Publish(inspect.ExchangeStarted{Exchange: ex.Summary})
			continue
		case "4444":
			ex.Method = "POST"
		}
		if id == "2222" {
			ex.Verdict = "+40 ms in load, 12 more SELECTs"
		}
		history.Publish(inspect.ExchangeFinished{Exchange: ex})
	}
	return dir, history, kept
}

func TestProfileCommands(t *testing.T) {
	dir, _, _ := profiled(t, false)
	off, _, _ := profiled(t, true)
	file := filepath.Join(t.TempDir(), "out")
	tests := []struct {
		name     string
		line     string
		code     int
		out, err []string // parts
	}{
		{"tree", "profile 1111", 0, []string{"GET /cart  200 OK in 12.0 ms", "10.0 ms 100.0 %    1.0 ms        1  ▶ GET /cart\n",
			"9.0 ms  90.0 %    3.0 ms        1  ▶ ├ shop.(*Cart).load  cart.go:12\n", "▶ │ └ sql query SELECT title FROM items\n", "   1.00 s            100 ms        1    └ go shop.audit\n", "wait chan receive",
			"1 node of less than 0.5 % left out; --all"}, nil},
		{"whole tree", "profile 1111 --all --tree", 0, []string{"│ └ shop.tiny  cart.go:30\n"}, nil},
		{"verdict", "profile 2222", 0, []string{"+40 ms in load, 12 more SELECTs since the build before\n"}, nil},
		{"top", "profile 1111 --top", 0, []string{"     self             total   blocked    calls  function\n", "6.0 ms  60.0 %    6.0 ms                  9  sql query SELECT"}, nil},
		{"folded", "profile 1111 --folded", 0, []string{"GET /cart;example.com/big/shop.(*Cart).load 2980000\n"}, nil},
		{"speedscope", "profile 1111 --speedscope", 0, []string{`"name":"GET /cart"`, "file-format-schema.json"}, nil},
		{"json", "profile 1111 --json", 0, []string{`{"functions":[{"kind":"handler"`, `"total_ns":6000000`}, nil},
		{"file", "profile 1111 --pb " + file, 0, nil, []string{"wrote " + file, "go tool pprof -http=: " + file}},
		{"to a pipe", "profile 1111 --pb -", 0, []string{"\x1f\x8b"}, nil},
		{"replay", "profile 1111 --kind cpu --replay", 0, []string{"cpu profile 1  200 samples  2.00 s  GET /cart 11111111  12 samples of other work left out\n", "3 replays: 4.0 ms, 5.0 ms in the middle, 9.0 ms",
			"2.00 s 100.0 %     2.00 s 100.0 %  shop.(*Cart).load  cart.go:14\n", "pastedev profiles 1 --pb FILE"}, nil},
		{"replay is of the processor", "profile 1111 --replay --json", 0, []string{`"kind":"cpu"`, `"samples":200`, `"top":[{"function":"example.com/big/shop.(*Cart).load"`}, nil},
		{"without samples", "profile 1111 --kind wall", 0, []string{"wall profile 3  0 samples", "0 samples: a sample is taken every 10 ms of processor time; --replay sends the"}, nil},
		{"unsafe and sure", "profile 4444 --replay --yes --top", 0, []string{"200 samples"}, nil},
		{"the whole app", "profile --kind heap --seconds 0.5", 0, []string{"heap profile 5"}, nil},
		{"a route", "profile --route /cart --folded", 0, nil, nil},
		{"trace", "profile 1111 --kind trace", 0, []string{"execution trace 7", "2 goroutines\n", "running                  3.0 ms\n", "blocked on chan receive  7.0 ms  ×4\n"}, nil},
		{"trace to a file", "profiles 7 --pb " + file, 0, nil, []string{"go tool trace " + file}},
		{"list", "profiles", 0, []string{"7  trace  ", "1  cpu    ", "200 samples  3 replays", "GET /cart 11111111\n", "the whole app\n"}, nil},
		{"list in json", "profiles --json -n 1", 0, []string{`{"id":7,"kind":"trace"`}, nil},
		{"an old one", "profiles 1", 0, []string{"cpu profile 1  200 samples"}, nil},
		{"an old one folded", "profiles 1 --folded", 0, []string{"example.com/big/shop.(*Cart).load 2000000000\n"}, nil},
		{"compare", "compare 1111 2222", 0, []string{"before  GET /cart  11111111  build 1  10.0 ms\n", "after   GET /cart  22222222  build 2  50.0 ms\n", "+40.0 ms\n",
			"+40.0 ms       6.0 ms → 46.0 ms  sql query SELECT title FROM items\n", "sql\n      +12       1.0 ms → 13.0 ms  SELECT title FROM items WHERE id = ?\n"}, nil},
		{"compare in json", "compare 1111 2222 --json", 0, []string{`"before":{"exchange":"1111`, `"delta_ns":[`}, nil},
		{"compare a route", "compare --route /cart", 0, []string{"no difference worth telling\n", "mean of 20", "±0\n"}, nil},
		{"compare with the last build", "compare 2222", 0, []string{"before  GET /cart  build 1"}, nil},
		{"goroutines", "goroutines 3333", 0, []string{"goroutine 7 [select]:\nmain.wait(0x1)\n    /src/main.go:7"}, nil},
		{"goroutines in json", "goroutines 3333 --json", 0, []string{`"in_flight":true`, `"stacks":"goroutine 7`}, nil},
		{"no goroutines", "goroutines 1111", 0, nil, []string{"no goroutine works for 11111111: 200 OK"}},
		{"cancel", "cancel 3333", 0, nil, []string{"cancelled GET /cart"}},
		{"show", "show 2222", 0, []string{"slower    +40 ms in load, 12 more SELECTs, since the build before\n", "-- functions, by their own time --\n", "pastedev profile 22222222\n"}, nil},

		{"requests", "requests slower", 0, []string{"/cart  +40 ms in load, 12 more SELECTs\n"}, nil},

		{"unsafe", "profile 4444 --replay", 1, nil, []string{"POST is not a safe method", "hint: confirm it: --yes"}},
		{"no tree", "profile 4444", 1, nil, []string{"call tree of 44444444: not found", "hint: the call tree was off"}},
		{"no tree yet", "profile 3333", 1, nil, []string{"hint: it comes when the handler is done; `pastedev goroutines 33333333`"}},
		{"no such exchange", "profile 5555", 1, nil, []string{"exchange 5555: not found"}},
		{"no such profile", "profiles 99", 1, nil, []string{"profile 99: not found", "hint: pastedev profiles lists"}},
		{"no file", "profile 1111 --pb " + filepath.Join(file, "x"), 1, nil, []string{"write the profile:"}},
		{"has ended", "cancel 1111", 1, nil, []string{"not in flight"}},
		{"compare with nothing", "compare 1111 5555", 1, nil, []string{"exchange 5555: not found"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkCommand(t, append(strings.Fields(tt.line), "--state", dir), tt.code, tt.out, tt.err)
		})
	}
	for _, line := range []string{"profile 1111 --kind cpu", "profiles", "profiles 1"} {
		t.Run("off: "+line, func(t *testing.T) {
			checkCommand(t, append(strings.Fields(line), "--state", off), 1, nil, []string{"profiles are off in this run\nhint: "})
		})
	}
	checkCommand(t, []string{"goroutines", "1111", "--state", off}, 1, nil, []string{"there is no agent in the app"})
}

// checkCommand runs a command line and looks for parts in what it prints. Nothing of
// the target's reaches the terminal raw.
func checkCommand(t *testing.T, args []string, code int, out, errs []string) {
	t.Helper()
	if runtime.GOOS == "windows" && code == 0 {
		t.Skip("the lines are compared with Unix ends")
	}
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), args, stdio{nil, &stdout, &stderr}); got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	for _, want := range out {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("stdout has no %q:\n%s", want, stdout.String())
		}
	}
	for _, want := range errs {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("stderr has no %q:\n%s", want, stderr.String())
		}
	}
	if errs == nil && stderr.Len() > 0 {
		t.Errorf("stderr: %s", stderr.String())
	}
	if strings.Contains(stdout.String()+stderr.String(), "\x1b[31m") {
		t.Errorf("control characters came through: %q", stdout.String())
	}
}

func TestProfileUsage(t *testing.T) {
	tests := []struct{ line, want string }{
		{"profile", "profile needs one ID\nhint: "},
		{"profile 1 2", "profile takes one ID\nhint: "},
		{"profile 1 --kind gpu", "--kind is \"gpu\"\nhint: it may be cpu, wall, heap, mutex, block, trace"},
		{"profile 1 --top --json", "--top and --json exclude each other\nhint: give one of them"},
		{"profile 1 --kind cpu --tree", "--tree shows the call tree, and --kind records samples\nhint: "},
		{"profile --replay", "--replay needs one ID\nhint: "},
		{"profile 1 --route /x", "--route and an ID exclude each other\nhint: "},
		{"profile --route /x --replay", "--replay needs one ID"},
		{"profile 1 --seconds=-1", "--seconds is -1\nhint: "},
		{"profile 1 --seconds x", "--seconds is \"x\""},
		{"profile 1 --samples=-1", "--samples is -1\nhint: "},
		{"profiles x", "the profile is \"x\", not a number\nhint: "},
		{"profiles 1 2", "profiles takes one number\nhint: "},
		{"profiles --top", "profiles needs the number of the profile to print\nhint: "},
		{"profiles -n=-1", "--limit is -1\nhint: "},
		{"compare", "compare needs one ID, two, or a route\nhint: "},
		{"compare 1 2 3", "compare needs one ID, two, or a route\nhint: "},
		{"compare 1 --route x", "--route and IDs exclude each other\nhint: "},
		{"goroutines", "goroutines needs one ID\nhint: "},
		{"cancel", "cancel needs one ID\nhint: "},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) { checkCommand(t, strings.Fields(tt.line), exitUsage, nil, []string{tt.want}) })
	}
}

func TestProgressText(t *testing.T) {
	tests := []struct {
		p    inspect.ProfileProgress
		want string
	}{
		{inspect.ProfileProgress{Kind: "cpu", Samples: 84, Wanted: 200, Replays: 12, Elapsed: 2.1e9, Limit: 1e10}, "cpu: 84 of 200 samples, 12 replays, 2.10 s of 10.0 s"},
		{inspect.ProfileProgress{Kind: "heap", Elapsed: 5e8}, "heap: 0 objects, 500 ms"},
		{inspect.ProfileProgress{Kind: "wall", Samples: 1, Replays: 1, Elapsed: 5e8, Limit: 1e9}, "wall: 1 sample, 1 replay, 500 ms of 1.00 s"},
	}
	for _, tt := range tests {
		if got := progressText(tt.p); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	var b bytes.Buffer
	feed := make(chan inspect.Event, 4)
	for _, p := range []inspect.ProfileProgress{{Kind: "cpu", Exchange: "a", Samples: 1}, {Kind: "cpu", Exchange: "b", Samples: 2}, {Kind: "wall", Exchange: "a", Samples: 3}, {Kind: "cpu", Exchange: "a", Done: true}} {
		feed <- inspect.ProfileProgressed{Progress: p}
	}
	close(feed)
	followProgress(&b, feed, inspect.ProfileRequest{Kind: "cpu", Exchange: "a"})
	if got := b.String(); got != "\r\x1b[Kcpu: 1 sample, 0 ms\r\x1b[K" {
		t.Errorf("progress %q", got)
	}
}

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"main.main": "main.main", "example.com/a/b.(*T).M": "b.(*T).M", "example.com/a/b.Map[example.com/c/d.K,int].Get": "b.Map[example.com/c/d.K,int].Get", "": "",
		"github.com/go-chi/chi/v5.(*Mux).ServeHTTP": "chi/v5.(*Mux).ServeHTTP", "v2.Do": "v2.Do",
		"gopkg.in/yaml%2ev3.Unmarshal": "yaml%2ev3.Unmarshal",
	} {
		if got := shortName(name); got != want {
			t.Errorf("%s gives %s, want %s", name, got, want)
		}
	}
}

// A tree of one node, and one whose handler took no time, are shown all the same.
func TestCallTreeOfNothing(t *testing.T) {
	tree := &inspect.CallTree{Functions: []inspect.CallFunction{{Kind: inspect.CallHandler, Name: "GET /"}}, Nodes: []inspect.CallNode{{Parent: -1, Calls: 1}}, Lost: 2}
	for _, show := range []func(*paper, *inspect.CallTree, bool){(*paper).callTree, (*paper).callTop} {
		p := newPaper(&bytes.Buffer{})
		show(p, tree, false)
		if got := p.b.String(); !strings.Contains(got, "GET /\n") || !strings.Contains(got, "2 calls more than the tree holds") || strings.Contains(got, "NaN") {
			t.Errorf("printed\n%s", got)
		}
	}
}

// On a terminal the lines fit, and the hot path stands out.
func TestCallTreeOnPaper(t *testing.T) {
	for _, width := range []int{40, 80} {
		p := &paper{width: width, terminal: true, colour: true}
		p.callTree(exampleTree(6*time.Millisecond), true)
		lines := strings.Split(strings.TrimRight(p.b.String(), "\n"), "\n")
		if len(lines) != 7 {
			t.Fatalf("%d lines:\n%s", len(lines), p.b.String())
		}
		for _, line := range lines {
			if got := ansi.StringWidth(line); got > width {
				t.Errorf("%d columns in %d: %q", got, width, line)
			}
		}
		for n, line := range lines[1:] {
			if hot := n < 3; strings.Contains(line, "\x1b[1;31m▶") != hot {
				t.Errorf("line %d of the hot path %v: %q", n, hot, line)
			}
		}
	}
}
