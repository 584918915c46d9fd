package widget

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func TestFit(t *testing.T) {
	tests := []struct {
		name string
		got  string
		want string
	}{
		{"fill", Fit("ab", 4, "…"), "ab  "},
		{"exact", Fit("abcd", 4, "…"), "abcd"},
		{"cut", Fit("abcdef", 4, "…"), "abc…"},
		{"wide runes are not halved", Fit("日本語", 5, "…"), "日本…"},
		{"wide rune at the edge", Fit("日本語", 4, ""), "日本"},
		{"half a wide rune is a blank", Fit("日本語", 3, ""), "日 "},
		{"no width", Fit("abc", 0, "…"), ""},
		{"negative", Fit("abc", -3, "…"), ""},
		{"right", FitLeft("12", 4, "…"), "  12"},
		{"right, cut", FitLeft("12345", 4, "…"), "123…"},
		{"tail", FitTail("/a/long/path.go", 8, "…"), "…path.go"},
		{"path", FitPath("/a/b", "?x=1", 10, "…"), "/a/b?x=1  "},
		{"path, its query is cut", FitPath("/products", "?q=green+tea&page=3", 16, "…"), "/products?q=gre…"},
		{"path, of its query is only the sign left", FitPath("/products/list", "?q=green", 16, "…"), "/products/list?…"},
		{"path, no room for the sign", FitPath("/products/list", "?q=green", 15, "…"), "/products/list…"},
		{"path, its middle goes", FitPath("/api/v1/users/17/articles/how-to.html", "", 24, "…"), "/api/v1/use…/how-to.html"},
		{"path, its middle goes, and its query", FitPath("/api/v1/users/17/articles/how-to.html", "?x=1", 24, "…"), "/api/v1/u…/how-to.html?…"},
		{"path without a slash to cut at", FitPath("/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaz", "", 10, "…"), "/aa…aaaaaz"},
		{"wide path", FitPath("/日本語/日本語日本語/語", "", 12, "…"), "/日…本語/語 "},
		{"path in no room", FitPath("/abc", "?d", 2, "…"), "/…"},
		{"path in none at all", FitPath("/abc", "?d", 0, "…"), ""},
		{"ends", Ends("ab", "cd", 6, "…"), "ab  cd"},
		{"ends, the right one yields", Ends("abcdef", "ghijklmnop", 14, "…"), "abcdef  ghijk…"},
		{"ends, no room for the right one", Ends("abcdef", "ghij", 8, "…"), "abcdef  "},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	styled := lipgloss.NewStyle().Bold(true).Render("abcdef")
	if got := Fit(styled, 4, "…"); ansi.StringWidth(got) != 4 || ansi.Strip(got) != "abc…" {
		t.Errorf("styled text is cut to %q", got)
	}
}

func TestAround(t *testing.T) {
	line := strings.Repeat("0123456789", 10)
	for _, tt := range []struct {
		text        string
		cell, width int
		want        string
		at          int
	}{
		{line, 5, 20, line, 5},
		{line, 18, 20, line, 18},
		{line, 55, 20, "…" + line[42:], 14},
		{line, 100, 20, "…" + line[87:], 14},
		{strings.Repeat("日", 30), 40, 20, "…" + strings.Repeat("日", 17), 15},
		{line, 55, 3, line, 55},
		{"", 0, 20, "", 0},
	} {
		got, at := Around(tt.text, tt.cell, tt.width, "…")
		if got != tt.want || at != tt.at {
			t.Errorf("cell %d of %q in %d: %q and %d, want %q and %d", tt.cell, tt.text, tt.width, got, at, tt.want, tt.at)
		}
	}
}

func press(k string) tea.KeyPressMsg {
	var m tea.KeyPressMsg
	if rest, ok := strings.CutPrefix(k, "ctrl+"); ok {
		m.Mod, k = tea.ModCtrl, rest
	}
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete}
	if c, ok := codes[k]; ok {
		m.Code = c
		return m
	}
	m.Code = []rune(k)[0]
	if m.Mod == 0 {
		m.Text = k
	}
	return m
}

