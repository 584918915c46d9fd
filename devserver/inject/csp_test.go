package inject

import (
	"net/http"
	"strings"
	"testing"
)

func TestPolicies(t *testing.T) {
	const n, h = "'nonce-N'", "localhost:8080/_pastedev/"
	tests := []struct{ name, policy, want string }{
		{"nothing limits us", "img-src 'none'; object-src 'none'", "img-src 'none'; object-src 'none'"},
		{"default none", "default-src 'none'", "default-src 'none'; script-src " + n + " " + h + "; connect-src " + h},
		{"default self", "default-src 'self'", "default-src 'self'"},
		{"default star", "default-src *", "default-src *"},
		{"empty is none", "script-src", "script-src " + n + " " + h},
		{"script self, default none", "default-src 'none'; script-src 'self'", "default-src 'none'; script-src 'self'; connect-src " + h},
		{"script none", "script-src 'none'; connect-src 'none'", "script-src " + n + " " + h + "; connect-src " + h},
		{"page nonce", "script-src 'nonce-page'", "script-src 'nonce-page' " + n + " " + h},
		{"strict-dynamic", "script-src 'nonce-page' 'strict-dynamic' https: 'unsafe-inline'", "script-src 'nonce-page' 'strict-dynamic' https: 'unsafe-inline' " + n},
		{"strict-dynamic with self", "script-src 'self' 'strict-dynamic' 'sha256-x'", "script-src 'self' 'strict-dynamic' 'sha256-x' " + n},
		{"unsafe-inline in force", "script-src 'unsafe-inline' https://cdn.example", "script-src 'unsafe-inline' https://cdn.example " + h},
		{"unsafe-inline off by hash", "script-src 'unsafe-inline' 'sha256-x'", "script-src 'unsafe-inline' 'sha256-x' " + n + " " + h},
		{"script-src-elem first", "script-src 'none'; script-src-elem https://cdn.example", "script-src 'none'; script-src-elem https://cdn.example " + n + " " + h},
		{"default copied", "default-src https: 'unsafe-eval'", "default-src https: 'unsafe-eval'; script-src https: 'unsafe-eval' " + n + " " + h + "; connect-src https: 'unsafe-eval' " + h},
		{"upper case", "Default-Src 'NONE'", "Default-Src 'NONE'; script-src " + n + " " + h + "; connect-src " + h},
		{"second directive ignored", "script-src 'self'; script-src 'none'", "script-src 'self'; script-src 'none'"},
		{"trusted types stay", "require-trusted-types-for 'script'; trusted-types 'none'; script-src 'none'", "require-trusted-types-for 'script'; trusted-types 'none'; script-src " + n + " " + h},
		{"list", "script-src 'self', default-src 'none'", "script-src 'self',default-src 'none'; script-src " + n + " " + h + "; connect-src " + h},
		{"bytes stay", " script-src  'self' ;; ", " script-src  'self' ;; "},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		for _, name := range policyFields {
			header := http.Header{name: {tt.policy, "img-src *"}}
			allow(header, "localhost:8080", "/_pastedev/", "N")
			if got := header[name][0]; got != tt.want {
				t.Errorf("%s: %s\n got %q\nwant %q", tt.name, name, got, tt.want)
			}
			if strings.Count(header[name][0], "unsafe-inline") > strings.Count(tt.policy, "unsafe-inline") {
				t.Errorf("%s: unsafe-inline was added", tt.name)
			}
			if header[name][1] != "img-src *" {
				t.Errorf("%s: the second policy became %q", tt.name, header[name][1])
			}
		}
	}
}

func TestPolicyWithoutHostSource(t *testing.T) {
	tests := []struct{ name, host, nonce, policy, want string }{
		{"IPv6", "[::1]:8080", "N", "default-src 'none'", "default-src 'none'; script-src 'nonce-N'; connect-src 'self'"},
		{"IPv6 beside unsafe-inline", "[::1]:8080", "N", "script-src 'unsafe-inline'", "script-src 'unsafe-inline' 'self'"},
		{"hostile host", "a; script-src *", "N", "script-src 'none'", "script-src 'nonce-N'"},
		{"304", "localhost", "", "script-src 'none'", "script-src localhost/_pastedev/"},
		{"304 strict-dynamic", "localhost", "", "script-src 'strict-dynamic'", "script-src 'strict-dynamic'"},
	}
	for _, tt := range tests {
		header := http.Header{"Content-Security-Policy": {tt.policy}}
		allow(header, tt.host, "/_pastedev/", tt.nonce)
		if got := header.Get("Content-Security-Policy"); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// TestNonceInBoth: the nonce of the policy is that of the tag, new for each response.
func TestNonceInBoth(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		res := response(page, "Content-Security-Policy", "script-src 'strict-dynamic'")
		if !new(Injector).Apply(request(), res, testTag) {
			t.Fatal("not injected")
		}
		_, nonce, _ := strings.Cut(res.Header.Get("Content-Security-Policy"), "'nonce-")
		nonce = strings.TrimSuffix(nonce, "'")
		if len(nonce) != 22 || seen[nonce] || !strings.Contains(readAll(t, res.Body), `nonce="`+nonce+`"`) {
			t.Errorf("nonce %q is short, used twice, or not in the tag", nonce)
		}
		seen[nonce] = true
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add("default-src 'none'; script-src 'unsafe-inline', sandbox")
	f.Fuzz(func(t *testing.T, policy string) {
		h := http.Header{"Content-Security-Policy": {policy}}
		allow(h, "localhost", "/_pastedev/", "N")
		got := h.Get("Content-Security-Policy")
		if strings.Count(strings.ToLower(got), "'unsafe-inline'") > 3*strings.Count(strings.ToLower(policy), "'unsafe-inline'") {
			t.Fatalf("%q became %q", policy, got)
		}
		for _, p := range strings.Split(got, ",") { // whatever limits scripts now names us
			d := parsePolicy(p).effective("script-src-elem", "script-src", "default-src")
			if d != nil && !d.has("'self'") && !d.has("*") && !d.has("'nonce-N'") && !d.has("localhost/_pastedev/") {
				t.Fatalf("%q became %q, which does not allow the script", policy, got)
			}
		}
	})
}
