package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
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
