package tui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/inspect"
)

// TestFollow checks that the list follows the newest row, freezes when the cursor
// leaves it, says what is new, and resumes.
func TestFollow(t *testing.T) {
	f := newFake(50)
	r := newRig(t, f, 100, 24)
	add := func(n int) {
		for range n {
			s := f.add(r.now)
			r.heard(dirt{exchanges: true, lastSeq: s.Seq})
		}
	}
	add(1)
	if got := r.selectedSeq(); got != 51 {
		t.Fatalf("following: selected %d, want 51", got)
	}
	r.wantText("following")
	r.keys("k")
	before := listRows(r)
	add(12)
	if got := r.selectedSeq(); got != 50 {
		t.Errorf("frozen: selected %d, want 50", got)
	}
	if after := listRows(r); after != before {
		t.Errorf("the frozen list has moved:\n%s\nwant\n%s", after, before)
	}
	r.wantText("12 new ↓")
	r.later(time.Second)
	r.wantText("12 new ↓")
	r.keys("G")
	if got := r.selectedSeq(); got != 63 {
		t.Errorf("resumed: selected %d, want 63", got)
	}
	r.wantText("following")
	add(1)
	if got := r.selectedSeq(); got != 64 {
		t.Errorf("following again: selected %d, want 64", got)
	}
}

// listRows is the part of the screen that the list takes, without what ages.
func listRows(r *rig) string {
	var b strings.Builder
	w := r.requests.win
	for i := w.top; i < min(w.top+w.height, len(w.rows)); i++ {
		fmt.Fprintln(&b, w.rows[i].Seq, i == w.cursor)
	}
	return b.String()
}

// TestSelectionSurvives checks that the selected exchange stays selected whatever
// happens around it.
func TestSelectionSurvives(t *testing.T) {
	f := newFake(300)
	r := newRig(t, f, 100, 24)
	r.keys("ctrl+u", "ctrl+u", "k")
	for s, _ := r.requests.win.selected(); s.Status != 500; s, _ = r.requests.win.selected() {
		r.keys("k")
	}
	want := r.selectedSeq()
	check := func(what string) {
		t.Helper()
		if got := r.selectedSeq(); got != want {
			t.Errorf("after %s: selected %d, want %d", what, got, want)
		}
		if w := r.requests.win; w.cursor < w.top || w.cursor >= w.top+w.height {
			t.Errorf("after %s: the selected row is not seen", what)
		}
	}
	for range 5 {
		s := f.add(r.now)
		r.heard(dirt{exchanges: true, lastSeq: s.Seq})
	}
	check("traffic")
	r.later(time.Second)
	check("a refresh")
	for _, size := range [][2]int{{200, 60}, {40, 10}, {80, 24}, {120, 40}, {30, 5}, {100, 24}} {
		r.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		r.plain()
		check(fmt.Sprintf("resize to %v", size))
	}
	r.keys("/", "text:status:5xx", "enter")
	check("a filter that it passes")
	r.keys("esc")
	check("clearing the filter")
	r.keys("2", "3", "1")
	check("a look at other pages")
	r.keys("enter", "tab", "esc")
	check("opening it")
	r.keys("R")
	check("restart")
}

// TestWalk goes through the whole history by keys and finds every row once, in order.
func TestWalk(t *testing.T) {
	f := newFake(700)
	r := newRig(t, f, 100, 24)
	for want := int64(700); want >= 1; want-- {
		if got := r.selectedSeq(); got != want {
			t.Fatalf("going up: selected %d, want %d", got, want)
		}
		r.keys("k")
	}
	for want := int64(1); want <= 700; want++ {
		if got := r.selectedSeq(); got != want {
			t.Fatalf("going down: selected %d, want %d", got, want)
		}
		r.keys("j")
	}
	if !r.requests.win.follow {
		t.Error("at the end the list does not follow")
	}
}

