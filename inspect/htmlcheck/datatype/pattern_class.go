package datatype

import (
	"strings"
	"unicode/utf8"
)

// characterEscape reads an escape that stands for a character or a set of them; single is
// what may be escaped as it is. It returns the character, or -1 for a set.
func (p *patternParser) characterEscape(single string) rune {
	c := p.at(1)
	switch {
	case p.pos+1 == len(p.src):
		p.fail(p.pos, 1, "ends with a backslash")
		return -1
	case strings.IndexByte("dDsSwW", c) >= 0:
		p.pos += 2
		return -1
	case strings.IndexByte("fnrtv", c) >= 0:
		p.pos += 2
		return map[byte]rune{'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}[c]
	case c == '0' && !isDigit(p.at(2)):
		p.pos += 2
		return 0
	case c == 'c' && isAlpha(p.at(2)):
		p.pos += 3
		return rune(p.src[p.pos-1] & 31)
	case c == 'x' && isHex(p.at(2)) && isHex(p.at(3)):
		p.pos += 4
		return hexRune(p.src[p.pos-2 : p.pos])
	case c == 'u':
		return p.unicodeEscape()
	case c == 'p' || c == 'P':
		p.property()
		return -1
	case strings.IndexByte(single, c) >= 0:
		p.pos += 2
		return rune(c)
	}
	r, n := utf8.DecodeRuneInString(p.src[p.pos+1:])
	p.fail(p.pos, 1+n, "has the unknown escape "+quote(`\`+string(r))+": leave the backslash out")
	return -1
}

func hexRune(s string) (r rune) {
	for i := 0; i < len(s) && r <= utf8.MaxRune; i++ {
		d := rune(s[i] - '0')
		if s[i] > '9' {
			d = rune(s[i]|0x20-'a') + 10
		}
		r = r*16 + d
	}
	return r
}

// unicodeEscape reads \uXXXX or \u{X…}.
func (p *patternParser) unicodeEscape() rune {
	start := p.pos
	i := p.pos + 2
	if p.at(2) == '{' {
		for i++; i < len(p.src) && isHex(p.src[i]); i++ {
		}
		if r := hexRune(p.src[start+3 : i]); i > start+3 && i < len(p.src) && p.src[i] == '}' && r <= utf8.MaxRune {
			p.pos = i + 1
			return r
		}
	} else {
		for i < len(p.src) && i < start+6 && isHex(p.src[i]) {
			i++
		}
		if i == start+6 {
			p.pos = i
			return hexRune(p.src[start+2 : i])
		}
	}
	p.fail(start, 2, "has \\u without four hexadecimal digits or {…}")
	return -1
}

// property reads \p{Name} or \p{Name=Value}.
func (p *patternParser) property() {
	i := p.pos + 2
	if p.at(2) == '{' {
		for i++; i < len(p.src) && (isAlpha(p.src[i]) || isDigit(p.src[i]) || p.src[i] == '_' || p.src[i] == '='); i++ {
		}
		if i > p.pos+3 && i < len(p.src) && p.src[i] == '}' {
			p.pos = i + 1
			return
		}
	}
	p.fail(p.pos, 2, "has "+p.src[p.pos:p.pos+2]+" without a Unicode property such as {Letter}")
}

// classState is what came before in a class.
type classState struct {
	at   int
	last rune // the character before, -1 when it was a set or nothing
	any  bool // there is an operand
}

// class reads a class with all classes in it (the v flag nests them).
func (p *patternParser) class() {
	var open []classState
	push := func() {
		open = append(open, classState{at: p.pos, last: -1})
		if p.pos++; p.at(0) == '^' {
			p.pos++
		}
	}
	push()
	for len(open) > 0 && p.problem == nil {
		if p.pos >= len(p.src) {
			p.fail(open[len(open)-1].at, 1, "has a class that is not closed: ] is missing")
			return
		}
		top := &open[len(open)-1]
		switch c := p.src[p.pos]; {
		case c == '[':
			top.last, top.any = -1, true
			push()
		case c == ']':
			p.pos++
			open = open[:len(open)-1]
		case c == '-':
			p.minus(top)
		case p.doubled(top):
		default:
			top.last, top.any = p.classCharacter(), true
		}
	}
}

// minus reads what follows a character of a class as the end of a range, or "--".
func (p *patternParser) minus(top *classState) {
	at := p.pos
	if p.at(1) == '-' && top.any {
		p.pos += 2
		top.last = -1
		if c := p.at(0); c == ']' || c == 0 {
			p.fail(at, 2, "has -- without a set behind it")
		}
		return
	}
	if top.last < 0 || p.at(1) == ']' || p.at(1) == '[' {
		p.fail(at, 1, "has an unescaped - in a class that is no range: write \\-")
		return
	}
	p.pos++
	if p.pos >= len(p.src) {
		return
	}
	if p.at(0) == '-' {
		p.fail(p.pos, 1, "has an unescaped - in a class that is no range: write \\-")
		return
	}
	to := p.classCharacter()
	switch {
	case p.problem != nil:
	case to < 0:
		p.fail(at, p.pos-at, "has a set as the end of a range: write \\- for the character -")
	case to < top.last:
		p.fail(at-1, p.pos-at+1, "has a range whose ends are out of order")
	}
	top.last = -1
}

// doubled reads && and reports the other doubled punctuators, which are reserved.
func (p *patternParser) doubled(top *classState) bool {
	c := p.src[p.pos]
	if p.at(1) != c || strings.IndexByte("&!#$%*+,.:;<=>?@^`~", c) < 0 {
		return false
	}
	if c == '&' && top.any && p.at(2) != '&' {
		p.pos += 2
		top.last = -1
		if n := p.at(0); n == ']' || n == 0 {
			p.fail(p.pos-2, 2, "has && without a set behind it")
		}
		return true
	}
	p.fail(p.pos, 2, "has "+quote(p.src[p.pos:p.pos+2])+" in a class, which is reserved: write each with a backslash")
	return true
}

// classCharacter reads one character or escape of a class; -1 is a set.
func (p *patternParser) classCharacter() rune {
	c := p.src[p.pos]
	if c == '\\' {
		switch p.at(1) {
		case 'b':
			p.pos += 2
			return '\b'
		case 'q':
			end := strings.IndexByte(p.src[p.pos:], '}')
			if p.at(2) != '{' || end < 0 {
				p.fail(p.pos, 2, "has \\q without {…}")
				return -1
			}
			p.pos += end + 1
			return -1
		}
		return p.characterEscape("^$\\.*+?()[]{}|/-&!#%,:;<=>@`~")
	}
	if strings.IndexByte("()[]{}/|", c) >= 0 {
		p.fail(p.pos, 1, "has an unescaped "+string(c)+" in a class: write \\"+string(c))
		return -1
	}
	r, n := utf8.DecodeRuneInString(p.src[p.pos:])
	p.pos += n
	return r
}
