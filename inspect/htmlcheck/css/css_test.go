package css

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// check returns the findings in a page as "rule severity marked text".
func check(page string) []string {
	d := parse.Parse([]byte(page), parse.Options{ContentType: "text/html; charset=utf-8"})
	var got []string
	Check(&finding.Page{Doc: d}, func(f finding.Finding) {
		s := f.Rule.Name() + " " + page[f.Span.Start:f.Span.End]
		if f.Severity != inspect.SeverityError {
			s = string(f.Severity) + " " + s
		}
		got = append(got, s)
	})
	return got
}

func styled(sheet string) string {
	return "<!DOCTYPE html><title>x</title><style>" + sheet + "</style>"
}

func TestGoodSheets(t *testing.T) {
	for _, sheet := range []string{
		"", "a{}", "a{color:red}", "a{;color:red;;}", "a{color:red", "a{color:red;\n", "/* x", "<!-- a{} -->",
		"a:hover>b+c~d, *|e, [f=g i], #h.i::before{color:red}", "a:not(.b,c):nth-child(2n + 1 of d){}",
		"a::-webkit-foo{-webkit-foo:1}", "a\\:b{}", "é{}", "&:hover{}", ":root{--x:;--y: {a:b};--z:a b;--font:arial}",
		"a{b{color:red}&:hover{color:red}> c{color:red}color:blue}", "a{b:hover{color:red}}",
		"@media screen{a{color:red}}", "@media (foo:bar){}", "@import url(x);a{}", "@charset 'utf-8';@import 'x';",
		"@font-face{font-family:x;src:url(x) format('woff2');unicode-range:U+4E00-9FFF}", "@page :first{margin:1cm;foo:bar}",
		"@keyframes x{from{color:red}50.5%{}}", "@supports not (display:grid){a{}}", "@layer a,b;@layer a{b{}}",
		"@container (min-width:1px){a{}}", "@tailwind base;", "@foo{a;b{c}}", "a{@media print{color:red}}",
		"a{*zoom:1;_width:1px;#height:1px}", "a{filter:alpha(opacity=50)}", "a{color:red!important;color:red ! important}",
		"a{filter:progid:DXImageTransform.Microsoft.gradient(startColorstr='#80',endColorstr='#81')}",
		"a{background:url(data:image/png;base64,xx==) no-repeat,linear-gradient(red,blue)}", "a{content:'\\201C'}",
		"a{font:12px/1.5 'A B',c;width:calc(1px + 2%);margin:0 auto -1em}", "a{width:100px\\9}", "a{width:-webkit-fill-available}",
		"a{color:var(--x,);color:rgb(1 2 3 / 4);color:CanvasText;color:#12345678}", "a{transition:all .2s,color 0s}",
		"a{flex:1 1 0;line-height:1.5;z-index:-1;opacity:.5;font-weight:550}", "a{border:1px solid}a{outline:thin auto}",
		"a{cursor:url(x),pointer}", "a{align-items:first baseline}", "a{grid-area:1/2/3/4}", "a{font-style:oblique 10deg}",
	} {
		if got := check(styled(sheet)); len(got) > 0 {
			t.Errorf("%s: %q", sheet, got)
		}
	}
}

func TestBadSheets(t *testing.T) {
	for _, tc := range []struct {
		sheet string
		want  []string
	}{
		{"a{color:red}}", []string{"stray-brace }"}},
		{"a{}};b{color:foo}", []string{"stray-brace }", "selector ;", "value foo"}},
		{"a{", []string{"unclosed-block {"}},
		{"a{b{ü", []string{"missing-colon ü", "unclosed-block ü"}},
		{"@media screen{a{color:red}", []string{"unclosed-block }"}},
		{"a", []string{"no-block a"}},
		{"a,{}", []string{"selector ,"}},
		{",a{}", []string{"selector ,"}},
		{"{}", []string{"selector {"}},
		{"a>{}", []string{"selector >"}},
		{"> a{}", []string{"selector >"}},
		{"a:{}", []string{"selector :"}},
		{"a:hover1{}", []string{"selector hover1"}},
		{"a::foo{}", []string{"selector foo"}},
		{"a.{}", []string{"selector ."}},
		{".1a{}", []string{"selector .1a"}},
		{"a#1{}", []string{"selector #1"}},
		{"a[]{}", []string{"selector ["}},
		{"a &gt; b{}", []string{"selector ;"}},
		{"// x\na{}", []string{"selector /"}},
		{"<![CDATA[ a{} ]]>", []string{"selector <", "no-block ]]>"}},
		{"a{color}", []string{"missing-colon color"}},
		{"a{color=red}", []string{"missing-colon color=red"}},
		{"a{color:}", []string{"missing-value color:"}},
		{"a{color:!important}", []string{"missing-value !important"}},
		{"a{1:2}", []string{"declaration 1"}},
		{"a{color:red !foo}", []string{"important !foo"}},
		{"a{width:1px height:2px}", []string{"missing-semicolon height:"}},
		{"a{color::red}", []string{"value :"}},
		{"a{color:red\nb{color:blue}}", []string{"selector color"}},
		{"a{color: red\nb{color:blue}}", []string{"missing-end color: red\nb{"}},
		{"a{content:\"x\ny\"}", []string{"string \"x", "declaration y"}[:1]},
		{"a{background:url(x y)}", []string{"url url(x y)"}},
		{"a{color:rgb(1,2,3}", []string{"bracket rgb(1,2,3"}},
		{"a{color:red)}", []string{"bracket )"}},
		{"a{font-family:a,,b}", []string{"value ,"}},
		{"a{colr:red}", []string{"unknown-property colr"}},
		{"a{width:10}", []string{"value 10"}},
		{"a{width:10foo}", []string{"unit 10foo"}},
		{"a{width:1px 2px}", []string{"value 2px"}},
		{"a{padding:-1px}", []string{"value -1px"}},
		{"a{background-color:none}", []string{"value none"}},
		{"a{color:#12}", []string{"value #12"}},
		{"a{color:#}", []string{"value #"}},
		{"a{display:hidden}", []string{"value hidden"}},
		{"a{cursor:hand}", []string{"value hand"}},
		{"a{font-family:200}", []string{"value 200"}},
		{"a{transition:all 0}", []string{"value 0"}},
		{"a{z-index:1.5}", []string{"value 1.5"}},
		{"a{}@import 'x';", []string{"late-import @import"}},
		{"@media screen and(color){}", []string{"media-query and("}},
		{"@media (max-device-width:1px){}", []string{"warning media-deprecated max-device-width"}},
		{"@font-face{foo:x}", []string{"unknown-property foo"}},
	} {
		if diff := cmp.Diff(tc.want, check(styled(tc.sheet))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tc.sheet, diff)
		}
	}
}

