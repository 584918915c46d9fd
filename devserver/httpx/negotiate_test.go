package httpx

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNegotiate(t *testing.T) {
	for _, tt := range []struct {
		accept string
		offers string
		want   string
	}{
		{"", "text/html text/plain", "text/html"},
		{"text/plain", "text/html text/plain", "text/plain"},
		{"application/xml,*/*", "application/xml text/html", "application/xml"},
		{"application/xml,*/*", "text/html", "text/html"},
		{"text/html;q=0, */*", "text/html text/plain", "text/plain"},
		{"text/html;q=0", "text/html", ""},
		{"text/html;q=0.000, text/*", "text/html", ""},
		{"text/*;q=0.5, text/html;q=0.4", "text/html text/plain", "text/plain"},
		{"TEXT/HTML", "text/html", "text/html"},
		{"image/png", "text/html", ""},
		{"text/html;level=1, text/html;q=0.2", "text/html text/html;level=1", "text/html;level=1"},
		{"text/html", "text/html;charset=utf-8", "text/html;charset=utf-8"},
		{`text/html;x="a,b;q=0", text/plain;q=0.1`, "text/plain", "text/plain"},
		{"text/html;q=2, text/plain", "text/html text/plain", "text/plain"},
		{"garbage here", "text/html", "text/html"},
		{"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/json text/html", "text/html"},
		{"*", "text/html", "text/html"},
		{"a/b", "", ""},
	} {
		if got := Negotiate(tt.accept, strings.Fields(tt.offers)...); got != tt.want {
			t.Errorf("%q of %q: %q, want %q", tt.accept, tt.offers, got, tt.want)
		}
	}
}

// paste.md 4.8: in any order of the header.
func TestLanguages(t *testing.T) {
	parts := []string{"da", "en-gb;q=0.8", "en;q=0.7"}
	want := []string{"da", "en-gb", "en"}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		var header []string
		for _, i := range order {
			header = append(header, parts[i])
		}
		if diff := cmp.Diff(want, Languages(strings.Join(header, ", "))); diff != "" {
			t.Error(diff)
		}
	}
	if got := Languages("de;q=0, fr"); !slices.Equal(got, []string{"fr"}) {
		t.Errorf("q=0 is listed: %q", got)
	}
}

func TestNegotiateLanguage(t *testing.T) {
	for _, tt := range []struct{ accept, offers, want string }{
		{"da, en-gb;q=0.8, en;q=0.7", "en en-GB da", "da"},
		{"da, en-gb;q=0.8, en;q=0.7", "en en-GB", "en-GB"},
		{"da, en-gb;q=0.8, en;q=0.7", "fr en-US", "en-US"},
		{"en-gb", "fr en", "en"},
		{"en", "de en-US", "en-US"},
		{"en-us, en;q=0", "en-US en", "en-US"},
		{"en;q=0, *", "en de", "de"},
		{"en;q=0, *", "en-GB de", "de"},
		{"de-CH;q=0.5, de-AT;q=0.9, fr;q=0.7", "fr de", "de"},
		{"ja", "en de", ""},
		{"", "en de", "en"},
		{"english", "en", ""},
	} {
		if got := NegotiateLanguage(tt.accept, strings.Fields(tt.offers)...); got != tt.want {
			t.Errorf("%q of %q: %q, want %q", tt.accept, tt.offers, got, tt.want)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{"", "*/*", "text/html;q=0", `a/b;x="\";q=1`, "a;q=0.1234,b;;,", "en-gb;q=1.001", "*;q=", "\x00/\xff"} {
		f.Add(s, "text/html")
	}
	f.Fuzz(func(t *testing.T, accept, offer string) {
		for _, got := range []string{Negotiate(accept, offer, "text/plain"), NegotiateLanguage(accept, offer, "text/plain")} {
			if got != "" && got != offer && got != "text/plain" {
				t.Errorf("%q was never offered", got)
			}
		}
		for _, r := range parseAccept(accept) {
			if r.q < 0 || r.q > 1000 || r.value == "" {
				t.Errorf("%+v", r)
			}
		}
		if Negotiate(accept+", "+"x/y;q=0", "x/y") != "" && !strings.Contains(accept, `"`) && !strings.Contains(strings.ToLower(accept), "x/y") && strings.Count(accept, ",") < maxRanges-2 {
			t.Errorf("%q: took what q=0 excludes", accept)
		}
	})
}
