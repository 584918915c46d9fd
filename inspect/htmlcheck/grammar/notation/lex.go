package notation

import (
	"strings"
)

// token is one word of a content or value expression.
type token struct {
	pos  Pos
	kind byte // 'w' word, 's' string, '<' element, 'l' an opening parenthesis directly after an element, else the character itself; 0 the end
	text string
}

func (t token) String() string {
	switch t.kind {
	case 0:
		return "the end of the statement"
	case 's':
		return `"` + t.text + `"`
	case '<':
		return "<" + t.text + ">"
	}
	return "`" + t.text + "`"
}

// tokens reads words.
type tokens struct {
	list []token
	at   int
	end  token
}

func lex(pieces []piece) (*tokens, error) {
	ts := &tokens{}
	for _, p := range pieces {
		s := p.text
		for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
			t, n, err := lexOne(p.pos, s)
			if err != nil {
				return nil, err
			}
			s = s[n:]
			ts.list = append(ts.list, t)
			if t.kind == '<' && strings.HasPrefix(s, "(") {
				ts.list = append(ts.list, token{p.pos, 'l', "("})
				s = s[1:]
			}
		}
		ts.end = token{pos: p.pos}
	}
	return ts, nil
}

func lexOne(pos Pos, s string) (token, int, error) {
	switch c := s[0]; {
	case c == '"':
		i := strings.IndexByte(s[1:], '"')
		if i < 0 {
			return token{}, 0, errorf(pos, "expected a closing quote after %s", s)
		}
		return token{pos, 's', s[1 : i+1]}, i + 2, nil
	case c == '<':
		i := strings.IndexByte(s, '>')
		if i < 0 || !isName(strings.Replace(s[1:i], ":", "", 1)) {
			return token{}, 0, errorf(pos, "expected an element's name in angle brackets, as <div> or <svg:g>; found %s", s)
		}
		return token{pos, '<', s[1:i]}, i + 1, nil
	case strings.IndexByte("()|&*+?,;:", c) >= 0:
		return token{pos, c, s[:1]}, 1, nil
	}
	i := 0
	for i < len(s) && isWordByte(s[i]) {
		i++
	}
	if i == 0 {
		return token{}, 0, errorf(pos, "unexpected character %q", s[0])
	}
	// A repetition sign directly after a word is not part of it, but those of the names of
	// types are: integer>=0.
	return token{pos, 'w', s[:i]}, i, nil
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("-_.@=>%/", c) >= 0
}

// isName reports whether s is the name of an element; "*-*" is one.
func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isWordByte(c) && c != '*' || c == '>' || c == '=' {
			return false
		}
	}
	return s != ""
}

func (ts *tokens) peek() token {
	if ts.at < len(ts.list) {
		return ts.list[ts.at]
	}
	return ts.end
}

func (ts *tokens) next() token {
	t := ts.peek()
	if ts.at < len(ts.list) {
		ts.at++
	}
	return t
}

// accept takes the next token when it is of this kind.
func (ts *tokens) accept(kind byte) bool {
	if ts.peek().kind == kind {
		ts.at++
		return true
	}
	return false
}

// word takes the next token when it is this word.
func (ts *tokens) word(w string) bool {
	if t := ts.peek(); t.kind == 'w' && t.text == w {
		ts.at++
		return true
	}
	return false
}

func (ts *tokens) expect(kind byte, what string) (token, error) {
	t := ts.next()
	if t.kind != kind {
		return t, errorf(t.pos, "expected %s, found %s", what, t)
	}
	return t, nil
}
