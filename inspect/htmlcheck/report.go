package htmlcheck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// MaxDiagnostics bounds the findings that a report keeps: more than a person reads of one
// page, and few enough to be kept with each exchange. All are counted.
const MaxDiagnostics = 300

// contextBytes bounds the line of source in a finding: enough to see the place in a page
// without line breaks.
const contextBytes = 160

// grouped returns the findings a report keeps and how many places each stands for, 0 for
// one. Errors of one message in one rule, and warnings and infos of one rule, are one.
func grouped(all []finding.Finding) (kept []finding.Finding, counts []int) {
	type key struct{ code, message string }
	first := map[key]int{}
	for _, f := range all {
		k := key{code: f.Code()}
		if f.Severity == inspect.SeverityError {
			k.message = f.Message
		}
		if i, ok := first[k]; ok {
			counts[i] = max(counts[i], 1) + 1
			continue
		}
		if len(kept) == MaxDiagnostics {
			continue
		}
		first[k] = len(kept)
		kept = append(kept, f)
		counts = append(counts, 0)
	}
	return kept, counts
}

// diagnostics makes records of findings.
func (c *checked) diagnostics(fs []finding.Finding) []inspect.Diagnostic {
	list := make([]inspect.Diagnostic, 0, len(fs))
	in := c.page.Doc.Input
	var elements []*parse.Node // of the page, made when first needed
	for i := range fs {
		f := &fs[i]
		d := inspect.Diagnostic{
			Severity: f.Severity, Code: f.Code(), Message: f.Message, Section: f.Section,
			Start: f.Span.Start, End: f.Span.End,
		}
		d.Line, d.Column = in.BytePosition(f.Span.Start)
		d.EndLine, d.EndColumn = in.BytePosition(max(f.Span.Start, f.Span.End-1))
		text, at := in.Excerpt(f.Span.Start, contextBytes)
		d.Context = []inspect.SourceLine{{Number: d.Line, Text: text}}
		d.MarkStart, d.MarkEnd = at, len(text)
		if d.EndLine == d.Line && f.Span.End > f.Span.Start {
			d.MarkEnd = min(at+d.EndColumn-d.Column+1, len(text))
		}
		if !c.page.Fragment {
			if f.Node == nil && elements == nil {
				elements = elementsOf(c.page.Doc)
			}
			if f.Node == nil {
				f.Node = elementAt(elements, f.Span.Start)
			}
			d.Selector = selector(f.Node)
		}
		list = append(list, d)
	}
	return list
}

// elementsOf returns the elements with a start tag of their own, in the order of the source.
func elementsOf(d *parse.Document) []*parse.Node {
	list := []*parse.Node{}
	last := -1
	for n := d.Root.FirstChild; n != nil; n = n.Following(d.Root, false) {
		if n.Kind == parse.ElementNode && !n.Implied && !n.Clone && n.Span.Start > last {
			list = append(list, n)
			last = n.Span.Start
		}
	}
	return list
}

// elementAt returns the innermost element that an offset of the source is in, as far as
// the tags say; nil for none.
func elementAt(elements []*parse.Node, offset int) *parse.Node {
	i, _ := slices.BinarySearchFunc(elements, offset+1, func(n *parse.Node, off int) int { return n.Span.Start - off })
	if i == 0 {
		return nil
	}
	n := elements[i-1]
	for n != nil && n.Kind == parse.ElementNode && (n.EndTag.End > 0 && n.EndTag.End <= offset) {
		n = n.Parent
	}
	return n
}

// maxSelectorSteps bounds what is walked for one selector, siblings and ancestors, so that
// many findings in a list of a million entries stay quick; one that needs more gets none.
const maxSelectorSteps = 2000

// selector returns a CSS selector that finds the element in the page as the browser reads
// it, "" for none.
func selector(n *parse.Node) string {
	var steps []string
	budget := maxSelectorSteps
	for ; n != nil && n.Kind == parse.ElementNode; n = n.Parent {
		if n.Clone || n.Fostered || !plainName(n.Name) {
			return ""
		}
		if n.Name == "html" || n.Name == "body" || n.Name == "head" {
			steps = append(steps, n.Name)
			break
		}
		steps = append(steps, n.Name+nth(n, &budget))
		if budget <= 0 {
			return ""
		}
	}
	slices.Reverse(steps)
	return strings.Join(steps, ">")
}

// nth returns the pseudo-class that tells an element from its siblings of the same name.
func nth(n *parse.Node, budget *int) string {
	place, alone := 1, true
	for s := n.Prev; s != nil && *budget > 0; s = s.Prev {
		*budget--
		if s.Kind == parse.ElementNode && s.Name == n.Name && s.Space == n.Space {
			place++
		}
	}
	for s := n.Next; s != nil && alone && *budget > 0; s = s.Next {
		*budget--
		alone = s.Kind != parse.ElementNode || s.Name != n.Name || s.Space != n.Space
	}
	*budget--
	if place == 1 && alone {
		return ""
	}
	return ":nth-of-type(" + strconv.Itoa(place) + ")"
}

// plainName reports whether a name needs no escaping in a selector.
func plainName(name string) bool {
	for _, c := range []byte(name) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return name != "" && (name[0] < '0' || name[0] > '9')
}
