package tui

import (
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/pastedev/pastedev/tui/widget"
)

// press handles a key as it comes from the terminal. Most terminals send alt with a key as
// the byte of Escape before it, so that Escape and a key close upon it cannot be told from
// alt: a multiplexer that waits for what follows an Escape (tmux, half a second long)
// joins them for a user who is no faster than others. No key here has alt, but for those
// that move by words in a field: the rest is taken apart, as vi does.
func (a *App) press(k tea.KeyPressMsg) tea.Cmd {
	esc, rest, joined := splitEscape(k)
	if !joined || a.altIsSure || a.editing() && widget.EditsWord(k) {
		return a.key(k)
	}
	return tea.Batch(a.key(esc), a.key(rest))
}

// splitEscape takes a key with alt apart into Escape and the key; ok is false for others.
func splitEscape(k tea.KeyPressMsg) (esc, rest tea.KeyPressMsg, ok bool) {
	if !k.Mod.Contains(tea.ModAlt) {
		return esc, k, false
	}
	rest = k
	rest.Mod &^= tea.ModAlt
	if c := rest.Code; rest.Mod&^tea.ModShift == 0 && c <= unicode.MaxRune && unicode.IsPrint(c) {
		switch {
		case rest.ShiftedCode != 0:
			c = rest.ShiftedCode
		case rest.Mod.Contains(tea.ModShift):
			c = unicode.ToUpper(c)
		}
		rest.Text = string(c) // which alt has taken away
	}
	return tea.KeyPressMsg{Code: tea.KeyEscape}, rest, true
}
