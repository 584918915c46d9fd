package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// ask sends a request to the control port, or with unix set to the socket, and
// returns the answer with its body.
func (i *instance) ask(t *testing.T, method, path, body string, h http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(i.URL(), "/")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range h {
		if k == "Host" {
			req.Host = v[0]
			continue
		}
		req.Header[k] = v
	}
	res, err := i.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// header makes a set of fields from name, value pairs, with the token first.
func (i *instance) header(pairs ...string) http.Header {
	h := http.Header{"Authorization": {"Bearer " + i.Instance().token()}}
	for k := 0; k < len(pairs); k += 2 {
		h[pairs[k]] = append(h[pairs[k]], pairs[k+1])
	}
	return h
}

const jsonType = "application/json"

// Each row is one rule of who may ask. All carry the right token: the rule alone
// must refuse, and say which header had which value.
func TestRefusals(t *testing.T) {
	i := startInstance(t, func(o *ServerOptions) { o.AllowHosts = []string{"box.test", ".dev.test", ""} })
	own := strings.TrimSuffix(i.URL(), "/")
	port := i.port.Addr().(*net.TCPAddr).Port
	tests := []struct {
		name, method, path string
		header             []string
		want               int
		rule, says         string
	}{
		{"plain get", "GET", "/api/v1/status", nil, 200, "", ""},
		{"own page", "GET", "/api/v1/status", []string{"Sec-Fetch-Site", "same-origin"}, 200, "", ""},
		{"typed in", "GET", "/api/v1/status", []string{"Sec-Fetch-Site", "none"}, 200, "", ""},
		{"own origin", "POST", "/api/v1/clear", []string{"Origin", own, "Sec-Fetch-Site", "same-origin", "Content-Type", jsonType}, 200, "", ""},
		{"localhost", "GET", "/api/v1/status", []string{"Host", fmt.Sprint("localhost:", port)}, 200, "", ""},
		{"below localhost", "GET", "/api/v1/status", []string{"Host", "App.LocalHost."}, 200, "", ""},
		{"another loopback", "GET", "/api/v1/status", []string{"Host", "127.8.9.1:80"}, 200, "", ""},
		{"ipv6 loopback", "GET", "/api/v1/status", []string{"Host", "[::1]:80"}, 200, "", ""},
		{"allowed host", "GET", "/api/v1/status", []string{"Host", "box.test"}, 200, "", ""},
		{"allowed below", "GET", "/api/v1/status", []string{"Host", "a.dev.test:1"}, 200, "", ""},

		{"rebinding", "GET", "/api/v1/status", []string{"Host", "evil.test"}, 403, "host", `"evil.test"`},
		{"rebinding of the page", "GET", "/", []string{"Host", "evil.test"}, 403, "host", "--allow-host evil.test"},
		{"rebinding of a script", "GET", "/main.js", []string{"Host", "evil.test"}, 403, "host", "--allow-host"},
		{"name with a loopback in front", "GET", "/api/v1/status", []string{"Host", "127.0.0.1.evil.test"}, 403, "host", "127.0.0.1.evil.test"},
		{"suffix without its dot", "GET", "/api/v1/status", []string{"Host", "eviltest.localhost.evil"}, 403, "host", ""},
		{"suffix of an allowed name", "GET", "/api/v1/status", []string{"Host", "evilbox.test"}, 403, "host", ""},
		{"suffix glued to an allowed one", "GET", "/api/v1/status", []string{"Host", "evildev.test"}, 403, "host", ""},
		{"lan address", "GET", "/api/v1/status", []string{"Host", "192.168.1.7"}, 403, "host", "192.168.1.7"},
		{"any address", "GET", "/api/v1/status", []string{"Host", "0.0.0.0"}, 403, "host", ""},
		{"number for an address", "GET", "/api/v1/status", []string{"Host", "2130706433"}, 403, "host", ""},

		{"foreign origin reads", "GET", "/api/v1/status", []string{"Origin", "http://evil.test"}, 403, "origin", `"http://evil.test"`},
		{"foreign origin acts", "POST", "/api/v1/clear", []string{"Origin", "http://evil.test", "Content-Type", jsonType}, 403, "origin", ""},
		{"the app's own origin", "POST", "/api/v1/restart", []string{"Origin", "http://127.0.0.1:8080", "Content-Type", jsonType}, 403, "origin", "8080"},
		{"null origin", "POST", "/api/v1/clear", []string{"Origin", "null", "Content-Type", jsonType}, 403, "origin", `"null"`},
		{"null origin reads", "GET", "/api/v1/exchanges", []string{"Origin", "null"}, 403, "origin", `"null"`},
		{"https of the same host", "GET", "/api/v1/status", []string{"Origin", strings.Replace(own, "http", "https", 1)}, 403, "origin", ""},
		{"two origins", "GET", "/api/v1/status", []string{"Origin", own, "Origin", "http://evil.test"}, 403, "origin", ""},
		{"empty origin", "GET", "/api/v1/status", []string{"Origin", ""}, 403, "origin", ""},

		{"cross site", "GET", "/api/v1/status", []string{"Sec-Fetch-Site", "cross-site"}, 403, "sec-fetch-site", `"cross-site"`},
		{"another port of localhost", "GET", "/api/v1/events", []string{"Sec-Fetch-Site", "same-site"}, 403, "sec-fetch-site", `"same-site"`},
		{"script tag elsewhere", "GET", "/main.js", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, 403, "sec-fetch-site", ""},
		{"frame elsewhere", "GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403, "sec-fetch-site", ""},
		{"data by a link", "GET", "/api/v1/exchanges", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 403, "sec-fetch-site", ""},
		{"page by a link", "GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200, "", ""},

		{"form", "POST", "/api/v1/clear", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "content-type", "x-www-form-urlencoded"},
		{"text", "POST", "/api/v1/replay", []string{"Content-Type", "text/plain"}, 415, "content-type", "text/plain"},
		{"no type", "POST", "/api/v1/restart", nil, 415, "content-type", "application/json"},
		{"json in disguise", "POST", "/api/v1/clear", []string{"Content-Type", "text/plain; application/json"}, 415, "content-type", ""},
		{"session by a form", "POST", "/api/v1/session", []string{"Content-Type", "text/plain"}, 415, "content-type", ""},
		{"json with a charset", "POST", "/api/v1/clear", []string{"Content-Type", "application/json; charset=utf-8"}, 200, "", ""},

		{"preflight", "OPTIONS", "/api/v1/clear", []string{"Origin", "http://evil.test"}, 403, "origin", ""},
		{"put", "PUT", "/api/v1/clear", []string{"Content-Type", jsonType}, 405, "method", "PUT"},
		{"delete", "DELETE", "/api/v1/exchanges", nil, 405, "method", "DELETE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if strings.HasSuffix(tt.path, "/events") && tt.want == 200 {
				t.Skip("endless")
			}
			res, body := i.ask(t, tt.method, tt.path, "{}", i.header(tt.header...))
			if res.StatusCode != tt.want {
				t.Fatalf("status %d, want %d: %s", res.StatusCode, tt.want, body)
			}
			if tt.want == 200 {
				return
			}
			var p Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("not a problem object: %v: %s", err, body)
			}
			if p.Type != tt.rule || !strings.Contains(p.Detail+"\n"+p.Hint, tt.says) {
				t.Errorf("refused by %q with %q hint %q; want the rule %q and words %q", p.Type, p.Detail, p.Hint, tt.rule, tt.says)
			}
			if !strings.Contains(i.logged(), p.Detail) {
				t.Errorf("the log does not hold %q", p.Detail)
			}
			if got := res.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("Access-Control-Allow-Origin: %s", got)
			}
		})
	}
	if got := i.called(); len(got) != 0 {
		t.Errorf("refused requests acted: %q", got)
	}
}

