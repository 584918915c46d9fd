package inject

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestMetaPolicy: where the page is seen to have a policy in a <meta>, the tag's address says
// so; the length is that of what goes out.
func TestMetaPolicy(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       bool
	}{
		{"none", "<title>x</title>", false},
		{"quoted", `<meta http-equiv="Content-Security-Policy" content="default-src 'self'">`, true},
		{"bare", `<META HTTP-EQUIV=content-security-policy content="default-src 'self'">`, true},
		{"spaced", "<meta content=x http-equiv =\n' Content-Security-Policy' >", true},
		{"report only, which has no meaning", `<meta http-equiv="Content-Security-Policy-Report-Only" content=x>`, false},
		{"another", `<meta http-equiv="refresh" content="1; url=/content-security-policy">`, false},
		{"in a comment", `<!-- <meta http-equiv="Content-Security-Policy"> -->`, true}, // does no harm
		{"far away", strings.Repeat(" ", 2*chunk) + `<meta http-equiv="Content-Security-Policy">`, false},
	} {
		for _, coding := range []string{"", "gzip"} {
			t.Run(c.name+" "+coding, func(t *testing.T) {
				page := "<!doctype html><html><head>" + c.head + "</head><p>x"
				rec := httptest.NewRecorder()
				rec.Header().Set("Content-Type", "text/html")
				if coding == "gzip" {
					rec.Header().Set("Content-Encoding", "gzip")
					z := gzip.NewWriter(rec)
					io.WriteString(z, page)
					z.Close()
				} else {
					io.WriteString(rec, page)
				}
				res := rec.Result()
				if coding == "" {
					res.ContentLength = int64(len(page))
				}
				req := httptest.NewRequest(http.MethodGet, "/", nil)
				if !new(Injector).Apply(req, res, Tag{Src: "/_pastedev/panel.js?id=1", Meta: "&meta=1"}) {
					t.Fatal("not injected")
				}
				raw := io.Reader(res.Body)
				if coding == "gzip" {
					z, err := gzip.NewReader(res.Body)
					if err != nil {
						t.Fatal(err)
					}
					raw = z
				}
				got, err := io.ReadAll(raw)
				if err != nil {
					t.Fatal(err)
				}
				if has := strings.Contains(string(got), `id=1&amp;meta=1"`); has != c.want {
					t.Errorf("says %v, want %v: %.200s", has, c.want, got)
				}
				if coding == "" && res.ContentLength != int64(len(got)) {
					t.Errorf("length %d of %d bytes", res.ContentLength, len(got))
				}
			})
		}
	}
}
