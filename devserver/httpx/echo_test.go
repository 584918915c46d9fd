package httpx

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func echo(t *testing.T, s *httptest.Server, method, target, body string, set func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if set != nil {
		set(req)
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func TestEchoText(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Echo{Limit: 10}.ServeHTTP(w, WithMount(r, "/m"))
	}))
	defer s.Close()
	resp, body := echo(t, s, "PUT", "/m/a%20b?x=1", "0123456789more", func(r *http.Request) {
		r.Host = "App.localhost"
		r.Header.Set("Cookie", `a=1; j={"b":2}`)
		r.Header["X-Two"] = []string{"1", "2"}
	})
	if resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error(resp.Header)
	}
	for _, want := range []string{
		"# http://App.localhost/m/a%20b?x=1 from 127.0.0.1:", `# mounted at /m, path "/a b"`, `# cookie "j": `,
		"\nPUT /m/a%20b?x=1 HTTP/1.1\nHost: App.localhost\n", "\nX-Two: 1\nX-Two: 2\n", "\n\n0123456789\n# the first part of 14 bytes\n",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
}

func TestEchoJSON(t *testing.T) {
	s := httptest.NewTLSServer(Echo{})
	defer s.Close()
	chunked := func(r *http.Request) {
		r.ContentLength = -1
		r.Trailer = http.Header{"X-Sum": {"42"}}
		r.Body = io.NopCloser(bytes.NewReader([]byte("\xff<&")))
		r.Header.Set("Accept", "application/json, text/plain;q=0.9")
	}
	_, body := echo(t, s, "POST", "/x?b=2&a=1&b", "", chunked)
	var got Echoed
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err, body)
	}
	want := []any{"POST", "/x", int64(-1), []string{"chunked"}, []Param{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}, {Key: "b", Bare: true}}, "/zwm", true, int64(3), http.Header{"X-Sum": {"42"}}}
	if diff := cmp.Diff(want, []any{got.Method, got.Path, got.Length, got.Transfer, got.Query, got.Body, got.Base64, got.BodySize, got.Trailer}); diff != "" {
		t.Error(diff)
	}
	if got.TLS == nil || got.TLS.Version != "TLS 1.3" || !strings.HasPrefix(got.URL, "https://127.0.0.1:") {
		t.Errorf("%+v %+v", got, got.TLS)
	}
	for target, want := range map[string]string{"/?format=json": "application/json", "/?format=text": "text/plain; charset=utf-8", "/": "text/plain; charset=utf-8"} {
		resp, text := echo(t, s, "GET", target, "", nil)
		if got := resp.Header.Get("Content-Type"); got != want {
			t.Errorf("%s: %s", target, got)
		}
		if strings.Contains(want, "plain") && !strings.Contains(text, "# TLS 1.3 ") {
			t.Errorf("no TLS in\n%s", text)
		}
	}
	if resp, body := echo(t, s, "HEAD", "/", "", nil); body != "" || resp.ContentLength <= 0 {
		t.Errorf("HEAD: %d, %q", resp.ContentLength, body)
	}
}

func TestEchoBodyCutShort(t *testing.T) {
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("abc"), errReader{}))
	w := httptest.NewRecorder()
	Echo{}.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), "abc\n# the body ended after 3 bytes: unexpected EOF\n") {
		t.Error(w.Body)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
