package authview

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

// at is when all requests of the tests come: 2023-11-14 22:13:20 UTC.
var at = time.Unix(1700000000, 0)

func exchange(rawURL string, request, response inspect.Header) *inspect.Exchange {
	ex := &inspect.Exchange{Summary: inspect.Summary{URL: rawURL, Start: at}}
	ex.Request.Header, ex.Response.Header = request, response
	return ex
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func deflate(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return "." + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// text writes items as a page would, one line a thing; "!" marks what is secret.
func text(items []Item) string {
	var b strings.Builder
	for _, i := range items {
		fmt.Fprintf(&b, "%s: %s (%s)\n", i.Where(), i.Kind, i.Format)
		for _, f := range i.Fields {
			fmt.Fprintf(&b, "  %s=%s%s\n", f.Name, f.Value, map[bool]string{true: " !"}[f.Secret])
		}
		for _, n := range i.Notes {
			fmt.Fprintf(&b, "  %s: %s\n", n.Severity, n.Text)
		}
	}
	return b.String()
}

// vectors of others: the example of jwt.io, and test 4-S-1 of PASETO.
const (
	jwtExample = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ." +
		"SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
	pasetoExample = "v4.public.eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9" +
		"bg_XBBzds8lTZShVlwwKSgeKpLT3yukTw6JUz3W4h_ExsQV-P0V54zemZDcAxFaSeef1QlXEFtkqxT1ciiQEDA"
)

func jwtOf(header, claims string) string {
	return b64(header) + "." + b64(claims) + "." + b64("signature")
}

func TestJWT(t *testing.T) {
	tests := []struct{ name, token, want string }{
		{"jwt.io", jwtExample, `request header Authorization: jwt (JWT in a Bearer token)
  header.alg=HS256
  header.typ=JWT
  sub=1234567890
  name=John Doe
  iat=1516239022 = 2018-01-18 01:30:22 UTC (5 years before the request)
  signature=SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c !
  info: the signature was not checked
`},
		{"expired", jwtOf(`{"alg":"RS256","kid":"k1"}`, `{"exp":1699999800,"nbf":1700000060,"aud":["a","b"],"n":12345678901234567890}`), `request header Authorization: jwt (JWT in a Bearer token)
  header.alg=RS256
  header.kid=k1
  exp=1699999800 = 2023-11-14 22:10:00 UTC (3 min before the request)
  nbf=1700000060 = 2023-11-14 22:14:20 UTC (1 min after the request)
  aud=["a","b"]
  n=12345678901234567890
  signature=c2lnbmF0dXJl !
  error: expired 3 min before the request
  error: not valid before 1 min after the request
  info: the signature was not checked
`},
		{"alg none", b64(`{"alg":"nOnE"}`) + "." + b64(`{"sub":"admin"}`) + ".", `request header Authorization: jwt (JWT in a Bearer token)
  header.alg=nOnE
  sub=admin
  signature= !
  error: alg none: nobody signed this, anybody can write one
`},
		{"unsigned, key inside, twice, odd date", b64(`{"alg":"ES256","jwk":{}}`) + "." + b64(`{"exp":"soon","exp":1700000001000,"access_token":"x","cnf":{"session":"y"}}`) + ".",
			`request header Authorization: jwt (JWT in a Bearer token)
  header.alg=ES256
  header.jwk={}
  exp=soon
  exp=1700000001000 = 55840-11-08 22:30:00 UTC (292 years after the request)
  access_token=x !
  cnf={"session":"y"} !
  signature= !
  warning: exp is no date: RFC 7519 wants seconds since 1970 as a number
  warning: exp is there twice: parsers differ in which one they take
  warning: exp seems to be in milliseconds: RFC 7519 wants seconds
  error: the signature is missing though alg is ES256
  warning: the token says itself which key it was signed with (jku, x5u, jwk): a server must not believe that
`},
		{"encrypted", b64(`{"alg":"dir","enc":"A256GCM"}`) + "..aXY.Y3Q.dGFn", `request header Authorization: jwt (encrypted JWT in a Bearer token)
  header.alg=dir
  header.enc=A256GCM
  ciphertext=Y3Q !
  info: encrypted: only the header can be read without the key
`},
		{"signed message", jwtOf(`{"alg":"HS256"}`, "plain"), `request header Authorization: jwt (JWT in a Bearer token)
  header.alg=HS256
  payload=plain !
  signature=c2lnbmF0dXJl !
  warning: the payload is no JSON object: this is a signed message and no JWT
  info: the signature was not checked
`},
		{"opaque", "mF_9.B5f-4.1JqM", `request header Authorization: bearer (Bearer)
  token=mF_9.B5f-4.1JqM !
  info: opaque: only its issuer can read it
`},
	}
	for _, tt := range tests {
		got := text(Decode(exchange("https://x.example/", inspect.Header{"Authorization": {"Bearer " + tt.token}}, nil)))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestAuthorization(t *testing.T) {
	tests := []struct{ name, url, value, want string }{
		{"basic", "https://x.example/", "Basic YWxhZGRpbjpvcGVuOnNlc2FtZQ==", "  user=aladdin\n  password=open:sesame !\n"},
		{"basic in the clear", "http://x.example/", "basic YTpi", "  user=a\n  password=b !\n  warning: the password went over the network in the clear\n"},
		{"basic on localhost", "http://localhost:8080/", "Basic YTpi", "  user=a\n  password=b !\n"},
		{"basic, no base64", "https://x/", "Basic %%%", "  credentials=%%% !\n  error: this is not base64: servers answer 401, or fail\n"},
		{"basic, no colon", "https://x/", "Basic YWJj", "  credentials=abc !\n  error: there is no colon between user and password\n"},
		{"basic, empty", "https://x/", "Basic", "  credentials= !\n  error: this is not base64: servers answer 401, or fail\n"},
		{"basic, not UTF-8", "https://x/", "Basic " + base64.StdEncoding.EncodeToString([]byte("\xe9:b")), "  user=\ufffd\n  password=b !\n  warning: this is not UTF-8: the server must know the encoding\n"},
		{"bearer, empty", "https://x/", "Bearer ", "  token= !\n  error: there is no token\n"},
		{"digest", "https://x/a?b", `Digest username="bing", realm="a, b", nonce="n", uri="/a?b", qop=auth, nc=00000001, cnonce="c", response="r", algorithm=SHA-256`,
			"  username=bing\n  realm=a, b\n  nonce=n\n  uri=/a?b\n  qop=auth\n  nc=00000001\n  cnonce=c\n  response=r !\n  algorithm=SHA-256\n  info: the response was not checked: that takes the password\n"},
		{"digest, weak", "https://x/a", `Digest username="b\"c", realm="r", nonce="n", uri="/other", response="r"`,
			"  username=b\"c\n  realm=r\n  nonce=n\n  uri=/other\n  response=r !\n  warning: no qop: the response can be replayed as it is (RFC 2069)\n" +
				"  info: made with MD5: SHA-256 is the algorithm to ask for\n  error: made for /other, and the request is for /a\n  info: the response was not checked: that takes the password\n"},
		{"other with parameters", "https://x/", "AWS4-HMAC-SHA256 Credential=AKIA/2023, SignedHeaders=host, Signature=abc", "  credential=AKIA/2023 !\n  signedheaders=host\n  signature=abc !\n"},
		{"other", "https://x/", "Negotiate YII=", "  credentials=YII= !\n"},
		{"no scheme", "https://x/", "mysecretkey", "  credentials=mysecretkey !\n  warning: there is no scheme before the credentials\n"},
		{"bad scheme", "https://x/", "my{key} x", "  credentials=my{key} x !\n  warning: there is no scheme before the credentials\n"},
	}
	for _, tt := range tests {
		got := text(Decode(exchange(tt.url, inspect.Header{"Authorization": {tt.value}}, nil)))
		_, got, _ = strings.Cut(got, "\n")
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestChallenges(t *testing.T) {
	ex := exchange("http://localhost/", nil, inspect.Header{"Www-Authenticate": {
		`Digest realm="a, b", nonce="n", stale=true, Basic realm="c", charset="UTF-8"`, "Negotiate", `Newauth realm = "x"`}})
	want := `response header Www-Authenticate: challenge (Digest)
  realm=a, b
  nonce=n
  stale=true
  info: the nonce was too old or used: the client may answer again without asking for the password
response header Www-Authenticate: challenge (Basic)
  realm=c
  charset=UTF-8
response header Www-Authenticate: challenge (Negotiate)
response header Www-Authenticate: challenge (Newauth)
  realm=x
`
	if diff := cmp.Diff(want, text(Decode(ex))); diff != "" {
		t.Error(diff)
	}
}

// signedCookie is what devserver/auth/signed makes.
func signedCookie(expires int64, content string) string {
	b := append(bytes.Repeat([]byte{0xfe}, 32), binary.BigEndian.AppendUint64(nil, uint64(expires))...)
	return base64.RawURLEncoding.EncodeToString(append(b, content...))
}

func TestCookieFormats(t *testing.T) {
	sig20, sig32 := b64(strings.Repeat("s", 20)), b64(strings.Repeat("s", 32))
	stamp := base64.RawURLEncoding.EncodeToString([]byte{0x65, 0x53, 0xf1, 0x00}) // 1700000000
	const signedAt = "2023-11-14 22:13:20 UTC (0 s after the request)"
	tests := []struct {
		name, cookie, value string
		kind                Kind
		format              string
		fields              string // name=value, "!" for secret; the signature left out
		note                string // one of them
	}{
		{"auth_tkt", "auth_tkt", "d96d58da3b3f19675c9a6f54afdf80ed6553f100bob!a,b!data", AuthTkt, "auth_tkt with MD5", "user=bob tokens=a,b data=data made=" + signedAt + " digest=d96d58da3b3f19675c9a6f54afdf80ed!", "the digest was not checked"},
		{"auth_tkt without tokens", "x", "ca59a9c423a2329a90a1d973c1f855346553f100bob!", AuthTkt, "auth_tkt with MD5", "user=bob made=" + signedAt + " digest=ca59a9c423a2329a90a1d973c1f85534!", ""},
		{"auth_tkt quoted", "x", `"ca59a9c423a2329a90a1d973c1f855346553f100bob!"`, AuthTkt, "auth_tkt with MD5", "user=bob made=" + signedAt + " digest=ca59a9c423a2329a90a1d973c1f85534!", ""},
		{"auth_tkt escaped", "x", "ca59a9c423a2329a90a1d973c1f855346553f100bob%40x%21", AuthTkt, "auth_tkt with MD5", "user=bob@x made=" + signedAt + " digest=ca59a9c423a2329a90a1d973c1f85534!", ""},
		{"auth_tkt base64, SHA-256, old", "x", base64.StdEncoding.EncodeToString([]byte("457532b43c6568fbc31af09f6b4a1710fd45cb7de052362bed1c103cc513707765520000bob!a!d")), AuthTkt, "auth_tkt with SHA-256, in base64",
			"user=bob tokens=a data=d made=2023-11-13 10:52:48 UTC (35 h before the request) digest=457532b43c6568fbc31af09f6b4a1710fd45cb7de052362bed1c103cc5137077!", "made 35 h before the request: mod_auth_tkt takes tickets for 2 h unless told otherwise"},
		{"pastedev's", "me", signedCookie(1700003600, `{"user":"bob","roles":["a"]}`), Signed, "pastedev's signed cookie", `user=bob roles=["a"] expires=2023-11-14 23:13:20 UTC (60 min after the request)`, "the signature was not checked"},
		{"pastedev's, expired", "me", signedCookie(1699999940, `{"user":"bob"}`), Signed, "pastedev's signed cookie", "user=bob expires=2023-11-14 22:12:20 UTC (1 min before the request)", "expired 1 min before the request"},
		{"become", "pastedev_become_00", b64(`{"user":"alice","at":1}`) + "." + sig32, Signed, "pastedev's user picker", "user=alice at=1", ""},
		{"Flask", "session", b64(`{"_csrf_token":"abc","user_id":42}`) + "." + stamp + "." + sig20, Signed, "Flask (itsdangerous)", "_csrf_token=abc! user_id=42 signed=" + signedAt, "the signature was not checked"},
		{"Flask, compressed", "session", deflate(`{"cart":["`+strings.Repeat("item", 50)+`"]}`) + "." + stamp + "." + sig20, Signed, "Flask (itsdangerous)", `cart=["` + strings.Repeat("item", 50) + `"] signed=` + signedAt, ""},
		{"Django", "x", b64(`{"user":7}`) + ":1r31eq:" + sig32, Signed, "Django", "user=7 signed=2023-11-14 22:13:20 UTC (0 s after the request)", ""},
		{"Django, compressed", "sessionid", deflate(`{"user":7}`) + ":1r31eq:" + sig32, Signed, "Django", "user=7 signed=2023-11-14 22:13:20 UTC (0 s after the request)", ""},
		{"Django, text", "greeting", "hello:1r31eq:" + sig32, Signed, "Django", "value=hello signed=2023-11-14 22:13:20 UTC (0 s after the request)", ""},
		{"Rails, signed", "user_id", b64(`{"_rails":{"message":"`+base64.StdEncoding.EncodeToString([]byte(`{"id":7}`))+`","exp":"2023-11-14T22:00:00.000Z","pur":"cookie.user_id"}}`) + "--" + strings.Repeat("ab", 20), Signed, "Rails", "purpose=cookie.user_id id=7 expires=2023-11-14 22:00:00 UTC (13 min before the request)", "expired 13 min before the request"},
		{"Rails, signed text", "n", b64("7") + "--" + strings.Repeat("ab", 32), Signed, "Rails", "value=7", ""},
		{"Rails, Marshal", "n", b64("\x04\b{\x00") + "--" + strings.Repeat("ab", 20), Signed, "Rails", "value=\ufffd\ufffd{\ufffd!", "the value is Ruby's Marshal: whoever gets hold of the key runs code on the server"},
		{"Rails, encrypted", "_shop_session", strings.ReplaceAll("Y2lwaGVydGV4dA==--"+base64.StdEncoding.EncodeToString(make([]byte, 12))+"--"+base64.StdEncoding.EncodeToString(make([]byte, 16)), "=", "%3D"), Encrypted, "Rails", "value=Y2lwaGVydGV4dA==!", "encrypted: it cannot be read without secret_key_base"},
		{"Express session", "connect.sid", "s%3A0123456789abcdefghijklmnopqrstuv." + sig32, SessionID, "Express", "value=0123456789abcdefghijklmnopqrstuv!", "the signature was not checked"},
		{"Express JSON", "cart", "j%3A%7B%22a%22%3A1%7D", JSON, "Express", "a=1", "not signed: the browser can change it"},
		{"gorilla, JSON", "x", b64("1700000000|" + base64.URLEncoding.EncodeToString([]byte(`{"a":1}`)) + "|" + strings.Repeat("m", 32)), Signed, "gorilla/securecookie", "a=1 signed=" + signedAt, ""},
		{"gorilla, encrypted", "x", b64("1700000000|AAEC|" + strings.Repeat("m", 32)), Signed, "gorilla/securecookie", "value=\ufffd\ufffd\ufffd! signed=" + signedAt, "the value is encrypted, or of a form of the application's own"},
		{"gorilla, gob", "x", b64("1700000000|" + base64.URLEncoding.EncodeToString(gobOf(map[any]any{"user": "ann"})) + "|" + strings.Repeat("m", 32)), Signed, "gorilla/securecookie", "user=ann signed=" + signedAt, ""},
		{"Rack, signed", "rack.session", base64.StdEncoding.EncodeToString([]byte{4, 8, '{', 0}) + "--" + strings.Repeat("ab", 20), Signed, "Rack", "value=\ufffd\ufffd{\ufffd!", "the value is Ruby's Marshal"},
		{"Rack, encrypted", "rack.session", b64("\x02" + strings.Repeat("r", 120)), Encrypted, "Rack", "value=" + b64("\x02"+strings.Repeat("r", 120)) + "!", "cannot be read without the key"},
		{"Rack, an id", "rack.session", strings.Repeat("0a", 32), SessionID, "Rack", "id=" + strings.Repeat("0a", 32) + "!", ""},
		{"JWE", "id", b64(`{"alg":"dir","enc":"A256GCM"}`) + "..aXY.Y2lwaGVy.dGFn", JWT, "encrypted JWT", "header.alg=dir header.enc=A256GCM ciphertext=Y2lwaGVy!", "encrypted"},
		{"Fernet", "x", base64.URLEncoding.EncodeToString(append([]byte{0x80, 0, 0, 0, 0, 0x65, 0x53, 0xf1, 0}, make([]byte, 64)...)), Encrypted, "Fernet", "made=" + signedAt + " value=gAAAAABlU_EA" + strings.Repeat("A", 86) + "==!", ""},
		{"ASP.NET Core", ".AspNetCore.Cookies", "CfDJ8" + strings.Repeat("x", 100), Encrypted, "ASP.NET Core data protection", "value=CfDJ8" + strings.Repeat("x", 100) + "!", ""},
		{"Laravel", "laravel_session", base64.StdEncoding.EncodeToString([]byte(`{"iv":"i","value":"v","mac":"m","tag":""}`)), Encrypted, "Laravel", "value=v! mac=m!", ""},
		{"PASETO", "x", pasetoExample, Signed, "PASETO v4", "data=this is a signed message exp=\"2022-01-01T00:00:00+00:00\" = 2022-01-01 00:00:00 UTC (682 days before the request)", "expired 682 days before the request"},
		{"PASETO local", "x", "v4.local." + sig32, Encrypted, "PASETO v4", "value=" + sig32 + "!", ""},
		{"JWT", "id", jwtExample, JWT, "JWT", "header.alg=HS256 header.typ=JWT sub=1234567890 name=John Doe iat=1516239022 = 2018-01-18 01:30:22 UTC (5 years before the request)", ""},
		{"CAS", "CASTGC", "TGT-1-abcdef", CASTicket, "CAS ticket-granting ticket", "ticket=TGT-1-abcdef!", ""},
		{"scs", "session", b64(strings.Repeat("r", 32)), SessionID, "scs", "id=" + b64(strings.Repeat("r", 32)) + "!", ""},
		{"PHP", "PHPSESSID", "rit2hcbsrj8kgmp4jt0jv5mb2s", SessionID, "PHP", "id=rit2hcbsrj8kgmp4jt0jv5mb2s!", ""},
		{"short id", "app_session", "1234", SessionID, "", "id=1234!", "an id of at most 12 bits can be guessed; 128 are usual"},
		{"CSRF", "csrftoken", strings.Repeat("c", 32), CSRFToken, "", "token=" + strings.Repeat("c", 32) + "!", ""},
		{"JSON in base64", "prefs", base64.StdEncoding.EncodeToString([]byte(`{"theme":"dark","apiKey":"x"}`)), JSON, "JSON in base64", "theme=dark apiKey=x!", "not signed: the browser can change it"},
		{"JSON array", "seen", "[1,2]", JSON, "JSON", "value=[1,2]", ""},
		{"pairs", "user", "name=bob%20b&password=x", URLEncoded, "", "name=bob b password=x!", ""},
		{"opaque token", "refresh_token", "zzz", Opaque, "", "value=zzz!", ""},
	}
	for _, tt := range tests {
		items := Decode(exchange("https://x.example/", inspect.Header{"Cookie": {"a=1; " + tt.cookie + "=" + tt.value}}, nil))
		if len(items) != 1 {
			t.Errorf("%s: %d items: %s", tt.name, len(items), text(items))
			continue
		}
		i := items[0]
		var fields []string
		for _, f := range i.Fields {
			if f.Name != "signature" {
				fields = append(fields, f.Name+"="+f.Value+map[bool]string{true: "!"}[f.Secret])
			} else if !f.Secret {
				t.Errorf("%s: the signature is not secret", tt.name)
			}
		}
		if i.Kind != tt.kind || i.Format != tt.format || strings.Join(fields, " ") != tt.fields {
			t.Errorf("%s: %s (%s)\n got %s\nwant %s", tt.name, i.Kind, i.Format, strings.Join(fields, " "), tt.fields)
		}
		if !strings.Contains(text(items), tt.note) {
			t.Errorf("%s: no note %q in\n%s", tt.name, tt.note, text(items))
		}
		for _, n := range i.Notes {
			if strings.Contains(n.Text, "valid") && !strings.Contains(n.Text, "not") {
				t.Errorf("%s: a signature is called valid: %s", tt.name, n.Text)
			}
		}
	}
}

func TestCookiesOfNoMatter(t *testing.T) {
	for _, cookie := range []string{"theme=dark", "a", "", "=", "x=", `x=""`, "_ga=GA1.2.3.4", "lang=en-GB; tz=Europe/Vienna", "x=YWJj", "x=a.b.c", "x=1:2:3", "x=--", "x=s:", "x=.", "x=j:{", "sid=" + masked} {
		if items := Decode(exchange("http://x/", inspect.Header{"Cookie": {cookie}}, nil)); len(items) != 0 {
			t.Errorf("%s: %s", cookie, text(items))
		}
	}
}

func TestTwoCookiesOfOneName(t *testing.T) {
	items := Decode(exchange("http://x/", inspect.Header{"Cookie": {"sid=0123456789abcdef0123456789abcdef; a=1", "a=2; sid=x"}}, nil))
	if len(items) != 1 || !strings.Contains(text(items), "two cookies of this name") {
		t.Error(text(items))
	}
}

func TestAddresses(t *testing.T) {
	ex := exchange("http://app.example/x?a=1&ticket=ST-1-abcdef&access_token=zzz", inspect.Header{"X-Api-Key": {"k"}, "X-Goog-Iap-Jwt-Assertion": {jwtExample}},
		inspect.Header{"Location": {"http://app.example/?ticket=ST-2-abcdef"}})
	want := `request header X-Api-Key: bearer ()
request header X-Goog-Iap-Jwt-Assertion: jwt (JWT)
request query ticket: cas ticket (CAS service ticket)
request query access_token: bearer ()
response header Location ticket: cas ticket (CAS service ticket)
`
	var got strings.Builder
	for _, i := range Decode(ex) {
		fmt.Fprintf(&got, "%s: %s (%s)\n", i.Where(), i.Kind, i.Format)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestMask(t *testing.T) {
	items := Decode(exchange("https://x/", inspect.Header{"Authorization": {"Basic YTpiMTIz"}}, nil))
	got := text(Mask(items))
	if strings.Contains(got, "b123") || !strings.Contains(got, "user=a\n") || !strings.Contains(got, "password=*masked* !") {
		t.Error(got)
	}
	if !strings.Contains(text(items), "b123") {
		t.Error("Mask changed what it was given")
	}
}

func TestEmpty(t *testing.T) {
	for _, ex := range []*inspect.Exchange{nil, {}, exchange("%zz", nil, nil), exchange("", inspect.Header{"Cookie": nil, "Authorization": {""}}, inspect.Header{"Location": {"%zz"}, "Set-Cookie": {""}})} {
		Decode(ex) // must not panic
	}
}

// Whatever a client or a server sends, the answer is bounded, printable and comes at once.
func TestBounds(t *testing.T) {
	bomb := deflate(`{"a":"` + strings.Repeat("x", 2*maxInflated) + `"}`)
	deep := strings.Repeat("[", 8000) + strings.Repeat("]", 8000)
	many := "{" + strings.Repeat(`"a":1,`, 1000) + `"b":2}`
	var cookies []string
	for n := range 2 * maxItems {
		cookies = append(cookies, fmt.Sprintf("sid%d_session=x", n))
	}
	lines := []string{strings.Join(cookies, "; "), "a_session=" + bomb + ".AAAA." + b64(strings.Repeat("s", 20)), "b=" + deep, "c=" + many, "d_session=" + strings.Repeat("x", 2*maxValue)}
	for _, line := range lines {
		check(t, Decode(exchange("http://x/", inspect.Header{"Cookie": {line}, "Authorization": {"Bearer " + line, "Digest " + line, line}},
			inspect.Header{"Set-Cookie": {line}, "Www-Authenticate": {line}})))
	}
}

// check holds items against what the package promises.
func check(t *testing.T, items []Item) {
	t.Helper()
	if len(items) > maxItems {
		t.Errorf("%d items", len(items))
	}
	bad := func(s string, limit int) bool {
		return len(s) > 3*limit+8 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl)
	}
	for _, i := range items {
		if len(i.Fields) > maxFields || len(i.Notes) > maxFields || bad(i.Name, maxName) {
			t.Errorf("item %.80q: %d fields, %d notes", i.Name, len(i.Fields), len(i.Notes))
		}
		if i.Kind == "" || bad(i.Format, maxName+64) {
			t.Errorf("item %.80q: kind %q, format %.80q", i.Name, i.Kind, i.Format)
		}
		for _, f := range i.Fields {
			if bad(f.Name, maxName) || bad(f.Value, maxText) {
				t.Errorf("field %.80q of %d bytes", f.Name, len(f.Value))
			}
		}
		for _, n := range i.Notes {
			if bad(n.Text, maxText) {
				t.Errorf("note %.80q", n.Text)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{jwtExample, pasetoExample, "Basic YTpi", `Digest a="b, c", d=e`, "d96d58da3b3f19675c9a6f54afdf80ed6553f100bob!a,b!data",
		signedCookie(1700003600, `{"user":"bob"}`), deflate(`{"a":1}`) + ".ZVPxAA." + b64(strings.Repeat("s", 20)), "hello:1r31eq:" + b64(strings.Repeat("s", 32)),
		"s%3Aabc." + b64(strings.Repeat("s", 32)), "j%3A%7B%7D", "MQ--" + strings.Repeat("ab", 20), "gAAAAA", "CfDJ8", "a=b&c=d", `""`, "%22%22", "{", "v4.public.", "x; Max-Age=99999999999; Domain=.; Path=a; SameSite=x; Expires=x",
		"__Host-a=b; Secure; Domain=x; Partitioned"} {
		f.Add("sid", s)
	}
	f.Fuzz(func(t *testing.T, name, s string) {
		check(t, Decode(exchange("http://x.example/a?ticket="+s, inspect.Header{"Authorization": {s, "Bearer " + s, "Basic " + s, "Digest " + s}, "Cookie": {name + "=" + s, s}},
			inspect.Header{"Set-Cookie": {name + "=" + s, s}, "Www-Authenticate": {s}, "Location": {s}})))
	})
}
