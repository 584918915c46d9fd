package script

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// check returns the findings in a page as "code marked text".
func check(page string) []string {
	d := parse.Parse([]byte(page), parse.Options{ContentType: "text/html; charset=utf-8"})
	var got []string
	Check(&finding.Page{Doc: d}, func(f finding.Finding) {
		s := f.Code() + " " + page[f.Span.Start:f.Span.End]
		if f.Severity != inspect.SeverityError {
			s = string(f.Severity) + " " + s
		}
		got = append(got, s)
	})
	return got
}

func TestAttributes(t *testing.T) {
	for _, tc := range []struct {
		tag  string
		want []string
	}{
		{"<script>", nil},
		{"<script src=a async defer nomodule crossorigin integrity=x blocking=render fetchpriority=high referrerpolicy=origin>", nil},
		{"<script type=module async crossorigin referrerpolicy=origin>", nil},
		{"<script type=module src=a async integrity=x blocking=render fetchpriority=high>", nil},
		{"<script nomodule crossorigin referrerpolicy=origin>", nil},
		{"<script type=text/x-template id=a>", nil},
		{"<script async>", []string{"co-constraint/script-async async"}},
		{"<script type='' defer>", []string{"co-constraint/script-defer defer"}},
		{"<script type=module defer nomodule>", []string{"co-constraint/script-defer defer", "co-constraint/script-nomodule nomodule"}},
		{"<script type=MODULE integrity=x>", []string{"co-constraint/script-integrity integrity"}},
		{"<script type=text/foo src=a async>", []string{"co-constraint/script-src src", "co-constraint/script-async async"}},
		{"<script charset=utf-8>", []string{"co-constraint/script-charset charset"}},
		{"<script src=a charset=latin1>", []string{"attr-value/script-charset latin1"}},
		{"<script type=module language=JavaScript>", []string{"co-constraint/script-language language"}},
		{"<script type=text/foo language=vbscript>", nil},
		{"<script type=Text/JavaScript>", []string{"warning redundant/script-type type"}},
		{"<style type=text/css></style><script>", []string{"warning redundant/style-type type"}},
		{"<style type=text/less></style><script>", []string{"attr-value/style-type text/less"}},
	} {
		if diff := cmp.Diff(tc.want, check(tc.tag+"</script>")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tc.tag, diff)
		}
	}
}

func TestDocumentation(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", ""},
		{" \t\n", ""},
		{"// a\n/* b\n*/ ", ""},
		{"a", "a"},
		{"/* a */ b", "b"},
		{"/* a", "/* a"},
		{"// a", "// a"},
		{"/a", "/a"},
	} {
		var want []string
		if tc.want != "" {
			want = []string{"attr-value/script-documentation " + tc.want}
		}
		if diff := cmp.Diff(want, check("<script src=a>"+tc.text+"</script>")); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tc.text, diff)
		}
	}
}

