package xhtml

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// startTag reads STag or EmptyElemTag ([40], [44]).
func (r *reader) startTag() {
	start := r.i
	r.i++
	name := r.name()
	if name == "" {
		r.i = start
		r.fatal("parse-tree/xml-less-than", "2.4", "a literal `<` must be written `&lt;`", 1)
		return
	}
	if len(r.open) == 0 && r.rooty {
		r.i = start
		r.fatal("parse-tree/xml-content", "2.1", "the root element has ended; there can be only one", 1+len(name))
		return
	}
	attrs := r.attributes(name)
	if r.dead {
		return
	}
	empty := r.text[r.i] == '/'
	if r.i++; empty {
		r.i++
	}
	r.rooty = true
	node := &parse.Node{Kind: parse.ElementNode, Attrs: attrs, Span: r.span(start, r.i), SelfClosing: empty}
	e := element{node: node, name: name, bindings: r.namespaces.declared()}
	if r.declare(attrs); r.dead {
		return
	}
	rdf := r.resolve(node, name, start)
	if node.Space == parse.Other && len(r.open) == 0 && !r.dead {
		r.wrongRoot(node, name, start)
	}
	if r.dead {
		return
	}
	// The statements of RDF are not ours to check, and no browser shows them. Of another
	// vocabulary the outermost element is enough.
	if !rdf && !(node.Space == parse.Other && r.at.Space == parse.Other) {
		r.at.Append(node)
	}
	r.checkElement(node)
	if empty {
		node.EndTag = r.span(r.i, r.i)
		r.namespaces.drop(e.bindings)
		return
	}
	if len(r.open) >= maxDepth {
		r.i = start
		r.fatal("parse-tree/nesting-too-deep", "3", "elements are nested too deep to go on", 1+len(name))
		return
	}
	r.open = append(r.open, e)
	r.at = node
}

// wrongRoot reports a root element that no browser shows as a page, and ends the reading:
// each element would have to be told.
func (r *reader) wrongRoot(n *parse.Node, name string, start int) {
	r.i = start
	message := "the root element must be `<html xmlns=\"" + htmlSpace + "\">`"
	if a := n.Attr("xmlns"); a != nil {
		message += ", not one of " + quote(a.Value)
	}
	r.fatal("parse-tree/xml-root-namespace", "2.1", message+": browsers show this document as XML", 1+len(name))
}

// attributes reads up to "/>" or ">", which it leaves.
func (r *reader) attributes(element string) []parse.Attr {
	var attrs []parse.Attr
	var seen map[string]bool
	for !r.dead {
		spaced := r.space()
		if r.i >= len(r.text) {
			r.fatal("parse-tree/xml-tag", "3.1", "the document ends in the start tag of "+quote(element), 0)
			return nil
		}
		rest := r.text[r.i:]
		if rest[0] == '>' || strings.HasPrefix(rest, "/>") {
			return attrs
		}
		start := r.i
		name := r.name()
		switch {
		case name == "":
			r.fatal("parse-tree/xml-tag", "3.1", "in the start tag of "+quote(element)+" an attribute, `>` or `/>` must be where "+r.characterAt()+" is", 1)
			return nil
		case !spaced:
			r.i = start
			r.fatal("parse-tree/xml-attribute-space", "3.1", "there must be white space in front of the attribute "+quote(name), len(name))
			return nil
		case has(attrs, &seen, name):
			r.i = start
			r.fatal("parse-tree/xml-duplicate-attribute", "3.1", "the attribute "+quote(name)+" is there already", len(name))
			return nil
		}
		a := parse.Attr{Name: name, NameSpan: r.span(start, r.i)}
		if r.attributeValue(&a); r.dead {
			return nil
		}
		attrs = append(attrs, a)
	}
	return attrs
}

// manyAttributes is where a map finds a name sooner than a look at each.
const manyAttributes = 16

// has reports whether an attribute is there; after many it keeps their names in seen.
func has(attrs []parse.Attr, seen *map[string]bool, name string) bool {
	if len(attrs) >= manyAttributes {
		if *seen == nil {
			*seen = make(map[string]bool, 2*len(attrs))
			for i := range attrs {
				(*seen)[attrs[i].Name] = true
			}
		}
		twice := (*seen)[name]
		(*seen)[name] = true
		return twice
	}
	for i := range attrs {
		if attrs[i].Name == name {
			return true
		}
	}
	return false
}

