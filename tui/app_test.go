package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// inCheckout and inProduct open an exchange that failed, and one that asks the
// database too often, and press keys there.
func inCheckout(keys ...string) []string {
	return append([]string{"k", "k", "k", "k", "k", "k", "enter"}, keys...)
}

func inProduct(keys ...string) []string {
	return append([]string{"k", "k", "k", "k", "k", "k", "k", "k", "enter"}, keys...)
}

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
		{name: "logs-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: inCheckout("tab", "tab", "tab")},
		{name: "logs-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: inCheckout("tab", "tab", "tab")},
		{name: "sql-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"enter", "tab", "tab", "tab", "tab", "j", "enter"}},
		{name: "sql-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: inProduct("tab", "tab", "tab", "j", "enter")},
		{name: "calls-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, keys: []string{"enter", "tab", "tab", "tab", "tab", "tab", "j", "enter"}},
		{name: "errors-tab-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: inCheckout("shift+tab", "shift+tab", "shift+tab")},
		{name: "errors-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"4"}},
		{name: "errors-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: []string{"4"}},
		{name: "errors-empty-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, prepare: func(f *fake) { f.traces = nil }, keys: []string{"4"}},
		{name: "trace-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"4", "enter"}},
		{name: "trace-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, keys: []string{"4", "enter"}},
		{name: "trace-120x40-dark", w: 120, h: 40, profile: colorprofile.TrueColor, keys: []string{"4", "enter"}},
		{name: "trace-120x40-light", w: 120, h: 40, profile: colorprofile.TrueColor, set: light, keys: []string{"4", "enter"}},
		{name: "trace-120x40-ascii", w: 120, h: 40, profile: colorprofile.ASCII, set: ascii, keys: []string{"4", "enter"}},
		{name: "trace-200x60", w: 200, h: 60, profile: colorprofile.NoTTY, keys: []string{"4", "enter", "a"}},
		{name: "trace-eval-120x40", w: 120, h: 40, profile: colorprofile.NoTTY, keys: []string{"4", "enter", "=", "text:cart.Items", "enter", "=", "text:u.Name", "enter", "ctrl+u", "text:len(cart"}},
		{name: "copy-error-80x24", w: 80, h: 24, profile: colorprofile.NoTTY, keys: []string{"4", "enter", "y"}},
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
		{inspect.Status{State: inspect.StateBuilding, Since: epoch.Add(-400 * time.Millisecond), Recording: true, Detail: "12 of 188 packages"}, []string{"○ Building 0.4 s  12 of 188"}},
		{inspect.Status{State: inspect.StateStarting, Recording: true}, []string{"○ Starting"}},
		{inspect.Status{State: inspect.StateFailed, Recording: true, Build: &broken}, []string{"✗ Failed 2 errors", "Build 4 failed", "handlers/cart.go:42:9: undefined: totl"}},
		{inspect.Status{State: inspect.StateBackoff, Recording: true, Detail: "exit status 3"}, []string{"▲ Backoff ", "The app has ended: exit status 3", "it starts again after the next save, or now with R"}},
		{inspect.Status{State: inspect.StateBackoff, Recording: true, Detail: "exit status 3, again in 2s", Build: &inspect.Build{Number: 4, Mount: "/api", Result: inspect.BuildOK}},
			[]string{"The program of /api has ended: exit status 3, again in 2s", "R starts it now"}},
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
		{"page up and down as in less", []string{"b", "b", "space"}, func(r *rig) bool { return r.selectedSeq() == 120-int64(r.requests.win.height) }},
		{"first", []string{"g"}, func(r *rig) bool { return r.selectedSeq() == 1 && !r.requests.win.follow }},
		{"first and last", []string{"g", "G"}, func(r *rig) bool { return r.selectedSeq() == 120 && r.requests.win.follow }},
		{"home and end", []string{"home", "end"}, func(r *rig) bool { return r.selectedSeq() == 120 && r.requests.win.follow }},
		{"pause", []string{"F"}, func(r *rig) bool { return !r.requests.win.follow && r.selectedSeq() == 120 }},
		{"pause and follow", []string{"F", "F"}, func(r *rig) bool { return r.requests.win.follow }},
		{"open", []string{"enter"}, func(r *rig) bool { return r.requests.open && r.requests.detail.ex.Seq == 120 }},
		{"open and back", []string{"enter", "esc"}, func(r *rig) bool { return !r.requests.open }},
		{"q goes back first", []string{"enter", "q"}, func(r *rig) bool { return !r.requests.open && len(r.sent) == 0 }},
		{"tabs", []string{"k", "enter", "tab", "right", "l"}, func(r *rig) bool { return r.requests.detail.tab == tabTiming }},
		{"tabs around", []string{"k", "enter", "shift+tab", "h", "left"}, func(r *rig) bool { return r.requests.detail.tab == tabRequest }},
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
	for _, g := range keys.groups()[:6] { // menus have keys of their own
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

// clipboard returns what was put on the clipboard last.
func (r *rig) clipboard() string {
	for i := len(r.sent) - 1; i >= 0; i-- {
		if s := fmt.Sprintf("%T", r.sent[i]); s == "tea.setClipboardMsg" {
			return fmt.Sprint(r.sent[i])
		}
	}
	return ""
}

func TestCopy(t *testing.T) {
	post := fakeSummary(111, epoch) // POST /api/cart with a body
	if post.Method != "POST" || post.RequestSize == 0 {
		t.Fatalf("the fake has changed: %+v", post)
	}
	tests := []struct{ name, key, want string }{
		{"url", "u", "http://localhost:8080/api/cart"},
		{"url by the same key again", "y", "http://localhost:8080/api/cart"},
		{"id", "i", string(post.ID)},
		{"response", "s", fakeJSON},
		{"request", "q", `{"sku":"A-1","quantity":2,"gift":true,"note":"\u00e4\u00f6\u00fc"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(111)
			r := newRig(t, f, 100, 24)
			r.keys("y")
			r.wantText("Copy from POST /api/cart")
			r.keys(tt.key)
			if got := r.clipboard(); got != tt.want {
				t.Errorf("copied %q, want %q", got, tt.want)
			}
			r.wantText("copied " + inspect.FormatSize(int64(len(tt.want))))
		})
	}
	r := newRig(t, newFake(111), 100, 24)
	r.keys("y", "c")
	if got := r.clipboard(); !strings.HasPrefix(got, "curl ") || strings.Contains(got, "c2VjcmV0LWNvb2tpZQ") {
		t.Errorf("copied %q, want a curl command with the secret masked", got)
	}
	r.keys("enter", "x", "y", "c")
	if got := r.clipboard(); !strings.Contains(got, "c2VjcmV0LWNvb2tpZQ") {
		t.Errorf("copied %q while secrets are shown, want them in it", got)
	}
	r = newRig(t, newFake(110), 100, 24) // GET without a body
	r.keys("y", "q")
	r.wantText("copy the request body: it is empty")
	if got := copied("copy", strings.Repeat("x", clipboardLimit+1), nil); got.err == nil || got.copy != nil {
		t.Error("more than a terminal takes is copied")
	}
	r = newRig(t, newFake(111), 100, 24, func(o *Options) { o.Env = append(o.Env, "TMUX=/tmp/tmux") })
	r.keys("y", "u")
	wrapped := false
	for _, m := range r.sent {
		if raw, ok := m.(tea.RawMsg); ok && strings.HasPrefix(fmt.Sprint(raw.Msg), "\x1bPtmux;") {
			wrapped = true
		}
	}
	if !wrapped {
		t.Error("inside tmux the sequence is not passed through")
	}
}

func TestBrowse(t *testing.T) {
	var opened []string
	r := newRig(t, newFake(110), 100, 24, func(o *Options) {
		o.Open = func(url string) error { opened = append(opened, url); return nil }
	})
	r.keys("o", "2", "o")
	r.keys("1", "/", "text:method:POST", "enter", "o") // a POST is not a page
	want := []string{"http://localhost:8080/static/logo.svg", "http://localhost:8080", "http://localhost:8080"}
	if diff := cmp.Diff(want, opened); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	r = newRig(t, newFake(110), 100, 24)
	r.keys("o")
	r.wantText("no browser is known here")
	f := newFake(110)
	f.st.Listeners = []string{"tcp://localhost:5432", "https://localhost:8443"}
	r = newRig(t, f, 100, 24, func(o *Options) {
		o.Open = func(url string) error { opened = append(opened, url); return nil }
	})
	r.keys("2", "o")
	if got := opened[len(opened)-1]; got != "https://localhost:8443" {
		t.Errorf("opened %s, want the address that speaks HTTP", got)
	}
}

func TestInspector(t *testing.T) {
	var opened []string
	r := newRig(t, newFake(110), 100, 24, func(o *Options) {
		o.Open = func(url string) error { opened = append(opened, url); return nil }
		o.Inspector = func(_ context.Context, id inspect.ID) (string, error) {
			if id == "" {
				return "http://inspector/", nil
			}
			return "http://inspector/" + string(id), nil
		}
	})
	s, ok := r.requests.current()
	if !ok {
		t.Fatal("no request is selected")
	}
	r.keys("O", "2", "O")
	if diff := cmp.Diff([]string{"http://inspector/" + string(s.ID), "http://inspector/"}, opened); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	r.keys("1", "y", "l")
	r.wantText("copied 49 B")
	r = newRig(t, newFake(110), 100, 24)
	r.keys("O")
	r.wantText("there is no inspector page here")
}

func TestAttached(t *testing.T) {
	r := newRig(t, newFake(3), 100, 24, func(o *Options) { o.Attached = true })
	r.wantText("q detach")
	r.wantNoText("q quit")
}

func TestSmall(t *testing.T) {
	f := newFake(50)
	r := newRig(t, f, 80, 24)
	for h := range 12 {
		for _, w := range []int{0, 1, 5, 39, 40, 41, 55, 79} {
			r.send(tea.WindowSizeMsg{Width: w, Height: h})
			for _, k := range []string{"1", "enter", "tab", "esc", "/", "x", "esc", "y", "esc", "2", "3", "enter", "esc", "?", "esc"} {
				r.keys(k)
				if w > 0 && h > 0 {
					r.plain()
				}
			}
		}
	}
	r.send(tea.WindowSizeMsg{Width: 39, Height: 12})
	r.wantText("too small: 39x12, needs 40x10")
}

func TestThemes(t *testing.T) {
	r := newRig(t, newFake(3), 80, 24)
	dark := r.screen()
	r.send(tea.BackgroundColorMsg{Color: lipgloss.Color("#ffffff")})
	if r.screen() == dark || r.th.Dark {
		t.Error("a light terminal gets the dark theme")
	}
	r = newRig(t, newFake(3), 80, 24, func(o *Options) { o.Theme = "dark" })
	r.send(tea.BackgroundColorMsg{Color: lipgloss.Color("#ffffff")})
	if !r.th.Dark {
		t.Error("the theme that was asked for yields to the terminal")
	}
	for env, want := range map[string]bool{
		"TERM=linux": true, "PASTEDEV_ASCII=1": true, "TERM=xterm": false, "TERM=linux PASTEDEV_ASCII=0": false,
		"LANG=C": true, "LANG=POSIX": true, "LANG=de_DE.ISO-8859-1": true, "LANG=C PASTEDEV_ASCII=0": false, "LANG=C LC_ALL=en_US.UTF-8": false,
		"LANG=en_US.UTF-8 LC_CTYPE=C": true, "LANG=C.utf8": false, "LANG=de_DE.utf8@euro": false, "LANG=de_DE": false, "LANG=": false,
	} {
		o := Options{Env: strings.Fields(env)}.withDefaults()
		if o.ASCII != want {
			t.Errorf("%s: ASCII = %v, want %v", env, o.ASCII, want)
		}
	}
}

// TestOutputFollow checks that the output follows, freezes and keeps its place when
// old lines are dropped.
func TestOutputFollow(t *testing.T) {
	f := newFake(1)
	f.outs = nil
	n := 0
	add := func(k int) {
		for range k {
			n++
			f.outs = append(f.outs, inspect.Output{Seq: int64(n), Stream: inspect.Stdout, Text: fmt.Sprintf("line %06d", n)})
		}
	}
	r := newRig(t, f, 80, 24)
	r.keys("2")
	r.wantText("printed nothing yet")
	add(100)
	r.heard(dirt{output: true})
	r.wantText("line 000100", "following")
	r.keys("k")
	r.wantNoText("line 000100")
	add(12)
	r.heard(dirt{output: true})
	r.wantNoText("line 000100", "line 000112")
	r.wantText("line 000099", "12 new")
	add(outputLines + 500 - n - 450) // drops lines above what is seen
	r.heard(dirt{output: true})
	r.wantText("line 000099")
	r.keys("G")
	r.wantText(fmt.Sprintf("line %06d", n), "following")
	r.keys("g")
	r.wantNoText("following")
	r.keys("/", "text:000123", "enter")
	r.wantText("line 000123", "1 of")
	if len(r.output.lines) > outputLines {
		t.Errorf("%d lines are held, at most %d may be", len(r.output.lines), outputLines)
	}
}
