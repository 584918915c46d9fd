package htmlcheck

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hostile are documents that ask every layer for more than linear work.
func hostile() map[string][]byte {
	const size = 1 << 18
	head := "<!DOCTYPE html><html lang=en><title>t</title><body>"
	fill := func(parts ...string) []byte {
		last := parts[len(parts)-1]
		return []byte(head + strings.Join(parts[:len(parts)-1], "") + strings.Repeat(last, size/len(last)))
	}
	every := make([]byte, size)
	for i := range every {
		every[i] = byte(i)
	}
	return map[string][]byte{
		"nested":          fill("<div>"),
		"nested inline":   fill("<span>"),
		"nested unknown":  fill("<x>"),
		"siblings":        fill("<ul>", "<li>a"),
		"wrong siblings":  fill("<li>a</li>"),
		"empty headings":  fill("<h1></h1><h6></h6>"),
		"same id":         fill("<p id=a>"),
		"labels":          fill("<label for=a>x</label>"),
		"idrefs":          fill("<p aria-labelledby='", "a b c "),
		"headers":         fill("<table><tr><td headers='", "a b c "),
		"table rows":      fill("<table>", "<tr><td>a<td>b"),
		"rowspans":        fill("<table>", "<tr><td rowspan=65534>"),
		"colspans":        fill("<table>", "<tr><td colspan=1000>"),
		"itemref":         fill("<div itemscope itemref='a'><div itemscope id=a itemref=a>"),
		"attributes":      []byte(head + "<p " + strings.Repeat("aria-x onclick class=a ", size/22) + ">"),
		"attribute":       []byte(head + "<a href='" + strings.Repeat("%zz ", size/4) + "'>"),
		"long URL":        []byte(head + "<a href='//" + strings.Repeat("a.", size/2) + "'>"),
		"srcset":          []byte(head + "<img alt='' srcset='" + strings.Repeat("a 1x, ", size/6) + "'>"),
		"media":           []byte(head + "<link rel=stylesheet href=a media='" + strings.Repeat("(", size) + "'>"),
		"pattern":         []byte(head + "<input pattern='" + strings.Repeat("(a|[b", size/5) + "'>"),
		"pattern repeats": []byte(head + "<input pattern='" + strings.Repeat("a{1,2}{", size/7) + "'>"),
		"csp":             []byte(head + "<meta http-equiv=content-security-policy content=\"" + strings.Repeat("script-src 'none';", size/18) + "\">"),
		"style":           []byte(head + "<style>" + strings.Repeat("a{b:c(", size/6) + "</style>"),
		"style rules":     []byte(head + "<style>" + strings.Repeat("a{b:c}", size/6) + "</style>"),
		"JSON":            []byte(head + "<script type=importmap>" + strings.Repeat(`{"a":`, size/5) + "</script>"),
		"JSON arrays":     []byte(head + "<script type=speculationrules>" + strings.Repeat("[", size) + "</script>"),
		"path":            []byte(head + "<svg><path d='" + strings.Repeat("M0 0L1 1", size/8) + "'/></svg>"),
		"svg nested":      fill("<svg>", "<g>"),
		"math nested":     fill("<math>", "<mrow>"),
		"words":           []byte(head + strings.Repeat("e\u0301", size/3)),
		"one line errors": fill("</i>"),
		"NULs":            make([]byte, size),
		"every byte":      every,
		"comments":        fill("<!-- pastedev-ignore a b c --><p>"),
	}
}

// TestHostile checks each in time and memory that no quadratic check has.
func TestHostile(t *testing.T) {
	for name, doc := range hostile() {
		for _, opts := range []Options{{}, {Shape: Fragment}, {ContentType: "application/xhtml+xml"}} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			Report(doc, opts)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			const most = 1 << 30 // a gigabyte in all for a quarter of a megabyte
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("%s, %+v: %d MB were allocated", name, opts, n>>20)
			}
			t.Logf("%-16s %v %s", name, took.Round(time.Millisecond), opts.ContentType)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, doc := range hostile() {
		f.Add(doc[:min(len(doc), 400)], uint8(0), "")
	}
	f.Add(inPage("<p id=a><img src=b><table><tr><td colspan=2>"), uint8(1), "text/html; charset=latin1")
	f.Add([]byte("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body/></html>"), uint8(0), "application/xhtml+xml")
	f.Fuzz(func(t *testing.T, doc []byte, shape uint8, contentType string) {
		opts := Options{Shape: Shape(shape % 3), ContentType: contentType}
		for _, d := range Check(doc, opts) {
			if d.Start < 0 || d.End < d.Start || d.End > len(doc) || d.Line < 1 || d.Column < 1 || d.Message == "" || !strings.Contains(d.Code, "/") {
				t.Fatalf("finding %+v of %d bytes", d, len(doc))
			}
			if text := d.Context[0].Text; d.MarkStart < 0 || d.MarkEnd < d.MarkStart || d.MarkEnd > len(text) || !utf8.ValidString(text) {
				t.Fatalf("excerpt of %+v", d)
			}
		}
		if !bytes.Equal(doc, bytes.Clone(doc)) {
			t.Fatal("the document was changed")
		}
	})
}
