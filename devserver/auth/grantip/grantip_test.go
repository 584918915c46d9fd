package grantip

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/auth"
)

// paste is the map of Paste's own test, in its order.
var paste = []Rule{
	{From: MustParseRange("127.0.0.1"), Add: []string{"system"}},
	{From: MustParseRange("192.168.0.0/16"), Add: []string{"worker"}},
	{From: MustParseRange("192.168.0.5<->192.168.0.8"), User: "bob", Add: []string{"editor"}},
	{From: MustParseRange("192.168.0.8"), RemoveUser: true, Remove: []string{"worker"}},
	{From: MustParseRange("2001:db8::/32"), User: "six", Add: []string{"v6"}},
	{From: MustParseRange("fe80::1%eth0"), Add: []string{"eth0"}},
	{From: MustParseRange("fe80::/10"), Add: []string{"link"}},
}

func ask(g *Grant, r *http.Request) (got string) {
	g.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, ok := auth.From(r.Context())
		got = fmt.Sprintf("%s %s %s %v", id.User, strings.Join(id.Roles, "+"), id.Method, ok)
	})).ServeHTTP(httptest.NewRecorder(), r)
	return got
}

func from(remote string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = remote
	return r
}

// The five cases of Paste, IPv6, zones and IPv4-mapped addresses.
func TestPasteCases(t *testing.T) {
	tests := []struct{ remote, want string }{
		{"127.0.0.1:1", " system grantip true"},
		{"192.168.15.12:1", " worker grantip true"},
		{"192.168.0.4:1", " worker grantip true"},
		{"192.168.0.5:1", "bob worker+editor grantip true"},
		{"192.168.0.8:1", " editor grantip true"},
		{"10.0.0.1:1", "  " + " false"},
		{"[::ffff:192.168.0.5]:1", "bob worker+editor grantip true"},
		{"[2001:db8::7]:1", "six v6 grantip true"},
		{"[2001:db9::7]:1", "  " + " false"},
		{"[fe80::1%eth0]:1", " eth0+link grantip true"},
		{"[fe80::1%eth1]:1", " link grantip true"},
		{"[fe80::1]:1", " link grantip true"},
		{"@", "  " + " false"}, // a unix socket
		{"", "  " + " false"},
	}
	for _, tt := range tests {
		if got := ask(&Grant{Rules: paste}, from(tt.remote)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.remote, got, tt.want)
		}
	}
}

// Roles of an earlier entry count although the last has none (Paste loses them).
func TestRolesOfAllRules(t *testing.T) {
	g := &Grant{Rules: []Rule{
		{From: MustParseRange("10.0.0.0/8"), Add: []string{"a", "b"}},
		{From: MustParseRange("10.0.0.1"), User: "bob"},
	}}
	if got, want := ask(g, from("10.0.0.1:1")), "bob a+b grantip true"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOtherMethodsIdentity(t *testing.T) {
	tests := []struct {
		name, remote string
		clobber      bool
		want         string
	}{
		{"untouched", "10.0.0.1:1", false, "eve staff+worker basic true"},
		{"keeps its user", "192.168.0.5:1", false, "eve staff+worker+editor basic true"},
		{"clobbered", "192.168.0.5:1", true, "bob staff+worker+editor grantip true"},
		{"removed", "192.168.0.8:1", false, " staff+editor grantip true"},
	}
	for _, tt := range tests {
		id := auth.Identity{User: "eve", Roles: []string{"staff", "worker"}, Method: "basic"}
		got := ask(&Grant{Rules: paste, Clobber: tt.clobber}, auth.With(from(tt.remote), id))
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if diff := cmp.Diff([]string{"staff", "worker"}, id.Roles); diff != "" {
			t.Errorf("%s: the roles of the identity itself changed: %s", tt.name, diff)
		}
	}
}

// A user who is taken away with all roles is nobody.
func TestRemoveAll(t *testing.T) {
	g := &Grant{Rules: []Rule{{From: MustParseRange("10.0.0.1"), RemoveUser: true, Remove: []string{"staff"}}}}
	r := auth.With(from("10.0.0.1:1"), auth.Identity{User: "eve", Roles: []string{"staff"}, Data: "d", Method: "basic"})
	w := httptest.NewRecorder()
	g.Handler((&auth.Require{}).Handler(http.NotFoundHandler())).ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d, want 401", w.Code)
	}
}