func TestInput(t *testing.T) {
	tests := []struct {
		name string
		keys string
		want string
	}{
		{"type", "a b c", "abc"},
		{"insert in the middle", "a c left b", "abc"},
		{"backspace", "a b backspace c", "ac"},
		{"backspace at the start", "a home backspace", "a"},
		{"delete", "a b home delete", "b"},
		{"ends", "b home a end c", "abc"},
		{"kill to the start", "a b c left ctrl+u", "c"},
		{"kill to the end", "a b c home right ctrl+k", "a"},
		{"word", "a b ctrl+w c", "c"},
		{"wide", "日 本 backspace 語", "日語"},
		{"empty history", "a up down", "a"},
	}
	for _, tt := range tests {
		var in Input
		for _, k := range strings.Fields(tt.keys) {
			in.Key(press(k))
		}
		if got := in.Text(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestInputPaste(t *testing.T) {
	var in Input
	in.Paste("a\nb\tc\x1b[31m\u202ed")
	if got, want := in.Text(), "a b c [31md"; got != want {
		t.Errorf("pasted %q, want %q", got, want)
	}
	in.Paste(strings.Repeat("x", 3*inputLimit))
	if got := len([]rune(in.Text())); got != inputLimit {
		t.Errorf("%d runes are kept, want %d", got, inputLimit)
	}
}

func TestInputHistory(t *testing.T) {
	var in Input
	for _, s := range []string{"one", "two", "two", "  ", "three"} {
		in.Set(s)
		in.Remember()
	}
	in.Set("draft")
	var got []string
	for _, k := range []string{"up", "up", "up", "up", "down", "down", "down", "down"} {
		in.Key(press(k))
		got = append(got, in.Text())
	}
	want := []string{"three", "two", "one", "one", "two", "three", "draft", "draft"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestInputView(t *testing.T) {
	for _, text := range []string{"", "abc", strings.Repeat("x", 200), "日本語日本語日本語"} {
		for width := 1; width < 30; width++ {
			var in Input
			in.Set(text)
			for range len([]rune(text)) + 1 {
				line, _ := in.View(width, lipgloss.NewStyle().Reverse(true))
				if got := ansi.StringWidth(line); got != width {
					t.Errorf("%q in %d cells takes %d", text, width, got)
				}
				in.Key(press("left"))
			}
		}
	}
}

func TestViewer(t *testing.T) {
	var v Viewer
	var lines []string
	for i := range 100 {
		lines = append(lines, lipgloss.NewStyle().Bold(true).Render("line "+strings.Repeat("x", i%7)+" Needle"))
	}
	v.SetLines(lines)
	v.SetHeight(10)
	plain := lipgloss.NewStyle()
	check := func(what string, top int) {
		t.Helper()
		if v.top != top {
			t.Errorf("%s: the first line seen is %d, want %d", what, v.top, top)
		}
		if got := v.View(40, plain, plain, "…"); len(got) != 10 || ansi.StringWidth(got[0]) != 40 {
			t.Errorf("%s: %d lines of %d cells", what, len(got), ansi.StringWidth(got[0]))
		}
	}
	v.Scroll(-5)
	check("above the start", 0)
	v.Page(1)
	check("half a page", 5)
	v.Bottom()
	check("the end", 90)
	v.Scroll(5)
	check("below the end", 90)
	if pct, more := v.Percent(); pct != 100 || !more {
		t.Errorf("at the end: %d%%, %v", pct, more)
	}
	if n := v.Search("NEEDLE"); n != 100 {
		t.Errorf("%d hits, want 100", n)
	}
	if at, _ := v.Hit(); at != 91 {
		t.Errorf("the search begins at hit %d, want the first that is seen, 91", at)
	}
	for range 10 {
		v.Next(1)
	}
	if at, _ := v.Hit(); at != 1 {
		t.Errorf("after the last hit comes %d, want 1", at)
	}
	check("around the end", 0)
	v.SetLines(lines[:3])
	check("fewer lines", 0)
	if _, of := v.Hit(); of != 3 {
		t.Errorf("%d hits are left, want 3", of)
	}
	v.SetLines(nil)
	check("nothing", 0)
	v.Search("")
	v.Next(1)
	check("no search", 0)
}
