package redact

import (
	"slices"
	"strings"
)

// words are the parts of a name that make its value secret; read only. A name is taken
// apart at case changes and at everything that is not a letter or digit.
var words = []string{"pass", "passwd", "password", "passwords", "passphrase", "passcode", "pwd", "pw", "secret", "secrets", "token", "tokens",
	"key", "keys", "apikey", "apikeys", "session", "sessions", "sess", "sessionid", "sid", "phpsessid", "jsessionid", "auth", "oauth",
	"authorization", "authentication", "credential", "credentials", "cred", "creds", "csrf", "xsrf", "jwt", "bearer", "otp", "totp",
	"pin", "cvv", "cvc", "cvv2", "cvc2", "signature", "sig", "private", "passkey", "assertion"}

// parts are long enough to be meant wherever they stand in a name, also where nothing
// parts it: "userpassword", "accesstoken"; read only.
var parts = []string{"password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey", "token", "credential", "sessionid", "samlresponse"}

// maxName is the length up to which a name is judged. Longer ones are data.
const maxName = 128

// secretName reports whether a value under name is to be masked.
func (r *Redactor) secretName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	if slices.ContainsFunc(r.Keep, func(k string) bool { return strings.EqualFold(k, name) }) {
		return false
	}
	if slices.ContainsFunc(r.Names, func(n string) bool { return strings.EqualFold(n, name) }) {
		return true
	}
	lower := strings.ToLower(name)
	if slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(lower, p) }) {
		return true
	}
	return slices.ContainsFunc(split(name), func(w string) bool { return slices.Contains(words, w) })
}

// grant reports whether name=value is an authorization code of OAuth, which is as good as a
// password until it is used. Codes of errors and vouchers are shorter, or words.
func (r *Redactor) grant(name, value string) bool {
	const shortest = 20 // of the codes of known servers
	keep := slices.ContainsFunc(r.Keep, func(k string) bool { return strings.EqualFold(k, name) })
	return name == "code" && len(value) >= shortest && !keep &&
		strings.ContainsAny(value, "0123456789") && strings.ContainsFunc(value, func(c rune) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' })
}

// split returns the words of a name in lower case: apiKey, API_KEY and api-key are
// api and key.
func split(name string) (list []string) {
	start := 0
	flush := func(end int) {
		if end > start {
			list = append(list, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case !isAlnum(c):
			flush(i)
			start = i + 1
		case i > start && isUpper(c) && !isUpper(name[i-1]):
			flush(i)
		case i > start && isUpper(c) && i+1 < len(name) && isAlnum(name[i+1]) && !isUpper(name[i+1]) && !isDigit(name[i+1]):
			flush(i) // the last capital of APIKey's first word begins the second
		}
	}
	flush(len(name))
	return list
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlnum(c byte) bool { return c >= 'a' && c <= 'z' || isUpper(c) || isDigit(c) || c >= 0x80 }
