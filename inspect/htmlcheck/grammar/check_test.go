package grammar

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/build"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// TestCurrent: what is embedded is what the grammar files say.
func TestCurrent(t *testing.T) {
	const hint = ": run go generate ./inspect/htmlcheck/grammar"
	files, err := build.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	s, err := build.Build(files)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(schema.Encode(s), compiled) {
		t.Error("grammar.bin is not that of the *.grammar files" + hint)
	}
	page, err := os.ReadFile("../../../docs/html/elements.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, build.Docs(files)) {
		t.Error("docs/html/elements.md is not that of the *.grammar files" + hint)
	}
}

// TestTypes: each type of value that the grammar names is one that package datatype knows.
func TestTypes(t *testing.T) {
	for name := range load().byName {
		if !datatype.Known(name) {
			t.Errorf("no datatype is called %s", name)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		doc  string
		want []string
	}{
		{"<p>Fine, with a <a href=/x>link</a> and <img src=a alt=b>.</p>", nil},
		{"<ul><div x=1><b foo></b></div></ul>", []string{"content-model/not-allowed-child <div x=1>"}},
		{"<ul>text<li>a</ul>", []string{"content-model/text-not-allowed text"}},
		{"<li>x", []string{"content-model/not-allowed-child <li>"}},
		{"<dl><dt>x</dl>", []string{"content-model/missing-child </dl>"}},
		{"<details><p>x</p></details>", []string{"content-model/missing-child <p>"}},
		{"<video src=a><source src=b></video>", []string{"content-model/not-allowed-child <source src=b>"}},
		{"<video><source src=b><track src=c>or <a href=d>this</a></video>", nil},
		{"<span><a href=x><div></div></a></span>", []string{"content-model/not-allowed-child <div>"}},
		{"<frob>x<frob>y</frob></frob>", []string{"content-model/unknown-element <frob>", "content-model/unknown-element <frob>"}},
		{"<my-element anything=goes><p>x</p></my-element>", nil},
		{"<picture><source srcset=a media=print></picture>", []string{"content-model/missing-child </picture>"}},
		{"<template><ul><div frob><center></center></div></ul></template>", nil},
		{"<span frob=1 data-x aria-label=y role=z onclick=a>x</span>", []string{"attr-unknown/unknown-attribute frob"}},
		{"<input type=text checked>", []string{"attr-unknown/misplaced-attribute checked"}},
		{"<input checked type=text>", []string{"attr-unknown/misplaced-attribute checked"}},
		{"<input type=foo>", []string{"attr-value/keyword foo"}},
		{"<input type=checkbox checked=yes>", []string{"attr-value/boolean yes"}},
		{"<img>", []string{"attr-missing/missing-attribute <img>"}},
		{"<meta name=a content=b>", []string{"attr-unknown/misplaced-attribute name", "microdata/missing-attribute <meta name=a content=b>"}},
		{"<center><li>x</li><ul><div></div></ul></center>", []string{"obsolete/element <center>"}},
		{"<table align=left><tr><td>x</table>", []string{"warning obsolete/attribute align"}},
		{"<svg viewBox='0 0 1 1'><rect width=1 height=1 frob=1 /><foo/></svg>", []string{"attr-unknown/unknown-attribute frob", "content-model/unknown-element <foo/>"}},
		{"<math><mi>x</mi><mi frob=1>y</mi></math>", []string{"attr-unknown/unknown-attribute frob"}},
		{"<svg xmlns:foo=x></svg>", []string{"attr-unknown/namespace-declaration xmlns:foo"}},
		{"<time>today</time>", []string{"attr-value/text-content </time>"}},
		{"<p><b foo>x<p>y</b>", []string{"attr-unknown/unknown-attribute foo"}},
		{"<ruby>x</ruby>", []string{"content-model/missing-child </ruby>"}},
		{"<body frob=1>", []string{"attr-unknown/unknown-attribute frob"}},
	}
	for _, test := range tests {
		doc := "<!DOCTYPE html><html lang=en><head><title>x</title></head><body>" + test.doc
		if d := cmp.Diff(test.want, said(load(), doc, parse.Options{})); d != "" {
			t.Errorf("%s: %s", test.doc, d)
		}
	}
}

func TestPages(t *testing.T) {
	tests := []struct {
		name, doc string
		fragment  bool
		want      []string
	}{
		{"no title", "<!DOCTYPE html><head></head><body>x", false, []string{"content-model/missing-child </head>"}},
		{"implied head", "<!DOCTYPE html><p>x", false, []string{"content-model/missing-child "}},
		{"two titles", "<!DOCTYPE html><title>a</title><title>b</title>", false, []string{"content-model/not-allowed-child <title>"}},
		{"fragment", "<p>x</p><li>y</li>", true, nil},
		{"fragment with an entry", "<li>y<p>x</p></li><li><center>z</center></li>", true, []string{"obsolete/element <center>"}},
		{"fragment with options", "<option>a<option value=b>b", true, nil},
		{"fragment with a wrong place", "<div><li>y</li></div>", true, []string{"content-model/not-allowed-child <li>"}},
		{"fragment of text", "just text", true, nil},
	}
	for _, test := range tests {
		if d := cmp.Diff(test.want, said(load(), test.doc, parse.Options{Fragment: test.fragment})); d != "" {
			t.Errorf("%s: %s", test.name, d)
		}
	}
}

func TestMessages(t *testing.T) {
	tests := []struct{ doc, want string }{
		{"<div><li>x</li></div>", "`li` must be inside `menu`, `ol` or `ul`; it is inside `div`"},
		{"<ul><p>x</p></ul>", "`p` may not be inside `ul`, which may hold only `li`, `script` and `template`"},
		{"<span><div></div></span>", "`div` may not be inside `span`, which may hold only phrasing content; `div` is flow content"},
		{"<span><a href=x><div></div></a></span>", "`div` may not be inside `a`, which may hold only what its own parent may hold: here phrasing content"},
		{"<table><caption>a</caption><caption>b</caption></table>", "`table` may have only one `caption`"},
		{"<dl><dd>x</dd></dl>", "`dl` needs `dt` before `dd`"},
		{"<dl><dt>x</dt></dl>", "`dl` needs `dd`"},
		{"<hgroup><p>x</p></hgroup>", "`hgroup` needs `h1`, `h2`, `h3`, `h4`, `h5` or `h6`"},
		{"<ul><li value=2>x</ul>", "`li` with `value` may not be inside `ul`"},
		{"<a hrfe=x>x</a>", "`hrfe` is not an attribute of `a`; did you mean `href`?"},
		{"<p zzzzz=x>x</p>", "`zzzzz` is not an attribute of `p`; an attribute of your own begins with `data-`"},
		{"<sapn>x</sapn>", "`sapn` is not an element of HTML; did you mean `span`?"},
		{"<circle></circle>", "`circle` is not an element of HTML, but of SVG: it must be inside `svg`"},
		{"<iframe src=a>text</iframe>", "text may not stand in `iframe`, which must be empty"},
		{"<img alt=x>", "`img` needs `src` or `srcset`"},
		{"<button type=x>a</button>", "`type` of `button` must be \"submit\", \"reset\" or \"button\", not \"x\""},
		{"<input type=text checked>", "`checked` is not an attribute of `input` with `type=\"text\"`"},
		{"<p hidden=x>a", "`hidden` of `p` must be"},
	}
	for _, test := range tests {
		d := parse.Parse([]byte("<!DOCTYPE html><title>x</title><body>"+test.doc), parse.Options{})
		var got []string
		Check(&finding.Page{Doc: d}, func(f finding.Finding) { got = append(got, f.Message) })
		if len(got) != 1 || !strings.HasPrefix(got[0], test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.doc, got, test.want)
		}
	}
}

