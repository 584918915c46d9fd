package redact

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"

func TestHeader(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"Authorization", "Bearer abc", "Bearer *masked*"},
		{"Authorization", "abc", "*masked*"},
		{"Proxy-Authorization", "Basic dTpw", "Basic *masked*"},
		{"Cookie", "a=1; sid=abc; bare", "a=*masked*; sid=*masked*; *masked*"},
		{"Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=*masked*; Path=/; HttpOnly"},
		{"X-Api-Key", "k", "*masked*"},
		{"X-Auth-Token", "k", "*masked*"},
		{"X-Csrf-Token", "k", "*masked*"},
		{"X-Xsrf-Token", "k", "*masked*"},
		{"X-Amz-Security-Token", "k", "*masked*"},
		{"Location", "/cb#access_token=abc&x=1", "/cb#access_token=*masked*&x=1"},
		{"Referer", "https://me:pw@host/?password=1&q=2", "https://*masked*@host/?password=*masked*&q=2"},
		{"Www-Authenticate", `Basic realm="x"`, `Basic realm="x"`},
		{"Sec-Websocket-Key", "dGhl", "dGhl"},
		{"X-Custom", token, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.*masked*"},
		{"Accept", "text/html;q=0.9", "text/html;q=0.9"},
		{"Etag", `"abc=="`, `"abc=="`},
		{"Content-Type", "multipart/form-data; boundary=x", "multipart/form-data; boundary=x"},
		{"Author", "me", "me"},
		{"Authorization", "", ""},
	}
	var r Redactor
	for _, tt := range tests {
		got := r.Header(inspect.Header{tt.name: {tt.value}}).Get(tt.name)
		if got != tt.want {
			t.Errorf("%s: %s: got %s, want %s", tt.name, tt.value, got, tt.want)
		}
	}
}

func TestNames(t *testing.T) {
	var r Redactor
	for _, name := range []string{"password", "userPassword", "user_pass", "pwd", "apiKey", "API_KEY", "APIKey", "api-key", "key", "secret", "client_secret",
		"accessToken", "accesstoken", "csrf", "sessionId", "PHPSESSID", "auth", "oauth_token", "user[password]", "credentials", "privateKey", "X-Amz-Signature"} {
		if !r.secretName(name) {
			t.Errorf("%s is not secret", name)
		}
	}
	for _, name := range []string{"", "author", "passenger", "compass", "keyboard", "monkey", "bypass", "name", "design", "obsessed", "pinned", "authored_by", strings.Repeat("token", 99)} {
		if r.secretName(name) {
			t.Errorf("%s is secret", name)
		}
	}
	r = Redactor{Names: []string{"Badge"}, Keep: []string{"key"}}
	if !r.secretName("badge") || r.secretName("Key") || !r.secretName("api_key") {
		t.Error("the user's names")
	}
}

