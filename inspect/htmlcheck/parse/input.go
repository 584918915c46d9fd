package parse

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// Input is a document as the tokenizer reads it: decoded, without byte order mark, with LF
// line ends (sections 13.2.3.1 to 13.2.3.5).
type Input struct {
	// Text is valid UTF-8.
	Text string
	// Encoding is the standard's name of the encoding in lower case, Source how it was found.
	Encoding string
	Source   EncodingSource

	shifts shifts
	index  posIndex
	errs   errorList
}

// Decode finds the encoding of a document by byte order mark, the charset of the HTTP
// header or a meta element in the first 1024 bytes; else it is UTF-8, which it must be.
func Decode(doc []byte, contentType string) *Input {
	in := &Input{}
	label := in.sniff(doc, contentType)
	in.decode(doc, label)
	return in
}

// decode makes the text of doc in the named encoding.
func (in *Input) decode(doc []byte, name string) {
	in.Encoding = name
	bom := bomLength(doc, name)
	next := decodeUTF8
	if name != utf8Name {
		enc, err := htmlindex.Get(name)
		if err != nil {
			enc = encoding.Replacement
		}
		next = decodeWith(enc.NewDecoder().Transformer)
	} else if body := doc[bom:]; utf8.Valid(body) {
		text := string(body)
		if cr := in.scan(text); !cr {
			in.Text = text
			in.shifts.add(0, bom)
			return
		}
		in.errs = errorList{}
	}
	in.slowDecode(doc, bom, next)
	in.scan(in.Text)
}

// decodeFunc decodes the first character of b, which is not empty, in n bytes of b.
type decodeFunc func(b []byte) (text []byte, n int)

// slowDecode decodes character by character and makes line ends LF (13.2.3.5).
func (in *Input) slowDecode(doc []byte, bom int, next decodeFunc) {
	text := make([]byte, 0, len(doc)+len(doc)/8)
	delta := bom
	in.shifts.add(0, bom)
	for i := bom; i < len(doc); {
		if d := i - len(text); d != delta {
			delta = d
			in.shifts.add(len(text), delta)
		}
		if c := doc[i]; c < utf8.RuneSelf && c != '\r' && in.Encoding == utf8Name {
			text = append(text, c)
			i++
			continue
		}
		s, n := next(doc[i:])
		i += n
		switch {
		case len(s) == 1 && s[0] == '\r':
			text = append(text, '\n')
			if i < len(doc) {
				if s, n := next(doc[i:]); len(s) == 1 && s[0] == '\n' {
					i += n
				}
			}
			continue
		case string(s) == "\uFFFD" && !(in.Encoding == utf8Name && n == 3 && utf8.Valid(doc[i-3:i])):
			at := len(text)
			in.errs.add(Error{Code: MalformedByteSequence, Span: Span{at, at + 3}, At: at, Related: -1, Name: in.Encoding})
		}
		text = append(text, s...)
	}
	in.shifts.add(len(text), len(doc)-len(text))
	in.Text = string(text)
}

// decodeUTF8 replaces each maximal part of an ill-formed sequence, as the Encoding Standard
// does.
func decodeUTF8(b []byte) ([]byte, int) {
	if r, n := utf8.DecodeRune(b); r != utf8.RuneError || n != 1 {
		return b[:n], n
	}
	need, lo, hi := 0, byte(0x80), byte(0xBF)
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		need = 1
	case c >= 0xE0 && c <= 0xEF:
		need = 2
	case c >= 0xF0 && c <= 0xF4:
		need = 3
	}
	switch b[0] {
	case 0xE0:
		lo = 0xA0
	case 0xED:
		hi = 0x9F
	case 0xF0:
		lo = 0x90
	case 0xF4:
		hi = 0x8F
	}
	n := 1
	for ; n <= need && n < len(b) && b[n] >= lo && b[n] <= hi; n++ {
		lo, hi = 0x80, 0xBF
	}
	return []byte("\uFFFD"), n
}

// decodeWith decodes with a transformer, one character a call as far as it allows.
func decodeWith(t transform.Transformer) decodeFunc {
	var buf [utf8.UTFMax]byte
	return func(b []byte) ([]byte, int) {
		if len(b) > maxSequence {
			if text, n := decodeOne(t, buf[:], b[:maxSequence], false); n > 0 {
				return text, n
			}
		}
		if text, n := decodeOne(t, buf[:], b, true); n > 0 {
			return text, n
		}
		return []byte("\uFFFD"), 1
	}
}

// maxSequence is more than any encoding needs for one character with its escape sequences.
const maxSequence = 64

// decodeOne gives the transformer room for one byte, then for more until it writes.
func decodeOne(t transform.Transformer, buf, b []byte, atEOF bool) ([]byte, int) {
	for size := 1; size <= len(buf); size++ {
		nDst, nSrc, _ := t.Transform(buf[:size], b, atEOF)
		if nSrc > 0 {
			return buf[:nDst], nSrc
		}
	}
	return nil, 0
}

// The classes of bytes that scan looks at twice.
const (
	scanCR = 1 + iota
	scanControl
	scanC2
	scanHigh
)

var scanClass = func() (table [256]uint8) {
	for c := range 0x20 {
		if !isSpace(c) && c != 0 {
			table[c] = scanControl
		}
	}
	table['\r'], table[0x7F], table[0xC2], table[0xEF] = scanCR, scanControl, scanC2, scanHigh
	for c := 0xF0; c <= 0xF4; c++ {
		table[c] = scanHigh
	}
	return table
}()

// scan reports control characters and noncharacters (13.2.3.5) and whether there is a CR.
func (in *Input) scan(text string) (cr bool) {
	for i := 0; i < len(text); i++ {
		class := scanClass[text[i]]
		if class == 0 {
			continue
		}
		code, n := ControlCharacterInInputStream, 1
		switch class {
		case scanCR:
			cr = true
			continue
		case scanC2:
			if n = 2; text[i+1] >= 0xA0 {
				continue
			}
		case scanHigh:
			code = NoncharacterInInputStream
			var r rune
			if r, n = utf8.DecodeRuneInString(text[i:]); r&0xFFFE != 0xFFFE && (r < 0xFDD0 || r > 0xFDEF) {
				continue
			}
		}
		in.errs.add(Error{Code: code, Span: Span{i, i + n}, At: i, Related: -1})
	}
	return cr
}
