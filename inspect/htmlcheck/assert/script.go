package assert

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const scriptSection = "4.12.1"

// scriptKind says how a browser takes a script element.
type scriptKind uint8

const (
	classicScript scriptKind = iota
	moduleScript
	importMap
	speculationRules
	dataBlock
)

// kindOf is the type of a script by section 4.12.1.1.
func kindOf(n *parse.Node) scriptKind {
	t, _ := value(n, "type")
	switch t = strings.ToLower(t); t {
	case "module":
		return moduleScript
	case "importmap":
		return importMap
	case "speculationrules":
		return speculationRules
	}
	if t == "" || slices.Contains(javaScriptTypes, t) {
		return classicScript
	}
	return dataBlock
}

// javaScriptTypes are the JavaScript MIME types (MIME Sniffing 4.6).
var javaScriptTypes = []string{"application/ecmascript", "application/javascript", "application/x-ecmascript",
	"application/x-javascript", "text/ecmascript", "text/javascript", "text/javascript1.0", "text/javascript1.1",
	"text/javascript1.2", "text/javascript1.3", "text/javascript1.4", "text/javascript1.5", "text/jscript",
	"text/livescript", "text/x-ecmascript", "text/x-javascript"}

// notOn are the attributes that a script of a kind may not have, with and without src.
var notOn = [...]struct {
	what           string
	always, inline []string
}{
	classicScript:    {"a script in the page itself", nil, []string{"async", "defer", "integrity", "blocking", "fetchpriority"}},
	moduleScript:     {"a module", []string{"defer", "nomodule"}, []string{"integrity", "blocking", "fetchpriority"}},
	importMap:        {"an import map", loading, nil},
	speculationRules: {"a set of speculation rules", loading, nil},
	dataBlock:        {"a block of data, which this type makes it,", loading, nil},
}

// loading are the attributes that say how a script is fetched and run.
var loading = []string{"async", "defer", "nomodule", "integrity", "crossorigin", "referrerpolicy", "blocking", "fetchpriority", "src"}

// scriptAttributes reports attributes without effect on this kind of script (4.12.1).
func scriptAttributes(c *checker, n *parse.Node) {
	c.loads = true
	rules := &notOn[kindOf(n)]
	src := n.Attr("src")
	for i := range n.Attrs {
		a := &n.Attrs[i]
		if slices.Contains(rules.always, a.Name) || src == nil && slices.Contains(rules.inline, a.Name) {
			message := rules.what + " must not have `" + a.Name + "`: it has no effect there"
			if a.Name == "defer" && kindOf(n) == moduleScript {
				message = "a module waits for the page by itself: leave out `defer`"
			}
			c.error(n, a.NameSpan, finding.CoConstraint, "script-"+a.Name, scriptSection, message)
		}
	}
	if a := n.Attr("charset"); a != nil {
		switch {
		case src == nil:
			c.error(n, a.NameSpan, finding.CoConstraint, "script-charset", scriptSection, "a script in the page has the encoding of the page: leave out `charset`")
		case !strings.EqualFold(a.Value, "utf-8"):
			c.error(n, attrSpan(a), finding.CoConstraint, "script-charset", scriptSection, "scripts must be in UTF-8: save it so and leave out `charset`")
		}
	}
	if t := n.Attr("type"); t != nil && hasValue(n, "language", "javascript") && !strings.EqualFold(t.Value, "text/javascript") {
		c.error(n, attrSpan(t), finding.CoConstraint, "script-language", "16.2", "`language` and `type` say different things: leave out both for JavaScript")
	}
}

// stylePlace reports a style element in the body that is not the first of its parent (4.2.6).
func stylePlace(c *checker, n *parse.Node) {
	if c.top().inside&inBody == 0 {
		return
	}
	for prev := n.Prev; prev != nil; prev = prev.Prev {
		if prev.Kind == parse.ElementNode || prev.Kind == parse.TextNode && !blank(prev.Data) {
			c.error(n, n.Span, finding.ContentModel, "style-in-body", "4.2.6",
				"`style` belongs in the `head`; in the `body` only as the first child of its parent")
			return
		}
	}
}

// styleType reports a type of style sheet that is not CSS (4.2.6).
func styleType(c *checker, n *parse.Node) {
	if a := n.Attr("type"); a != nil && !strings.EqualFold(a.Value, "text/css") {
		c.error(n, attrSpan(a), finding.CoConstraint, "style-type", "4.2.6", "`type` must be `text/css`: leave it out, it is so anyway")
	}
}
