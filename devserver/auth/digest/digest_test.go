package digest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
)

// who answers with the identity of the request.
var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id, _ := auth.From(r.Context())
	fmt.Fprintf(w, "%s by %s", id.User, id.Method)
})

var passwords = map[string]string{"bing": "gnib", "Пётр": "pässwörd", `a "b", c\d`: "x"}

func newAuth() *Auth {
	return &Auth{Realm: "test", HA1: Passwords(func(_ context.Context, user string) (string, bool) {
		p, ok := passwords[user]
		return p, ok
	})}
}

func get(h http.Handler, target, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// nonceOf asks h for a challenge and returns its nonce.
func nonceOf(t *testing.T, h http.Handler) string {
	t.Helper()
	params, err := parseParams(get(h, "/", "").Header().Get("WWW-Authenticate"))
	if err != nil || params["nonce"] == "" {
		t.Fatalf("the challenge has no nonce: %v, %v", params, err)
	}
	return params["nonce"]
}

// answer is what a client sends; its zero fields are those of a good answer to nonce.
type answer struct {
	user, password, realm, uri, nonce, nc, cnonce, qop string
	alg                                                Algorithm
}

func (a answer) String() string {
	fill := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	fill(&a.user, "bing")
	fill(&a.password, "gnib")
	fill(&a.realm, "test")
	fill(&a.uri, "/")
	fill(&a.nc, "00000001")
	fill(&a.cnonce, "c0ffee")
	fill(&a.qop, "auth")
	fill((*string)(&a.alg), "SHA-256")
	response := a.alg.sum(a.alg.sum(a.user, a.realm, a.password), a.nonce, a.nc, a.cnonce, a.qop, a.alg.sum("GET", a.uri))
	return fmt.Sprintf(`Digest username=%s, realm=%s, nonce="%s", uri="%s", algorithm=%s, qop=%s, nc=%s, cnonce="%s", response="%s"`,
		auth.Quote(a.user), auth.Quote(a.realm), a.nonce, a.uri, a.alg, a.qop, a.nc, a.cnonce, response)
}

// The sums of the example in RFC 7616 section 3.9.1.
func TestRFC7616Example(t *testing.T) {
	a := Auth{Realm: "http-auth@example.org", HA1: Passwords(func(context.Context, string) (string, bool) { return "Circle of Life", true })}
	for alg, response := range map[Algorithm]string{
		MD5:    "8ca523f5e9506fed4657c9700eebdbec",
		SHA256: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		c, err := parse(`Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=` + string(alg) +
			`, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"` +
			`, qop=auth, response="` + response + `", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`)
		if err != nil {
			t.Fatal(err)
		}
		if r := httptest.NewRequest("GET", "/dir/index.html", nil); !a.proves(r, c) {
			t.Errorf("%s: the example does not prove its user", alg)
		}
	}
}

// checks are answers, one fault each.
var checks = []struct {
	name   string
	target string
	header func(nonce string) string
	status int
	stale  bool
}{
	{"good SHA-256", "/", func(n string) string { return answer{nonce: n}.String() }, 200, false},
	{"good MD5", "/", func(n string) string { return answer{nonce: n, alg: MD5}.String() }, 200, false},
	{"no algorithm is MD5", "/", func(n string) string {
		return strings.Replace(answer{nonce: n, alg: MD5}.String(), "algorithm=MD5, ", "", 1)
	}, 200, false},
	{"good with query", "/a?b=c,d&e", func(n string) string { return answer{nonce: n, uri: "/a?b=c,d&e"}.String() }, 200, false},
	{"comma and quotes in the user", "/", func(n string) string { return answer{nonce: n, user: `a "b", c\d`, password: "x"}.String() }, 200, false},
	{"utf-8", "/", func(n string) string { return answer{nonce: n, user: "Пётр", password: "pässwörd"}.String() }, 200, false},
	{"extended user", "/", func(n string) string {
		s := answer{nonce: n, user: "Пётр", password: "pässwörd"}.String()
		return strings.Replace(s, `username="Пётр"`, "username*=UTF-8''"+url.PathEscape("Пётр"), 1)
	}, 200, false},
	{"capitals", "/", func(n string) string {
		return strings.NewReplacer("Digest", "DIGEST", "qop=auth", "QOP=AUTH").Replace(answer{nonce: n}.String())
	}, 200, false},
	{"wrong password", "/", func(n string) string { return answer{nonce: n, password: "x"}.String() }, 401, false},
	{"unknown user", "/", func(n string) string { return answer{nonce: n, user: "bong"}.String() }, 401, false},
	{"another realm", "/", func(n string) string { return answer{nonce: n, realm: "prod"}.String() }, 401, false},
	{"nonce invented by the client", "/", func(string) string { return answer{nonce: "deadbeef"}.String() }, 401, true},
	{"nonce invented, wrong password", "/", func(string) string { return answer{nonce: "deadbeef", password: "x"}.String() }, 401, false},
	{"nonce with a byte changed", "/", func(n string) string { return answer{nonce: "B" + n[1:]}.String() }, 401, true},
	{"nonce in another spelling", "/", func(n string) string { return answer{nonce: n + "="}.String() }, 401, true},
	{"uri is a prefix", "/secret", func(n string) string { return answer{nonce: n}.String() }, 400, false},
	{"uri contains the path", "/b", func(n string) string { return answer{nonce: n, uri: "/a/b"}.String() }, 400, false},
	{"uri without the query", "/a?admin=1", func(n string) string { return answer{nonce: n, uri: "/a"}.String() }, 400, false},
	{"uri with another query", "/a?x=1", func(n string) string { return answer{nonce: n, uri: "/a?x=2"}.String() }, 400, false},
	{"uri in another encoding", "/%61", func(n string) string { return answer{nonce: n, uri: "/a"}.String() }, 400, false},
	{"algorithm not offered", "/", func(n string) string {
		return strings.Replace(answer{nonce: n}.String(), "=SHA-256", "=SHA-256-sess", 1)
	}, 401, false},
	{"missing qop", "/", without("qop=auth, "), 401, false},
	{"missing nc", "/", without("nc=00000001, "), 401, false},
	{"missing cnonce", "/", without(`cnonce="c0ffee", `), 401, false},
	{"missing uri", "/", without(`uri="/", `), 401, false},
	{"missing user", "/", without(`username="bing", `), 401, false},
	{"missing realm", "/", without(`realm="test", `), 401, false},
	{"qop of another kind", "/", func(n string) string { return answer{nonce: n, qop: "auth-int"}.String() }, 401, false},
	{"nc zero", "/", func(n string) string { return answer{nonce: n, nc: "00000000"}.String() }, 401, false},
	{"nc short", "/", func(n string) string { return answer{nonce: n, nc: "1"}.String() }, 401, false},
	{"nc with a sign", "/", func(n string) string { return answer{nonce: n, nc: "+0000001"}.String() }, 401, false},
	{"hashed user", "/", func(n string) string { return answer{nonce: n}.String() + ", userhash=true" }, 401, false},
	{"twice the same", "/", func(n string) string { return answer{nonce: n}.String() + `, uri="/"` }, 401, false},
	{"Digest alone", "/", func(string) string { return "Digest" }, 401, false},
	{"Digest and a space", "/", func(string) string { return "Digest " }, 401, false},
	{"Basic", "/", func(string) string { return "Basic YmluZzpnbmli" }, 401, false},
	{"open quote", "/", func(n string) string { return `Digest username="bing` }, 401, false},
	{"no-qop client", "/", func(n string) string {
		response := MD5.sum(MD5.sum("bing", "test", "gnib"), n, MD5.sum("GET", "/"))
		return fmt.Sprintf(`Digest username="bing", realm="test", nonce="%s", uri="/", response="%s"`, n, response)
	}, 401, false},
}

func TestChecksDigest(t *testing.T) {
	for _, tt := range checks {
		t.Run(tt.name, func(t *testing.T) {
			h := newAuth().Handler(who)
			w := get(h, tt.target, tt.header(nonceOf(t, h)))
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			challenges := w.Header().Values("WWW-Authenticate")
			if (w.Code == 401) != (len(challenges) == 2) {
				t.Fatalf("status %d with %d challenges", w.Code, len(challenges))
			}
			for i, alg := range []string{"SHA-256", "MD5"}[:len(challenges)] {
				params, err := parseParams(challenges[i])
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]string{"realm": "test", "qop": "auth", "algorithm": alg, "charset": "UTF-8", "userhash": "false", "nonce": params["nonce"]}
				if tt.stale {
					want["stale"] = "true"
				}
				if diff := cmp.Diff(want, params); diff != "" {
					t.Errorf("challenge %d: %s", i, diff)
				}
			}
		})
	}
}

