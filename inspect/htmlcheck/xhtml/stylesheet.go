package xhtml

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// pseudo are the pseudo-attributes of an xml-stylesheet instruction, and their types.
var pseudo = map[string]string{
	"href": "url", "type": "mime-type", "title": "", "media": "", "charset": "charset", "alternate": "",
}

// stylesheet checks an xml-stylesheet instruction that begins at start (Associating Style
// Sheets with XML documents 1.0).
func (r *reader) stylesheet(data string, start int) {
	say := func(severity inspect.Severity, rule finding.Rule, message string) {
		r.report(finding.Finding{Rule: rule, Severity: severity, Section: "xml-stylesheet", Message: message}, start, r.i)
	}
	if r.rooty {
		say(inspect.SeverityError, "content-model/xml-stylesheet-place", "an `xml-stylesheet` instruction must stand in front of the first element")
		return
	}
	values, problem := pseudoAttributes(data)
	if problem != "" {
		say(inspect.SeverityError, "co-constraint/xml-stylesheet-syntax", problem)
		return
	}
	for _, name := range []string{"href", "type", "charset"} {
		value, ok := values[name]
		if !ok {
			continue
		}
		if p := datatype.Check(pseudo[name], value); p != nil && !p.Warning {
			rule := finding.Rule("attr-value/xml-stylesheet-value")
			if name == "charset" {
				rule = p.Rule
			}
			say(inspect.SeverityError, rule, "the value of "+quote(name)+" "+p.Message)
		}
	}
	if _, ok := values["href"]; !ok {
		say(inspect.SeverityError, "co-constraint/xml-stylesheet-href", "an `xml-stylesheet` instruction must have `href=\"…\"`")
	}
	switch alternate, ok := values["alternate"]; {
	case ok && alternate != "yes" && alternate != "no":
		say(inspect.SeverityError, "co-constraint/xml-stylesheet-value", "the value of `alternate` must be `yes` or `no`")
	case alternate == "yes" && values["title"] == "":
		say(inspect.SeverityError, "co-constraint/xml-stylesheet-title", "an alternate style sheet must have a `title` by which a person can choose it")
	}
	if kind := values["type"]; strings.Contains(kind, "/") && kind != "text/css" && kind != "text/xsl" {
		say(inspect.SeverityWarning, "co-constraint/xml-stylesheet-type", "browsers take the types `text/css` and `text/xsl` only")
	}
	if _, ok := values["charset"]; ok {
		say(inspect.SeverityWarning, "co-constraint/xml-stylesheet-charset", "not all browsers look at `charset`: serve the style sheet in UTF-8")
	}
}

// pseudoAttributes reads name="value" pairs, or says what is wrong with them.
func pseudoAttributes(data string) (values map[string]string, problem string) {
	values = map[string]string{}
	const blanks = " \t\r\n"
	for data = strings.TrimLeft(data, blanks); data != ""; data = strings.TrimLeft(data, blanks) {
		name, rest, ok := strings.Cut(data, "=")
		name = strings.TrimRight(name, blanks)
		if !ok || strings.ContainsAny(name, blanks) {
			first, _, _ := strings.Cut(strings.Fields(data)[0], "=")
			return nil, "the pseudo-attribute " + quote(first) + " must have a value in quotes"
		}
		rest = strings.TrimLeft(rest, blanks)
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return nil, "the value of " + quote(name) + " must be in quotes"
		}
		value, after, closed := strings.Cut(rest[1:], rest[:1])
		if !closed {
			return nil, "the value of " + quote(name) + " has no closing quote"
		}
		if _, known := pseudo[name]; !known {
			return nil, quote(name) + " is none of href, type, title, media, charset and alternate"
		}
		if _, twice := values[name]; twice {
			return nil, "the pseudo-attribute " + quote(name) + " is there twice"
		}
		values[name] = value
		data = after
	}
	return values, ""
}
