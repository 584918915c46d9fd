package control

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // into memory
	_ = w.Close()
	return b.Bytes()
}

func TestBodies(t *testing.T) {
	i := startInstance(t)
	ex := exchange("POST", "/b", 200)
	ex.Request.Body = inspect.Body{Size: 10, Data: []byte("0123456789")}
	ex.Request.Header["Content-Type"] = []string{"text/html"}
	packed := gzipped(`{"a":1}`)
	ex.Response.Header["Content-Encoding"] = []string{"gzip"}
	ex.Response.Body = inspect.Body{Size: int64(len(packed)), Data: packed}
	i.store.add(ex)
	binary := exchange("GET", "/bin", 200)
	binary.Response.Body = inspect.Body{Size: 900, Data: []byte{0, 1, 2, 0xff}, Truncated: true}
	binary.Response.Header["Content-Type"] = []string{"application/octet-stream"}
	i.store.add(binary)
	odd := exchange("GET", "/odd", 200)
	odd.Response.Header["Content-Encoding"] = []string{"x-\"new\r\n"}
	odd.Response.Body = inspect.Body{Size: 3, Data: []byte("abc")}
	i.store.add(odd)

	tests := []struct {
		name, path, want, contentType, total string
		truncated, note                      bool
	}{
		{"whole", string(ex.ID) + "/request/body", "0123456789", "text/plain; charset=utf-8", "10", false, false},
		{"by prefix", ex.ID.Short() + "/request/body", "0123456789", "text/plain; charset=utf-8", "10", false, false},
		{"chunk", string(ex.ID) + "/request/body?offset=3&length=4", "3456", "text/plain; charset=utf-8", "10", false, false},
		{"rest", string(ex.ID) + "/request/body?offset=7&length=0", "789", "text/plain; charset=utf-8", "10", false, false},
		{"beyond", string(ex.ID) + "/request/body?offset=70", "", "text/plain; charset=utf-8", "10", false, false},
		{"decoded", string(ex.ID) + "/response/body", `{"a":1}`, "text/plain; charset=utf-8", "7", false, false},
		{"raw", string(ex.ID) + "/response/body?raw=1&reveal=1", string(packed), "application/octet-stream", fmt.Sprint(len(packed)), false, false},
		{"raw text", string(ex.ID) + "/request/body?raw=1", "0123456789", "application/octet-stream", "10", false, false},
		{"binary", string(binary.ID) + "/response/body?reveal=1", "\x00\x01\x02\xff", "application/octet-stream", "4", true, true},
		{"unknown coding", string(odd.ID) + "/response/body?reveal=1", "abc", "text/plain; charset=utf-8", "3", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, body := i.ask(t, "GET", "/api/v1/exchanges/"+tt.path, "", i.header())
			if res.StatusCode != 200 || body != tt.want {
				t.Errorf("%d %q, want %q", res.StatusCode, body, tt.want)
			}
			got := []string{res.Header.Get("Content-Type"), res.Header.Get("Pastedev-Body-Total")}
			if diff := cmp.Diff([]string{tt.contentType, tt.total}, got); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if (res.Header.Get("Pastedev-Body-Truncated") != "") != tt.truncated || (res.Header.Get("Pastedev-Body-Note") != "") != tt.note {
				t.Errorf("truncated %q, note %q", res.Header.Get("Pastedev-Body-Truncated"), res.Header.Get("Pastedev-Body-Note"))
			}
		})
	}
}

func TestPrettyAndCurl(t *testing.T) {
	i := startInstance(t)
	ex := exchange("POST", "/b", 200)
	ex.Response.Header["Content-Encoding"] = []string{"gzip"}
	ex.Response.Body.Data = gzipped(`{"a":[1,2],"password":"` + secret + `"}`)
	i.store.add(ex)
	base := "/api/v1/exchanges/" + string(ex.ID)
	pretty := func(query string) map[string]Pretty {
		_, body := i.ask(t, "GET", base+"/pretty"+query, "", i.header())
		var p map[string]Pretty
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return p
	}
	p := pretty("")
	if p["response"].Kind != "json" || strings.Contains(p["response"].Text, secret) || !strings.Contains(p["response"].Text, "\n") || p["request"].Kind != "json" {
		t.Errorf("pretty: %+v", p)
	}
	if p := pretty("?reveal=1"); !strings.Contains(p["response"].Text, secret) {
		t.Errorf("revealed: %+v", p)
	}
	_, masked := i.ask(t, "GET", base+"/curl", "", i.header())
	_, open := i.ask(t, "GET", base+"/curl?reveal=1", "", i.header())
	if !strings.HasPrefix(masked, "curl ") || strings.Contains(masked, secret) || !strings.Contains(open, secret) {
		t.Errorf("curl: %s\nrevealed: %s", masked, open)
	}
}

