package xhtml

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// FuzzParse looks for spans outside the document, trees that do not fit together, and for
// documents that encoding/xml refuses and we take.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "<p/>", head + "<p title='&lt;a\n'>b<![CDATA[c]]>&#65;&nbsp;</p><!-- d --><?e f?>" + tail,
		"<?xml version='1.0' encoding='iso-8859-1'?><p>\xE4</p>", "\xFF\xFE<\x00p\x00/\x00>\x00",
		"<!DOCTYPE p [<!ENTITY a '&b;&b;'><!ENTITY b '&a;'>]>" + head + "&a;" + tail, head + "<a:b xmlns:a='c'><d/></a:b>" + tail,
		"<p><q a='1' b=\"2\"></q>\r\n</p>\r", "<p>\x00</p>", "<!DOCTYPE p PUBLIC 'a' \"b\" [%a;<!X '>'>]><p/>",
		"<!DOCTYPE p [<!ENTITY a '&b;&b;&b;&b;&b;&b;'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]><p>&a;&a;</p>",
		"\xff\xfe0000000000000\a0000000000000", head + "<p>\u00e4</q>", head + "<p \u20ac>",
		"<?xml-stylesheet href='a' type=\"b/c\"?><p/>", "<p a='1' xml:lang='b' lang='c'/>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		page, found := Parse(doc, "")
		for i := range found {
			inside(t, len(doc), found[i].Span)
			page.Doc.Position(found[i].Span.Start)
		}
		fatal := page.Doc.Truncated
		for n := page.Doc.Root.FirstChild; n != nil; n = n.Following(page.Doc.Root, false) {
			inside(t, len(doc), n.Span)
			inside(t, len(doc), n.EndTag)
			for _, a := range n.Attrs {
				inside(t, len(doc), a.NameSpan)
				inside(t, len(doc), a.ValueSpan)
			}
		}
		if fatal && len(found) == 0 {
			t.Fatal("the reading ended, and nothing is said")
		}
		if len(found) == 0 && page.Doc.Input.Encoding == "utf-8" && !strings.Contains(string(doc), "<!DOCTYPE") {
			refused(t, strings.TrimPrefix(string(doc), "\uFEFF"))
		}
	})
}

func inside(t *testing.T, size int, s parse.Span) {
	t.Helper()
	if s.Start < 0 || s.End < s.Start || s.End > size {
		t.Fatalf("the span %v is not in the %d bytes", s, size)
	}
}

// refused fails when encoding/xml finds an error.
func refused(t *testing.T, doc string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("we take %q, encoding/xml does not: %v", doc, err)
		}
	}
}

// TestHostile reads documents that are made to take long.
func TestHostile(t *testing.T) {
	const n = 200_000
	var bomb strings.Builder
	bomb.WriteString("<!DOCTYPE p [<!ENTITY e0 'x'>")
	for _, e := range []string{"e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"} {
		bomb.WriteString("<!ENTITY " + e + " '" + strings.Repeat("&e"+string(e[1]-1)+";", 50) + "'>")
	}
	bomb.WriteString("]><p xmlns='http://www.w3.org/1999/xhtml'>" + strings.Repeat("&e8;", 1000) + "</p>")
	for name, doc := range map[string]string{
		"deep":            strings.Repeat("<p>", n),
		"declarations":    strings.Repeat("<p xmlns:a='b'>", n),
		"attributes":      "<p" + strings.Repeat(" a", n),
		"references":      head + strings.Repeat("&a;", n) + tail,
		"entities":        bomb.String(),
		"quotes":          "<!DOCTYPE p [" + strings.Repeat("<!ENTITY a '", n),
		"references to %": "<!DOCTYPE p [" + strings.Repeat("%", n),
		"brackets":        head + strings.Repeat("]", n) + tail,
		"comments":        strings.Repeat("<!---->", n) + "<p/>",
		"siblings":        head + strings.Repeat("<q/>", n) + tail,
		"a long value":    head + "<p a='" + strings.Repeat("\n\"&lt;", n) + "'/>" + tail,
	} {
		page, found := Parse([]byte(doc), "")
		if len(found) > maxFindings {
			t.Errorf("%s: %d findings", name, len(found))
		}
		if page.Doc.Root == nil {
			t.Errorf("%s: no tree", name)
		}
	}
	var names strings.Builder
	for i := range n {
		names.WriteString(" a" + itoa(i) + "=''")
	}
	page, found := Parse([]byte("<p xmlns='http://www.w3.org/1999/xhtml'"+names.String()+"/>"), "")
	if got := len(page.Doc.Root.FirstChild.Attrs); got != n+1 || len(found) > 0 {
		t.Errorf("%d of %d attributes, %d findings", got, n, len(found))
	}
}

func BenchmarkParse(b *testing.B) {
	doc := []byte(head + strings.Repeat("<p class=\"a\" title='b &amp; c'>Some text <b>with</b> an <a href=\"d\">element</a> or two.<br/></p>\n", 550) + tail)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(doc, "application/xhtml+xml")
	}
}
