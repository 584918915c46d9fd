package datatype

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestURLs(t *testing.T) {
	label := strings.Repeat("a", 63)
	runValues(t, []valueTest{
		{"url", []string{
			"", "  ", " x ", "a", "/a", "//a", "?a", "#a", "..", "a:b", "1:a", ":", "%41", "é", "?é'", "a?b?c", "http://a", "HTTP://A/", "http://a:80/", "http://a:", "http://a?b#c",
			"http://é.example/", "http://xn--mnchen-3ya.de/", "http://a_b.de", "http://-a.de/", "http://a.de./", "http://%41.de/", "http://" + label + ".de",
			"http://1.2.3.4", "http://256/", "http://1.2.3/", "http://1.2.3.4a/", "http://[::1]:80/", "http://[1:2:3:4:5:6:1.2.3.4]", "http://[1:2:3:4:5:6:7:8]",
			"file:///C:/x", "file://C:/x", "file://host/x", "mailto:a@b.c", " mailto:a@b.c", "javascript:alert('a b') | 1", "tel:+1-2", "about:blank", "x:",
			"data:,", "data:text/html,x", "data:;base64,QQ==", "data:text/plain;charset=utf-8;base64,QUE=", "data:,%20", "data:text/plain;a=%22b,c%22,d",
		}, []string{
			"\t", "a b", "a\tb", "a\nb", "a|b", "a[b]", "a\\b", "a{b}", "a<b", `a"b`, "a^b", "a`b", "?a b", "#a b", "#a#b", "%", "%4", "?%zz", "a\u0085", "a\ufffd",
			"///a", "//", "http:", "http:a", "http:/a", "http:///a", `http:\\a`, "http://", "http://?a", "http://:80", "http://a:b", "http://a:65536", "http://a:-1", "http://a: 80",
			"http://u@h/", "http://u:p@h/", "http://@h", "http://a b/", "http://a|b", "http://a%2fb", "http://a%zz", "http://a..b", "http://.a", "http://" + label + "a.de",
			"http://" + strings.Repeat(label+".", 4) + "de", "http://xn--a/", "http://xn--/", "http://a.xn--", "http://\u0301a.de", "http://%ff.de", "http://\u00ad/",
			"http://1.2.3.4.", "http://1.2.3.256", "http://01.2.3.4", "http://0x1/", "http://1.2.3.4.5", "http://a.1", "http://4294967296/", "http://1.16777216",
			"http://[::1", "http://[]", "http://[:1]", "http://[1:2]", "http://[1:]", "http://[1::2::3]", "http://[g::]", "http://[00001::]", "http://[::1.2.3]", "http://[::1.2.3.256]",
			"http://[1:2:3:4:5:6:7:8:9]", "http://[1:2:3:4:5:6:7:1.2.3.4]", "http://[::1]a", "http://[::1%25eth0]", "http://[::01.2.3.4]",
			"file:", "file:/a", "file://a:80/", "file://C|/", `file:///a\b`, "mailto:a b", "x:a b", "x://[::1]/", "x:%", " x:y", "feed:http://a/",
			"data:", "data:x", "data:text/html", "data:text,x", "data:/x,y", "data:x/,y", "data:;,", "data:x/y;a,b", "data:x/y;a=,b", "data:,a b", "data:;base64,Q", "data:;base64,QQ=A",
			"data:;base64,====", "data:;base64,Q-_Q", "data:é/x,", "data:x/y;a=b=c,d", "data:image/svg+xml;utf8,x",
		}, []string{"data:,a#b", "data:#"}},
		{"url-nonempty", []string{"a", " a "}, []string{"", " ", "a b"}, nil},
		{"absolute-url", []string{"", " http://a ", "a:b"}, []string{" ", "a", "//a", "é:a", "http:a"}, nil},
		{"urls-space", []string{"", "http://a https://b"}, []string{"a", "http://a ftp://b", "http:a"}, nil},
		{"url-http", []string{"https://a"}, []string{"", "ftp://a", "https:a"}, nil},
		{"url-list", []string{"a b"}, []string{"a b|"}, nil},
		{"microdata-type", []string{"http://a", " http://a  b:c"}, []string{"", " ", "a", "http://a b"}, nil},
		{"any-uri", []string{"", "a b", "[", "http://", "//", "http:a", "a/b:c"}, []string{"http:", "%", "#a#b", ":", "1:a"}, nil},
		{"url-no-data-check", []string{"data:x"}, []string{"a b"}, nil},
	})
}

// TestURLPlaces: a problem says where it is and what would be right.
func TestURLPlaces(t *testing.T) {
	for _, test := range []struct{ typ, value, part, rule, message string }{
		{"url", " /a b", " ", "space", "has a space in the path; write %20 for it"},
		{"url", "/a?b|c", "|", "character", `has "|" in the query; write %7C for it`},
		{"url", "#\u0085", "\u0085", "character", "has the character U+0085 in the fragment; write %C2%85 for it"},
		{"url", "a\tb", "\t", "space", "has a tab in the path; take it out"},
		{"url", "a%4", "%", "percent", `has "%" without two hexadecimal digits after it; write %25 for a percent sign`},
		{"url", "a/b\\c", "\\", "backslash", `has "\" where a path is divided; write "/"`},
		{"url", "https:/a", "https:/a", "no-slashes", "must have two slashes after the scheme: https://"},
		{"url", "https://u:p@a/", "u:p@", "credentials", "has a user name or password before the host; leave it out up to the @"},
		{"url", "http://a b/", " ", "host", "has a space in the host; no host has one"},
		{"url", "http://a:99999/", "99999", "port", "has the port 99999; the highest port is 65535"},
		{"url", "http://1.2.3.999/", "1.2.3.999", "ipv4", "has a host that reads as an IPv4 address, but the last part is too large"},
		{"urls-space", "http://a http://b:x", "x", "port", `has the port "x"; a port is a number of at most 65535`},
		{"microdata-type", "http://a b", "b", "relative", "must be an absolute URL, one that begins with a scheme such as https://"},
	} {
		p := Check(test.typ, test.value)
		if p == nil {
			t.Errorf("%q: nothing is wrong", test.value)
			continue
		}
		got := []string{test.value[p.Start:p.End], p.Rule.Name(), p.Message}
		if diff := cmp.Diff([]string{test.part, test.rule, test.message}, got); diff != "" {
			t.Errorf("%q: %s", test.value, diff)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, v := range []string{"", " a b", "http://u@[::1.2.3.4]:80/%zz?#", "data:a/b;c=%22d;base64,QQ==", "file://C|\\", "//xn--a.é%2e。1", "\tx:y"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, name := range []string{"url", "absolute-url", "urls-space", "microdata-type", "any-uri", "rdfa-prefixes", "rdfa-resource"} {
			if p := Check(name, v); p != nil {
				checkProblem(t, v, p, p.Warning)
			}
		}
	})
}

func BenchmarkURL(b *testing.B) {
	for name, v := range map[string]string{
		"relative": "/orders/17?tab=open&sort=date", "absolute": "https://www.example.org/a/long/path/to/a/page.html?q=1#part",
		"unicode-host": "https://bücher.example/a", "wrong": "/a b",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				checkURL(v)
			}
		})
	}
}
