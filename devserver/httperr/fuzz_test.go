package httperr

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func FuzzAccept(f *testing.F) {
	for _, s := range []string{"", "*/*", browser, "text/html;q=2", ";q=,,", `a/b;c="\"`, "text/html;q=0.000,*/*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Accept"] = []string{accept}
		w := httptest.NewRecorder()
		NotFound("d").ServeHTTP(w, r)
		if w.Code != 404 || w.Body.Len() == 0 || w.Header().Get("Content-Type") == "" {
			t.Errorf("%q: %d %q", accept, w.Code, w.Header())
		}
	})
}

func FuzzRedirect(f *testing.F) {
	for _, s := range []string{"", "/", "//h", "a b", "/\r\nx: y", "ü", "javascript:alert(1)", "http://h/%zz", "\"><script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		(&Middleware{Log: quiet()}).answer(w, r, nil, &Error{Code: 302, Header: http.Header{"location": {target}}})
		l := w.Header().Get("Location")
		if (w.Code == 302) != (l != "") {
			t.Fatalf("%q: %d with Location %q", target, w.Code, l)
		}
		for _, c := range []byte(l) {
			if c <= ' ' || c >= 0x7f {
				t.Fatalf("%q: byte %#x in Location %q", target, c, l)
			}
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Fatalf("%q: %s", target, w.Body)
		}
	})
}