func TestAttributes(t *testing.T) {
	for _, tc := range []struct {
		value string
		want  []string
	}{
		{"", nil},
		{"color:red;", nil},
		{"color:red}", nil},
		{"{color:red}", nil},
		{"<b>", nil},
		{"1", nil},
		{"-1; color:foo", nil},
		{"50%", nil},
		{"color:red !importantwidth:1", nil},
		{"{{ x }}", nil},
		{".z-index:1; color:foo", []string{"value foo"}},
		{"color", []string{"missing-colon color"}},
		{"color:red;width", []string{"missing-colon width"}},
		{"width:100", []string{"value 100"}},
		{"color:{{x}}", []string{"value color:{"}},
		{"height:", []string{"missing-value height:"}},
		{"&quot;a&quot;:b; width:1", nil},
	} {
		if diff := cmp.Diff(tc.want, check(`<!DOCTYPE html><p style="`+tc.value+`">`)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tc.value, diff)
		}
	}
}

func TestWhere(t *testing.T) {
	for _, page := range []string{
		"<template><style>a{</style><p style=a></template>",
		"<svg><style>a{</style><path style=a></svg>",
	} {
		if got := check(page); got != nil {
			t.Errorf("%s: %q", page, got)
		}
	}
	page := "<!DOCTYPE html>\r\n<style>\r\n\r\na{colr:red}</style>"
	if diff := cmp.Diff([]string{"unknown-property colr"}, check(page)); diff != "" {
		t.Errorf("behind CR LF: (-want +got)\n%s", diff)
	}
}

func TestSuggest(t *testing.T) {
	for name, want := range map[string]string{
		"margin-botom": "; did you mean margin-bottom?",
		"overflowx":    "; did you mean overflow-x?",
		"colro":        "; did you mean color?",
		"xyzzy":        "",
	} {
		if got := suggest(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestHostile(t *testing.T) {
	const n = 200_000
	for name, page := range map[string]string{
		"blocks":     styled(strings.Repeat("a{", n)),
		"brackets":   styled("a{width:" + strings.Repeat("(", n)),
		"closing":    styled(strings.Repeat("}", n)),
		"selectors":  styled(strings.Repeat("a[b]:not(", n) + "{}"),
		"at-rules":   styled(strings.Repeat("@media(", n)),
		"unknown":    styled("a{" + strings.Repeat("colr:red;", n) + "}"),
		"attributes": strings.Repeat("<p style=colr:red>", n/4),
		"urls":       styled("a{x:" + strings.Repeat("url(a ", n)),
		"comments":   styled(strings.Repeat("/*", n)),
	} {
		start := time.Now()
		d := parse.Parse([]byte(page), parse.Options{})
		found := 0
		Check(&finding.Page{Doc: d}, func(finding.Finding) { found++ })
		if name != "attributes" && found > maxFindings {
			t.Errorf("%s: %d findings", name, found)
		}
		t.Logf("%s: %d findings, %v", name, found, time.Since(start))
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"a{b:c}", "a{b{", "@media(x){", "a{color:red\\", ":is(", "a{--x:{", "@import", "<!--", "]]>", "a{b:url(", "*{*a:b}", "a{b{\xde", "a{b{ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sheet string) {
		page := styled(sheet) + fmt.Sprintf("<p style=%q>", sheet)
		d := parse.Parse([]byte(page), parse.Options{})
		Check(&finding.Page{Doc: d}, func(f finding.Finding) {
			if f.Span.Start < 0 || f.Span.End < f.Span.Start || f.Span.End > len(page) {
				t.Fatalf("%q: %+v", sheet, f)
			}
		})
	})
}

func BenchmarkCheck(b *testing.B) {
	sheet := strings.Repeat(".a > b:hover, #c { color: #fff; margin: 0 auto; background: url(x.png) no-repeat; font: 12px/1.5 sans-serif }\n", 100)
	d := parse.Parse([]byte(styled(sheet)), parse.Options{})
	p := &finding.Page{Doc: d}
	b.SetBytes(int64(len(sheet)))
	b.ReportAllocs()
	for b.Loop() {
		Check(p, func(f finding.Finding) { b.Fatal(f.Message) })
	}
}
