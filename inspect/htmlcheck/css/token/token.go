// Package token cuts CSS into tokens by CSS Syntax Level 3. The one call to make is
// [Lexer.Next]. It keeps no text of its own: a token is a range of the input. It never fails:
// what is wrong shows in the kind and the flags of a token.
package token

import "strings"

// Kind says what a token is.
type Kind uint8

// The kinds, as in section 4 of CSS Syntax; a comment is a token here.
const (
	EOF Kind = iota
	Ident
	Function // with its parenthesis
	AtKeyword
	Hash
	String
	BadString // ended by a line break
	URL
	BadURL
	Delim // one character
	Number
	Percentage
	Dimension
	Space
	CDO
	CDC
	Colon
	Semicolon
	Comma
	LeftSquare
	RightSquare
	LeftParen
	RightParen
	LeftBrace
	RightBrace
	Comment
)

// Token is one token.
type Token struct {
	Kind       Kind
	Start, End int // bytes of the input
	// Unit is where the unit of a Dimension starts.
	Unit int
	// Integer says that a number has neither a point nor an exponent.
	Integer bool
	// Unclosed says that the input ended within a comment, a string or a url().
	Unclosed bool
}

// Lexer reads Src from Pos on. The zero value reads nothing.
type Lexer struct {
	Src string
	Pos int
}

// Next returns the next token; at the end of Src it returns EOF, again and again.
func (l *Lexer) Next() Token {
	if l.Pos >= len(l.Src) {
		return Token{Start: l.Pos, End: l.Pos}
	}
	t := Token{Start: l.Pos}
	l.read(&t)
	t.End = l.Pos
	return t
}

// singles are the tokens of one character.
var singles = [128]Kind{
	':': Colon, ';': Semicolon, ',': Comma, '[': LeftSquare, ']': RightSquare,
	'(': LeftParen, ')': RightParen, '{': LeftBrace, '}': RightBrace,
}

func (l *Lexer) read(t *Token) {
	c := l.Src[l.Pos]
	if c < 128 && singles[c] != 0 {
		t.Kind = singles[c]
		l.Pos++
		return
	}
	switch {
	case isSpace(c):
		t.Kind = Space
		for l.Pos < len(l.Src) && isSpace(l.Src[l.Pos]) {
			l.Pos++
		}
	case c == '/' && l.at(1) == '*':
		l.comment(t)
	case c == '"' || c == '\'':
		l.quoted(t, c)
	case l.startsNumber(0):
		l.numeric(t)
	case c == '#' && (isName(l.at(1)) || l.startsEscape(1)):
		t.Kind = Hash
		l.Pos++
		l.name()
	case c == '@' && l.startsIdent(1):
		t.Kind = AtKeyword
		l.Pos++
		l.name()
	case c == '<' && strings.HasPrefix(l.Src[l.Pos:], "<!--"):
		t.Kind = CDO
		l.Pos += 4
	case c == '-' && strings.HasPrefix(l.Src[l.Pos:], "-->"):
		t.Kind = CDC
		l.Pos += 3
	case l.startsIdent(0):
		l.ident(t)
	default:
		t.Kind = Delim
		l.Pos++
	}
}

// at returns the byte n after Pos, or 0 behind the end.
func (l *Lexer) at(n int) byte {
	if l.Pos+n < len(l.Src) {
		return l.Src[l.Pos+n]
	}
	return 0
}

func (l *Lexer) startsEscape(n int) bool {
	return l.at(n) == '\\' && l.Pos+n+1 < len(l.Src) && !isBreak(l.at(n+1))
}

func (l *Lexer) startsIdent(n int) bool {
	if l.at(n) == '-' {
		return l.at(n+1) == '-' || isNameStart(l.at(n+1)) || l.startsEscape(n+1)
	}
	return isNameStart(l.at(n)) || l.startsEscape(n)
}

func (l *Lexer) startsNumber(n int) bool {
	if c := l.at(n); c == '+' || c == '-' {
		n++
	}
	return isDigit(l.at(n)) || l.at(n) == '.' && isDigit(l.at(n+1))
}

// name reads an ident sequence.
func (l *Lexer) name() {
	for l.Pos < len(l.Src) {
		switch c := l.Src[l.Pos]; {
		case isName(c):
			l.Pos++
		case l.startsEscape(0):
			l.Pos++
			l.escape()
		default:
			return
		}
	}
}

