package assert

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// trackLabel reports a track whose name is empty (4.8.12).
func trackLabel(c *checker, n *parse.Node) {
	if a := n.Attr("label"); a != nil && a.Value == "" {
		c.error(n, a.NameSpan, "attr-value/track-label", "4.8.12", "`label` must be the name that people choose the track by, or be left out")
	}
}

// defaultTrack reports a second default track (4.8.12).
func defaultTrack(c *checker, n *parse.Node) {
	first := true
	for child := n.FirstChild; child != nil; child = child.Next {
		if !isHTML(child, "track") {
			continue
		}
		if a := child.Attr("default"); a != nil {
			if !first {
				c.error(child, a.NameSpan, "co-constraint/track-default-twice", "4.8.12", "only one track of the `"+n.Name+"` can be the `default`")
			}
			first = false
		}
	}
}

// areaOutsideMap reports an area that belongs to no map (4.8.15).
func areaOutsideMap(c *checker, n *parse.Node) {
	if c.top().inside&inMap == 0 {
		c.error(n, n.Span, "content-model/area-outside-map", "4.8.15", "`area` must be inside a `map`")
	}
}

// mapName notes the name of an image map; its id must be the same (4.8.14).
func mapName(c *checker, n *parse.Node) {
	name := n.Attr("name")
	if name == nil {
		return
	}
	c.nameMap(name.Value)
	if id := n.Attr("id"); id != nil && id.Value != name.Value {
		c.error(n, attrSpan(id), "co-constraint/map-id", "4.8.14", "the `id` of a `map` must be the same as its `name`, `"+shorten(name.Value)+"`")
	}
}

// nameMap notes the name of an image map.
func (c *checker) nameMap(name string) {
	if c.ids.maps == nil {
		c.ids.maps = make(map[string]bool)
	}
	c.ids.maps[name] = true
}

// mapsInTemplate notes image maps and their uses inside templates: maps are found by their
// names, wherever they stand.
func (c *checker) mapsInTemplate(n *parse.Node) {
	switch {
	case isHTML(n, "map"):
		if name := n.Attr("name"); name != nil {
			c.nameMap(name.Value)
		}
	case isHTML(n, "img"), isHTML(n, "object"):
		if a := n.Attr("usemap"); a != nil {
			c.refer(n, a)
		}
	}
}

// bdoDirection reports a bdo that does not say its direction (4.5.25).
func bdoDirection(c *checker, n *parse.Node) {
	a := n.Attr("dir")
	switch {
	case a == nil:
		c.error(n, n.Span, "attr-missing/bdo-dir", "4.5.25", "`bdo` needs `dir`: the direction to use, `ltr` or `rtl`")
	case strings.EqualFold(a.Value, "auto"):
		c.error(n, attrSpan(a), "co-constraint/bdo-dir-auto", "4.5.25", "`bdo` says the direction: `ltr` or `rtl`; to find it from the text, use `bdi`")
	}
}
