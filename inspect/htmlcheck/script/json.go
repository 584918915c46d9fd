package script

import "unicode/utf8"

// kind says what a JSON value is.
type kind uint8

const (
	object kind = iota
	array
	text
	other // a number, true, false, null
)

// value is a JSON value and where it stands in the text.
type value struct {
	kind       kind
	start, end int
	text       string   // of a string without escapes; with them as it is written
	escaped    bool     // the string has escapes
	members    []member // of an object, in order, also those with a name that came before
	items      []value  // of an array
}

// member is one of an object.
type member struct {
	name       string
	start, end int // of the name with its quotes
	value      value
}

// get returns the last member of this name, as JSON parsers do, or nil.
func (v *value) get(name string) *member {
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].name == name {
			return &v.members[i]
		}
	}
	return nil
}

// syntaxError is where a text stops to be JSON, and why.
type syntaxError struct {
	start, end int
	why        string
}

// maxJSONDepth bounds arrays and objects within each other, for the stack. No import map or
// rule set that is meant comes near.
const maxJSONDepth = 512

// reader reads JSON by RFC 8259.
type reader struct {
	src   string
	pos   int
	depth int
	err   *syntaxError
	deep  bool // maxJSONDepth was reached: the error says nothing about the text
}

// parseJSON reads the value at the start of src; rest is the offset of what follows it and
// is not white space.
func parseJSON(src string) (v value, rest int, err *syntaxError) {
	r := reader{src: src}
	v = r.value()
	if r.deep {
		return value{kind: other}, len(src), &syntaxError{}
	}
	if r.err != nil {
		return v, r.pos, r.err
	}
	r.space()
	return v, r.pos, nil
}

func (r *reader) fail(start, end int, why string) {
	if r.err == nil {
		r.err = &syntaxError{start, min(end, len(r.src)), why}
	}
}

func (r *reader) space() {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

func (r *reader) peek() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func (r *reader) value() value {
	r.space()
	v := value{kind: other, start: r.pos}
	switch c := r.peek(); {
	case r.pos >= len(r.src):
		r.fail(0, len(r.src), "it ends where a value should be")
	case c == '{':
		v.kind = object
		r.nested(&v, r.members)
	case c == '[':
		v.kind = array
		r.nested(&v, r.items)
	case c == '"':
		v.kind = text
		v.text, v.escaped = r.quoted()
	case c == '-' || isDigit(c):
		r.number()
	case c >= 'a' && c <= 'z':
		r.word()
	case c == '\'':
		r.fail(r.pos, r.pos+1, "strings stand in double quotes")
	case c == '/':
		r.fail(r.pos, r.pos+1, "JSON has no comments")
	default:
		r.unexpected("a value")
	}
	v.end = r.pos
	return v
}

// unexpected says that something else should stand here.
func (r *reader) unexpected(want string) {
	if r.pos >= len(r.src) {
		r.fail(max(len(r.src)-1, 0), len(r.src), "it ends where "+want+" should be")
		return
	}
	c, n := utf8.DecodeRuneInString(r.src[r.pos:])
	r.fail(r.pos, r.pos+n, "there is \""+string(c)+"\" where "+want+" should be")
}

func (r *reader) nested(v *value, read func(*value)) {
	if r.depth++; r.depth > maxJSONDepth {
		r.deep = true
		r.fail(r.pos, r.pos+1, "it is nested too deep")
		return
	}
	r.pos++
	read(v)
	r.depth--
}

func (r *reader) members(v *value) {
	r.space()
	if r.peek() == '}' {
		r.pos++
		return
	}
	for r.err == nil {
		r.space()
		m := member{start: r.pos}
		if c := r.peek(); c != '"' {
			if c == '}' && len(v.members) > 0 {
				r.fail(r.pos, r.pos+1, "a comma may not stand before }")
			} else {
				r.unexpected("a name in double quotes")
			}
			return
		}
		m.name, _ = r.quoted()
		m.end = r.pos
		r.space()
		if r.err == nil && r.peek() != ':' {
			r.unexpected("a colon")
			return
		}
		r.pos++
		m.value = r.value()
		if r.err != nil {
			return
		}
		v.members = append(v.members, m)
		if r.comma('}', "a comma or }") {
			return
		}
	}
}

func (r *reader) items(v *value) {
	r.space()
	if r.peek() == ']' {
		r.pos++
		return
	}
	for r.err == nil {
		r.space()
		if r.peek() == ']' {
			r.fail(r.pos, r.pos+1, "a comma may not stand before ]")
			return
		}
		item := r.value()
		if r.err != nil {
			return
		}
		v.items = append(v.items, item)
		if r.comma(']', "a comma or ]") {
			return
		}
	}
}

// comma goes over a comma; done says that the closing bracket was there instead.
func (r *reader) comma(closing byte, want string) (done bool) {
	r.space()
	switch r.peek() {
	case closing:
		r.pos++
		return true
	case ',':
		r.pos++
		return false
	}
	r.unexpected(want)
	return true
}

// quoted reads a string. It returns what stands between the quotes.
func (r *reader) quoted() (s string, escaped bool) {
	start := r.pos + 1
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '"':
			r.pos = i + 1
			return r.src[start:i], escaped
		case c < 0x20:
			r.fail(i, i+1, "a string may not have a line break, a tab or another control character in it; write \\n or \\t")
			r.pos = i
			return "", false
		case c == '\\':
			n := escapeLength(r.src[i:])
			if n == 0 {
				r.fail(i, i+2, "this escape does not exist in JSON")
				r.pos = i
				return "", false
			}
			escaped = true
			i += n - 1
		}
	}
	r.fail(start-1, len(r.src), "a string is not closed")
	r.pos = len(r.src)
	return "", false
}

// escapeLength returns the length of the escape at the start of s, or 0.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) < 6 {
			return 0
		}
		for i := 2; i < 6; i++ {
			if c := s[i]; !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 6
	}
	return 0
}

func (r *reader) number() {
	start := r.pos
	if r.peek() == '-' {
		r.pos++
	}
	first := r.pos
	r.digits()
	switch {
	case r.pos == first:
		r.unexpected("a digit")
		return
	case r.src[first] == '0' && r.pos > first+1:
		r.fail(start, r.pos, "a number does not begin with 0")
		return
	}
	if r.peek() == '.' {
		r.pos++
		if at := r.pos; !r.digits() {
			r.fail(at-1, at, "a digit must follow the point")
			return
		}
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.pos++
		if c := r.peek(); c == '+' || c == '-' {
			r.pos++
		}
		if !r.digits() {
			r.unexpected("a digit")
		}
	}
}

func (r *reader) digits() bool {
	start := r.pos
	for isDigit(r.peek()) {
		r.pos++
	}
	return r.pos > start
}

func (r *reader) word() {
	start := r.pos
	for c := r.peek(); c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || isDigit(c); c = r.peek() {
		r.pos++
	}
	switch r.src[start:r.pos] {
	case "true", "false", "null":
	default:
		r.fail(start, r.pos, "names and strings stand in double quotes")
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
