package ticket

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Tickets made by others: the first by Paste's own tests, the next two by Paste, the rest
// from the definition by another program.
const (
	fromPaste   = "731274bec45f6983c1f33bac8e8baf435e2991cfusername!admin!"
	plainMD5    = "ca59a9c423a2329a90a1d973c1f855346553f100bob!"
	boundMD5    = "d96d58da3b3f19675c9a6f54afdf80ed6553f100bob!a,b!data"
	boundSHA256 = "457532b43c6568fbc31af09f6b4a1710fd45cb7de052362bed1c103cc51370776553f100bob!a,b!data"
	boundSHA512 = "39e558645ee6882fe2d06949d292e9a73573bf128dd524c5a01502273689e4efdd769be86b50626a75795b644e280443438ff682e46006084de952c3db5cc5fc6553f100bob!a,b!data"
	escapedUser = "9d492ea5cbe7e544517c2ee99bbd8f8d6553f100bob%40example.com!x!y"
)

var (
	vectorAddr = netip.MustParseAddr("1.2.3.4")
	vectorTime = time.Unix(1700000000, 0)
	addrs      = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })
)

func TestChecksVectors(t *testing.T) {
	tests := []struct {
		name, secret, cookie string
		addr                 netip.Addr
		want                 Ticket
	}{
		{"paste", "shared_secret", fromPaste, netip.Addr{}, Ticket{User: "username", Tokens: []string{"admin"}, Issued: time.Unix(1579782607, 0), Hash: MD5}},
		{"plain", "sekrit", plainMD5, netip.Addr{}, Ticket{User: "bob", Issued: vectorTime, Hash: MD5}},
		{"bound", "sekrit", boundMD5, vectorAddr, Ticket{User: "bob", Tokens: []string{"a", "b"}, Data: "data", Issued: vectorTime, Hash: MD5}},
		{"sha-256", "sekrit", boundSHA256, vectorAddr, Ticket{User: "bob", Tokens: []string{"a", "b"}, Data: "data", Issued: vectorTime, Hash: SHA256}},
		{"sha-512", "sekrit", boundSHA512, vectorAddr, Ticket{User: "bob", Tokens: []string{"a", "b"}, Data: "data", Issued: vectorTime, Hash: SHA512}},
		{"user escaped, data with a !", "sekrit", escapedUser, netip.Addr{}, Ticket{User: "bob@example.com", Data: "x!y", Issued: vectorTime, Hash: MD5, EscapedUser: true}},
		{"IPv4 in IPv6", "sekrit", boundMD5, netip.MustParseAddr("::ffff:1.2.3.4"), Ticket{User: "bob", Tokens: []string{"a", "b"}, Data: "data", Issued: vectorTime, Hash: MD5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Digest = tt.cookie[:tt.want.Hash.digits()]
			tt.want.Addr = tt.addr
			got, err := ParseFor(tt.addr, tt.cookie, tt.secret)
			if err != nil {
				t.Fatalf("%v: %+v", err, got)
			}
			if diff := cmp.Diff(tt.want, got, addrs); diff != "" {
				t.Error(diff)
			}
			if tt.want.EscapedUser {
				return // written otherwise by us
			}
			signed, err := got.Sign(tt.secret)
			if strings.Contains(tt.cookie, ",") {
				tt.cookie = base64.StdEncoding.EncodeToString([]byte(tt.cookie))
			}
			if err != nil || signed != tt.cookie {
				t.Errorf("written: %q, %v\nwant     %q", signed, err, tt.cookie)
			}
		})
	}
}

// One byte changed in any field, and it is another's address or secret: no ticket.
func TestTamperedByte(t *testing.T) {
	for _, cookie := range []string{boundMD5, boundSHA256, boundSHA512, base64.StdEncoding.EncodeToString([]byte(boundSHA256))} {
		for i := range cookie {
			for _, c := range []byte{'0', 'B', '!', '%'} {
				if cookie[i] == c {
					continue
				}
				bad := cookie[:i] + string(c) + cookie[i+1:]
				if got, err := ParseFor(vectorAddr, bad, "sekrit"); err == nil {
					t.Errorf("%s is taken as %+v", bad, got)
				}
			}
		}
		for _, addr := range []string{"0.0.0.0", "1.2.3.5", "::1"} {
			if _, err := ParseFor(netip.MustParseAddr(addr), cookie, "sekrit"); !errors.Is(err, ErrDigest) {
				t.Errorf("from %s: %v", addr, err)
			}
		}
		if _, err := ParseFor(vectorAddr, cookie, "other", "", "sekri"); !errors.Is(err, ErrDigest) {
			t.Errorf("other secrets: %v", err)
		}
	}
}

