package basic

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
)

// who answers with the identity of the request.
var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	id, ok := auth.From(r.Context())
	if !ok {
		id.User = "nobody"
	}
	w.Write([]byte(id.User + " by " + id.Method))
})

// users has the logins of the checks: colons, an empty password, other scripts.
var users = Users(map[string]string{
	"bing": "gnib", "colon": "a:b::c", "empty": "", "Пётр": "pässwörd 日本", "": "nameless",
})

func encoded(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }

func TestChecksBasic(t *testing.T) {
	tests := []struct {
		name   string
		header []string
		want   string // body; "" = 401
	}{
		{"good", []string{encoded("bing:gnib")}, "bing by basic"},
		{"scheme in capitals", []string{"BASIC" + encoded("bing:gnib")[5:]}, "bing by basic"},
		{"spaces", []string{"  Basic  " + encoded("bing:gnib")[6:] + " "}, "bing by basic"},
		{"colons in the password", []string{encoded("colon:a:b::c")}, "colon by basic"},
		{"empty password", []string{encoded("empty:")}, "empty by basic"},
		{"utf-8", []string{encoded("Пётр:pässwörd 日本")}, "Пётр by basic"},
		{"wrong password", []string{encoded("bing:gnab")}, ""},
		{"prefix of the password", []string{encoded("bing:gni")}, ""},
		{"unknown user", []string{encoded("bong:gnib")}, ""},
		{"unknown user, empty password", []string{encoded("bong:")}, ""},
		{"no header", nil, ""},
		{"empty header", []string{""}, ""},
		{"no space", []string{"Basic"}, ""},
		{"nothing after the space", []string{"Basic "}, ""},
		{"glued", []string{"BasicYmluZzpnbmli"}, ""},
		{"bearer", []string{"Bearer YmluZzpnbmli"}, ""},
		{"not base64", []string{"Basic %%%"}, ""},
		{"base64 cut short", []string{"Basic YmluZzpnbml"}, ""},
		{"url-safe base64", []string{"Basic _-_-"}, ""},
		{"no colon", []string{encoded("bing")}, ""},
		{"latin-1", []string{encoded("P\xebtr:p\xe4ss")}, ""},
		{"not ASCII in the header", []string{"Basic é:ü"}, ""},
		{"NUL", []string{encoded("bing:gnib\x00")}, ""},
		{"newline", []string{encoded("bing\n:gnib")}, ""},
		{"two headers", []string{encoded("bing:gnib"), encoded("bing:gnib")}, ""},
		{"no user", []string{encoded(":nameless")}, ""},
		{"long", []string{encoded(strings.Repeat("x", 1<<20))}, ""},
	}
	h := (&Auth{Realm: `the "inner" \ realm`, Check: users}).Handler(who)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			if tt.header != nil {
				r.Header["Authorization"] = tt.header
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if tt.want != "" {
				if w.Code != 200 || w.Body.String() != tt.want {
					t.Fatalf("got %d %q, want 200 %q", w.Code, w.Body, tt.want)
				}
				return
			}
			if w.Code != http.StatusUnauthorized {
				t.Errorf("status %d, want 401", w.Code)
			}
			want := `Basic realm="the \"inner\" \\ realm", charset="UTF-8"`
			if got := w.Header().Get("WWW-Authenticate"); got != want {
				t.Errorf("challenge %q, want %q", got, want)
			}
		})
	}
}

// An identity that is there already is left alone, whatever the header says.
func TestPassesThroughIfSet(t *testing.T) {
	h := (&Auth{Check: users}).Handler(who)
	for _, header := range []string{"", "Basic %%%", encoded("bing:gnib")} {
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
	for _, header := range []string{"", encoded(":"), encoded("a:b")} {
		r := httptest.NewRequest("GET", "http://shop.test:8080/", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		new(Auth).Handler(who).ServeHTTP(w, r)
		if got := w.Header().Get("WWW-Authenticate"); w.Code != 401 || got != `Basic realm="shop.test:8080", charset="UTF-8"` {
			t.Errorf("header %q: got %d, challenge %q", header, w.Code, got)
		}
	}
}

func TestOptional(t *testing.T) {
	h := (&Auth{Check: users, Optional: true}).Handler(who)
	for header, want := range map[string]int{"": 200, encoded("bing:gnib"): 200, encoded("bing:x"): 401, "Bearer x": 401} {
		r := httptest.NewRequest("GET", "/", nil)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("header %q: got %d, want %d", header, w.Code, want)
		}
	}
}

// Check says more than yes: what it leaves out is filled in, what it says stays.
func TestIdentityOfCheck(t *testing.T) {
	tests := []struct {
		name      string
		say, want auth.Identity
	}{
		{"nothing", auth.Identity{}, auth.Identity{User: "bing", Method: "basic"}},
		{"roles only", auth.Identity{Roles: []string{"r"}}, auth.Identity{Roles: []string{"r"}, Method: "basic"}},
		{"all", auth.Identity{User: "b", Data: "d", Method: "ldap"}, auth.Identity{User: "b", Data: "d", Method: "ldap"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check := func(context.Context, string, string) (auth.Identity, bool) { return tt.say, true }
			var got auth.Identity
			h := (&Auth{Check: check}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, _ = auth.From(r.Context())
			}))
			r := httptest.NewRequest("GET", "/", nil)
			r.SetBasicAuth("bing", "x")
			h.ServeHTTP(httptest.NewRecorder(), r)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWithCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl here")
	}
	srv := httptest.NewServer((&Auth{Realm: "x", Check: users}).Handler(who))
	defer srv.Close()
	for user, want := range map[string]string{"bing:gnib": "bing by basic", "Пётр:pässwörd 日本": "Пётр by basic", "colon:a:b::c": "colon by basic"} {
		out, err := exec.CommandContext(t.Context(), curl, "-q", "-sS", "-f", "--noproxy", "*", "--basic", "-u", user, srv.URL).Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v; want %q", user, out, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "Basic", "Basic Og==", encoded("bing:gnib"), "basic  " + encoded("a:b:c")[6:], "Basic %%%", "Bearer x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		user, password, complaint := parse(header)
		if complaint != "" {
			if user != "" || password != "" {
				t.Errorf("refused, and yet user %q, password %q", user, password)
			}
			return
		}
		u, p, again := parse(encoded(user + ":" + password))
		if u != user || p != password || again != "" {
			t.Errorf("%q gives %q %q, written again %q %q %s", header, user, password, u, p, again)
		}
	})
}
