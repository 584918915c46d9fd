package notation

import (
	"errors"
	"strings"
)

// Parse reads a grammar file. The error joins all faults that were found, one [Error] a
// statement.
func Parse(name, src string) (*File, error) {
	lines, err := readLines(name, src)
	if err != nil {
		return nil, err
	}
	p := &parser{file: &File{Name: name}}
	for _, l := range lines {
		p.fail(p.statement(l))
	}
	if p.file.Namespace == "" && len(p.errs) == 0 {
		p.fail(errorf(Pos{name, 1}, "expected `namespace html`, `svg` or `math` before all else"))
	}
	return p.file, errors.Join(p.errs...)
}

type parser struct {
	file *File
	errs []error
}

func (p *parser) fail(err error) {
	if err != nil {
		p.errs = append(p.errs, err)
	}
}

const wantStatement = "expected namespace, start, group, category, pattern or element"

func (p *parser) statement(l *line) error {
	word, rest := l.keyword()
	switch word {
	case "namespace":
		if rest != "html" && rest != "svg" && rest != "math" {
			return errorf(l.pos, "expected `namespace html`, `svg` or `math`; found %q", rest)
		}
		p.file.Namespace = rest
		return noChildren(l)
	case "start":
		e, err := parseContent(l.pieces(rest), p.file.Namespace)
		p.file.Start = e
		return err
	case "group":
		if !isName(rest) {
			return errorf(l.pos, "expected one name after `group`, found %q", rest)
		}
		g := &Group{Pos: l.pos, Name: rest}
		p.file.Groups = append(p.file.Groups, g)
		items, err := parseItems(l.children)
		g.Items = items
		return err
	case "category", "pattern":
		return p.category(l, word, rest)
	case "element":
		return p.element(l, rest)
	}
	return errorf(l.pos, "%s; found %q", wantStatement, word)
}

func noChildren(l *line) error {
	if len(l.children) > 0 {
		return errorf(l.children[0].pos, "%s; found an indented line", wantStatement)
	}
	return nil
}

// category reads `category NAME [mixed] ["title"] [= content]`.
func (p *parser) category(l *line, word, rest string) error {
	head, expr, has := strings.Cut(rest, "=")
	ts, err := lex([]piece{{l.pos, head}})
	if err != nil {
		return err
	}
	name, err := ts.expect('w', "a name after `"+word+"`")
	if err != nil {
		return err
	}
	c := &Category{Pos: l.pos, Name: name.text}
	p.file.Categories = append(p.file.Categories, c)
	c.Mixed = ts.word("mixed")
	if t := ts.peek(); t.kind == 's' {
		c.Title = ts.next().text
	}
	if t := ts.peek(); t.kind != 0 {
		return errorf(l.pos, "expected `mixed`, a title in quotes, or `=` and content; found %s", t)
	}
	if !has && len(l.children) > 0 {
		return errorf(l.children[0].pos, "expected `=` after the name before content")
	}
	if has {
		c.Expr, err = parseContent(l.pieces(expr), p.file.Namespace)
	}
	return err
}

// element reads `element NAME [in <parent>, <parent>]` and its clauses.
func (p *parser) element(l *line, rest string) error {
	rest, in, placed := strings.Cut(rest, " in ")
	if !isName(rest) {
		return errorf(l.pos, "expected one element's name after `element`, found %q", rest)
	}
	e := &Element{Pos: l.pos, Namespace: p.file.Namespace, Name: rest}
	if e.Namespace == "" {
		return errorf(l.pos, "expected `namespace html`, `svg` or `math` before the first element")
	}
	p.file.Elements = append(p.file.Elements, e)
	if placed {
		var err error
		if e.In, err = p.parents(&line{pos: l.pos}, in); err != nil {
			return err
		}
	}
	seen := map[string]bool{"in": placed}
	for _, c := range l.children {
		word, rest := c.keyword()
		if seen[word] {
			p.fail(errorf(c.pos, "a second `%s` in element %s", word, e.Name))
		}
		seen[word] = true
		p.fail(p.clause(e, c, word, rest))
	}
	return nil
}

// clause reads one line of an element with what is below it.
func (p *parser) clause(e *Element, l *line, word, rest string) (err error) {
	switch word {
	case "section":
		e.Section = rest
	case "is":
		e.Is, err = parseIs(l, rest)
	case "in":
		e.In, err = p.parents(l, rest)
	case "content":
		e.Content, err = parseContent(l.pieces(rest), p.file.Namespace)
	case "obsolete":
		e.IsObsolete = true
		if after, ok := strings.CutPrefix(rest, "unknown"); ok {
			rest, e.IsUnknown = after, true
		}
		text := ""
		for _, piece := range l.pieces(rest) {
			text += " " + piece.text
		}
		if text = strings.TrimSpace(text); text != "" {
			if len(text) < 2 || text[0] != '"' || strings.IndexByte(text[1:], '"') != len(text)-2 {
				return errorf(l.pos, "expected what to use instead, in quotes; found %s", text)
			}
			e.Obsolete = text[1 : len(text)-1]
		}
	case "attrs":
		if rest != "" {
			l.children = append([]*line{{pos: l.pos, text: rest}}, l.children...)
		}
		e.Attrs, err = parseItems(l.children)
	default:
		return errorf(l.pos, "expected section, is, in, content, attrs or obsolete in an element; found %q", word)
	}
	return err
}

// parents reads `in <a>, <b>`; the angle brackets may be left out.
func (p *parser) parents(l *line, rest string) ([]Name, error) {
	ts, err := lex(l.pieces(rest))
	if err != nil {
		return nil, err
	}
	cp := &contentParser{ts, p.file.Namespace}
	var list []Name
	for {
		t := ts.next()
		if t.kind != 'w' && t.kind != '<' {
			return nil, errorf(t.pos, "expected an element's name, found %s", t)
		}
		list = append(list, cp.name(t))
		if t := ts.peek(); t.kind == 0 {
			return list, nil
		}
		if _, err := ts.expect(',', "`,`"); err != nil {
			return nil, err
		}
	}
}

// parseIs reads `is flow, interactive if @href, palpable if not @type = "hidden"`.
func parseIs(l *line, rest string) ([]Membership, error) {
	ts, err := lex(l.pieces(rest))
	if err != nil {
		return nil, err
	}
	var list []Membership
	for {
		w, err := ts.expect('w', "a category")
		if err != nil {
			return nil, err
		}
		m := Membership{Category: w.text}
		if ts.word("if") {
			if m.If, err = parseCondition(ts); err != nil {
				return nil, err
			}
		}
		list = append(list, m)
		if t := ts.peek(); t.kind == 0 {
			return list, nil
		}
		if _, err := ts.expect(',', "`,` or `if`"); err != nil {
			return nil, err
		}
	}
}

func parseCondition(ts *tokens) (*Condition, error) {
	c := &Condition{Not: ts.word("not")}
	t := ts.next()
	if t.kind != 'w' || len(t.text) < 2 || t.text[0] != '@' {
		return nil, errorf(t.pos, "expected a condition `@attribute`, `not @attribute` or `@attribute = values`; found %s", t)
	}
	name, equals := strings.CutSuffix(t.text[1:], "=")
	c.Attr = name
	if !equals && ts.word("=") {
		equals = true
	}
	var err error
	if equals {
		c.Values, err = parseValues(ts)
	}
	return c, err
}
