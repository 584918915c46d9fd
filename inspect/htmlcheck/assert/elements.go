package assert

import (
	"sync"

	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

type rule = func(*checker, *parse.Node)

type endRule = func(*checker, *frame)

// elements returns what the rules know of the HTML elements, by name. It is made when a
// page is checked for the first time.
var elements = sync.OnceValue(func() map[string]*element {
	m := make(known, 80)
	m.nesting()
	m.rules()
	m.sections()
	return m
})

// known are elements by name.
type known map[string]*element

// of returns what is known of an element, which it makes known.
func (m known) of(name string) *element {
	if m[name] == nil {
		m[name] = &element{}
	}
	return m[name]
}

// never adds ancestors that elements may not have.
func (m known) never(ancestors ancestor, names ...string) {
	for _, name := range names {
		m.of(name).never |= ancestors
	}
}

// nesting says which elements exclude which others inside them.
func (m known) nesting() {
	for i, name := range ancestorNames {
		m.of(name).is = 1 << i
	}
	m.of("body").is = inBody
	m.of("figcaption").is = inFigcaption
	m.of("optgroup").is = inOptgroup
	m.never(interactiveOut, "a", "button", "details", "dialog", "embed", "iframe", "input", "label", "select", "textarea")
	m.never(sectionsOut, "article", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "nav", "section")
	m.never(inDt|inTh, "hgroup")
	m.never(inHeader|inFooter, "header", "footer")
	m.never(mainOut, "main")
	m.never(inCaption, "table")
	for _, name := range []string{"address", "dfn", "form", "label", "meter", "noscript", "progress"} {
		m.of(name).never |= m.of(name).is
	}
}

// rules says what else is looked at.
func (m known) rules() {
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
		m.of(name).enter = rules
	}
	for name, rule := range map[string]endRule{
		"aside": ownHeading, "nav": ownHeading, "article": sectionHeading, "section": sectionHeading,
		"figure": closeFigure, "label": closeLabel, "option": closeOption, "select": closeSelect,
		"h1": emptyHeading, "h2": emptyHeading, "h3": emptyHeading, "h4": emptyHeading, "h5": emptyHeading, "h6": emptyHeading,
		"table": closeTable, "tr": closeRow, "tbody": closeGroup, "tfoot": closeGroup, "thead": closeGroup,
		"title": emptyTitle,
	} {
		m.of(name).leave = []endRule{rule}
	}
	for _, name := range []string{"h1", "h2", "h3", "h4", "h5", "h6", "option", "table", "tbody", "tfoot", "thead", "tr", "td", "th", "col", "colgroup"} {
		m.of(name).inTemplate = true
	}
}

// sections says where the standard speaks of the elements that a rule names.
func (m known) sections() {
	for name, section := range map[string]string{"a": "4.5.1", "address": "4.3.10", "article": "4.3.2", "audio": "4.8.9", "button": "4.10.6",
		"details": "4.11.1", "dfn": "4.5.8", "dialog": "4.11.4", "embed": "4.8.6", "footer": "4.3.9", "form": "4.10.3",
		"h1": "4.3.6", "h2": "4.3.6", "h3": "4.3.6", "h4": "4.3.6", "h5": "4.3.6", "h6": "4.3.6", "header": "4.3.8",
		"hgroup": "4.3.7", "iframe": "4.8.5", "img": "4.8.3", "input": "4.10.5", "label": "4.10.4", "main": "4.4.14",
		"meter": "4.10.14", "nav": "4.3.4", "noscript": "4.12.2", "object": "4.8.7", "progress": "4.10.13", "section": "4.3.3",
		"select": "4.10.7", "table": "4.9.1", "textarea": "4.10.11", "video": "4.8.8"} {
		m.of(name).section = section
	}
}
