package grammar

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar/schema"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// bigPage makes a page of about 55 KB with what pages have: navigation, articles, tables,
// forms, pictures.
func bigPage() []byte {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>A shop</title>\n" +
		"<link rel=\"stylesheet\" href=\"/site.css\"><script src=\"/site.js\" defer></script></head>\n<body class=\"home\">\n<nav><ul>")
	for i := range 30 {
		fmt.Fprintf(&b, "<li><a href=\"/c/%d\" class=\"nav-link\">Category %d</a></li>\n", i, i)
	}
	b.WriteString("</ul></nav>\n<main>\n")
	for i := 0; b.Len() < 54_000; i++ {
		fmt.Fprintf(&b, `<article id="p%d" class="card product" data-id="%d">
<h2><a href="/p/%d?ref=home&amp;n=%d">Product %d</a></h2>
<picture><source srcset="/i/%d.webp 1x, /i/%d@2x.webp 2x" type="image/webp"><img src="/i/%d.jpg" alt="Product %d" width="320" height="200" loading="lazy"></picture>
<p>Some <em>words</em> on it, <strong>not</strong> too many, with a <a href="https://example.com/more/%d" rel="nofollow noopener" target="_blank">link</a>.</p>
<dl><dt>Price</dt><dd>%d EUR</dd><dt>Since</dt><dd><time datetime="2026-03-%02d">March</time></dd></dl>
<table><thead><tr><th scope="col">Size</th><th scope="col">Left</th></tr></thead><tbody><tr><td>M</td><td>3</td></tr><tr><td colspan="2">none</td></tr></tbody></table>
<form action="/cart" method="post"><label for="n%d">How many</label><input id="n%d" type="number" name="n" min="1" max="9" value="1" required>
<select name="size"><option value="m" selected>M</option><option value="l">L</option></select><button type="submit" disabled>Buy</button></form>
<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M0 0h16v16H0z" fill="none"/><circle cx="8" cy="8" r="4"/></svg>
</article>
`, i, i, i, i, i, i, i, i, i, i, i, i%28+1, i, i)
	}
	b.WriteString("</main>\n<footer><p>&copy; 2026</p></footer>\n</body>\n</html>\n")
	return []byte(b.String())
}

func BenchmarkCheck(b *testing.B) {
	doc := bigPage()
	d := parse.Parse(doc, parse.Options{})
	p := &finding.Page{Doc: d}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		Check(p, func(finding.Finding) {})
	}
}

func BenchmarkParseAlone(b *testing.B) {
	doc := bigPage()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		parse.Parse(doc, parse.Options{})
	}
}

// BenchmarkLoad is what the first page pays.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := schema.Decode(compiled)
		if err != nil {
			b.Fatal(err)
		}
		newEngine(s, datatype.Lookup)
	}
}
