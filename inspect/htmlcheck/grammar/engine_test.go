package grammar

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/build"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/notation"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// small is the start of the grammars of these tests.
const small = `namespace html
start <html>
category flow mixed "flow content"
category phrasing mixed "phrasing content"
element html
  content <head> <body>
element head
  content text
element body
  content flow
`

// types are the datatypes of these tests.
func types(name string) (datatype.Type, bool) {
	check := map[string]func(string) *datatype.Problem{
		"digits": func(s string) *datatype.Problem {
			if i := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
				return &datatype.Problem{Start: i, End: i + 1, Message: "must be digits", Rule: "attr-value/digits"}
			}
			return nil
		},
		"date": func(s string) *datatype.Problem {
			if s != "2026-03-01" {
				return &datatype.Problem{Message: "must be a date", Rule: "attr-value/date"}
			}
			return nil
		},
		"odd": func(string) *datatype.Problem {
			return &datatype.Problem{Message: "is odd", Warning: true, Rule: "attr-value/value"}
		},
	}[name]
	return datatype.Type{Name: name, Check: check}, check != nil
}

func compileText(t testing.TB, src string) *engine {
	t.Helper()
	f, err := notation.Parse("test", src)
	if err != nil {
		t.Fatal(err)
	}
	s, err := build.Build([]*notation.File{f})
	if err != nil {
		t.Fatal(err)
	}
	s, err = schema.Decode(schema.Encode(s))
	if err != nil {
		t.Fatal(err)
	}
	return newEngine(s, types)
}

// said lists what an engine says of a document: the code and the marked piece.
func said(g *engine, doc string, opts parse.Options) []string {
	var list []string
	d := parse.Parse([]byte(doc), opts)
	g.check(&finding.Page{Doc: d, Fragment: opts.Fragment}, func(f finding.Finding) {
		mark := ""
		if f.Severity == inspect.SeverityWarning {
			mark = "warning "
		}
		list = append(list, fmt.Sprintf("%s%s %s", mark, f.Code(), doc[f.Span.Start:f.Span.End]))
	})
	return list
}

// contentGrammar has a content model of each kind.
const contentGrammar = small + `
category extra = <x-a> | <x-b>
element x-a
element x-b
element div
  is flow
  content flow
element p
  is flow
  content phrasing
element b
  is flow, phrasing
  content phrasing
element ins
  is flow, phrasing
  content transparent
element seq
  is flow
  content <x-a> <x-b>? <x-a>+
element any-order
  is flow
  content <x-a> & <x-b>?
element one
  is flow
  content extra
element dl
  is flow
  content (<dt>+ <dd>+)+ | <div>( (<dt>+ <dd>+)+ )+
element dt
  content flow
element dd
  content flow
element anything
  is flow
  content any
element words
  is flow
  content text
element bare
  is flow
  content flow except <b>, <div>
element day
  is flow
  content data(date)
element source in seq2
  content empty
  attrs
    a: text
element source in seq3
  content empty
  attrs
    b: text
element seq2
  is flow
  content <source>
element seq3
  is flow
  content <source>
`

