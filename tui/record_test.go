package tui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// background presses a key whose commands take their time; end waits for them and gives
// what they bring to the UI.
func (r *rig) background(name string) (end func()) {
	r.t.Helper()
	_, cmd := r.Update(keyPress(name))
	done := make(chan []tea.Msg, 1)
	go func() { done <- results(cmd) }()
	return func() {
		r.t.Helper()
		r.send(<-done...)
	}
}

// inShop opens the newest GET of a product, which can be sent again without a question.
func inShop(more ...string) []string {
	return append([]string{"/", "text:/api/products method:GET", "enter", "enter"}, more...)
}

// held makes profiles wait until the test lets them go, or their context ends.
func held(f *fake) (release chan error) {
	release = make(chan error)
	f.profileOf = func(ctx context.Context, _ inspect.ProfileRequest) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-release:
			return err
		}
	}
	return release
}

func TestRecord(t *testing.T) {
	f := newFake(120)
	release := held(f)
	r := newRig(t, f, 120, 40)
	r.keys(inShop("shift+tab", "shift+tab", "P")...)
	r.wantText("Profile GET /api/products/112: sent again until there are 200 samples, at most 10 s", "w   wall")
	end := r.background("c")
	r.send(tickLessMsg())
	if r.tickEvery() != tickBusy {
		t.Error("the clock does not tick while a profile is under way")
	}
	id := fakeID(112)
	r.wantText("cpu profile ················ 0 of 200 samples, 0 replays, 0.0 s of 10 s  esc cancels")
	progress := inspect.ProfileProgress{Exchange: id, Kind: inspect.ProfileCPU, Replays: 17, Samples: 50, Wanted: 200, Elapsed: ms(1200), Limit: ms(10000)}
	r.now = r.now.Add(1300 * time.Millisecond)
	r.heard(dirt{progress: &progress})
	r.wantText("cpu profile ████············ 50 of 200 samples, 17 replays, 1.3 s of 10 s")
	golden(t, "recording-120x40", r.shot(colorprofile.NoTTY))
	other := progress
	other.Exchange, other.Samples = fakeID(3), 199
	r.heard(dirt{progress: &other})
	r.wantText("50 of 200 samples")
	r.keys("2")
	r.wantText("50 of 200 samples") // on every page
	r.keys("1", "P")
	r.wantText("✗ profile: one is being recorded; esc ends it")
	release <- nil
	end()
	r.wantText("● cpu profile 1: 214 samples", "cpu profile 1   214 samples, 3 of others left out, 41 replays", "pastedev profiles 1 --pb cpu.pb.gz", "shop.Money.String", "Recorded")
	r.wantNoText("esc cancels")
	if diff := cmp.Diff([]inspect.ProfileRequest{{Kind: inspect.ProfileCPU, Exchange: id, Replay: true}}, f.asked); diff != "" {
		t.Errorf("asked, -want +got\n%s", diff)
	}
	if r.tickEvery() != tickIdle {
		t.Error("the clock goes on as if a profile were under way")
	}
	r.keys("v")
	r.wantText("S query SELECT")
}

// tickLessMsg is a message that only lets the pages look.
func tickLessMsg() tea.Msg { return tea.WindowSizeMsg{Width: 120, Height: 40} }

func TestRecordCancelled(t *testing.T) {
	f := newFake(120)
	held(f)
	r := newRig(t, f, 120, 40)
	r.keys(inShop("P")...)
	end := r.background("w")
	r.send(tickLessMsg())
	r.wantText("wall profile", "esc cancels")
	r.keys("/", "text:x", "esc") // the search is left first
	r.wantText("esc cancels")
	r.keys("esc")
	r.wantText("ending the wall profile")
	end()
	r.wantText("● the profile was cancelled")
	r.wantNoText("esc cancels")
	if !r.requests.open {
		t.Error("the key that cancels has left the request too")
	}
	r.keys("esc")
	if r.requests.open {
		t.Error("esc leaves nothing any more")
	}
}

