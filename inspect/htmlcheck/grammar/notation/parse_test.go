package notation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	f, err := Parse("x.grammar", `
namespace html        # a comment
start <html>
group global
  accesskey?: access-keys
  dir?: "ltr" | "rtl"
    | "auto"
category flow mixed "flow content" = <template>
category script-supporting = <script> | <template>
element a
  section 4.5.1
  is flow, interactive if @href, x if not @type = "a" | b
  content transparent
  attrs
    global except dir, on*
    href?: url
    charset?: text obsolete error "Say it in the # answer."
    xml:lang?: language
element input in <p>, div
  # a comment
  attrs
    one of
      type: cs "hidden" ; value?: text
      type?: "checkbox"
        checked?: boolean
      nothing
element dl
  obsolete
  content ( (<dt>+ script-supporting*)+ <dd>( flow.one & <svg:g>? )+ )*
    | (flow except <a>, <p> | data(date))
`)
	if err != nil {
		t.Fatal(err)
	}
	pos := func(line int) Pos { return Pos{"x.grammar", line} }
	html := func(s string) Name { return Name{"html", s} }
	want := []*Element{{
		Pos: pos(10), Namespace: "html", Name: "a", Section: "4.5.1",
		Is: []Membership{{Category: "flow"}, {Category: "interactive", If: &Condition{Attr: "href"}},
			{Category: "x", If: &Condition{Attr: "type", Not: true, Values: []Value{{Literal: "a", IsLiteral: true}, {Type: "b"}}}}},
		Content: Transparent{},
		Attrs: []Item{
			{Pos: pos(15), Use: &Use{Group: "global", Except: []string{"dir", "on*"}}},
			{Pos: pos(16), Attr: &Attr{Name: "href", Optional: true, Values: []Value{{Type: "url"}}}},
			{Pos: pos(17), Attr: &Attr{Name: "charset", Optional: true, Values: []Value{{Type: "text"}}, IsObsolete: true, IsError: true, Obsolete: "Say it in the # answer."}},
			{Pos: pos(18), Attr: &Attr{Name: "xml:lang", Optional: true, Values: []Value{{Type: "language"}}}},
		},
	}, {
		Pos: pos(19), Namespace: "html", Name: "input", In: []Name{html("p"), html("div")},
		Attrs: []Item{{Pos: pos(22), OneOf: [][]Item{
			{{Pos: pos(23), Attr: &Attr{Name: "type", Values: []Value{{Literal: "hidden", IsLiteral: true, CaseMatch: true}}}},
				{Pos: pos(23), Attr: &Attr{Name: "value", Optional: true, Values: []Value{{Type: "text"}}}}},
			{{Pos: pos(24), Attr: &Attr{Name: "type", Optional: true, Values: []Value{{Literal: "checkbox", IsLiteral: true}}}},
				{Pos: pos(25), Attr: &Attr{Name: "checked", Optional: true, Values: []Value{{Type: "boolean"}}}}},
			nil,
		}}},
	}, {
		Pos: pos(27), Namespace: "html", Name: "dl", IsObsolete: true,
		Content: Choice{[]Expr{
			Repeat{Seq{[]Expr{
				Repeat{Seq{[]Expr{Repeat{Ref{Pos: pos(29), Name: html("dt")}, 1, 0}, Repeat{CategoryRef{Pos: pos(29), Name: "script-supporting"}, 0, 0}}}, 1, 0},
				Repeat{Ref{Pos: pos(29), Name: html("dd"), Content: Interleave{[]Expr{
					CategoryRef{Pos: pos(29), Name: "flow", One: true},
					Repeat{Ref{Pos: pos(29), Name: Name{"svg", "g"}}, 0, 1}}}}, 1, 0},
			}}, 0, 0},
			Choice{[]Expr{CategoryRef{Pos: pos(30), Name: "flow", Except: []Name{html("a"), html("p")}}, Data{pos(30), "date"}}},
		}},
	}}
	if d := cmp.Diff(want, f.Elements); d != "" {
		t.Error(d)
	}
	if c := f.Categories[0]; !c.Mixed || c.Title != "flow content" || c.Expr == nil {
		t.Errorf("category: %+v", c)
	}
	if n := len(f.Groups[0].Items[1].Attr.Values); n != 3 {
		t.Errorf("dir has %d values, want 3", n)
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ src, want string }{
		{"element a", "x:1: expected `namespace html`, `svg` or `math` before the first element"},
		{"namespace xml", "x:1: expected `namespace html`, `svg` or `math`; found \"xml\""},
		{"namespace html\nelemnt a", `x:2: expected namespace, start, group, category, pattern or element; found "elemnt"`},
		{"namespace html\nelement a\n  contents flow", `x:3: expected section, is, in, content, attrs or obsolete in an element; found "contents"`},
		{"namespace html\nelement a\n  content <b> | <c> & <d>", "x:3: `|` and `&` need parentheses between them"},
		{"namespace html\nelement a\n  content (<b>", "x:3: expected `)`, found the end of the statement"},
		{"namespace html\nelement a\n  content <b> |", "x:3: expected content (<element>, a category, text, empty, any, transparent, data(TYPE) or a parenthesis), found the end of the statement"},
		{"namespace html\nelement a\n  content <b", "x:3: expected an element's name in angle brackets, as <div> or <svg:g>; found <b"},
		{"namespace html\nelement a\n  attrs\n    href", ""},
		{"namespace html\nelement a\n  attrs\n    href? url", "x:4: expected `:` and the value's type after `href?`, found `url`"},
		{"namespace html\nelement a\n  attrs\n    href?: \"x", `x:4: expected a closing quote after "x`},
		{"namespace html\nelement a\n  attrs\n    href?: |", "x:4: expected a value in quotes or the name of a type, found `|`"},
		{"namespace html\nelement a\n  attrs\n    href?: url b", "x:4: expected `;` or the end of the line, found `b`"},
		{"namespace html\nelement a\n  attrs\n    one of\n      href: url", "x:4: expected two or more deeper indented lines below `one of`, a set of attributes each"},
		{"namespace html\nelement a\n  is flow interactive", "x:3: expected `,` or `if`, found `interactive`"},
		{"namespace html\nelement a\n  is flow if href", "x:3: expected a condition `@attribute`, `not @attribute` or `@attribute = values`; found `href`"},
		{"namespace html\nelement a\n  section 1\n  section 2", "x:4: a second `section` in element a"},
		{"namespace html\nelement a\n   section 1\n  section 2", "x:4: expected an indent of 3 spaces, as in line 3; found 2"},
		{"namespace html\n\telement a", "x:2: indent with spaces, not with tabs"},
		{"namespace html\nelement a\n  obsolete Use CSS", "x:3: expected what to use instead, in quotes; found Use CSS"},
		{"group g\n  a?: url", "x:1: expected `namespace html`, `svg` or `math` before all else"},
	}
	for _, test := range tests {
		_, err := Parse("x", test.src)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q:\n got %s\nwant %s", test.src, got, test.want)
		}
	}
	_, err := Parse("x", "namespace html\nelement a\n  is ?\nelement b\n  is ?\n")
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two faults are to be reported, got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("namespace html\nelement a\n  is flow if @b=\"c\"\n  content (<b>|text)*\n  attrs\n    x?: y | \"z\"\n    one of\n      a: b\n      nothing")
	f.Fuzz(func(t *testing.T, src string) {
		file, err := Parse("x", src)
		if file == nil && err == nil {
			t.Error("neither file nor error")
		}
	})
}
