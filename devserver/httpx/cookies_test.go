package httpx

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// paste.md 4.8: a bad cookie does not hide its neighbours.
func TestCookies(t *testing.T) {
	h := http.Header{"Cookie": {`ok=1; bad{x}=2; z=3; j={"a":1}; q="v w"; bare; ; e=; =x`, "second=line; ok=2"}}
	want := []Cookie{
		{Name: "ok", Value: "1"},
		{Name: "bad{x}", Value: "2", Problem: "the name is not a token"},
		{Name: "z", Value: "3"},
		{Name: "j", Value: `{"a":1}`, Problem: "the value holds a character that must be encoded"},
		{Name: "q", Value: "v w", Quoted: true},
		{Name: "bare", Problem: "no = between name and value"},
		{Name: "e"},
		{Name: "", Value: "x", Problem: "the name is not a token"},
		{Name: "second", Value: "line"},
		{Name: "ok", Value: "2"},
	}
	got := Cookies(h)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// What net/http finds, we find, with the same values.
	i := 0
	for _, std := range (&http.Request{Header: h}).Cookies() {
		for i < len(got) && (got[i].Name != std.Name || got[i].Value != std.Value) {
			i++
		}
		if i == len(got) {
			t.Errorf("%s=%s is not among ours, or not in this order", std.Name, std.Value)
		}
	}
}

func TestCookiesTooMany(t *testing.T) {
	var b strings.Builder
	for i := range maxPairs + 10 {
		fmt.Fprintf(&b, "c%d=x; ", i)
	}
	h := http.Header{"Cookie": {b.String()}}
	if n := len((&http.Request{Header: h}).Cookies()); n != 0 {
		t.Logf("net/http returns %d now", n)
	}
	if got := Cookies(h); len(got) != maxPairs || got[maxPairs-1].Name != "c2999" {
		t.Errorf("got %d", len(got))
	}
}

// paste.md 4.8: order and blanks kept.
func TestParseQuery(t *testing.T) {
	for raw, want := range map[string][]Param{
		"a=1&b=2&c=3&b=4": {{Key: "a", Value: "1"}, {Key: "b", Value: "2"}, {Key: "c", Value: "3"}, {Key: "b", Value: "4"}},
		"a&b&c=&d=1":      {{Key: "a", Bare: true}, {Key: "b", Bare: true}, {Key: "c"}, {Key: "d", Value: "1"}},
		"x=a+b%20c%zz":    {{Key: "x", Value: "a+b%20c%zz"}},
		"x=a+b;c":         {{Key: "x", Value: "a b;c"}},
		"":                nil,
		"&&":              nil,
	} {
		if diff := cmp.Diff(want, ParseQuery(raw)); diff != "" {
			t.Errorf("%q: %s", raw, diff)
		}
	}
	if got := EncodeQuery(ParseQuery("a&b=&c=1+2&d=%26")); got != "a&b=&c=1+2&d=%26" {
		t.Error(got)
	}
}
