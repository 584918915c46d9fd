package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFromAndWith(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	if id, ok := From(r.Context()); ok {
		t.Errorf("a new request is from %v", id)
	}
	bob := Identity{User: "bob", Roles: []string{"admin"}, Data: "d", Method: "m"}
	r2 := With(r, bob)
	if got, ok := From(r2.Context()); !ok || cmp.Diff(bob, got) != "" {
		t.Errorf("got %v %v", got, ok)
	}
	if _, ok := From(r.Context()); ok {
		t.Error("With changes the request it was given")
	}
	if got, ok := From(With(r2, Identity{Roles: []string{"x"}}).Context()); !ok || got.User != "" {
		t.Errorf("roles without a user: %v %v", got, ok)
	}
	if got, ok := From(With(r2, Identity{Method: "m", Data: "d"}).Context()); ok {
		t.Errorf("neither user nor roles: %v", got)
	}
}

func TestRequire(t *testing.T) {
	admin := Identity{User: "bob", Roles: []string{"admin", "dev"}}
	tests := []struct {
		name      string
		require   Require
		id        Identity
		status    int
		challenge string
		says      string
	}{
		{"nobody", Require{}, Identity{}, 401, "", "nothing of who it is from"},
		{"nobody, challenged", Require{Challenge: `Basic realm="x"`}, Identity{}, 401, `Basic realm="x"`, ""},
		{"anybody", Require{}, Identity{User: "bob"}, 200, "", ""},
		{"roles only", Require{}, Identity{Roles: []string{"x"}}, 200, "", ""},
		{"one of the roles", Require{Roles: []string{"x", "dev"}}, admin, 200, "", ""},
		{"none of the roles", Require{Roles: []string{"x", "y"}, Challenge: "Basic"}, admin, 403, "", "bob has the roles admin, dev, and this page wants one of the roles x, y."},
		{"no roles", Require{Roles: []string{"x"}}, Identity{User: "bob"}, 403, "", "bob has no roles"},
		{"own page", Require{Refuse: func(w http.ResponseWriter, _ *http.Request, status int) { w.WriteHeader(status + 10) }}, Identity{}, 411, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
			tt.require.Handler(next).ServeHTTP(w, With(httptest.NewRequest("GET", "/", nil), tt.id))
			if w.Code != tt.status || w.Header().Get("WWW-Authenticate") != tt.challenge || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
			}
		})
	}
}

func TestRefuseForms(t *testing.T) {
	what := Refusal{Status: 403, Detail: `a <b> & "c"`, Hint: "do <x>"}
	tests := []struct {
		accept, form, says string
	}{
		{"", "text/plain; charset=utf-8", "403 Forbidden\na <b> & \"c\"\nhint: do <x>\n"},
		{"*/*", "text/plain; charset=utf-8", "403 Forbidden\n"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8", "<p>a &lt;b&gt; &amp; &#34;c&#34;</p>\n<p>Hint: do &lt;x&gt;</p>"},
		{"application/json", "application/problem+json", `"status":403`},
		{"application/problem+json, text/html;q=0.5", "application/problem+json", `"title":"Forbidden"`},
		{"image/png", "text/plain; charset=utf-8", "403 Forbidden"},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "HEAD"} {
			r := httptest.NewRequest(method, "/", nil)
			if tt.accept != "" {
				r.Header.Set("Accept", tt.accept)
			}
			w := httptest.NewRecorder()
			Refuse(w, r, what)
			if w.Code != 403 || w.Header().Get("Content-Type") != tt.form || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s %q: %d %v", method, tt.accept, w.Code, w.Header())
			}
			if body := w.Body.String(); method == "HEAD" && body != "" || method == "GET" && !strings.Contains(body, tt.says) {
				t.Errorf("%s %q: %s", method, tt.accept, body)
			}
			if tt.form == "application/problem+json" && method == "GET" {
				var got map[string]any
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got["detail"] != what.Detail || got["hint"] != what.Hint {
					t.Errorf("%v, %v", got, err)
				}
			}
		}
	}
}

// keep is a Keeper that remembers what it was told.
type keep struct {
	id  Identity
	err error
}

func (k *keep) Remember(id Identity) error { k.id = id; return k.err }
func (k *keep) Forget() error              { k.id = Identity{}; return k.err }

func TestKeeper(t *testing.T) {
	if err := Remember(context.Background(), Identity{User: "bob"}); !errors.Is(err, ErrNoKeeper) {
		t.Errorf("Remember without keeper: %v", err)
	}
	if err := Forget(context.Background()); !errors.Is(err, ErrNoKeeper) {
		t.Errorf("Forget without keeper: %v", err)
	}
	outer, inner := new(keep), new(keep)
	r := WithKeeper(WithKeeper(httptest.NewRequest("GET", "/", nil), outer), inner)
	if err := Remember(r.Context(), Identity{User: "bob"}); err != nil || inner.id.User != "bob" || outer.id.User != "" {
		t.Errorf("Remember: %v, inner %v, outer %v", err, inner.id, outer.id)
	}
	if err := Remember(r.Context(), Identity{Data: "d"}); err == nil || inner.id.User != "bob" {
		t.Errorf("nobody is remembered: %v %v", inner.id, err)
	}
	if err := Forget(r.Context()); err != nil || inner.id.User != "" {
		t.Errorf("Forget: %v, %v", err, inner.id)
	}
	inner.err = errors.New("full")
	if err := Remember(r.Context(), Identity{User: "bob"}); !errors.Is(err, inner.err) {
		t.Errorf("got %v", err)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{"": `""`, "a b": `"a b"`, `a"b\c`: `"a\"b\\c"`, "a\r\nSet-Cookie: x\x00\x7f": `"a  Set-Cookie: x  "`, "日本": `"日本"`} {
		if got := Quote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
