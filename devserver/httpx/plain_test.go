package httpx

import "testing"

func TestPlain(t *testing.T) {
	for _, c := range []struct{ in, keep, want string }{
		{"a\tb\nc\x1b[2Jd\u0085\x7fé", "\t", "a\tb\uFFFDc\uFFFD[2Jd\uFFFD\uFFFDé"},
		{"a\tb\nc", "\t\n", "a\tb\nc"},
		{"a\tb\xff\xfec", "", "a\uFFFDb\uFFFDc"},
	} {
		if got := Plain(c.in, c.keep); got != c.want {
			t.Errorf("Plain(%q, %q) = %q, want %q", c.in, c.keep, got, c.want)
		}
	}
}
