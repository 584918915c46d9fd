package nu

import (
	"testing"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// The texts are shortened or made up after vnu's: a classifier is tested by the words that
// it looks for.
var familyTests = []struct {
	text string
	want finding.Family
}{
	{"Stray end tag “x”.", finding.ParseTree},
	{"Almost standards mode doctype. Expected “y”.", finding.ParseTree},
	{"Self-closing syntax (“/>”) used on a non-void HTML element. Ignoring it.", finding.ParseToken},
	{"Saw “<” when expecting an attribute name. Probable cause: x", finding.ParseToken},
	{"Internal encoding declaration “a” disagrees with the actual encoding of the document (“b”).", finding.Encoding},
	{"Malformed byte sequence: “e9”.", finding.Encoding},
	{"Bad value “text/html; charset=x” for attribute “content” on element “meta”: “charset=” must be followed by “utf-8”.", finding.Encoding},
	{"Element “x” not allowed as child of element “y” in this context.", finding.ContentModel},
	{"Text not allowed in element “x” in this context.", finding.ContentModel},
	{"Element “head” is missing a required instance of child element “title”.", finding.ContentModel},
	{"The element “a” must not appear as a descendant of the “a” element.", finding.ContentModel},
	{"Attribute “x” not allowed on element “y” at this point.", finding.AttrUnknown},
	{"Attribute “x” is only allowed when the input type is “a”, “b”, or “c”.", finding.AttrUnknown},
	{"Attribute “aria-x” not allowed on element “y” at this point.", finding.ARIA},
	{"Element “img” is missing required attribute “src”.", finding.AttrMissing},
	{"A “meta” element with an “http-equiv” attribute whose value is “X” must have a “content” attribute with the value “Y”.", finding.AttrMissing},
	{"Element “meta” is missing one or more of the following attributes: “content”, “property”.", finding.AttrMissing},
	{"Element “meta” is missing one or more of the following attributes: “content”, “itemprop”.", finding.Microdata},
	{"Bad value “x” for attribute “width” on element “img”: Expected a digit but saw “x” instead.", finding.AttrValue},
	{"Bad value “a\nb” for attribute “href” on element “a”: Tab, new line or carriage return found.", finding.URL},
	{"Bad value “a b” for attribute “usemap” on element “img”: Illegal character in path segment.", finding.URL},
	{"Bad value “x” for attribute “role” on element “div”.", finding.ARIA},
	{"Bad value “xx-” for attribute “lang” on element “p”: Language tag must not end with a hyphen.", finding.Lang},
	{"Bad value “x” for attribute “content” on element “meta”: Content Security Policy must contain x.", finding.CSP},
	{"Duplicate ID “x”.", finding.IDRef},
	{"The value of the “for” attribute of the “label” element must be the ID of a control.", finding.IDRef},
	{"The “center” element is obsolete. Use CSS instead.", finding.Obsolete},
	{"The “itemprop” attribute was specified, but the element is not a property of any item.", finding.Microdata},
	{"Table cell overlaps an earlier table cell.", finding.Table},
	{"The heading “x” (with computed level 3) follows the heading “y” (with computed level 1), skipping 1 heading level.", finding.Outline},
	{"CSS: “color”: Parse Error.", finding.CSS},
	{"A speculation rule must have a “x” property.", finding.ScriptJSON},
	{"The value of the “min” attribute must be less than or equal to the value of the “max” attribute.", finding.CoConstraint},
	{"Text run is not in Unicode Normalization Form C.", finding.Text},
	{"Trailing slash on void elements has no effect.", finding.Redundant},
	{"Bad value “0;URL=x” for attribute “content” on element “meta”: Expected a space character, but saw “U” instead.", finding.AttrValue},
	{"Bad value “x y” for attribute “srcset” on element “img”: Bad image-candidate URL: “x y”: Expected a slash.", finding.URL},
	{"A “script” element with a “type” attribute whose value is neither a JavaScript MIME type, “module”, nor “importmap” must not have a “src” attribute.", finding.CoConstraint},
	{"The only allowed value for the “charset” attribute for the “script” element is “utf-8”. (It should be omitted altogether.)", finding.AttrValue},
	{"The only allowed value for the “charset” attribute for the “meta” element is “utf-8”.", finding.Encoding},
	{"Heading cannot be a child of another heading.", finding.ParseTree},
	{"Saw end of file without the previous tag ending with “>”. Ignoring tag.", finding.ParseToken},
	{"No table row to close.", finding.ParseTree},
	{"Duplicate attribute “role”.", finding.ParseToken},
	{"“&” did not start a character reference.", finding.ParseToken},
	{"Non-space after “frameset”.", finding.ParseTree},
	{"XHTML element “a” is missing required attribute “href”.", finding.AttrMissing},
	{"XHTML element “col” not allowed as child of XHTML element “table” in this context.", finding.ContentModel},
	{"Bad value “Content-Type” for attribute “http-equiv” on XHTML element “meta”.", finding.AttrValue},
	{"Legacy encoding “koi8-r” used. Documents must use UTF-8.", finding.Encoding},
	{"required character (found “h”) (expected “l”)", finding.ParseTree},
	{"reference to undeclared general entity nbsp", finding.ParseToken},
	{"Something new.", finding.Other},
}

func TestFamily(t *testing.T) {
	for _, tt := range familyTests {
		if got := Family(tt.text); got != tt.want {
			t.Errorf("%q is in %s, want %s", tt.text, got, tt.want)
		}
	}
}
