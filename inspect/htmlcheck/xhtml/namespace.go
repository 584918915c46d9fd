package xhtml

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// The namespaces that browsers know (Infra 8).
const (
	htmlSpace  = "http://www.w3.org/1999/xhtml"
	svgSpace   = "http://www.w3.org/2000/svg"
	mathSpace  = "http://www.w3.org/1998/Math/MathML"
	xlinkSpace = "http://www.w3.org/1999/xlink"
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
	rdfSpace   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// namespaces are the prefixes that are declared where the reader is.
type namespaces struct {
	bound map[string][]string // of each prefix, the innermost last
	order []string            // prefixes in the order of their declarations
}

func (n *namespaces) init() {
	n.bound = map[string][]string{"xml": {xmlSpace}, "xmlns": {xmlnsSpace}}
}

func (n *namespaces) declared() int { return len(n.order) }

func (n *namespaces) add(prefix, uri string) {
	n.bound[prefix] = append(n.bound[prefix], uri)
	n.order = append(n.order, prefix)
}

// drop takes back the declarations behind the first count ones.
func (n *namespaces) drop(count int) {
	for _, prefix := range n.order[count:] {
		list := n.bound[prefix]
		if list = list[:len(list)-1]; len(list) == 0 {
			delete(n.bound, prefix)
			continue
		}
		n.bound[prefix] = list
	}
	n.order = n.order[:count]
}

// of returns what a prefix stands for; the empty one stands for nothing when it is not declared.
func (n *namespaces) of(prefix string) (uri string, ok bool) {
	list := n.bound[prefix]
	if len(list) == 0 {
		return "", prefix == ""
	}
	return list[len(list)-1], true
}

// declare reads the namespace declarations of a start tag (Namespaces in XML 3).
func (r *reader) declare(attrs []parse.Attr) {
	for i := range attrs {
		a := &attrs[i]
		prefix, ok := strings.CutPrefix(a.Name, "xmlns:")
		if !ok && a.Name != "xmlns" {
			continue
		}
		a.Space = parse.XMLNS
		if !ok {
			prefix = ""
		}
		problem := ""
		switch {
		case ok && prefix == "", prefix == "xmlns":
			problem = quote(a.Name) + " declares no prefix that can be used"
		case (prefix == "xml") != (a.Value == xmlSpace):
			problem = "`xml` is the prefix of " + quote(xmlSpace) + ", and of nothing else"
		case prefix != "" && a.Value == "":
			problem = "the prefix " + quote(prefix) + " needs the URL of a namespace"
		}
		if problem != "" {
			r.reportAttr(a, "parse-tree/xml-namespace", problem)
			continue
		}
		r.namespaces.add(prefix, a.Value)
	}
}

// reportAttr reports a fault of namespaces in an attribute. It is fatal, as in browsers.
func (r *reader) reportAttr(a *parse.Attr, rule finding.Rule, message string) {
	if r.dead {
		return
	}
	r.dead = true
	r.reportAt(finding.Finding{Rule: rule, Section: "Namespaces in XML", Message: message}, a.NameSpan)
}

// resolve gives an element and its attributes their namespaces and local names. It reports
// whether the element is the root of RDF.
func (r *reader) resolve(n *parse.Node, name string, start int) (rdf bool) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		prefix, local = "", name
	}
	uri, known := r.namespaces.of(prefix)
	if !known || ok && (local == "" || strings.Contains(local, ":")) {
		r.dead = true
		r.report(finding.Finding{Rule: "parse-tree/xml-namespace", Section: "Namespaces in XML",
			Message: "the prefix " + quote(prefix) + " is not declared: " + quote("xmlns:"+prefix+`="…"`) + " must be on this element or around it"},
			start+1, start+1+len(name))
		return false
	}
	n.Name = local
	switch uri {
	case htmlSpace:
		n.Tag = parse.TagOf(local)
	case svgSpace:
		n.Space = parse.SVG
	case mathSpace:
		n.Space = parse.MathML
	default:
		n.Name, n.Space = name, parse.Other
	}
	r.resolveAttributes(n.Attrs)
	return uri == rdfSpace
}

// resolveAttributes names attributes of XLink and XML as the HTML parser does.
func (r *reader) resolveAttributes(attrs []parse.Attr) {
	prefixed := false
	for i := range attrs {
		a := &attrs[i]
		prefix, local, ok := strings.Cut(a.Name, ":")
		if !ok || a.Space == parse.XMLNS {
			continue
		}
		prefixed = true
		uri, known := r.namespaces.of(prefix)
		if !known || local == "" || strings.Contains(local, ":") {
			r.reportAttr(a, "parse-tree/xml-namespace", "the prefix "+quote(prefix)+" is not declared: "+quote("xmlns:"+prefix+`="…"`)+" must be on this element or around it")
		}
		switch uri {
		case xlinkSpace:
			a.Space, a.Name = parse.XLink, "xlink:"+local
		case xmlSpace:
			a.Space = parse.XML
		default:
			a.Space = parse.Other
		}
	}
	if prefixed {
		r.sameAttributes(attrs)
	}
}

// sameAttributes reports attributes that two prefixes of one namespace name (Namespaces in
// XML 6.3). Attributes of XLink have one name by now.
func (r *reader) sameAttributes(attrs []parse.Attr) {
	var seen map[string]bool
	for i := range attrs {
		if attrs[i].Space == parse.XLink {
			if seen[attrs[i].Name] {
				r.reportAttr(&attrs[i], "parse-tree/xml-duplicate-attribute", "the attribute "+quote(attrs[i].Name)+" is there already, by another prefix")
			}
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[attrs[i].Name] = true
		}
	}
}
