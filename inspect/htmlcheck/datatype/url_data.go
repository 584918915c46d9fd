package datatype

import "unicode/utf8"

// data checks the media type and the base64 form of a data: URL (RFC 2397).
func (u *urlScan) data() {
	if u.fragment >= 0 {
		u.fail(u.fragment, u.end, "url/data-fragment", `has a fragment, which data: URLs do not have (RFC 2397); write %23 if the "#" belongs to the data`)
		u.problem.Warning = true
		return
	}
	d := dataReader{s: u.s[u.path[0]:u.path[1]]}
	if what := d.read(); what != "" {
		at := u.path[0] + min(d.from, len(d.s))
		u.fail(at, min(u.path[0]+max(d.i, d.from+1), u.end), "url/data", "is no valid data: URL: "+what)
		if u.problem.Start >= u.problem.End {
			u.problem.Start = u.path[0] - len("data:")
		}
	}
}

// dataReader reads percent-decoded bytes.
type dataReader struct {
	s       string
	from, i int // the byte that was read last is [from, i)
}

const endOfData = -1

func (d *dataReader) next() int {
	d.from = d.i
	if d.i >= len(d.s) {
		return endOfData
	}
	c := d.s[d.i]
	if c == '%' && isEscape(d.s[d.i:]) {
		c = unhex(d.s[d.i+1])<<4 | unhex(d.s[d.i+2])
		d.i += 2
	}
	d.i++
	return int(c)
}

// What is wrong with a data: URL.
const (
	dataNoComma = `there must be a comma before the data ("data:text/plain,hello")`
	dataType    = `what stands before the comma must be a media type such as "text/html" or "image/png", or nothing`
	dataParam   = `a parameter of the media type must have the form ";name=value" (";base64" right before the comma is the only other one)`
	dataASCII   = "the media type can have only ASCII characters"
	dataBase64  = "after ;base64 there must be base64 with its padding: groups of four letters, digits, + and /, the last one filled up with ="
)

// read returns what is wrong, or nothing.
func (d *dataReader) read() string {
	c := d.next()
	if isTokenByte(c) {
		if c = d.token(); c != '/' {
			return d.unexpected(c, dataType)
		}
		if c = d.next(); !isTokenByte(c) {
			return d.unexpected(c, dataType)
		}
		c = d.token()
		for c >= 0 && c < utf8.RuneSelf && isSpace(byte(c)) {
			c = d.next()
		}
		if c != ',' && c != ';' {
			return d.unexpected(c, dataType)
		}
	}
	for c == ';' {
		name := ""
		if c = d.next(); !isTokenByte(c) {
			return d.unexpected(c, dataParam)
		}
		start := d.from
		c = d.token()
		if name = unescape(d.s[start:d.from]); c == ',' && name == "base64" {
			return d.base64()
		}
		if c != '=' {
			return d.unexpected(c, dataParam)
		}
		if c = d.next(); c == '"' {
			c = d.quoted()
		} else if isTokenByte(c) {
			c = d.token()
		} else {
			return d.unexpected(c, dataParam)
		}
	}
	if c != ',' {
		return d.unexpected(c, dataType)
	}
	return ""
}

// token reads on to the first byte that is none of a token and returns it.
func (d *dataReader) token() int {
	for {
		if c := d.next(); !isTokenByte(c) {
			return c
		}
	}
}

// quoted reads on behind the end of a quoted string.
func (d *dataReader) quoted() int {
	for {
		switch c := d.next(); c {
		case '"':
			return d.next()
		case '\\':
			d.next()
		case endOfData:
			return c
		}
	}
}

func (d *dataReader) unexpected(c int, what string) string {
	switch {
	case c == endOfData:
		return dataNoComma
	case c >= utf8.RuneSelf:
		return dataASCII
	}
	return what
}

func (d *dataReader) base64() string {
	n, padding := 0, 0
	for c := d.next(); c != endOfData; c = d.next() {
		switch {
		case c == '=':
			if n%4 < 2 {
				return dataBase64
			}
			padding++
		case !isBase64(c) || padding > 0 && n%4 != 0:
			return dataBase64
		default:
			padding = 0
		}
		n++
	}
	if n%4 != 0 {
		return dataBase64
	}
	return ""
}

func isBase64(c int) bool {
	return c < utf8.RuneSelf && (isAlpha(byte(c)) || isDigit(byte(c)) || c == '+' || c == '/')
}

// isTokenByte reports a character of a token (RFC 2045 5.1).
func isTokenByte(c int) bool {
	if c <= ' ' || c >= 0x7F {
		return false
	}
	switch c {
	case '(', ')', '<', '>', '@', ',', ';', ':', '\\', '"', '/', '[', ']', '?', '=':
		return false
	}
	return true
}
