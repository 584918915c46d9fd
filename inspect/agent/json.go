package agent

// This file holds as much of JSON (RFC 8259) as the wire needs: encoding/json
// would bring reflection into every program that listens.

const hexDigits = "0123456789abcdef"

func appendIntField(b []byte, key string, n int64) []byte {
	if n == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":`...)
	return appendInt(b, n)
}

func appendStringField(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":`...)
	return appendString(b, s)
}

func appendInt(b []byte, n int64) []byte {
	u := uint64(n)
	if n < 0 {
		b = append(b, '-')
		u = -u
	}
	var digits [20]byte // of the largest uint64
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + u%10)
		if u /= 10; u == 0 {
			return append(b, digits[i:]...)
		}
	}
}

func appendListField(b []byte, key string, list []string) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":[`...)
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendString quotes s. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	plain := 0 // where the bytes that go as they are begin
	for i := 0; i < len(s); {
		for len(s)-i >= 8 && plainBytes(s[i:i+8]) {
			i += 8
		}
		if i == len(s) {
			break
		}
		c := s[i]
		if c >= 0x20 && c < 0x80 && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[plain:i]...)
		size := 1
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&0xf])
		default:
			for end, r := range s[i:] { // the second rune's place is the first's length
				if end > 0 {
					break
				}
				b = append(b, string(r)...)
				size = runeSize(r, s[i:])
			}
		}
		i += size
		plain = i
	}
	return append(append(b, s[plain:]...), '"')
}

// plainBytes reports whether eight bytes go into a string as they are: ASCII, and
// neither control bytes nor quote nor backslash. It may deny what is.
func plainBytes(s string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	_ = s[7]
	v := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, slash := v^'"'*ones, v^'\\'*ones
	// A byte less than n borrows from its top bit when n is taken off.
	return (v|(v-0x20*ones)|(quote-ones)|(slash-ones))&tops == 0
}

// runeSize is how many bytes of s its first rune r takes.
func runeSize(r rune, s string) int {
	if r == 0xfffd && (len(s) < 3 || s[:3] != "\ufffd") {
		return 1 // not UTF-8
	}
	return len(string(r))
}

// A parser reads a flat object. After the first fault failed is set, and what the
// methods return means nothing.
type parser struct {
	rest   []byte
	failed bool
}

func (p *parser) space() {
	for len(p.rest) > 0 && (p.rest[0] == ' ' || p.rest[0] == '\t' || p.rest[0] == '\n' || p.rest[0] == '\r') {
		p.rest = p.rest[1:]
	}
}

// skip takes c if it comes next.
func (p *parser) skip(c byte) bool {
	p.space()
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) expect(c byte) {
	if !p.skip(c) {
		p.failed = true
	}
}

// next is true when another field follows, false at the end of the object.
func (p *parser) next() bool {
	if p.skip(',') {
		return true
	}
	p.expect('}')
	return false
}

// value skips a string, an integer or a list of strings.
func (p *parser) value() {
	p.space()
	switch {
	case len(p.rest) > 0 && p.rest[0] == '"':
		p.string()
	case len(p.rest) > 0 && p.rest[0] == '[':
		p.list()
	default:
		p.int()
	}
}

// list reads a list of strings.
func (p *parser) list() []string {
	var all []string
	p.expect('[')
	for more := !p.skip(']'); more && !p.failed; {
		all = append(all, p.string())
		if more = p.skip(','); !more {
			p.expect(']')
		}
	}
	return all
}

// int reads an integer of at most 18 digits, without fraction or exponent.
func (p *parser) int() int64 {
	const maxDigits = 18 // cannot overflow an int64
	negative := p.skip('-')
	n, digits := int64(0), 0
	for ; digits < len(p.rest) && p.rest[digits] >= '0' && p.rest[digits] <= '9'; digits++ {
		if digits == maxDigits {
			p.failed = true
			return 0
		}
		n = n*10 + int64(p.rest[digits]-'0')
	}
	if digits == 0 || digits > 1 && p.rest[0] == '0' {
		p.failed = true
		return 0
	}
	p.rest = p.rest[digits:]
	if negative {
		n = -n
	}
	return n
}

func (p *parser) string() string {
	p.expect('"')
	var b []byte
	for i := 0; i < len(p.rest) && !p.failed; i++ {
		switch c := p.rest[i]; {
		case c == '"':
			p.rest = p.rest[i+1:]
			return string(b)
		case c < 0x20:
			p.failed = true
		case c == '\\':
			n := 0
			b, n = appendEscaped(b, p.rest[i+1:])
			if n == 0 {
				p.failed = true
			}
			i += n
		default:
			b = append(b, c)
		}
	}
	p.failed = true
	return ""
}

// appendEscaped appends what the escape sequence at the start of s, without its
// backslash, stands for, and returns its length, 0 when it is none. Surrogates
// are refused: the wire writes such characters as they are.
func appendEscaped(b, s []byte) ([]byte, int) {
	if len(s) == 0 {
		return b, 0
	}
	switch c := s[0]; c {
	case '"', '\\', '/':
		return append(b, c), 1
	case 'b':
		return append(b, '\b'), 1
	case 'f':
		return append(b, '\f'), 1
	case 'n':
		return append(b, '\n'), 1
	case 'r':
		return append(b, '\r'), 1
	case 't':
		return append(b, '\t'), 1
	case 'u':
		if r, ok := hex4(s[1:]); ok && (r < 0xd800 || r > 0xdfff) {
			return append(b, string(r)...), 5
		}
	}
	return b, 0
}

func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
