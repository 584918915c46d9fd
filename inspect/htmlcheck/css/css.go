// Package css checks the style sheets in style elements and style attributes: their syntax,
// the names of properties, and few values whose forms are sure. The one call to make is
// [Check]. It is silent about what it does not know: CSS grows faster than any list. It reads
// no style sheet that a page links to.
//
// Its ancestor in Paste is the external validator that wdg_validate piped pages through.
package css

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Check reports what is wrong with the CSS of a page. It reads neither template elements nor
// SVG. It is safe for concurrent use, and linear in the page.
func Check(p *finding.Page, emit finding.Sink) {
	root := p.Doc.Root
	suggestions := maxSuggestions
	for n := root.FirstChild; n != nil; {
		if n.Kind == parse.ElementNode && n.Space == parse.HTML && !n.Clone {
			if n.Tag == parse.TagStyle && n.FirstChild != nil {
				s := sheet{src: finding.ElementText(p.Doc, n), node: n, emit: emit, suggestions: &suggestions}
				s.styleSheet()
			}
			if a := n.Attr("style"); a != nil {
				s := sheet{src: finding.AttrText(p.Doc, a), node: n, emit: emit, suggestions: &suggestions}
				s.attribute()
			}
		}
		n = n.Following(root, n.Tag == parse.TagTemplate)
	}
}

// maxFindings bounds those of one style sheet: text that is no CSS gives one in each line.
const maxFindings = 100

// maxSuggestions bounds the searches for the name that was meant in a page: each looks at all
// names.
const maxSuggestions = 200

// report emits an error about a part of the text.
func (s *sheet) report(start, end int, rule finding.Rule, message string) {
	s.reportAs(inspect.SeverityError, start, end, rule, message)
}

func (s *sheet) reportAs(severity inspect.Severity, start, end int, rule finding.Rule, message string) {
	if s.found++; s.found > maxFindings {
		return
	}
	s.emit(finding.Finding{Rule: rule, Severity: severity,
		Span: s.src.Span(start, max(end, start+1)), Message: message, Section: "CSS Syntax 3", Node: s.node})
}

// maxQuoted bounds what a message quotes of a style sheet.
const maxQuoted = 60

func quote(s string) string {
	if len(s) > maxQuoted {
		s = strings.ToValidUTF8(s[:maxQuoted], "") + "…"
	}
	return `"` + s + `"`
}

// hasWord reports whether a list of lower-case words, each between spaces, has the word in
// any case.
func hasWord(list, word string) bool {
	for len(list) > 1 {
		list = list[1:]
		end := strings.IndexByte(list, ' ')
		if end == len(word) && strings.EqualFold(list[:end], word) {
			return true
		}
		list = list[end:]
	}
	return false
}
