package notation

import (
	"strings"
)

// parseItems reads the lines of an attribute list.
func parseItems(lines []*line) ([]Item, error) {
	var items []Item
	for _, l := range lines {
		if l.text == "one of" {
			item, err := parseOneOf(l)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
			continue
		}
		more, err := parseSet(l)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	return items, nil
}

func parseOneOf(l *line) (Item, error) {
	item := Item{Pos: l.pos}
	for _, c := range l.children {
		set, err := parseSet(c)
		if err != nil {
			return item, err
		}
		item.OneOf = append(item.OneOf, set)
	}
	if len(item.OneOf) < 2 {
		return item, errorf(l.pos, "expected two or more deeper indented lines below `one of`, a set of attributes each")
	}
	return item, nil
}

// parseSet reads items with ; between them, on l and the lines below it.
func parseSet(l *line) ([]Item, error) {
	ts, err := lexItems(l)
	if err != nil {
		return nil, err
	}
	var items []Item
	for ts.peek().kind != 0 {
		if ts.accept(';') {
			continue
		}
		if ts.word("nothing") {
			continue
		}
		item, err := parseItem(ts)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if t := ts.peek(); t.kind != 0 && t.kind != ';' {
			return nil, errorf(t.pos, "expected `;` or the end of the line, found %s", t)
		}
	}
	return items, nil
}

// lexItems joins the lines below l with ; unless they go on with a choice of values.
func lexItems(l *line) (*tokens, error) {
	pieces := l.pieces(l.text)
	for i := range pieces[1:] {
		if s := pieces[i+1].text; s[0] != '|' && !strings.HasSuffix(pieces[i].text, "|") && !strings.HasPrefix(s, "obsolete ") {
			pieces[i+1].text = ";" + s
		}
	}
	return lex(pieces)
}

// parseItem reads `name?: values`, or the name of a group.
func parseItem(ts *tokens) (Item, error) {
	first := ts.peek()
	name, err := attrName(ts)
	if err != nil {
		return Item{}, err
	}
	optional := ts.accept('?')
	if !optional && !ts.accept(':') {
		use := &Use{Group: name}
		if ts.word("except") {
			for {
				n, err := attrName(ts)
				if err != nil {
					return Item{}, err
				}
				use.Except = append(use.Except, n)
				if !ts.accept(',') {
					break
				}
			}
		}
		return Item{Pos: first.pos, Use: use}, nil
	}
	if optional {
		if _, err := ts.expect(':', "`:` and the value's type after `"+name+"?`"); err != nil {
			return Item{}, err
		}
	}
	a := &Attr{Name: name, Optional: optional}
	if a.Values, err = parseValues(ts); err != nil {
		return Item{}, err
	}
	if ts.word("obsolete") {
		a.IsObsolete = true
		a.IsError = ts.word("error")
		if t := ts.peek(); t.kind == 's' {
			ts.next()
			a.Obsolete = t.text
		}
	}
	return Item{Pos: first.pos, Attr: a}, nil
}

// attrName reads a name with colons and asterisks in it.
func attrName(ts *tokens) (string, error) {
	var name strings.Builder
	for {
		t := ts.peek()
		switch t.kind {
		case 'w', '*':
			name.WriteString(t.text)
			ts.next()
			if n := ts.peek(); n.kind == ':' && ts.at+1 < len(ts.list) && prefixes[t.text] {
				ts.next()
				name.WriteByte(':')
				continue
			}
			if n := ts.peek(); t.kind == 'w' && n.kind == '*' || t.kind == '*' && n.kind == 'w' && n.text != "except" && n.text != "obsolete" {
				continue
			}
			return name.String(), nil
		}
		return "", errorf(t.pos, "expected an attribute (`name: type`, `name?: type`), a group or `one of`; found %s", t)
	}
}

// prefixes are what stands before a colon in an attribute's name.
var prefixes = map[string]bool{"xml": true, "xmlns": true, "xlink": true, "epub": true}

// parseValues reads "a" | "b" | type.
func parseValues(ts *tokens) ([]Value, error) {
	var list []Value
	exact := false
	for {
		if ts.word("cs") {
			exact = true
		}
		switch t := ts.next(); t.kind {
		case 's':
			list = append(list, Value{Literal: t.text, IsLiteral: true, CaseMatch: exact})
		case 'w':
			list = append(list, Value{Type: t.text})
		default:
			return nil, errorf(t.pos, "expected a value in quotes or the name of a type, found %s", t)
		}
		if !ts.accept('|') {
			return list, nil
		}
	}
}