func TestContent(t *testing.T) {
	g := compileText(t, contentGrammar)
	tests := []struct {
		doc  string
		want []string
	}{
		{"<div>text<b>x</b><p>y</p></div>", nil},
		{"<b><div>x<p><frob></div></b>", []string{"content-model/not-allowed-child <div>", "content-model/unknown-element <frob>"}},
		{"<b><ins>x<b></b></ins></b><ins><div></div></ins>", nil},
		{"<b><ins><ins><div></div></ins></ins></b>", []string{"content-model/not-allowed-child <div>"}},
		{"<seq><x-a></x-a><x-a></x-a></seq><seq> <x-a></x-a> <x-b></x-b> <x-a></x-a><x-a></x-a></seq>", nil},
		{"<seq><x-a></x-a></seq>", []string{"content-model/missing-child </seq>"}},
		{"<seq><x-b></x-b><x-a></x-a></seq>", []string{"content-model/missing-child <x-b>"}},
		{"<seq>text<x-a></x-a><x-a></x-a></seq>", []string{"content-model/text-not-allowed text"}},
		{"<seq><x-a></x-a>\n more \n<x-a></x-a></seq>", []string{"content-model/text-not-allowed more"}},
		{"<any-order><x-b></x-b><x-a></x-a></any-order><any-order><x-a></x-a></any-order>", nil},
		{"<any-order><x-b></x-b><x-b></x-b></any-order>", []string{"content-model/not-allowed-child <x-b>", "content-model/missing-child </any-order>"}},
		{"<one><x-b></x-b></one>", nil},
		{"<one></one>", []string{"content-model/missing-child </one>"}},
		{"<one><x-a></x-a><x-b></x-b></one>", []string{"content-model/not-allowed-child <x-b>"}},
		{"<dl><dt>a<dd><div>b</div></dl><dl><div><dt>a<dd>b</div></dl>", nil},
		{"<dl><dd>a</dl>", []string{"content-model/missing-child <dd>"}},
		{"<dl><dt>a</dl>", []string{"content-model/missing-child </dl>"}},
		{"<dl><div></div></dl>", []string{"content-model/missing-child </div>", "content-model/missing-child </div>"}},
		{"<dl><dt>a<dd>b</dd><div></div></dl>", []string{"content-model/not-allowed-child <div>"}},
		{"<anything>x<b><div></div></b><words><b></b></words></anything>", nil},
		{"<anything><frob></frob></anything>", []string{"content-model/unknown-element <frob>"}},
		{"<words>a<!-- c -->b</words>", nil},
		{"<words><b></b></words>", []string{"content-model/not-allowed-child <b>"}},
		{"<bare><p>x</p><ins>y</ins></bare>", nil},
		{"<bare><b>x</b><ins><b>y</b></ins></bare>", []string{"content-model/not-allowed-child <b>", "content-model/not-allowed-child <b>"}},
		{"<day>2026-03-<!-- split -->01 </day>", nil},
		{"<day>soon</day>", []string{"attr-value/text-content </day>"}},
		{"<day></day>", []string{"attr-value/text-content </day>"}},
		{"<day><b></b>2026-03-01</day>", []string{"content-model/not-allowed-child <b>"}},
		{"<seq2><source a></seq2><seq3><source b></seq3>", nil},
		{"<seq2><source b></seq2>", []string{"attr-unknown/misplaced-attribute b", "attr-missing/missing-attribute <source b>"}},
		{"<template><frob></frob><seq></seq></template>", []string{"content-model/unknown-element <template>"}},
	}
	for _, test := range tests {
		if d := cmp.Diff(test.want, said(g, "<head>x</head><body>"+test.doc, parse.Options{})); d != "" {
			t.Errorf("%s: %s", test.doc, d)
		}
	}
}

// attributeGrammar has attributes of each kind.
const attributeGrammar = small + `
group global
  id?: text
  title?: text
  hidden?: boolean
element div
  is flow
  content flow
  attrs
    global except title
    n?: digits | "auto"
    dir?: "ltr" | cs "RTL"
    old?: text obsolete "Use new."
    gone?: text obsolete error
    odd?: odd
    on*?: text
element img
  is flow, phrasing
  content empty
  attrs
    global
    src: text
element meta
  is flow if @itemprop
  content empty
  attrs
    one of
      name: text ; content: text
      itemprop: text ; content: text
      nothing
element input
  is flow, phrasing if not @type = "hidden"
  content empty
  attrs
    one of
      type: "hidden" ; value?: text
      type?: "text" ; size?: digits
      type: "checkbox" ; checked?: boolean
element b
  is flow, phrasing
  content phrasing
element lax
  is flow
  content empty
  attrs any
element font
  is flow
  obsolete "Use CSS."
element blink
  is flow
  obsolete unknown
element *-*
  is flow, phrasing
  content transparent
  attrs any
`