func TestProblems(t *testing.T) {
	i := startInstance(t)
	ex := i.store.add(exchange("GET", "/a", 200))
	for _, id := range []inspect.ID{"0123a000000000000000000000000000", "0123b000000000000000000000000000"} {
		twin := exchange("GET", "/twin", 200)
		twin.ID = id
		i.store.add(twin)
	}
	tests := []struct {
		method, path, body string
		want               Problem // Detail and Hint: a part of them
	}{
		{"GET", "exchanges?q=staus:5xx", "", Problem{Type: "query", Status: 400, Len: 5, Suggestion: "status", Detail: "staus"}},
		{"GET", "exchanges?q=status:200+(", "", Problem{Type: "query", Status: 400, Pos: 12}},
		{"GET", "events?q=staus:1", "", Problem{Type: "query", Status: 400, Len: 5, Suggestion: "status"}},
		{"GET", "events?view=all", "", Problem{Status: 400, Detail: `"all"`, Hint: "digest"}},
		{"GET", "exchanges?limit=0", "", Problem{Status: 400, Detail: "limit", Hint: "1 to 1000"}},
		{"GET", "exchanges?limit=9999999", "", Problem{Status: 400, Hint: "1 to 1000"}},
		{"GET", "exchanges?before=x", "", Problem{Status: 400, Detail: `before is "x"`, Hint: "at least 0"}},
		{"GET", "exchanges?after=-1", "", Problem{Status: 400}},
		{"GET", "exchanges?oldest=maybe", "", Problem{Status: 400, Hint: "1 or 0"}},
		{"GET", "builds?limit=x", "", Problem{Status: 400}},
		{"GET", "outputs?after=x", "", Problem{Status: 400}},
		{"GET", "exchanges/ffff", "", Problem{Type: "not-found", Status: 404, Hint: "pastedev requests"}},
		{"GET", "exchanges/0123", "", Problem{Type: "ambiguous", Status: 400, Detail: "2 exchanges begin with 0123", Hint: "more digits"}},
		{"GET", "exchanges/0123/response/body", "", Problem{Type: "ambiguous", Status: 400}},
		{"GET", "exchanges/0123/curl", "", Problem{Type: "ambiguous", Status: 400}},
		{"POST", "replay", `{"id":"0123"}`, Problem{Type: "ambiguous", Status: 400}},
		{"GET", "exchanges/ffff/request/body", "", Problem{Type: "not-found", Status: 404}},
		{"GET", "exchanges/ffff/pretty", "", Problem{Type: "not-found", Status: 404}},
		{"GET", "exchanges/" + string(ex.ID) + "/response/body?offset=-1", "", Problem{Status: 400}},
		{"GET", "exchanges/" + string(ex.ID) + "/other/body", "", Problem{Type: "no-route", Status: 404, Hint: "/api/v1/"}},
		{"GET", "profilers", "", Problem{Type: "no-route", Status: 404}},
		{"GET", "traces?limit=501", "", Problem{Status: 400, Hint: "1 to 500"}},
		{"GET", "traces/9", "", Problem{Type: "not-found", Status: 404, Detail: `"9"`, Hint: "pastedev errors"}},
		{"GET", "traces/E-aaaaa/text", "", Problem{Type: "not-found", Status: 404}},
		{"GET", "traces/E-aaaaa/text?all=x", "", Problem{Status: 400, Hint: "1 or 0"}},
		{"GET", "traces/E-aaaaa/markdown", "", Problem{Type: "not-found", Status: 404}},
		{"GET", "traces/E-aaaaa/page", "", Problem{Type: "not-found", Status: 404}},
		{"GET", "traces/1?reveal=x", "", Problem{Status: 400, Hint: "1 or 0"}},
		{"GET", "eval", "", Problem{Status: 405, Detail: "takes POST"}},
		{"POST", "eval", `{"trace":1,"frame":0,"expr":"u"}`, Problem{Status: 409, Detail: "locals are off", Hint: "doctor"}},
		{"POST", "eval", `{"trace":1,"frame":0,"expr":"u","run":true}`, Problem{Status: 400, Detail: "run"}},
		{"GET", "../v2/status", "", Problem{Type: "no-route", Status: 404}},
		{"POST", "status", "{}", Problem{Status: 405, Detail: "takes GET"}},
		{"GET", "replay", "", Problem{Status: 405, Detail: "takes POST"}},
		{"POST", "replay", `{"id":"ffff"}`, Problem{Type: "not-found", Status: 404}},
		{"POST", "replay", `{}`, Problem{Status: 400, Detail: "id"}},
		{"POST", "replay", `not json`, Problem{Status: 400, Detail: "JSON"}},
		{"POST", "clear", ``, Problem{Status: 400, Hint: "{}"}},
		{"POST", "clear", `[]`, Problem{Status: 400}},
		{"POST", "restart", `{"x":"` + strings.Repeat("x", maxPostBody) + `"}`, Problem{Status: 400, Detail: "too large"}},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			path := "/api/v1/" + tt.path
			if strings.HasPrefix(tt.path, "../") {
				path = "/api/" + tt.path[3:]
			}
			res, body := i.ask(t, tt.method, path, tt.body, i.header("Content-Type", jsonType))
			var p Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil || res.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%v: %s %s", err, res.Header.Get("Content-Type"), body)
			}
			if !strings.Contains(p.Detail, tt.want.Detail) || !strings.Contains(p.Hint, tt.want.Hint) {
				t.Errorf("detail %q, hint %q; want parts %q, %q", p.Detail, p.Hint, tt.want.Detail, tt.want.Hint)
			}
			if res.StatusCode != p.Status || p.Type != tt.want.Type || p.Status != tt.want.Status ||
				tt.want.Suggestion != "" && (p.Suggestion != tt.want.Suggestion || p.Pos != tt.want.Pos || p.Len != tt.want.Len) {
				t.Errorf("status %d, problem %+v; want %+v", res.StatusCode, p, tt.want)
			}
			if p.Type == "ambiguous" && (p.Found != 2 || len(p.Candidates) != 2 || p.Candidates[0].Path != "/twin") {
				t.Errorf("the candidates are %+v", p.Candidates)
			}
			if p.Type == "no-route" && len(p.Routes) < 10 {
				t.Errorf("the routes are not listed: %v", p.Routes)
			}
		})
	}
	if got := i.called(); len(got) != 0 {
		t.Errorf("wrong requests acted: %q", got)
	}
}

