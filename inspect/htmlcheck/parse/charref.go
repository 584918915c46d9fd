package parse

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run gen_charref.go

//go:embed charref.txt
var charrefText string

// longestCharref is the length of the longest name, its semicolon included.
const longestCharref = 32

// charrefs is the list of section 13.5, read when the first reference is seen.
var charrefs = sync.OnceValue(func() map[string]string {
	m := make(map[string]string, 2231)
	for line := range strings.Lines(charrefText) {
		name, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			panic("parse: charref.txt: " + line)
		}
		m[name] = text
	}
	return m
})

// charrefNames are the names in order.
var charrefNames = sync.OnceValue(func() []string { return slices.Sorted(maps.Keys(charrefs())) })

// BeginsReference reports whether the name of a character reference begins like this, so
// that a mistyped one can be told from what was never meant as one.
func BeginsReference(start string) bool {
	names := charrefNames()
	i, _ := slices.BinarySearch(names, start)
	return i < len(names) && strings.HasPrefix(names[i], start)
}

// windows1252 holds what the references 0x80 to 0x9F mean (13.2.5.80, numeric character
// reference end state); 0 stands for the number itself.
var windows1252 = [32]rune{
	0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
	0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
}

// charRef reads the reference that begins with the "&" at t.pos (13.2.5.72 to 13.2.5.80).
// It consumes n bytes, which stand for text; when ok is false they stand for themselves.
func (t *Tokenizer) charRef(inAttr bool) (text string, n int, ok bool) {
	rest := t.src[t.pos+1:]
	if rest == "" {
		return "", 1, false
	}
	switch c := rest[0]; {
	case c == '#':
		return t.numericCharRef()
	case isAlnum(int(c)):
		return t.namedCharRef(rest, inAttr)
	}
	return "", 1, false
}

// namedCharRef is the named character reference state and the ambiguous ampersand state.
func (t *Tokenizer) namedCharRef(rest string, inAttr bool) (string, int, bool) {
	run := 0
	for run < len(rest) && isAlnum(int(rest[run])) {
		run++
	}
	longest := min(run, longestCharref)
	if run < len(rest) && rest[run] == ';' && run < longestCharref {
		if text, ok := charrefs()[rest[:run+1]]; ok {
			return text, run + 2, true
		}
	}
	for i := min(longest, longestLegacy); i >= 2; i-- {
		text, ok := charrefs()[rest[:i]]
		if !ok {
			continue
		}
		if inAttr && i < len(rest) && (rest[i] == '=' || isAlnum(int(rest[i]))) {
			return "", i + 1, false
		}
		end := t.pos + 1 + i
		t.errAt(MissingSemicolonAfterCharacterReference, end, Span{t.pos, end}, rest[:i])
		return text, i + 1, true
	}
	if run < len(rest) && rest[run] == ';' {
		at := t.pos + 1 + run
		t.errAt(UnknownNamedCharacterReference, at, Span{t.pos, at + 1}, rest[:run+1])
	}
	return "", run + 1, false
}

// longestLegacy is the length of the longest name that may stand without a semicolon.
const longestLegacy = 6

// numericCharRef is the numeric character reference state and those that follow it.
func (t *Tokenizer) numericCharRef() (string, int, bool) {
	src, start := t.src, t.pos
	i, base := start+2, 10
	if i < len(src) && src[i]|0x20 == 'x' {
		i, base = i+1, 16
	}
	first, code := i, 0
	for ; i < len(src); i++ {
		d := digit(src[i])
		if d >= base {
			break
		}
		if code <= 0x10FFFF {
			code = code*base + d
		}
	}
	if i == first {
		t.errAt(AbsenceOfDigitsInNumericCharacterReference, i, Span{start, i}, "")
		return "", i - start, false
	}
	if i < len(src) && src[i] == ';' {
		i++
	} else {
		t.errAt(MissingSemicolonAfterCharacterReference, i, Span{start, i}, src[start+1:i])
	}
	return t.codePoint(code, Span{start, i}), i - start, true
}

// codePoint is the numeric character reference end state.
func (t *Tokenizer) codePoint(code int, s Span) string {
	fail := func(c Code) { t.errAt(c, s.End, s, t.src[s.Start:s.End]) }
	switch {
	case code == 0:
		fail(NullCharacterReference)
		code = 0xFFFD
	case code > 0x10FFFF:
		fail(CharacterReferenceOutsideUnicodeRange)
		code = 0xFFFD
	case code >= 0xD800 && code <= 0xDFFF:
		fail(SurrogateCharacterReference)
		code = 0xFFFD
	case code >= 0xFDD0 && code <= 0xFDEF, code&0xFFFE == 0xFFFE:
		fail(NoncharacterCharacterReference)
	case code == '\r', code < 0x20 && !isSpace(code), code >= 0x7F && code <= 0x9F:
		fail(ControlCharacterReference)
		if code >= 0x80 && code <= 0x9F && windows1252[code-0x80] != 0 {
			code = int(windows1252[code-0x80])
		}
	}
	return string(rune(code))
}

// digit returns the value of c as a hexadecimal digit, 16 when it is none.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 16
}

func isSpace(c int) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\f' }

func isAlpha(c int) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' && c >= 0 }

func isAlnum(c int) bool { return isAlpha(c) || c >= '0' && c <= '9' }
