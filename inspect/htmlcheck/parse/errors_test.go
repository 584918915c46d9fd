package parse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// treeErrorTests has a document for each code of the tree construction. Each expected
// error is a code and what it marks.
var treeErrorTests = []struct {
	doc  string // after doctype, unless it begins with "!"
	want string
}{
	{"<p>fine<ul><li>a<li>b</ul><table><tr><td>x</table>", ""},
	{"!<p>x", "missing-doctype <p>"},
	{"!  x", "missing-doctype x"},
	{"!</p>", "missing-doctype </p>, stray-end-tag </p>"},
	{"!", "missing-doctype "},
	{"!<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 3.2//EN'>", "quirky-doctype <!DOCTYPE html PUBLIC '-//W3C//DTD HTML 3.2//EN'>"},
	{"!<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Transitional//EN' 'x'>", "almost-standards-doctype <!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Transitional//EN' 'x'>"},
	{"!<!DOCTYPE html SYSTEM 'x'>", "obsolete-doctype <!DOCTYPE html SYSTEM 'x'>"},
	{"!<!DOCTYPE html SYSTEM 'about:legacy-compat'>", ""},
	{"<p><!DOCTYPE html>", "stray-doctype <!DOCTYPE html>"},
	{"<p><tr>", "stray-start-tag <tr>"},
	{"<p></div>", "stray-end-tag </div>"},
	{"<div><p></div></p>", "no-element-in-scope </p>"},
	{"<b><p></b></p>", "misnested-end-tag </b>"},
	{"<b>x<i>y</b>z</i>", "misnested-end-tag </b>"},
	{"<svg><g></p></svg>", "html-in-foreign-content </p>, no-element-in-scope </p>, stray-end-tag </svg>"},
	{"<svg><g></svg>", "mismatched-end-tag </svg>"},
	{"<h1>x</h2>", "mismatched-end-tag </h2>"},
	{"<div><object></div></object>", "unclosed-element <div>, no-element-in-scope </div>, eof-with-open-elements "},
	{"<div><span>x</div>", "unclosed-element <span>, end-tag-with-open-elements </div>"},
	{"<p><span>x<p>", "unclosed-element <span>, implied-end-tag-open-elements <p>"},
	{"<ul><li><span>x<li></ul>", "unclosed-element <span>, implied-end-tag-open-elements <li>"},
	{"<table><tr><td><span>x<td></table>", "unclosed-element <span>, implied-end-tag-open-elements <td>"},
	{"<div><span>", "unclosed-element <div>, unclosed-element <span>, eof-with-open-elements "},
	{"<body><div></body>", "unclosed-element <div>, end-tag-with-open-elements </body>"},
	{"<title>x", "unclosed-element <title>, eof-in-text "},
	{"</body></p>", "end-tag-after-body </p>, no-element-in-scope </p>"},
	{"</body><p>", "start-tag-after-body <p>"},
	{"</body></html> x", "text-after-body x"},
	{"</head><title></title><body>", "element-between-head-and-body <title>"},
	{"<table><p>x</table>", "foster-parenting <p>, text-in-table x"},
	{"<table> x</table>", "text-in-table x"},
	{"<table><p>x <b> </b> </table>", "foster-parenting <p>, text-in-table x , foster-parenting <b>, foster-parenting </b>"},
	{"<table><tbody><td></table>", "start-tag-in-table-body <td>"},
	{"<table><td></table>", "start-tag-in-table-body <td>"},
	{"<table><table></table>", "nested-table <table>"},
	{"<form><form></form>", "nested-form <form>"},
	{"<h1><h2>x</h2></h1>", "nested-heading <h2>, stray-end-tag </h1>"},
	{"<a>x<a>y</a>", "same-element-open <a>"},
	{"<button><button></button>", "same-element-open <button>"},
	{"<nobr>x<nobr>y</nobr>", "same-element-open <nobr>"},
	{"<select><select>", "select-in-select <select>"},
	{"<select><input></select>", "input-in-select <input>, stray-end-tag </select>"},
	{"<select><option><div><option></div></select>", "option-in-option <option>"},
	{"<table><colgroup>x</table>", "text-in-table x"},
	{"<table><template><col>x</template></table>", "text-in-colgroup x"},
	{"<frameset>x</frameset>", "text-in-frameset x"},
	{"<head><noscript>x</noscript>", "text-in-head-noscript x, stray-end-tag </noscript>"},
	{"<head><noscript><p></noscript>", "start-tag-in-head-noscript <p>, stray-end-tag </noscript>"},
	{"<p><frameset></p>", "frameset-in-body <frameset>, unclosed-element <frameset>, stray-end-tag </p>, eof-with-open-elements "},
	{"<image src=x>", "image-start-tag <image src=x>"},
	{"<svg><p></p>", "html-in-foreign-content <p>"},
	{"<ruby><span><rt></ruby>", "unclosed-element <span>, unclosed-in-ruby <rt>, end-tag-with-open-elements </ruby>"},
	{"<table><caption></tr></table>", "stray-end-tag </tr>"},
}