// The rules of where a request comes from hold on every route, with the right token.
func TestEveryRouteIsGuarded(t *testing.T) {
	i := startInstance(t)
	_, recorded := i.profiling(t)
	routes := newAPI(i.svc).routes
	routes = append(routes, "POST /api/v1/session", "GET /", "GET /no/such/page", "GET /api/v1/none")
	files, err := assets.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		routes = append(routes, "GET /"+f.Name())
	}
	rules := []struct {
		rule, name, value string
		want              int
	}{
		{"host", "Host", "evil.test", 403},
		{"origin", "Origin", "null", 403},
		{"origin", "Origin", "http://127.0.0.1:8080", 403},
		{"sec-fetch-site", "Sec-Fetch-Site", "cross-site", 403},
		{"sec-fetch-site", "Sec-Fetch-Site", "same-site", 403},
		{"content-type", "Content-Type", "text/plain", 415}, // POST only
	}
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		path = strings.ReplaceAll(path, "{id}", "0123abcd")
		for _, r := range rules {
			if r.rule == "content-type" && method != "POST" {
				continue
			}
			pairs := []string{r.name, r.value}
			if r.name != "Content-Type" {
				pairs = append(pairs, "Content-Type", jsonType)
			}
			res, body := i.ask(t, method, path, "{}", i.header(pairs...))
			var p Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil || res.StatusCode != r.want || p.Type != r.rule {
				t.Errorf("%s with %s: %s: %d %s", route, r.name, r.value, res.StatusCode, body)
			}
			if !strings.Contains(p.Detail, r.name) || !strings.Contains(p.Detail, fmt.Sprintf("%q", r.value)) || p.Hint == "" {
				t.Errorf("%s: the refusal does not name %s, %q and what to do: %q, hint %q", route, r.name, r.value, p.Detail, p.Hint)
			}
		}
	}
	if got := i.called(); len(got) != 0 || len(*recorded) != 0 {
		t.Errorf("refused requests acted: %q %v", got, *recorded)
	}
}