// TestWindowRandom throws keys, traffic, filters and sizes at the list and checks
// what must always hold.
func TestWindowRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	f := newFake(5000)
	r := newRig(t, f, 100, 24)
	keys := []string{"j", "k", "ctrl+u", "ctrl+d", "pgup", "pgdown", "g", "G", "F", "enter", "esc", "tab", "[", "]", "/", "1", "2", "3", "w", "q", "n", "text:status:5xx"}
	for i := range 1500 {
		switch n := rnd.IntN(12); {
		case n == 0:
			s := f.add(r.now)
			r.heard(dirt{exchanges: true, lastSeq: s.Seq, output: true, builds: true, status: true})
		case n == 1:
			r.later(time.Duration(rnd.IntN(1500)) * time.Millisecond)
		case n == 2 && i%10 == 0:
			r.send(tea.WindowSizeMsg{Width: rnd.IntN(220), Height: rnd.IntN(70)})
		default:
			r.keys(keys[rnd.IntN(len(keys))])
		}
		r.sent = nil // q may ask to quit; here the UI goes on
		checkWindow(t, &r.requests.win)
		r.plain()
		if t.Failed() {
			t.Fatalf("at step %d", i)
		}
	}
}

func checkWindow(t *testing.T, w *window) {
	t.Helper()
	if len(w.rows) > maxRows {
		t.Errorf("%d rows are held, at most %d may be", len(w.rows), maxRows)
	}
	for i := 1; i < len(w.rows); i++ {
		if w.rows[i-1].Seq >= w.rows[i].Seq {
			t.Fatalf("row %d (Seq %d) does not come after Seq %d", i, w.rows[i].Seq, w.rows[i-1].Seq)
		}
	}
	if len(w.rows) == 0 {
		return
	}
	if w.cursor < 0 || w.cursor >= len(w.rows) {
		t.Errorf("cursor %d of %d rows", w.cursor, len(w.rows))
	}
	if w.cursor < w.top || w.cursor >= w.top+w.height {
		t.Errorf("cursor %d is outside the seen rows %d+%d", w.cursor, w.top, w.height)
	}
	if w.follow && w.cursor != len(w.rows)-1 {
		t.Errorf("following, but the cursor is at %d of %d", w.cursor, len(w.rows))
	}
}

// TestOneRequestAtATime checks that a slow source never has two requests of a page
// open, and that the answer to an old filter is not shown.
func TestOneRequestAtATime(t *testing.T) {
	f := newFake(100)
	r := newRig(t, f, 100, 24)
	// The commands are held back here: the source is slow.
	press := func(name string) tea.Cmd {
		_, cmd := r.Update(keyPress(name))
		return cmd
	}
	press("/")
	first := press("m")
	second := press("e")
	if second != nil {
		t.Fatal("a second request was started while one was under way")
	}
	for _, c := range "thod:POST" {
		press(string(c))
	}
	r.send(results(first)...)
	if got := r.requests.query; got != "method:POST" {
		t.Errorf("the rows are filtered by %q, want method:POST", got)
	}
	for _, s := range r.requests.win.rows {
		if s.Method != "POST" {
			t.Errorf("%s %s is shown", s.Method, s.Path)
		}
	}
	n := 0
	for _, l := range f.lists {
		if l.Query != "" && l.Query != errorsQuery {
			n++
		}
	}
	if n != 2 {
		t.Errorf("the source was asked %d times, want 2: the first letter and the whole", n)
	}
}

func TestFilter(t *testing.T) {
	f := newFake(90)
	r := newRig(t, f, 100, 24)
	r.keys("/", "text:status:5xx")
	r.wantText("/ status:5xx", "10 of 90", "/checkout")
	r.wantNoText("/favicon.ico")
	r.keys("enter")
	r.keys("j", "k") // keys move again
	r.keys("/", "ctrl+u", "text:nofield:3")
	r.wantText(`^^^^^^^ unknown field "nofield"`, "did you mean status?")
	r.keys("enter") // a wrong filter is not left behind
	r.wantText(`unknown field "nofield"`)
	r.keys("ctrl+u", "text:method:POST", "enter", "/", "up", "up")
	if got := r.requests.input.Text(); got != "status:5xx" {
		t.Errorf("two steps back in the history give %q, want status:5xx", got)
	}
	r.keys("down")
	if got := r.requests.input.Text(); got != "method:POST" {
		t.Errorf("one step forwards gives %q, want method:POST", got)
	}
	r.keys("esc")
	r.wantNoText("method:POST")
	if r.requests.query != "" {
		t.Errorf("after esc the rows are filtered by %q", r.requests.query)
	}
	r.send(tea.PasteMsg{Content: "ignored outside a field"})
	r.keys("/")
	r.send(tea.PasteMsg{Content: "status:4xx\n"})
	r.wantText("/ status:4xx")
}

