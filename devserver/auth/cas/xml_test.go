package cas

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func wrap(inner string) string {
	return `<cas:serviceResponse xmlns:cas="` + namespace + `">` + inner + `</cas:serviceResponse>`
}

func ok(inner string) string {
	return wrap("<cas:authenticationSuccess>" + inner + "</cas:authenticationSuccess>")
}

func firstDeadline(c *Client) (time.Duration, bool) {
	ctx, cancel := c.withTimeout(context.Background())
	defer cancel()
	d, ok := ctx.Deadline()
	return time.Until(d), ok
}

func TestXML(t *testing.T) {
	type attrs = map[string][]string
	tests := []struct {
		name, in string
		want     result
	}{
		{"plain", ok("<cas:user>bob</cas:user>"), result{"bob", attrs{}}},
		{"prolog, comment, spaces", "\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- x -->\n" + ok("\n <cas:user> bob\n</cas:user>\n") + "\n", result{"bob", attrs{}}},
		{"default namespace", `<serviceResponse xmlns="` + namespace + `"><authenticationSuccess><user>bob</user></authenticationSuccess></serviceResponse>`, result{"bob", attrs{}}},
		{"a comment hides nothing", ok("<cas:user>bob<!-- x -->by</cas:user>"), result{"bobby", attrs{}}},
		{"entities of XML", ok("<cas:user>a&amp;b&#x21;</cas:user>"), result{"a&b!", attrs{}}},
		{"CDATA", ok("<cas:user><![CDATA[b&ob]]></cas:user>"), result{"b&ob", attrs{}}},
		{"attributes", ok(`<cas:user>bob</cas:user><cas:attributes><cas:mail>b@x</cas:mail><cas:r>1</cas:r><cas:r>2</cas:r><other>o</other></cas:attributes>`),
			result{"bob", attrs{"mail": {"b@x"}, "r": {"1", "2"}, "other": {"o"}}}},
		{"attributes by name and value", ok(`<cas:user>bob</cas:user><cas:attributes><cas:attribute name="mail" value="b@x"/></cas:attributes>`), result{"bob", attrs{"mail": {"b@x"}}}},
		{"nested attribute", ok(`<cas:user>bob</cas:user><cas:attributes><cas:n>t<x>u</x></cas:n></cas:attributes>`), result{"bob", attrs{}}},
		{"other elements", ok(`<cas:user>bob</cas:user><cas:proxies><cas:proxy>p</cas:proxy></cas:proxies><x:y xmlns:x="z"/>`), result{"bob", attrs{}}},
	}
	for _, tt := range tests {
		got, err := parseXML([]byte(tt.in))
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(result{})); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", tt.name, err, diff)
		}
	}
}

func TestXMLRefused(t *testing.T) {
	tests := []struct{ in, code, why string }{
		{wrap(`<cas:authenticationFailure code="INVALID_TICKET">Ticket ST-1 not recognized.</cas:authenticationFailure>`), "INVALID_TICKET", "Ticket ST-1 not recognized"},
		{wrap(`<cas:authenticationFailure code="INVALID_SERVICE"/>`), "INVALID_SERVICE", "INVALID_SERVICE"},
		{wrap("<cas:authenticationFailure code='X'>a\x0a\u009bb</cas:authenticationFailure>"), "X", "a  b"},
	}
	for _, tt := range tests {
		_, err := parseXML([]byte(tt.in))
		var refused *refusedError
		if !errors.As(err, &refused) || refused.code != tt.code || refused.why != tt.why {
			t.Errorf("%s: %v", tt.in, err)
		}
	}
}

