package script

import (
	"strings"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/datatype"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// jsonCheck reports the first thing that is wrong with the JSON of a script.
type jsonCheck struct {
	script *scriptCheck
	src    finding.Source
	done   bool
}

func (c *jsonCheck) fail(start, end int, rule finding.Rule, message string) {
	if c.done {
		return
	}
	c.done = true
	c.script.report(c.src.Span(start, end), rule, inspect.SeverityError, message)
}

// read parses the text, which must be an object. what names it in messages.
func (c *jsonCheck) read(what string) (value, bool) {
	if strings.TrimSpace(c.src.Data) == "" {
		c.fail(0, len(c.src.Data), "script-json/syntax", what+" is empty; it must be a JSON object")
		return value{}, false
	}
	v, rest, err := parseJSON(c.src.Data)
	if err != nil {
		if err.why != "" {
			c.fail(err.start, err.end, "script-json/syntax", what+" is no valid JSON: "+err.why)
		}
		return value{}, false
	}
	if v.kind != object {
		c.fail(v.start, v.end, "script-json/not-an-object", what+" must be a JSON object, such as "+example(what))
		return value{}, false
	}
	if rest < len(c.src.Data) {
		c.script.trailing(c.src, rest)
	}
	return v, true
}

const (
	theImportMap = "the import map"
	theRules     = "the set of speculation rules"
)

// example is what the object called so may look like.
func example(what string) string {
	if what == theImportMap {
		return `{"imports": {"lib": "/lib.js"}}`
	}
	return `{"prefetch": [{"urls": ["/next"]}]}`
}

// importMap checks an import map (8.1.5.2).
func (s *scriptCheck) importMap(t finding.Source) {
	c := jsonCheck{script: s, src: t}
	v, ok := c.read(theImportMap)
	if !ok {
		return
	}
	for i := range v.members {
		m := &v.members[i]
		switch m.name {
		case "imports", "scopes", "integrity":
			if m.value.kind != object {
				c.fail(m.value.start, m.value.end, "script-json/not-an-object", quote(m.name)+" of an import map must be a JSON object")
			}
		default:
			c.fail(m.start, m.end, "script-json/unknown-key", "an import map has no "+quote(m.name)+": it has imports, scopes and integrity")
		}
		switch m.name {
		case "imports":
			c.specifiers(m)
		case "scopes":
			c.scopes(m)
		case "integrity":
			c.integrity(m)
		}
	}
}

// specifiers checks a module specifier map.
func (c *jsonCheck) specifiers(of *member) {
	for i := range of.value.members {
		m := &of.value.members[i]
		switch v := m.value; {
		case m.name == "":
			c.fail(m.start, m.end, "script-json/empty-key", "a module specifier may not be empty")
		case v.kind != text:
			c.fail(v.start, v.end, "script-json/not-a-string", "the address of "+quote(m.name)+" must be a string")
		case strings.HasSuffix(m.name, "/") && !strings.HasSuffix(v.text, "/"):
			c.fail(v.start, v.end, "script-json/slash", "the address of "+quote(m.name)+" must end with a slash, as the specifier does")
		case !v.escaped && !urlLike(v.text):
			c.fail(v.start, v.end, "script-json/url", "the address "+quote(v.text)+" must be a URL that is absolute or begins with /, ./ or ../")
		}
	}
}

// urlLike reports a URL-like module specifier: absolute, or relative with a sign of it.
func urlLike(s string) bool {
	if strings.HasPrefix(s, "/") || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") {
		p := datatype.Check("url", s)
		return p == nil || p.Warning
	}
	if s == "" {
		return false
	}
	p := datatype.Check("absolute-url", s)
	return p == nil || p.Warning
}

func (c *jsonCheck) scopes(of *member) {
	for i := range of.value.members {
		m := &of.value.members[i]
		if !urlLike(m.name) && !strings.Contains(m.name, `\`) {
			c.fail(m.start, m.end, "script-json/url", "the scope "+quote(m.name)+" must be a URL that is absolute or begins with /, ./ or ../")
		}
		if m.value.kind != object {
			c.fail(m.value.start, m.value.end, "script-json/not-an-object", "the scope "+quote(m.name)+" must be a JSON object of specifiers and addresses")
		}
		c.specifiers(m)
	}
}

// integrity warns of values that browsers ignore.
func (c *jsonCheck) integrity(of *member) {
	for i := range of.value.members {
		m := &of.value.members[i]
		v := m.value
		why := ""
		if v.kind != text {
			why = "must be a string"
		} else if p := datatype.Check("integrity", v.text); p != nil {
			why = p.Message
		}
		if why != "" && !c.done {
			c.script.report(c.src.Span(v.start, v.end), "script-json/integrity", inspect.SeverityWarning, "the integrity of "+quote(m.name)+" "+why)
			return
		}
	}
}
