package redact

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// variables masks each of list; under says that they are parts of a secret value.
func (r *Redactor) variables(list []inspect.Variable, under bool) []inspect.Variable {
	list = slices.Clone(list)
	for i := range list {
		list[i] = r.variable(list[i], under)
	}
	return list
}

// variable returns a copy of v with its secrets masked: all of it under a plainly
// secret name; a header or cookie as the same header of a request would be; what is
// secret by its form in other values, also in bytes.
func (r *Redactor) variable(v inspect.Variable, under bool) inspect.Variable {
	key, isKey := mapKey(v.Name)
	secret := under || r.plainlySecret(v.Name) || isKey && r.secretName(key)
	switch {
	case secret && v.Value != "" && v.Value != "nil" && v.Value != `""`:
		v.Value = Mask
	default:
		v.Value = r.value(v.Value)
	}
	v.Name = r.forms(v.Name) // may be the key of a map
	switch {
	case secret:
		v.Children = r.variables(v.Children, true)
	case isType(v.Type, "http.Header", "textproto.MIMEHeader"):
		v.Children = r.headerFields(v.Children)
	case isType(v.Type, "http.Cookie"):
		if strings.Contains(v.Value, "{") {
			v.Value, v.More = Mask, false // its name is among the children
		}
		v.Children = r.cookieFields(v.Children)
	case isKey && v.Children == nil && r.field(key, "x") != "x":
		v.Value = r.headerValue(key, v.Value)
	default:
		v.Children = r.variables(v.Children, false)
	}
	return v
}

// mapKey returns the text of a key, which is the name of a map's part: ["Accept"].
func mapKey(name string) (string, bool) {
	if !strings.HasPrefix(name, `["`) || !strings.HasSuffix(name, `"]`) {
		return "", false
	}
	key, err := strconv.Unquote(name[1 : len(name)-1])
	return key, err == nil
}

// isType reports whether a Go type is one of names or a pointer to it.
func isType(t string, names ...string) bool {
	t = strings.TrimLeft(t, "*")
	return slices.ContainsFunc(names, func(n string) bool { return t == n || strings.HasSuffix(t, "/"+n) })
}

// headerFields masks the parts of a header, which are lists of values.
func (r *Redactor) headerFields(list []inspect.Variable) []inspect.Variable {
	list = slices.Clone(list)
	for i := range list {
		f := &list[i]
		name, ok := mapKey(f.Name)
		if !ok {
			*f = r.variable(*f, false)
			continue
		}
		f.Value = r.headerValue(name, f.Value)
		f.Children = slices.Clone(f.Children)
		for k := range f.Children {
			f.Children[k].Value = r.headerValue(name, f.Children[k].Value)
		}
	}
	return list
}

// headerValue masks a value of the header field name, as Go syntax.
func (r *Redactor) headerValue(name, value string) string {
	text, err := strconv.Unquote(value)
	if err == nil {
		if masked := r.field(name, text); masked != text {
			return strconv.Quote(masked)
		}
		return value
	}
	if strings.Contains(value, `"`) && r.field(name, "x") != "x" { // several, or one that was cut
		return Mask
	}
	return r.value(value)
}

// cookieFields masks the parts of a cookie that hold its value.
func (r *Redactor) cookieFields(list []inspect.Variable) []inspect.Variable {
	list = slices.Clone(list)
	for i := range list {
		holds := slices.Contains([]string{"Value", "Raw", "Unparsed"}, list[i].Name)
		list[i] = r.variable(list[i], holds)
	}
	return list
}

// value masks what is secret by its form in a value as Go syntax, in its strings as in
// any text.
func (r *Redactor) value(s string) string {
	s = r.fields(s)
	if strings.Contains(s, `"`) {
		s = quoted.ReplaceAllStringFunc(s, r.goString)
		if i := strings.LastIndexByte(s, '"'); i >= 0 && strings.Count(s, `"`)%2 == 1 { // cut within a string
			s = s[:i] + strings.TrimSuffix(r.goString(s[i:]+`"`), `"`)
		}
	}
	if strings.Contains(s, "0x") {
		s = hexBytes.ReplaceAllStringFunc(s, r.bytes)
	}
	return r.Source(s)
}

// goString masks a string as Go syntax. Its escapes would hide where words begin.
func (r *Redactor) goString(s string) string {
	text, err := strconv.Unquote(s)
	if err != nil {
		return s[:1] + r.Text(s[1:len(s)-1]) + s[len(s)-1:]
	}
	if strings.Contains(text, "\r\n") && requestBytes.MatchString(text) {
		return strconv.Quote(Mask)
	}
	if masked := r.Text(text); masked != text {
		return strconv.Quote(masked)
	}
	return s
}

// hexBytes: the elements of a byte slice as Go syntax.
var hexBytes = regexp.MustCompile(`0x[0-9a-f]{1,2}(?:, ?0x[0-9a-f]{1,2}){5,}`)

// bytes masks the elements of a byte slice when the text that they are holds a secret:
// the buffers of a connection hold whole requests.
func (r *Redactor) bytes(s string) string {
	var text []byte
	for e := range strings.SplitSeq(s, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(e), 0, 8)
		if err != nil {
			return s
		}
		text = append(text, byte(n))
	}
	if plain := string(text); r.Text(plain) != plain || requestBytes.Match(text) {
		return Mask
	}
	return s
}

// requestBytes: the beginning of an HTTP message, whose secrets may lie behind the cut.
var requestBytes = regexp.MustCompile(`(?i)^(?:[A-Z]{3,10} [^ ]+ HTTP/1|HTTP/1\.[01] [0-9]{3})`)
