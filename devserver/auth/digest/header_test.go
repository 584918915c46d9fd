package digest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
)

func TestParseParams(t *testing.T) {
	tests := []struct {
		name, header string
		want         map[string]string
		err          string
	}{
		{"tokens and quotes", `Digest a=b, C="d e"`, map[string]string{"a": "b", "c": "d e"}, ""},
		{"no spaces", `digest a=b,c="d"`, map[string]string{"a": "b", "c": "d"}, ""},
		{"spaces around", "Digest  a = b\t,\tc =  \"d\" ,", map[string]string{"a": "b", "c": "d"}, ""},
		{"empty elements", `Digest , ,a=b,,c=d,`, map[string]string{"a": "b", "c": "d"}, ""},
		{"commas and equals in quotes", `Digest a="b,c=d, e", f=g`, map[string]string{"a": "b,c=d, e", "f": "g"}, ""},
		{"escapes", `Digest a="\"\\\,x"`, map[string]string{"a": `"\,x`}, ""},
		{"empty value", `Digest a=""`, map[string]string{"a": ""}, ""},
		{"base64 without quotes", `Digest cnonce=YWI/Yw==`, map[string]string{"cnonce": "YWI/Yw=="}, ""},
		{"nothing", `Digest`, map[string]string{}, ""},
		{"empty", ``, nil, "begins with another word"},
		{"glued", `Digesta=b`, nil, "begins with another word"},
		{"no value", `Digest a`, nil, "not a list"},
		{"no value after equals", `Digest a=`, nil, "neither a token"},
		{"no name", `Digest ="x"`, nil, "not a list"},
		{"bad name", `Digest "a"=x`, nil, "not a list"},
		{"no comma", `Digest a="b" c=d`, nil, "no comma"},
		{"glued values", `Digest a="b"c=d`, nil, "no comma"},
		{"open quote", `Digest a="b, c=d`, nil, "not closed"},
		{"backslash at the end", `Digest a="b\`, nil, "not closed"},
		{"control character", "Digest a=\"b\x00\"", nil, "control character"},
		{"twice", `Digest a=b, A=c`, nil, "twice"},
		{"long", "Digest a=" + strings.Repeat("x", headerLimit), nil, "longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseParams(tt.header)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got %v, %v; want an error with %q", got, err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUsernameForms(t *testing.T) {
	tests := []struct {
		name   string
		params map[string]string
		want   string
		bad    bool
	}{
		{"plain", map[string]string{"username": "bing"}, "bing", false},
		{"extended", map[string]string{"username*": "UTF-8''J%C3%A4s%C3%B8n%20Doe"}, "Jäsøn Doe", false},
		{"with language", map[string]string{"username*": "utf-8'de'a'b"}, "a'b", false},
		{"empty", map[string]string{"username": ""}, "", true},
		{"both", map[string]string{"username": "a", "username*": "UTF-8''a"}, "", true},
		{"neither", nil, "", true},
		{"other charset", map[string]string{"username*": "iso-8859-1''%E4"}, "", true},
		{"no charset", map[string]string{"username*": "abc"}, "", true},
		{"bad percent", map[string]string{"username*": "UTF-8''%zz"}, "", true},
		{"bad utf-8", map[string]string{"username*": "UTF-8''%E4"}, "", true},
		{"a line end", map[string]string{"username*": "UTF-8''a%0A2026 login of root"}, "", true},
		{"an escape", map[string]string{"username": "a\u009b2J"}, "", true},
		{"bad utf-8 plain", map[string]string{"username": "\xe4"}, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := username(tt.params)
			if got != tt.want && !tt.bad || (err != nil) != tt.bad {
				t.Errorf("got %q, %v; want %q, error %v", got, err, tt.want, tt.bad)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "Digest", `Digest a="b\",c", d=e,,`, "Digest username*=UTF-8''a%20b", answer{nonce: "abc"}.String(), answer{alg: MD5, uri: "/a?b=c,d"}.String(),
		`Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, nonce="7ypf", nc=00000001, cnonce="f2", qop=auth, response="8ca523f5e9506fed4657c9700eebdbec"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		params, err := parseParams(header)
		if err != nil {
			return
		}
		again := "Digest "
		for name, value := range params {
			again += name + "=" + auth.Quote(value) + ", "
		}
		// Quote makes control characters spaces; the tab in quotes is the only one let in.
		for name, value := range params {
			params[name] = strings.Map(func(c rune) rune {
				if c < ' ' || c == 0x7f {
					return ' '
				}
				return c
			}, value)
		}
		if got, err := parseParams(again); len(again) < headerLimit && (err != nil || cmp.Diff(params, got) != "") && !strings.ContainsRune(again, '\ufffd') {
			t.Errorf("%q is %q, written again %v, %v", header, params, got, err)
		}
		if c, err := parse(header); err == nil && (c.nc == 0 || c.uri == "" || c.nonce == "" || c.cnonce == "" || len(c.count) != 8) {
			t.Errorf("%q passes as %+v", header, c)
		}
	})
}