func TestXHTML(t *testing.T) {
	d := parse.Parse([]byte("<!DOCTYPE html><title>x</title><body><p xml:space=default xmlns:a=b>x<noscript>y</noscript>"), parse.Options{})
	var got []string
	Check(&finding.Page{Doc: d, XHTML: true}, func(f finding.Finding) { got = append(got, f.Code()) })
	if diff := cmp.Diff([]string{"content-model/not-allowed-child"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestConcurrent: many goroutines check at once and say the same.
func TestConcurrent(t *testing.T) {
	doc := append(bigPage(), "<ul><p frob>x<li>y</ul><img><frob>"...)
	want := said(load(), string(doc), parse.Options{})
	if len(want) != 3 {
		t.Fatalf("%d findings: %v", len(want), want)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if got := said(load(), string(doc), parse.Options{}); len(got) != len(want) {
					t.Errorf("%d findings, want %d", len(got), len(want))
				}
			}
		})
	}
	wg.Wait()
}

// TestHostile: what would be slow if anything were more than linear. The limit is far above
// what a busy machine takes for a linear walk, and far below what a quadratic one would.
func TestHostile(t *testing.T) {
	const n = 40_000
	tests := map[string]string{
		"unknown elements":   strings.Repeat("<frobnicate/>", n),
		"unknown siblings":   strings.Repeat("<frob></frob>", n),
		"depth":              strings.Repeat("<div>", n),
		"unknown depth":      strings.Repeat("<x>", n),
		"not allowed":        "<ul>" + strings.Repeat("<p>x</p>", n),
		"captions":           "<table>" + strings.Repeat("<caption>x</caption>", n),
		"texts":              "<ul>" + strings.Repeat("x<!---->", n),
		"typed text":         "<time>" + strings.Repeat("x<!---->", n),
		"attributes":         "<p" + strings.Repeat(" a", 10) + manyAttributes(n) + ">",
		"value":              "<p dir=" + strings.Repeat("x", 10*n) + ">",
		"options":            "<select>" + strings.Repeat("<option>x", n),
		"definitions":        "<dl>" + strings.Repeat("<dt>x<dd>y", n),
		"missing":            strings.Repeat("<dl><dd>y</dl>", n),
		"reconstructed":      strings.Repeat("<p><b foo>", n),
		"NUL":                strings.Repeat("\x00<\x00>", n),
		"svg":                "<svg>" + strings.Repeat("<g><foo/></g>", n),
		"self-closing":       "<svg>" + strings.Repeat("<rect x=1 />", n),
		"wrong nested table": strings.Repeat("<table><tr>", n),
	}
	for name, body := range tests {
		d := parse.Parse([]byte("<!DOCTYPE html><title>x</title><body>"+body), parse.Options{})
		begin := time.Now()
		Check(&finding.Page{Doc: d}, func(finding.Finding) {})
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		} else {
			t.Logf("%s: %v for %d KB", name, took, len(body)/1000)
		}
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" x")
		for ; i > 0; i /= 26 {
			b.WriteByte(byte('a' + i%26))
		}
	}
	return b.String()
}

