package nu

import (
	"regexp"
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// A familyRule puts messages of vnu into one of our families by words that they have.
// vnu has no families; its messages are told apart by their wording alone.
type familyRule struct {
	family  finding.Family
	pattern *regexp.Regexp
}

// familyRules are tried in this order; the first that matches wins.
var familyRules = []familyRule{
	rule(finding.CSS, `^CSS:`),
	rule(finding.ParseToken, `^Duplicate attribute “`),

	// The encoding and its declarations.
	rule(finding.Encoding, `^Malformed byte sequence|^Legacy encoding|^Input data does not conform to the input encoding|[Ee]ncoding declaration|character encoding|chararacter encoding|found after the first 1024|“charset=” must be followed by|^The only allowed value for the “charset” attribute for the “meta”|^Unmappable byte`),

	// Values that are none of their attribute's. Which attribute it is decides first.
	rule(finding.ARIA, `(?s)^(Potentially b|B)ad value .* for attribute “(role|aria-[a-z]+)”`),
	rule(finding.CSP, `(?s)^(Potentially b|B)ad value .*(Content Security Policy|source-expression|Unrecognized directive|hash-algorithm|CSP)`),
	rule(finding.Lang, `(?s)^(Potentially b|B)ad value .*( subtag|Subtags? |[Ll]anguage tag|extlang|Zero-length subtag)`),
	rule(finding.URL, `(?s)^(Potentially b|B)ad value .* for attribute “(href|src|action|formaction|cite|data|poster|ping|longdesc|profile|codebase|background|manifest|xlink:href|itemid)”`),
	rule(finding.URL, `(?s)^(Potentially b|B)ad value .* on element “[^”]*”:? .*(URL|IRI|path segment|in query|in fragment|Invalid host|Percentage \("%"\)|Illegal character|in port|[Pp]ort number|Expected a slash|scheme is not followed|Tab, new line or carriage return|Windows drive letter|Backslash)`),
	rule(finding.AttrValue, `(?s)^(Potentially b|B)ad value |^The only allowed value for the “(charset|accept-charset|type)”`),
	rule(finding.CoConstraint, `neither a JavaScript MIME type|^An inline (classic )?“script”|^A “script” element with “(type=module|src)”`),

	rule(finding.ARIA, `“aria-|“role[=”]|“[a-z]+” role|ARIA|accessible name|must be contained in, or owned by`),

	// Elements and attributes that are gone.
	rule(finding.Obsolete, `is obsolete`),

	rule(finding.Table, `^A table row was|^Table c(ell|olumns?) |^Row \d+ of |^A col element|spans past the end`),
	rule(finding.Outline, `^The heading “|heading level|^Empty heading|lacks heading|top-level heading`),

	// Ids and what refers to them.
	rule(finding.IDRef, `(?i)^Duplicate ID|^The first occurrence of ID|must be the ID of|which is not the ID of|must refer to a|no element with an? “id”|hash-name reference in|refers to the ID|must have an ID value that matches|contained redundant references`),

	rule(finding.Microdata, `is not a property of any item|“item(ref|scope|type|id|prop)”`),
	rule(finding.ScriptJSON, `JSON|import ?map|specifier map|[Ss]peculation rule|[Dd]ocument rule|“urls” array|in the “[a-z]*” array|“scopes” property|“integrity” property`),
	rule(finding.CSP, `Content Security Policy`),
	rule(finding.Lang, `declare the language|appears to be written in|“xml:lang”|^When the attribute “.*” in no namespace`),
	rule(finding.Redundant, `^Trailing slash on void|is unnecessary|unnecessary for|does not need a|is not needed|should be omitted`),

	// What the grammar says.
	rule(finding.AttrMissing, `^Element “.*” is missing (required attribute|one or more of the following attributes)|must have attribute “|must have non-empty attribute|must have an? “[^”]*” (attribute|or “)|attribute must also be specified`),
	rule(finding.AttrUnknown, `^Attribute “.*” not allowed (on element|here)|^Attribute “.*” is not serializable|is never allowed on|is only allowed when the input type`),
	rule(finding.ContentModel, `^(An? )?[Ee]lement “.*” not allowed|^Text not allowed|is missing a required (instance|child)|one or more of the following child elements|completely-unknown element|^Bad element name|^Any “.*” instruction|must not appear as a descendant of|should not appear as a descendant|must be the first child|must come before any|^Element “.*” must not be empty|^Element “.*” without attribute “.*” must not be empty|must have a “.*” ancestor|is only allowed as a child|may contain at most|must not be a child|selector “.*” matches, or might match`),
	rule(finding.AttrValue, `^Value of “|^The text content of element|permitted here\)\.$|^The only allowed value for the|must have non-empty value|^The value “.*” (for the|is not a valid value)|^“.*” (attribute )?values? `),

	rule(finding.ParseToken, parseTokenWords),
	rule(finding.ParseTree, parseTreeWords),
	rule(finding.Text, `Unicode Normalization Form|Private Use Area|composing character|Text run`),
	rule(finding.CoConstraint, `attribute|descendant|must not include|two elements with the same|“.*” element`),
}

// parseTokenWords are those of the tokenizer's messages.
const parseTokenWords = `(?i)^(Saw “.*” (when expecting|within a comment)|Saw “.*”\. Probable|Saw end of file without|Premature end of comment|“.*” (at the start of|in) an unquoted|“.*” in (attribute name|public identifier|system identifier)` +
	`|Quote “.*” in attribute name|No space between (attributes|the doctype)|Duplicate attribute|Attribute value missing|A slash was not|Self-closing syntax` +
	`|End tag had attributes|Stray “/”|Bad character “|Bogus |Character reference|Named character reference|A numeric character reference|No digits after` +
	`|The string following “|reference to undeclared|“&” did not start|End of file (after|inside|occurred|reached|seen when looking)|Forbidden code point|Saw U\+|Astral non-char|Garbage |Missing space before doctype` +
	`|Nameless doctype|Expected a (public|system) identifier|No space between the doctype|A “.*” in (a )?comment|Consecutive hyphens|The document is not mappable)`

// parseTreeWords are those of the tree builder's.
const parseTreeWords = `^(Stray|Unclosed|End tag|No “.*” element in scope|Start tag|Saw a |Saw an |Almost standards|Quirky doctype|Legacy doctype|Obsolete doctype|Non-space char|Misplaced non-space` +
	`|HTML start tag|End of file seen|Cannot recover|“.*” (start tag|element between|child of)|Bad start tag|A table cell was implicitly|Heading cannot be a child|.*start tag .*in table body|“.*” element between|Nested |Non-space (in|after) “|required character \(found|whitespace required|Not a name start|The reference to entity|No table row)`

func rule(f finding.Family, pattern string) familyRule {
	return familyRule{f, regexp.MustCompile(pattern)}
}

// Family tells the family of a message of the Nu checker, Other when its wording is not known.
func Family(text string) finding.Family {
	// In documents that are read by the rules of XML, vnu says which elements are XHTML's.
	text = strings.ReplaceAll(text, "XHTML element “", "element “")
	if rest, ok := strings.CutPrefix(text, "element “"); ok {
		text = "Element “" + rest
	}
	for i := range familyRules {
		if familyRules[i].pattern.MatchString(text) {
			return familyRules[i].family
		}
	}
	return finding.Other
}
