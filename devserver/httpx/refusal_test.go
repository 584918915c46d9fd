package httpx

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What comes from a client must neither end a tag nor command a terminal.
const hostile = "no \x1b[31m<script>alert(1)</script>\r\nX: y"

func TestRefusalForms(t *testing.T) {
	f := Refusal{Status: 404, Detail: hostile, Hint: "look <b>there</b>"}
	for _, c := range []struct{ accept, kind, body string }{
		{"", "text/plain; charset=utf-8", "404 Not Found\nno �[31m<script>alert(1)</script>��X: y\nhint: look <b>there</b>\n"},
		{"image/png", "text/plain; charset=utf-8", ""},
		{"*/*", "text/plain; charset=utf-8", ""},
		{"text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", ""},
		{"application/json, text/html;q=0.5", "application/problem+json", ""},
		{"application/json, text/plain, */*", "application/problem+json", ""},
		{"text/plain, application/json;q=0", "text/plain; charset=utf-8", ""},
		{"text/plain, APPLICATION/JSON;q=0.5", "application/problem+json", ""},
		{"application/problem+json", "application/problem+json", ""},
		{"application/json, text/html", "text/html; charset=utf-8", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		w.Header().Set("Content-Encoding", "br")
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Vary", "Cookie, accept")
		f.Send(w, r)
		body := w.Body.String()
		if got := w.Header().Get("Content-Type"); got != c.kind || w.Code != 404 || c.body != "" && body != c.body {
			t.Errorf("Accept %q: %d %s\n%s", c.accept, w.Code, got, body)
		}
		if strings.ContainsAny(body, "\x1b\r") || strings.HasPrefix(c.kind, "text/html") && (strings.Contains(body, "<script") || strings.Contains(body, "<b>")) {
			t.Errorf("Accept %q: reflected:\n%s", c.accept, body)
		}
		want := http.Header{"Content-Type": {c.kind}, "Content-Length": {fmt.Sprint(len(body))}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}, "Vary": {"Cookie, accept"}}
		if strings.HasPrefix(c.kind, "text/html") {
			want["Content-Security-Policy"] = w.Header()["Content-Security-Policy"]
		}
		if diff := cmp.Diff(want, w.Header()); diff != "" {
			t.Errorf("Accept %q: %s", c.accept, diff)
		}
		if c.kind == "application/problem+json" {
			var got Refusal
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Title != "Not Found" || got.Status != 404 || got.Hint != f.Hint {
				t.Errorf("%v: %+v", err, got)
			}
		}
	}
	w := httptest.NewRecorder()
	f.Send(w, httptest.NewRequest("HEAD", "/", nil))
	if w.Body.Len() > 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %q %v", w.Body, w.Header())
	}
	if got := len([]rune(Refusal{Detail: strings.Repeat("ü", 9999)}.Forms().Problem.(Refusal).Detail)); got != maxShown {
		t.Errorf("%d characters are shown", got)
	}
}

func TestFormsFallBack(t *testing.T) {
	f := Forms{
		Page:    func(w io.Writer) error { io.WriteString(w, "half a"); return io.ErrShortWrite },
		Problem: func() {}, Text: func() []byte { return []byte("why\n") },
	}
	for _, accept := range []string{"text/html", "application/json", "*/*"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		f.Send(w, r, 502)
		if w.Code != 502 || w.Body.String() != "why\n" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("Content-Security-Policy") != "" {
			t.Errorf("Accept %s: %d %q %v", accept, w.Code, w.Body, w.Header())
		}
	}
}

func TestAddVary(t *testing.T) {
	for _, c := range []struct{ have, want []string }{
		{nil, []string{"Accept"}},
		{[]string{"Cookie"}, []string{"Cookie", "Accept"}},
		{[]string{"Cookie ,  ACCEPT"}, []string{"Cookie ,  ACCEPT"}},
		{[]string{"Accept-Encoding"}, []string{"Accept-Encoding", "Accept"}},
		{[]string{"Cookie", "*"}, []string{"Cookie", "*"}},
	} {
		h := http.Header{}
		if c.have != nil {
			h["Vary"] = append([]string(nil), c.have...)
		}
		if AddVary(h, "Accept"); !cmp.Equal(h["Vary"], c.want) {
			t.Errorf("%q: %q, want %q", c.have, h["Vary"], c.want)
		}
	}
}
