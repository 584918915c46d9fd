package digest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"

	icholy "github.com/icholy/digest"
)

// Real clients sign in by each algorithm, and by the better one where both are offered.
func TestWithCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl here")
	}
	for name, algs := range map[string][]Algorithm{"both": nil, "SHA-256": {SHA256}, "MD5": {MD5}} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var used []string
			a := newAuth()
			a.Algorithms, a.Realm = algs, `a "quoted", realm`
			h := a.Handler(who)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if c, err := parse(r.Header.Get("Authorization")); err == nil {
					mu.Lock()
					used = append(used, string(c.algorithm))
					mu.Unlock()
				}
				h.ServeHTTP(w, r)
			}))
			defer srv.Close()
			// Three requests on one nonce, then one with a wrong password.
			out, err := exec.CommandContext(t.Context(), curl, "-q", "-sS", "-f", "--noproxy", "*", "--digest", "-u", "bing:gnib",
				srv.URL+"/a?b=c,d&e=%20", srv.URL+"/a/../b", "-X", "POST", "-d", "x=y", srv.URL+"/").CombinedOutput()
			if err != nil || string(out) != strings.Repeat("bing by digest", 3) {
				t.Errorf("%q, %v", out, err)
			}
			want := "SHA-256"
			if name == "MD5" {
				want = name
			}
			mu.Lock()
			got := strings.Join(used, " ")
			mu.Unlock()
			if got != want+" "+want+" "+want {
				t.Errorf("answered by %s, want three times %s", got, want)
			}
			out, err = exec.CommandContext(t.Context(), curl, "-q", "-sS", "-f", "--noproxy", "*", "--digest", "-u", "bing:gnab", srv.URL).CombinedOutput()
			if err == nil || !strings.Contains(string(out), "401") {
				t.Errorf("a wrong password: %q, %v", out, err)
			}
		})
	}
}

// A user whose name is not ASCII signs in by curl too.
func TestWithCurlUTF8(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl here")
	}
	srv := httptest.NewServer(newAuth().Handler(who))
	defer srv.Close()
	for user, name := range map[string]string{"Пётр:pässwörd": "Пётр", `a "b", c\d:x`: `a "b", c\d`} {
		out, err := exec.CommandContext(t.Context(), curl, "-q", "-sS", "-f", "--noproxy", "*", "--digest", "-u", user, srv.URL+"/").CombinedOutput()
		if err != nil || string(out) != name+" by digest" {
			t.Errorf("%s: %q, %v", user, out, err)
		}
	}
}

func TestWithGoClient(t *testing.T) {
	for _, alg := range []Algorithm{SHA256, MD5} {
		a := newAuth()
		a.Algorithms = []Algorithm{alg}
		srv := httptest.NewServer(a.Handler(who))
		client := &http.Client{Transport: &icholy.Transport{Username: "bing", Password: "gnib"}}
		for range 3 {
			res, err := client.Get(srv.URL + "/x?y=z")
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if string(b) != "bing by digest" {
				t.Errorf("%s: %s %q", alg, res.Status, b)
			}
		}
		srv.Close()
	}
}
