package authview

import (
	"fmt"
	"net/url"
	"strings"
)

// value decodes a cookie's value and reports whether it is of any form that this package
// knows; i is as before if not. The forms go from those that nothing else looks like to those that much does.
func (d *decoder) value(i *Item, raw string) bool {
	if len(raw) > maxValue {
		i.Kind = Opaque
		i.secret("value", raw)
		i.warn(fmt.Sprintf("too long to be decoded: %d bytes, and browsers keep 4096", len(raw)))
		return true
	}
	if raw == "" || raw == masked {
		return false
	}
	for _, s := range spellings(raw) {
		if s == "" {
			continue
		}
		for _, form := range []func(*decoder, *Item, string) bool{
			(*decoder).jwt, (*decoder).paseto, (*decoder).fernet, (*decoder).aspnet, (*decoder).authTkt, (*decoder).express,
			(*decoder).rack, (*decoder).rails, (*decoder).flask, (*decoder).django, (*decoder).pastedev, (*decoder).gorilla, (*decoder).signedJSON,
			(*decoder).laravel, (*decoder).jsonValue,
		} {
			before := *i
			if form(d, i, s) {
				return true
			}
			*i = before
		}
		if d.casTicket(i, i.Name, s) {
			return true
		}
	}
	if d.named(i, raw) {
		return true
	}
	return d.pairs(i, raw)
}

// spellings are the ways to read a cookie's value: as it is, without quotes, and with
// percent escapes taken for what they stand for.
func spellings(raw string) []string {
	list := []string{raw}
	s := raw
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
		list = append(list, s)
	}
	if strings.Contains(s, "%") {
		if u, err := url.PathUnescape(s); err == nil {
			list = append(list, u)
		}
	}
	return list
}

// sessionNames are the cookies that frameworks keep session ids in, lower-case.
var sessionNames = map[string]string{
	"phpsessid": "PHP", "jsessionid": "Java servlets", "asp.net_sessionid": "ASP.NET", "sessionid": "Django", "connect.sid": "Express",
	"_sid_": "Paste", "cfid": "ColdFusion", "beaker.session.id": "Beaker", rackCookie: "Rack", "laravel_session": "Laravel",
}

// named takes values that are opaque, by the name of their cookie.
func (d *decoder) named(i *Item, value string) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(i.Name, "__Host-"), "__Secure-")
	lower := strings.ToLower(name)
	switch format, known := sessionNames[lower]; {
	case csrfName(name):
		i.Kind = CSRFToken
		i.secret("token", value)
	case known, sessionName(name):
		i.Kind, i.Format = SessionID, format
		if b, ok := unbase64(value); ok && lower == "session" && len(value) == 43 && len(b) == 32 {
			i.Format = "scs"
		}
		i.secret("id", value)
		if bits := entropy(value); bits < 64 {
			i.warn(fmt.Sprintf("an id of at most %d bits can be guessed; 128 are usual", bits))
		}
	case secretName(name), strings.Contains(lower, "auth"), lower == "remember_me", lower == "rememberme":
		i.Kind = Opaque
		i.secret("value", value)
	default:
		return false
	}
	return true
}

// entropy is how many bits of chance an id of this form can hold at most.
func entropy(id string) int {
	perChar := 6
	switch {
	case strings.Trim(id, "0123456789") == "":
		perChar = 3
	case strings.Trim(strings.ToLower(id), "0123456789abcdef-") == "":
		perChar = 4
	}
	return len(id) * perChar
}

// jsonValue takes JSON, and JSON in base64.
func (d *decoder) jsonValue(i *Item, s string) bool {
	data := []byte(s)
	i.Kind, i.Format = JSON, "JSON"
	if s[0] != '{' && s[0] != '[' {
		b, ok := unbase64(s)
		if !ok || len(b) < 2 || b[0] != '{' && b[0] != '[' {
			return false
		}
		data, i.Format = b, "JSON in base64"
	}
	if !d.document(i, "", data) {
		return false
	}
	i.info("not signed: the browser can change it")
	return true
}

// document adds a JSON object's members, or an array as one field.
func (d *decoder) document(i *Item, prefix string, data []byte) bool {
	if d.object(i, prefix, data, nil) {
		return true
	}
	if len(data) < 2 || data[0] != '[' || !jsonArray(data) {
		return false
	}
	i.add(Field{prefix + "value", plain(data), secretInside(data)})
	return true
}

// pairs takes name=value&name=value.
func (d *decoder) pairs(i *Item, s string) bool {
	if !strings.Contains(s, "=") {
		s = unescape(s)
	}
	parts := strings.Split(s, "&")
	if len(parts) > maxFields {
		return false
	}
	var fields []Field
	for _, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		if name, value = unescape(name), unescape(value); !ok || name == "" || !readable([]byte(name)) || value == "" && len(parts) == 1 || value != "" && !readable([]byte(value)) {
			return false
		}
		if strings.Trim(value, "=") == "" && len(parts) == 1 {
			return false // padding of base64
		}
		fields = append(fields, Field{name, value, secretName(name)})
	}
	i.Kind = URLEncoded
	for _, f := range fields {
		i.add(f)
	}
	return true
}
