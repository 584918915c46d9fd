package authview

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func TestSetCookie(t *testing.T) {
	got := text(Decode(exchange("https://app.example.com/shop/x", nil, inspect.Header{"Set-Cookie": {
		"sid=0123456789abcdef0123456789abcdef; Domain=example.com; Path=/shop; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"}})))
	want := `set-cookie sid: session id ()
  id=0123456789abcdef0123456789abcdef !
  Max-Age=3600 s: kept for 60 min
  Domain=example.com: sent to it and all names below it
  Path=/shop
  Secure=yes: sent over https only
  HttpOnly=yes: scripts cannot read it
  SameSite=Lax: another site's links bring it along, its forms and scripts do not
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Each weakness by itself; "-" at the beginning: it must not be said.
func TestSetCookieNotes(t *testing.T) {
	const https, http, local = "https://app.example.com/shop/x", "http://app.example.com/", "http://localhost:8080/"
	const id = "sid=0123456789abcdef0123456789abcdef"
	const good = id + "; Path=/; Secure; HttpOnly; SameSite=Lax"
	tests := []struct{ url, line, want string }{
		{https, good, "-error"},
		{https, good, "-warning"},
		{https, "theme=dark", "-warning"},
		{https, "theme=dark", "value=dark !"},
		{https, id + "; Secure; SameSite=Lax", "warning: no HttpOnly"},
		{https, "csrftoken=0123456789abcdef0123456789abcdef; Secure; SameSite=Lax", "-no HttpOnly"},
		{https, id + "; HttpOnly; SameSite=Lax", "warning: no Secure"},
		{local, id + "; HttpOnly; SameSite=Lax", "-warning"},
		{https, id + "; HttpOnly; Secure", "warning: no SameSite"},
		{https, "a=b; SameSite=None", "error: SameSite=None without Secure"},
		{https, id + "; HttpOnly; Secure; SameSite=None", "info: SameSite=None: forms need"},
		{https, "a=b; SameSite=Foo", "warning: SameSite=Foo is none of"},
		{https, "a=b; SameSite=Strict", "SameSite=Strict: not sent"},
		{http, "a=b; Secure", "error: Secure over http"},
		{local, "a=b; Secure", "info: Secure over http"},
		{https, "__Host-a=b; Path=/", "error: the name's prefix wants Secure"},
		{https, "__Host-a=b; Path=/; Secure; Domain=example.com", "error: __Host- wants"},
		{https, "__host-a=b; Secure", "error: __Host- wants"},
		{https, "__Host-a=b; Path=/; Secure", "-error"},
		{https, "__Secure-a=b", "error: the name's prefix wants Secure"},
		{https, "__Secure-a=b; Secure; Domain=example.com", "-error"},
		{https, "a=b; Partitioned", "error: Partitioned without Secure"},
		{https, "a=b; Domain=other.com", "error: Domain=other.com is not this site"},
		{https, "a=b; Domain=ample.com", "error: Domain=ample.com is not this site"},
		{https, "a=b; Domain=.APP.example.com", "-error"},
		{https, "a=b; Domain=com", "error: Domain=com is a whole top level"},
		{"http://127.0.0.1/", "a=b; Domain=0.0.1", "is not this site"},
		{https, "a=b; Path=x", "warning: Path=x does not begin"},
		{https, "a=b; Path=/admin", "info: this very address"},
		{https, "a=b; Path=/shop", "-this very address"},
		{https, "a=b; Path=/sho", "info: this very address"},
		{https, "a=; Max-Age=0", "Max-Age=0: the browser deletes"},
		{https, "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "(53 years before the request): the browser deletes"},
		{https, "a=b; Expires=Wed, 15-Nov-2023 22:13:20 GMT", "(24 h after the request)"},
		{https, "a=b; Expires=tomorrow", "error: Expires=tomorrow is no date"},
		{https, "a=b; Max-Age=soon", "error: Max-Age=soon is no number"},
		{https, "a=b; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "info: Max-Age counts"},
		{https, "a=b; Max-Age=99999999", "info: browsers keep a cookie for 400 days"},
		{https, "a=b; Max-Age=9223372036854775807", "kept for 200 years"},
		{https, "a=b; Path=/; Path=/x", "warning: Path is there twice"},
		{https, "a=b; Foo=1", `warning: no browser knows the attribute "Foo"`},
		{https, "a=b", "lifetime=until the browser is closed"},
		{https, "a=" + strings.Repeat("x", maxCookie), "error: name and value have 4097 bytes"},
		{https, "a", "error: there is no ="},
		{https, "a=b\x01c", "error: it holds a control character"},
		{https, "token=" + jwtExample, "set-cookie token: jwt"},
	}
	for _, tt := range tests {
		items := Decode(exchange(tt.url, nil, inspect.Header{"Set-Cookie": {tt.line}}))
		got := text(items)
		want, not := strings.CutPrefix(tt.want, "-")
		if len(items) != 1 || strings.Contains(got, want) == not {
			t.Errorf("%.80s: %q: %v in\n%s", tt.line, want, !not, got)
		}
	}
}
