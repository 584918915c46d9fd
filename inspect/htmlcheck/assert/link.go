package assert

import (
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const linkSection = "4.2.4"

// linkURL reports a link that links to nothing.
func linkURL(c *checker, n *parse.Node) {
	if n.Attr("href") == nil && n.Attr("imagesrcset") == nil && n.Attr("resource") == nil {
		c.error(n, n.Span, "attr-missing/link-without-href", linkSection, "`link` needs `href`: the URL of what it links to")
	}
	c.loads = true
}

// preloadable and modulePreloadable are what may be loaded early (4.6.8.16, 4.6.8.12).
var (
	preloadable       = []string{"fetch", "font", "image", "script", "style", "track"}
	modulePreloadable = []string{"audioworklet", "json", "paintworklet", "script", "serviceworker", "sharedworker", "style", "worker"}
)

// linkPreload checks what preloading needs to know, and who else may say it (4.2.4.1).
func linkPreload(c *checker, n *parse.Node) {
	rel, _ := value(n, "rel")
	preload := hasToken(rel, "preload")
	as := n.Attr("as")
	switch {
	case as == nil && preload:
		c.error(n, n.Span, "attr-missing/preload-without-as", linkSection, "`rel=\"preload\"` needs `as`: what kind of thing it loads, like `as=\"script\"`")
	case as != nil && preload && !slices.Contains(preloadable, as.Value):
		c.error(n, attrSpan(as), "attr-value/preload-as", linkSection,
			"`as` must be one of "+strings.Join(preloadable, ", ")+" for `rel=\"preload\"`")
	case as != nil && !preload && !hasToken(rel, "modulepreload"):
		c.error(n, as.NameSpan, "attr-missing/as-without-preload", linkSection, "`as` is only for `rel=\"preload\"` and `rel=\"modulepreload\"`")
	case as != nil && !preload && !slices.Contains(modulePreloadable, as.Value):
		c.error(n, attrSpan(as), "attr-value/modulepreload-as", linkSection, "`as` must be a kind of script for `rel=\"modulepreload\"`, or be left out")
	}
	c.sourceSizes(n, "imagesrcset", "imagesizes", false)
	for _, name := range [...]string{"imagesrcset", "imagesizes"} {
		a := n.Attr(name)
		if a == nil {
			continue
		}
		if !preload && n.Attr("rel") != nil {
			c.error(n, a.NameSpan, "attr-missing/imagesrcset-without-preload", linkSection, "`"+name+"` is only for `rel=\"preload\"`")
		}
		if as == nil || !strings.EqualFold(as.Value, "image") {
			c.error(n, a.NameSpan, "attr-missing/imagesrcset-without-as", linkSection, "`"+name+"` is only for `as=\"image\"`")
		}
	}
}

// linkOnly are the attributes that need certain words in rel.
var linkOnly = [...]struct {
	attr  string
	rule  finding.Rule
	words []string
}{
	{"integrity", "attr-missing/link-integrity", []string{"stylesheet", "preload", "modulepreload"}},
	{"sizes", "attr-missing/link-sizes", []string{"icon", "apple-touch-icon", "apple-touch-icon-precomposed"}},
	{"color", "attr-missing/link-color", []string{"mask-icon"}},
	{"disabled", "attr-missing/link-disabled", []string{"stylesheet"}},
	{"blocking", "attr-missing/link-blocking", []string{"stylesheet"}},
}

// linkAttributes checks the attributes that only some links have.
func linkAttributes(c *checker, n *parse.Node) {
	rel, _ := value(n, "rel")
	for i := range linkOnly {
		o := &linkOnly[i]
		if a := n.Attr(o.attr); a != nil && !hasToken(rel, o.words...) {
			c.error(n, a.NameSpan, o.rule, linkSection,
				"`"+o.attr+"` is only for `rel=\""+strings.Join(o.words, "\"` or `rel=\"")+"\"`")
		}
	}
	if hasToken(rel, "stylesheet") && hasToken(rel, "alternate") {
		if title, _ := value(n, "title"); title == "" {
			c.error(n, n.Span, "attr-missing/alternate-stylesheet-title", linkSection,
				"an alternate style sheet needs `title`: the name by which people choose it")
		}
	}
}

// bodyRels are the words of rel with which a link may be in the body (4.6.8).
var bodyRels = []string{"dns-prefetch", "modulepreload", "pingback", "preconnect", "prefetch", "preload", "prerender", "stylesheet"}

// linkInBody reports a link in the body that belongs in the head.
func linkInBody(c *checker, n *parse.Node) {
	if c.top().inside&inBody == 0 || n.Attr("itemprop") != nil || n.Attr("property") != nil {
		return
	}
	if rel, _ := value(n, "rel"); !hasToken(rel, bodyRels...) {
		// The family is that of itemprop, which would make it right.
		c.error(n, n.Span, "microdata/link-in-body", linkSection,
			"this `link` belongs in the `head`; in the `body` are only those with `itemprop` or one of rel="+strings.Join(bodyRels, ", "))
	}
}

// baseFirst reports a base that comes too late (4.2.3).
func baseFirst(c *checker, n *parse.Node) {
	if c.loads && n.Attr("href") != nil {
		c.error(n, n.Span, "content-model/base-late", "4.2.3",
			"`base` must come before the first `link` or `script`: it changes what their URLs mean")
	}
}
