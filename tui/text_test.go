package tui

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/tui/widget"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "/cart?id=3", "/cart?id=3"},
		{"wide", "/größe/日本", "/größe/日本"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"title", "/\x1b]0;owned\x07x", "/x"},
		{"clipboard", "/\x1b]52;c;ZXZpbA==\x1b\\x", "/x"},
		{"8-bit csi", "a\u009b2Jb", "ab"},
		{"lines", "a\nb\rc\td", "a b c d"},
		{"nul and delete", "a\x00b\x7fc", "abc"},
		{"not utf-8", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"right to left override", "a\u202egnp.exe", `a\u202egnp.exe`},
		{"zero width", "a\u200bb\ufeffc", `a\u200bb\ufeffc`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := clean(tt.in); got != tt.want {
				t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestTerminalLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"colour stays", "\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"},
		{"movement goes", "\x1b[2J\x1b[Habc\x1b[10A", "abc"},
		{"title goes", "\x1b]0;owned\x07abc", "abc"},
		{"private goes", "\x1b[?1049labc", "abc"},
		{"modify keys goes", "\x1b[>4;2mabc", "abc"},
		{"tabs", "a\tb", "a       b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := terminalLine(tt.in); got != tt.want {
				t.Errorf("terminalLine(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// checkSafe fails unless s holds printable text and colours only.
func checkSafe(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("not UTF-8: %q", s)
	}
	rest := s
	for {
		i := strings.IndexByte(rest, '\x1b')
		if i < 0 {
			break
		}
		end := strings.IndexByte(rest[i:], 'm')
		if end < 0 || !strings.HasPrefix(rest[i:], "\x1b[") || strings.Trim(rest[i+2:i+end], "0123456789;:") != "" {
			t.Fatalf("an escape sequence that is no colour: %q", rest[i:min(i+20, len(rest))])
		}
		rest = rest[:i] + rest[i+end+1:]
	}
	for _, r := range rest {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			t.Fatalf("control character %U in %q", r, rest)
		}
	}
}

// FuzzScreen puts captured text into every place where it is shown, and checks that
// no screen obeys it and every line keeps its width.
func FuzzScreen(f *testing.F) {
	for _, s := range []string{
		"plain", "\x1b]52;c;ZXZpbA==\x07", "\x1b[2J\x1b[31mred", "a\u202eb\u200bc", "\xff\xfe\x80", "日本語 und größe", "👩‍👩‍👧 e\u0301",
		"\x1b", "\x1b[", "\u009b31m", "a\nb\r\nc\td", "\x00\x07\x08\x7f", strings.Repeat("x", 300), "\x1bP\x1b\\", "\x1b[>1m", "\x1b[31", "{\"a\":\"\\u001b[2J\"}",
		"\u1100\u1161", "\u0600\u00ad", "🇩🇪🇫", "\ufe0f\u20e3", "\u3164\u115f",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		src := newFake(4)
		for i := range src.rows {
			row := &src.rows[i]
			row.Path, row.Host, row.Method, row.ContentType, row.Error = s, s, s, s, s
			row.URL = "http://h/?" + s
		}
		src.outs = []inspect.Output{{Seq: 1, Stream: inspect.Stdout, Text: s}, {Seq: 2, Stream: inspect.Pastedev, Text: s}}
		b := failedBuild(13)
		b.Diagnostics[0].Message, b.Diagnostics[0].File, b.Diagnostics[0].Context[2].Text, b.Output = s, s, s, s
		b.Cause = []string{s}
		src.builds = append([]inspect.Build{b}, src.builds...)
		src.st.State, src.st.Build, src.st.Target, src.st.Listeners, src.st.Lost = inspect.StateFailed, &b, s, []string{s}, []string{s}
		r := newRig(t, src, 90, 30)
		r.App.src = hostile{src, s}
		for _, keys := range [][]string{{"1"}, {"enter"}, {"tab"}, {"tab"}, {"esc"}, {"r"}, {"n"}, {"y"}, {"n"}, {"2"}, {"w"}, {"3"}, {"enter"}, {"?"}, {"esc"}} {
			r.keys(keys...)
			r.plain()
			checkSafe(t, r.screen())
			checkSafe(t, r.title())
		}
		r.keys("1", "/")
		r.send(tea.PasteMsg{Content: s})
		r.plain()
		checkSafe(t, r.screen())
	})
}

// hostile is a fake whose messages hold a text in every field.
type hostile struct {
	*fake
	text string
}

func (h hostile) Exchange(ctx context.Context, id inspect.ID, reveal bool) (*inspect.Exchange, error) {
	ex, err := h.fake.Exchange(ctx, id, reveal)
	if err != nil {
		return nil, err
	}
	for _, m := range []*inspect.Message{&ex.Request, &ex.Response} {
		m.Header = inspect.Header{"X-" + h.text: {h.text}, "Content-Type": {h.text}}
		m.Body = inspect.Body{Size: int64(len(h.text)), Data: []byte(h.text)}
	}
	ex.Added = []string{h.text}
	return ex, nil
}

