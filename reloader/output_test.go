package reloader

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestCleanLine(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "hello\tworld", "hello\tworld"},
		{"CRLF", "hello\r", "hello"},
		{"overwritten", "10%\r20%\r30%", "30%"},
		{"colour", "\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"},
		{"cursor", "a\x1b[2Jb\x1b[10;20Hc", "abc"},
		{"title", "a\x1b]0;evil\x07b", "ab"},
		{"link", "\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"clipboard, unfinished", "a\x1b]52;c;AAAA", "a"},
		{"8-bit control", "a\u009b31mb", "a31mb"},
		{"charset", "a\x1b(Bb", "ab"},
		{"not UTF-8", "a\xffb\xc3", `a\xffb\xc3`},
		{"bell and NUL", "a\x07\x00b\x7f", "ab"},
		{"unicode", "grüße 🎉", "grüße 🎉"},
		{"private SGR", "a\x1b[?25mb", "ab"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, CleanLine([]byte(tc.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzCleanLine(f *testing.F) {
	for _, s := range []string{"a", "\x1b[31m", "\x1b]0;x\x07", "\xff\x1b", "\x1bPq\x1b\\", "\u009b", "\r\r", "\x1b[31;\x1b[0m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := CleanLine([]byte(in))
		if !utf8.ValidString(out) {
			t.Errorf("%q: not UTF-8: %q", in, out)
		}
		for rest := out; rest != ""; {
			if rest[0] == 0x1b {
				n := escapeLen([]byte(rest))
				if !isColour([]byte(rest[:n])) {
					t.Fatalf("%q: escape left in %q", in, out)
				}
				rest = rest[n:]
				continue
			}
			r, size := utf8.DecodeRuneInString(rest)
			if r != '\t' && (r < 0x20 || r >= 0x7f && r <= 0x9f) {
				t.Fatalf("%q: control %q left in %q", in, r, out)
			}
			rest = rest[size:]
		}
		if n := wholeRunes([]byte(in)); n < 0 || n > len(in) {
			t.Errorf("%q: wholeRunes %d", in, n)
		}
	})
}

// split plays writes with pauses and lists what came out; "~" marks a partial line.
func split(writes ...string) []string {
	var got []string
	s := newLineSplitter(func(text string, partial bool) {
		if partial {
			text += "~"
		}
		got = append(got, text)
	})
	for _, w := range writes {
		if w == "" {
			time.Sleep(2 * partialAfter) // fake time
			synctest.Wait()
			continue
		}
		s.Write([]byte(w))
	}
	s.close()
	return got
}

func TestLineSplitter(t *testing.T) {
	long := strings.Repeat("x", maxLine+3)
	for _, tc := range []struct {
		name   string
		writes []string
		want   []string
	}{
		{"lines", []string{"a\nb\n\nc\n"}, []string{"a", "b", "", "c"}},
		{"joined", []string{"a", "b\n"}, []string{"ab"}},
		{"prompt", []string{"name? ", "", "x\n"}, []string{"name? ~", "x"}},
		{"last line without end", []string{"a\nb"}, []string{"a", "b"}},
		{"rune cut by a pause", []string{"gr\xc3", "", "\xbc\n"}, []string{"gr~", "ü"}},
		{"escape cut by a pause", []string{"a\x1b[3", "", "1mb\n"}, []string{"a~", "\x1b[31mb"}},
		{"long", []string{long + "\n"}, []string{long[:maxLine] + "~", "xxx"}},
		{"exactly long", []string{long[:maxLine] + "\n"}, []string{long[:maxLine]}},
		{"binary", []string{strings.Repeat("\x80", 2) + "\n"}, []string{`\x80\x80`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if diff := cmp.Diff(tc.want, split(tc.writes...)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestFeedKeepsTheLast(t *testing.T) {
	var got []int64
	f := newOutputFeed(func(o inspect.Output) { got = append(got, o.Seq) })
	go f.run()
	for i := range ringLines + 50 {
		f.add(inspect.Output{Text: fmt.Sprint(i)})
	}
	f.close()
	f.add(inspect.Output{Text: "too late"})
	last := f.last(3)
	if len(last) != 3 || last[2].Text != fmt.Sprint(ringLines+49) || len(f.last(10_000)) != ringLines {
		t.Errorf("last %v of %d", last, len(f.last(10_000)))
	}
	for i, seq := range got[:ringLines+50] {
		if seq != int64(i+1) {
			t.Fatalf("line %d has number %d", i, seq)
		}
	}
	big := newOutputFeed(func(inspect.Output) {})
	for range 100 {
		big.add(inspect.Output{Text: strings.Repeat("x", maxLine)})
	}
	if big.bytes > ringBytes {
		t.Errorf("the ring holds %d bytes, want at most %d", big.bytes, ringBytes)
	}
}