func TestReplayOnlyNamesARecord(t *testing.T) {
	i := startInstance(t)
	ex := i.store.add(exchange("GET", "/x", 200))
	for _, extra := range []string{`"url":"http://evil.test/"`, `"host":"evil.test"`, `"header":{"Host":["evil.test"]}`, `"method":"DELETE"`} {
		res, body := i.ask(t, "POST", "/api/v1/replay", fmt.Sprintf(`{"id":%q,%s}`, ex.ID, extra), i.header("Content-Type", jsonType))
		if res.StatusCode != 400 || !strings.Contains(body, "unknown field") {
			t.Errorf("with %s: %d %s", extra, res.StatusCode, body)
		}
	}
	if got := i.called(); len(got) != 0 {
		t.Errorf("it was sent: %q", got)
	}
}

func TestNoTokenNoData(t *testing.T) {
	i := startInstance(t)
	kept, recorded := i.profiling(t)
	kept.put(inspect.Profile{Kind: inspect.ProfileCPU, Route: "GET /myapp"}, sampled(t))
	tree := string(i.withTree("/myapp", time.Millisecond).ID)
	good := i.Instance().token()
	routes := []string{"/api/v1/", "/api/v1/status", "/api/v1/exchanges", "/api/v1/exchanges/1", "/api/v1/exchanges/1/request/body",
		"/api/v1/exchanges/1/response/body", "/api/v1/exchanges/1/pretty", "/api/v1/builds", "/api/v1/outputs", "/api/v1/events", "/api/v1/nothing",
		"/api/v1/exchanges/" + tree + "/calltree", "/api/v1/exchanges/" + tree + "/calltree/text", "/api/v1/exchanges/" + tree + "/goroutines",
		"/api/v1/profiles", "/api/v1/profiles/1", "/api/v1/profiles/1/data", "/api/v1/profiles/1/top", "/api/v1/compare?after=" + tree,
		"/pprof/1/", "/pprof/1/top", "/pprof/1/download", "/pprof/calls-" + tree + "/flamegraph", "//pprof/1/top", "/x/../pprof/1/top",
		"/api/v1/status?token=" + good, "/api/../api/v1/status", "//api/v1/status"}
	for _, path := range routes {
		res, body := i.ask(t, "GET", path, "", nil)
		if strings.Contains(body, "myapp") || res.StatusCode == 200 {
			t.Errorf("GET %s without a token: %d %s", path, res.StatusCode, body)
		}
	}
	for _, path := range []string{"replay", "restart", "clear", "profile", "calltree", "cancel"} {
		if res, _ := i.ask(t, "POST", "/api/v1/"+path, "{}", http.Header{"Content-Type": {jsonType}}); res.StatusCode != 401 {
			t.Errorf("POST %s without a token: %d", path, res.StatusCode)
		}
	}
	wrong := []string{"Bearer " + strings.Repeat("0", 64), "Bearer", "Bearer " + good[:63], "Basic " + good, good, "Bearer " + good + "0"}
	for _, auth := range wrong {
		if res, _ := i.ask(t, "GET", "/api/v1/status", "", http.Header{"Authorization": {auth}}); res.StatusCode != 401 {
			t.Errorf("Authorization %q: %d, want 401", auth, res.StatusCode)
		}
	}
	for _, cookie := range []string{i.tokens.cookieName + "=x", i.tokens.cookieName + "=" + good, "pastedev=" + i.tokens.cookie} {
		if res, _ := i.ask(t, "GET", "/api/v1/status", "", http.Header{"Cookie": {cookie}}); res.StatusCode != 401 {
			t.Errorf("Cookie %q: %d, want 401", cookie, res.StatusCode)
		}
	}
	if got := i.called(); len(got) != 0 || len(*recorded) != 0 {
		t.Errorf("acted without a token: %q %v", got, *recorded)
	}
}

