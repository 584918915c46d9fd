package redact

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxDepth bounds the nesting that is followed. Deeper values are masked whole when
// anything around them is, and else by the names right before them.
const maxDepth = 1000

// looksJSON reports whether data begins as a JSON object or array does.
func looksJSON(data []byte) bool {
	t := bytes.TrimLeft(data, " \t\r\n\x1e\xef\xbb\xbf")
	return len(t) > 0 && (t[0] == '{' || t[0] == '[')
}

// json masks the strings and numbers under secret names, all that an object or array
// under such a name holds included. true, false and null stay: they are no secrets.
// Everything else stays byte for byte. data may be several values, may be cut off, and
// need not be valid: what is a string or a number is found all the same.
func (r *Redactor) json(data []byte) []byte {
	w := jsonWalk{r: r, out: make([]byte, 0, len(data)), stack: []bool{false}}
	for i := 0; i < len(data); {
		i = w.token(data, i)
	}
	return w.out
}

// jsonWalk is the state of json.
type jsonWalk struct {
	r      *Redactor
	out    []byte
	stack  []bool // for each open object or array: is all of it secret
	secret bool   // the last key is secret
	count  bool   // the last key names a count, of tokens
	deep   int    // levels open beyond maxDepth
}

// token copies or masks the token at i and returns the position after it.
func (w *jsonWalk) token(data []byte, i int) int {
	masked := w.secret || w.stack[len(w.stack)-1]
	switch c := data[i]; c {
	case '"':
		end := stringEnd(data, i)
		if isKey(data, end) {
			name := unquote(data[i:end])
			w.secret, w.count = w.r.secretName(name), strings.HasSuffix(strings.ToLower(name), "tokens")
			w.out = append(w.out, data[i:end]...)
			return end
		}
		w.scalar(data[i:end], masked)
		return end
	case '{', '[':
		if len(w.stack) < maxDepth {
			w.stack = append(w.stack, masked)
		} else {
			w.deep++
		}
		w.secret = false
	case '}', ']':
		if w.deep > 0 {
			w.deep--
		} else if len(w.stack) > 1 {
			w.stack = w.stack[:len(w.stack)-1]
		}
		w.secret = false
	case ',':
		w.secret = false
	case ':', ' ', '\t', '\r', '\n':
	default:
		end := i + 1
		for end < len(data) && bytes.IndexByte([]byte(" \t\r\n{}[],:\""), data[end]) < 0 {
			end++
		}
		word := data[i:end]
		w.scalar(word, masked && !isLiteral(word) && !w.count)
		return end
	}
	w.out = append(w.out, data[i])
	return i + 1
}

// scalar copies a string or number, or masks it. Strings are also looked into.
func (w *jsonWalk) scalar(raw []byte, masked bool) {
	switch {
	case masked && string(raw) != `""`:
		w.out = append(w.out, `"`+Mask+`"`...)
	case raw[0] == '"' && len(raw) > 8 && bytes.ContainsAny(raw, `=\:`):
		w.out = append(w.out, w.inner(raw)...)
	default:
		w.out = append(w.out, raw...)
	}
}

// inner masks what a string quotes. The string of a cut body has no end, and is
// masked as it stands.
func (w *jsonWalk) inner(raw []byte) []byte {
	var s string
	if raw[len(raw)-1] != '"' || json.Unmarshal(raw, &s) != nil {
		return append([]byte{'"'}, w.r.Text(string(raw[1:]))...)
	}
	masked := w.r.Text(s)
	if masked == s {
		return raw
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(masked) != nil { // a string always encodes
		return []byte(`"` + Mask + `"`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// stringEnd returns the position after the string that begins at i, or the end of data;
// JSON and Go write them alike.
func stringEnd[T string | []byte](data T, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// isKey reports whether a colon follows.
func isKey(data []byte, i int) bool {
	for ; i < len(data); i++ {
		switch data[i] {
		case ' ', '\t', '\r', '\n':
		case ':':
			return true
		default:
			return false
		}
	}
	return false
}

// unquote returns the text of a JSON string, or its bytes when it is not valid.
func unquote(raw []byte) string {
	var s string
	if bytes.IndexByte(raw, '\\') >= 0 && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(bytes.Trim(raw, `"`))
}

func isLiteral(word []byte) bool {
	switch string(word) {
	case "true", "false", "null":
		return true
	}
	return false
}
