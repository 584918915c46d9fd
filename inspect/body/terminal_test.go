package body

import (
	"strings"
	"testing"
)

func TestTerminal(t *testing.T) {
	tests := []struct{ name, in, plain, colour string }{
		{"text", "héllo\tworld\n", "héllo\tworld\n", "héllo\tworld\n"},
		{"sgr", "\x1b[1;31mred\x1b[0m.", "red.", "\x1b[1;31mred\x1b[0m."},
		{"sgr left on", "\x1b[38:2::1:2:3mx", "x", "\x1b[38:2::1:2:3mx\x1b[0m"},
		{"sgr private", "\x1b[>4;2mx", "x", "x"},
		{"sgr with space", "\x1b[1 mx", "x", "x"},
		{"sgr long", "\x1b[" + strings.Repeat("1;", 99) + "mx", "x", "x"},
		{"sgr 8-bit", "\u009b31mx", "x", "x"},
		{"clear", "a\x1b[2J\x1b[Hb", "ab", "ab"},
		{"title", "a\x1b]0;evil\x07b", "ab", "ab"},
		{"link", "\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", "text", "text"},
		{"clipboard 8-bit", "a\u009d52;c;eA==\u009cb", "ab", "ab"},
		{"dcs", "a\x1bPq#0\x1b\\b", "ab", "ab"},
		{"open osc", "a\x1b]0;rest of it\nline", "a0;rest of it\nline", "a0;rest of it\nline"},
		{"osc broken by csi", "a\x1b]0;x\x1b[31my", "a0;xy", "a0;x\x1b[31my\x1b[0m"},
		{"c0", "a\x00\x07\x08b\x7f", "ab", "ab"},
		{"cr", "a\r\n10%\r20%", "a\n10% 20%", "a\n10% 20%"},
		{"invalid", "a\xff\x9bb", "a��b", "a��b"},
		{"override", "a\u202egnp.exe\u202c", `a\u202egnp.exe\u202c`, `a\u202egnp.exe\u202c`},
		{"isolates", "if (\u2066x\u2069\u200f)", `if (\u2066x\u2069\u200f)`, `if (\u2066x\u2069\u200f)`},
		{"unseen", "ad\u200bmin\ufeff\u2028\U000e0041", `ad\u200bmin\ufeff\u2028\u{e0041}`, `ad\u200bmin\ufeff\u2028\u{e0041}`},
		{"scripts", "שלום می\u200cخواهم 👩\u200d👧 ü", "שלום می\u200cخواهم 👩\u200d👧 ü", "שלום می\u200cخواهم 👩\u200d👧 ü"},
		{"charset", "\x1b(0x\x1b#8y\x1bcz", "xyz", "xyz"},
		{"lone escape", "a\x1b", "a", "a"},
		{"open csi", "a\x1b[12", "a", "a"},
		{"csi and text", "a\x1b[\u00e9", "aé", "aé"},
		{"escape escape", "\x1b\x1b[31mx", "x", "\x1b[31mx\x1b[0m"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Terminal(tt.in, false); got != tt.plain {
				t.Errorf("plain: %q, want %q", got, tt.plain)
			}
			if got := Terminal(tt.in, true); got != tt.colour {
				t.Errorf("colour: %q, want %q", got, tt.colour)
			}
		})
	}
}

func FuzzTerminal(f *testing.F) {
	f.Add("a\x1b[31mb\x1b]0;t\x07\u009bx\r\n")
	f.Add("\x1bP\x1b\\\x1b[1\x1b]")
	f.Fuzz(func(t *testing.T, s string) {
		if got := Terminal(s, false); strings.ContainsFunc(got, func(r rune) bool { return isControl(r) || deceives(r) }) || Terminal(got, false) != got {
			t.Errorf("%q became %q", s, got)
		}
		coloured := Terminal(s, true)
		if Terminal(coloured, true) != coloured {
			t.Errorf("%q became %q and then %q", s, coloured, Terminal(coloured, true))
		}
		if Terminal(coloured, false) != Terminal(s, false) {
			t.Errorf("%q: colour changes the text", s)
		}
	})
}
