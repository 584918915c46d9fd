package assert

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

const altSection = "4.8.4.4"

// figure is an open figure element: its caption may stand for the alt of its only image.
type figure struct {
	images  []*parse.Node // without alt or title, in this figure and in no inner one
	more    bool          // it holds something else than one image and its caption
	embeds  int           // images and other embedded content
	caption bool          // the caption has text
}

func openFigure(c *checker, _ *parse.Node) { c.figures = append(c.figures, figure{}) }

// closeFigure reports the images of a figure whose caption does not speak for them.
func closeFigure(c *checker, _ *frame) {
	last := len(c.figures) - 1
	f := c.figures[last]
	c.figures = c.figures[:last]
	if f.more || f.embeds > 1 || !f.caption {
		for _, n := range f.images {
			c.noAlt(n)
		}
	}
}

// figureContent notes embedded content in a figure.
func figureContent(c *checker, _ *parse.Node) {
	if last := len(c.figures) - 1; last >= 0 {
		c.figures[last].embeds++
	}
}

// figureText notes text in a figure.
func (c *checker) figureText() {
	last := len(c.figures) - 1
	if last < 0 {
		return
	}
	if c.top().inside&inFigcaption != 0 {
		c.figures[last].caption = true
	} else {
		c.figures[last].more = true
	}
}

// imageAlt reports an image without a text alternative (4.8.4.4).
func imageAlt(c *checker, n *parse.Node) {
	alt, ok := value(n, "alt")
	if ok {
		if alt != "" {
			c.top().seen |= hasImageAlt
		}
		return
	}
	if hasAria(n) {
		return // the rules of roles say more
	}
	if title, _ := value(n, "title"); title != "" {
		return
	}
	if last := len(c.figures) - 1; last >= 0 {
		c.figures[last].images = append(c.figures[last].images, n)
		return
	}
	c.noAlt(n)
}

// hasAria reports whether n has a role, or an attribute for assistive technology beside
// aria-hidden.
func hasAria(n *parse.Node) bool {
	for i := range n.Attrs {
		name := n.Attrs[i].Name
		if name == "role" || strings.HasPrefix(name, "aria-") && name != "aria-hidden" {
			return true
		}
	}
	return false
}

func (c *checker) noAlt(n *parse.Node) {
	c.error(n, n.Span, "attr-missing/img-alt", altSection,
		"`img` needs `alt`: the text that stands for the image, or `alt=\"\"` when it only decorates")
}

// imageMap compares the map attributes of an image with what is around it (4.8.3).
func imageMap(c *checker, n *parse.Node) {
	if a := n.Attr("ismap"); a != nil && c.top().inside&inLinkWithURL == 0 {
		c.error(n, a.NameSpan, "co-constraint/ismap-outside-link", "4.8.3",
			"`ismap` sends the place of a click with a link: the image must be inside an `a` with `href`")
	}
}

// imageControls reports controls on an image without a text alternative (4.8.3).
func imageControls(c *checker, n *parse.Node) {
	if a := n.Attr("controls"); a != nil {
		if alt, _ := value(n, "alt"); alt == "" {
			c.error(n, a.NameSpan, "co-constraint/img-controls-without-alt", "4.8.3",
				"an image with `controls` is content: say in `alt` what it shows")
		}
	}
}

// imageSizes compares srcset, sizes and loading (4.8.4.2).
func imageSizes(c *checker, n *parse.Node) {
	c.sourceSizes(n, "srcset", "sizes", hasValue(n, "loading", "lazy"))
	if sizes := n.Attr("sizes"); sizes != nil && autoSizes(sizes.Value) && !hasValue(n, "loading", "lazy") {
		c.error(n, attrSpan(sizes), "co-constraint/sizes-auto-not-lazy", "4.8.4.2.1",
			"`sizes=\"auto\"` works only with `loading=\"lazy\"`: add it, or say the sizes")
	}
}

// sourceSizes reports a srcset with widths that lacks sizes, and sizes without a srcset.
func (c *checker) sourceSizes(n *parse.Node, srcset, sizes string, lazy bool) {
	set, size := n.Attr(srcset), n.Attr(sizes)
	switch {
	case size != nil && set == nil:
		c.error(n, size.NameSpan, "co-constraint/sizes-without-srcset", "4.8.4.2.1",
			"`"+sizes+"` chooses among the images of `"+srcset+"`: add that, or leave it out")
	case size == nil && set != nil && !lazy && hasWidths(set.Value) && datatype.Check("srcset", set.Value) == nil:
		c.error(n, attrSpan(set), "attr-missing/srcset-without-sizes", "4.8.4.2.1",
			"`"+srcset+"` gives the images by width, so `"+sizes+"` must say how wide they are shown, like `"+sizes+"=\"100vw\"`")
	}
}

// autoSizes reports whether a value of sizes begins with the keyword auto.
func autoSizes(v string) bool {
	v, _, _ = strings.Cut(v, ",")
	return strings.EqualFold(strings.Trim(v, spaces), "auto")
}

// hasWidths reports whether a srcset has a candidate with a width (4.8.4.2.1).
func hasWidths(srcset string) bool {
	for token := range strings.FieldsFuncSeq(srcset, isSpace) {
		token = strings.TrimRight(token, ",")
		digits := strings.TrimSuffix(token, "w")
		if len(digits) < len(token) && digits != "" && strings.Trim(digits, "0123456789") == "" {
			return true
		}
	}
	return false
}

// pictureSources reports a source that leaves nothing to those after it (4.8.2).
func pictureSources(c *checker, n *parse.Node) {
	var img *parse.Node
	sources, later := false, false // a source, or that or an img, with srcset follows
	for child := n.LastChild; child != nil; child = child.Prev {
		switch {
		case isHTML(child, "img"):
			img = child
			later = later || child.Attr("srcset") != nil
		case isHTML(child, "source"):
			c.source(child, img, later, sources)
			if child.Attr("srcset") != nil {
				sources, later = true, true
			}
		}
	}
}

// source checks a source of a picture. Only the last one can leave its sizes to an image
// that is loaded lazily.
func (c *checker) source(n, img *parse.Node, later, notLast bool) {
	lazy := img != nil && hasValue(img, "loading", "lazy")
	c.sourceSizes(n, "srcset", "sizes", !notLast && (lazy || img == nil))
	if sizes := n.Attr("sizes"); sizes != nil && autoSizes(sizes.Value) && (notLast || img != nil && !lazy) {
		c.error(n, attrSpan(sizes), "attr-missing/sizes-auto-img-not-lazy", "4.8.4.2.1",
			"`sizes=\"auto\"` works only when the `img` of the `picture` has `loading=\"lazy\"`")
	}
	if !later {
		return
	}
	media := n.Attr("media")
	switch {
	case media == nil && n.Attr("type") != nil:
	case media == nil:
		c.error(n, n.Span, "attr-missing/source-without-media", "4.8.2", "the browser always takes it and never looks at those after it: add `media` or `type`, or make it the last")
	case blank(media.Value) || strings.EqualFold(strings.Trim(media.Value, spaces), "all"):
		c.error(n, attrSpan(media), "attr-value/source-always-matches", "4.8.2", "`media` must exclude something, or be left out: the browser has other sources to choose from")
	}
}
