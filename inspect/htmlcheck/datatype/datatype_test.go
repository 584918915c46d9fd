package datatype

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// valueTest says which values of a type are in order, which are wrong, and which are
// doubtful (warnings).
type valueTest struct {
	name            string
	good, bad, odds []string
}

func runValues(t *testing.T, tests []valueTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, v := range test.good {
				if p := Check(test.name, v); p != nil {
					t.Errorf("%q: %s", v, p.Message)
				}
			}
			for _, v := range test.bad {
				checkProblem(t, v, Check(test.name, v), false)
			}
			for _, v := range test.odds {
				checkProblem(t, v, Check(test.name, v), true)
			}
		})
	}
}

// checkProblem checks what every problem has to be.
func checkProblem(t *testing.T, v string, p *Problem, warning bool) {
	t.Helper()
	switch {
	case p == nil:
		t.Errorf("%q: nothing is wrong, want a problem", v)
	case p.Warning != warning:
		t.Errorf("%q: warning is %t: %s", v, p.Warning, p.Message)
	case p.Message == "" || p.Rule == "":
		t.Errorf("%q: no message or no rule: %+v", v, p)
	case p.Start < 0 || p.Start > p.End || p.End > len(v) || p.Start == p.End && p.End != 0:
		t.Errorf("%q: place %d-%d is not in the value", v, p.Start, p.End)
	}
}

func TestTypes(t *testing.T) {
	for name, typ := range table() {
		if typ.Section == "" || typ.Check == nil || typ.Name != strings.ToLower(typ.Name) {
			t.Errorf("%q: section %q, or no check", typ.Name, typ.Section)
		}
		if found, ok := Lookup(name); !ok || !Known(name) || found.Name != name {
			t.Errorf("%q is not found", typ.Name)
		}
	}
	if Known("no such type") {
		t.Error("a type is known that nobody made")
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown name did not panic")
		}
	}()
	Check("no such type", "")
}

func TestNumbers(t *testing.T) {
	runValues(t, []valueTest{
		{"integer", []string{"0", "-1", "007", "-0", "99999999999999999999"}, []string{"", " 1", "1 ", "+1", "1.5", "1e3", "--1", "1px", "٣", "x"}, []string{"-"}},
		{"integer>=0", []string{"0", "12"}, []string{"", "-1", "1%", "1px", "1.0"}, nil},
		{"integer>0", []string{"1", "010"}, []string{"", "0", "000", "-1", "x"}, nil},
		{"float", []string{"0", "-1.5", ".5", "1e5", "1E-5", "1e+5", "1e999", "-0.0"}, []string{"", "-", ".", "1.", "1e", "1e.5", "+1", "NaN", "Infinity", "1,5", "0x1", "1.5.2", " 1"}, nil},
		{"float>=0", []string{"0", "-0", "0.5"}, []string{"-1", "-0.5", "x"}, nil},
		{"float>0", []string{"1", ".1", "00.5e-9"}, []string{"0", "0.0", "-0", "0e5", "-1", ""}, nil},
		{"step", []string{"any", "ANY", "0.5"}, []string{"0", "", "all"}, nil},
		{"step-integer", []string{"any", "7"}, []string{"0", "0.5"}, nil},
		{"float-or-empty", []string{"", "1"}, []string{" "}, nil},
		{"percentage-dimension", []string{"50%", "50"}, []string{"%", "5 %", "-5%", "50%%"}, nil},
	})
}

func TestNames(t *testing.T) {
	runValues(t, []valueTest{
		{"id", []string{"a", "1", "é", "#a", "a\u00a0b"}, []string{"", " a", "a b", "a\t"}, nil},
		{"idrefs", []string{"a", "a b", " a "}, []string{"", " "}, nil},
		{"hash-name", []string{"#a", "##", "# "}, []string{"", "#", "a"}, nil},
		{"unique-tokens", []string{"", "a b", "a A"}, []string{"a a", "a b a"}, nil},
		{"custom-element-name", []string{"a-b", "x-é", "a-", "a-#"}, []string{"", "a", "A-b", "1-a", "a-B", "a-b/c", "a- b", "font-face"}, nil},
		{"itemprop", []string{"name", "a b", "https://example.org/p"}, []string{"", " ", "a.b", "http:x"}, nil},
		{"access-keys", []string{"", "a", "a b", "ä 1", "👍"}, []string{"ab", "a a", "#a"}, nil},
		{"navigable-target", []string{"_blank", "_TOP", "main", "a b"}, []string{"", "_foo", "_", "_top "}, nil},
		{"frame-name", []string{"main"}, []string{"", "_main", "_blank"}, nil},
		{"one-line", []string{"", "a b"}, []string{"a\nb", "a\r"}, nil},
		{"nonempty", []string{" ", "a"}, []string{""}, nil},
		{"nonspace", []string{"a"}, []string{"", " \n"}, nil},
		{"rdfa-terms", []string{"", "og:title", "a/b é", "x:", ":x"}, []string{" ", "1", "/a", "a;b"}, nil},
		{"rdfa-term", []string{"", "a", "xsd:date"}, []string{" ", "a b", "#x"}, nil},
		{"rdfa-resource", []string{"", "[a:b]", "#x", "x:y"}, []string{"a b", "[a", "[a b]"}, nil},
		{"rdfa-prefixes", []string{"", "og: http://ogp.me/ns#", "a: x\nb: y"}, []string{" ", "a", "a:", "a:x", "a:  x", ": x", "a: x b"}, nil},
	})
}

