// Package finding is what the parts of the HTML check share: the page that is checked,
// the finding that a part reports, and the name that was probably meant. It holds no rules.
package finding

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Family groups the rules by what they are about.
type Family string

// The families. They are stable: suppressions and other tools name them.
const (
	ParseToken   Family = "parse-token"   // the WHATWG tokenizer's errors, under their own codes
	ParseTree    Family = "parse-tree"    // stray, unclosed, misnested tags, the DOCTYPE
	Encoding     Family = "encoding"      // the character encoding and its declarations
	ContentModel Family = "content-model" // an element or text where it may not be, or a missing child
	AttrUnknown  Family = "attr-unknown"  // an attribute that the element does not have
	AttrMissing  Family = "attr-missing"  // an attribute that the element must have
	AttrValue    Family = "attr-value"    // a value of the wrong form
	URL          Family = "url"           // a value that is no valid URL
	IDRef        Family = "id-ref"        // duplicate ids, references to none
	ARIA         Family = "aria"          // roles, states and properties
	Obsolete     Family = "obsolete"      // elements and attributes that the standard has dropped
	Microdata    Family = "microdata"     // items, properties, RDFa
	Table        Family = "table"         // the grid of rows and columns
	Outline      Family = "outline"       // headings
	CSS          Family = "css"           // style sheets and style attributes
	ScriptJSON   Family = "script-json"   // import maps, speculation rules, JSON-LD
	CSP          Family = "csp"           // content security policies in meta elements
	Lang         Family = "lang"          // the language of the page and its parts
	CoConstraint Family = "co-constraint" // attributes that need or exclude one another
	Redundant    Family = "redundant"     // what a page says twice or for nothing
	Text         Family = "text"          // characters that text may not have
	A11y         Family = "a11y"          // accessibility, as far as it shows without rendering
	Other        Family = "other"
)

// Families returns all of them.
func Families() []Family {
	return []Family{
		ParseToken, ParseTree, Encoding, ContentModel, AttrUnknown, AttrMissing, AttrValue, URL, IDRef, ARIA, Obsolete,
		Microdata, Table, Outline, CSS, ScriptJSON, CSP, Lang, CoConstraint, Redundant, Text, A11y, Other,
	}
}

// Rule is the stable name of a kind of finding, FAMILY/RULE in kebab case. Each is written as
// one constant where it is found, never put together, and is in htmlcheck's list of rules.
type Rule string

// Family returns what stands before the slash.
func (r Rule) Family() Family {
	family, _, _ := strings.Cut(string(r), "/")
	return Family(family)
}

// Name returns what stands after the slash: the name within the family.
func (r Rule) Name() string {
	_, name, _ := strings.Cut(string(r), "/")
	return name
}

// Finding is one thing that is wrong with a page.
type Finding struct {
	Rule     Rule
	Severity inspect.Severity
	Span     parse.Span  // what to mark, in the bytes of the document
	Message  string      // plain words that say what would be right; no position
	Section  string      // of the HTML standard ("4.5.1"), or another one by name ("WAI-ARIA 6.6")
	Node     *parse.Node // the element it is about, nil without one
}

// Code returns the stable name FAMILY/RULE.
func (f *Finding) Code() string { return string(f.Rule) }

// Sink takes findings, in any order. It is called by one goroutine at a time.
type Sink func(Finding)

// Page is what a part of the check reads. Parts do not change it.
type Page struct {
	Doc *parse.Document
	// Fragment says that the document is a piece of a page: no DOCTYPE, title or language
	// is asked for.
	Fragment bool
	// XHTML says that the document was read by the rules of XML.
	XHTML bool
}