func TestBody(t *testing.T) {
	multi := "--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\nContent-Type: application/json\r\n\r\n{\"token\":\"t\"}\r\n--B--\r\n"
	tests := []struct{ name, contentType, in, want string }{
		{"json", "application/json", `{ "user":"bob", "Password" : "hun\"ter2","n":1.50}`, `{ "user":"bob", "Password" : "*masked*","n":1.50}`},
		{"json number", "application/json", `{"pin":1234,"ok":true}`, `{"pin":"*masked*","ok":true}`},
		{"json literals", "application/json", `{"password":null,"has_token":true}`, `{"password":null,"has_token":true}`},
		{"json count", "application/json", `{"max_tokens":100,"tokens":["a"]}`, `{"max_tokens":100,"tokens":["*masked*"]}`},
		{"json nested", "application/json", `{"session":{"a":["x",{"b":2}]},"c":"d"}`, `{"session":{"a":["*masked*",{"b":"*masked*"}]},"c":"d"}`},
		{"json mislabelled", "text/plain", `[{"apiKey":"x"}]`, `[{"apiKey":"*masked*"}]`},
		{"json as form", "", ` {"secret":"x"}`, ` {"secret":"*masked*"}`},
		{"json cut in value", "application/json", `{"a":1,"password":"hunt`, `{"a":1,"password":"*masked*"`},
		{"json lines", "application/x-ndjson", "{\"key\":\"a\"}\n{\"key\":\"b\"}\n", "{\"key\":\"*masked*\"}\n{\"key\":\"*masked*\"}\n"},
		{"json escaped key", "application/json", `{"pass\u0077ord":"x"}`, `{"pass\u0077ord":"*masked*"}`},
		{"json in string", "application/json", `{"log":"password=\"hunter2\" x"}`, `{"log":"password=\"*masked*\" x"}`},
		{"json in json string", "application/json", `{"body":"{\"token\": \"abc\"}"}`, `{"body":"{\"token\": \"*masked*\"}"}`},
		{"json empty", "application/json", `{"password":""}`, `{"password":""}`},
		{"jwt in json", "application/json", `{"x":"` + token + `"}`, `{"x":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.*masked*"}`},
		{"form", "application/x-www-form-urlencoded", "user=bob&pass%77ord=x%20y&k=v", "user=bob&pass%77ord=*masked*&k=v"},
		{"form by look", "", "user=bob&token=x", "user=bob&token=*masked*"},
		{"form with url", "application/x-www-form-urlencoded", "u=http%3A%2F%2Fa%3Ab%40c", "u=http%3A%2F%2F%2Amasked%2A%40c"},
		{"multipart", "multipart/form-data; boundary=B", multi,
			strings.NewReplacer("hunter2", "*masked*", `:"t"`, `:"*masked*"`).Replace(multi)},
		{"xml", "application/xml", "<a><password x='1'>p</password><b>q</b></a>", "<a><password x='1'>*masked*</password><b>q</b></a>"},
		{"html", "text/html", `<input type=hidden name="csrf_token" value="abc"><input name=q value="z">`, `<input type=hidden name="csrf_token" value="*masked*"><input name=q value="z">`},
		{"text", "text/plain", "DB_PASSWORD=hun,ter'2 ok", "DB_PASSWORD=*masked* ok"},
		{"binary", "application/octet-stream", "\x00password=x", "\x00password=x"},
	}
	var r Redactor
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := []byte(tt.in)
			if d := cmp.Diff(tt.want, string(r.Body(tt.contentType, in))); d != "" {
				t.Error(d)
			}
			if string(in) != tt.in {
				t.Error("the original was changed")
			}
		})
	}
}

