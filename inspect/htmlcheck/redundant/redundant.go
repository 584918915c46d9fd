// Package redundant tells what a page says for nothing (family redundant), and characters
// that its text should not have (family text). It only has warnings and infos.
//
// The one call to make is [Check]. The package changes nothing and never looks behind the
// page. Everything is safe for concurrent use.
package redundant

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Check reads the page in one walk.
func Check(p *finding.Page, emit finding.Sink) {
	t := texts{page: p, emit: emit}
	root := p.Doc.Root
	for n := root.FirstChild; n != nil; n = n.Following(root, n.Is(parse.TagTemplate)) {
		switch n.Kind {
		case parse.ElementNode:
			if n.Space == parse.HTML {
				element(p, n, emit)
			}
			t.attributes(n)
		case parse.TextNode:
			t.text(n)
		}
	}
	t.closeBlock()
}

func element(p *finding.Page, n *parse.Node, emit finding.Sink) {
	say := func(sev inspect.Severity, rule finding.Rule, section string, at parse.Span, message string) {
		emit(finding.Finding{
			Rule: rule, Severity: sev, Span: at,
			Message: message, Section: section, Node: n,
		})
	}
	if n.SelfClosing && !p.XHTML && isVoid(n.Name) {
		say(inspect.SeverityInfo, "redundant/trailing-slash", "13.1.2.1", parse.Span{Start: n.Span.End - len("/>"), End: n.Span.End},
			fmt.Sprintf("<%s> never has an end tag: the slash does nothing, and after a value without quotes it belongs to the value. Leave it out", n.Name))
	}
	if n.Tag != parse.TagLink {
		return // package script judges the types of scripts and styles
	}
	rel, typ := n.Attr("rel"), n.Attr("type")
	if rel != nil && typ != nil && is(rel.Value, "stylesheet") && is(typ.Value, "text/css") {
		say(inspect.SeverityInfo, "redundant/link-type", "4.2.4", typ.NameSpan,
			"a style sheet is text/css without a type: leave the attribute out")
	}
}

func is(value, want string) bool { return strings.EqualFold(strings.TrimSpace(value), want) }

func isVoid(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
		"basefont", "bgsound", "frame", "keygen", "param":
		return true
	}
	return false
}
