package parse

// Tag is the number of an element name that the parser has a rule for; 0 is any other. In
// SVG and MathML elements it is 0.
type Tag uint8

// class is what the tree construction asks of an element.
type class uint16

const (
	special      class = 1 << iota // 13.2.4.2, "special"
	void                           // 13.1.2, void elements
	formatting                     // 13.2.4.2, "formatting"
	scopeDefault                   // ends a search in the default scope
	scopeList                      // the same, in list item scope
	scopeButton                    // in button scope
	scopeTable                     // in table scope
	implied                        // generate implied end tags
	impliedAll                     // generate all implied end tags thoroughly
	heading                        // h1 to h6
	tableContext                   // table, tbody, tfoot, thead, tr: where text is foster-parented
	optionalEnd                    // the end tag may be left out (13.1.2.4), so it is never "unclosed"
	htmlPoint                      // HTML integration point (13.2.6)
	mathText                       // MathML text integration point (13.2.6)

	scopeAll = scopeDefault | scopeList | scopeButton
)

// tagInfo is one row of the table of names.
type tagInfo struct {
	name  string
	class class
}

// tagOf returns the number of a lower-case name.
func tagOf(name string) Tag {
	if len(name) < 1 || len(name) > longestTag {
		return 0
	}
	return tagNumbers[name]
}

const longestTag = len("selectedcontent")

// The tags, in the order of tagTable.
const (
	_ Tag = iota
	TagA
	TagAddress
	TagApplet
	TagArea
	TagArticle
	TagAside
	TagB
	TagBase
	TagBasefont
	TagBgsound
	TagBig
	TagBlockquote
	TagBody
	TagBr
	TagButton
	TagCaption
	TagCenter
	TagCode
	TagCol
	TagColgroup
	TagDd
	TagDetails
	TagDialog
	TagDir
	TagDiv
	TagDl
	TagDt
	TagEm
	TagEmbed
	TagFieldset
	TagFigcaption
	TagFigure
	TagFont
	TagFooter
	TagForm
	TagFrame
	TagFrameset
	TagH1
	TagH2
	TagH3
	TagH4
	TagH5
	TagH6
	TagHead
	TagHeader
	TagHgroup
	TagHr
	TagHTML
	TagI
	TagIframe
	TagImage
	TagImg
	TagInput
	TagKeygen
	TagLabel
	TagLi
	TagLink
	TagListing
	TagMain
	TagMarquee
	TagMath
	TagMenu
	TagMeta
	TagNav
	TagNobr
	TagNoembed
	TagNoframes
	TagNoscript
	TagObject
	TagOl
	TagOptgroup
	TagOption
	TagP
	TagParam
	TagPlaintext
	TagPre
	TagRb
	TagRp
	TagRt
	TagRtc
	TagRuby
	TagS
	TagScript
	TagSearch
	TagSection
	TagSelect
	TagSelectedcontent
	TagSmall
	TagSource
	TagSpan
	TagStrike
	TagStrong
	TagStyle
	TagSummary
	TagSVG
	TagTable
	TagTbody
	TagTd
	TagTemplate
	TagTextarea
	TagTfoot
	TagTh
	TagThead
	TagTitle
	TagTr
	TagTrack
	TagTt
	TagU
	TagUl
	TagWbr
	TagXmp
	numTags
)

