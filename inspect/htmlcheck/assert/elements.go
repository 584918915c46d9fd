package assert

import (
	"sync"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

type rule = func(*checker, *parse.Node)

type endRule = func(*checker, *frame)

// elements returns what the rules know of the HTML elements, by name. It is made when a
// page is checked for the first time.
var elements = sync.OnceValue(func() map[string]element {
	m := make(map[string]element, 80)
	for i, name := range ancestorNames {
		m[name] = element{is: 1 << i}
	}
	m["body"] = element{is: inBody}
	m["figcaption"] = element{is: inFigcaption}
	m["optgroup"] = element{is: inOptgroup}
	never(m, interactiveOut, "a", "button", "details", "dialog", "embed", "iframe", "input", "label", "select", "textarea")
	never(m, sectionsOut, "article", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "nav", "section")
	never(m, inDt|inTh, "hgroup")
	never(m, inHeader|inFooter, "header", "footer")
	never(m, mainOut, "main")
	never(m, inCaption, "table")
	for name, e := range m {
		switch name {
		case "address", "dfn", "form", "label", "meter", "noscript", "progress":
			e.never |= e.is
		}
		m[name] = e
	}
	for name, rules := range map[string][]rule{
		"area":     {areaOutsideMap},
		"base":     {baseFirst},
		"bdo":      {bdoDirection},
		"button":   {labelled, buttonInSelect, commandTarget},
		"col":      {columns},
		"colgroup": {columns},
		"fieldset": {formOwner},
		"figure":   {openFigure},
		"form":     {formCharset},
		"h1":       {heading}, "h2": {heading}, "h3": {heading}, "h4": {heading}, "h5": {heading}, "h6": {heading},
		"html":     {language},
		"img":      {imageAlt, imageMap, imageSizes, imageControls, figureContent},
		"input":    {labelled, inputAttributes, inputValue, formOwner},
		"label":    {openLabel},
		"link":     {linkURL, linkPreload, linkAttributes, linkInBody},
		"main":     {visibleMain},
		"map":      {mapName},
		"meta":     {metaCharset, metaHTTPEquiv, metaName},
		"meter":    {labelled, meterRange},
		"object":   {formOwner, figureContent},
		"optgroup": {optgroupLabel},
		"option":   {openOption},
		"output":   {labelled, formOwner},
		"picture":  {pictureSources},
		"progress": {labelled, progressRange},
		"script":   {scriptLoads, figureContent},
		"select":   {labelled, openSelect, formOwner},
		"style":    {stylePlace},
		"table":    {openTable},
		"a":        {linkWithURL},
		"td":       {cell},
		"textarea": {labelled, formOwner},
		"th":       {cell},
		"tr":       {row},
		"track":    {trackLabel},
		"audio":    {figureContent, defaultTrack}, "canvas": {figureContent}, "embed": {figureContent},
		"iframe": {figureContent}, "video": {figureContent, defaultTrack},
	} {
		e := m[name]
		e.enter = rules
		m[name] = e
	}
	for name, rule := range map[string]endRule{
		"aside": ownHeading, "nav": ownHeading, "article": sectionHeading, "section": sectionHeading,
		"figure": closeFigure, "label": closeLabel, "option": closeOption, "select": closeSelect,
		"h1": emptyHeading, "h2": emptyHeading, "h3": emptyHeading, "h4": emptyHeading, "h5": emptyHeading, "h6": emptyHeading,
		"table": closeTable, "tr": closeRow, "tbody": closeGroup, "tfoot": closeGroup, "thead": closeGroup,
		"title": emptyTitle,
	} {
		e := m[name]
		e.leave = append(e.leave, rule)
		m[name] = e
	}
	for _, name := range []string{"h1", "h2", "h3", "h4", "h5", "h6", "option", "table", "tbody", "tfoot", "thead", "tr", "td", "th", "col", "colgroup"} {
		e := m[name]
		e.inTemplate = true
		m[name] = e
	}
	return m
})

// never adds ancestors that elements may not have.
func never(m map[string]element, ancestors ancestor, names ...string) {
	for _, name := range names {
		e := m[name]
		e.never |= ancestors
		m[name] = e
	}
}
