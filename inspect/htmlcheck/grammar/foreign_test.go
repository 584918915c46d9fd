package grammar_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/grammar"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// told returns what the grammar says of a piece of a page: code and what is marked, with an
// exclamation mark in front of errors.
func told(doc string) (list []string) {
	page := &finding.Page{Doc: parse.Parse([]byte(doc), parse.Options{Fragment: true}), Fragment: true}
	grammar.Check(page, func(f finding.Finding) {
		mark := "!"
		if f.Severity != inspect.SeverityError {
			mark = ""
		}
		list = append(list, mark+f.Code()+" "+doc[f.Span.Start:f.Span.End])
	})
	return list
}

// TestSVGAndMathML has the rules that differ from those of HTML.
func TestSVGAndMathML(t *testing.T) {
	for _, c := range []struct {
		doc  string
		want []string
	}{
		{`<svg viewBox="0 0 1 1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><title>a</title><g fill="red"><path d="M0 0L1 1z"/></g></svg>`, nil},
		{`<svg><rect foo="a"/></svg>`, []string{"!attr-unknown/unknown-attribute foo"}},
		{`<svg><rect stop-color="red"/></svg>`, []string{"!attr-unknown/unknown-attribute stop-color"}},
		{`<svg><g inkscape:label="a"/></svg>`, []string{"!attr-unknown/unknown-attribute inkscape:label"}},
		{`<svg><tspan/></svg>`, []string{"!content-model/not-allowed-child <tspan/>"}},
		{`<svg><text><tspan>a</tspan></text></svg>`, nil},
		{`<svg>a</svg>`, []string{"!content-model/text-not-allowed a"}},
		{`<svg><rect><animate attributeName="x"/><title>a</title></rect></svg>`, []string{"!content-model/not-allowed-child <title>"}},
		{`<svg><filter><feComponentTransfer><feFuncG type="identity"/><feFuncR type="gamma"/></feComponentTransfer></filter></svg>`,
			[]string{`!content-model/not-allowed-child <feFuncR type="gamma"/>`}},
		{`<svg><filter><feBlend/></filter></svg>`, []string{"!attr-missing/missing-attribute <feBlend/>"}},
		{`<svg><path d="M0"/></svg>`, []string{"!attr-value/svg-path M0"}},
		{`<svg><path fill-rule="EvenOdd"/></svg>`, []string{"!attr-value/keyword EvenOdd"}},
		{`<svg><rect width="a"/></svg>`, []string{"attr-value/svg-value a"}},
		{`<svg id="1"></svg>`, []string{"!attr-value/id 1"}},
		{`<svg><foreignObject><p>a</p><svg></svg></foreignObject><desc><li>any</li></desc></svg>`, nil},
		{`<svg><foreignObject><li>a</li></foreignObject></svg>`, []string{"!content-model/not-allowed-child <li>"}},
		{`<p>a<svg></svg><math></math></p>`, nil},
		{`<ul><svg></svg></ul>`, []string{"!content-model/not-allowed-child <svg>"}},
		{`<math display="block"><mfrac><mi>a</mi><mrow><mn>1</mn><mo stretchy="false">+</mo></mrow></mfrac></math>`, nil},
		{`<math display="center"></math>`, []string{"!attr-value/keyword center"}},
		{`<math><mfrac><mi>a</mi></mfrac></math>`, []string{"!content-model/missing-child </mfrac>"}},
		{`<math><msub><mi>a</mi><mi>b</mi><mi>c</mi></msub></math>`, []string{"!content-model/not-allowed-child <mi>"}},
		{`<math><mtext>a<b>c</b></mtext></math>`, nil},
		{`<math><mi>a<b>c</b></mi></math>`, []string{"!content-model/not-allowed-child <b>"}},
		{`<math><mspace width="1vw"/></math>`, []string{"!attr-value/value 1vw"}},
		{`<math><mi tabindex="0">a</mi></math>`, []string{"!attr-unknown/unknown-attribute tabindex"}},
		{`<math><semantics><mi>a</mi><annotation encoding="TeX">a</annotation></semantics></math>`, nil},
		{`<math><ci>a</ci></math>`, []string{"!content-model/unknown-element <ci>"}},
		{`<math><maction><mi>a</mi></maction></math>`, []string{"!attr-missing/missing-attribute <maction>"}},
	} {
		if diff := cmp.Diff(c.want, told(c.doc)); diff != "" {
			t.Errorf("%s: %s", c.doc, diff)
		}
	}
}
