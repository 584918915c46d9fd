package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

const (
	inputLimit   = 1000 // runes; a filter longer than this is a paste gone wrong
	historyLimit = 100  // entries; more than anyone walks through by arrow keys
)

// Input edits one line of text. The zero value is an empty line.
type Input struct {
	runes   []rune
	pos     int
	history []string
	hpos    int    // index into history while walking it; len(history) is the draft
	draft   string // what was typed before the walk began
}

// Text returns the line.
func (in *Input) Text() string { return string(in.runes) }

// Before returns what stands before the cursor.
func (in *Input) Before() string { return string(in.runes[:in.pos]) }

// Replace puts s in the place of the n runes before the cursor.
func (in *Input) Replace(n int, s string) {
	in.cut(in.pos-n, in.pos)
	in.insert(s)
}

// Set replaces the line and puts the cursor at its end.
func (in *Input) Set(s string) {
	in.runes = in.runes[:0]
	in.pos = 0
	in.insert(s)
	in.hpos = len(in.history)
}

// Remember adds the line to the history that up and down walk through.
func (in *Input) Remember() {
	s := strings.TrimSpace(in.Text())
	if s == "" || len(in.history) > 0 && in.history[len(in.history)-1] == s {
		in.hpos = len(in.history)
		return
	}
	in.history = append(in.history, s)
	if len(in.history) > historyLimit {
		in.history = in.history[1:]
	}
	in.hpos = len(in.history)
}

// Paste inserts text at the cursor; line ends and control characters become blanks.
func (in *Input) Paste(s string) { in.insert(s) }

// Key takes a key press and reports whether the text has changed.
func (in *Input) Key(k tea.KeyPressMsg) bool {
	before := in.Text()
	switch k.String() {
	case "left", "ctrl+b":
		in.pos = max(in.pos-1, 0)
	case "right", "ctrl+f":
		in.pos = min(in.pos+1, len(in.runes))
	case "home", "ctrl+a":
		in.pos = 0
	case "end", "ctrl+e":
		in.pos = len(in.runes)
	case "backspace", "ctrl+h":
		in.cut(in.pos-1, in.pos)
	case "delete", "ctrl+d":
		in.cut(in.pos, in.pos+1)
	case "ctrl+w", "alt+backspace":
		in.cut(in.wordStart(), in.pos)
	case "alt+d":
		in.cut(in.pos, in.wordEnd())
	case "alt+b", "alt+left", "ctrl+left":
		in.pos = in.wordStart()
	case "alt+f", "alt+right", "ctrl+right":
		in.pos = in.wordEnd()
	case "ctrl+u":
		in.cut(0, in.pos)
	case "ctrl+k":
		in.cut(in.pos, len(in.runes))
	case "up", "ctrl+p":
		in.walk(-1)
	case "down", "ctrl+n":
		in.walk(+1)
	default:
		in.insert(k.Text)
	}
	return in.Text() != before
}

func (in *Input) insert(s string) {
	add := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			continue
		case unicode.IsControl(r):
			r = ' '
		}
		add = append(add, r)
	}
	if room := inputLimit - len(in.runes); len(add) > room {
		add = add[:max(room, 0)]
	}
	rest := append(add, in.runes[in.pos:]...)
	in.runes = append(in.runes[:in.pos], rest...)
	in.pos += len(add)
}

func (in *Input) cut(from, to int) {
	from, to = max(from, 0), min(to, len(in.runes))
	if from >= to {
		return
	}
	in.runes = append(in.runes[:from], in.runes[to:]...)
	in.pos = from
}

func (in *Input) wordStart() int {
	i := in.pos
	for i > 0 && in.runes[i-1] == ' ' {
		i--
	}
	for i > 0 && in.runes[i-1] != ' ' {
		i--
	}
	return i
}

func (in *Input) wordEnd() int {
	i := in.pos
	for i < len(in.runes) && in.runes[i] == ' ' {
		i++
	}
	for i < len(in.runes) && in.runes[i] != ' ' {
		i++
	}
	return i
}

// EditsWord reports whether k, a key with alt, is one of those by which an [Input] moves
// or cuts by words.
func EditsWord(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "alt+backspace", "alt+d", "alt+b", "alt+f", "alt+left", "alt+right":
		return true
	}
	return false
}

func (in *Input) walk(by int) {
	if len(in.history) == 0 {
		return
	}
	if in.hpos >= len(in.history) {
		in.draft = in.Text()
	}
	to := min(max(in.hpos+by, 0), len(in.history))
	s := in.draft
	if to < len(in.history) {
		s = in.history[to]
	}
	in.Set(s)
	in.hpos = to
}

// View draws the line in exactly width cells with the cursor's cell in the style
// caret, and returns the cell at which the text begins to be seen (the text scrolls
// when it is longer than the field).
func (in *Input) View(width int, caret lipgloss.Style) (line string, offset int) {
	if width <= 0 {
		return "", 0
	}
	text := in.Text() + " "
	at := ansi.StringWidth(string(in.runes[:in.pos]))
	if at >= width {
		offset = at - width + 1
	}
	under := " "
	if in.pos < len(in.runes) {
		under = string(in.runes[in.pos])
	}
	left := ansi.Cut(text, offset, at)
	end := at + ansi.StringWidth(under)
	right := ansi.Cut(text, end, max(offset+width, end))
	return Fit(left+caret.Render(under)+right, width, ""), offset
}
