package authview

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"
	"strings"
	"time"
)

// itsdangerousEpoch is 2011: from there its versions before 1.1 count the seconds.
const itsdangerousEpoch = 1293840000

// inflate takes zlib off, as long as the result stays small.
func inflate(b []byte) ([]byte, bool) {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(r, maxInflated+1))
	return out, err == nil && len(out) <= maxInflated
}

// payload decodes base64url, with a dot before it if it is compressed too.
func payload(s string) ([]byte, bool) {
	s, compressed := strings.CutPrefix(s, ".")
	b, ok := unbase64(s)
	if ok && compressed {
		return inflate(b)
	}
	return b, ok
}

// flask takes what itsdangerous signs, as Flask its sessions: payload, time and signature
// with dots between.
func (d *decoder) flask(i *Item, s string) bool {
	parts := strings.Split(strings.TrimPrefix(s, "."), ".")
	if len(parts) != 3 {
		return false
	}
	if s[0] == '.' {
		parts[0] = "." + parts[0]
	}
	data, ok := payload(parts[0])
	stamp, ok2 := unbase64(parts[1])
	sig, ok3 := unbase64(parts[2])
	if !ok || !ok2 || !ok3 || len(stamp) > 8 || len(sig) < 16 || len(sig) > 64 {
		return false
	}
	var made int64
	for _, c := range stamp {
		made = made<<8 | int64(c)
	}
	if made < itsdangerousEpoch {
		made += itsdangerousEpoch
	}
	if !plausible(made) || !d.document(i, "", data) {
		return false
	}
	i.Kind, i.Format = Signed, "Flask (itsdangerous)"
	d.finish(i, parts[2], time.Unix(made, 0), time.Time{})
	return true
}

// django takes what django.core.signing makes: a value, the time in base 62 and a
// signature with colons between. A value that is no JSON is text.
func (d *decoder) django(i *Item, s string) bool {
	rest, sig, ok := cutLast(s, ":")
	if !ok {
		return false
	}
	value, stamp, ok := cutLast(rest, ":")
	if b, good := unbase64(sig); !ok || !good || len(b) < 20 || len(b) > 64 || value == "" || len(stamp) < 5 || len(stamp) > 7 {
		return false
	}
	var made int64
	for _, c := range []byte(stamp) {
		n := strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", c)
		if n < 0 {
			return false
		}
		made = made*62 + int64(n)
	}
	if !plausible(made) {
		return false
	}
	i.Kind, i.Format = Signed, "Django"
	if data, ok := payload(value); !ok || !d.document(i, "", data) {
		i.add(Field{"value", value, secretName(i.Name) || sessionName(i.Name)})
	}
	d.finish(i, sig, time.Unix(made, 0), time.Time{})
	return true
}

func cutLast(s, sep string) (before, after string, ok bool) {
	n := strings.LastIndex(s, sep)
	if n < 0 {
		return s, "", false
	}
	return s[:n], s[n+len(sep):], true
}

// rack takes what rack-session encrypts: its version, a salt, an initialisation vector, the
// value and a MAC. Its cookies that are only signed are those of Rails.
func (d *decoder) rack(i *Item, s string) bool {
	const least = 1 + 32 + 16 + 32
	b, ok := unbase64(s)
	if !ok || i.Name != rackCookie || hexDigits(s) || len(b) <= least || b[0] != 1 && b[0] != 2 {
		return false
	}
	i.Kind, i.Format = Encrypted, "Rack"
	i.secret("value", s)
	i.info("encrypted: it cannot be read without the key")
	return true
}

// rackCookie is the name of Rack's cookie, for sessions in it and those at the server.
const rackCookie = "rack.session"

// rails takes what ActiveSupport's verifier and encryptor make: parts in base64 with "--"
// between, the last of a signed one a digest in hexadecimal digits.
func (d *decoder) rails(i *Item, s string) bool {
	parts := strings.Split(s, "--")
	data, ok := unbase64(parts[0])
	if len(parts) < 2 || !ok {
		return false
	}
	if len(parts) == 3 {
		iv, ok := unbase64(parts[1])
		tag, ok2 := unbase64(parts[2])
		if !ok || !ok2 || len(iv) < 12 || len(iv) > 16 || len(tag) != 16 {
			return false
		}
		i.Kind, i.Format = Encrypted, "Rails"
		i.secret("value", parts[0])
		i.info("encrypted: it cannot be read without secret_key_base")
		return true
	}
	if sig := parts[1]; len(parts) != 2 || !hexDigits(sig) || len(sig) != 40 && len(sig) != 64 && len(sig) != 128 {
		return false
	}
	i.Kind, i.Format = Signed, "Rails"
	if i.Name == rackCookie {
		i.Format = "Rack"
	}
	var envelope struct {
		Rails struct {
			Message, Exp, Pur string
			Data              json.RawMessage
		} `json:"_rails"`
	}
	var expires time.Time
	if json.Unmarshal(data, &envelope) == nil && (envelope.Rails.Message != "" || len(envelope.Rails.Data) > 0) {
		r := envelope.Rails
		if r.Pur != "" {
			i.field("purpose", r.Pur)
		}
		expires, _ = time.Parse(time.RFC3339, r.Exp) // zero: it does not expire
		if data = r.Data; r.Message != "" {
			data, _ = unbase64(r.Message) // empty, and so no JSON, if it is none
		}
	}
	switch {
	case d.document(i, "", data):
	case bytes.HasPrefix(data, []byte{4, 8}):
		i.secret("value", string(data))
		i.warn("the value is Ruby's Marshal: whoever gets hold of the key runs code on the server")
	default:
		i.add(Field{"value", string(data), secretName(i.Name) || !readable(data)})
	}
	d.finish(i, parts[1], time.Time{}, expires)
	return true
}

// express takes what cookie-signature and cookie-parser make: "s:" before a value with a
// signature, "j:" before JSON.
func (d *decoder) express(i *Item, s string) bool {
	if data, ok := strings.CutPrefix(s, "j:"); ok && d.document(i, "", []byte(data)) {
		i.Kind, i.Format = JSON, "Express"
		i.info("not signed: the browser can change it")
		return true
	}
	rest, ok := strings.CutPrefix(s, "s:")
	if !ok {
		return false
	}
	value, sig, ok := cutLast(rest, ".")
	if b, good := unbase64(sig); !ok || !good || len(b) < 20 {
		return false
	}
	i.Kind, i.Format = Signed, "Express"
	data := []byte(strings.TrimPrefix(value, "j:"))
	if !d.document(i, "", data) {
		if sessionName(i.Name) {
			i.Kind = SessionID
		}
		i.add(Field{"value", value, true})
	}
	d.finish(i, sig, time.Time{}, time.Time{})
	return true
}

// signedJSON takes JSON in base64, a dot, and a signature, as many applications write it
// by themselves, and pastedev's picker of users.
func (d *decoder) signedJSON(i *Item, s string) bool {
	value, sig, ok := cutLast(s, ".")
	if !ok {
		return false
	}
	data, ok := payload(value)
	b, good := unbase64(sig)
	if good = good && len(b) >= 16 && len(b) <= 64 || hexDigits(sig) && len(sig) >= 32; !ok || !good || len(data) < 2 || !d.document(i, "", data) {
		return false
	}
	i.Kind, i.Format = Signed, "JSON and a signature"
	if strings.HasPrefix(i.Name, "pastedev_become") {
		i.Format = "pastedev's user picker"
	}
	d.finish(i, sig, time.Time{}, time.Time{})
	return true
}
