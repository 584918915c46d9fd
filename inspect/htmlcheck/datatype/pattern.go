package datatype

import (
	"strings"
	"unicode/utf8"
)

// checkPattern warns of a pattern attribute that is no ECMAScript regular expression with the
// v flag: browsers ignore the attribute then. It reads the value once, and does not look at
// the names of Unicode properties.
func checkPattern(v string) *Problem {
	p := patternParser{src: v}
	for p.pos < len(v) && p.problem == nil {
		p.term()
	}
	if p.problem == nil && len(p.open) > 0 {
		p.fail(p.open[len(p.open)-1].at, 1, "has a group that is not closed: ) is missing")
	}
	if p.problem == nil {
		p.references()
	}
	return p.problem
}

// patternGroup is an open parenthesis.
type patternGroup struct {
	at        int
	assertion bool // which no quantifier may follow
}

type patternParser struct {
	src     string
	pos     int
	open    []patternGroup
	atom    bool // a quantifier may follow
	groups  int  // capturing
	named   bool
	maxRef  int // the greatest \1, \2 …
	refAt   int
	nameRef bool // there is a \k<name>
	problem *Problem
}

func (p *patternParser) fail(at, length int, message string) {
	if p.problem == nil {
		at = min(at, len(p.src)-1)
		end := min(at+max(length, 1), len(p.src))
		p.problem = &Problem{Start: at, End: end, Warning: true, Rule: "attr-value/pattern",
			Message: message + " (it is no regular expression, so that browsers check nothing)"}
	}
}

func (p *patternParser) at(n int) byte {
	if p.pos+n < len(p.src) {
		return p.src[p.pos+n]
	}
	return 0
}

// term reads one piece outside of a class.
func (p *patternParser) term() {
	switch c := p.src[p.pos]; c {
	case '(':
		p.group()
	case ')':
		p.closeGroup()
	case '*', '+', '?':
		p.quantifier(1)
	case '{':
		p.braces()
	case '}', ']':
		p.fail(p.pos, 1, "has "+quote(string(c))+" without its partner: write \\"+string(c)+" for the character")
	case '|', '^', '$':
		p.pos++
		p.atom = false
	case '[':
		p.class()
		p.atom = true
	case '\\':
		p.escape()
	default:
		_, n := utf8.DecodeRuneInString(p.src[p.pos:])
		p.pos += n
		p.atom = true
	}
}

func (p *patternParser) group() {
	g := patternGroup{at: p.pos}
	p.pos++
	p.atom = false
	if p.at(0) != '?' {
		p.groups++
		p.open = append(p.open, g)
		return
	}
	p.pos++
	switch c := p.at(0); {
	case c == ':':
		p.pos++
	case c == '=' || c == '!':
		g.assertion = true
		p.pos++
	case c == '<' && (p.at(1) == '=' || p.at(1) == '!'):
		g.assertion = true
		p.pos += 2
	case c == '<':
		p.pos++
		p.groups++
		p.named = true
		if !p.groupName() {
			return
		}
	default:
		i := p.pos
		for i < len(p.src) && strings.IndexByte("ims-", p.src[i]) >= 0 {
			i++
		}
		if i == p.pos || i >= len(p.src) || p.src[i] != ':' {
			p.fail(g.at, i-g.at+1, "has a group of a kind that does not exist: (?: , (?= , (?! , (?<= , (?<! and (?<name> do")
			return
		}
		p.pos = i + 1
	}
	p.open = append(p.open, g)
}

// groupName reads a name up to >.
func (p *patternParser) groupName() bool {
	end := strings.IndexByte(p.src[p.pos:], '>')
	if end <= 0 || isDigit(p.at(0)) {
		p.fail(p.pos, 1, "has a group with a bad name: it must be like (?<year>…)")
		return false
	}
	for i := p.pos; i < p.pos+end; i++ {
		if c := p.src[i]; !isAlpha(c) && !isDigit(c) && c != '_' && c != '$' && c != '\\' && c < 0x80 {
			p.fail(i, 1, "has a group name with "+quote(string(c))+" in it")
			return false
		}
	}
	p.pos += end + 1
	return true
}

func (p *patternParser) closeGroup() {
	if len(p.open) == 0 {
		p.fail(p.pos, 1, "has ) without (: write \\) for the character")
		return
	}
	p.atom = !p.open[len(p.open)-1].assertion
	p.open = p.open[:len(p.open)-1]
	p.pos++
}

// quantifier reads one of n bytes, and the ? that makes it lazy.
func (p *patternParser) quantifier(n int) {
	if !p.atom {
		p.fail(p.pos, n, "has nothing for "+quote(p.src[p.pos:p.pos+n])+" to repeat: write \\"+p.src[p.pos:p.pos+1]+" for the character")
		return
	}
	p.pos += n
	if p.at(0) == '?' {
		p.pos++
	}
	p.atom = false
}

// braces reads {n}, {n,} or {n,m}.
func (p *patternParser) braces() {
	i := digits(p.src, p.pos+1)
	low := p.src[p.pos+1 : i]
	high := ""
	if i < len(p.src) && p.src[i] == ',' {
		j := digits(p.src, i+1)
		high = p.src[i+1 : j]
		i = j
	}
	if low == "" || i >= len(p.src) || p.src[i] != '}' {
		p.fail(p.pos, 1, "has { that begins no quantifier such as {2} or {2,4}: write \\{ for the character")
		return
	}
	if high != "" && lessDigits(high, low) {
		p.fail(p.pos, i+1-p.pos, "has a quantifier whose numbers are out of order")
		return
	}
	p.quantifier(i + 1 - p.pos)
}

// lessDigits reports whether the number a is less than b, of any length.
func lessDigits(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return len(a) < len(b) || len(a) == len(b) && a < b
}

// escape reads an escape outside of a class.
func (p *patternParser) escape() {
	p.atom = true
	switch c := p.at(1); {
	case c == 'b' || c == 'B':
		p.pos += 2
		p.atom = false
	case c == 'k':
		p.nameRef = true
		if p.at(2) != '<' {
			p.fail(p.pos, 2, "has \\k without the <name> of a group")
			return
		}
		p.pos += 3
		p.groupName()
	case '1' <= c && c <= '9':
		end := digits(p.src, p.pos+1)
		n := 0
		for i := p.pos + 1; i < end && n < len(p.src); i++ {
			n = n*10 + int(p.src[i]-'0')
		}
		if n > p.maxRef {
			p.maxRef, p.refAt = n, p.pos
		}
		p.pos = end
	default:
		p.characterEscape("^$\\.*+?()[]{}|/")
	}
}

// references checks the back references, when all groups are known.
func (p *patternParser) references() {
	if p.maxRef > p.groups {
		p.fail(p.refAt, 2, "refers to a group that does not exist")
	}
	if p.nameRef && !p.named {
		p.fail(strings.Index(p.src, `\k`), 2, "refers to a named group, but none has a name")
	}
}