func TestForwardedFor(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}
	tests := []struct {
		name, remote string
		lines        []string
		trusted      []netip.Prefix
		want         string // address
	}{
		{"nobody is trusted", "10.1.0.1:1", []string{"127.0.0.1"}, nil, "10.1.0.1"},
		{"an untrusted peer", "10.2.0.1:1", []string{"127.0.0.1"}, proxies, "10.2.0.1"},
		{"a trusted peer", "10.1.0.1:1", []string{"192.168.0.5"}, proxies, "192.168.0.5"},
		{"what the client forged is passed over", "10.1.0.1:1", []string{"127.0.0.1, 192.168.0.5"}, proxies, "192.168.0.5"},
		{"on several lines", "10.1.0.1:1", []string{"127.0.0.1", "192.168.0.5, 10.1.0.2"}, proxies, "192.168.0.5"},
		{"two proxies", "[fd00::1%x]:1", []string{"192.168.0.5,10.1.0.2"}, proxies, "192.168.0.5"},
		{"only proxies", "10.1.0.1:1", []string{"10.1.0.3, 10.1.0.2"}, proxies, "10.1.0.3"},
		{"with ports", "10.1.0.1:1", []string{"[2001:db8::1]:99"}, proxies, "2001:db8::1"},
		{"rubbish is nobody", "10.1.0.1:1", []string{"127.0.0.1, unknown"}, proxies, "invalid IP"},
		{"an empty element is nobody", "10.1.0.1:1", []string{"127.0.0.1,"}, proxies, "invalid IP"},
		{"no header", "10.1.0.1:1", nil, proxies, "10.1.0.1"},
		{"a mapped peer", "[::ffff:10.1.0.1]:1", []string{"192.168.0.5"}, proxies, "192.168.0.5"},
	}
	for _, tt := range tests {
		r := from(tt.remote)
		r.Header["X-Forwarded-For"] = tt.lines
		if got := Client(r, tt.trusted).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestParseRange(t *testing.T) {
	tests := []struct {
		in, out string
		in1     string // contained, its neighbours not
		not     []string
	}{
		{"10.0.0.1", "10.0.0.1", "10.0.0.1", []string{"10.0.0.0", "10.0.0.2", "::1", "::a00:1"}},
		{" 10.0.0.0/8 ", "10.0.0.0/8", "10.255.255.255", []string{"11.0.0.0", "9.255.255.255"}},
		{"10.0.0.0/255.0.0.0", "10.0.0.0/8", "10.9.9.9", []string{"11.0.0.0"}},
		{"0.0.0.0/0", "0.0.0.0/0", "8.8.8.8", []string{"::1"}},
		{"::/0", "::/0", "2001::", []string{"8.8.8.8"}},
		{"::ffff:10.0.0.0/104", "10.0.0.0/8", "10.1.2.3", []string{"11.0.0.0"}},
		{"::ffff:10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", []string{"10.0.0.2"}},
		{"10.0.0.5-10.0.0.8", "10.0.0.5-10.0.0.8", "10.0.0.7", []string{"10.0.0.4", "10.0.0.9"}},
		{"10.0.0.4 <-> 10.0.0.7", "10.0.0.4/30", "10.0.0.7", []string{"10.0.0.8"}},
		{"2001:db8::1-2001:db8::f", "2001:db8::1-2001:db8::f", "2001:db8::e", []string{"2001:db8::10"}},
		{"fe80::1%br-lan", "fe80::1%br-lan", "fe80::1%br-lan", []string{"fe80::1", "fe80::1%eth0", "fe80::2%br-lan"}},
	}
	for _, tt := range tests {
		r, err := ParseRange(tt.in)
		if err != nil || r.String() != tt.out {
			t.Errorf("ParseRange(%q) = %q, %v", tt.in, r, err)
			continue
		}
		if !r.Contains(netip.MustParseAddr(tt.in1)) {
			t.Errorf("%s has no %s", tt.in, tt.in1)
		}
		for _, s := range tt.not {
			if r.Contains(netip.MustParseAddr(s)) {
				t.Errorf("%s has %s", tt.in, s)
			}
		}
	}
	if (Range{}).Contains(netip.MustParseAddr("::")) || (Range{}).String() != "" {
		t.Error("the zero range holds something")
	}
}

func TestParseRangeBad(t *testing.T) {
	for in, want := range map[string]string{
		"":                            `"" is no address`,
		"localhost":                   "no address",
		"10.0.0.1/8":                  "the prefix is 10.0.0.0/8, the address 10.0.0.1",
		"10.0.0.0/33":                 "no prefix",
		"10.0.0.0/255.0.255.0":        "no mask",
		"10.0.0.8-10.0.0.5":           "comes before",
		"10.0.0.8-::1":                "the other IPv6",
		"10.0.0.1-":                   "no address",
		"fe80::1-fe80::2%eth0":        "zone",
		"::ffff:10.0.0.0/90":          "96 bits",
		"fe80::%eth0/64":              "no prefix",
		"10.0.0.0/8/8":                "no prefix",
		"10.0.0.1\n10.0.0.2":          "no address",
		"010.0.0.1":                   "no address",
		"10.0.0.1<->10.0.0.2-10.0.03": "no address",
	} {
		if r, err := ParseRange(in); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "\nhint: ") {
			t.Errorf("ParseRange(%q) = %v, %v, want %q", in, r, err, want)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"10.0.0.1", "10.0.0.0/8", "10.0.0.5-10.0.0.8", "::1", "fe80::1%a-b", "::ffff:1.2.3.0/120", "1.2.3.0/255.255.255.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRange(s)
		if err != nil {
			return
		}
		again, err := ParseRange(r.String())
		if err != nil || again != r {
			t.Errorf("%q is %q, which is %v, %v", s, r, again, err)
		}
		if !r.Contains(r.first.WithZone(r.zone)) {
			t.Errorf("%q has not its first address", s)
		}
	})
}
