package redact

import (
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	var r Redactor
	for in, want := range map[string]string{
		`main.User{Name: "bob", Password: "abc", Age: 4}`:              `main.User{Name: "bob", Password: *masked*, Age: 4}`,
		`&main.User{Password: "two words, and more}", Age: 4}`:         `&main.User{Password: *masked*, Age: 4}`,
		`main.C{APIKey: &"k", Token: []uint8("x, y"), N: 1}`:           `main.C{APIKey: *masked*, Token: *masked*, N: 1}`,
		`main.C{u: main.U{Secret: []uint8{0x01, 0x02}}, ok: true}`:     `main.C{u: main.U{Secret: *masked*}, ok: true}`,
		`main.C{Credentials: main.L{User: "a", Pass: "b"}, ok: true}`:  `main.C{Credentials: *masked*, ok: true}`,
		`main.User{Password: "abc`:                                     `main.User{Password: *masked*`,
		`main.User{Password: "", Token: nil, HasPassword: true, N: 0}`: `main.User{Password: "", Token: nil, HasPassword: true, N: 0}`,
		`main.P{Text: "say Password: \"x\", then go"}`:                 `main.P{Text: "say Password: \"x\", then go"}`,
		`"Password: please"`:                                           `"Password: please"`,
		`plain`:                                                        `plain`,
	} {
		if got := r.fields(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		if got := r.fields(want); got != want {
			t.Errorf("%s is not masked once and for all: %s", want, got)
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add(`main.User{Name: "b\"ob", Password: "abc", Age: 4}`)
	f.Add(`{Password: `)
	f.Add(`{Password: "\`)
	f.Add(`{Secret: )`)
	f.Fuzz(func(t *testing.T, s string) {
		var r Redactor
		if got := r.fields(s); !strings.Contains(got, Mask) && got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}
