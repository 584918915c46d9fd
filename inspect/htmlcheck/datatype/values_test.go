package datatype

import (
	"strings"
	"testing"
)

// valueCases are values of one type: those without a Problem, with one, and with a warning.
type valueCases struct{ good, bad, warn []string }

func testValues(t *testing.T, name string, cases valueCases) {
	t.Helper()
	for _, v := range cases.good {
		if p := Check(name, v); p != nil {
			t.Errorf("%s %q is good, but: %s", name, v, p.Message)
		}
	}
	for i, v := range append(cases.bad[:len(cases.bad):len(cases.bad)], cases.warn...) {
		p := Check(name, v)
		if p == nil {
			t.Errorf("%s %q has nothing wrong", name, v)
			continue
		}
		if p.Warning != (i >= len(cases.bad)) {
			t.Errorf("%s %q: warning is %v: %s", name, v, p.Warning, p.Message)
		}
		checkMark(t, v, p)
	}
	for _, v := range cases.good {
		if n := testing.AllocsPerRun(1, func() { Check(name, v) }); n > 0 && len(v) < 40 && !mayAllocate(name) && v == strings.ToLower(v) {
			t.Errorf("%s %q: %v allocations", name, v, n)
		}
	}
}

// mayAllocate reports types that need memory for a good value: the groups of a pattern, and
// whatever a URL needs.
func mayAllocate(name string) bool {
	return name == "regex" || strings.HasPrefix(name, "srcset") || name == "refresh"
}

func checkMark(t *testing.T, v string, p *Problem) {
	t.Helper()
	if p.Start < 0 || p.Start > p.End || p.End > len(v) || p.Start == p.End && p.End != 0 {
		t.Errorf("%q: marks %d to %d: %s", v, p.Start, p.End, p.Message)
	}
	if p.Rule == "" || p.Message == "" || len(p.Message) > 400 {
		t.Errorf("%q: %+v", v, p)
	}
}

// FuzzValues gives each text to the types with a grammar of their own.
func FuzzValues(f *testing.F) {
	names := []string{"media-query", "sizes", "srcset", "srcset-width", "autofill", "csp", "sandbox", "allow", "regex",
		"integrity", "script-type", "refresh", "simple-colour"}
	for _, s := range []string{"", "(min-width: 1px) and (color)", "(1px < width <= calc(2px))", "a 1x, b 2x", "(color) 1px, 2px",
		"section-a home tel webauthn", "script-src 'nonce-a'; img-src *, a b", "[a&&[b-c]](?<x>\\k<x>)", "sha256-x", "5; url=a", "5; url=", "((((", "\\u{", "a,,", "(?<", "(width:", "(width <"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, name := range names {
			if p := Check(name, v); p != nil {
				checkMark(t, v, p)
			}
		}
	})
}

// TestHostileValues gives long values; what is not linear would not end.
func TestHostileValues(t *testing.T) {
	const n = 100_000
	for _, piece := range []string{"(", "a,", "a 1x,", "a ", "(a) ", "[", "(?:", "\\1", "'self' ", ";", "a 1w, b", "(color) 1px,", "&&", "sha256-a ", "not ", "(not "} {
		v := strings.Repeat(piece, n)
		for _, name := range []string{"media-query", "sizes", "srcset", "srcset-width", "autofill", "csp", "sandbox", "allow", "regex", "integrity", "refresh"} {
			if p := Check(name, v); p != nil {
				checkMark(t, v, p)
			}
		}
	}
}
