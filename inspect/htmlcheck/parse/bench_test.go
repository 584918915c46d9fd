package parse

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// samplePage is a page of about 55 KB of the kind that applications answer: navigation,
// cards, a table, a form, references, a script.
func samplePage() []byte {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Orders &amp; invoices</title>\n" +
		"<link rel=\"stylesheet\" href=\"/static/app.css\">\n<script>\nconst a = 1 < 2 && \"<b>\";\n</script>\n</head>\n<body class=\"page\">\n<nav><ul>\n")
	for i := range 40 {
		fmt.Fprintf(&b, "  <li class=\"nav-item\"><a class=\"nav-link\" href=\"/orders/%d?tab=open&amp;sort=date\">Order %d</a></li>\n", i, i)
	}
	b.WriteString("</ul></nav>\n<main>\n")
	for i := range 90 {
		fmt.Fprintf(&b, "  <article id=\"card-%d\" class=\"card shadow-sm\">\n    <h2>Card %d</h2>\n    <p>Some <em>text</em> with a <a href=\"#card-%d\">link</a>, an <img src=\"/i/%d.png\" alt=\"picture %d\"> and more text that runs on for a while.</p>\n  </article>\n", i, i, i, i, i)
	}
	b.WriteString("<table class=\"table\"><thead><tr><th>No.<th>Name<th>Sum</thead><tbody>\n")
	for i := range 180 {
		fmt.Fprintf(&b, "<tr><td>%d</td><td>Customer &ldquo;%d&rdquo;</td><td class=\"num\">%d.00&nbsp;&euro;</td></tr>\n", i, i, i)
	}
	b.WriteString("</tbody></table>\n<form action=\"/search\" method=\"get\">\n")
	for i := range 30 {
		fmt.Fprintf(&b, "<div><label for=\"f%d\">Field %d</label> <input id=\"f%d\" name=\"f%d\" type=\"text\" required></div>\n", i, i, i, i)
	}
	b.WriteString("</form></main>\n<!-- the end -->\n</body>\n</html>\n")
	for b.Len() < 55_000 {
		b.WriteString("<!-- padding of a template engine -->\n")
	}
	return []byte(b.String())
}

// BenchmarkParse shows the whole parse, errors and positions included, beside x/net/html's.
func BenchmarkParse(b *testing.B) {
	page := samplePage()
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			Parse(page, Options{})
		}
	})
	b.Run("x-net-html", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := html.Parse(bytes.NewReader(page)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tokens", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			z := NewTokenizer(Decode(page, "").Text)
			for tok := (Token{}); ; {
				if z.Next(&tok); tok.Kind == EOF {
					break
				}
			}
		}
	})
}
