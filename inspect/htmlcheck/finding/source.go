package finding

import (
	"sort"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Source is the text of an element or an attribute and where it stands in the document.
type Source struct {
	Data string
	doc  *parse.Document
	all  parse.Span // of the document's bytes
}

// ElementText returns the text that is the first child of n; where there is none, an empty
// one at n's start tag.
func ElementText(doc *parse.Document, n *parse.Node) Source {
	if t := n.FirstChild; t != nil && t.Kind == parse.TextNode {
		return Source{Data: t.Data, doc: doc, all: t.Span}
	}
	return Source{doc: doc, all: n.Span}
}

// AttrText returns the value of an attribute.
func AttrText(doc *parse.Document, a *parse.Attr) Source {
	if a.ValueSpan.Len() == 0 {
		return Source{Data: a.Value, doc: doc, all: a.NameSpan}
	}
	return Source{Data: a.Value, doc: doc, all: a.ValueSpan}
}

// Span returns where the bytes from start to end of Data stand in the document, with the
// whole of the characters that they begin and end in. Where Data does not stand there as it
// is, because of character references or pieces that were put together, it is the place of
// all of it.
func (t *Source) Span(start, end int) parse.Span {
	if t.Data == "" {
		return t.all
	}
	in := t.doc.Input
	at := sort.Search(len(in.Text), func(i int) bool { return in.Offset(i) >= t.all.Start })
	if n := at + len(t.Data); n > len(in.Text) || in.Text[at:n] != t.Data {
		return t.all
	}
	start = max(0, min(start, len(t.Data)))
	end = max(start, min(end, len(t.Data)))
	for start > 0 && start < len(t.Data) && !utf8.RuneStart(t.Data[start]) {
		start--
	}
	for end < len(t.Data) && !utf8.RuneStart(t.Data[end]) {
		end++
	}
	return parse.Span{Start: in.Offset(at + start), End: in.Offset(at + end)}
}
