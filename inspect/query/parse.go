package query

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
)

const (
	maxLength = 4096 // bytes of a query; a person types less, and a regexp of this size is cheap
	maxDepth  = 64   // nested parentheses and NOTs
)

// Query is a parsed query. The zero value matches everything. It is a value, safe for
// concurrent use.
type Query struct {
	root   node
	decode func(inspect.Header, inspect.Body) []byte
}

// Parse reads a query. now is what since: and before: count from. An error is always
// an [*Error]. An empty query matches everything.
func Parse(text string, now time.Time) (Query, error) {
	p := parser{text: text, now: now}
	if len(text) > maxLength {
		return Query{}, &Error{Pos: maxLength, Len: len(text) - maxLength,
			Message: fmt.Sprintf("query is longer than %d characters", maxLength)}
	}
	if !utf8.ValidString(text) {
		return Query{}, &Error{Pos: len(strings.ToValidUTF8(text, "")), Message: "query is not UTF-8"}
	}
	p.space()
	if p.pos == len(text) {
		return Query{}, nil
	}
	root, err := p.or(0)
	if err != nil {
		return Query{}, err
	}
	if p.pos < len(text) {
		return Query{}, &Error{Pos: p.pos, Len: 1, Message: "a ) without its ("}
	}
	return Query{root: root}, nil
}

// WithDecoder returns a q that searches bodies as decode gives them: without content
// coding. By default they are searched as they were sent. A nil result means that the
// body cannot be decoded and is searched as it is.
func (q Query) WithDecoder(decode func(h inspect.Header, b inspect.Body) []byte) Query {
	q.decode = decode
	return q
}

// Match reports whether q matches the exchange with the summary s. It calls load, at
// most once, only when a term about headers or bodies decides; load may return nil
// when they are gone, and such a term then does not match.
func (q Query) Match(s *inspect.Summary, load func() *inspect.Exchange) bool {
	if q.root == nil {
		return true
	}
	c := candidate{s: s, load: load, decode: q.decode}
	return q.root.match(&c)
}

// String returns the query in its plainest form, which Parse reads as the same query.
func (q Query) String() string {
	if q.root == nil {
		return ""
	}
	return q.root.String()
}

// parser reads one query by recursive descent:
//
//	or   = and { "OR" and }
//	and  = not { [ "AND" ] not }
//	not  = ( "NOT" | "-" ) not | "(" or ")" | term
type parser struct {
	text string
	pos  int
	now  time.Time
}

