package script

import (
	"sort"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// source is the text of an element and where it stands in the document.
type source struct {
	doc   *parse.Document
	text  string
	whole parse.Span
	at    int // in the text of the document, -1 when it does not stand there as it is
}

// newSource returns the text in n. Text of more than one node, which only scripts of XML
// documents have, is that of the first.
func newSource(doc *parse.Document, n *parse.Node) source {
	s := source{doc: doc, whole: n.Span, at: -1}
	t := n.FirstChild
	if t == nil || t.Kind != parse.TextNode {
		return s
	}
	s.text, s.whole = t.Data, t.Span
	all := doc.Input.Text
	at := sort.Search(len(all), func(i int) bool { return doc.Input.Offset(i) >= t.Span.Start })
	if end := at + len(s.text); end <= len(all) && all[at:end] == s.text {
		s.at = at
	}
	return s
}

// span returns the place in the document of a part of the text.
func (s *source) span(start, end int) parse.Span {
	if s.at < 0 {
		return s.whole
	}
	return parse.Span{Start: s.doc.Input.Offset(s.at + start), End: s.doc.Input.Offset(s.at + max(start, end))}
}
