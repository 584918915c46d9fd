package microdata

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// check returns the rules that a piece of a page breaks, and what is marked.
func check(doc string) (told []string) {
	page := &finding.Page{Doc: parse.Parse([]byte(doc), parse.Options{Fragment: true})}
	Check(page, func(f finding.Finding) {
		if f.Message == "" || f.Section == "" || f.Node == nil || f.Rule.Family() != finding.Microdata && f.Rule.Family() != finding.IDRef {
			told = append(told, "incomplete")
		}
		told = append(told, f.Rule.Name()+" "+doc[f.Span.Start:f.Span.End])
	})
	return told
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, doc string
		want      []string
	}{
		{"no microdata", `<p id=a class=b>c</p>`, nil},
		{"an item", `<div itemscope itemtype="http://a" itemid="http://b"><p itemprop=c>d</p></div>`, nil},
		{"items in items", `<div itemscope><p itemprop=a itemscope><b itemprop=c>d</b></p></div>`, nil},
		{"an item in an item that is no property", `<div itemscope><p itemscope><b itemprop=c>d</b></p></div>`, nil},
		{"a property alone", `<p itemprop=a>b</p>`, []string{"property-without-item itemprop=a"}},
		{"an empty property alone", `<p itemprop>b</p>`, []string{"property-without-item itemprop"}},
		{"an item that is a property of nothing", `<div itemprop=a itemscope><p itemprop=b>c</p></div>`,
			[]string{"property-without-item itemprop=a", "property-without-item itemprop=b"}},
		{"in a template", `<template><p itemprop=a>b</p></template>`, []string{"property-without-item itemprop=a"}},
		{"in a template in an item", `<div itemscope><template><p itemprop=a>b</p></template></div>`, nil},
		{"through SVG", `<div itemscope><svg><foreignObject><p itemprop=a>b</p></foreignObject></svg></div>`, nil},
		{"a reference", `<div itemscope itemref="a b"></div><p id=a itemprop=c>d</p><div id=b><p itemprop=e>f</p></div>`, nil},
		{"references of two items", `<div itemscope itemref=a></div><div itemscope itemref=a></div><p id=a itemprop=c>d</p>`, nil},
		{"a reference to another item", `<div itemscope itemref=a></div><div itemscope id=a><p itemprop=b>c</p></div>`, nil},
		{"a reference to nothing", `<div itemscope itemref=" a  b "></div><p id=a itemprop=c>d</p>`, []string{`itemref-to-nothing itemref=" a  b `}},
		{"the same twice", `<div itemscope itemref="a a"></div><p id=a itemprop=c>d</p>`, []string{`itemref-redundant itemref="a a`}},
		{"one inside another", `<div itemscope itemref="b a"></div><div id=a><p id=b itemprop=c>d</p></div>`, []string{`itemref-redundant itemref="b a`}},
		{"itself", `<div itemscope itemref=a id=a></div>`, []string{"itemref-redundant itemref=a"}},
		{"what it holds", `<div itemscope itemref=a><p id=a itemprop=b>c</p></div>`, []string{"itemref-redundant itemref=a"}},
		{"a circle", `<div itemscope itemref=a></div><p id=a itemprop=b itemscope itemref=c></p><p id=c itemprop=d itemscope itemref=a></p>`,
			[]string{"item-in-itself itemprop=b"}},
		{"a circle that no item leads to", `<div itemscope id=a itemprop=x><p itemscope itemref=a itemprop=y></p></div>`,
			[]string{"property-without-item itemprop=x", "property-without-item itemprop=y"}},
		{"attributes without an item", `<p itemtype="http://a" itemid=b itemref=c>d</p>`,
			[]string{`itemtype-without-itemscope itemtype="http://a`, "itemid-without-itemtype itemid=b", "itemref-without-itemscope itemref=c"}},
		{"an id without a type", `<p itemscope itemid=b>d</p>`, []string{"itemid-without-itemtype itemid=b"}},
	} {
		if diff := cmp.Diff(c.want, check(c.doc)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestBounds reads pages that are made to take long; the search ends at its bound.
func TestBounds(t *testing.T) {
	const n = 20_000
	for name, doc := range map[string]string{
		"many items refer to much":   strings.Repeat("<p itemscope itemref=a>", n) + "<div id=a>" + strings.Repeat("<b itemprop=c></b>", n) + "</div>",
		"a reference to much, often": "<p itemscope itemref='" + strings.Repeat("a ", n) + "'><div id=a>" + strings.Repeat("<b itemprop=c></b>", n) + "</div>",
		"deep items":                 "<p itemscope>" + strings.Repeat("<b itemprop=c itemscope>", n),
		"a chain": func() string {
			var b strings.Builder
			b.WriteString("<p itemscope itemref=a0>")
			for i := range n {
				b.WriteString("<p itemprop=x itemscope id=a" + itoa(i) + " itemref=a" + itoa(i+1) + ">")
			}
			return b.String()
		}(),
	} {
		if told := check(doc); len(told) > n+1 {
			t.Errorf("%s: %d findings", name, len(told))
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func TestAllocations(t *testing.T) {
	page := &finding.Page{Doc: parse.Parse([]byte("<!DOCTYPE html><p id=a class=b title=c>d<a href=e>f</a>"), parse.Options{})}
	if got := testing.AllocsPerRun(10, func() { Check(page, func(finding.Finding) {}) }); got > 1 {
		t.Errorf("%v allocations on a page without microdata", got)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(`<div itemscope itemref="a b"><p id=a itemprop=c itemscope itemref=b><p id=b itemprop itemscope itemref=a>`)
	f.Add(`<template itemscope><b itemprop itemid itemtype>`)
	f.Fuzz(func(t *testing.T, doc string) {
		for _, told := range check(doc) {
			if told == "incomplete" {
				t.Fatal("a finding is incomplete")
			}
		}
	})
}