// Another end tag in the place of </script> is a warning, as for vnu.
func TestEndTagInScript(t *testing.T) {
	want := []string{"warning text/script-end-tag </a>"}
	if diff := cmp.Diff(want, check("<script src=a></a></script>")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// jsonCase is the text of a script and what is marked in it, nothing for a good one.
type jsonCase struct{ text, rule, marked string }

func testJSON(t *testing.T, typ string, cases []jsonCase) {
	t.Helper()
	for _, tc := range cases {
		var want []string
		if tc.rule != "" {
			want = []string{"script-json/" + tc.rule + " " + tc.marked}
		}
		if diff := cmp.Diff(want, check("<script type="+typ+">"+tc.text+"</script>")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tc.text, diff)
		}
	}
}

func TestImportMap(t *testing.T) {
	testJSON(t, "importmap", []jsonCase{
		{`{}`, "", ""},
		{`{"imports":{"a":"/b","c/":"./d/","e":"http://x/y"},"scopes":{"/x/":{"a":"../b"}},"integrity":{"/a":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`, "", ""},
		{`[]`, "not-an-object", "[]"},
		{`{imports:{}}`, "syntax", "i"},
		{`{"imports":{},}`, "syntax", "}"},
		{`{"imports":[]}`, "not-an-object", "[]"},
		{`{"foo":1}`, "unknown-key", `"foo"`},
		{`{"imports":{"":"/a"}}`, "empty-key", `""`},
		{`{"imports":{"a":null}}`, "not-a-string", "null"},
		{`{"imports":{"a/":"/b"}}`, "slash", `"/b"`},
		{`{"imports":{"a":"b"}}`, "url", `"b"`},
		{`{"imports":{"a":""}}`, "url", `""`},
		{`{"scopes":{"a":{}}}`, "url", `"a"`},
		{`{"scopes":{"/a/":1}}`, "not-an-object", "1"},
		{`{"scopes":{"/a/":{"x":"y"}}}`, "url", `"y"`},
	})
	want := []string{"warning script-json/syntax x"}
	if diff := cmp.Diff(want, check(`<script type=importmap>{} x</script>`)); diff != "" {
		t.Errorf("behind the end: (-want +got)\n%s", diff)
	}
	want = []string{`warning script-json/integrity 1`}
	if diff := cmp.Diff(want, check(`<script type=importmap>{"integrity":{"/a":1}}</script>`)); diff != "" {
		t.Errorf("integrity: (-want +got)\n%s", diff)
	}
}

func TestSpeculationRules(t *testing.T) {
	testJSON(t, "speculationrules", []jsonCase{
		{`{"prefetch":[{"urls":["a"]}],"prerender":[{"source":"document","where":{"and":[{"href_matches":"/a"},{"not":{"selector_matches":["a","b"]}}]}}]}`, "", ""},
		{`{"prefetch":[{"urls":["a"],"eagerness":"immediate","tag":"x","requires":["anonymous-client-ip-when-cross-origin"]}]}`, "", ""},
		{``, "syntax", "<script type=speculationrules>"},
		{`{}`, "no-rules", "{}"},
		{`{"prefetch":{}}`, "not-an-array", "{}"},
		{`{"prefetch":[1]}`, "not-an-object", "1"},
		{`{"prefetch":[{}]}`, "no-source", "{}"},
		{`{"prefetch":[],"x":1}`, "unknown-key", `"x"`},
		{`{"prefetch":[{"urls":["a"],"x":1}]}`, "unknown-key", `"x"`},
		{`{"prefetch":[{"source":"list"}]}`, "missing-urls", `{"source":"list"}`},
		{`{"prefetch":[{"source":"foo"}]}`, "source", `"foo"`},
		{`{"prefetch":[{"urls":[]}]}`, "empty", "[]"},
		{`{"prefetch":[{"urls":[""]}]}`, "not-a-string", `""`},
		{`{"prefetch":[{"urls":["a"],"where":{}}]}`, "misplaced-where", `"where"`},
		{`{"prefetch":[{"where":{}}]}`, "predicates", "{}"},
		{`{"prefetch":[{"where":{"and":{}}}]}`, "not-an-array", "{}"},
		{`{"prefetch":[{"where":{"or":[]}}]}`, "empty", "[]"},
		{`{"prefetch":[{"where":{"href_matches":1}}]}`, "not-an-array", "1"},
		{`{"prefetch":[{"where":{"href_matches":"","x":1}}]}`, "unknown-key", `"x"`},
		{`{"prefetch":[{"where":{"and":[],"or":[]}}]}`, "predicates", `"or"`},
		{`{"prefetch":[{"urls":["a"],"eagerness":"foo"}]}`, "eagerness", `"foo"`},
	})
}

func TestDataJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"@context":"x"}`: "",
		`  `:               "",
		`{"a":1,}`:         "warning script-json/syntax }",
		`{"a":1} x`:        "warning script-json/syntax x",
		`{"a":01}`:         "warning script-json/syntax 01",
		"{\"a\":\"\n\"}":   "warning script-json/syntax \n",
		`{"a":"\x"}`:       `warning script-json/syntax \x`,
		`{"a":`:            `warning script-json/syntax {"a":`,
	} {
		got := strings.Join(check("<script type=application/ld+json>"+text+"</script>"), "; ")
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWhere(t *testing.T) {
	for _, page := range []string{
		"<template><script async></script><script type=importmap>x</script></template>",
		"<svg><script async></script></svg>",
	} {
		if got := check(page); got != nil {
			t.Errorf("%s: %q", page, got)
		}
	}
	page := "<!DOCTYPE html>\r\n<script type=importmap>\r\n{\r\n\"x\":1}</script>"
	if diff := cmp.Diff([]string{`script-json/unknown-key "x"`}, check(page)); diff != "" {
		t.Errorf("behind CR LF: (-want +got)\n%s", diff)
	}
}

func TestDeepJSON(t *testing.T) {
	for _, typ := range []string{"importmap", "speculationrules", "application/json"} {
		if got := check("<script type=" + typ + ">" + strings.Repeat("[", 1_000_000) + "</script>"); len(got) > 1 {
			t.Errorf("%s: %d findings", typ, len(got))
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"prefetch":[{"urls":["a"]}]}`, `{"imports":{"a":"\u0041"}}`, `[1.5e-3,true,null]`, `{"a"`, `-`, `"\u00`, "//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, rest, err := parseJSON(text)
		valid := validJSON(text)
		if ok := err == nil && rest == len(text); ok != valid && (err == nil || err.why != "") {
			t.Fatalf("%q: ours %v %v, encoding/json %v", text, ok, err, valid)
		}
		if err == nil && (v.start > v.end || v.end > rest) {
			t.Fatalf("%q: %+v", text, v)
		}
		for _, typ := range []string{"importmap", "speculationrules", "a/b+json"} {
			check("<script type=" + typ + ">" + text + "</script>")
		}
	})
}

// validJSON is what encoding/json says, but for bytes that are no UTF-8 in a string.
func validJSON(s string) bool { return json.Valid([]byte(s)) }