// escape reads what follows the backslash.
func (l *Lexer) escape() {
	if !isHex(l.Src[l.Pos]) {
		l.Pos++ // the rest of a longer character is name characters
		return
	}
	for n := 0; n < 6 && l.Pos < len(l.Src) && isHex(l.Src[l.Pos]); n++ {
		l.Pos++
	}
	if l.at(0) == '\r' && l.at(1) == '\n' {
		l.Pos++
	}
	if l.Pos < len(l.Src) && isSpace(l.Src[l.Pos]) {
		l.Pos++
	}
}

func (l *Lexer) comment(t *Token) {
	t.Kind = Comment
	end := strings.Index(l.Src[l.Pos+2:], "*/")
	if end < 0 {
		t.Unclosed = true
		l.Pos = len(l.Src)
		return
	}
	l.Pos += 2 + end + 2
}

func (l *Lexer) quoted(t *Token, quote byte) {
	t.Kind = String
	for l.Pos++; l.Pos < len(l.Src); l.Pos++ {
		switch c := l.Src[l.Pos]; {
		case c == quote:
			l.Pos++
			return
		case isBreak(c):
			t.Kind = BadString
			return
		case c == '\\':
			if l.at(1) == '\r' && l.at(2) == '\n' {
				l.Pos++
			}
			if l.Pos+1 < len(l.Src) {
				l.Pos++
			}
		}
	}
	t.Unclosed = true
}

func (l *Lexer) numeric(t *Token) {
	t.Integer = true
	if c := l.Src[l.Pos]; c == '+' || c == '-' {
		l.Pos++
	}
	l.digits()
	if l.at(0) == '.' && isDigit(l.at(1)) {
		t.Integer = false
		l.Pos++
		l.digits()
	}
	if c := l.at(0); c == 'e' || c == 'E' {
		sign := 0
		if s := l.at(1); s == '+' || s == '-' {
			sign = 1
		}
		if isDigit(l.at(1 + sign)) {
			t.Integer = false
			l.Pos += 1 + sign
			l.digits()
		}
	}
	switch {
	case l.startsIdent(0):
		t.Kind, t.Unit = Dimension, l.Pos
		l.name()
	case l.at(0) == '%':
		t.Kind = Percentage
		l.Pos++
	default:
		t.Kind = Number
	}
}

func (l *Lexer) digits() {
	for isDigit(l.at(0)) {
		l.Pos++
	}
}

func (l *Lexer) ident(t *Token) {
	t.Kind = Ident
	l.name()
	if l.at(0) != '(' {
		return
	}
	l.Pos++
	t.Kind = Function
	if !strings.EqualFold(l.Src[t.Start:l.Pos], "url(") {
		return
	}
	p := l.Pos
	for isSpace(l.at(p - l.Pos)) {
		p++
	}
	if p < len(l.Src) && (l.Src[p] == '"' || l.Src[p] == '\'') {
		return // a function with a string
	}
	l.Pos = p
	l.url(t)
}

// url reads an unquoted URL from its first character to its closing parenthesis.
func (l *Lexer) url(t *Token) {
	t.Kind = URL
	for ; l.Pos < len(l.Src); l.Pos++ {
		switch c := l.Src[l.Pos]; {
		case c == ')':
			l.Pos++
			return
		case isSpace(c):
			for isSpace(l.at(0)) {
				l.Pos++
			}
			if l.Pos < len(l.Src) && l.Src[l.Pos] != ')' {
				l.badURL(t)
				return
			}
			l.Pos--
		case c == '"' || c == '\'' || c == '(' || c < 0x20 || c == 0x7F:
			l.badURL(t)
			return
		case c == '\\':
			if !l.startsEscape(0) {
				l.badURL(t)
				return
			}
			l.Pos++
		}
	}
	t.Unclosed = true
}

// badURL reads the rest of a wrong URL.
func (l *Lexer) badURL(t *Token) {
	t.Kind = BadURL
	for ; l.Pos < len(l.Src); l.Pos++ {
		switch l.Src[l.Pos] {
		case ')':
			l.Pos++
			return
		case '\\':
			if l.startsEscape(0) {
				l.Pos++
			}
		}
	}
	t.Unclosed = true
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'
}

func isBreak(c byte) bool { return c == '\n' || c == '\r' || c == '\f' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func isNameStart(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c >= 0x80
}

func isName(c byte) bool { return isNameStart(c) || isDigit(c) || c == '-' }
