package authview

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// authorization decodes credentials (RFC 9110, 11.4).
func (d *decoder) authorization(i *Item, value string) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	rest = strings.TrimSpace(rest)
	if len(value) > maxValue {
		i.Kind = Opaque
		i.secret("value", value)
		i.warn("too long to be decoded")
		return
	}
	switch strings.ToLower(scheme) {
	case "basic":
		d.basic(i, rest)
	case "digest":
		d.digest(i, rest)
	case "bearer", "dpop", "token":
		if d.jwt(i, rest) {
			i.Format += " in a " + scheme + " token"
			return
		}
		i.Kind, i.Format = Bearer, scheme
		i.secret("token", rest)
		switch {
		case rest == "":
			i.bad("there is no token")
		case strings.ContainsAny(rest, " ,\""):
			i.bad("the token holds a character that none may have (RFC 6750, 2.1)")
		default:
			i.info("opaque: only its issuer can read it")
		}
	default:
		d.otherScheme(i, scheme, rest)
	}
}

// otherScheme takes credentials of which only the form is known: parameters or one token.
func (d *decoder) otherScheme(i *Item, scheme, rest string) {
	i.Kind = Opaque
	if rest == "" && !bareScheme(scheme) || strings.Trim(scheme, tokenChars) != "" {
		i.secret("credentials", strings.TrimSpace(scheme+" "+rest)) // perhaps a key by itself
		i.warn("there is no scheme before the credentials")
		return
	}
	i.Format = scheme
	var params []param
	if !token68(rest) {
		params = parseParams(rest)
	}
	for _, p := range params {
		i.add(Field{p.name, p.value, secretName(p.name) || p.name == "credential" || p.name == "response" || p.name == "mac"})
	}
	if len(params) == 0 {
		i.secret("credentials", rest)
	}
}

// tokenChars are those of a scheme's name (RFC 9110, 5.6.2).
const tokenChars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// bareScheme reports whether a scheme is known, and so is no key, though nothing follows.
func bareScheme(scheme string) bool {
	switch strings.ToLower(scheme) {
	case "negotiate", "ntlm", "kerberos", "mutual":
		return true
	}
	return false
}

// token68 reports whether s is one value, with padding at most, and no parameters (RFC 9110,
// 11.2).
func token68(s string) bool {
	s = strings.TrimRight(s, "=")
	for _, c := range []byte(s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune("-._~+/", rune(c)) {
			return false
		}
	}
	return s != ""
}

// basic decodes user and password (RFC 7617).
func (d *decoder) basic(i *Item, value string) {
	i.Kind = Basic
	if !d.https && !loopback(d.host) {
		i.warn("the password went over the network in the clear")
	}
	b, ok := unbase64(value)
	if !ok {
		i.secret("credentials", value)
		i.bad("this is not base64: servers answer 401, or fail")
		return
	}
	user, password, ok := bytes.Cut(b, []byte(":"))
	if !ok {
		i.secret("credentials", string(b))
		i.bad("there is no colon between user and password")
		return
	}
	i.field("user", string(user))
	i.secret("password", string(password))
	if !utf8.Valid(b) {
		i.warn("this is not UTF-8: the server must know the encoding")
	}
	if len(user) == 0 {
		i.warn("the user is empty")
	}
}

// digest decodes a response to a challenge (RFC 7616).
func (d *decoder) digest(i *Item, value string) {
	i.Kind = Digest
	got := map[string]string{}
	for _, p := range parseParams(value) {
		i.add(Field{p.name, p.value, p.name == "response"})
		got[p.name] = p.value
	}
	for _, name := range []string{"username", "realm", "nonce", "uri", "response"} {
		if _, ok := got[name]; !ok && (name != "username" || got["username*"] == "") {
			i.bad(name + " is missing")
		}
	}
	if got["qop"] == "" {
		i.warn("no qop: the response can be replayed as it is (RFC 2069)")
	} else if got["nc"] == "" || got["cnonce"] == "" {
		i.bad("nc and cnonce are needed with qop")
	}
	if a := strings.ToUpper(got["algorithm"]); a == "" || strings.HasPrefix(a, "MD5") {
		i.info("made with MD5: SHA-256 is the algorithm to ask for")
	}
	if uri := got["uri"]; uri != "" && uri != d.url.RequestURI() && uri != d.url.String() {
		i.bad("made for " + uri + ", and the request is for " + d.url.RequestURI())
	}
	i.info("the response was not checked: that takes the password")
}

// challenge emits what a server asks for.
func (d *decoder) challenge(part Part, name string, c scheme) {
	i := Item{Part: part, Name: name, Kind: Challenge, Format: clean(c.name, maxName)}
	for _, p := range c.params {
		i.field(p.name, p.value)
		if strings.EqualFold(c.name, "digest") && p.name == "stale" && strings.EqualFold(p.value, "true") {
			i.info("the nonce was too old or used: the client may answer again without asking for the password")
		}
	}
	if strings.EqualFold(c.name, "basic") && !d.https && !loopback(d.host) {
		i.warn("the password would go over the network in the clear")
	}
	d.emit(i)
}

// param is name=value; name is lower-case.
type param struct{ name, value string }

// scheme is one challenge.
type scheme struct {
	name   string
	params []param
}

// parseParams reads comma-separated name=value pairs, quoted or not. What is none is
// passed over.
func parseParams(s string) []param {
	var list []param
	for _, part := range splitQuoted(s) {
		name, value, ok := strings.Cut(part, "=")
		if name = strings.ToLower(strings.TrimSpace(name)); ok && name != "" && !strings.ContainsAny(name, " \t\"") && len(list) < maxFields {
			list = append(list, param{name, unquote(strings.TrimSpace(value))})
		}
	}
	return list
}

// challenges reads a WWW-Authenticate line: several schemes with parameters each, all
// separated by commas (RFC 9110, 11.6.1).
func challenges(s string) []scheme {
	if len(s) > maxValue {
		return nil
	}
	var list []scheme
	for _, part := range splitQuoted(s) {
		part = strings.TrimSpace(part)
		head, rest, spaced := strings.Cut(part, " ")
		switch {
		case part == "":
			continue
		case strings.Contains(head, "=") && len(list) > 0: // another parameter
			last := &list[len(list)-1]
			last.params = append(last.params, parseParams(part)...)
		case spaced && strings.HasPrefix(strings.TrimSpace(rest), "=") && len(list) > 0: // name = value
			last := &list[len(list)-1]
			last.params = append(last.params, parseParams(part)...)
		default:
			list = append(list, scheme{name: head, params: parseParams(rest)})
		}
		if len(list) == maxFields {
			break
		}
	}
	return list
}

// splitQuoted cuts s at commas that are not within quotes.
func splitQuoted(s string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ',' && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// unquote reads a quoted-string; what is none is returned as it is.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