func TestNoStateChangeOnGet(t *testing.T) {
	i := startInstance(t)
	_, recorded := i.profiling(t)
	ex := i.store.add(exchange("GET", "/x", 200))
	for _, method := range []string{"GET", "HEAD"} {
		for _, path := range []string{"/api/v1/restart", "/api/v1/clear", "/api/v1/profile?kind=cpu", "/api/v1/calltree?on=1", "/api/v1/cancel?id=" + string(ex.ID),
			"/pprof/1/saveconfig?config=x", "/pprof/1/deleteconfig?config=x", "/api/v1/replay?id=" + string(ex.ID), "/api/v1/session?token=" + i.Instance().token()} {
			res, _ := i.ask(t, method, path, "", i.header())
			if res.StatusCode < 400 || len(res.Cookies()) > 0 {
				t.Errorf("%s %s: %d, cookies %v", method, path, res.StatusCode, res.Cookies())
			}
		}
	}
	if list, _ := i.svc.Exchanges(t.Context(), listAll); list.Total != 1 || len(i.called()) != 0 || len(*recorded) != 0 {
		t.Errorf("a GET changed something: %d exchanges, calls %q %v", list.Total, i.called(), *recorded)
	}
}

func TestSessionCookie(t *testing.T) {
	i := startInstance(t)
	body := fmt.Sprintf(`{"token":%q}`, i.Instance().token())
	res, _ := i.ask(t, "POST", "/api/v1/session", body, http.Header{"Content-Type": {jsonType}})
	if res.StatusCode != http.StatusNoContent || len(res.Cookies()) != 1 {
		t.Fatalf("session: %d, cookies %v", res.StatusCode, res.Cookies())
	}
	c := res.Cookies()[0]
	u, _ := url.Parse(i.URL())
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || !strings.HasPrefix(c.Name, "pastedev_"+u.Port()+"_") {
		t.Errorf("cookie %v", c)
	}
	if strings.Contains(c.Value, i.Instance().token()) {
		t.Error("the cookie is the token")
	}
	h := http.Header{"Cookie": {c.Name + "=" + c.Value}}
	if res, body := i.ask(t, "GET", "/api/v1/status", "", h); res.StatusCode != 200 {
		t.Errorf("with the cookie: %d %s", res.StatusCode, body)
	}
	h.Set("Origin", "null")
	if res, _ := i.ask(t, "GET", "/api/v1/status", "", h); res.StatusCode != 403 {
		t.Errorf("the cookie with a null origin: %d", res.StatusCode)
	}
	other := startInstance(t)
	if res, _ := other.ask(t, "GET", "/api/v1/status", "", http.Header{"Cookie": {other.tokens.cookieName + "=" + c.Value}}); res.StatusCode != 401 {
		t.Errorf("another run takes the cookie: %d", res.StatusCode)
	}
}

