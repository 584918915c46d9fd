package redact

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// hexOf is s as the elements of a byte slice.
func hexOf(s string) string {
	var b []string
	for _, c := range []byte(s) {
		b = append(b, fmt.Sprintf("0x%02x", c))
	}
	return "[]byte{" + strings.Join(b, ", ") + "}"
}

func TestVariables(t *testing.T) {
	const secret = "hunter2hunter2"
	leaf := func(name, value string) inspect.Variable {
		return inspect.Variable{Name: name, Type: "string", Value: value}
	}
	field := func(name string, values ...string) inspect.Variable {
		v := inspect.Variable{Name: `["` + name + `"]`, Type: "[]string", Value: fmt.Sprintf("[]string len %d cap 1", len(values))}
		for i, s := range values {
			v.Children = append(v.Children, leaf(fmt.Sprintf("[%d]", i), s))
		}
		return v
	}
	quote := func(s string) string { return `"` + s + `"` }
	var r Redactor
	tests := []struct {
		name string
		v    inspect.Variable
	}{
		{"header", inspect.Variable{Name: "h", Type: "http.Header", Value: "http.Header len 3", Children: []inspect.Variable{
			field("Authorization", quote("Digest "+secret)), field("Cookie", quote("theme=dark; sid="+secret)), field("X-Api-Key", quote(secret))}}},
		{"header in one line", inspect.Variable{Name: "h", Type: "net/textproto.MIMEHeader", Children: []inspect.Variable{
			leaf(`["Set-Cookie"]`, `[]string{"sid=`+secret+`", "b`)}}},
		{"map", inspect.Variable{Name: "m", Type: "map[string]string", Children: []inspect.Variable{
			leaf(`["session"]`, quote(secret)), leaf(`["Cookie"]`, quote("a="+secret))}}},
		{"cookie", inspect.Variable{Name: "c", Type: "*http.Cookie", Value: `&http.Cookie{Name: "sid", Value: "` + secret + `"}`, Children: []inspect.Variable{
			leaf("Name", quote("sid")), leaf("Value", quote(secret)), leaf("Raw", quote("sid="+secret))}}},
		{"query in a string", leaf("uri", quote("/x?key="+secret))},
		{"query in a struct", inspect.Variable{Name: "r", Type: "*http.Request", Value: `&http.Request{Method: "GET", RequestURI: "/x?session=` + secret + `&b=1", ctx: nil}`}},
		{"query in a cut string", inspect.Variable{Name: "r", Type: "*http.Request", Value: `&http.Request{Method: "GET", RequestURI: "/x?session=` + secret}},
		{"message in a string", leaf("raw", `"GET / HTTP/1.1\r\nAccept: */*\r\nX-Own: `+secret+`\r\n"`)},
		{"field in a string", leaf("raw", `"Accept: */*\r\nCookie: a=b; sid=`+secret+`\r\n"`)},
		{"field in a cut string", leaf("raw", `"Accept: */*\r\nCookie: a=b; sid=`+secret)},
		{"buffer", inspect.Variable{Name: "buf", Type: "[]byte", Value: hexOf("GET / HTTP/1.1\r\nCookie: sid=" + secret + "\r\n")}},
		{"buffer that begins later", inspect.Variable{Name: "buf", Type: "[]byte", Value: hexOf("Accept: x\r\nCookie: sid=" + secret + "\r\n")}},
		{"buffer in a struct", inspect.Variable{Name: "b", Type: "*bufio.Reader", Value: "&bufio.Reader{buf: " + hexOf("x\r\nAuthorization: Basic "+secret+"\r\n") + ", rd: nil}"}},
		{"under a secret", inspect.Variable{Name: "credentials", Type: "*main.C", Value: "&main.C{…}", Children: []inspect.Variable{leaf("User", quote(secret))}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, _ := json.Marshal(tt.v)
			got, _ := json.Marshal(r.variable(tt.v, false))
			for _, s := range []string{secret, strings.Trim(hexOf(secret), "[]byte{}")} {
				if strings.Contains(string(got), s) {
					t.Errorf("the secret is in %s", got)
				}
			}
			if after, _ := json.Marshal(tt.v); string(after) != string(before) {
				t.Errorf("the record was changed: %s", after)
			}
		})
	}
	for _, keep := range []inspect.Variable{
		field("Accept", quote("text/html")),
		{Name: "h", Type: "http.Header", Value: "http.Header len 1", Children: []inspect.Variable{field("Accept", quote("a=b; c"), quote("*/*"))}},
		{Name: "sum", Type: "[]byte", Value: hexOf("plain bytes, no secret")},
		leaf("title", quote("a key = to the door")),
		{Name: "items", Type: "[]int", Value: "[]int len 3 cap 3", Children: []inspect.Variable{{Name: "[0]", Type: "int", Value: "1"}}},
	} {
		if d := cmp.Diff(keep, r.variable(keep, false)); d != "" {
			t.Errorf("%s was changed: -before +after\n%s", keep.Name, d)
		}
	}
}
