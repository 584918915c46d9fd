package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestGolden(t *testing.T) {
	light := func(o *Options) { o.Theme = "light" }
	ascii := func(o *Options) { o.ASCII = true }
	failed := func(f *fake) {
		b := failedBuild(13)
		f.st.State, f.st.Build = inspect.StateFailed, &b
		f.builds = append([]inspect.Build{b}, f.builds...)
	}
	tests := []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
		keys    []string
		set     func(*Options)
		prepare func(*fake)
	}{
		{name: "list-80x24", w: 80, h: 24, profile: colorprofile.NoTTY},
		{name: "list-120x40", w: 120, h: 40, profile: colorprofile.NoTTY},
		{name: "list-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor},
		{name: "list-120x40-light", w: 120, h: 40, profile: colorprofile.TrueColor, set: light},
		{name: "list-80x24-16", w: 80, h: 24, profile: colorprofile.ANSI},
		{name: "list-80x24-nocolour", w: 80, h: 24, profile: colorprofile.ASCII},
		{name: "list-80x24-ascii", w: 80, h: 24, profile: colorprofile.NoTTY, set: ascii},
		{name: "list-40x10", w: 40, h: 10, profile: colorprofile.NoTTY},
		{name: "split-200x60", w: 200, h: 60, profile: colorprofile.NoTTY, keys: []string{"k", "tab", "tab"}},
		{name: "overview-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"enter"}},
		{name: "response-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, keys: []string{"enter", "tab", "tab"}},
		{name: "response-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: []string{"enter", "tab", "tab"}},
		{name: "timing-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"enter", "shift+tab"}},
		{name: "filter-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"/", "text:status:5xx"}},
		{name: "filter-wrong-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"/", "text:/api staus:5xx"}},
		{name: "copy-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"y"}},
		{name: "output-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"2"}},
		{name: "output-80x24-dark", w: 80, h: 24, profile: colorprofile.TrueColor, keys: []string{"2"}},
		{name: "builds-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"3"}},
		{name: "failed-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: failed},
		{name: "failed-build-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: failed, keys: []string{"3", "enter"}},
		{name: "help-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, keys: []string{"?"}},
		{name: "empty-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: func(f *fake) { f.rows = nil }},
		{name: "first-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: func(f *fake) {
			f.st.Recording = false
			f.st.Build = &inspect.Build{Number: 2, Instrumented: true, Done: 63, Total: 188}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(120)
			if tt.prepare != nil {
				tt.prepare(f)
			}
			set := tt.set
			if set == nil {
				set = func(*Options) {}
			}
			r := newRig(t, f, tt.w, tt.h, set)
			r.send(tea.ColorProfileMsg{Profile: tt.profile})
			r.keys(tt.keys...)
			golden(t, tt.name, r.shot(tt.profile))
		})
	}
}

// TestStates checks the word and the sign of each state.
func TestStates(t *testing.T) {
	running := inspect.Build{Number: 3, Result: inspect.BuildOK, Duration: inspect.Millis(840 * time.Millisecond)}
	broken := failedBuild(4)
	tests := []struct {
		st   inspect.Status
		want []string
	}{
		{inspect.Status{State: inspect.StateRunning, Recording: true, Build: &running}, []string{"● Running  build 3 in 840 ms"}},
		{inspect.Status{State: inspect.StateBuilding, Since: epoch.Add(-400 * time.Millisecond), Recording: true, Detail: "12 of 188 packages"}, []string{"○ Building 0.4s  12 of 188"}},
		{inspect.Status{State: inspect.StateStarting, Recording: true}, []string{"○ Starting"}},
		{inspect.Status{State: inspect.StateFailed, Recording: true, Build: &broken}, []string{"✗ Failed 2 errors", "Build 4 failed", "handlers/cart.go:42:9: undefined: totl"}},
		{inspect.Status{State: inspect.StateBackoff, Recording: true, Detail: "exit status 3"}, []string{"▲ Backoff  exit status 3", "The app has ended: exit status 3"}},
		{inspect.Status{State: inspect.StateStopped, Recording: true}, []string{"· Stopped"}},
		{inspect.Status{State: inspect.StateRunning, Build: &inspect.Build{Number: 2, Done: 63, Total: 188}}, []string{"Recording starts in a moment  instrumenting, once: 63 of 188 packages"}},
	}
	for _, tt := range tests {
		f := newFake(3)
		f.st = tt.st
		r := newRig(t, f, 100, 30)
		for _, page := range []string{"1", "2", "3"} {
			r.keys(page)
			r.wantText(tt.want...)
		}
		f.st = inspect.Status{State: inspect.StateRunning, Recording: true, Build: &running}
		r.heard(dirt{status: true})
		r.keys("1")
		r.wantText("● Running")
		r.wantNoText("failed", "has ended", "Recording starts")
	}
}

// TestKeys is the table of what the keys do.
func TestKeys(t *testing.T) {
	tests := []struct {
		name string
		keys []string
		want func(*rig) bool
	}{
		{"pages", []string{"2"}, func(r *rig) bool { return r.page == pageOutput }},
		{"pages back", []string{"3", "1"}, func(r *rig) bool { return r.page == pageRequests }},
		{"up leaves the end", []string{"k"}, func(r *rig) bool { return r.selectedSeq() == 119 && !r.requests.win.follow }},
		{"down at the end follows", []string{"k", "j", "j"}, func(r *rig) bool { return r.requests.win.follow && r.selectedSeq() == 120 }},
		{"half a page", []string{"ctrl+u"}, func(r *rig) bool { return r.selectedSeq() == 120-int64(r.requests.win.height/2) }},
		{"page up", []string{"pgup"}, func(r *rig) bool { return r.selectedSeq() == 120-int64(r.requests.win.height) }},
		{"page up and down", []string{"pgup", "pgdown"}, func(r *rig) bool { return r.selectedSeq() == 120 }},
		{"first", []string{"g"}, func(r *rig) bool { return r.selectedSeq() == 1 && !r.requests.win.follow }},
		{"first and last", []string{"g", "G"}, func(r *rig) bool { return r.selectedSeq() == 120 && r.requests.win.follow }},
		{"home and end", []string{"home", "end"}, func(r *rig) bool { return r.selectedSeq() == 120 && r.requests.win.follow }},
		{"pause", []string{"F"}, func(r *rig) bool { return !r.requests.win.follow && r.selectedSeq() == 120 }},
		{"pause and follow", []string{"F", "F"}, func(r *rig) bool { return r.requests.win.follow }},
		{"open", []string{"enter"}, func(r *rig) bool { return r.requests.open && r.requests.detail.ex.Seq == 120 }},
		{"open and back", []string{"enter", "esc"}, func(r *rig) bool { return !r.requests.open }},
		{"q goes back first", []string{"enter", "q"}, func(r *rig) bool { return !r.requests.open && len(r.sent) == 0 }},
		{"tabs", []string{"enter", "tab", "right", "l"}, func(r *rig) bool { return r.requests.detail.tab == tabTiming }},
		{"tabs around", []string{"enter", "shift+tab", "h", "left"}, func(r *rig) bool { return r.requests.detail.tab == tabRequest }},
		{"older", []string{"enter", "[", "["}, func(r *rig) bool { return r.requests.detail.ex.Seq == 118 }},
		{"newer", []string{"enter", "[", "[", "]"}, func(r *rig) bool { return r.requests.detail.ex.Seq == 119 }},
		{"newest", []string{"enter", "]"}, func(r *rig) bool { return r.requests.detail.ex.Seq == 120 && strings.Contains(r.toast, "newest") }},
		{"reveal", []string{"enter", "x"}, func(r *rig) bool { return r.src.reveals[len(r.src.reveals)-1] && r.requests.detail.reveal }},
		{"reveal and mask", []string{"enter", "x", "x"}, func(r *rig) bool { return !r.src.reveals[len(r.src.reveals)-1] }},
		{"help", []string{"?"}, func(r *rig) bool { return r.help != nil }},
		{"help and back", []string{"?", "q"}, func(r *rig) bool { return r.help == nil && len(r.sent) == 0 }},
		{"quit", []string{"q"}, func(r *rig) bool { return len(r.sent) == 1 && r.sent[0] == tea.Quit() }},
		{"ctrl+c quits anywhere", []string{"/", "ctrl+c"}, func(r *rig) bool { return len(r.sent) == 1 && r.sent[0] == tea.Quit() }},
		{"esc never quits", []string{"esc", "esc"}, func(r *rig) bool { return len(r.sent) == 0 }},
		{"q in the filter is text", []string{"/", "q"}, func(r *rig) bool { return r.requests.wanted == "q" && len(r.sent) == 0 }},
		{"mouse", []string{"%"}, func(r *rig) bool { return r.mouse && r.View().MouseMode == tea.MouseModeCellMotion }},
		{"restart", []string{"R"}, func(r *rig) bool { return r.src.restarts == 1 }},
		{"clear asks", []string{"C"}, func(r *rig) bool { return r.src.clears == 0 && r.sheet != nil }},
		{"clear refused", []string{"C", "n"}, func(r *rig) bool { return r.src.clears == 0 && r.sheet == nil }},
		{"clear", []string{"C", "y"}, func(r *rig) bool { return r.src.clears == 1 }},
		{"replay asks for POST", []string{"r"}, func(r *rig) bool { return len(r.src.replays) == 0 && r.sheet != nil }},
		{"replay POST", []string{"r", "y"}, func(r *rig) bool { return cmp.Equal(r.src.replays, []inspect.ID{fakeID(120)}) }},
		{"replay GET", []string{"k", "r"}, func(r *rig) bool { return cmp.Equal(r.src.replays, []inspect.ID{fakeID(119)}) }},
		{"wrap", []string{"2", "w"}, func(r *rig) bool { return !r.output.wrap }},
		{"pause output", []string{"2", "F"}, func(r *rig) bool { return !r.output.follow }},
		{"filter output", []string{"2", "/", "text:CART", "enter"}, func(r *rig) bool { return len(r.output.shown) == 1 && !r.output.editing }},
		{"filter output cleared", []string{"2", "/", "text:CART", "enter", "esc"}, func(r *rig) bool { return len(r.output.shown) == len(r.output.lines) }},
		{"builds", []string{"3", "j", "j", "enter"}, func(r *rig) bool { return r.builds.open && r.builds.number == 10 }},
		{"builds back", []string{"3", "j", "enter", "esc"}, func(r *rig) bool { return !r.builds.open && r.page == pageBuilds }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, newFake(120), 100, 30)
			r.keys(tt.keys...)
			if !tt.want(r) {
				t.Errorf("after %q:\n%s", tt.keys, r.plain())
			}
			r.plain()
		})
	}
}

// TestHelpListsAllKeys checks that no binding is missing from the help and that no
// two of one place share a key.
func TestHelpListsAllKeys(t *testing.T) {
	keys := DefaultKeys()
	listed := map[string]int{}
	for _, g := range keys.groups() {
		for _, b := range g.keys {
			listed[fmt.Sprint(b.Keys(), b.Help())]++
		}
	}
	all := allBindings(keys)
	for _, b := range all {
		if listed[fmt.Sprint(b.Keys(), b.Help())] != 1 {
			t.Errorf("binding %v is listed %d times in the help, want once", b.Help(), listed[fmt.Sprint(b.Keys(), b.Help())])
		}
	}
	r := newRig(t, newFake(1), 100, 200)
	r.keys("?")
	for _, b := range all {
		r.wantText(longDesc(b))
	}
	used := map[string]string{}
	for _, g := range keys.groups()[:5] { // menus have keys of their own
		for _, b := range g.keys {
			for _, k := range b.Keys() {
				if other := used[k]; other != "" {
					t.Errorf("key %q means %q and %q", k, other, b.Help().Desc)
				}
				used[k] = b.Help().Desc
			}
		}
	}
}

func TestQuitRunsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f := newFeed(newFake(1))
	f.run(ctx) // returns at once
	if msg := f.next(ctx)(); msg != nil {
		t.Errorf("next after the end gives %v, want nil", msg)
	}
}
