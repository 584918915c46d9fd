// Package script checks what script elements say in their attributes and, where they hold
// JSON, in their text: import maps, speculation rules, JSON-LD. The one call to make is
// [Check]. It never reads JavaScript.
//
// Its ancestor in Paste is the external validator that wdg_validate piped pages through.
package script

import (
	"encoding/json"
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// Check reports what is wrong with the script and style elements of a page, but for what the
// grammar knows. It reads nothing within template elements. It is safe for concurrent use.
func Check(p *finding.Page, emit finding.Sink) {
	root := p.Doc.Root
	for n := root.FirstChild; n != nil; {
		switch n.Tag {
		case parse.TagScript:
			checkScript(p, n, emit)
		case parse.TagStyle:
			checkStyleType(n, emit)
		}
		n = n.Following(root, n.Tag == parse.TagTemplate)
	}
}

func checkScript(p *finding.Page, n *parse.Node, emit finding.Sink) {
	s := scriptCheck{page: p, node: n, emit: emit, src: n.Attr("src")}
	if t := n.Attr("type"); t != nil {
		s.kind = datatype.ScriptKindOf(t.Value)
	}
	s.attributes()
	s.obsolete()
	s.content()
}

// scriptCheck is the check of one script element.
type scriptCheck struct {
	page *finding.Page
	node *parse.Node
	emit finding.Sink
	kind datatype.ScriptKind
	src  *parse.Attr
}

const sectionScript = "4.12.1"

func (s *scriptCheck) report(span parse.Span, rule finding.Rule, sev inspect.Severity, message string) {
	s.emit(finding.Finding{Rule: rule, Severity: sev, Span: span, Message: message, Section: sectionScript, Node: s.node})
}

// kindNames are how messages call the kinds.
var kindNames = [...]string{
	datatype.ClassicScript:    "an inline classic script",
	datatype.ModuleScript:     "a module script",
	datatype.ImportMap:        "an import map",
	datatype.SpeculationRules: "a set of speculation rules",
	datatype.DataBlock:        "a data block (its type is neither JavaScript nor module, importmap or speculationrules)",
}

// attributes reports those that do not go with the kind of script.
func (s *scriptCheck) attributes() {
	for i := range s.node.Attrs {
		a := &s.node.Attrs[i]
		if !s.excluded(a.Name) {
			continue
		}
		message := kindNames[s.kind] + " may not have the attribute " + a.Name
		switch {
		case s.kind == datatype.ClassicScript:
			message += ": it is for scripts with a src; leave it out"
		case s.kind == datatype.ModuleScript && a.Name == "defer":
			message += ": modules always wait for the document; leave it out"
		case s.kind == datatype.ModuleScript && a.Name == "nomodule":
			message += ": it is for the classic script that old browsers run instead"
		case s.kind == datatype.ModuleScript:
			message += " without a src; leave it out"
		case a.Name == "src":
			message += ": its content stands in the element"
			if s.kind == datatype.DataBlock {
				message = "a script with src has the type " + quote(s.node.Attr("type").Value) + ", which browsers do not run: leave the type out, or use module"
			}
		default:
			message += ": it has no effect there; leave it out"
		}
		s.report(a.NameSpan, excludedRules[a.Name].of(s.kind), inspect.SeverityError, message)
	}
}

// excludedRule is the rule that an attribute of a script breaks: importMap in an import map,
// other elsewhere.
type excludedRule struct{ other, importMap finding.Rule }

func (r excludedRule) of(kind datatype.ScriptKind) finding.Rule {
	if kind == datatype.ImportMap {
		return r.importMap
	}
	return r.other
}

// excludedRules has the attributes that some kinds of script may not have.
var excludedRules = map[string]excludedRule{
	"async":          {"co-constraint/script-async", "script-json/script-async"},
	"defer":          {"co-constraint/script-defer", "script-json/script-defer"},
	"nomodule":       {"co-constraint/script-nomodule", "script-json/script-nomodule"},
	"integrity":      {"co-constraint/script-integrity", "script-json/script-integrity"},
	"blocking":       {"co-constraint/script-blocking", "script-json/script-blocking"},
	"fetchpriority":  {"co-constraint/script-fetchpriority", "script-json/script-fetchpriority"},
	"crossorigin":    {"co-constraint/script-crossorigin", "script-json/script-crossorigin"},
	"referrerpolicy": {"co-constraint/script-referrerpolicy", "script-json/script-referrerpolicy"},
	"src":            {"co-constraint/script-src", "script-json/script-src"},
}

// excluded reports whether a script of this kind may not have the attribute.
func (s *scriptCheck) excluded(name string) bool {
	switch name {
	case "async":
		return s.kind == datatype.ClassicScript && s.src == nil || s.kind >= datatype.ImportMap
	case "defer":
		return s.kind != datatype.ClassicScript || s.src == nil
	case "nomodule":
		return s.kind != datatype.ClassicScript
	case "integrity", "blocking", "fetchpriority":
		return s.kind >= datatype.ImportMap || s.src == nil
	case "crossorigin", "referrerpolicy", "src":
		return s.kind >= datatype.ImportMap
	}
	return false
}

// obsolete looks at charset, language and a type that says what is so anyway. That charset
// and language are obsolete is said by the grammar.
func (s *scriptCheck) obsolete() {
	if a := s.node.Attr("charset"); a != nil {
		if s.src == nil {
			s.report(a.NameSpan, "co-constraint/script-charset", inspect.SeverityError,
				"a script without src may not have the attribute charset: it is encoded as the page is; leave it out")
		}
		if !strings.EqualFold(a.Value, "utf-8") {
			s.report(valueSpan(a), "attr-value/script-charset", inspect.SeverityError,
				"the charset of a script is "+quote(a.Value)+"; it must be utf-8, and is better left out")
		}
	}
	t := s.node.Attr("type")
	if t == nil {
		return
	}
	if a := s.node.Attr("language"); a != nil && strings.EqualFold(a.Value, "javascript") && !strings.EqualFold(t.Value, "text/javascript") {
		s.report(a.NameSpan, "co-constraint/script-language", inspect.SeverityError,
			"language says JavaScript, but type says "+quote(t.Value)+": browsers go by the type; leave language out")
	}
	if t.Value != "" && datatype.IsJavaScriptType(t.Value) {
		s.report(t.NameSpan, "redundant/script-type", inspect.SeverityWarning,
			"type="+quote(t.Value)+" says what is so without it: leave the attribute out")
	}
}

func checkStyleType(n *parse.Node, emit finding.Sink) {
	t := n.Attr("type")
	if t == nil {
		return
	}
	f := finding.Finding{Rule: "redundant/style-type", Severity: inspect.SeverityWarning, Span: t.NameSpan, Section: "4.2.6", Node: n,
		Message: "type=\"text/css\" says what is so without it: leave the attribute out"}
	if !strings.EqualFold(t.Value, "text/css") {
		f.Rule, f.Severity, f.Span = "attr-value/style-type", inspect.SeverityError, valueSpan(t)
		f.Message = "the type of a style element is " + quote(t.Value) + "; it must be text/css, and is better left out"
	}
	emit(f)
}

// content looks at the text of the element.
func (s *scriptCheck) content() {
	t := finding.ElementText(s.page.Doc, s.node)
	switch s.kind {
	case datatype.ImportMap:
		s.importMap(t)
	case datatype.SpeculationRules:
		s.speculationRules(t)
	case datatype.DataBlock:
		if isJSONType(s.node.Attr("type").Value) {
			s.dataJSON(t)
		}
	}
	if s.src != nil && s.node.EndTag.Len() > 0 { // without an end tag it has the rest of the page
		s.documentation(t)
	}
}

// isJSONType reports a JSON MIME type, without parameters.
func isJSONType(v string) bool {
	v, _, _ = strings.Cut(v, ";")
	v = strings.ToLower(strings.TrimSpace(v))
	return v == "application/json" || v == "text/json" || strings.HasSuffix(v, "+json")
}

// dataJSON warns of data that is no JSON: whoever reads it will fail.
func (s *scriptCheck) dataJSON(t finding.Source) {
	if strings.TrimSpace(t.Data) == "" || json.Valid([]byte(t.Data)) {
		return
	}
	if _, rest, err := parseJSON(t.Data); err != nil && err.why != "" {
		s.report(t.Span(err.start, err.end), "script-json/syntax", inspect.SeverityWarning,
			"the script says that it is JSON, but it is not: "+err.why)
	} else if err == nil && rest < len(t.Data) {
		s.trailing(t, rest)
	}
}

func (s *scriptCheck) trailing(t finding.Source, rest int) {
	s.report(t.Span(rest, len(t.Data)), "script-json/syntax", inspect.SeverityWarning,
		"the script goes on behind the end of its JSON: browsers reject it")
}

// documentation checks the text of a script with src: comments only (4.12.1.3).
func (s *scriptCheck) documentation(t finding.Source) {
	for i := 0; i < len(t.Data); {
		switch rest := t.Data[i:]; {
		case strings.IndexByte(" \t\n\r", rest[0]) >= 0: // the parser makes CR LF a LF
			i++
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				s.notDocumentation(t, i, "a comment there is not closed with */")
				return
			}
			i += end + 4
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				s.notDocumentation(t, i, "a line that begins with // must end with a line break")
				return
			}
			i += end + 1
		case strings.HasPrefix(rest, "</"):
			s.report(t.Span(i, len(t.Data)), "text/script-end-tag", inspect.SeverityWarning,
				"there is another end tag where </script> should be: it is text of the script")
			return
		default:
			s.notDocumentation(t, i, "a script with src runs nothing of what stands in it: put the code into another script element")
			return
		}
	}
}

func (s *scriptCheck) notDocumentation(t finding.Source, at int, message string) {
	s.report(t.Span(at, len(t.Data)), "attr-value/script-documentation", inspect.SeverityError, message)
}

func valueSpan(a *parse.Attr) parse.Span {
	if a.ValueSpan.Len() > 0 {
		return a.ValueSpan
	}
	return a.NameSpan
}

// maxQuoted bounds what a message quotes of the page.
const maxQuoted = 60

func quote(s string) string {
	if len(s) > maxQuoted {
		s = strings.ToValidUTF8(s[:maxQuoted], "") + "…"
	}
	return `"` + s + `"`
}
