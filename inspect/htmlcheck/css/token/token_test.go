package token

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func names(src string) string {
	kinds := [...]string{"EOF", "ident", "function", "at", "hash", "string", "bad-string", "url", "bad-url", "delim",
		"number", "percentage", "dimension", "_", "CDO", "CDC", ":", ";", ",", "[", "]", "(", ")", "{", "}", "comment"}
	var out []string
	l := Lexer{Src: src}
	for t := l.Next(); t.Kind != EOF; t = l.Next() {
		s := kinds[t.Kind]
		switch t.Kind {
		case Dimension:
			s = fmt.Sprintf("%s+%s", src[t.Start:t.Unit], src[t.Unit:t.End])
		case Ident, Function, AtKeyword, Hash, Delim, Number, URL, BadURL, String, BadString, Comment:
			s = fmt.Sprintf("%s<%s>", s, src[t.Start:t.End])
		}
		if t.Unclosed {
			s += "!"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestLexer(t *testing.T) {
	for _, tc := range []struct{ src, want string }{
		{"a{b:c}", "ident<a> { ident<b> : ident<c> }"},
		{"1px +.5em -1e3 1e3px 1epx 50% 1.5.5", "1+px _ +.5+em _ number<-1e3> _ 1e3+px _ 1+epx _ percentage _ number<1.5> number<.5>"},
		{"--x -a - -1 -->", "ident<--x> _ ident<-a> _ delim<-> _ number<-1> _ CDC"},
		{"#fff #1 # @media @1", "hash<#fff> _ hash<#1> _ delim<#> _ at<@media> _ delim<@> number<1>"},
		{`"a\"b" 'c` + "\nd", `string<"a\"b"> _ bad-string<'c> _ ident<d>`},
		{`"a` + "\\\nb\" 'x", "string<\"a\\\nb\"> _ string<'x>!"},
		{"url(a) URL( b ) url('c') url(a b) url(a(b) url(x", "url<url(a)> _ url<URL( b )> _ function<url(> string<'c'> ) _ bad-url<url(a b)> _ bad-url<url(a(b)> _ url<url(x>!"},
		{"url(data:a;b,c)", "url<url(data:a;b,c)>"},
		{`\73 creen \zé a\ b \`, `ident<\73 creen> _ ident<\zé> _ ident<a\ b> _ delim<\>`},
		{"/* a */b/* c", "comment</* a */> ident<b> comment</* c>!"},
		{"<!-- a --> rgb(1,2)", "CDO _ ident<a> _ CDC _ function<rgb(> number<1> , number<2> )"},
		{"*zoom:1", "delim<*> ident<zoom> : number<1>"},
		{"calc(1px+2px)", "function<calc(> 1+px +2+px )"},
		{"\x00é", "delim<\x00> ident<é>"},
	} {
		if diff := cmp.Diff(tc.want, names(tc.src)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tc.src, diff)
		}
	}
}

func FuzzLexer(f *testing.F) {
	for _, s := range []string{"a{b:c}", "url(a b", `"\`, "/*", "1e+", "-\\", "url(\\", "\\41 \r\n", "<!-", "é\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		l := Lexer{Src: src}
		at := 0
		for {
			tok := l.Next()
			if tok.Start != at || tok.End < tok.Start || tok.End > len(src) {
				t.Fatalf("token %+v does not follow %d", tok, at)
			}
			if tok.Kind == EOF {
				break
			}
			if tok.End == tok.Start {
				t.Fatalf("empty token %+v", tok)
			}
			at = tok.End
		}
		if at != len(src) {
			t.Fatalf("stops at %d of %d", at, len(src))
		}
	})
}
