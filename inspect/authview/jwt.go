package authview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// jwt decodes a JSON Web Token (RFC 7519) in its compact form, signed or encrypted. The
// signature is never checked.
func (d *decoder) jwt(i *Item, s string) bool {
	if len(s) > maxValue {
		return false
	}
	parts := strings.Split(s, ".")
	if len(parts) != 3 && len(parts) != 5 {
		return false
	}
	head, ok := unbase64(parts[0])
	if !ok {
		return false
	}
	var header struct {
		Alg, Zip string
		Crit     []string
		Jku      string
		X5u      string
		Jwk      json.RawMessage
	}
	if json.Unmarshal(head, &header) != nil || header.Alg == "" {
		return false
	}
	i.Kind, i.Format = JWT, "JWT"
	d.object(i, "header.", head, nil)
	if len(parts) == 5 {
		i.Format = "encrypted JWT"
		i.secret("ciphertext", parts[3])
		i.info("encrypted: only the header can be read without the key")
		return true
	}
	payload, ok := unbase64(parts[1])
	if !ok || !d.object(i, "", payload, d.claim) {
		i.add(Field{"payload", string(payload), true})
		i.warn("the payload is no JSON object: this is a signed message and no JWT")
	}
	i.secret("signature", parts[2])
	switch {
	case strings.EqualFold(header.Alg, "none"):
		i.bad("alg none: nobody signed this, anybody can write one")
	case parts[2] == "":
		i.bad("the signature is missing though alg is " + header.Alg)
	default:
		i.info("the signature was not checked")
	}
	if header.Jku != "" || header.X5u != "" || len(header.Jwk) > 0 {
		i.warn("the token says itself which key it was signed with (jku, x5u, jwk): a server must not believe that")
	}
	return true
}

// claim writes a claim that is a date in words, and remarks on it.
func (d *decoder) claim(i *Item, name string, raw json.RawMessage) (string, bool) {
	switch name {
	case "exp", "nbf", "iat", "auth_time":
	default:
		return "", false
	}
	t, ok := claimTime(raw)
	if !ok {
		i.warn(name + " is no date: RFC 7519 wants seconds since 1970 as a number")
		return "", false
	}
	if t.Year() > 4000 {
		i.warn(name + " seems to be in milliseconds: RFC 7519 wants seconds")
	}
	switch {
	case name == "exp":
		d.expiry(i, t)
	case name == "nbf" && t.After(d.at):
		i.bad("not valid before " + d.relative(t))
	case name == "iat" && t.After(d.at.Add(time.Minute)):
		i.warn("issued " + d.relative(t) + ": do the clocks agree?")
	}
	return string(raw) + " = " + d.when(t), true
}

// claimTime reads a NumericDate of RFC 7519, or a date of RFC 3339 as PASETO has it.
func claimTime(raw json.RawMessage) (time.Time, bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		t, err := time.Parse(time.RFC3339, s)
		return t, err == nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(f) > 1e14 { // the year 3 million
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0), true
}

// object adds the members of a JSON object as fields, in their order, and reports whether
// data is one. say, if it is not nil, may write a member's value in another way.
func (d *decoder) object(i *Item, prefix string, data []byte, say func(*Item, string, json.RawMessage) (string, bool)) bool {
	if len(data) > maxInflated || !json.Valid(data) {
		return false
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	seen, left := map[string]bool{}, 0
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		var raw json.RawMessage
		if err != nil || !ok || dec.Decode(&raw) != nil {
			return false // cannot be: the JSON is valid
		}
		if seen[name] {
			i.warn(clean(name, maxName) + " is there twice: parsers differ in which one they take")
		}
		if len(seen) >= maxFields {
			left++
			continue
		}
		seen[name] = true
		f := Field{Name: prefix + name, Value: plain(raw), Secret: secretName(name) || secretInside(raw)}
		if say != nil {
			if s, ok := say(i, name, raw); ok {
				f.Value = s
			}
		}
		i.add(f)
	}
	if left > 0 {
		i.info(fmt.Sprintf("%d more are not shown", left))
	}
	return true
}

// plain writes a JSON value: strings without quotes, the rest compact.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && raw[0] == '"' {
		return s
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// secretInside reports whether a JSON value holds a member with a secret name.
func secretInside(raw json.RawMessage) bool {
	if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' {
		return false
	}
	var v any
	return json.Unmarshal(raw, &v) != nil || holdsSecret(v, 0)
}

func holdsSecret(v any, depth int) bool {
	if depth > maxDepth {
		return true // too deep to tell
	}
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if secretName(name) || holdsSecret(member, depth+1) {
				return true
			}
		}
	case []any:
		for _, member := range v {
			if holdsSecret(member, depth+1) {
				return true
			}
		}
	}
	return false
}
