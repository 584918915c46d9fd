package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
)

func TestSplitEscape(t *testing.T) {
	alt := func(k tea.KeyPressMsg) tea.KeyPressMsg {
		k.Mod |= tea.ModAlt
		k.Text = ""
		return k
	}
	for _, tt := range []struct {
		name string
		k    tea.KeyPressMsg
		want string // the key after Escape; "" for none
	}{
		{"letter", alt(tea.KeyPressMsg{Code: 'q', Text: "q"}), "q"},
		{"capital with its code", alt(tea.KeyPressMsg{Code: 'g', ShiftedCode: 'G', Mod: tea.ModShift}), "G"},
		{"capital without", alt(tea.KeyPressMsg{Code: 'o', Mod: tea.ModShift}), "O"},
		{"sign", alt(tea.KeyPressMsg{Code: '['}), "["},
		{"slash", alt(tea.KeyPressMsg{Code: '/'}), "/"},
		{"not of ASCII", alt(tea.KeyPressMsg{Code: 'ä'}), "ä"},
		{"arrow", alt(tea.KeyPressMsg{Code: tea.KeyDown}), "down"},
		{"enter", alt(tea.KeyPressMsg{Code: tea.KeyEnter}), "enter"},
		{"escape", alt(tea.KeyPressMsg{Code: tea.KeyEscape}), "esc"},
		{"control", alt(tea.KeyPressMsg{Code: 'd', Mod: tea.ModCtrl}), "ctrl+d"},
		{"plain letter", tea.KeyPressMsg{Code: 'q', Text: "q"}, ""},
		{"plain control", tea.KeyPressMsg{Code: 'd', Mod: tea.ModCtrl}, ""},
	} {
		esc, rest, ok := splitEscape(tt.k)
		if !ok {
			rest = tea.KeyPressMsg{}
		}
		if diff := cmp.Diff(tt.want, rest.String()); ok != (tt.want != "") || ok && diff != "" {
			t.Errorf("%s: %v -want +got\n%s", tt.name, ok, diff)
		}
		if ok && esc.String() != "esc" {
			t.Errorf("%s: begins with %s", tt.name, esc)
		}
	}
}

// TestEscapeJoined checks that Escape and a key upon it do what they do one by one.
func TestEscapeJoined(t *testing.T) {
	r := newRig(t, newFake(50), 80, 24)
	r.keys("enter")
	r.wantText("Overview")
	r.keys("alt+k") // out of the detail, and up
	r.wantNoText("Overview")
	if got := r.selectedSeq(); got != 49 {
		t.Errorf("the selected request is %d, want 49", got)
	}
	r.keys("/", "text:method:GET path:x", "alt+b", "alt+b")
	if !r.requests.typed {
		t.Fatal("a key that moves by words has left the field")
	}
	r.keys("text:A", "alt+j")
	if r.requests.typed {
		t.Error("escape with a key has not left the field")
	}
	r.send(tea.KeyboardEnhancementsMsg{Flags: 1})
	r.keys("enter")
	r.wantText("Overview")
	r.keys("alt+k") // alt for sure: no key of ours
	r.wantText("Overview")
}