// attributeValue reads Eq and AttValue ([25], [10]).
func (r *reader) attributeValue(a *parse.Attr) {
	r.space()
	if !strings.HasPrefix(r.text[r.i:], "=") {
		r.fatal("parse-tree/xml-attribute-value", "3.1", "the attribute "+quote(a.Name)+" needs a value: "+quote(a.Name+`="`+a.Name+`"`), 1)
		return
	}
	r.i++
	r.space()
	if r.i >= len(r.text) || r.text[r.i] != '"' && r.text[r.i] != '\'' {
		r.fatal("parse-tree/xml-attribute-quotes", "3.1", "the value of "+quote(a.Name)+" must be in quotes", 1)
		return
	}
	closing := r.text[r.i]
	r.i++
	start := r.i
	var w words // the element's text is gathered in r.words
	w.begin(start)
	for !r.dead {
		n := strings.IndexAny(r.text[r.i:], "<&\"'\t\n\r")
		if n < 0 {
			r.i = start - 1
			r.fatalAtEnd("parse-tree/eof-xml-attribute-quotes", "3.1", "the value of "+quote(a.Name)+" has no closing quote")
			return
		}
		w.add(r.text[r.i : r.i+n])
		r.i += n
		switch c := r.text[r.i]; c {
		case closing:
			a.Value, a.ValueSpan = w.string(r.text, r.i), r.span(start, r.i)
			r.i++
			return
		case '<':
			r.fatal("parse-tree/xml-less-than", "3.1", "`<` must be written `&lt;` in the value of "+quote(a.Name)+"; or is its closing quote missing?", 1)
		case '&':
			w.copyUp(r.text, r.i)
			s, _ := r.reference()
			w.add(s)
		case '"', '\'':
			w.add(r.text[r.i : r.i+1])
			r.i++
		default: // 3.3.3 attribute-value normalization
			w.copyUp(r.text, r.i)
			w.add(" ")
			r.i++
		}
	}
}

// endTag reads ETag ([42]).
func (r *reader) endTag() {
	start := r.i
	r.i += 2
	name := r.name()
	end := r.i
	r.space()
	if n := len(r.open); n == 0 || r.open[n-1].name != name {
		r.i = start
		r.wrongEnd(name, end-start)
		return
	}
	if !strings.HasPrefix(r.text[r.i:], ">") {
		r.fatal("parse-tree/xml-tag", "3.1", "the end tag of "+quote(name)+" must end with `>`", 1)
		return
	}
	r.i++
	e := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	e.node.EndTag = r.span(start, r.i)
	r.namespaces.drop(e.bindings)
	r.at = r.doc.Root
	if n := len(r.open); n > 0 {
		r.at = r.open[n-1].node
	}
}

// wrongEnd reports an end tag that does not end the innermost open element.
func (r *reader) wrongEnd(name string, n int) {
	if len(r.open) == 0 {
		r.fatal("parse-tree/xml-end-tag", "2.1", "the end tag "+quote("</"+name+">")+" has no element to end: the root element has ended", n)
		return
	}
	e := r.open[len(r.open)-1]
	line, _ := r.doc.Position(e.node.Span.Start)
	message := quote("</"+name+">") + " cannot be here: " + quote(e.name) + " from line " + itoa(line) + " is open, and must end first with " + quote("</"+e.name+">")
	if voids[e.node.Tag] && e.node.Space == parse.HTML {
		message += "; write " + quote("<"+e.name+"/>") + " for an element without content"
	}
	r.fatal("parse-tree/xml-end-tag", "3", message, n)
}

// voids are the elements without content (HTML 13.1.2).
var voids = map[parse.Tag]bool{
	parse.TagArea: true, parse.TagBase: true, parse.TagBr: true, parse.TagCol: true, parse.TagEmbed: true, parse.TagHr: true,
	parse.TagImg: true, parse.TagInput: true, parse.TagLink: true, parse.TagMeta: true, parse.TagSource: true,
	parse.TagTrack: true, parse.TagWbr: true, parse.TagParam: true,
}

// checkElement reports what is between XML and HTML (HTML 3.2.6.2, 3.2.6.6).
func (r *reader) checkElement(n *parse.Node) {
	for i := range n.Attrs {
		name := n.Attrs[i].Name
		if strings.HasPrefix(name, "data-") && strings.IndexFunc(name, func(c rune) bool { return c >= 'A' && c <= 'Z' }) >= 0 {
			r.reportAt(finding.Finding{Rule: "co-constraint/data-upper-case", Section: "3.2.6.6", Node: n,
				Message: "the name " + quote(name) + " must be in lower case: scripts find it by no other"}, n.Attrs[i].NameSpan)
		}
	}
	if n.Space != parse.HTML {
		return
	}
	plain, prefixed := n.Attr("lang"), n.Attr("xml:lang")
	if prefixed != nil {
		r.language(n, prefixed)
	}
	if plain != nil && prefixed != nil && !strings.EqualFold(plain.Value, prefixed.Value) {
		f := finding.Finding{Rule: "co-constraint/lang-and-xml-lang", Section: "3.2.6.2", Node: n,
			Message: "`lang` and `xml:lang` must say the same: one is " + quote(plain.Value) + ", the other " + quote(prefixed.Value)}
		r.reportAt(f, prefixed.ValueSpan)
	}
}

// language checks the value of xml:lang; that of lang is the grammar's to check.
func (r *reader) language(n *parse.Node, a *parse.Attr) {
	p := datatype.Check("language-or-empty", a.Value)
	if p == nil {
		return
	}
	f := finding.Finding{Rule: "lang/xml-lang", Section: "3.2.6.2", Node: n, Message: "the value of `xml:lang` " + p.Message}
	if p.Warning {
		f.Severity = inspect.SeverityWarning
	}
	r.reportAt(f, a.ValueSpan)
}
