package notation

import "strings"

// contentParser reads content expressions of a file.
type contentParser struct {
	ts        *tokens
	namespace string
}

func parseContent(pieces []piece, namespace string) (Expr, error) {
	ts, err := lex(pieces)
	if err != nil {
		return nil, err
	}
	p := &contentParser{ts, namespace}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	if t := ts.peek(); t.kind != 0 {
		return nil, errorf(t.pos, "expected the end of the content, found %s", t)
	}
	return e, nil
}

// expr reads sequences with | or & between them; both at one level need parentheses.
func (p *contentParser) expr() (Expr, error) {
	first, err := p.sequence()
	if err != nil {
		return nil, err
	}
	sign := p.ts.peek().kind
	if sign != '|' && sign != '&' {
		return first, nil
	}
	parts := []Expr{first}
	for p.ts.accept(sign) {
		e, err := p.sequence()
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
	}
	if t := p.ts.peek(); t.kind == '|' || t.kind == '&' {
		return nil, errorf(t.pos, "`|` and `&` need parentheses between them")
	}
	if sign == '&' {
		return Interleave{parts}, nil
	}
	return Choice{parts}, nil
}

func (p *contentParser) sequence() (Expr, error) {
	var parts []Expr
	for {
		e, err := p.repeat()
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		if k := p.ts.peek().kind; k != 'w' && k != '<' && k != '(' {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return Seq{parts}, nil
}

func (p *contentParser) repeat() (Expr, error) {
	e, err := p.term()
	if err != nil {
		return nil, err
	}
	switch {
	case p.ts.accept('*'):
		return Repeat{e, 0, 0}, nil
	case p.ts.accept('+'):
		return Repeat{e, 1, 0}, nil
	case p.ts.accept('?'):
		return Repeat{e, 0, 1}, nil
	}
	return e, nil
}

const wantTerm = "content (<element>, a category, text, empty, any, transparent, data(TYPE) or a parenthesis)"

func (p *contentParser) term() (Expr, error) {
	switch t := p.ts.next(); t.kind {
	case '(':
		e, err := p.expr()
		if err != nil {
			return nil, err
		}
		_, err = p.ts.expect(')', "`)`")
		return e, err
	case '<':
		r := Ref{Pos: t.pos, Name: p.name(t)}
		if !p.ts.accept('l') {
			return r, nil
		}
		e, err := p.expr()
		if err != nil {
			return nil, err
		}
		r.Content = e
		_, err = p.ts.expect(')', "`)`")
		return r, err
	case 'w':
		return p.word(t)
	default:
		return nil, errorf(t.pos, "expected %s, found %s", wantTerm, t)
	}
}

func (p *contentParser) word(t token) (Expr, error) {
	switch t.text {
	case "text":
		return Text{}, nil
	case "empty":
		return Empty{}, nil
	case "any":
		return Any{}, nil
	case "transparent":
		return Transparent{}, nil
	case "data":
		if _, err := p.ts.expect('(', "`(` and the name of a type, as data(date)"); err != nil {
			return nil, err
		}
		w, err := p.ts.expect('w', "the name of a type")
		if err != nil {
			return nil, err
		}
		_, err = p.ts.expect(')', "`)`")
		return Data{t.pos, w.text}, err
	}
	name, one := strings.CutSuffix(t.text, ".one")
	r := CategoryRef{Pos: t.pos, Name: name, One: one}
	if !p.ts.word("except") {
		return r, nil
	}
	names, err := p.names()
	r.Except = names
	return r, err
}

// names reads <a>, <b>.
func (p *contentParser) names() ([]Name, error) {
	var list []Name
	for {
		t, err := p.ts.expect('<', "an <element>")
		if err != nil {
			return nil, err
		}
		list = append(list, p.name(t))
		if !p.ts.accept(',') {
			return list, nil
		}
	}
}

func (p *contentParser) name(t token) Name {
	if ns, local, ok := strings.Cut(t.text, ":"); ok {
		return Name{ns, local}
	}
	return Name{p.namespace, t.text}
}