// without returns a header that lacks a part.
func without(part string) func(string) string {
	return func(nonce string) string { return strings.Replace(answer{nonce: nonce}.String(), part, "", 1) }
}

// A captured header is good once: 200, then only 401.
func TestReplayRefused(t *testing.T) {
	h := newAuth().Handler(who)
	header := answer{nonce: nonceOf(t, h)}.String()
	var got []int
	for range 4 {
		got = append(got, get(h, "/", header).Code)
	}
	if diff := cmp.Diff([]int{200, 401, 401, 401}, got); diff != "" {
		t.Error(diff)
	}
	if w := get(h, "/", header); !strings.Contains(w.Header().Get("WWW-Authenticate"), "stale=true") {
		t.Error("a client that lost count is not told to take a new nonce")
	}
}

// Each count is good once, in any order, and from many at once.
func TestParallelCountsOutOfOrder(t *testing.T) {
	h := newAuth().Handler(who)
	nonce := nonceOf(t, h)
	const counts, clients = 200, 4
	var good [counts]atomic.Int32
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := range counts {
				nc := (i*37 + c*50) % counts // 37 and 200 have no common divisor
				if get(h, "/", answer{nonce: nonce, nc: fmt.Sprintf("%08x", nc+1)}.String()).Code == 200 {
					good[nc].Add(1)
				}
			}
		})
	}
	wg.Wait()
	for nc := range good {
		if n := good[nc].Load(); n != 1 {
			t.Errorf("count %d was good %d times", nc+1, n)
		}
	}
}

