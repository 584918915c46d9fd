package assert

import (
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// metaState is what the meta elements said so far.
type metaState struct {
	charset, contentType, description *parse.Node
}

const (
	metaSection = "4.2.5"
	// prescanBytes is how far a browser looks for the encoding before it begins (13.2.3.2).
	prescanBytes = 1024
)

// metaCharset reports a charset attribute that says anything but UTF-8, or says it twice.
func metaCharset(c *checker, n *parse.Node) {
	a := n.Attr("charset")
	if a == nil {
		return
	}
	if n.Span.End > prescanBytes && !c.page.Fragment && !c.page.XHTML {
		c.error(n, n.Span, "encoding/meta-charset-late", "4.2.5.4",
			"the `meta` with `charset` must end within the first 1024 bytes: make it the first thing in the `head`")
	}
	if name, _ := encodingName(a.Value); name == utf8 && !strings.EqualFold(a.Value, utf8) {
		c.error(n, attrSpan(a), "encoding/meta-charset", "4.2.5.4",
			"`charset` must be spelled `utf-8`")
	}
	if c.meta.charset != nil {
		c.error(n, n.Span, "co-constraint/charset-twice", "4.2.5", "one `meta` with `charset` is enough: leave this one out")
	}
	if c.meta.contentType != nil {
		c.error(n, n.Span, "co-constraint/charset-and-content-type", "4.2.5",
			"`http-equiv=\"content-type\"` says the encoding already: keep only this `charset`")
	}
	if c.meta.charset == nil {
		c.meta.charset = n
	}
	c.declaredEncoding(n, a, a.Value)
}

// declaredEncoding reports a declaration of any other encoding than UTF-8.
func (c *checker) declaredEncoding(n *parse.Node, a *parse.Attr, label string) {
	name, known := encodingName(label)
	in := c.page.Doc.Input
	actual := in.Encoding
	switch {
	case !known:
		c.error(n, attrSpan(a), "encoding/meta-charset-unknown", "4.2.5.4",
			"`"+shorten(label)+"` is no encoding: write `utf-8`, and save the page in it")
	case name == utf8 && (actual == utf8 || in.Source == parse.FromMeta): // another meta is wrong
	case in.Source == parse.FromBytes:
		c.error(n, attrSpan(a), "encoding/meta-charset-disagrees", "4.2.5.4",
			"the page says that it is in "+name+", but its bytes are UTF-8: write `utf-8`, or browsers show other letters")
	case name != actual:
		c.error(n, attrSpan(a), "encoding/meta-charset-disagrees", "4.2.5.4",
			"the page says that it is in "+name+", but it was read as "+actual+", as the server or the file's first bytes say")
	default:
		c.error(n, attrSpan(a), "encoding/page-not-utf8", "4.2.5.4", "the page is in "+name+": save it in UTF-8, and say so")
	}
}

const utf8 = "utf-8"

// encodingName returns the Encoding Standard's name for a label.
func encodingName(label string) (string, bool) {
	enc, err := htmlindex.Get(strings.Trim(label, spaces))
	if err != nil {
		return "", false
	}
	name, err := htmlindex.Name(enc)
	return name, err == nil
}

// metaHTTPEquiv checks the forms of http-equiv (4.2.5.3).
func metaHTTPEquiv(c *checker, n *parse.Node) {
	a := n.Attr("http-equiv")
	if a == nil {
		return
	}
	content := n.Attr("content")
	switch strings.ToLower(a.Value) {
	case "content-type":
		c.metaContentType(n, a, content)
	case "content-language":
		c.error(n, attrSpan(a), "obsolete/meta-content-language", "4.2.5.3",
			"say the language on the root element instead: `<html lang=\"en\">`")
	case "x-ua-compatible":
		if content == nil || !strings.EqualFold(content.Value, "IE=edge") {
			c.error(n, attrSpan(a), "attr-missing/meta-x-ua-compatible", "4.2.5.3",
				"`content` must be `IE=edge` here. The line can be left out: browsers ignore it")
		}
	}
}

// metaContentType notes a declaration by http-equiv.
func (c *checker) metaContentType(n *parse.Node, a, content *parse.Attr) {
	if c.meta.contentType != nil {
		c.error(n, n.Span, "co-constraint/content-type-twice", "4.2.5", "the encoding was said already: leave this `meta` out")
	}
	if c.meta.charset != nil {
		c.error(n, attrSpan(a), "co-constraint/charset-and-content-type", "4.2.5",
			"`<meta charset>` says the encoding already: leave this `meta` out")
	}
	if c.meta.contentType == nil {
		c.meta.contentType = n
	}
	if content == nil || c.page.XHTML {
		return // the grammar says that XHTML has no such thing
	}
	lower := strings.ToLower(content.Value)
	if _, label, ok := strings.Cut(lower, "charset="); ok {
		label, _, _ = strings.Cut(label, ";")
		if label = strings.Trim(label, spaces+`"'`); label != "" {
			c.declaredEncoding(n, content, label)
		}
	}
}

// metaName checks what only some names may have, or have once.
func metaName(c *checker, n *parse.Node) {
	name, ok := value(n, "name")
	if a := n.Attr("media"); a != nil && !strings.EqualFold(name, "theme-color") {
		c.error(n, a.NameSpan, "attr-missing/meta-media", metaSection, "`media` is only for `name=\"theme-color\"`")
	}
	if !ok {
		return
	}
	switch name {
	case "description":
		if c.meta.description != nil {
			c.error(n, n.Span, "co-constraint/description-twice", "4.2.5.1", "a page has one description: leave this `meta` out")
		}
		c.meta.description = n
	}
}
