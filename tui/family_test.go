package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	tea "charm.land/bubbletea/v2"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestFamilyGolden(t *testing.T) {
	dark, plain := colorprofile.TrueColor, colorprofile.NoTTY
	unfolded := []string{"k", "k", "k", "z", "j", "z"}
	with := func(keys []string, more ...string) []string { return append(slices.Clone(keys), more...) }
	for _, tt := range []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
		keys    []string
		set     func(*Options)
	}{
		{"subs-80x24", 80, 24, plain, nil, nil},
		{"subs-unfolded-80x24", 80, 24, plain, unfolded, nil},
		{"subs-ascii-80x24", 80, 24, plain, unfolded, func(o *Options) { o.ASCII = true }},
		{"subs-120x40-dark", 120, 40, dark, unfolded, nil},
		{"subs-120x40-light", 120, 40, dark, []string{"Z"}, func(o *Options) { o.Theme = "light" }},
		{"subs-200x60", 200, 60, plain, unfolded, nil},
		{"subs-filter-80x24", 80, 24, plain, []string{"/", "text:parts", "enter"}, nil},
		{"subs-overview-80x24", 80, 24, plain, []string{"k", "k", "k", "enter"}, nil},
		{"subs-tab-120x40-dark", 120, 40, dark, []string{"k", "k", "k", "enter", "tab", "tab", "tab"}, nil},
		{"subs-of-80x24", 80, 24, plain, []string{"Z", "enter", "tab", "tab", "tab"}, nil},
		{"program-80x24", 80, 24, plain, with(unfolded, "j", "enter", "shift+tab", "shift+tab", "j", "j", "j", "j", "j", "enter"), nil},
		{"program-failed-120x40-dark", 120, 40, dark, []string{"k", "enter", "shift+tab", "shift+tab"}, nil},
		{"inside-120x40-dark", 120, 40, dark, []string{"k", "k", "k", "enter", "shift+tab"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(120)
			f.family()
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

// rowsOf is the rows from the first newer than seq on: depth and path of each.
func (r *rig) rowsOf(seq int64) (list []string) {
	w := &r.requests.win
	for _, s := range w.rows {
		if s.Seq > seq {
			list = append(list, strings.Repeat(">", w.depth[s.ID])+s.Path)
		}
	}
	return list
}

func TestFold(t *testing.T) {
	f := newFake(120)
	f.family()
	r := newRig(t, f, 100, 30)
	check := func(what string, want ...string) {
		t.Helper()
		if d := cmp.Diff(want, r.rowsOf(112)); d != "" {
			t.Errorf("%s: -want +got\n%s", what, d)
		}
	}
	folded := []string{"/cart", "/api/orders", "/cgi-bin/report.pl", "/no/such/page"}
	check("at first", folded...)
	r.keys("k", "k", "k", "z")
	check("one unfolded", "/cart", ">/parts/head", ">/parts/foot", "/api/orders", "/cgi-bin/report.pl", "/no/such/page")
	r.keys("j", "z")
	check("two deep", "/cart", ">/parts/head", ">>/cgi-bin/basket.pl", ">/parts/foot", "/api/orders", "/cgi-bin/report.pl", "/no/such/page")
	r.keys("j", "j", "z") // on the last part
	check("shut from a part", folded...)
	if s, _ := r.requests.win.selected(); s.Path != "/cart" {
		t.Errorf("the cursor is on %s, want what was shut", s.Path)
	}
	r.keys("z")
	check("what was open within is shut", "/cart", ">/parts/head", ">/parts/foot", "/api/orders", "/cgi-bin/report.pl", "/no/such/page")
	r.keys("G", "Z")
	all := []string{"/cart", ">/parts/head", ">>/cgi-bin/basket.pl", ">/parts/foot", "/api/orders", "/cgi-bin/report.pl", "/no/such/page", ">/errors/404.html"}
	check("all", all...)
	r.keys("Z")
	check("none", folded...)
	r.keys("/", "text:foot", "enter")
	check("a filter finds parts", ">/parts/foot")
	r.keys("z")
	r.wantText("a filter shows sub-requests as it finds them")
	r.keys("esc", "k", "z")
	r.wantText("this request has no sub-requests")
}

// Traffic that comes while something is unfolded leaves what is read in its place.
func TestFoldStays(t *testing.T) {
	f := newFake(120)
	f.family()
	r := newRig(t, f, 100, 30)
	r.keys("k", "k", "k", "z")
	top := r.requests.win.top
	for range 40 {
		f.add(epoch)
		r.heard(dirt{exchanges: true, lastSeq: int64(len(f.rows))})
		r.later(time.Second)
	}
	if s, _ := r.requests.win.selected(); s.Path != "/cart" || r.requests.win.top < top {
		t.Errorf("the cursor is on %s, the top went from %d to %d", s.Path, top, r.requests.win.top)
	}
	r.wantText("/parts/head", "40 new")
}

func TestVisit(t *testing.T) {
	f := newFake(120)
	f.family()
	r := newRig(t, f, 100, 30)
	r.keys("k", "k", "k", "enter", "tab", "tab", "tab", "enter")
	r.wantText("/parts/head", "part of", "GET /cart, included")
	r.keys("tab", "tab", "tab", "j", "j", "j", "j", "j", "j", "enter")
	r.wantText("GET /parts/head, included", "basket.pl, exit 0")
	r.keys("esc")
	r.wantText("Included by", "/cgi-bin/basket.pl")
	r.keys("esc")
	r.wantText("/parts/foot")
	r.keys("esc")
	if r.requests.open {
		t.Error("esc has not left the detail")
	}
}

// A window over thousands of parts holds no gap, however it is cut.
func TestWindowOfParts(t *testing.T) {
	var all []inspect.Summary
	for n := int64(1); n <= 6000; n++ {
		s := inspect.Summary{Seq: n, ID: fakeID(n)}
		if n%5 == 3 || n%5 == 1 && n > 1 { // of an exchange before the last one
			s.Parent = fakeID(n - n%5)
		}
		all = append(all, s)
	}
	for _, cursor := range []string{"top", "end"} {
		w := newWindow()
		w.resize(20)
		w.follow = false
		for at := 0; at < len(all); at += 500 {
			page := slices.Clone(all[at : at+500])
			slices.Reverse(page)
			w.apply(loadNewer, inspect.List{Items: page, More: true})
			if cursor == "end" {
				w.to(len(w.rows) - 1)
			}
		}
		lo, hi := minSeq(w.rows), w.newest()
		if n := int64(len(w.rows)); hi-lo+1 != n || n != maxRows {
			t.Errorf("cursor at the %s: %d rows from %d to %d", cursor, n, lo, hi)
		}
		for i, s := range w.rows {
			p := w.index(s.Parent)
			if p > i || s.Parent != "" && p >= 0 && fmt.Sprint(w.rows[p].Seq) != fmt.Sprint(s.Seq-s.Seq%5) {
				t.Fatalf("row %d stands above row %d, which it is a part of", i, p)
			}
		}
	}
}

// programs are two programs of pastedev serve, of which one does not build.
func programs(f *fake) {
	b := failedBuild(13)
	b.Mount = "/gin"
	f.builds = append([]inspect.Build{b}, f.builds...)
	f.st.Programs = []inspect.Program{{Mount: "/app", Target: "./shop", State: inspect.StateRunning}, {Mount: "/gin", Target: "./gin", State: inspect.StateFailed, Build: &b}}
	f.st.State, f.st.Build = inspect.StateFailed, &b
}

func TestProgramsGolden(t *testing.T) {
	for _, tt := range []struct {
		name string
		keys []string
	}{{"programs-80x24", nil}, {"programs-restart-80x24", []string{"R"}}, {"programs-builds-80x24", []string{"3"}}, {"programs-build-80x24", []string{"3", "enter"}}} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(120)
			programs(f)
			r := newRig(t, f, 80, 24)
			r.keys(tt.keys...)
			golden(t, tt.name, r.shot(colorprofile.NoTTY))
		})
	}
}