// Every route is in the package comment, which is the contract.
func TestRoutesAreDocumented(t *testing.T) {
	doc := readFile(t, "doc.go")
	for _, route := range newAPI(NewService(Options{})).routes {
		method, path, _ := strings.Cut(route, " ")
		if !strings.Contains(doc, method+" "+path) && !strings.Contains(doc, fmt.Sprintf("%-4s %s", method, path)) {
			t.Errorf("doc.go does not name %s", route)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	i := startInstance(t)
	for _, path := range []string{"exchanges", "builds", "outputs"} {
		if _, body := i.ask(t, "GET", "/api/v1/"+path, "", i.header()); !strings.Contains(body, `"items":[]`) {
			t.Errorf("%s of nothing: %s", path, body)
		}
	}
}

func TestNothingToRestart(t *testing.T) {
	store := newFakeStore()
	svc := NewService(Options{Store: store, Status: func() inspect.Status { return inspect.Status{} }})
	ex := store.add(exchange("GET", "/a", 200))
	_, replayErr := svc.Replay(t.Context(), ex.ID)
	for _, err := range []error{svc.Restart(t.Context()), replayErr} {
		if p := problemOf(err); err == nil || p.Status != http.StatusConflict {
			t.Errorf("%v, want a conflict", err)
		}
	}
}

func TestEventCodec(t *testing.T) {
	if e, err := DecodeEvent("from_the_future", []byte(`{}`)); e != nil || err != nil {
		t.Errorf("unknown kind: %v, %v", e, err)
	}
	for kind, data := range map[string]string{"exchange_finished": `{}`, "output": `{"output":3}`, "build": `nope`} {
		if e, err := DecodeEvent(kind, []byte(data)); err == nil {
			t.Errorf("%s %s: %v", kind, data, e)
		}
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, e := range []inspect.Event{inspect.ExchangeFinished{Exchange: exchange("GET", "/", 200)}, inspect.OutputWritten{Output: inspect.Output{Text: "x"}},
		inspect.BuildChanged{Build: failedBuild()}, inspect.StateChanged{State: inspect.StateRunning}, inspect.HistoryCleared{}} {
		b, err := EncodeEvent(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.EventKind(), b)
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		e, err := DecodeEvent(kind, data)
		if err != nil || e == nil {
			return
		}
		b, err := EncodeEvent(e)
		if err != nil {
			t.Skip() // a time that JSON cannot write
		}
		again, err := DecodeEvent(e.EventKind(), b)
		if err != nil {
			t.Fatalf("decode what was encoded: %v\n%s", err, b)
		}
		if c, err := EncodeEvent(again); err != nil || !bytes.Equal(b, c) {
			t.Fatalf("%s\nbecame %s, %v", b, c, err)
		}
	})
}

func FuzzHost(f *testing.F) {
	for _, s := range []string{"localhost:80", "[::1]:80", "127.0.0.1.evil.test", "", ":", "[", "a.localhost.", "::1", "[::ffff:127.0.0.1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, hostport string) {
		if (guard{}).checkHost(hostport) != nil {
			return
		}
		u, err := url.Parse("http://" + hostport + "/") // another parser's opinion
		if err != nil {
			t.Skip() // net/http refuses such a Host by itself
		}
		host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
		ip := net.ParseIP(host)
		if host != "localhost" && !strings.HasSuffix(host, ".localhost") && (ip == nil || !ip.IsLoopback()) {
			t.Errorf("%q, which means %q, is taken for loopback", hostport, host)
		}
	})
}
