package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pb "github.com/google/pprof/profile"
	"github.com/pastedev/pastedev/inspect"
)

// profiler is what the terminal UI asks about time: both makers must fit it.
type profiler interface {
	CallTree(ctx context.Context, id inspect.ID) (*inspect.CallTree, error)
	Profile(ctx context.Context, r inspect.ProfileRequest) (inspect.Profile, error)
	Profiles(ctx context.Context, limit int) ([]inspect.Profile, error)
	ProfileByID(ctx context.Context, id int64) (inspect.Profile, error)
	ProfileData(ctx context.Context, id int64) ([]byte, error)
	ProfileTop(ctx context.Context, id int64, n int) ([]inspect.ProfileRow, error)
	Compare(ctx context.Context, before, after inspect.ID) (inspect.Comparison, error)
	CompareRoute(ctx context.Context, route string) (inspect.Comparison, error)
	Goroutines(ctx context.Context, id inspect.ID) (string, error)
	Cancel(ctx context.Context, id inspect.ID) error
	SetCallTree(ctx context.Context, on bool) error
}

var _ = []profiler{(*Service)(nil), (*Client)(nil)}

// profilers runs a test against the service, and clients over the socket and the port.
func profilers(t *testing.T, test func(t *testing.T, i *instance, s profiler)) {
	sources(t, func(t *testing.T, i *instance, s source) { test(t, i, s.(profiler)) })
}