func TestInFlight(t *testing.T) {
	f := newFake(5)
	f.rows[4].InFlight, f.rows[4].Status, f.rows[4].Start = true, 0, epoch.Add(-1500*time.Millisecond)
	f.rows[4].Path, f.rows[4].Error = "/slow", ""
	r := newRig(t, f, 100, 24)
	r.wantText("○ ...", "/slow", "1.5 s")
	r.now = r.now.Add(2 * time.Second)
	r.keys("2", "1")
	r.wantText("3.5 s")
	r.keys("enter")
	r.wantText("under way; its response is shown at the end")
	f.rows[4].InFlight, f.rows[4].Status = false, 200
	r.heard(dirt{exchanges: true, lastSeq: 5})
	r.later(time.Second)
	r.wantText("200 (success)")
}

func TestCleared(t *testing.T) {
	r := newRig(t, newFake(30), 100, 24)
	r.keys("enter", "C", "y")
	r.heard(dirt{exchanges: true, cleared: true, status: true})
	r.wantText("No requests yet")
	s := r.src.add(r.now)
	r.heard(dirt{exchanges: true, lastSeq: s.Seq})
	r.wantText("/static/app.css", "following")
}

// TestSourceFails checks that errors of the source are shown, tried again and gone.
func TestSourceFails(t *testing.T) {
	f := newFake(3)
	f.fail = errFake
	r := newRig(t, f, 100, 24)
	r.heard(dirt{broken: errFake, status: true})
	r.wantText("The history cannot be read", "the disk is full", "no contact")
	r.keys("2")
	r.wantText("The output cannot be read: the disk is full")
	r.keys("3")
	r.wantText("The builds cannot be read: the disk is full")
	n := len(f.lists)
	r.heard(dirt{exchanges: true})
	r.heard(dirt{exchanges: true})
	if len(f.lists) != n {
		t.Errorf("the source was asked again at once")
	}
	f.fail = nil
	r.now = r.now.Add(2 * time.Second)
	r.heard(dirt{exchanges: true, output: true, builds: true, status: true})
	for page, text := range map[string]string{"1": "/static/app.css", "2": "listening on :8080", "3": "first build"} {
		r.keys(page)
		r.wantText(text)
		r.wantNoText("cannot be read", "no contact")
	}
}

func TestHostColumn(t *testing.T) {
	f := newFake(4)
	f.rows[1].Host = "api.localhost:8080"
	r := newRig(t, f, 120, 24)
	r.wantText("host", "api.localhost:8080")
	f.rows[1].Host = f.rows[0].Host
	r = newRig(t, f, 120, 24)
	if got := strings.Split(r.plain(), "\n")[2]; strings.Contains(got, "host") {
		t.Errorf("one host alone has a column: %q", got)
	}
}

var _ Source = (*fake)(nil)

// TestSlowQuery checks that a slow query is not repeated back to back for traffic.
func TestSlowQuery(t *testing.T) {
	f := newFake(10)
	r := newRig(t, f, 100, 24)
	r.send(listMsg{load: loadTail, took: 150 * time.Millisecond, list: inspect.List{Items: []inspect.Summary{f.rows[9]}, Match: 10}})
	asked := func() int {
		n := 0
		for _, l := range f.lists {
			if l.Query == "" {
				n++
			}
		}
		return n
	}
	n := asked()
	for range 5 {
		r.later(100 * time.Millisecond)
		r.heard(dirt{exchanges: true, lastSeq: 11})
	}
	if got := asked() - n; got != 0 {
		t.Errorf("within four times its duration the query was repeated %d times", got)
	}
	r.later(200 * time.Millisecond)
	if got := asked() - n; got != 1 {
		t.Errorf("after the rest it was repeated %d times, want once", got)
	}
}