func TestRestartOne(t *testing.T) {
	f := newFake(20)
	programs(f)
	r := newRig(t, f, 100, 30)
	r.keys("R", "2", "R", "esc", "R", "1", "R", "R")
	if d := cmp.Diff([]string{"/gin", "/app"}, f.mounts); d != "" || f.restarts != 1 {
		t.Errorf("one by one: %s; all: %d, want 1", d, f.restarts)
	}
	f.st.Programs = f.st.Programs[:1]
	r.heard(dirt{status: true})
	r.later(time.Second)
	r.keys("R")
	if f.restarts != 2 {
		t.Errorf("a single program was asked about")
	}
}

// The help is laid out anew with the terminal.
func TestHelpResizes(t *testing.T) {
	r := newRig(t, newFake(20), 80, 24)
	r.keys("?")
	r.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	if first := strings.Split(r.plain(), "\n")[2]; !strings.Contains(first, "Pages") || !strings.Contains(first, "App") {
		t.Errorf("the help begins with %q, want two columns", first)
	}
}

// A program that still runs has not failed.
func TestProgramRunning(t *testing.T) {
	f := folder{width: 100, flip: map[string]bool{}}
	ex := &inspect.Exchange{Spans: []inspect.Span{{Kind: inspect.SpanProcess, Process: &inspect.Process{Program: "/srv/slow.pl", PID: 7, Exit: -1}}}}
	f.programs(ex)
	text := ""
	for _, row := range f.take() {
		text += row.text + "\n"
	}
	if !strings.Contains(text, "running  slow.pl") || strings.Contains(text, "exit") {
		t.Errorf("it is shown as %s", text)
	}
	if got := programNote(ex); got != "slow.pl, running" {
		t.Errorf("the overview says %q", got)
	}
}