func TestText(t *testing.T) {
	tests := []struct{ in, want string }{
		{"GET /x?token=abc&y=1 200", "GET /x?token=*masked*&y=1 200"},
		{"token=a#b", "token=*masked*"},
		{"Authorization: Bearer abc", "Authorization: Bearer *masked*"},
		{"sent bearer AbC123xyz now", "sent bearer *masked* now"},
		{"basic authentication is on", "basic authentication is on"},
		{"dial postgres://u:p@host/db", "dial postgres://*masked*@host/db"},
		{"password: hunter2", "password: *masked*"},
		{"invalid token: unexpected end", "invalid token: unexpected end"},
		{"Cookie: a=b; c=d", "Cookie: a=*masked*; c=*masked*"},
		{`{"secret": "x"} said`, `{"secret": "*masked*"} said`},
		{"SELECT 1 FROM u WHERE password = 's3''cr3t' AND name = 'ann'", "SELECT 1 FROM u WHERE password = '*masked*' AND name = 'ann'"},
		{"WHERE u.api_key <> 'x1' OR `token` LIKE\n 'y%' OR \"s\".\"secret\"= 'z'", "WHERE u.api_key <> '*masked*' OR `token` LIKE\n '*masked*' OR \"s\".\"secret\"= '*masked*'"},
		{`ON "s"."token" = "u"."token" AND secret != '' AND dislike 'x'`, `ON "s"."token" = "u"."token" AND secret != '' AND dislike 'x'`},
		{`api_key = "abc" # settings`, `api_key = "*masked*" # settings`},
		{"token = 'open", "token = '*masked*'"},
		{"nothing here: a=1", "nothing here: a=1"},
		{"x " + token + " y", "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.*masked* y"},
		{"order 4711 of A-17", "order **masked*** of *masked*"},
	}
	r := Redactor{Patterns: []*regexp.Regexp{regexp.MustCompile(`A-\d+`), regexp.MustCompile(`order (\d+)`)}}
	tests[len(tests)-1].want = "order *masked* of *masked*"
	for _, tt := range tests {
		if got := r.Text(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestExchange(t *testing.T) {
	ex := &inspect.Exchange{
		Summary:  inspect.Summary{URL: "http://a/?key=SECRET", Path: "/", Error: "get http://u:SECRET@h", RequestSize: 9},
		Request:  inspect.Message{Header: inspect.Header{"Cookie": {"a=SECRET"}}, Body: inspect.Body{Size: 9, Data: []byte(`{"key":"SECRET"}`)}},
		Response: inspect.Message{Header: inspect.Header{"Content-Encoding": {"x"}}, Trailer: inspect.Header{"X-Token": {"SECRET"}}, Body: inspect.Body{Size: 7, Data: []byte("SECRET coded")}},
		Added:    []string{"X"},
	}
	before, _ := json.Marshal(ex)
	check := func(r *Redactor) *inspect.Exchange {
		t.Helper()
		c := r.Exchange(ex)
		masked, _ := json.Marshal(c)
		all := string(masked) + string(c.Request.Body.Data) + string(c.Response.Body.Data)
		if strings.Contains(all, "SECRET") {
			t.Errorf("leaks: %s", all)
		}
		return c
	}
	c := check(&Redactor{})
	if c.Response.Body.Data != nil || !c.Response.Body.Truncated || c.Response.Body.Size != 7 {
		t.Errorf("a coded body: %+v", c.Response.Body)
	}
	c = check(&Redactor{Decode: func(inspect.Header, []byte) ([]byte, bool) { return []byte(`{"n":1,"token":"SECRET"}`), true }})
	if got := string(c.Response.Body.Data); got != `{"n":1,"token":"*masked*"}` || !c.Response.Body.Decoded {
		t.Errorf("a decoded body: %s", got)
	}
	c.Request.Header["Cookie"][0], c.Request.Body.Data[0], c.Added[0] = "x", 'x', "y"
	if after, _ := json.Marshal(ex); string(after) != string(before) {
		t.Error("the original was changed")
	}
	if (&Redactor{}).Exchange(nil) != nil {
		t.Error("nil")
	}
}

// Valid JSON stays valid, and no secret stays whatever stands around it.
func FuzzBody(f *testing.F) {
	f.Add(`{"a":[1,{"b":"c=d"}]}`, "application/json")
	f.Add(`a=b&password=c`, "")
	f.Add("--B\r\nx: y\r\n\r\nz\r\n--B--", "multipart/form-data; boundary=B")
	f.Add(`<input name=token value=x><key>y</key>`, "text/html")
	f.Add(`{"x":"password=\"a\\"}`, "text/plain")
	f.Fuzz(func(t *testing.T, body, contentType string) {
		var r Redactor
		got := r.Body(contentType, []byte(body))
		if looksJSON([]byte(body)) && json.Valid([]byte(body)) && !strings.Contains(contentType, "/") && !json.Valid(got) {
			t.Errorf("%s\nbecame\n%s", body, got)
		}
		r.Text(body)
		wrapped, err := json.Marshal(map[string]any{"x": body, "password": "QSECRETQ" + body})
		if err != nil {
			t.Fatal(err)
		}
		if masked := r.Body("", wrapped); strings.Contains(string(masked), "QSECRETQ") {
			t.Errorf("%s\nleaks\n%s", wrapped, masked)
		}
	})
}

func BenchmarkSummary(b *testing.B) {
	var r Redactor
	s := inspect.Summary{URL: "http://localhost:8080/api/items/12?page=3&token=abc", Path: "/api/items/12"}
	for b.Loop() {
		r.Summary(s)
	}
}

func BenchmarkBody1MB(b *testing.B) {
	var r Redactor
	data := []byte("[" + strings.Repeat(`{"id":12,"name":"some name","token":"abc","url":"http://a/b?c=d"},`, 16000) + "1]")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r.Body("application/json", data)
	}
}
