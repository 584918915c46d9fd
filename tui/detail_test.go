package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func TestUnknownExchange(t *testing.T) {
	f := newFake(3)
	r := newRig(t, f, 100, 24)
	f.rows = f.rows[:2] // retention took it
	r.keys("enter")
	r.wantText("not found")
	r.keys("[")
	r.wantText("Overview")
}

func TestSplitFollowsSelection(t *testing.T) {
	r := newRig(t, newFake(50), 200, 40)
	for range 4 {
		r.keys("k")
		if got, want := r.requests.detail.ex.Seq, r.selectedSeq(); got != want {
			t.Errorf("the detail shows %d, selected is %d", got, want)
		}
	}
	r.keys("enter", "j", "j")
	if got, want := r.requests.detail.ex.Seq, r.selectedSeq(); got != want || want != 46 {
		t.Errorf("with the focus in the detail: detail %d, selected %d, want 46", got, want)
	}
}

func TestDetailSearch(t *testing.T) {
	f := newFake(30)
	r := newRig(t, f, 80, 14)
	r.keys("/", "text:status:2xx", "enter", "k", "enter", "tab", "tab", "/", "text:e", "enter")
	at, of := r.requests.detail.views[tabResponse].Hit()
	if at != 1 || of < 5 {
		t.Fatalf("hit %d of %d, want the first of many", at, of)
	}
	r.keys("n", "n", "N")
	if at, _ := r.requests.detail.views[tabResponse].Hit(); at != 2 {
		t.Errorf("after n n N: hit %d, want 2", at)
	}
	r.wantText("/ e", fmt.Sprintf("2 of %d", of))
	r.keys("N", "N")
	if at, _ := r.requests.detail.views[tabResponse].Hit(); at != of {
		t.Errorf("before the first hit comes %d, want the last, %d", at, of)
	}
	r.keys("esc")
	if r.requests.detail.views[tabResponse].Needle() != "" || !r.requests.open {
		t.Error("the first esc ends the search and keeps the request open")
	}
	r.keys("/", "text:nothing like it")
	r.wantText("not found")
}

func TestMouse(t *testing.T) {
	r := newRig(t, newFake(50), 100, 24)
	above, _ := r.chrome()
	row := func(i int) tea.MouseClickMsg {
		return tea.MouseClickMsg{X: 10, Y: above + 1 + i, Button: tea.MouseLeft}
	}
	r.send(row(3))
	want := r.requests.win.rows[r.requests.win.top+3].Seq
	if got := r.selectedSeq(); got != want || r.requests.open {
		t.Errorf("a click selects %d, want %d", got, want)
	}
	r.send(row(3))
	if !r.requests.open || r.requests.detail.ex.Seq != want {
		t.Error("a second click does not open the request")
	}
	r.keys("esc")
	r.send(tea.MouseWheelMsg{X: 1, Y: 5, Button: tea.MouseWheelUp})
	if got := r.selectedSeq(); got != want-wheelLines {
		t.Errorf("the wheel goes to %d, want %d", got, want-wheelLines)
	}
	line := strings.Split(r.plain(), "\n")[0]
	r.send(tea.MouseClickMsg{X: len([]rune(line[:strings.Index(line, "3 Builds")])) + 2, Y: 0, Button: tea.MouseLeft})
	if r.page != pageBuilds {
		t.Error("a click on a page's name does not open it")
	}
}

// TestMouseDetail: a click on a tab's name opens it, wherever the name stands; on a line of
// an outline it selects, and then opens.
func TestMouseDetail(t *testing.T) {
	for _, size := range [][2]int{{200, 60}, {100, 24}, {60, 24}, {40, 12}} {
		r := newRig(t, newFake(50), size[0], size[1])
		r.keys("k", "k", "enter")
		above, _ := r.chrome()
		for _, name := range []string{"Response", "SQL", "Timing", "Profile", "Overview"} {
			line := strings.Split(r.plain(), "\n")[above+1]
			i := strings.Index(line, name)
			if i < 0 { // cut off at this width
				continue
			}
			r.send(tea.MouseClickMsg{X: ansi.StringWidth(line[:i]) + 1, Y: above + 1, Button: tea.MouseLeft})
			if got := tabNames[r.requests.detail.tab]; got != name {
				t.Errorf("%v: a click on %s opens %s", size, name, got)
			}
		}
	}
	r := newRig(t, newFake(50), 100, 30)
	r.keys("k", "k", "enter")
	d := &r.requests.detail
	for d.tab != tabSQL {
		r.keys("tab")
	}
	above, _ := r.chrome()
	rows, cursor := len(d.folds[tabSQL].rows), d.folds[tabSQL].cursor
	click := func(i int) { r.send(tea.MouseClickMsg{X: 10, Y: above + 3 + i, Button: tea.MouseLeft}) }
	click(cursor + 1)
	if got := d.folds[tabSQL].cursor; got != cursor+1 {
		t.Errorf("a click selects line %d, want %d", got, cursor+1)
	}
	click(cursor + 1)
	if got := len(d.folds[tabSQL].rows); got <= rows {
		t.Errorf("a second click leaves %d lines, had %d: it unfolds nothing", got, rows)
	}
	click(1000)
}

// TestNoSuspend: ^Z says why it does nothing, in a field too.
func TestNoSuspend(t *testing.T) {
	r := newRig(t, newFake(5), 100, 24)
	r.keys("/", "text:x", "ctrl+z")
	r.wantText("not stopped: requests would wait for it; pastedev attach")
	if !r.requests.typed {
		t.Error("the field is left")
	}
	r = newRig(t, newFake(5), 100, 24, func(o *Options) { o.Attached = true })
	r.keys("ctrl+z")
	r.wantText("q leaves, the app runs on")
}

// TestHintsWhole: at any width the last line ends with the key of the help, whole.
func TestHintsWhole(t *testing.T) {
	for w := minWidth; w <= 130; w++ {
		r := newRig(t, newFake(20), w, 12)
		for _, page := range []string{"1", "2", "3", "4", "enter"} {
			r.keys(page)
			lines := strings.Split(r.plain(), "\n")
			if last := lines[len(lines)-1]; !strings.HasSuffix(last, " ? help ") {
				t.Errorf("width %d, key %s: %q", w, page, last)
			}
		}
	}
}