func (p *parser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// keyword takes the word w if it stands here as a word of its own.
func (p *parser) keyword(w string) bool {
	rest, ok := strings.CutPrefix(p.text[p.pos:], w)
	if !ok || rest != "" && strings.IndexByte(" \t\r\n()", rest[0]) < 0 {
		return false
	}
	p.pos += len(w)
	p.space()
	return true
}

// atEnd reports whether no operand can begin here.
func (p *parser) atEnd() bool { return p.pos >= len(p.text) || p.text[p.pos] == ')' }

func (p *parser) or(depth int) (node, error) {
	var alts []node
	for {
		n, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		alts = append(alts, n)
		at := p.pos
		if !p.keyword("OR") {
			return newOr(alts), nil
		}
		if p.atEnd() {
			return nil, &Error{Pos: at, Len: 2, Message: "nothing follows OR"}
		}
	}
}

func (p *parser) and(depth int) (node, error) {
	var parts []node
	for {
		n, err := p.not(depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		at := p.pos
		if p.keyword("AND") && p.atEnd() {
			return nil, &Error{Pos: at, Len: 3, Message: "nothing follows AND"}
		}
		if p.atEnd() {
			return newAnd(parts), nil
		}
		if at = p.pos; p.keyword("OR") {
			p.pos = at
			return newAnd(parts), nil
		}
	}
}

func (p *parser) not(depth int) (node, error) {
	if depth > maxDepth {
		return nil, &Error{Pos: p.pos, Len: 1, Message: fmt.Sprintf("more than %d levels of parentheses and NOT", maxDepth)}
	}
	at := p.pos
	for _, op := range []string{"OR", "AND"} {
		if p.keyword(op) {
			return nil, &Error{Pos: at, Len: len(op), Message: "nothing stands before " + op, Suggestion: `"` + op + `"`}
		}
	}
	negated := p.keyword("NOT")
	if !negated && p.pos < len(p.text) && p.text[p.pos] == '-' {
		p.pos++
		negated = true
	}
	if negated {
		if p.atEnd() || p.text[p.pos] == ' ' {
			return nil, &Error{Pos: at, Len: p.pos - at, Message: "nothing to negate"}
		}
		n, err := p.not(depth + 1)
		if err != nil {
			return nil, err
		}
		return not{n}, nil
	}
	if p.text[p.pos] == '(' {
		return p.group(depth)
	}
	if p.text[p.pos] == ')' {
		return nil, &Error{Pos: p.pos, Len: 1, Message: "a ) without its ("}
	}
	n, err := p.term()
	p.space()
	return n, err
}

func (p *parser) group(depth int) (node, error) {
	at := p.pos
	p.pos++
	p.space()
	if p.pos < len(p.text) && p.text[p.pos] == ')' {
		return nil, &Error{Pos: at, Len: p.pos + 1 - at, Message: "nothing between the parentheses"}
	}
	if p.pos == len(p.text) {
		return nil, &Error{Pos: at, Len: 1, Message: "a ( without its )"}
	}
	n, err := p.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if p.pos == len(p.text) {
		return nil, &Error{Pos: at, Len: 1, Message: "a ( without its )"}
	}
	p.pos++
	p.space()
	return n, nil
}

// operators lists the longer ones first.
var operators = []string{">=", "<=", "!=", ":", "~", ">", "<", "="}

// term reads field operator value, or a bare word.
func (p *parser) term() (node, error) {
	at := p.pos
	end := at
	for end < len(p.text) && isFieldByte(p.text[end]) {
		end++
	}
	name := p.text[at:end]
	if name != "" && !strings.HasPrefix(p.text[end:], "://") {
		for _, op := range operators {
			if strings.HasPrefix(p.text[end:], op) {
				p.pos = end + len(op)
				return p.fieldTerm(at, name, op)
			}
		}
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if v.text == "" {
		return nil, &Error{Pos: v.pos, Len: v.len, Message: "an empty word"}
	}
	if is, ok := traits[v.text]; ok && !v.quoted && v.text != "sub" { // which begins submit and subscribe
		return is.term(v.text), nil
	}
	return wordTerm(v), nil
}

func isFieldByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'
}

// value is the right side of a term.
type value struct {
	text     string
	quoted   bool
	pos, len int
}

// errorf returns an error about v.
func (v value) errorf(suggestion, format string, args ...any) *Error {
	return &Error{Pos: v.pos, Len: v.len, Message: fmt.Sprintf(format, args...), Suggestion: suggestion}
}

// value reads up to a space or parenthesis, or a quoted string.
func (p *parser) value() (value, error) {
	at := p.pos
	if p.pos < len(p.text) && p.text[p.pos] == '"' {
		return p.quoted()
	}
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n()\"", p.text[p.pos]) < 0 {
		p.pos++
	}
	return value{text: p.text[at:p.pos], pos: at, len: p.pos - at}, nil
}

// quoted reads a string in double quotes. Inside, \" stands for a quote and \\ for a
// backslash; any other backslash stays, so that regular expressions need no doubling.
func (p *parser) quoted() (value, error) {
	at := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		if c == '"' {
			p.pos++
			return value{text: b.String(), quoted: true, pos: at, len: p.pos - at}, nil
		}
		if c == '\\' && p.pos+1 < len(p.text) && strings.IndexByte(`"\`, p.text[p.pos+1]) >= 0 {
			p.pos++
			c = p.text[p.pos]
		}
		b.WriteByte(c)
	}
	return value{}, &Error{Pos: at, Len: len(p.text) - at, Message: "a \" without its end"}
}

// quote writes s so that the parser reads it back as one value.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// spell writes a value, quoted where it must be.
func spell(s string) string {
	if s == "" || strings.ContainsAny(s, " \t\r\n()\"\\") {
		return quote(s)
	}
	return s
}