func TestAttributes(t *testing.T) {
	g := compileText(t, attributeGrammar)
	tests := []struct {
		doc  string
		want []string
	}{
		{"<div id=a hidden n=12 dir=LTR onclick=x data-x role=y aria-z=1 xml:lang=en></div>", nil},
		{"<div title=x></div>", []string{"attr-unknown/unknown-attribute title"}},
		{"<div hidden=hidden></div><div hidden=yes></div>", []string{"attr-value/boolean yes"}},
		{"<div n=1x2></div><div n=AUTO></div>", []string{"attr-value/digits x"}},
		{"<div n='1&amp;2'></div>", []string{"attr-value/digits 1&amp;2"}},
		{"<div dir=rtl></div><div dir=RTL></div>", []string{"attr-value/keyword rtl"}},
		{"<div dir=''></div>", []string{"attr-value/keyword dir"}},
		{"<div old=1 gone=2></div>", []string{"warning obsolete/attribute old", "obsolete/attribute gone"}},
		{"<div odd=1></div>", []string{"warning attr-value/value 1"}},
		{"<div data-=1 frob></div>", []string{"attr-unknown/unknown-attribute data-", "attr-unknown/unknown-attribute frob"}},
		{"<div xmlns=http://www.w3.org/1999/xhtml></div><div xmlns=x xmlns:y=z></div>", []string{"attr-value/namespace x", "attr-unknown/namespace-declaration xmlns:y"}},
		{"<img src=x title=y>", nil},
		{"<img>", []string{"attr-missing/missing-attribute <img>"}},
		{"<b><img frob></b>", []string{"attr-unknown/unknown-attribute frob", "attr-missing/missing-attribute <img frob>"}},
		{"<meta itemprop=a content=b>", nil},
		{"<meta itemprop=a>", []string{"attr-missing/missing-attribute <meta itemprop=a>"}},
		{"<meta name=a content=b>", []string{"attr-unknown/unknown-attribute name", "microdata/missing-attribute <meta name=a content=b>"}},
		{"<b><meta itemprop=a content=b></b>", []string{"content-model/not-allowed-child <meta itemprop=a content=b>"}},
		{"<input><input size=3><input type=HIDDEN value=x><input checked type=checkbox>", nil},
		{"<input type=frob>", []string{"attr-value/keyword frob"}},
		{"<input checked type=text>", []string{"attr-unknown/misplaced-attribute checked"}},
		{"<input checked>", []string{"attr-missing/missing-attribute <input checked>"}},
		{"<b><input type=text><input type=hidden></b>", []string{"attr-value/keyword hidden"}},
		{"<lax a=1 b=2></lax>", nil},
		{"<font color=x><div frob old=1><img></div></font>", []string{"obsolete/element <font color=x>", "warning obsolete/attribute old"}},
		{"<blink>x</blink>", []string{"obsolete/element <blink>", "content-model/unknown-element <blink>"}},
		{"<my-own a=1><div></div></my-own><b><my-own><div></div></my-own></b>", []string{"content-model/not-allowed-child <div>"}},
	}
	for _, test := range tests {
		if d := cmp.Diff(test.want, said(g, "<head>x</head><body>"+test.doc, parse.Options{})); d != "" {
			t.Errorf("%s: %s", test.doc, d)
		}
	}
}

// TestBuildErrors: what names say that no file declares, and what is too much.
func TestBuildErrors(t *testing.T) {
	tests := []struct{ src, want string }{
		{"element p\n  content <q>", "test:10: no file declares element <q>"},
		{"element p\n  content flwo", "test:10: no file declares category or pattern flwo (an element is written <flwo>)"},
		{"element p\n  attrs\n    globl", "test:10: no file declares group globl (an attribute is written `globl?: type`)"},
		{"element p in <q>\n  content text", "test:9: element p is in <q>, which no file declares"},
		{"category flow = <p>", "test:9: category flow is already in test:3"},
		{"element p\n  attrs\n    a?: text\n    a?: url", "test:12: attribute a is listed twice"},
		{"pattern x = <html> x\nelement p\n  content x", "test:9: pattern x has itself in it (only inside of an element's content, as <div>( x ), it may)"},
		{"element p\n  is flow if not @a\n  attrs\n    a: text", "test:9: element p: the condition on @a never holds"},
		{"element p\n  is flow if not @a = \"x\"\n  attrs\n    a?: text", "test:9: element p: `not @a = …` needs literal values of the attribute"},
	}
	for _, test := range tests {
		f, err := notation.Parse("test", strings.TrimSuffix(small, "\n")+"\n"+test.src)
		if err != nil {
			t.Fatal(err)
		}
		_, err = build.Build([]*notation.File{f})
		first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
		if got := lineShift(first); got != lineShift(test.want) {
			t.Errorf("%q:\n got %v\nwant %v", test.src, err, test.want)
		}
	}
}

// lineShift takes the line out of an error: where it is, is tested with the notation.
func lineShift(s string) string {
	if rest, ok := strings.CutPrefix(s, "test:"); ok {
		_, rest, _ = strings.Cut(rest, ": ")
		s = rest
	}
	before, _, _ := strings.Cut(s, " in test:")
	return before
}