func TestShapes(t *testing.T) {
	runValues(t, []valueTest{
		{"circle-coords", []string{"1,2,3", "-1,-2,0"}, []string{"", "1,2", "1,2,3,4", "1, 2,3", "1,2,-3", "1.5,2,3"}, nil},
		{"rect-coords", []string{"1,2,3,4", "-5,-5,-3,-3"}, []string{"", "1,2,3", "3,2,1,4", "1,4,3,2", "1,2,1,4", "a,b,c,d"}, nil},
		{"poly-coords", []string{"1,2,3,4,5,6"}, []string{"", "1,2,3,4", "1,2,3,4,5,6,7", "1,2,3,4,5,x"}, nil},
		{"coords", []string{"1,2,3", "1,2,3,4"}, []string{"", "4,3,2,1"}, nil},
	})
}

func TestMIME(t *testing.T) {
	runValues(t, []valueTest{
		{"mime-type", []string{"text/html", "TEXT/HTML", "a/b;c=d", `text/html; charset="utf-8"`, `a/b ;c="d\"e"`, "image/svg+xml"},
			[]string{"", "text", "text/", "/html", "a/b;", "a/b; ", "a/b ", " a/b", "a/b/c", "a/b;c", "a/b;c=", `a/b;c="d`, "a/b, c/d", "a/é"}, nil},
		{"mime-list", []string{".pdf", "image/*", "image/png,.jpg", " image/png , .tar.gz "}, []string{"", " ", "pdf", ".", "*", "*/*", "a/b,", "a/b,,c/d", "a/b;c=d", ".a b"}, nil},
		{"charset", []string{"utf-8", "UTF-8", "latin1"}, []string{"", "x"}, nil},
		{"content-type-meta", []string{"text/html; charset=utf-8", "TEXT/HTML;CHARSET=UTF-8", "text/html; charset = 'utf-8'", "text/html; x=1; charset=utf-8; y"},
			[]string{"", "text/html", "text/html;", "text/html; charset=", "text/html; charset=latin1", "text/xhtml; charset=utf-8", "text/html; charset='utf-8"}, nil},
		{"email", []string{"", "a@b", "a.b+c@example.org"}, nil, []string{"a", "a@", "a@-b.c", "a b@c", "é@c"}},
		{"email-list", []string{"", "a@b, c@d"}, nil, []string{"a@b,", "x"}},
		{"link-sizes", []string{"any", "ANY", "16x16", "16x16 32x32"}, []string{"", "any 16x16", "016x16", "16", "x16", "16x"}, []string{"16X16"}},
		{"link-types-a", []string{"", "noopener nofollow", "A a"}, []string{"a a"}, []string{"nofollow;"}},
		{"referrer-policy", []string{"", "origin"}, []string{"ORIGIN", "never"}, nil},
		{"loading", []string{"lazy", "LAZY"}, []string{"", "auto"}, nil},
		{"custom-command", []string{"--x", "--"}, []string{"", "-x", "x"}, nil},
	})
}

func TestFamilies(t *testing.T) {
	got := map[string]finding.Family{}
	for name, v := range map[string]string{"url": "a b", "language": "xx-", "meta-charset": "x", "date": "x"} {
		got[name] = Check(name, v).Rule.Family()
	}
	want := map[string]finding.Family{"url": finding.URL, "language": finding.Lang, "meta-charset": finding.Encoding, "date": finding.AttrValue}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestAllocations: a value in order costs no memory.
func TestAllocations(t *testing.T) {
	for name, v := range map[string]string{
		"url": "https://www.example.org/a/b?c=d&e=f#g", "url-nonempty": "../a/b.html", "absolute-url": "https://example.org/",
		"urls-space": "https://a.example/ https://b.example/", "language": "de-AT", "date": "2026-03-31", "date-or-time": "2026-03-31T17:05+02:00",
		"float": "1.5", "rect-coords": "1,2,3,4", "mime-type": "text/html;charset=utf-8", "mime-list": "image/*,.pdf", "rdfa-terms": "og:title",
		"access-keys": "a b", "unique-tokens": "a b c", "id": "main", "custom-element-name": "my-tag", "link-types-a": "noopener nofollow",
	} {
		check := table()[name].Check
		if n := testing.AllocsPerRun(100, func() { check(v) }); n != 0 {
			t.Errorf("%s: %v allocations for %q", name, n, v)
		}
	}
}
