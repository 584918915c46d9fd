package digest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// headerLimit bounds an Authorization header: the longest request target that servers
// commonly take, and room for the rest.
const headerLimit = 16 << 10

// credentials are what a client answers to a challenge (RFC 7616 section 3.4).
type credentials struct {
	user, realm, nonce, uri, response, cnonce string
	algorithm                                 Algorithm
	nc                                        uint32
	count                                     string // nc as it stood
}

// parse reads an Authorization header. Its errors repeat nothing of the header's values.
func parse(header string) (c credentials, err error) {
	params, err := parseParams(header)
	if err != nil {
		return c, err
	}
	if c.user, err = username(params); err != nil {
		return c, err
	}
	for _, f := range []struct {
		name string
		to   *string
	}{
		{"realm", &c.realm}, {"nonce", &c.nonce}, {"uri", &c.uri}, {"response", &c.response},
		{"qop", new(string)}, {"nc", &c.count}, {"cnonce", &c.cnonce},
	} {
		v, ok := params[f.name]
		if !ok || v == "" && f.name != "realm" {
			return c, fmt.Errorf("it has no %s", f.name)
		}
		*f.to = v
	}
	if !strings.EqualFold(params["qop"], "auth") {
		return c, errors.New("its qop is not auth")
	}
	if strings.EqualFold(params["userhash"], "true") {
		return c, errors.New("it hashes the user's name, which was not offered")
	}
	nc, err := strconv.ParseUint(c.count, 16, 32)
	if err != nil || len(c.count) != 8 || nc == 0 {
		return c, errors.New("its nc is not a count of 8 hexadecimal digits from 00000001 on")
	}
	c.nc = uint32(nc)
	c.algorithm = algorithmOf(params)
	c.response = strings.ToLower(c.response)
	if n := c.algorithm.size(); n > 0 && len(c.response) != hex.EncodedLen(n) {
		return c, errors.New("its response has not the length of the algorithm's sums")
	}
	return c, nil
}

// algorithmOf returns the algorithm, MD5 if none is named, as challenges name it.
func algorithmOf(params map[string]string) Algorithm {
	name, ok := params["algorithm"]
	switch {
	case !ok:
		return MD5
	case strings.EqualFold(name, string(MD5)):
		return MD5
	case strings.EqualFold(name, string(SHA256)):
		return SHA256
	}
	return Algorithm(name)
}

// username returns the user, which stands in one of two forms.
func username(params map[string]string) (string, error) {
	user, plain := params["username"]
	ext, extended := params["username*"]
	switch {
	case plain && extended:
		return "", errors.New("it names the user twice")
	case !plain && !extended:
		return "", errors.New("it has no username")
	case extended:
		// RFC 8187 section 3.2: charset, language, value in percent-encoding.
		parts := strings.SplitN(ext, "'", 3)
		if len(parts) != 3 || !strings.EqualFold(parts[0], "UTF-8") {
			return "", errors.New("its username* is not of the form UTF-8''name")
		}
		var err error
		if user, err = url.PathUnescape(parts[2]); err != nil {
			return "", errors.New("its username* has a bad percent sign")
		}
	}
	if user == "" {
		return "", errors.New("its username is empty")
	}
	if !utf8.ValidString(user) {
		return "", errors.New("its username is not UTF-8")
	}
	if strings.ContainsFunc(user, unicode.IsControl) {
		return "", errors.New("there is a control character in its username")
	}
	return user, nil
}

// parseParams reads the scheme and the list of name=value behind it; a value is a token
// or a quoted string, in which a comma is a character as any other (RFC 9110 section 11).
// Names are returned in lower case, a name that occurs twice is an error.
func parseParams(header string) (map[string]string, error) {
	if len(header) > headerLimit {
		return nil, errors.New("it is longer than 16 KiB")
	}
	scheme, s, _ := strings.Cut(strings.Trim(header, " \t"), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return nil, errors.New("it begins with another word")
	}
	params := make(map[string]string)
	for {
		s = strings.TrimLeft(s, " \t,")
		if s == "" {
			return params, nil
		}
		name, rest, ok := strings.Cut(s, "=")
		name = strings.ToLower(strings.TrimRight(name, " \t"))
		if !ok || !isToken(name) {
			return nil, errors.New("it is not a list of name=value")
		}
		if _, ok := params[name]; ok {
			return nil, errors.New("it has a parameter twice")
		}
		value, rest, err := parseValue(strings.TrimLeft(rest, " \t"))
		if err != nil {
			return nil, err
		}
		params[name] = value
		if s = strings.TrimLeft(rest, " \t"); s != "" && s[0] != ',' {
			return nil, errors.New("there is no comma after a value")
		}
	}
}

// parseValue reads a value at the start of s and returns what follows it.
func parseValue(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ", \t")
		if end < 0 {
			end = len(s)
		}
		if !isToken(s[:end]) {
			return "", "", errors.New("a value is neither a token nor in quotes")
		}
		return s[:end], s[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], nil
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c < ' ' && c != '\t' || c == 0x7f:
			return "", "", errors.New("there is a control character in it")
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errors.New("a quote is not closed")
}

// isToken reports whether s is a token (RFC 9110 section 5.6.2). Unlike there, '=' is
// part of one where no quote begins the value, as some clients send their cnonce so.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),:;<>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
