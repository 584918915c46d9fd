package htmlcheck

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/net/html"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// benchPage is a page of 55 KB as shops and documentation have them: mean of the real
// pages that the check is measured with. salt makes it a page of its own.
func benchPage(salt int) []byte {
	var b bytes.Buffer
	b.WriteString(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Garden tools</title>
<link rel="stylesheet" href="/static/app.css?v=31"><link rel="icon" href="/favicon.ico" sizes="any">
<meta property="og:title" content="Garden tools"><meta property="og:image" content="https://shop.example/img/og.png">
<style>.price { font-weight: 600; color: #1a2b3c } @media (max-width: 40em) { .price { display: block } }</style>
<script type="application/ld+json">{"@context":"https://schema.org","@type":"Store","name":"Garden tools"}</script>
</head>
<body class="page">
<header><nav aria-label="Main"><ul><li><a href="/">Home</a></li><li><a href="/cart" aria-current="page">Cart</a></li></ul></nav></header>
<main>
<h1>Garden tools</h1>
<form action="/search" method="get" role="search"><label for="q">Search</label><input id="q" name="q" type="search" autocomplete="off" maxlength="80" required><button>Go</button></form>
`)
	for i := 0; b.Len() < 55_000; i++ {
		fmt.Fprintf(&b, `<article class="card" id="p%d-%d" itemscope itemtype="https://schema.org/Product">
<h2><a href="/product/%d?ref=list&amp;n=%d" class="title" itemprop="url"><span itemprop="name">Spade &amp; fork No. %d</span></a></h2>
<img src="/img/%d.webp" srcset="/img/%d.webp 1x, /img/%d@2x.webp 2x" alt="A spade" width="320" height="240" loading="lazy">
<p>Forged steel, <em>ash</em> handle. <strong class="price">€&nbsp;%d.90</strong> <time datetime="2026-11-%02d">today</time></p>
<table><thead><tr><th scope="col">Size</th><th scope="col">Stock</th></tr></thead><tbody><tr><td>S</td><td>%d</td></tr><tr><td>M</td><td>%d</td></tr></tbody></table>
<form method="post" action="/cart"><input type="hidden" name="sku" value="A-%d"><input type="number" name="n" min="1" max="9" value="1" aria-label="Number"><button type="submit" class="buy">Buy</button></form>
<svg viewBox="0 0 10 10" width="16" height="16" aria-hidden="true"><path d="M0 0 L10 10 z" fill="none" stroke="currentColor"/></svg>
</article>
`, salt, i, i, salt, i, i, i, i, 10+i%50, 1+i%28, i, salt%100, i)
	}
	b.WriteString("</main>\n<footer><p><small>© Garden tools</small></p></footer>\n</body>\n</html>\n")
	return b.Bytes()
}

// BenchmarkCheck checks a page of 55 KB with all layers; beside it what its parts of reading cost: our
// parser, and that of x/net/html, which has neither errors nor places.
func BenchmarkCheck(b *testing.B) {
	page := benchPage(0)
	if ds := Check(page, Options{ErrorsOnly: true}); len(ds) > 0 {
		b.Fatalf("the page is not valid: %v", brief(ds))
	}
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	run("all", func() { Report(page, Options{}) })
	run("parse", func() { parse.Parse(page, parse.Options{}) })
	run("x-net-html", func() { html.Parse(bytes.NewReader(page)) })
	b.Run("other-pages", func(b *testing.B) { // each is new, as while browsing
		b.SetBytes(int64(len(page)))
		for i := 0; b.Loop(); i++ {
			Report(benchPage(i+1), Options{})
		}
	})
}

// BenchmarkFirst is what the first page costs more than the next: tables are made when
// they are first needed. Run it with -benchtime=1x: a second round is no first page.
func BenchmarkFirst(b *testing.B) {
	page := benchPage(0)
	for b.Loop() {
		Report(page, Options{})
	}
}
