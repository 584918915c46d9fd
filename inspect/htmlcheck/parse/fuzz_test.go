package parse

import (
	"bytes"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// dumpOther writes a tree of x/net/html in html5lib's notation.
func dumpOther(root *html.Node) string {
	var b strings.Builder
	depth := map[*html.Node]int{root: -1}
	for n := range root.Descendants() {
		level := depth[n.Parent] + 1
		if n.Parent.Type == html.ElementNode && n.Parent.Data == "template" && n.Parent.Namespace == "" {
			level++
		}
		depth[n] = level
		indent := "| " + strings.Repeat("  ", level)
		switch n.Type {
		case html.TextNode:
			fmt.Fprintf(&b, "%s\"%s\"\n", indent, n.Data)
		case html.CommentNode:
			fmt.Fprintf(&b, "%s<!-- %s -->\n", indent, n.Data)
		case html.DoctypeNode:
			var public, system string
			for _, a := range n.Attr {
				if a.Key == "public" {
					public = a.Val
				} else if a.Key == "system" {
					system = a.Val
				}
			}
			fmt.Fprintf(&b, "%s<!DOCTYPE %s", indent, n.Data)
			if public != "" || system != "" {
				fmt.Fprintf(&b, ` "%s" "%s"`, public, system)
			}
			b.WriteString(">\n")
		case html.ElementNode:
			space := n.Namespace
			if space != "" {
				space += " "
			}
			fmt.Fprintf(&b, "%s<%s%s>\n", indent, space, n.Data)
			var attrs []string
			for _, a := range n.Attr {
				key := a.Key
				if a.Namespace != "" {
					key = a.Namespace + " " + a.Key
				}
				attrs = append(attrs, fmt.Sprintf("%s  %s=\"%s\"\n", indent, key, a.Val))
			}
			sort.Strings(attrs)
			b.WriteString(strings.Join(attrs, ""))
			if n.Data == "template" && n.Namespace == "" {
				b.WriteString(indent + "  content\n")
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// known says what x/net/html does otherwise than the standard with such a document, where
// trees may differ.
func known(doc string) (reason string) {
	doc = strings.ToLower(doc)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(doc, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("<frameset", "<select", "<template", "<col") && has("<title", "<textarea", "<style", "<xmp", "<iframe", "<noembed", "<noframes", "<script", "<plaintext", "<noscript"):
		return "reads raw text after a tag that the tree construction ignores"
	case has("<pre", "<listing", "<textarea") && has("\n", "\r", "&#10;", "&#xa;", "&newline;"):
		return "drops a line feed also when it is not the next token"
	case has("\x00"):
		return "keeps U+0000 where it must become U+FFFD"
	case foreignDoctype.MatchString(doc):
		return "makes small letters of names beyond ASCII"
	case has("</>"):
		return "makes a comment of an end tag without a name"
	case has("<svg", "<math") && has("<template"):
		return "ignores a template in foreign content"
	case has("<template") && has("<frameset"):
		return "forgets at the body that a frameset is no longer allowed"
	case has("<template") && has("<table", "<t", "<col", "<caption"):
		return "does not put texts together that are foster-parented in a template"
	case has("<caption") && has("<th"):
		return "does not end a caption at th"
	case has("<noscript"):
		return "puts white space behind a noscript in the head that text ends"
	case strings.Count(doc, "<!doctype") > 1 && has("</body", "</html"):
		return "goes back into the body at a late DOCTYPE"
	}
	return ""
}

// foreignDoctype finds a DOCTYPE with letters beyond ASCII.
var foreignDoctype = regexp.MustCompile(`<!doctype[^>]*[^\x00-\x7f]`)

func FuzzTree(f *testing.F) {
	for _, seed := range []string{
		"", "<!DOCTYPE html><title>x</title><p>a<b>b<i>c</b>d</i>",
		"<table><tr><p>x<b>y</table>z</b>", "<table>a<td>b<table>c<caption>d</table>e",
		"<a><p><a><div></a></p>x", "<b><b><b><b><p>x", "<svg><desc><p></svg>x<math><mi><p><mglyph>",
		"<select><option>a<optgroup><option>b<hr><input>", "<!--x--!><!-><!-- <!-- --><?pi?></ x><![CDATA[y]]>",
		"<p a=1 A=2 b='&amp;&notit;&#x80;' c=&lt>&ampx;\x00", "<script><!--<script></script>--></script>",
		"<frameset><frame></frameset><noframes>x", "<template><tr><td>x</template><ruby>a<rt>b<rp>c",
		"<form><form></form><li><li></ul><h1><h2></h3></br></p>", "<textarea>\n\nx</textarea><plaintext></x",
	} {
		f.Add(seed)
	}
	f.Add("<!DOCTYPEŎ")
	f.Fuzz(func(t *testing.T, doc string) {
		if !utf8.ValidString(doc) || strings.HasPrefix(doc, "\uFEFF") {
			return
		}
		other, err := html.ParseWithOptions(bytes.NewReader([]byte(doc)), html.ParseOptionEnableScripting(false))
		if err != nil {
			return
		}
		d := Parse([]byte(doc), Options{ContentType: "text/html; charset=utf-8"})
		checkTree(t, d, len(doc))
		if known(doc) != "" {
			return
		}
		if got, want := dump(d), dumpOther(other); got != want {
			t.Errorf("%q\ngot\n%s\nwant\n%s", doc, got, want)
		}
	})
}

// FuzzTokenizer checks what holds of the tokens of every input: they lie in order and
// without overlap, and what is raw is the source.
func FuzzTokenizer(f *testing.F) {
	f.Add([]byte("<!DOCTYPE html PUBLIC 'a' \"b\"><p class=x id='y'>&amp;</p><!--c-->"), byte(0))
	f.Add([]byte("\xff\xfe<\x00p\x00>\x00\xc3\x28\r\n\r&#xD800;"), byte(1))
	f.Add([]byte("a<script><!--<script>x</script>--></script></title>"), byte(3))
	f.Fuzz(func(t *testing.T, doc []byte, state byte) {
		in := Decode(doc, "")
		if !utf8.ValidString(in.Text) || strings.Contains(in.Text, "\r") {
			t.Fatalf("text %q", in.Text)
		}
		z := NewTokenizer(in.Text)
		z.SetState(State(state%6), "title")
		z.CDATA, z.ProcessingInstructions = state&8 != 0, state&16 != 0
		last := 0
		for tok := (Token{}); ; {
			z.Next(&tok)
			if tok.Kind == EOF {
				break
			}
			if tok.Span.Start < last || tok.Span.End < tok.Span.Start || tok.Span.End > len(in.Text) || tok.Span.Len() == 0 {
				t.Fatalf("%q: token %+v after %d", doc, tok, last)
			}
			if tok.Kind == Text && tok.Raw && tok.Data != in.Text[tok.Span.Start:tok.Span.End] {
				t.Fatalf("%q: text %q at %v", doc, tok.Data, tok.Span)
			}
			for _, a := range tok.Attrs {
				if a.NameSpan.Start < tok.Span.Start || a.NameSpan.End > a.ValueSpan.Start || a.ValueSpan.End > tok.Span.End {
					t.Fatalf("%q: attribute %+v in %v", doc, a, tok.Span)
				}
			}
			last = tok.Span.End
		}
		checkTree(t, Parse(doc, Options{ProcessingInstructions: state&1 != 0, Fragment: state&2 != 0}), len(doc))
	})
}
