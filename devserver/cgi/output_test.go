package cgi

import (
	"bufio"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http/httpguts"
)

func TestReadHead(t *testing.T) {
	for _, tc := range []struct {
		name, input string
		code        int
		header      http.Header
		local       bool
		rest        string
		fault       string
		number      int
	}{
		{name: "plain", input: "Content-Type: a/b\n\nbody\n\n", code: 200, header: http.Header{"Content-Type": {"a/b"}}, rest: "body\n\n"},
		{name: "mixed line ends", input: "A: 1\r\nB:2\n\r\nx", code: 200, header: http.Header{"A": {"1"}, "B": {"2"}}, rest: "x"},
		{name: "no field", input: "\nx", code: 200, header: http.Header{}, rest: "x"},
		{name: "status", input: "status:404\n\n", code: 404, header: http.Header{}},
		{name: "the last status", input: "Status: 200 OK\nStatus: 201 Made\n\n", code: 201, header: http.Header{}},
		{name: "local", input: "Location: /x\n\n", code: 302, header: http.Header{"Location": {"/x"}}, local: true},
		{name: "local with status", input: "Location: /x\nStatus: 303\n\n", code: 303, header: http.Header{"Location": {"/x"}}},
		{name: "other host", input: "Location: //h/x\n\n", code: 302, header: http.Header{"Location": {"//h/x"}}},
		{name: "long line within bounds", input: "A: " + strings.Repeat("x", 300) + "\n\n", code: 200, header: http.Header{"A": {strings.Repeat("x", 300)}}},
		{name: "too long", input: "A: b\nC: " + strings.Repeat("x", 2000) + "\n\n", fault: "too long", number: 2},
		{name: "no colon", input: "A: b\nhey\n\n", fault: "no colon", number: 2},
		{name: "no colon, no end", input: "hey", fault: "no colon", number: 1},
		{name: "nothing", input: "", fault: "printed nothing"},
		{name: "no blank line", input: "A: b\n", fault: "before the blank line", number: 2},
		{name: "folded", input: "A: b\n c\n\n", fault: "begins with a blank", number: 2},
		{name: "blank before colon", input: "A : b\n\n", fault: "blank before the colon", number: 1},
		{name: "bad name", input: "A b: c\n\n", fault: `"A b" is not the name`, number: 1},
		{name: "empty name", input: ": c\n\n", fault: "not the name", number: 1},
		{name: "control character", input: "A: b\rC: d\n\n", fault: "control character", number: 1},
		{name: "status in words", input: "Status: OK\n\n", fault: "not a status", number: 1},
		{name: "informational status", input: "Status: 103 Early Hints\n\n", fault: "not a status", number: 1},
		{name: "length in words", input: "Content-Length: many\n\n", fault: "not a number", number: 1},
		{name: "negative length", input: "Content-Length: -1\n\n", fault: "not a number", number: 1},
		{name: "status line", input: "HTTP/1.1 200 OK\n\n", fault: "status line", number: 1},
		{name: "status line with colon", input: "HTTP/1.1 200 OK: fine\n\n", fault: "status line", number: 1},
		{name: "empty location", input: "Location:\n\n", fault: "empty Location", number: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := bufio.NewReaderSize(strings.NewReader(tc.input), 16)
			hd, err := readHead(r, 1000)
			var f *Failure
			if errors.As(err, &f) || tc.fault != "" {
				if f == nil || tc.fault == "" || !strings.Contains(f.Message, tc.fault) || f.Number != tc.number {
					t.Fatalf("got %+v, want %q in line %d", f, tc.fault, tc.number)
				}
				return
			}
			rest := new(strings.Builder)
			r.WriteTo(rest)
			if hd.code() != tc.code || hd.local() != tc.local || rest.String() != tc.rest {
				t.Errorf("got %d, local %v, rest %q", hd.code(), hd.local(), rest)
			}
			if diff := cmp.Diff(tc.header, hd.header); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Whatever a program prints: a head that can be sent as it is, or a failure with words.
func FuzzReadHead(f *testing.F) {
	for _, s := range []string{"", "\n", "Content-Type: a/b\n\nbody", "Status: 404 Gone\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n", "hey you!", "A: b", "HTTP/1.1 200 OK\n\n",
		"Location: /x\n\n", " folded\n\n", "A: \x00\n\n", "Content-Length: 18446744073709551616\n\n", "Connection: x\n\n", "\xff: \xfe\n\n", strings.Repeat("a", 100) + ":\n\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		const limit = 200
		r := bufio.NewReaderSize(strings.NewReader(s), 16)
		hd, err := readHead(r, limit)
		if err != nil {
			var fail *Failure
			if !errors.As(err, &fail) || fail.Message == "" || fail.Error() == "" || len(fail.Line) > limit+16 {
				t.Fatalf("%v", err)
			}
			return
		}
		if c := hd.code(); c < 200 || c > 599 {
			t.Errorf("status %d", c)
		}
		for name, values := range hd.header {
			if !httpguts.ValidHeaderFieldName(name) || http.CanonicalHeaderKey(name) != name || hopFields[name] || name == "Status" {
				t.Errorf("name %q", name)
			}
			for _, v := range values {
				if !httpguts.ValidHeaderFieldValue(v) || strings.TrimSpace(v) != v && strings.Trim(v, " \t") != v {
					t.Errorf("value %q", v)
				}
			}
		}
		if hd.local() && hd.header.Get("Location")[0] != '/' {
			t.Errorf("local to %q", hd.header.Get("Location"))
		}
	})
}
