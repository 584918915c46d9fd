package script

import "github.com/pastedev/pastedev/inspect/htmlcheck/finding"

// speculationRules checks a set of speculation rules (7.6.1 of the HTML standard).
func (s *scriptCheck) speculationRules(t finding.Source) {
	c := jsonCheck{script: s, src: t}
	v, ok := c.read(theRules)
	if !ok {
		return
	}
	lists := 0
	for i := range v.members {
		m := &v.members[i]
		switch m.name {
		case "prefetch", "prerender", "prefetch_with_subresources", "prerender_until_script":
			lists++
			c.rules(m)
		case "tag":
		default:
			c.fail(m.start, m.end, "script-json/unknown-key", "a set of speculation rules has no "+quote(m.name)+": it has prefetch, prerender and tag")
		}
	}
	if lists == 0 {
		c.fail(v.start, v.end, "script-json/no-rules", "a set of speculation rules must have prefetch or prerender")
	}
}

func (c *jsonCheck) rules(of *member) {
	if of.value.kind != array {
		c.fail(of.value.start, of.value.end, "script-json/not-an-array", quote(of.name)+" must be a JSON array of rules")
		return
	}
	for i := range of.value.items {
		if v := &of.value.items[i]; v.kind == object {
			c.rule(v)
		} else {
			c.fail(v.start, v.end, "script-json/not-an-object", "each rule must be a JSON object")
		}
	}
}

// rule checks one speculation rule.
func (c *jsonCheck) rule(v *value) {
	for i := range v.members {
		m := &v.members[i]
		switch m.name {
		case "source", "urls", "where", "eagerness", "requires", "referrer_policy", "relative_to",
			"expects_no_vary_search", "target_hint", "tag":
		default:
			c.fail(m.start, m.end, "script-json/unknown-key", "a speculation rule has no "+quote(m.name)+": it has source, urls, where, eagerness, requires, referrer_policy, relative_to, expects_no_vary_search, target_hint and tag")
		}
	}
	source, urls, where := v.get("source"), v.get("urls"), v.get("where")
	kind := ""
	switch {
	case source != nil && source.value.kind != text:
		c.fail(source.value.start, source.value.end, "script-json/not-a-string", "source must be \"list\" or \"document\"")
		return
	case source != nil:
		kind = source.value.text
		if kind != "list" && kind != "document" {
			c.fail(source.value.start, source.value.end, "script-json/source", "source is "+quote(kind)+"; it must be \"list\" or \"document\"")
			return
		}
	case urls != nil:
		kind = "list"
	case where != nil:
		kind = "document"
	default:
		c.fail(v.start, v.end, "script-json/no-source", "a speculation rule must have urls or where")
		return
	}
	switch {
	case kind == "list" && urls == nil:
		c.fail(v.start, v.end, "script-json/missing-urls", "a rule of source list must have urls")
	case kind == "list" && where != nil:
		c.fail(where.start, where.end, "script-json/misplaced-where", "a rule of source list may not have where")
	case kind == "document" && where == nil:
		c.fail(v.start, v.end, "script-json/missing-where", "a rule of source document must have where")
	case kind == "document" && urls != nil:
		c.fail(urls.start, urls.end, "script-json/misplaced-urls", "a rule of source document may not have urls")
	}
	if kind == "list" && urls != nil {
		c.strings(urls, "a URL", true)
	}
	if kind == "document" && where != nil {
		c.predicate(&where.value)
	}
	c.eagerness(v.get("eagerness"))
}

func (c *jsonCheck) eagerness(m *member) {
	if m == nil {
		return
	}
	switch m.value.text {
	case "immediate", "eager", "moderate", "conservative":
	default:
		c.fail(m.value.start, m.value.end, "script-json/eagerness", "eagerness must be \"immediate\", \"eager\", \"moderate\" or \"conservative\"")
	}
}

// strings checks a list of strings, or where it need not be a list, a string.
func (c *jsonCheck) strings(m *member, what string, list bool) {
	v := &m.value
	if !list && v.kind == text {
		if v.text == "" {
			c.fail(v.start, v.end, "script-json/empty", quote(m.name)+" may not be empty: it must be "+what)
		}
		return
	}
	if v.kind != array {
		want := "a string or a JSON array of strings"
		if list {
			want = "a JSON array of strings"
		}
		c.fail(v.start, v.end, "script-json/not-an-array", quote(m.name)+" must be "+want)
		return
	}
	if len(v.items) == 0 {
		c.fail(v.start, v.end, "script-json/empty", quote(m.name)+" must have at least one item: "+what)
	}
	for _, item := range v.items {
		if item.kind != text || item.text == "" {
			c.fail(item.start, item.end, "script-json/not-a-string", "each item of "+quote(m.name)+" must be "+what+" in a string")
		}
	}
}

// predicate checks a document rule predicate. Its depth is that of the JSON, which is bounded.
func (c *jsonCheck) predicate(v *value) {
	if v.kind != object {
		c.fail(v.start, v.end, "script-json/not-an-object", "a condition must be a JSON object")
		return
	}
	var only *member
	for i := range v.members {
		m := &v.members[i]
		switch m.name {
		case "and", "or", "not", "href_matches", "selector_matches":
			if only != nil && only.name != m.name {
				c.fail(m.start, m.end, "script-json/predicates", "a condition may not have both "+only.name+" and "+m.name+": combine them with \"and\" or \"or\"")
			}
			only = m
		case "relative_to":
		default:
			c.fail(m.start, m.end, "script-json/unknown-key", "a condition has no "+quote(m.name)+": it has one of and, or, not, href_matches, selector_matches")
		}
	}
	if only == nil {
		c.fail(v.start, v.end, "script-json/predicates", "a condition must have one of and, or, not, href_matches, selector_matches")
		return
	}
	switch only.name {
	case "and", "or":
		c.predicates(only)
	case "not":
		c.predicate(&only.value)
	case "href_matches":
		if only.value.kind == object && len(only.value.members) > 0 {
			return // a URL pattern by its parts
		}
		c.strings(only, "a URL pattern", false)
	case "selector_matches":
		c.strings(only, "a CSS selector", false)
	}
}

func (c *jsonCheck) predicates(m *member) {
	if m.value.kind != array {
		c.fail(m.value.start, m.value.end, "script-json/not-an-array", quote(m.name)+" must be a JSON array of conditions")
		return
	}
	if len(m.value.items) == 0 {
		c.fail(m.value.start, m.value.end, "script-json/empty", quote(m.name)+" must have at least one condition")
	}
	for i := range m.value.items {
		c.predicate(&m.value.items[i])
	}
}