// All the wrappings that mod_auth_tkt takes off.
func TestWrappings(t *testing.T) {
	std := base64.StdEncoding.EncodeToString([]byte(boundMD5))
	tests := []struct {
		name, cookie string
		want         Ticket // of its Base64, Percent and Quoted
	}{
		{"none", boundMD5, Ticket{}},
		{"quotes", `"` + boundMD5 + `"`, Ticket{Quoted: true}},
		{"percent", url.QueryEscape(boundMD5), Ticket{Percent: true}},
		{"quotes and percent", `"` + url.QueryEscape(boundMD5) + `"`, Ticket{Percent: true, Quoted: true}},
		{"base64", std, Ticket{Base64: true}},
		{"base64 without padding", strings.TrimRight(std, "="), Ticket{Base64: true}},
		{"base64 for URLs", strings.NewReplacer("+", "-", "/", "_").Replace(std), Ticket{Base64: true}},
		{"base64 and percent", url.QueryEscape(std + "="), Ticket{Base64: true}},
		{"base64 in quotes", `"` + std + `"`, Ticket{Base64: true, Quoted: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseFor(vectorAddr, tt.cookie, "sekrit")
			if err != nil || got.User != "bob" || got.Data != "data" {
				t.Fatalf("%v: %+v", err, got)
			}
			if got.Base64 != tt.want.Base64 || got.Percent != tt.want.Percent || got.Quoted != tt.want.Quoted {
				t.Errorf("unwrapped as %+v", got)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	for _, cookie := range []string{
		"", "!", `"`, `""`, "bob!", plainMD5[:31], plainMD5[:40], plainMD5[:43], "x" + plainMD5[1:], plainMD5[:32] + "0000000xbob!",
		plainMD5[:32] + "+000000fbob!", "%21", "%zz%21" + plainMD5, "====", "日本", base64.StdEncoding.EncodeToString([]byte(plainMD5[:43])),
		base64.StdEncoding.EncodeToString([]byte(plainMD5 + "a\x00b")), strings.Repeat("a", sizeLimit) + "!",
	} {
		if got, err := Parse(cookie, "sekrit"); !errors.Is(err, ErrMalformed) || got.User != "" {
			t.Errorf("%q: %+v, %v", cookie, got, err)
		}
	}
}

// An inspector sees the parts of what does not verify.
func TestPartsOfUnverified(t *testing.T) {
	for cookie, hash := range map[string]Hash{boundMD5: MD5, boundSHA256: SHA256, boundSHA512: SHA512} {
		for _, secrets := range [][]string{nil, {"wrong"}} {
			got, err := Parse(cookie, secrets...)
			if want := map[bool]error{true: ErrNoSecret, false: ErrDigest}[secrets == nil]; !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
			want := Ticket{User: "bob", Tokens: []string{"a", "b"}, Data: "data", Issued: vectorTime, Hash: hash}
			if diff := cmp.Diff(want, got, addrs, cmpopts.IgnoreFields(Ticket{}, "Digest")); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// What Sign writes is read as it was, also where the format is ambiguous.
func TestSignRoundTrip(t *testing.T) {
	tests := []Ticket{
		{User: "bob"},
		{User: "bob@example.com", Data: "100% & more; \"quoted\", é"},
		{User: "bob%40example.com"},
		{User: "bob%zz", Tokens: []string{"a%21"}},
		{User: "Пётр Ильич", Tokens: []string{"роль"}},
		{User: "bob", Data: "x!y"},
		{User: "bob", Data: "!"},
		{User: "bob", Data: "!!x"},
		{User: "bob", Tokens: []string{"a"}, Data: "x!y!z"},
		{User: "deadbeef" + strings.Repeat("0", 128)},
		{User: "b", Data: "line\r\nbreak"},
	}
	for _, want := range tests {
		for _, want.Hash = range hashes {
			want.Issued, want.Addr = vectorTime, vectorAddr
			text, err := want.Sign("s")
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []byte(text) {
				if c <= ' ' || c >= 0x7f || strings.IndexByte("\",;\\", c) >= 0 {
					t.Errorf("%q has %q, which a cookie cannot hold", text, c)
				}
			}
			got, err := ParseFor(vectorAddr, text, "s")
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if diff := cmp.Diff(want, got, addrs, cmpopts.IgnoreFields(Ticket{}, "Digest", "Base64")); diff != "" {
				t.Error(diff)
			}
			if mod, ok := modAuthTkt(got.text(t, text), want.Hash); !ok || mod.User != want.User || mod.Data != want.Data || strings.Join(mod.Tokens, ",") != strings.Join(want.Tokens, ",") {
				t.Errorf("mod_auth_tkt would read %q as %+v", text, mod)
			}
		}
	}
}

// text is what stands in a cookie after base64.
func (k Ticket) text(t *testing.T, cookie string) string {
	t.Helper()
	if !k.Base64 {
		return cookie
	}
	b, err := base64.StdEncoding.DecodeString(cookie)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// modAuthTkt splits a ticket by mod_auth_tkt's rule: user up to the first '!', tokens up
// to the second if there is one, the rest is data.
func modAuthTkt(text string, h Hash) (Ticket, bool) {
	parts := strings.SplitN(text[h.digits()+stampDigits:], "!", 3)
	switch len(parts) {
	case 2:
		return Ticket{User: parts[0], Data: parts[1]}, true
	case 3:
		return Ticket{User: parts[0], Tokens: strings.Split(parts[1], ","), Data: parts[2]}, true
	}
	return Ticket{}, false
}

func TestSignRefuses(t *testing.T) {
	good := Ticket{User: "bob", Issued: vectorTime}
	tests := []struct {
		name, secret, want string
		change             func(*Ticket)
	}{
		{"no secret", "", "no secret", func(*Ticket) {}},
		{"no user", "s", "needs a user", func(t *Ticket) { t.User = "" }},
		{"user with !", "s", "a ! or NUL ends a name", func(t *Ticket) { t.User = "a!b" }},
		{"user with NUL", "s", "a ! or NUL ends a name", func(t *Ticket) { t.User = "a\x00b" }},
		{"empty token", "s", "not empty", func(t *Ticket) { t.Tokens = []string{"a", ""} }},
		{"token with comma", "s", "no !, comma", func(t *Ticket) { t.Tokens = []string{"a,b"} }},
		{"token with space", "s", "space", func(t *Ticket) { t.Tokens = []string{"a b"} }},
		{"token with !", "s", "no !", func(t *Ticket) { t.Tokens = []string{"a!b"} }},
		{"data with NUL", "s", "NUL", func(t *Ticket) { t.Data = "\x00" }},
		{"unknown hash", "s", `no hash "SHA1"`, func(t *Ticket) { t.Hash = "SHA1" }},
		{"before 1970", "s", "32 bits", func(t *Ticket) { t.Issued = time.Time{} }},
		{"after 2106", "s", "32 bits", func(t *Ticket) { t.Issued = time.Unix(1<<32, 0) }},
	}
	for _, tt := range tests {
		bad := good
		tt.change(&bad)
		if s, err := bad.Sign(tt.secret); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %q, %v; want %q", tt.name, s, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "!", fromPaste, plainMD5, boundMD5, boundSHA256, boundSHA512, escapedUser, `"` + plainMD5 + `"`, url.QueryEscape(boundMD5), base64.StdEncoding.EncodeToString([]byte(boundMD5))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cookie string) {
		parts, err := Parse(cookie)
		if errors.Is(err, ErrMalformed) {
			return
		}
		if !errors.Is(err, ErrNoSecret) {
			t.Fatalf("without a secret: %v", err)
		}
		if got, err := Parse(cookie, "a secret"); !errors.Is(err, ErrDigest) {
			t.Errorf("%q is taken as %+v", cookie, got)
		}
		signed, err := parts.Sign("a secret")
		if err != nil || len(signed) > sizeLimit {
			return
		}
		got, err := Parse(signed, "a secret")
		if err != nil || got.User != parts.User || got.Data != parts.Data || !got.Issued.Equal(parts.Issued) || strings.Join(got.Tokens, ",") != strings.Join(parts.Tokens, ",") {
			t.Errorf("%+v is written %q and read %+v, %v", parts, signed, got, err)
		}
	})
}