func TestTreeErrors(t *testing.T) {
	const doctype = "<!DOCTYPE html>"
	tests := append(treeErrorTests[:len(treeErrorTests):len(treeErrorTests)], struct{ doc, want string }{
		"<p>" + strings.Repeat("<x>", 3000), "nesting-too-deep <x>",
	})
	seen := ""
	for _, tt := range tests {
		doc, plain := strings.CutPrefix(tt.doc, "!")
		if !plain {
			doc = doctype + doc
		}
		var got []string
		for _, e := range Parse([]byte(doc), Options{}).Errors {
			got = append(got, fmt.Sprintf("%s %s", e.Code, doc[e.Span.Start:e.Span.End]))
		}
		if d := cmp.Diff(tt.want, strings.Join(got, ", ")); d != "" {
			t.Errorf("%.80q\n%s", doc, d)
		}
		seen += tt.want + ","
	}
	for _, c := range []Code{NoRowToClose} { // in fragments only
		seen += string(c)
	}
	for code := range treeMessages {
		switch code {
		case MalformedByteSequence, UnknownEncoding, TooManyErrors, TooManyFormattingElements: // in other tests
			continue
		}
		if !strings.Contains(seen, string(code)) {
			t.Errorf("no test for %s", code)
		}
	}
}

// TestFragments reads fragments as htmx and Turbo send them.
func TestFragments(t *testing.T) {
	tests := []struct{ context, doc, tree, want string }{
		{"", "<li>a<li>b", "li li", ""},
		{"tr", "<td>a<td>b", "td td", ""},
		{"body", "<td>a", "#text", "stray-start-tag <td>"},
		{"td", "x<td>", "#text", "stray-start-tag <td>"},
		{"table", "<tr><td>a", "tbody", ""},
		{"tr", "</table>x", "#text", "no-row-to-close </table>, text-in-table x"},
		{"title", "<b>&amp;", "#text", ""},
		{"svg svg", "<path/><foreignObject><p>x</p></foreignObject>", "path foreignObject", ""},
		{"template", "<tr><td>a", "tr", ""},
		{"select", "<option>a<input>", "option", "input-in-select <input>"},
		{"html", "<p>", "head body", ""},
	}
	for _, tt := range tests {
		d := Parse([]byte(tt.doc), Options{Fragment: true, Context: tt.context})
		var names, got []string
		for n := d.Root.FirstChild; n != nil; n = n.Next {
			if n.Kind == TextNode {
				names = append(names, "#text")
				continue
			}
			names = append(names, n.Name)
		}
		for _, e := range d.Errors {
			got = append(got, fmt.Sprintf("%s %s", e.Code, tt.doc[e.Span.Start:e.Span.End]))
		}
		if d := cmp.Diff(tt.tree+" / "+tt.want, strings.Join(names, " ")+" / "+strings.Join(got, ", ")); d != "" {
			t.Errorf("%s %q\n%s", tt.context, tt.doc, d)
		}
	}
}

// TestSpans prints each node with the bytes of its start tag, its end tag and its
// attributes.
func TestSpans(t *testing.T) {
	const doc = "<!DOCTYPE html><p Class=\"a&lt;b\" x>one<!--c--> <b>two</p>three</b><br/>\r\n<table><td>x</table></body>"
	want := []string{
		`doctype "<!DOCTYPE html>"`, `html implied ""`, `head implied ""`, `body implied "" "</body>"`,
		`p "<p Class=\"a&lt;b\" x>" "</p>" class=Class:a&lt;b x=x:`, `text "one"`, `comment "<!--c-->"`, `text " "`,
		`b "<b>" ""`, `text "two"`, `b clone "<b>" "</b>"`, `text "three"`, `br "<br/>" ""`, `text "\r\n"`,
		`table "<table>" "</table>"`, `tbody implied ""`, `tr implied ""`, `td "<td>" ""`, `text "x"`,
	}
	var got []string
	d := Parse([]byte(doc), Options{})
	for n := d.Root.FirstChild; n != nil; n = n.Following(d.Root, false) {
		s := [...]string{"document", n.Name, "text", "comment", "doctype", "pi"}[n.Kind]
		if n.Implied {
			s += " implied"
		}
		if n.Clone {
			s += " clone"
		}
		s += fmt.Sprintf(" %q", doc[n.Span.Start:n.Span.End])
		if n.Kind == ElementNode && (!n.Implied || n.EndTag.Len() > 0) {
			s += fmt.Sprintf(" %q", doc[n.EndTag.Start:n.EndTag.End])
		}
		for _, a := range n.Attrs {
			s += fmt.Sprintf(" %s=%s:%s", a.Name, doc[a.NameSpan.Start:a.NameSpan.End], doc[a.ValueSpan.Start:a.ValueSpan.End])
		}
		got = append(got, s)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestLimits has the options that bound a document.
func TestLimits(t *testing.T) {
	d := Parse([]byte(strings.Repeat("\x00", 100)), Options{MaxErrors: 5})
	if len(d.Errors) != 6 || d.Errors[5].Code != TooManyErrors {
		t.Errorf("errors %v", codes(d.Errors))
	}
	d = Parse([]byte("<!DOCTYPE html><div><div><div><title>a</div></title><p a a>"), Options{MaxDepth: 4})
	if diff := cmp.Diff([]Code{NestingTooDeep, DuplicateAttribute}, codes(d.Errors)); diff != "" || !d.Truncated {
		t.Errorf("truncated %v\n%s", d.Truncated, diff)
	}
	var doc strings.Builder
	doc.WriteString("<p>")
	for i := range 100 {
		fmt.Fprintf(&doc, "<b a=%d>", i)
	}
	doc.WriteString("</p>" + strings.Repeat("<p>x</p>", 1000))
	d = Parse([]byte(doc.String()), Options{})
	last, nodes := Error{}, 0
	for n := d.Root; n != nil; n = n.Following(d.Root, false) {
		nodes++
	}
	for _, e := range d.Errors {
		if e.Code == TooManyFormattingElements {
			last = e
		}
	}
	if nodes > 20_000 || !d.Truncated || last.Line != 1 {
		t.Errorf("%d nodes, truncated %v, %v", nodes, d.Truncated, last)
	}
}