// What is hostile or not the protocol never signs anybody in.
func TestXMLBad(t *testing.T) {
	user := "<cas:user>bob</cas:user>"
	tests := map[string]struct{ in, want string }{
		"external entity": {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + ok("<cas:user>&e;</cas:user>"), "DOCTYPE"},
		"entity bomb":     {`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>` + ok("<cas:user>&b;</cas:user>"), "DOCTYPE"},
		"unknown entity":  {ok("<cas:user>&e;</cas:user>"), "invalid character entity"},
		"other namespace": {strings.ReplaceAll(ok(user), namespace, "http://evil.example"), "its root is"},
		"no namespace":    {"<serviceResponse><authenticationSuccess><user>bob</user></authenticationSuccess></serviceResponse>", "its root is"},
		"two users":       {ok(user + user), "2 users"},
		"no user":         {ok(""), "0 users"},
		"user too deep":   {ok("<cas:x>" + user + "</cas:x>"), "0 users"},
		"user in failure": {wrap("<cas:authenticationFailure code='X'>" + user + "</cas:authenticationFailure>"), "more than text"},
		"user with child": {ok("<cas:user>bob<x/></cas:user>"), "more than text"},
		"both":            {wrap("<cas:authenticationFailure code='X'>no</cas:authenticationFailure><cas:authenticationSuccess>" + user + "</cas:authenticationSuccess>"), "2 answers"},
		"neither":         {wrap(""), "0 answers"},
		"two roots":       {ok(user) + ok(user), "two root"},
		"text behind":     {ok(user) + "x", "outside"},
		"cut":             {ok(user)[:90], "unexpected EOF"},
		"empty":           {"", "no serviceResponse"},
		"deep":            {ok(user + strings.Repeat("<a>", 10000) + strings.Repeat("</a>", 10000)), "nested"},
		"many attributes": {ok(user + "<cas:attributes>" + strings.Repeat("<a/>", maxAttributes+1) + "</cas:attributes>"), "attributes"},
		"not UTF-8":       {ok("<cas:user>\xff</cas:user>"), "invalid UTF-8"},
	}
	for name, tt := range tests {
		got, err := parseXML([]byte(tt.in))
		var refused *refusedError
		if err == nil || errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) || got.user != "" {
			t.Errorf("%s: %q, %v, want %q", name, got.user, err, tt.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{"yes\nbob\n": "bob", "yes\r\nbob\r\n": "bob", "yes\nbob": "bob", "yes\nbob\nmore\n": "bob"} {
		if got, err := parsePlain([]byte(in)); err != nil || got.user != want {
			t.Errorf("%q: %q, %v", in, got.user, err)
		}
	}
	for _, in := range []string{"", "yesterday\nbob\n", "YES\nbob", " yes\nbob", "<p>yes\nbob"} {
		if got, err := parsePlain([]byte(in)); err == nil {
			t.Errorf("%q: accepted as %q", in, got.user)
		}
	}
}

func TestIdentity(t *testing.T) {
	id := Identity("bob", map[string][]string{"memberOf": {"a", "b", ""}, "role": {"b"}})
	if diff := cmp.Diff([]string{"b", "a"}, id.Roles); diff != "" {
		t.Error(diff)
	}
	if got := Identity("bob", map[string][]string{"x": {strings.Repeat("y", maxData)}}); got.Data != "" {
		t.Errorf("%d bytes of data", len(got.Data))
	}
}

func FuzzXML(f *testing.F) {
	f.Add(ok("<cas:user>bob</cas:user><cas:attributes><cas:a>b</cas:a></cas:attributes>"))
	f.Add(ok(`<cas:user>bob</cas:user><cas:attributes><cas:attribute name="a" value="b"/></cas:attributes>`))
	f.Add(wrap(`<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>`))
	f.Add(`<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>`)
	f.Add("<a><b></a>")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseXML([]byte(s))
		if err != nil && got.user != "" {
			t.Errorf("an error and the user %q", got.user)
		}
		if err == nil && (!strings.Contains(s, namespace) || !strings.Contains(s, "authenticationSuccess") || strings.Contains(s, "<!DOCTYPE")) {
			t.Errorf("%q signs in %q", s, got.user)
		}
		var refused *refusedError
		if errors.As(err, &refused) && strings.ContainsFunc(refused.why+refused.code, control) {
			t.Errorf("control characters in %q", refused.why)
		}
	})
}

func FuzzTicket(f *testing.F) {
	for _, s := range []string{"ticket=a", "a=b&ticket=ST-1", "ticket=%zz", "&ticket=&", "a&&ticket=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rest, _, ok := cutTicket(s)
		if !ok && rest != s {
			t.Errorf("%q became %q", s, rest)
		}
		if ok && !strings.HasPrefix(s, rest) {
			t.Errorf("%q is not the beginning of %q", rest, s)
		}
	})
}