// tagTable says what the standard says of each name: the categories of section 13.2.4.2,
// the scopes of 13.2.4.2, the implied end tags of 13.2.6.3.
var tagTable = [numTags]tagInfo{
	TagA:               {"a", formatting},
	TagAddress:         {"address", special},
	TagApplet:          {"applet", special | scopeAll},
	TagArea:            {"area", special | void},
	TagArticle:         {"article", special},
	TagAside:           {"aside", special},
	TagB:               {"b", formatting},
	TagBase:            {"base", special | void},
	TagBasefont:        {"basefont", special | void},
	TagBgsound:         {"bgsound", special | void},
	TagBig:             {"big", formatting},
	TagBlockquote:      {"blockquote", special},
	TagBody:            {"body", special | optionalEnd},
	TagBr:              {"br", special | void},
	TagButton:          {"button", special | scopeButton},
	TagCaption:         {"caption", special | scopeAll | impliedAll | optionalEnd},
	TagCenter:          {"center", special},
	TagCode:            {"code", formatting},
	TagCol:             {"col", special | void},
	TagColgroup:        {"colgroup", special | impliedAll | optionalEnd},
	TagDd:              {"dd", special | implied | impliedAll | optionalEnd},
	TagDetails:         {"details", special},
	TagDialog:          {"dialog", 0},
	TagDir:             {"dir", special},
	TagDiv:             {"div", special},
	TagDl:              {"dl", special},
	TagDt:              {"dt", special | implied | impliedAll | optionalEnd},
	TagEm:              {"em", formatting},
	TagEmbed:           {"embed", special | void},
	TagFieldset:        {"fieldset", special},
	TagFigcaption:      {"figcaption", special},
	TagFigure:          {"figure", special},
	TagFont:            {"font", formatting},
	TagFooter:          {"footer", special},
	TagForm:            {"form", special},
	TagFrame:           {"frame", special | void},
	TagFrameset:        {"frameset", special},
	TagH1:              {"h1", special | heading},
	TagH2:              {"h2", special | heading},
	TagH3:              {"h3", special | heading},
	TagH4:              {"h4", special | heading},
	TagH5:              {"h5", special | heading},
	TagH6:              {"h6", special | heading},
	TagHead:            {"head", special | optionalEnd},
	TagHeader:          {"header", special},
	TagHgroup:          {"hgroup", special},
	TagHr:              {"hr", special | void},
	TagHTML:            {"html", special | scopeAll | scopeTable | optionalEnd},
	TagI:               {"i", formatting},
	TagIframe:          {"iframe", special},
	TagImage:           {"image", 0},
	TagImg:             {"img", special | void},
	TagInput:           {"input", special | void},
	TagKeygen:          {"keygen", special | void},
	TagLabel:           {"label", 0},
	TagLi:              {"li", special | implied | impliedAll | optionalEnd},
	TagLink:            {"link", special | void},
	TagListing:         {"listing", special},
	TagMain:            {"main", special},
	TagMarquee:         {"marquee", special | scopeAll},
	TagMath:            {"math", 0},
	TagMenu:            {"menu", special},
	TagMeta:            {"meta", special | void},
	TagNav:             {"nav", special},
	TagNobr:            {"nobr", formatting},
	TagNoembed:         {"noembed", special},
	TagNoframes:        {"noframes", special},
	TagNoscript:        {"noscript", special},
	TagObject:          {"object", special | scopeAll},
	TagOl:              {"ol", special | scopeList},
	TagOptgroup:        {"optgroup", implied | impliedAll | optionalEnd},
	TagOption:          {"option", implied | impliedAll | optionalEnd},
	TagP:               {"p", special | implied | impliedAll | optionalEnd},
	TagParam:           {"param", special | void},
	TagPlaintext:       {"plaintext", special},
	TagPre:             {"pre", special},
	TagRb:              {"rb", implied | impliedAll | optionalEnd},
	TagRp:              {"rp", implied | impliedAll | optionalEnd},
	TagRt:              {"rt", implied | impliedAll | optionalEnd},
	TagRtc:             {"rtc", implied | impliedAll | optionalEnd},
	TagRuby:            {"ruby", 0},
	TagS:               {"s", formatting},
	TagScript:          {"script", special},
	TagSearch:          {"search", special},
	TagSection:         {"section", special},
	TagSelect:          {"select", special | scopeAll},
	TagSelectedcontent: {"selectedcontent", 0},
	TagSmall:           {"small", formatting},
	TagSource:          {"source", special | void},
	TagSpan:            {"span", 0},
	TagStrike:          {"strike", formatting},
	TagStrong:          {"strong", formatting},
	TagStyle:           {"style", special},
	TagSummary:         {"summary", special},
	TagSVG:             {"svg", 0},
	TagTable:           {"table", special | scopeAll | scopeTable | tableContext},
	TagTbody:           {"tbody", special | impliedAll | tableContext | optionalEnd},
	TagTd:              {"td", special | scopeAll | impliedAll | optionalEnd},
	TagTemplate:        {"template", special | scopeAll | scopeTable},
	TagTextarea:        {"textarea", special},
	TagTfoot:           {"tfoot", special | impliedAll | tableContext | optionalEnd},
	TagTh:              {"th", special | scopeAll | impliedAll | optionalEnd},
	TagThead:           {"thead", special | impliedAll | tableContext | optionalEnd},
	TagTitle:           {"title", special},
	TagTr:              {"tr", special | impliedAll | tableContext | optionalEnd},
	TagTrack:           {"track", special | void},
	TagTt:              {"tt", formatting},
	TagU:               {"u", formatting},
	TagUl:              {"ul", special | scopeList},
	TagWbr:             {"wbr", special | void},
	TagXmp:             {"xmp", special},
}

// tagNumbers finds the number of a name.
var tagNumbers = func() map[string]Tag {
	m := make(map[string]Tag, numTags)
	for i := Tag(1); i < numTags; i++ {
		m[tagTable[i].name] = i
	}
	return m
}()

// Space is a namespace.
type Space uint8

// The namespaces. HTML is the zero value; those after MathML are of attributes, where the
// zero value means none.
const (
	HTML Space = iota
	SVG
	MathML
	XLink
	XML
	XMLNS
	// Other is a namespace that no browser knows, of elements and attributes in XML.
	Other
)
