package authview

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

const unchecked = "the signature was not checked"

func jsonArray(data []byte) bool { return len(data) <= maxInflated && json.Valid(data) }

// hexDigits reports whether s is made of hexadecimal digits.
func hexDigits(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

// tktHashes are the digests of tickets, the longest first, whose beginning could be taken
// for a shorter one.
var tktHashes = []struct {
	digits int
	name   string
}{{128, "SHA-512"}, {64, "SHA-256"}, {32, "MD5"}}

// authTkt takes tickets of mod_auth_tkt: digest, time in eight hexadecimal digits, user,
// tokens and data with "!" between. Some are in base64, with the quotes left around.
func (d *decoder) authTkt(i *Item, s string) bool {
	format := ""
	if !strings.Contains(s, "!") {
		b, ok := unbase64(s)
		if !ok || !readable(b) {
			return false
		}
		s, format = string(b), ", in base64"
	}
	for _, h := range tktHashes {
		digest, hash := h.digits, h.name
		if len(s) < digest+10 || !hexDigits(s[:digest+8]) {
			continue
		}
		b, err := hex.DecodeString(s[digest : digest+8])
		if err != nil {
			continue
		}
		made := int64(binary.BigEndian.Uint32(b))
		user, rest, ok := strings.Cut(s[digest+8:], "!")
		if !ok || user == "" || !plausible(made) || digest < 128 && hexDigits(user) && len(user) >= 32 {
			continue
		}
		i.Kind, i.Format = AuthTkt, "auth_tkt with "+hash+format
		t := time.Unix(made, 0)
		i.field("user", user)
		if tokens, data, ok := strings.Cut(rest, "!"); ok {
			i.field("tokens", tokens)
			rest = data
		}
		if rest != "" {
			i.field("data", rest)
		}
		i.field("made", d.when(t))
		i.secret("digest", s[:digest])
		switch {
		case t.After(d.at.Add(time.Minute)):
			i.warn("made " + d.relative(t) + ": do the clocks agree?")
		case d.at.Sub(t) > 2*time.Hour:
			i.warn("made " + d.relative(t) + ": mod_auth_tkt takes tickets for 2 h unless told otherwise")
		}
		i.info("the digest was not checked")
		return true
	}
	return false
}

// pastedev takes cookies of package devserver/auth/signed: HMAC-SHA-256, expiry in eight
// bytes and JSON, all in base64url.
func (d *decoder) pastedev(i *Item, s string) bool {
	b, ok := unbase64(s)
	if !ok || len(b) < 42 || b[40] != '{' {
		return false
	}
	expires := int64(binary.BigEndian.Uint64(b[32:40]))
	if !plausible(expires) || !d.object(i, "", b[40:], nil) {
		return false
	}
	i.Kind, i.Format = Signed, "pastedev's signed cookie"
	d.finish(i, hex.EncodeToString(b[:32]), time.Time{}, time.Unix(expires, 0))
	return true
}

// finish adds what signed values have in common.
func (d *decoder) finish(i *Item, signature string, made, expires time.Time) {
	if !made.IsZero() {
		i.field("signed", d.when(made))
	}
	if !expires.IsZero() {
		i.field("expires", d.when(expires))
		d.expiry(i, expires)
	}
	i.secret("signature", signature)
	i.info(unchecked)
}

// paseto takes PASETO tokens; those for the public have readable claims before a
// signature whose length the version fixes.
func (d *decoder) paseto(i *Item, s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) < 3 || len(parts) > 4 || len(parts[0]) != 2 || parts[0][0] != 'v' || parts[0][1] < '1' || parts[0][1] > '4' {
		return false
	}
	b, ok := unbase64(parts[2])
	if !ok {
		return false
	}
	switch parts[1] {
	case "local":
		i.Kind, i.Format = Encrypted, "PASETO "+parts[0]
		i.secret("value", parts[2])
		i.info("encrypted: it cannot be read without the key")
		return true
	case "public":
		n := len(b) - map[byte]int{'1': 256, '2': 64, '3': 96, '4': 64}[parts[0][1]]
		if n < 2 || !d.object(i, "", b[:n], d.claim) {
			return false
		}
		i.Kind, i.Format = Signed, "PASETO "+parts[0]
		d.finish(i, hex.EncodeToString(b[n:]), time.Time{}, time.Time{})
		return true
	}
	return false
}

// fernet takes Fernet tokens, of which only the time can be read.
func (d *decoder) fernet(i *Item, s string) bool {
	if !strings.HasPrefix(s, "gAAAAA") {
		return false
	}
	b, ok := unbase64(s)
	if !ok || len(b) < 73 {
		return false
	}
	i.Kind, i.Format = Encrypted, "Fernet"
	i.field("made", d.when(time.Unix(int64(binary.BigEndian.Uint64(b[1:9])), 0)))
	i.secret("value", s)
	i.info("encrypted: it cannot be read without the key")
	return true
}

// aspnet takes what ASP.NET Core's data protection makes: it begins with a magic number.
func (d *decoder) aspnet(i *Item, s string) bool {
	if !strings.HasPrefix(s, "CfDJ8") || len(s) < 64 {
		return false
	}
	i.Kind, i.Format = Encrypted, "ASP.NET Core data protection"
	i.secret("value", s)
	i.info("encrypted: it cannot be read without the key")
	return true
}

// laravel takes base64 of a JSON object with iv, value and mac.
func (d *decoder) laravel(i *Item, s string) bool {
	b, ok := unbase64(s)
	if !ok || len(b) == 0 || b[0] != '{' {
		return false
	}
	var v struct{ IV, Value, MAC string }
	if json.Unmarshal(b, &v) != nil || v.IV == "" || v.Value == "" {
		return false
	}
	i.Kind, i.Format = Encrypted, "Laravel"
	i.secret("value", v.Value)
	i.secret("mac", v.MAC)
	i.info("encrypted: it cannot be read without the key")
	return true
}

// gorilla takes values of gorilla/securecookie: time, value and MAC with "|" between, all
// in base64. The value is gob, JSON or encrypted.
func (d *decoder) gorilla(i *Item, s string) bool {
	b, ok := unbase64(s)
	if !ok {
		return false
	}
	parts := strings.SplitN(string(b), "|", 3)
	if len(parts) != 3 || len(parts[0]) != 10 || strings.Trim(parts[0], "0123456789") != "" || len(parts[2]) < 20 || len(parts[2]) > 64 {
		return false
	}
	var made int64
	for _, c := range parts[0] {
		made = made*10 + int64(c-'0')
	}
	value := []byte(parts[1])
	if v, ok := unbase64(parts[1]); ok {
		value = v
	}
	if !plausible(made) {
		return false
	}
	i.Kind, i.Format = Signed, "gorilla/securecookie"
	var kept Session
	if len(value) <= maxInflated && kept.Read(value) == nil {
		kept.Describe(i)
	} else if !d.document(i, "", value) {
		i.secret("value", string(value))
		i.info("the value is encrypted, or of a form of the application's own")
	}
	d.finish(i, hex.EncodeToString([]byte(parts[2])), time.Unix(made, 0), time.Time{})
	return true
}
