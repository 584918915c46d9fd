package httpx

import "testing"

func TestNamesFile(t *testing.T) {
	for segment, want := range map[string]struct{ here, windows bool }{
		"x.pl":        {true, true},
		"a b%":        {true, true},
		"日本.cgi":      {true, true},
		"x.pl.":       {true, false},
		"x.pl ":       {true, false},
		"x.pl::$DATA": {true, false},
		"X~1.PL":      {true, false},
		"":            {},
		".":           {},
		"..":          {},
		".git":        {},
		"a/b":         {},
		`a\b`:         {},
		"a\x00":       {},
	} {
		if got := namesFile(segment, false); got != want.here {
			t.Errorf("%q: %v, want %v", segment, got, want.here)
		}
		if got := namesFile(segment, true); got != want.windows {
			t.Errorf("%q on Windows: %v, want %v", segment, got, want.windows)
		}
	}
}