// TestNoAllocations: a page without faults costs next to nothing.
func TestNoAllocations(t *testing.T) {
	d := parse.Parse([]byte("<!DOCTYPE html><title>x</title><body>"+strings.Repeat("<div class=x><p>y <b>z</b></p><ul><li>a</ul></div>", 200)), parse.Options{})
	p := &finding.Page{Doc: d}
	emit := func(f finding.Finding) { t.Errorf("%s", f.Message) }
	Check(p, emit)
	if n := testing.AllocsPerRun(5, func() { Check(p, emit) }); n > 50 {
		t.Errorf("%v allocations for 1,000 elements", n)
	}
}

// FuzzCheck: no document breaks the engine, and no mark is outside of the document.
func FuzzCheck(f *testing.F) {
	f.Add("<!DOCTYPE html><title>x</title><ul><p>x<li></ul><svg><g/></svg><dl><dd></dl>", false)
	f.Add("<template><td></template><table><b><tr>x<select><svg><desc><math><annotation-xml>", true)
	f.Add("<input checked type=x><meta name><time></time><a><p><a><font x>", false)
	f.Add(string(bigPage()[:2000]), true)
	f.Fuzz(func(t *testing.T, doc string, fragment bool) {
		d := parse.Parse([]byte(doc), parse.Options{Fragment: fragment})
		Check(&finding.Page{Doc: d, Fragment: fragment, XHTML: len(doc)%2 == 1}, func(f finding.Finding) {
			if f.Span.Start < 0 || f.Span.End < f.Span.Start || f.Span.End > len(doc) {
				t.Errorf("%s marks %v of %d bytes", f.Code(), f.Span, len(doc))
			}
			if f.Message == "" || f.Rule.Family() == "" || f.Rule.Name() == "" {
				t.Errorf("not complete: %+v", f)
			}
		})
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(compiled[:200])
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := schema.Decode(data); (s == nil) == (err == nil) {
			t.Error("neither schema nor error")
		}
	})
}