func TestFormats(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234"} {
		if got := countText(n); got != want {
			t.Errorf("countText(%d) = %q, want %q", n, got, want)
		}
	}
	for ct, want := range map[string]string{
		"text/html; charset=utf-8": "html", "application/problem+json": "json", "image/svg+xml": "svg", "application/javascript": "js",
		"text/event-stream": "sse", "application/octet-stream": "binary", "": "", "nonsense": "nonsense", "application/x-www-form-urlencoded": "form",
	} {
		if got := typeText(ct); got != want {
			t.Errorf("typeText(%q) = %q, want %q", ct, got, want)
		}
	}
	for _, d := range []time.Duration{time.Nanosecond, 59*time.Second + 999*time.Millisecond, 999*time.Hour + 59*time.Minute} {
		if w := ansi.StringWidth(inspect.FormatDuration(d)); w > timeCells {
			t.Errorf("%v takes %d cells, more than its column", d, w)
		}
	}
	for _, n := range []int64{0, 999_949, 5_000_000_000_000_000} {
		if w := ansi.StringWidth(inspect.FormatSize(n)); w > sizeCells {
			t.Errorf("%d bytes take %d cells, more than their column", n, w)
		}
	}

}

// FuzzText checks the cleaning of captured text by itself, which is much faster than
// whole screens.
func FuzzText(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[31mred\x1b[0m\t\x1b]0;x\x07", "\xff\u202e\u200b日本", "\x1b[1;2:3m", "\u009b31m\u009d0;x\u009c", "a\r\nb\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{clean(s), safe(s), terminalLine(s)} {
			checkSafe(t, out)
			if strings.ContainsAny(out, "\n\t") {
				t.Errorf("%q becomes %q, which is not one line", s, out)
			}
			for _, w := range []int{1, 7, 40} {
				if got := ansi.StringWidth(widget.Fit(out, w, "…")); got != w {
					t.Errorf("%q fitted into %d cells takes %d", out, w, got)
				}
			}
			for _, part := range foldStyled(out, 7) {
				if ansi.StringWidth(part) > 7 {
					t.Errorf("a part of %q folded at 7 is %q", out, part)
				}
			}
		}
	})
}

func TestFoldStyled(t *testing.T) {
	for _, s := range []string{"abcdefgh", "\x1b[31m日本語日本語日本\x1b[m", "a\x1b[1mbc\x1b[32mdefgh", "", "日"} {
		for width := 2; width < 9; width++ {
			parts := foldStyled(s, width)
			for _, p := range parts {
				if w := ansi.StringWidth(p); w > width {
					t.Errorf("%q in %d cells: %q takes %d", s, width, p, w)
				}
			}
			if got := ansi.Strip(strings.Join(parts, "")); got != ansi.Strip(s) {
				t.Errorf("%q in %d cells has become %q", s, width, got)
			}
		}
	}
	if parts := foldStyled("\x1b[31m日本語\x1b[m", 4); len(parts) != 2 || !strings.HasPrefix(parts[1], "\x1b[31m") {
		t.Errorf("the colour is lost: %q", parts)
	}
}

func TestCompactText(t *testing.T) {
	for _, tt := range []struct {
		n     int64
		cells int
		want  string
	}{{0, 4, "0"}, {9999, 5, "9,999"}, {12345, 5, "12k"}, {999_499, 6, "999k"}, {999_500, 6, "1M"}, {1234567, 9, "1,234,567"}, {12_345_678, 9, "12M"}, {1 << 62, 6, "5E"}} {
		if got := compactText(tt.n, tt.cells); got != tt.want {
			t.Errorf("%d in %d cells is %q, want %q", tt.n, tt.cells, got, tt.want)
		}
	}
	for in, want := range map[float64]string{0: "0", 2.25: "2.2", 13: "13", 999.96: "1,000", 999.94: "999.9", 1000.4: "1,000", 123456: "123k"} {
		if got := meanText(in); got != want {
			t.Errorf("mean %v is %q, want %q", in, got, want)
		}
	}
}

func TestReadable(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "q=tea&page=2": "q=tea&page=2", "q=%E6%97%A5%E6%9C%ACx": "q=日本x", "q=a%26b%3Dc": "q=a%26b%3Dc",
		"q=%C3%BC%26": "q=ü%26", "q=%E6%97": "q=%E6%97", "q=%": "q=%", "q=%zz%c3%a4": "q=%zzä", "q=%E2%80%AE": "q=%E2%80%AE", "%2": "%2", "100%": "100%",
	} {
		if got := readable(in); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
}
