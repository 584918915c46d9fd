package xhtml

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const (
	head = `<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><title>x</title></head><body>`
	tail = `</body></html>`
)

// told is a finding as the tests write it: code and what is marked.
func told(doc string, found []finding.Finding) []string {
	var list []string
	for i := range found {
		f := &found[i]
		list = append(list, f.Code()+" "+doc[f.Span.Start:f.Span.End])
	}
	return list
}

func TestWellFormed(t *testing.T) {
	for name, doc := range map[string]string{
		"plain":          head + "<p>a</p>" + tail,
		"declaration":    `<?xml version="1.0" encoding="utf-8" standalone='yes' ?>` + head + tail,
		"doctype":        "<!DOCTYPE html>\n" + head + tail,
		"public":         `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">` + head + tail,
		"subset":         `<!DOCTYPE html [<!ENTITY a "b"> <!-- ' --> <?p i?> <!ELEMENT p (#PCDATA)> <!ATTLIST p x CDATA ">"> %pe; ]>` + head + "<p>&a;</p>" + tail,
		"empty elements": head + `<br/><img src="a" alt="b" /><p></p >` + tail,
		"cdata":          head + "<p><![CDATA[<&]]]></p>" + tail,
		"references":     head + "<p title='&lt;&#65;&#x1F600;&quot;\"'>&amp;&apos;&gt;</p>" + tail,
		"comments":       "<!-- a -->\n" + head + "<!---->" + tail + "\n<!-- b --><?pi?>\n",
		"namespaces":     head + `<s:svg xmlns:s="http://www.w3.org/2000/svg" xmlns:l="http://www.w3.org/1999/xlink"><s:a l:href="b"/></s:svg>` + tail,
		"same language":  strings.Replace(head, `lang="en"`, `lang="en" xml:lang="EN"`, 1) + tail,
		"brackets":       head + "<p>a]] >b]>c</p>" + tail,
		"names":          head + "<p data-ä.1='x'>a</p>" + tail,
	} {
		page, found := Parse([]byte(doc), "application/xhtml+xml")
		if diff := cmp.Diff([]string(nil), told(doc, found)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if page.Doc.Truncated || !page.XHTML {
			t.Errorf("%s: truncated %v, xhtml %v", name, page.Doc.Truncated, page.XHTML)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ doc, want string }{
		{head + "<p>a<br></p>" + tail, "parse-tree/xml-end-tag </p"},
		{head + "<p></div>" + tail, "parse-tree/xml-end-tag </div"},
		{head + tail + "</p>", "parse-tree/xml-end-tag </p"},
		{head + "<p>", "parse-tree/xml-unclosed-element "},
		{head + "<p a='1' a='2'/>" + tail, "parse-tree/xml-duplicate-attribute a"},
		{head + "<p a=1/>" + tail, "parse-tree/xml-attribute-quotes 1"},
		{head + "<p a='1/>", "parse-tree/eof-xml-attribute-quotes '1/>"},
		{head + "<input disabled/>" + tail, "parse-tree/xml-attribute-value /"},
		{head + "<p a='1'b='2'/>" + tail, "parse-tree/xml-attribute-space b"},
		{head + "<p a='<'/>" + tail, "parse-tree/xml-less-than <"},
		{head + "<p>a < b</p>" + tail, "parse-tree/xml-less-than <"},
		{head + "<p>a & b</p>" + tail, "parse-tree/xml-ampersand &"},
		{head + "<p>a &b c</p>" + tail, "parse-tree/xml-ampersand &b"},
		{head + "<p>&#xZ;</p>" + tail, "parse-tree/xml-character-reference &#x"},
		{head + "<p>&#1;</p>" + tail, "parse-tree/xml-character-reference &#1;"},
		{head + "<p>&#99999999999;</p>" + tail, "parse-tree/xml-character-reference &#99999999999;"},
		{head + "<p>]]></p>" + tail, "parse-tree/xml-cdata-end ]]>"},
		{head + "<!-- a -- b -->" + tail, "parse-tree/xml-comment --"},
		{head + "<!-- a", "parse-tree/eof-xml-comment <!-- a"},
		{head + "<![CDATA[ a", "parse-tree/eof-xml-cdata <![CDATA[ a"},
		{head + "<?a b", "parse-tree/eof-xml-instruction <?a b"},
		{head + "<?xml b?>" + tail, "parse-tree/xml-declaration <?xml"},
		{"\n<?xml version='1.0'?>" + head + tail, "parse-tree/xml-declaration <?xml"},
		{"<?xml version='1.1'?>" + head + tail, "parse-tree/xml-declaration <?xml version='1.1'?>"},
		{"<?xml encoding='utf-8'?>" + head + tail, "parse-tree/xml-declaration <?xml encoding='utf-8'?>"},
		{head + tail + "<p/>", "parse-tree/xml-content <p"},
		{head + tail + "abc", "parse-tree/xml-content abc"},
		{"abc" + head + tail, "parse-tree/xml-content abc"},
		{"", "parse-tree/xml-no-root "},
		{"<!doctype html>" + head + tail, "parse-tree/xml-doctype <!doctype"},
		{"<!DOCTYPE html><!DOCTYPE html>" + head + tail, "parse-tree/xml-doctype <!DOCTYPE"},
		{"<!DOCTYPE html PUBLIC 'a'>" + head + tail, "parse-tree/xml-doctype >"},
		{"<!DOCTYPE html [<!ENTITY a 'b>]>" + head + tail, "parse-tree/eof-xml-doctype <!ENTITY a 'b>]>" + head[:24]},
		{head + "<p>&nbsp;</p>" + tail, "parse-token/xml-undeclared-entity &nbsp;"},
		{head + "<p title='&foo;'></p>" + tail, "parse-token/xml-undeclared-entity &foo;"},
		{head + "<x:p>a</x:p>" + tail, "parse-tree/xml-namespace x:p"},
		{head + "<p x:y='a'/>" + tail, "parse-tree/xml-namespace x:y"},
		{head + "<p xmlns:x=''/>" + tail, "parse-tree/xml-namespace xmlns:x"},
		{head + "<p xmlns:xml='a'/>" + tail, "parse-tree/xml-namespace xmlns:xml"},
		{head + "<p xmlns:l='http://www.w3.org/1999/xlink' xmlns:m='http://www.w3.org/1999/xlink' l:href='' m:href=''/>" + tail, "parse-tree/xml-duplicate-attribute m:href"},
		{head + "<p>\x01</p>" + tail, "parse-token/xml-illegal-character \x01"},
		{head + "<p>\uFFFF</p>" + tail, "parse-token/xml-illegal-character \uFFFF"},
		{head + "<p>\xE4</p>" + tail, "encoding/malformed-byte-sequence \xE4"},
		{head + "<p title='\x01'/>" + tail, "parse-token/xml-illegal-character \x01"},
		{head + "<p xml:lang='en' lang='de'/>" + tail, "co-constraint/lang-and-xml-lang en"},
		{head + "<p data-Foo='a' data-bar='b'/>" + tail, "co-constraint/data-upper-case data-Foo"},
		{"<html><p/></html>", "parse-tree/xml-root-namespace <html"},
		{"<html xmlns='http://www.w3.org/1999/html'><p></html>", "parse-tree/xml-root-namespace <html"},
		{head + "<p xml:lang='e'/>" + tail, "lang/xml-lang e"},
		{"<?a:b?>" + head + tail, "parse-tree/xml-instruction a:b"},
		{"<?xml version='1.0' encoding='klingon'?>" + head + tail, "encoding/unknown-encoding "},
	} {
		page, found := Parse([]byte(c.doc), "application/xhtml+xml")
		if diff := cmp.Diff([]string{c.want}, told(c.doc, found)); diff != "" {
			t.Errorf("%q: %s", c.doc, diff)
		}
		for i := range found {
			if found[i].Message == "" || found[i].Section == "" {
				t.Errorf("%q: a finding without message or section", c.doc)
			}
		}
		if page.Doc == nil || page.Doc.Root == nil {
			t.Errorf("%q: no tree", c.doc)
		}
	}
}

// tree writes a tree with the source of its spans.
func tree(doc string, p *finding.Page) string {
	var b strings.Builder
	spaces := map[parse.Space]string{parse.SVG: "svg ", parse.MathML: "math ", parse.Other: "other "}
	for n := p.Doc.Root.FirstChild; n != nil; n = n.Following(p.Doc.Root, false) {
		for up := n.Parent; up != p.Doc.Root; up = up.Parent {
			b.WriteString("  ")
		}
		switch n.Kind {
		case parse.ElementNode:
			b.WriteString(spaces[n.Space] + n.Name + " " + doc[n.Span.Start:n.Span.End] + " " + doc[n.EndTag.Start:n.EndTag.End])
			for _, a := range n.Attrs {
				b.WriteString("; " + a.Name + "=" + a.Value + " " + doc[a.NameSpan.Start:a.NameSpan.End] + "=" + doc[a.ValueSpan.Start:a.ValueSpan.End])
			}
		case parse.TextNode:
			b.WriteString("#" + n.Data + " " + doc[n.Span.Start:n.Span.End])
		default:
			b.WriteString("?" + n.Name + "|" + n.Data + " " + doc[n.Span.Start:n.Span.End])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestTree(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"text and references", "<p>a&amp;b<![CDATA[<c>]]>d</p>", "p <p> </p>\n  #a&b<c>d a&amp;b<![CDATA[<c>]]>d\n"},
		{"namespaces", "<a:x xmlns:a='http://www.w3.org/2000/svg'><y xmlns='http://www.w3.org/1998/Math/MathML'/><z xmlns=''/></a:x>",
			"svg x <a:x xmlns:a='http://www.w3.org/2000/svg'> </a:x>; xmlns:a=http://www.w3.org/2000/svg xmlns:a=http://www.w3.org/2000/svg\n" +
				"  math y <y xmlns='http://www.w3.org/1998/Math/MathML'/> ; xmlns=http://www.w3.org/1998/Math/MathML xmlns=http://www.w3.org/1998/Math/MathML\n" +
				"  other z <z xmlns=''/> ; xmlns= xmlns=\n"},
		{"values", "<p b=' x\ty&quot;' c = \"\"/>", "p <p b=' x\ty&quot;' c = \"\"/> ; b= x y\" b= x\ty&quot;; c= c=\n"},
		{"names", "<p xmlns:l='http://www.w3.org/1999/xlink' l:href='' xml:lang='' l='' xmlns:m='n' m:o=''/>",
			"p <p xmlns:l='http://www.w3.org/1999/xlink' l:href='' xml:lang='' l='' xmlns:m='n' m:o=''/> ; xmlns:l=http://www.w3.org/1999/xlink " +
				"xmlns:l=http://www.w3.org/1999/xlink; xlink:href= l:href=; xml:lang= xml:lang=; l= l=; xmlns:m=n xmlns:m=n; m:o= m:o=\n"},
		{"prolog", "<?a b?><!--c--><p/>", "?a|b <?a b?>\n?|c <!--c-->\np <p/> \n"},
		{"entities", "<p>&a;&c;</p>", "p <p> </p>\n  #132 &a;&c;\n"},
		{"up to the error", "<p><q>a</p>", "p <p> \n  q <q> \n    #a a\n"},
		{"the outermost of another vocabulary", "<x xmlns='y'><z/><b xmlns='http://www.w3.org/1999/xhtml'/></x>",
			"other x <x xmlns='y'> </x>; xmlns=y xmlns=y\n" +
				"  b <b xmlns='http://www.w3.org/1999/xhtml'/> ; xmlns=http://www.w3.org/1999/xhtml xmlns=http://www.w3.org/1999/xhtml\n"},
		{"RDF is left out", "<p xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:RDF><b/></r:RDF>c</p>",
			"p <p xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'> </p>; xmlns:r=http://www.w3.org/1999/02/22-rdf-syntax-ns# xmlns:r=http://www.w3.org/1999/02/22-rdf-syntax-ns#\n" +
				"  #c c\n"},
	} {
		const subset = "<!DOCTYPE x [<!ENTITY a '1&b;&#50;'><!ENTITY b '3'><!ENTITY c '<q/>'>]>"
		const open = "<body xmlns='http://www.w3.org/1999/xhtml'>"
		doc, skip := subset+open+c.doc+"</body>", 2
		if strings.HasPrefix(c.doc, "<?") {
			doc, skip = strings.Replace(c.doc, "<p/>", "<p xmlns='http://www.w3.org/1999/xhtml'/>", 1), 0
			c.want = strings.Replace(c.want, "p <p/> ", "p <p xmlns='http://www.w3.org/1999/xhtml'/> ; xmlns=http://www.w3.org/1999/xhtml xmlns=http://www.w3.org/1999/xhtml", 1)
		}
		page, _ := Parse([]byte(doc), "")
		got := strings.SplitN(tree(doc, page), "\n", skip+1)[skip]
		if skip > 0 {
			got = strings.TrimPrefix(strings.ReplaceAll("\n"+got, "\n  ", "\n"), "\n")
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// utf16 is a text of characters below 256 in UTF-16LE with its byte order mark.
func utf16(s string) string {
	out := "\xFF\xFE"
	for _, c := range s {
		out += string([]byte{byte(c), 0})
	}
	return out
}

func TestEncodings(t *testing.T) {
	const p = `<p xmlns="http://www.w3.org/1999/xhtml">`
	for _, c := range []struct{ name, doc, header, text string }{
		{"header", p + "\xE4</p>", "application/xhtml+xml; charset=iso-8859-1", "ä"},
		{"declaration", "<?xml version='1.0' encoding='iso-8859-1'?>" + p + "\xE4</p>", "application/xhtml+xml", "ä"},
		{"utf-16", utf16(p + "ä</p>"), "", "ä"},
		{"byte order mark", "\xEF\xBB\xBF" + p + "ä</p>", "text/xml; charset=iso-8859-1", "ä"},
	} {
		page, found := Parse([]byte(c.doc), c.header)
		if len(found) > 0 {
			t.Errorf("%s: %v", c.name, found)
		}
		text := page.Doc.Root.LastChild.FirstChild
		if text == nil || text.Data != c.text {
			t.Errorf("%s: the text is not %q", c.name, c.text)
			continue
		}
		if c.header == "" {
			if diff := cmp.Diff(parse.Span{Start: 2 + 2*len(p), End: 4 + 2*len(p)}, text.Span); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
	}
}

func TestStylesheet(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{`href="a.css"`, ""},
		{`href='a.css' type="text/xsl" title="b" alternate="yes" media="print"`, ""},
		{`type="text/css"`, "co-constraint/xml-stylesheet-href"},
		{`href="a" alternate="maybe"`, "co-constraint/xml-stylesheet-value"},
		{`href="a b" alternate="no"`, "attr-value/xml-stylesheet-value"},
		{`href="a" type="text"`, "attr-value/xml-stylesheet-value"},
		{`href="a" alternate="yes"`, "co-constraint/xml-stylesheet-title"},
		{`href="a" href="b"`, "co-constraint/xml-stylesheet-syntax"},
		{`href="a" foo="b"`, "co-constraint/xml-stylesheet-syntax"},
		{`href="a" type`, "co-constraint/xml-stylesheet-syntax"},
		{`href=a`, "co-constraint/xml-stylesheet-syntax"},
		{`href="a`, "co-constraint/xml-stylesheet-syntax"},
		{`href="a" type="image/png"`, "co-constraint/xml-stylesheet-type"},
		{`href="a" charset="utf-8"`, "co-constraint/xml-stylesheet-charset"},
	} {
		pi := "<?xml-stylesheet " + c.data + "?>"
		doc := pi + head + tail
		_, found := Parse([]byte(doc), "")
		var want []string
		if c.want != "" {
			want = []string{c.want + " " + pi}
		}
		if diff := cmp.Diff(want, told(doc, found)); diff != "" {
			t.Errorf("%s: %s", c.data, diff)
		}
	}
	doc := head + "<?xml-stylesheet href='a'?>" + tail
	_, found := Parse([]byte(doc), "")
	if diff := cmp.Diff([]string{"content-model/xml-stylesheet-place <?xml-stylesheet href='a'?>"}, told(doc, found)); diff != "" {
		t.Error(diff)
	}
}