// A wrong password must not use up the count of the right one.
func TestWrongAnswerUsesNothing(t *testing.T) {
	h := newAuth().Handler(who)
	nonce := nonceOf(t, h)
	if c := get(h, "/", answer{nonce: nonce, password: "x"}.String()).Code; c != 401 {
		t.Fatal(c)
	}
	if c := get(h, "/", answer{nonce: nonce}.String()).Code; c != 200 {
		t.Errorf("after a wrong answer the right one is %d", c)
	}
}

func TestOldNonceIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAuth()
		a.NonceLife = time.Minute
		h := a.Handler(who)
		used, unused := nonceOf(t, h), nonceOf(t, h)
		time.Sleep(time.Minute)
		if w := get(h, "/", answer{nonce: used}.String()); w.Code != 200 {
			t.Errorf("at the end of its life: %d", w.Code)
		}
		time.Sleep(time.Nanosecond)
		for _, header := range []string{answer{nonce: used, nc: "00000002"}.String(), answer{nonce: unused}.String()} {
			if w := get(h, "/", header); w.Code != 401 || !strings.Contains(w.Header().Get("WWW-Authenticate"), "stale=true") {
				t.Errorf("after its life: %d %q", w.Code, w.Header())
			}
		}
	})
}

// The nonces of one server are not those of another, nor of itself after a restart.
func TestNonceOfAnother(t *testing.T) {
	nonce := nonceOf(t, newAuth().Handler(who))
	if w := get(newAuth().Handler(who), "/", answer{nonce: nonce}.String()); w.Code != 401 || !strings.Contains(w.Header().Get("WWW-Authenticate"), "stale=true") {
		t.Errorf("another's nonce: %d %q", w.Code, w.Header())
	}
}

func TestPassesThroughIfSet(t *testing.T) {
	h := newAuth().Handler(who)
	for _, header := range []string{"", "Digest", answer{nonce: "x"}.String()} {
		r := auth.With(httptest.NewRequest("GET", "/", nil), auth.Identity{User: "eve", Method: "outer"})
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Body.String() != "eve by outer" {
			t.Errorf("header %q: got %d %q", header, w.Code, w.Body)
		}
	}
}

func TestZeroValueLetsNobodyIn(t *testing.T) {
	h := new(Auth).Handler(who)
	header := answer{nonce: nonceOf(t, h), realm: "example.com"}.String()
	if w := get(h, "http://example.com/", header); w.Code != 401 {
		t.Errorf("got %d", w.Code)
	}
}

func TestOptionalAndIdentify(t *testing.T) {
	a := newAuth()
	a.Optional = true
	a.Identify = func(_ context.Context, user string) auth.Identity { return auth.Identity{Roles: []string{"r-" + user}} }
	var got auth.Identity
	var ok bool
	h := a.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, ok = auth.From(r.Context()) }))
	if w := get(h, "/", ""); w.Code != 200 || ok {
		t.Errorf("without a header: %d, identity %v", w.Code, got)
	}
	w := get(h, "/", "Digest")
	if w.Code != 401 {
		t.Fatalf("a wrong header: %d", w.Code)
	}
	params, err := parseParams(w.Header().Get("WWW-Authenticate"))
	if err != nil {
		t.Fatal(err)
	}
	get(h, "/", answer{nonce: params["nonce"]}.String())
	if diff := cmp.Diff(auth.Identity{User: "bing", Roles: []string{"r-bing"}, Method: "digest"}, got); diff != "" {
		t.Error(diff)
	}
}

// A request line may name the whole URL; the answer may name either form.
func TestAbsoluteForm(t *testing.T) {
	for target, origin := range map[string]string{"http://a.test/x?y": "/x?y", "http://a.test": "/", "/r?u=http://b/": "/r?u=http://b/", "*": "*"} {
		if got := originForm(target); got != origin {
			t.Errorf("%s: %s, want %s", target, got, origin)
		}
	}
	h := newAuth().Handler(who)
	for _, uri := range []string{"/x?y", "http://a.test/x?y"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RequestURI = "http://a.test/x?y"
		r.Header.Set("Authorization", answer{nonce: nonceOf(t, h), uri: uri}.String())
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("uri %s: %d", uri, w.Code)
		}
	}
}
