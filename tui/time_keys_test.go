package tui

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestCompare(t *testing.T) {
	var edited []string
	f := newFake(120)
	r := newRig(t, f, 120, 40, func(o *Options) {
		o.Editor = func(path string, _, _ int) error {
			edited = append(edited, path)
			return nil
		}
	})
	r.keys(inCart("c")...)
	r.wantText("POST /api/cart compared with the build before", "+38 ms in loadCart, 12 more SELECTs", "before   POST /api/cart, build 11, mean of 8 requests", "1 → 13", "-9.9 ms")
	r.keys("enter", "y")
	r.wantText("copied 35 B")
	r.keys("/", "text:views", "enter")
	r.wantText("1 of 2")
	r.keys("esc", "esc")
	r.wantText("bank.(*Client).Authorize")
	r.keys("m")
	r.wantText("marked POST /api/cart; c on another compares")
	r.keys("esc", "esc", "G", "k")
	r.wantText("→ marked")
	r.keys("c")
	r.wantText("GET /static/logo.svg compared with POST /api/cart")
	r.keys("q", "G", "m")
	r.wantText("no request is marked")
	r.wantNoText("→ marked")
	want := []string{"POST /api/cart", fakeID(119).Short() + " " + fakeID(120).Short()}
	if diff := cmp.Diff(want, f.compared); diff != "" {
		t.Errorf("compared, -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/src/shop/store/cart.go"}, edited); diff != "" {
		t.Errorf("edited, -want +got\n%s", diff)
	}
	f.profErr = errors.New("no build before this one has answered the route\nhint: ask again after the next build")
	r.keys("c")
	r.wantText("✗ no build before this one", "hint: ask again after the next build")
}

// inFlight makes the newest exchange one that has not ended.
func inFlight(f *fake) {
	s := &f.rows[len(f.rows)-1]
	s.InFlight, s.Status, s.Duration, s.ContentType, s.ResponseSize = true, 0, 0, "", 0
}

func TestStacksAndEnd(t *testing.T) {
	var edited []string
	f := newFake(120)
	f.stacks = fakeStacks
	inFlight(f)
	r := newRig(t, f, 120, 40, func(o *Options) {
		o.Editor = func(path string, _, _ int) error {
			edited = append(edited, path)
			return nil
		}
	})
	r.keys("k", "D")
	r.wantText("✗ goroutines: the request has ended")
	r.keys("X")
	r.wantText("✗ end: the request has ended by itself")
	r.keys("j")
	r.wantText("D goroutines", "X end")
	r.keys("D")
	r.wantText("Goroutines of POST /api/cart", "after 1.7 s", "goroutine 34 [sleep, 1 minutes]:", "/src/shop/handlers/slow.go:21 +0x45")
	r.keys("/", "text:slow.go:21", "enter", "e", "esc", "esc")
	r.wantNoText("Goroutines of")
	r.requests.openDetail(fakeID(120))
	r.requests.detail.openProfile(modeTree)
	f.mu.Lock()
	f.rows[119].Sums.Nodes = 0
	f.mu.Unlock()
	r.later(time.Second)
	r.wantText("its calls are known when it ends. D shows where it is.", "X end")
	r.now = r.now.Add(-time.Second)
	r.keys("X")
	r.wantText("End POST /api/cart after 1.7 s? Its client gets an error.")
	r.keys("q")
	if len(f.ended) > 0 {
		t.Fatal("ended without a yes")
	}
	r.keys("X", "y")
	r.wantText("● ended " + fakeID(120).Short())
	if diff := cmp.Diff([]inspect.ID{fakeID(120)}, f.ended); diff != "" {
		t.Errorf("ended, -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/src/shop/handlers/slow.go"}, edited); diff != "" {
		t.Errorf("edited, -want +got\n%s", diff)
	}
	f.stacks = ""
	r.keys("D")
	r.wantText("✗ it has no goroutines; has it ended?")
}

func TestStackPlace(t *testing.T) {
	for in, want := range map[string]string{
		"\t/src/a.go:12 +0x1d": "/src/a.go:12", "\t/src/a b/c.go:7": "/src/a b/c.go:7", "main.f()": "", "\tno place": "", "\t:3": "", "\tC:/src/a.go:5 +0x1": "C:/src/a.go:5", "": "",
	} {
		if got := placeOf(stackPlace(in)); got != want {
			t.Errorf("%q is at %q, want %q", in, got, want)
		}
	}
}

func TestStuck(t *testing.T) {
	base := inspect.Summary{Kind: inspect.KindHTTP, InFlight: true, Start: epoch}
	with := func(set func(*inspect.Summary)) inspect.Summary {
		s := base
		set(&s)
		return s
	}
	for _, tt := range []struct {
		name  string
		s     inspect.Summary
		after time.Duration
		want  bool
	}{
		{"young", base, stuckAfter - 1, false},
		{"old", base, stuckAfter, true},
		{"ended", with(func(s *inspect.Summary) { s.InFlight = false }), time.Hour, false},
		{"event stream", with(func(s *inspect.Summary) { s.ContentType = "text/event-stream; charset=utf-8" }), time.Hour, false},
		{"websocket", with(func(s *inspect.Summary) { s.Kind = inspect.KindWebSocket }), time.Hour, false},
		{"slow body", with(func(s *inspect.Summary) { s.Status, s.ContentType = 200, "text/html" }), time.Minute, true},
	} {
		if got := stuck(epoch.Add(tt.after), tt.s); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	f := newFake(30)
	inFlight(f)
	r := newRig(t, f, 80, 24)
	r.wantNoText("stuck")
	r.wantText("1.7 s")
	r.later(30 * time.Second)
	r.wantText("▲ stuck", "31.7 s")
	if r.tickEvery() != tickIdle {
		t.Error("a stuck request keeps the clock busy")
	}
}

func TestVerdict(t *testing.T) {
	f := newFake(30)
	f.rows[28].Verdict = "+38 ms in loadCart, 12 more SELECTs"
	r := newRig(t, f, 150, 40)
	r.wantText("↑ +38 ms in loadCart, 12 more SELECTs")
	r.keys("k", "enter")
	r.wantText("slower", "+38 ms in loadCart")
	r = newRig(t, f, 80, 24)
	r.wantNoText("loadCart")
}