func TestProfilersAreAlike(t *testing.T) {
	profilers(t, func(t *testing.T, i *instance, s profiler) {
		_, asked := i.profiling(t)
		ctx := t.Context()
		ex := i.withTree("/cart", 6*time.Millisecond)
		post := i.store.add(exchange("POST", "/cart", 200))

		p, err := s.Profile(ctx, inspect.ProfileRequest{Kind: inspect.ProfileCPU, Exchange: ex.ID[:8], Replay: true, Seconds: 2.5, Samples: 50})
		if err != nil || p.ID != 1 || p.Exchange != ex.ID || strings.Contains(p.Note, secret) {
			t.Fatalf("profile %+v, %v", p, err)
		}
		_, err = s.Profile(ctx, inspect.ProfileRequest{Kind: inspect.ProfileWall, Exchange: post.ID, Replay: true})
		var problem *Problem
		if !errors.Is(err, inspect.ErrConfirm) || !errors.As(err, &problem) || problem.Status != 409 || problem.Type != "confirm" || !strings.Contains(err.Error(), "POST") {
			t.Errorf("an unsafe method: %v", err)
		}
		if _, err := s.Profile(ctx, inspect.ProfileRequest{Kind: inspect.ProfileWall, Exchange: post.ID, Replay: true, Confirmed: true}); err != nil {
			t.Errorf("a confirmed one: %v", err)
		}
		if _, err := s.Profile(ctx, inspect.ProfileRequest{Kind: inspect.ProfileHeap}); err != nil {
			t.Errorf("the whole target: %v", err)
		}
		want := []inspect.ProfileRequest{{Kind: "cpu", Exchange: ex.ID, Replay: true, Seconds: 2.5, Samples: 50},
			{Kind: "wall", Exchange: post.ID, Replay: true, Confirmed: true}, {Kind: "heap"}}
		if diff := cmp.Diff(want, *asked); diff != "" {
			t.Errorf("asked for (-want +got):\n%s", diff)
		}
		for limit, want := range map[int]string{0: "[3 2 1]", 2: "[3 2]"} {
			list, err := s.Profiles(ctx, limit)
			var got []int64
			for _, p := range list {
				got = append(got, p.ID)
			}
			if fmt.Sprint(got) != want || err != nil {
				t.Errorf("list of %d: %v, %v", limit, got, err)
			}
		}
		if got, err := s.ProfileByID(ctx, 1); err != nil || cmp.Diff(p, got) != "" {
			t.Errorf("by id: %+v, %v", got, err)
		}
		if rows, err := s.ProfileTop(ctx, 1, 2); err != nil || len(rows) != 2 || rows[0].Flat != 1e7 || rows[0].Unit != "nanoseconds" {
			t.Errorf("top: %+v, %v", rows, err)
		}
		for _, err := range []error{errOf(s.ProfileByID(ctx, 9)), errOf(s.ProfileData(ctx, 9)), errOf(s.ProfileTop(ctx, 9, 0)), errOf(s.CallTree(ctx, post.ID))} {
			if !errors.Is(err, inspect.ErrNotFound) || !strings.Contains(err.Error(), "hint: ") {
				t.Errorf("what is not there: %v", err)
			}
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

func TestGoroutinesCancelAndSwitch(t *testing.T) {
	profilers(t, func(t *testing.T, i *instance, s profiler) {
		i.profiling(t)
		ctx := t.Context()
		flying, landed := i.store.start(exchange("GET", "/slow", 0)), i.store.add(exchange("GET", "/fast", 200))
		text, err := s.Goroutines(ctx, flying.ID[:10])
		if err != nil || !strings.Contains(text, "main.wait("+string(flying.ID)) || strings.Contains(text, secret) {
			t.Errorf("goroutines %q, %v", text, err)
		}
		if err := s.Cancel(ctx, flying.ID[:10]); err != nil {
			t.Errorf("cancel: %v", err)
		}
		if err := s.Cancel(ctx, landed.ID); err == nil || !strings.Contains(err.Error(), "not in flight") {
			t.Errorf("cancel of one that has ended: %v", err)
		}
		if err := errors.Join(s.SetCallTree(ctx, true), s.SetCallTree(ctx, false)); err != nil {
			t.Error(err)
		}
		want := []string{"cancel " + string(flying.ID), "cancel " + string(landed.ID), "calls true", "calls false"}
		if diff := cmp.Diff(want, i.called()); diff != "" {
			t.Errorf("called (-want +got):\n%s", diff)
		}
	})
}

func TestCompare(t *testing.T) {
	profilers(t, func(t *testing.T, i *instance, s profiler) {
		i.profiling(t)
		ctx := t.Context()
		before, after := i.withTree("/cart", 6*time.Millisecond), i.withTree("/cart", 46*time.Millisecond)
		c, err := s.Compare(ctx, before.ID[:9], after.ID)
		if err != nil || c.Before.Exchange != before.ID || c.After.Exchange != after.ID || len(c.Functions) == 0 || c.Tree == nil || len(c.Delta) != len(c.Tree.Nodes) {
			t.Fatalf("comparison %+v, %v", c, err)
		}
		if got := c.Functions[0]; got.Delta != 40*time.Millisecond || got.Function.Kind != inspect.CallSQL {
			t.Errorf("the largest difference is %+v", got)
		}
		for _, c := range []func() (inspect.Comparison, error){
			func() (inspect.Comparison, error) { return s.CompareRoute(ctx, "GET /cart") },
			func() (inspect.Comparison, error) { return s.Compare(ctx, "", after.ID) },
		} {
			if c, err := c(); err != nil || c.After.Build != 2 || c.Tree == nil {
				t.Errorf("route: %+v, %v", c, err)
			}
		}
		_, err = s.CompareRoute(ctx, "GET /nothing")
		var p *Problem
		if !errors.As(err, &p) || p.Status != 409 || p.Hint != "send a request" {
			t.Errorf("an unknown route: %#v", err)
		}
		if _, err := s.Compare(ctx, "ffff", after.ID); !errors.Is(err, inspect.ErrNotFound) {
			t.Errorf("an unknown exchange: %v", err)
		}
	})
}

// What a run does not have is a conflict that says so, not a failure.
func TestProfilesOff(t *testing.T) {
	profilers(t, func(t *testing.T, i *instance, s profiler) {
		ctx := t.Context()
		ex := i.store.add(exchange("GET", "/x", 200))
		_, route := s.CompareRoute(ctx, "GET /x")
		_, goroutines := s.Goroutines(ctx, ex.ID)
		for name, err := range map[string]error{
			"profile":    errOf(s.Profile(ctx, inspect.ProfileRequest{Kind: inspect.ProfileCPU})),
			"profiles":   errOf(s.Profiles(ctx, 0)),
			"data":       errOf(s.ProfileData(ctx, 1)),
			"goroutines": goroutines, "route": route,
			"cancel": s.Cancel(ctx, ex.ID), "calls": s.SetCallTree(ctx, true),
		} {
			var p *Problem
			if !errors.As(err, &p) || p.Status != http.StatusConflict || p.Detail == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestWrongProfileRequests(t *testing.T) {
	i := startInstance(t)
	_, asked := i.profiling(t)
	socket := i.store.add(func() *inspect.Exchange {
		ex := exchange("GET", "/ws", 101)
		ex.Kind = inspect.KindWebSocket
		return ex
	}())
	tests := []struct {
		name, path, body string
		status           int
		want             string
	}{
		{"no kind", "profile", `{}`, 400, "kind"},
		{"unknown kind", "profile", `{"kind":"gpu"}`, 400, "cpu wall heap"},
		{"too long", "profile", `{"kind":"cpu","seconds":301}`, 400, "301 seconds"},
		{"negative", "profile", `{"kind":"cpu","seconds":-1}`, 400, "-1 seconds"},
		{"samples", "profile", `{"kind":"cpu","samples":-1}`, 400, "-1 samples"},
		{"replay of nothing", "profile", `{"kind":"cpu","replay":true}`, 400, "names no exchange"},
		{"replay of a socket", "profile", fmt.Sprintf(`{"kind":"cpu","replay":true,"confirmed":true,"exchange":%q}`, socket.ID), 409, "websocket"},
		{"unknown exchange", "profile", `{"kind":"cpu","exchange":"ffff"}`, 404, "not found"},
		{"a target of its own", "profile", `{"kind":"cpu","url":"http://evil.test/"}`, 400, "unknown field"},
		{"switch without a word", "calltree", `{}`, 400, "on"},
		{"cancel of nothing", "cancel", `{}`, 400, "id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, body := i.ask(t, "POST", "/api/v1/"+tt.path, tt.body, i.header("Content-Type", jsonType))
			if res.StatusCode != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s, want %d with %q", res.StatusCode, body, tt.status, tt.want)
			}
		})
	}
	for _, path := range []string{"compare", "compare?before=1", "compare?route=GET+/&after=1", "profiles?limit=x", "profiles/1/top?n=0"} {
		if res, body := i.ask(t, "GET", "/api/v1/"+path, "", i.header()); res.StatusCode != 400 {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	if len(*asked) > 0 || len(i.called()) > 0 {
		t.Errorf("wrong requests came through: %+v %q", *asked, i.called())
	}
}

// The tree is asked for by itself; lists, records and events only say that there is one.
func TestCallTreeIsLeftOut(t *testing.T) {
	i := startInstance(t)
	feed, err := i.svc.Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-i.store.joined
	ex := i.withTree("/cart", 6*time.Millisecond)
	base := "/api/v1/exchanges/" + string(ex.ID)
	for _, path := range []string{base, base + "?body=1", base + "?reveal=1"} {
		_, body := i.ask(t, "GET", path, "", i.header())
		if strings.Contains(body, "call_tree") || !strings.Contains(body, `"nodes":4`) || !strings.Contains(body, `"verdict":"+38 ms`) {
			t.Errorf("%s: %s", path, body)
		}
	}
	if _, body := i.ask(t, "GET", "/api/v1/exchanges", "", i.header()); !strings.Contains(body, `"nodes":4`) || !strings.Contains(body, "loadCart") {
		t.Errorf("the list: %s", body)
	}
	for e := range feed {
		if f, ok := e.(inspect.ExchangeFinished); ok {
			if f.Exchange.CallTree != nil {
				t.Error("the event holds the tree")
			}
			break
		}
	}
	if ex.CallTree == nil {
		t.Error("the record lost its tree")
	}
}

func TestCallTreeForms(t *testing.T) {
	i := startInstance(t)
	ex := i.withTree("/cart", 6*time.Millisecond)
	base := "/api/v1/exchanges/" + string(ex.ID[:12]) + "/calltree"
	tests := []struct{ path, want, file string }{
		{"", `"total_ns":10000000`, ""},
		{"/text", "loadCart", ""},
		{"/text?width=60", "loadCart", ""},
		{"/folded", "handler;", "folded"},
		{"/speedscope", "speedscope.app/file-format-schema.json", "speedscope.json"},
		{"/pprof", "", "pb.gz"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			res, body := i.ask(t, "GET", base+tt.path, "", i.header())
			if res.StatusCode != 200 || strings.Contains(body, secret) {
				t.Fatalf("%d %s", res.StatusCode, body)
			}
			if tt.want == "handler;" {
				tt.want = "GET /cart"
			}
			if !strings.Contains(body, tt.want) {
				t.Errorf("no %q in %s", tt.want, body)
			}
			disposition := res.Header.Get("Content-Disposition")
			if tt.file == "" && disposition != "" || tt.file != "" && disposition != fmt.Sprintf("attachment; filename=%q", "pastedev-calls-"+ex.ID.Short()+"."+tt.file) {
				t.Errorf("disposition %q", disposition)
			}
			if tt.path == "/pprof" {
				p, err := pb.ParseData([]byte(body))
				if err != nil || len(p.Sample) != 4 {
					t.Errorf("pprof: %v, %v", p, err)
				}
			}
		})
	}
	if res, body := i.ask(t, "GET", base+"/text?width=1000", "", i.header()); res.StatusCode != 400 {
		t.Errorf("a wide one: %d %s", res.StatusCode, body)
	}
}

func TestProfilesLeaveMasked(t *testing.T) {
	i := startInstance(t)
	kept, _ := i.profiling(t)
	ctx := t.Context()
	feed, err := i.svc.Subscribe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	<-i.store.joined
	ex, later := i.withTree("/cart", 6*time.Millisecond), i.withTree("/cart", 8*time.Millisecond)
	if _, err := i.svc.Profile(ctx, inspect.ProfileRequest{Kind: inspect.ProfileCPU, Exchange: ex.ID}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"profiles", "profiles?exchange=" + string(ex.ID[:8]), "profiles/1", "profiles/1/data", "profiles/1/top", "compare?route=GET+/cart",
		"compare?after=" + string(ex.ID), "compare?before=" + string(ex.ID) + "&after=" + string(later.ID), "exchanges/" + string(ex.ID) + "/calltree",
		"exchanges/" + string(ex.ID) + "/goroutines"} {
		res, body := i.ask(t, "GET", "/api/v1/"+path, "", i.header())
		if strings.HasSuffix(path, "/data") {
			p, err := pb.ParseData([]byte(body))
			if err != nil || len(p.Sample) != 3 || p.Sample[0].Label["plan"][0] != "free" {
				t.Fatalf("data: %v, %v", p, err)
			}
			body = p.String()
		}
		if res.StatusCode != 200 || strings.Contains(body, secret) {
			t.Errorf("%s: status %d, secret in it: %v\n%s", path, res.StatusCode, strings.Contains(body, secret), body)
		}
	}
	if _, body := i.ask(t, "GET", "/api/v1/profiles?exchange=ffff", "", i.header()); body != `{"items":[]}`+"\n" {
		t.Errorf("profiles of another exchange: %s", body)
	}
	i.store.send(inspect.ProfileProgressed{Progress: inspect.ProfileProgress{Error: "password=" + secret}})
	i.store.send(inspect.ProfileRecorded{Profile: kept.list[0]})
	for e := range feed {
		switch e.(type) {
		case inspect.ProfileProgressed, inspect.ProfileRecorded:
			if b, _ := json.Marshal(e); strings.Contains(string(b), secret) {
				t.Errorf("the event holds the secret: %s", b)
			}
		}
		if _, last := e.(inspect.ProfileRecorded); last {
			break
		}
	}
}

// A client that reads the feed hears of profiles.
func TestProfileEvents(t *testing.T) {
	for _, e := range []inspect.Event{
		inspect.ProfileRecorded{Profile: inspect.Profile{ID: 3, Kind: inspect.ProfileTrace, Walls: []inspect.Millis{1e6}, Trace: &inspect.TraceSummary{Goroutines: 2}}},
		inspect.ProfileProgressed{Progress: inspect.ProfileProgress{Kind: inspect.ProfileCPU, Replays: 4, Samples: 20, Wanted: 200, Done: true}},
	} {
		data, err := EncodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeEvent(e.EventKind(), data)
		if diff := cmp.Diff(e, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-sent +got):\n%s", e.EventKind(), err, diff)
		}
	}
}

func TestExecutionTraceIsAFile(t *testing.T) {
	i := startInstance(t)
	kept, _ := i.profiling(t)
	kept.put(inspect.Profile{Kind: inspect.ProfileTrace}, []byte("go 1.26 trace\x00"))
	res, body := i.ask(t, "GET", "/api/v1/profiles/1/data", "", i.header())
	if res.StatusCode != 200 || body != "go 1.26 trace\x00" || !strings.Contains(res.Header.Get("Content-Disposition"), `"pastedev-trace-1.trace"`) {
		t.Errorf("%d %q %v", res.StatusCode, body, res.Header)
	}
	for _, path := range []string{"/api/v1/profiles/1/top", "/pprof/1/top"} {
		if res, body := i.ask(t, "GET", path, "", i.header()); res.StatusCode != 409 || !strings.Contains(body, "go tool trace") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}
