package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// inCart opens the profile tab of the newest request that adds to the cart.
func inCart(more ...string) []string {
	return append([]string{"/", "text:/api/cart method:POST", "enter", "enter", "shift+tab", "shift+tab"}, more...)
}

func TestProfileGolden(t *testing.T) {
	light := func(o *Options) { o.Theme = "light" }
	ascii := func(o *Options) { o.ASCII = true }
	recorded := func(f *fake) {
		f.profiles = append(f.profiles, fakeRecorded(2, fakeID(120), "trace"), fakeRecorded(1, fakeID(120), "cpu"))
	}
	slower := func(f *fake) {
		f.rows[118].Verdict = "+38 ms in loadCart, 12 more SELECTs"
		f.rows[112].Verdict = "+1.2 s in views.Cart"
		f.rows[117].InFlight, f.rows[117].Status, f.rows[117].Duration, f.rows[117].Error = true, 0, 0, ""
	}
	slow := func(f *fake) {
		inFlight(f)
		f.rows[119].Start = epoch.Add(-42 * time.Second)
		f.stacks = fakeStacks
	}
	tests := []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
		keys    []string
		set     func(*Options)
		prepare func(*fake)
	}{
		{name: "tree-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: inCart()},
		{name: "tree-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, keys: inCart("a")},
		{name: "tree-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: inCart("a", "j", "/", "text:place", "enter")},
		{name: "tree-120x40-light", w: 120, h: 40, profile: colorprofile.TrueColor, set: light, keys: inCart("j", "j")},
		{name: "tree-200x60", w: 200, h: 60, profile: colorprofile.NoTTY, keys: inCart("a")},
		{name: "tree-80x24-ascii", w: 80, h: 24, profile: colorprofile.ASCII, set: ascii, keys: inCart("j", "j")},
		{name: "tree-40x10", w: 40, h: 10, profile: colorprofile.NoTTY, keys: inCart()},
		{name: "top-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: inCart("v")},
		{name: "top-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: inCart("v", "s")},
		{name: "flame-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: inCart("v", "v", "down")},
		{name: "flame-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: inCart("v", "v")},
		{name: "flame-120x40-light", w: 120, h: 40, profile: colorprofile.TrueColor, set: light, keys: inCart("v", "v", "down", "right")},
		{name: "flame-120x40-256", w: 120, h: 40, profile: colorprofile.ANSI256, keys: inCart("v", "v", "down")},
		{name: "flame-120x40-16", w: 120, h: 40, profile: colorprofile.ANSI, keys: inCart("v", "v", "down")},
		{name: "flame-80x24-ascii", w: 80, h: 24, profile: colorprofile.ASCII, set: ascii, keys: inCart("v", "v", "down", "right", "enter")},
		{name: "flame-80x24-nocolour", w: 80, h: 24, profile: colorprofile.ASCII, keys: inCart("v", "v", "down", "left")},
		{name: "tree-80x24-16", w: 80, h: 24, profile: colorprofile.ANSI, keys: inCart("j")},
		{name: "flame-200x60", w: 200, h: 60, profile: colorprofile.NoTTY, keys: inCart("v", "v", "down")},
		{name: "recorded-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: recorded, keys: inCart("v", "v", "v", "right", "down")},
		{name: "recorded-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, prepare: recorded, keys: inCart("v", "v", "v", "right")},
		{name: "recorded-80x24-ascii", w: 80, h: 24, profile: colorprofile.ASCII, set: ascii, prepare: recorded, keys: inCart("v", "v", "v", "right")},
		{name: "recorded-trace-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, prepare: recorded, keys: inCart("v", "v", "v")},
		{name: "profile-menu-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: inCart("P")},
		{name: "profile-question-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: inCart("P", "c")},
		{name: "compare-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, keys: inCart("c")},
		{name: "compare-80x24-ascii", w: 80, h: 24, profile: colorprofile.ASCII, set: ascii, keys: inCart("c")},
		{name: "compare-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: inCart("c")},
		{name: "compare-200x60", w: 200, h: 60, profile: colorprofile.NoTTY, keys: inCart("c")},
		{name: "stacks-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: slow, keys: []string{"D", "j"}},
		{name: "stacks-120x40-light", w: 120, h: 40, profile: colorprofile.TrueColor, set: light, prepare: slow, keys: []string{"D", "/", "text:deliver", "enter"}},
		{name: "end-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: slow, keys: []string{"k", "j", "X"}},
		{name: "calls-off-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"T"}},
		{name: "slower-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, prepare: slower},
		{name: "slower-200x60", w: 200, h: 60, profile: colorprofile.NoTTY, prepare: slower},
		{name: "slower-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: slower},
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