func TestAttemptLimit(t *testing.T) {
	tok := newTokens()
	tok.setPort(1)
	now := time.Unix(1000, 0)
	tok.now = func() time.Time { return now }
	for n := range maxAttempts {
		if ref := tok.try("wrong"); ref == nil || ref.status != 401 {
			t.Fatalf("attempt %d: %+v", n+1, ref)
		}
	}
	if ref := tok.try(tok.token); ref == nil || ref.status != 429 {
		t.Fatalf("the right token after %d wrong ones: %+v, want 429", maxAttempts, ref)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: tok.cookieName, Value: tok.cookie})
	if ref := tok.check(r); ref != nil {
		t.Errorf("a session that exists is shut out: %+v", ref)
	}
	now = now.Add(attemptWindow)
	if ref := tok.try(tok.token); ref != nil {
		t.Errorf("the right token a minute later: %+v", ref)
	}
}

func TestAttemptLimitOverHTTP(t *testing.T) {
	i := startInstance(t)
	last := 0
	for range maxAttempts + 1 {
		res, _ := i.ask(t, "POST", "/api/v1/session", `{"token":"0"}`, http.Header{"Content-Type": {jsonType}})
		last = res.StatusCode
		if last == 429 && res.Header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	if last != 429 {
		t.Errorf("attempt %d: %d, want 429", maxAttempts+1, last)
	}
}

func TestSecurityHeaders(t *testing.T) {
	i := startInstance(t)
	ex := exchange("GET", "/page", 200)
	ex.Response.Header["Content-Type"] = []string{"text/html"}
	ex.Response.Body.Data = []byte("<script>alert(1)</script>")
	i.store.add(ex)
	paths := map[string]string{"/": pageCSP, "/main.js": pageCSP, "/nothing": pageCSP, "/api/v1/status": dataCSP, "/api/v1/nothing": dataCSP,
		"/api/v1/exchanges/" + string(ex.ID) + "/response/body": dataCSP, "/api/v1/exchanges/" + string(ex.ID) + "/response/body?raw=1": dataCSP}
	for path, csp := range paths {
		res, _ := i.ask(t, "GET", path, "", i.header())
		want := map[string]string{"Content-Security-Policy": csp, "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
		for k, v := range want {
			if got := res.Header.Get(k); got != v {
				t.Errorf("%s: %s is %q, want %q", path, k, got, v)
			}
		}
		if ct := res.Header.Get("Content-Type"); strings.Contains(path, "body") && strings.Contains(ct, "html") {
			t.Errorf("%s: a recorded page is served as %s", path, ct)
		}
	}
	for _, word := range []string{"'unsafe-inline'", "'unsafe-eval'", "*", "http:"} {
		if strings.Contains(pageCSP, word) {
			t.Errorf("the page's policy allows %s", word)
		}
	}
}

func TestMaskedUnlessRevealed(t *testing.T) {
	i := startInstance(t)
	ex := i.store.add(exchange("GET", "/x", 200))
	base := "/api/v1/exchanges/" + string(ex.ID)
	for _, path := range []string{base, base + "?body=1"} {
		if _, body := i.ask(t, "GET", path, "", i.header()); strings.Contains(body, secret) {
			t.Errorf("%s shows the secret", path)
		}
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		if _, body := i.ask(t, "GET", path+sep+"reveal=1", "", i.header()); !strings.Contains(body, secret) {
			t.Errorf("%s does not show the secret when asked to", path)
		}
	}
	if ex.Request.Header.Get("Authorization") != "Bearer "+secret {
		t.Error("masking changed the record")
	}
}

// No route and no event shows a secret that stands in any record, unless revealed.
func TestNothingLeavesUnmasked(t *testing.T) {
	i := startInstance(t)
	i.svc.opt.Status = func() inspect.Status {
		b := leakyBuild()
		return inspect.Status{Target: "./myapp -token " + secret, Detail: "API_KEY=" + secret, Lost: []string{"PASSWORD=" + secret}, Build: &b}
	}
	i.store.builds = []inspect.Build{leakyBuild()}
	i.store.print(inspect.Stdout, "API_KEY="+secret)
	ex := i.store.add(exchange("GET", "/x?token="+secret, 200))
	base := "/api/v1/exchanges/" + string(ex.ID)
	for _, path := range []string{"/api/v1/status", "/api/v1/builds", "/api/v1/outputs", "/api/v1/exchanges", base, base + "?body=1",
		base + "/pretty", base + "/curl", base + "/request/body", base + "/response/body"} {
		if res, body := i.ask(t, "GET", path, "", i.header()); strings.Contains(body, secret) || res.StatusCode != 200 {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	for _, view := range []string{"", "?view=digest"} {
		t.Run("events"+view, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), "GET", i.URL()+"api/v1/events"+view, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = i.header()
			res, err := i.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			<-i.store.joined
			i.store.send(inspect.BuildChanged{Build: leakyBuild()})
			i.store.send(inspect.StateChanged{State: inspect.StateBackoff, Detail: "API_KEY=" + secret})
			i.store.print(inspect.Stdout, "API_KEY="+secret)
			i.store.add(exchange("GET", "/x?token="+secret, 200))
			i.store.send(inspect.StateChanged{State: inspect.StateStopped})
			lines := bufio.NewScanner(res.Body)
			for end := 0; end < 2 && lines.Scan(); {
				if strings.Contains(lines.Text(), secret) {
					t.Errorf("sent %s", lines.Text())
				}
				// The digest of the exchange may come after the last state.
				if strings.Contains(lines.Text(), `"stopped"`) || strings.Contains(lines.Text(), `"finished":1`) || strings.Contains(lines.Text(), "exchange_finished") {
					end++
				}
			}
		})
	}
}

func leakyBuild() inspect.Build {
	return inspect.Build{Number: 2, Result: inspect.BuildFailed, Output: "fetch https://me:" + secret + "@host/mod",
		Diagnostics: []inspect.Diagnostic{{Severity: inspect.SeverityError, Code: "compile", Message: "no " + "https://me:" + secret + "@host",
			Context: []inspect.SourceLine{{Number: 1, Text: `const apiToken = "` + secret + `"`}}}}}
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.168.1.7:0", "example.test:0", "nothing"} {
		srv, err := Listen(t.Context(), NewService(Options{}), ServerOptions{StateDir: shortTempDir(t), Addr: addr})
		if err == nil {
			srv.Close()
			t.Errorf("listens at %s", addr)
		} else if !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestFileModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are access lists there")
	}
	dir := filepath.Join(shortTempDir(t), "state")
	i := startInstance(t, func(o *ServerOptions) { o.StateDir = dir })
	for path, want := range map[string]os.FileMode{dir: 0o700, i.inst.Socket: 0o600, filepath.Join(dir, instanceName): 0o600, filepath.Join(dir, lockName): 0o600} {
		fi, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode().Perm() != want {
			t.Errorf("%s has the mode %o, want %o", path, fi.Mode().Perm(), want)
		}
	}
}

func TestDuplicateAndMissingHost(t *testing.T) {
	i := startInstance(t)
	for _, head := range []string{"GET /api/v1/status HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n", "GET http://evil.test/ HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", i.port.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 12)
		_, _ = io.ReadFull(conn, buf)
		conn.Close()
		if got := string(buf); got != "HTTP/1.1 400" && got != "HTTP/1.0 403" && got != "HTTP/1.1 403" {
			t.Errorf("%q is answered with %q", head, got)
		}
	}
}
