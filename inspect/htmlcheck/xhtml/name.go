package xhtml

import (
	"strconv"
	"unicode/utf8"
)

// name reads Name ([5]), and returns "" where there is none.
func (r *reader) name() string {
	start := r.i
	for r.i < len(r.text) {
		c := r.text[r.i]
		if c < utf8.RuneSelf {
			if !asciiNameChar(c, r.i > start) {
				break
			}
			r.i++
			continue
		}
		char, n := utf8.DecodeRuneInString(r.text[r.i:])
		if !nameChar(char, r.i > start) {
			break
		}
		r.i += n
	}
	return r.text[start:r.i]
}

func asciiNameChar(c byte, inside bool) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' ||
		inside && (c >= '0' && c <= '9' || c == '-' || c == '.')
}

// nameChar reports whether a character beyond ASCII is a NameStartChar ([4]), or with inside
// a NameChar ([4a]).
func nameChar(c rune, inside bool) bool {
	if inside && (c == 0xB7 || c >= 0x300 && c <= 0x36F || c == 0x203F || c == 0x2040) {
		return true
	}
	for _, part := range nameStarts {
		if c >= part[0] && c <= part[1] {
			return true
		}
	}
	return false
}

var nameStarts = [...][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D},
	{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD},
	{0x10000, 0xEFFFF},
}

func itoa(n int) string { return strconv.Itoa(n) }