func TestRecordUnsafe(t *testing.T) {
	f := newFake(120)
	r := newRig(t, f, 120, 40)
	r.keys(inCart("P", "c")...)
	r.wantText("Send POST /api/cart again, many times?")
	r.keys("n")
	if len(f.asked) > 0 {
		t.Fatalf("asked for %v without a yes", f.asked)
	}
	r.keys("P", "t", "y")
	if diff := cmp.Diff([]inspect.ProfileRequest{{Kind: inspect.ProfileTrace, Exchange: fakeID(120), Replay: true, Confirmed: true}}, f.asked); diff != "" {
		t.Errorf("asked, -want +got\n%s", diff)
	}
	r.wantText("trace profile 1", "network, 9 times", "request.trace")
}

func TestRecordRefused(t *testing.T) {
	f := newFake(120)
	refuse := fmt.Errorf("replay: %w", inspect.ErrConfirm)
	f.profileOf = func(_ context.Context, r inspect.ProfileRequest) error {
		if r.Confirmed {
			return errors.New("the app runs a profile of its own")
		}
		return refuse
	}
	r := newRig(t, f, 120, 40)
	r.keys(inShop("P", "c")...)
	r.wantText("Send GET /api/products/112 again, many times?")
	r.keys("y")
	r.wantText("✗ profile " + fakeID(112).Short() + ": the app runs a profile of its own")
	if r.rec != nil {
		t.Error("a refused profile is still under way")
	}
	r.keys("esc", "esc", "/", "ctrl+u", "text:/ws", "enter", "P")
	r.wantText("✗ profile: a websocket cannot be sent again")
}

// TestRecordedByOthers: what the command line records is shown without a key.
func TestRecordedByOthers(t *testing.T) {
	f := newFake(120)
	r := newRig(t, f, 120, 40)
	r.keys(inCart()...)
	r.wantNoText("Recorded")
	f.mu.Lock()
	f.profiles = []inspect.Profile{fakeRecorded(7, fakeID(120), "heap")}
	f.mu.Unlock()
	r.now = r.now.Add(time.Second)
	r.heard(dirt{profiles: true})
	r.wantText("Recorded")
	r.keys("shift+tab")
	r.wantUnder("handlers.(*Server).AddToCart")
	r.keys("tab", "v", "v", "v")
	r.wantText("heap profile 7")
	r.keys("/", "text:cart", "enter")
	r.wantText("1 of 2", "▌  10.0 ms")
	r.keys("n")
	r.wantText("2 of 2")
	route, foreign := fakeRecorded(8, "", "wall"), fakeRecorded(9, "", "wall")
	route.Route, foreign.Route = "POST /api/cart", "GET /api/products/{}"
	f.mu.Lock()
	f.profiles = append([]inspect.Profile{foreign, route}, f.profiles...)
	f.mu.Unlock()
	r.now = r.now.Add(time.Second)
	r.heard(dirt{profiles: true})
	r.wantText("wall profile 8 of POST /api/cart", "1 of 2", "Recorded 2")
	r.keys("right")
	r.wantText("heap profile 7", "2 of 2")
}

func TestHistogram(t *testing.T) {
	th := newRig(t, newFake(1), 80, 24).th
	walls := func(f ...float64) (w []inspect.Millis) {
		for _, v := range f {
			w = append(w, ms(v))
		}
		return w
	}
	many := []float64{900}
	for i := range 99 {
		many = append(many, 10+float64(i%10))
	}
	for _, tt := range []struct {
		name string
		in   []inspect.Millis
		want string
	}{
		{"none", nil, ""},
		{"one", walls(4), ""},
		{"equal", walls(4, 4), "4.0 ms █    4.0 ms, half below 4.0 ms"},
		{"two ends", walls(1, 1, 1, 1, 4), "1.0 ms █  ▂ 4.0 ms, half below 1.0 ms"},
		{"an outlier squeezes nothing", walls(many...), "10.0 ms █  █  █   █  █   █  █   █  █   █ 900 ms, half below 15.0 ms"},
	} {
		got := stripped(histogram(th, tt.in, 40))
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
