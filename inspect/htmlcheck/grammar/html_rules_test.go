package grammar

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// rule is a document and what the grammar says of it, a line each: the place as
// line:column-line:column of the first and last character, the severity when it is not
// error, the code. A document that does not begin with a DOCTYPE is put into a body, in
// line 2. Each verdict is that of the Nu HTML checker too.
type rule struct {
	doc  string
	want []string
}

const ruleShell = "<!DOCTYPE html><html lang=en><title>t</title><body>\n"

func testRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.doc, func(t *testing.T) {
			doc := r.doc
			if !strings.HasPrefix(doc, "<!doctype") {
				doc = ruleShell + doc
			}
			if diff := cmp.Diff(r.want, placedFindings(doc)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func placedFindings(doc string) []string {
	page := &finding.Page{Doc: parse.Parse([]byte(doc), parse.Options{ContentType: "text/html; charset=utf-8"})}
	var found []finding.Finding
	Check(page, func(f finding.Finding) { found = append(found, f) })
	slices.SortStableFunc(found, func(a, b finding.Finding) int { return a.Span.Start - b.Span.Start })
	var lines []string
	for _, f := range found {
		line, column := page.Doc.Position(f.Span.Start)
		endLine, endColumn := page.Doc.Position(max(f.Span.Start, f.Span.End-1))
		severity := ""
		if f.Severity != inspect.SeverityError {
			severity = string(f.Severity) + " "
		}
		lines = append(lines, fmt.Sprintf("%d:%d-%d:%d %s%s", line, column, endLine, endColumn, severity, f.Code()))
	}
	return lines
}

func TestHTMLRootRules(t *testing.T) {
	testRules(t, []rule{
		{`<!doctype html><html lang=en><head></head><body>`, []string{"1:36-1:42 content-model/missing-child"}},
		{`<!doctype html><html lang=en><title>a</title><title>b</title>`, []string{"1:46-1:52 content-model/not-allowed-child"}},
		{`<!doctype html><html lang=en><title>a</title><base href=a><base href=b>`, []string{"1:59-1:71 content-model/not-allowed-child"}},
		{`<!doctype html><html lang=en><title>a</title><base>`, []string{"1:46-1:51 attr-missing/missing-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><base target=_blank>`, nil},
		{`<!doctype html><html lang=en><title>a</title><link href=a>`, []string{"1:46-1:58 microdata/missing-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><link rel=icon href="" sizes=16>`, []string{"1:61-1:64 url/empty", "1:75-1:76 attr-value/sizes"}},
		{`<!doctype html><html lang=en><title>a</title><link rel=next about=b href=a>`, nil},
		{`<!doctype html><html lang=en><title>a</title><meta name=a value=b>`, []string{"1:46-1:66 attr-missing/missing-attribute", "1:59-1:63 attr-unknown/unknown-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><meta name=a content=b scheme=c>`, []string{"1:69-1:74 warning obsolete/attribute"}},
		{`<!doctype html><html lang=en><title>a</title><meta property=og:type content=b>`, nil},
		{`<!doctype html><html lang=en><title>a</title><meta http-equiv=pragma content=no-cache>`, []string{"1:63-1:68 attr-value/keyword"}},
		{`<!doctype html><html lang=en><title>a</title><meta http-equiv=refresh>`, []string{"1:46-1:70 attr-missing/missing-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><meta charset=utf-8 content=b>`, []string{"1:66-1:72 attr-unknown/misplaced-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><noscript><link rel=stylesheet href=a><meta name=b content=c></noscript>`, []string{"1:84-1:106 attr-missing/missing-attribute", "1:90-1:93 attr-unknown/misplaced-attribute"}},
		{`<!doctype html><html lang=en foo><title>a</title><body bar onload=b()>`, []string{"1:30-1:32 attr-unknown/unknown-attribute", "1:56-1:58 attr-unknown/unknown-attribute"}},
		{`<!doctype html><html lang=en manifest=m><head profile=p><title>a</title></head><body bgcolor=red></body>`, []string{"1:30-1:37 warning obsolete/attribute", "1:47-1:53 warning obsolete/attribute", "1:86-1:92 warning obsolete/attribute"}},
		{`<!doctype html><html lang=en><title>a</title><style media=print scoped>b</style>`, []string{"1:65-1:70 attr-unknown/unknown-attribute"}},
		{`<title>a</title>`, []string{"2:1-2:7 content-model/not-allowed-child"}},
		{`<meta name=a content=b>`, []string{"2:1-2:23 microdata/missing-attribute", "2:7-2:10 attr-unknown/misplaced-attribute"}},
		{`<link rel=stylesheet about=b href=a>`, []string{"2:1-2:36 attr-missing/missing-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><link rel=next about=b>`, []string{"1:46-1:68 attr-missing/missing-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><link rel=next about=b href=a integrity="">`, []string{"1:76-1:84 attr-unknown/misplaced-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><link rel=icon itemprop=b href=a>`, []string{"1:61-1:68 microdata/misplaced-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><link rel=preload as=movie href=a>`, []string{"1:67-1:71 attr-value/keyword"}},
		{`<!doctype html><html lang=en><title>a</title><meta charset=utf-8 media=print>`, []string{"1:66-1:70 attr-unknown/misplaced-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><meta http-equiv=refresh content=5 property=b>`, []string{"1:81-1:88 attr-unknown/misplaced-attribute"}},
		{`<!doctype html><html lang=en><title>a</title><meta content="0;x" http-equiv=refresh>`, []string{"1:62-1:63 attr-value/refresh"}},
		{`<meta property=a content=b resource=c>`, nil},
	})
}

func TestHTMLGlobalRules(t *testing.T) {
	testRules(t, []rule{
		{`<p id="a b">x`, []string{"2:9-2:9 attr-value/space"}},
		{`<p id="">x`, []string{"2:4-2:5 attr-value/empty"}},
		{`<p hidden=until-found inert popover=manual>x`, nil},
		{`<p hidden=yes>x`, []string{"2:11-2:13 attr-value/keyword"}},
		{`<p contenteditable=plaintext-only draggable>x`, []string{"2:35-2:43 attr-value/keyword"}},
		{`<p tabindex=x title="" class="">x`, []string{"2:13-2:13 attr-value/number"}},
		{`<p dir=up>x`, []string{"2:8-2:9 attr-value/keyword"}},
		{`<p translate=maybe spellcheck="" writingsuggestions=no>x`, []string{"2:14-2:18 attr-value/keyword", "2:53-2:54 attr-value/keyword"}},
		{`<p onclick=a() onfrob=b()>x`, []string{"2:16-2:21 attr-unknown/unknown-attribute"}},
		{`<p data-x=1 aria-label=y foo-bar=z>x`, []string{"2:26-2:32 attr-unknown/unknown-attribute"}},
		{`<p contextmenu=m>x`, []string{"2:4-2:14 obsolete/attribute"}},
		{`<p accesskey="ab">x`, []string{"2:15-2:16 attr-value/key"}},
		{`<p about=#me property=dc:title datatype=xsd:string content=y typeof="a b">x`, nil},
		{`<p property=1>x`, []string{"2:13-2:13 url/relative"}},
		{`<p its-term=yes its-within-text=maybe>x`, []string{"2:33-2:37 attr-value/keyword"}},
		{`<p its-foo=1>x`, []string{"2:4-2:10 attr-unknown/unknown-attribute"}},
		{`<p enterkeyhint=Go inputmode=numeric autocapitalize=words>x`, nil},
		{`<p align=left>x`, []string{"2:4-2:8 warning obsolete/attribute"}},
		{`<br itemprop=a>`, []string{"2:5-2:12 microdata/unknown-attribute"}},
		{`<my-element foo=bar></my-element>`, nil},
	})
}

func TestHTMLSectionsRules(t *testing.T) {
	testRules(t, []rule{
		{`<span><div>x</div></span>`, []string{"2:7-2:11 content-model/not-allowed-child"}},
		{`<p><b><section>x</section></b>`, nil},
		{`<h1><p>x</p></h1>`, []string{"2:5-2:7 content-model/not-allowed-child"}},
		{`<hgroup><h1>a</h1><p>b</p><h2>c</h2></hgroup>`, []string{"2:27-2:30 content-model/not-allowed-child"}},
		{`<hgroup><p>a</p></hgroup>`, []string{"2:17-2:25 content-model/missing-child"}},
		{`<hgroup>a<h1>b</h1></hgroup>`, []string{"2:9-2:9 content-model/text-not-allowed"}},
		{`<ul>text</ul>`, []string{"2:5-2:8 content-model/text-not-allowed"}},
		{`<ul><li>a</li><div>b</div></ul>`, []string{"2:15-2:19 content-model/not-allowed-child"}},
		{`<ul><script>a()</script><li>a</li><template></template></ul>`, nil},
		{`<div><li>a</li></div>`, []string{"2:6-2:9 content-model/not-allowed-child"}},
		{`<ol type=x start=1.5 reversed=yes></ol>`, []string{"2:10-2:10 attr-value/keyword", "2:19-2:19 attr-value/number", "2:31-2:33 attr-value/boolean"}},
		{`<ol><li value=3>a</ol>`, nil},
		{`<ul><li value=3>a</ul>`, []string{"2:9-2:13 attr-unknown/misplaced-attribute"}},
		{`<menu><li>a<hr></menu>`, nil},
		{`<dl></dl>`, nil},
		{`<dl><dt>a</dl>`, []string{"2:10-2:14 content-model/missing-child"}},
		{`<dl><dd>a</dl>`, []string{"2:5-2:8 content-model/missing-child"}},
		{`<dl><dt>a<dd>b<dt>c<dd>d</dl>`, nil},
		{`<dl><div><dt>a<dd>b</div><div><dt>c</div></dl>`, []string{"2:36-2:41 content-model/missing-child"}},
		{`<dl><div><p>a</p></div></dl>`, []string{"2:10-2:12 content-model/not-allowed-child", "2:18-2:23 content-model/missing-child", "2:18-2:23 content-model/missing-child"}},
		{`<dl><dt>a<dd>b<div><dt>c<dd>d</div></dl>`, nil},
		{`<figure><p>a</p><figcaption>b</figcaption></figure>`, nil},
		{`<figure><p>a</p><figcaption>b</figcaption><p>c</p></figure>`, []string{"2:43-2:45 content-model/not-allowed-child"}},
		{`<figcaption>a</figcaption>`, []string{"2:1-2:12 content-model/not-allowed-child"}},
		{`<blockquote cite="http://[">a</blockquote>`, []string{"2:26-2:26 url/ipv6"}},
		{`<pre width=80>a</pre>`, []string{"2:6-2:10 warning obsolete/attribute"}},
		{`<hr size=2 noshade>`, []string{"2:5-2:8 warning obsolete/attribute", "2:12-2:18 warning obsolete/attribute"}},
		{`<main foo>a</main>`, []string{"2:7-2:9 attr-unknown/unknown-attribute"}},
		{`<search><p>a</p></search>`, nil},
	})
}

func TestHTMLTextRules(t *testing.T) {
	testRules(t, []rule{
		{`<a name=top>a</a>`, []string{"2:1-2:12 attr-missing/missing-attribute", "2:4-2:7 warning obsolete/attribute"}},
		{`<a>a</a>`, nil},
		{`<a rel=next>a</a>`, []string{"2:1-2:12 attr-missing/missing-attribute"}},
		{`<a href=x ping="ftp://a/" target=_foo>a</a>`, []string{"2:17-2:24 url/not-http", "2:34-2:37 attr-value/keyword"}},
		{`<a href=x><div>a</div></a>`, nil},
		{`<span><a href=x><div>a</div></a></span>`, []string{"2:17-2:21 content-model/not-allowed-child"}},
		{`<a href=x shape=rect>a</a>`, []string{"2:11-2:15 warning obsolete/attribute"}},
		{`<q cite="a b">a</q>`, []string{"2:11-2:11 url/space"}},
		{`<data>a</data>`, []string{"2:1-2:6 attr-missing/missing-attribute"}},
		{`<time>yesterday</time>`, []string{"2:16-2:22 attr-value/text-content"}},
		{`<time>2026-03-31</time>`, nil},
		{`<time datetime=2026-13-01>a</time>`, []string{"2:21-2:22 attr-value/date"}},
		{`<time datetime=2026><b>a</b></time>`, nil},
		{`<ruby>a</ruby>`, []string{"2:8-2:14 content-model/missing-child"}},
		{`<ruby>a<rt>b</ruby>`, nil},
		{`<ruby>a<rp>(<rt>b<rp>)</ruby>`, nil},
		{`<ruby>a<rp>(<rt>b</ruby>`, []string{"2:18-2:24 content-model/missing-child"}},
		{`<ruby><rb>a<rtc>b</ruby>`, nil},
		{`<ins datetime=2026 cite=a>a</ins>`, []string{"2:18-2:18 attr-value/date"}},
		{`<span><del><p>a</p></del></span>`, []string{"2:12-2:14 content-model/not-allowed-child"}},
		{`<br clear=all>`, []string{"2:5-2:9 warning obsolete/attribute"}},
		{`<abbr datafld=a>b</abbr><span datafld=a>b</span>`, []string{"2:7-2:13 attr-unknown/unknown-attribute", "2:31-2:37 warning obsolete/attribute"}},
	})
}
