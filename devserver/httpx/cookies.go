package httpx

import (
	"net/http"
	"net/url"
	"strings"
)

// maxPairs bounds the cookies and the query parameters that are read: many times what a
// browser keeps for a site, and what net/http stops at.
const maxPairs = 3000

// Cookie is a cookie as a client sent it.
type Cookie struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Quoted  bool   `json:"quoted,omitempty"`  // the value stood in quotes, which are gone
	Problem string `json:"problem,omitempty"` // what is wrong with it by RFC 6265; empty if nothing is
}

// Cookies reads every Cookie line of a header, in order. Unlike [http.Request.Cookies],
// which drops what it does not like (a value with a quote, such as JSON) and drops all
// when there are more than 3,000, a bad cookie is returned with its Problem, hides none
// of its neighbours, and of too many the first 3,000 are kept.
func Cookies(h http.Header) []Cookie {
	var cookies []Cookie
	for _, line := range h["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if part = strings.Trim(part, " \t"); part == "" {
				continue
			}
			if len(cookies) == maxPairs {
				return cookies
			}
			cookies = append(cookies, parseCookie(part))
		}
	}
	return cookies
}

func parseCookie(part string) Cookie {
	name, value, found := strings.Cut(part, "=")
	c := Cookie{Name: strings.Trim(name, " \t"), Value: strings.Trim(value, " \t")}
	if n := len(c.Value); n > 1 && c.Value[0] == '"' && c.Value[n-1] == '"' && !strings.Contains(c.Value[1:n-1], `"`) {
		c.Value, c.Quoted = c.Value[1:n-1], true
	}
	switch {
	case !found:
		c.Problem = "no = between name and value"
	case !isToken(c.Name):
		c.Problem = "the name is not a token"
	case strings.ContainsFunc(c.Value, func(r rune) bool { return r < ' ' || r >= 0x7f || r == '"' || r == '\\' }):
		c.Problem = "the value holds a character that must be encoded"
	}
	return c
}

// isToken is RFC 9110, 5.6.2.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// Param is one parameter of a query.
type Param struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Bare  bool   `json:"bare,omitempty"` // there was no "=": "?a" and not "?a="
}

// ParseQuery reads a query in its order, blanks kept. It never fails: what cannot be
// decoded stays as it was written. Of more than 3,000 parameters the rest is dropped.
func ParseQuery(raw string) []Param {
	var params []Param
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		if len(params) == maxPairs {
			break
		}
		key, value, found := strings.Cut(part, "=")
		params = append(params, Param{decode(key), decode(value), !found})
	}
	return params
}

func decode(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// EncodeQuery writes parameters as a query, in their order.
func EncodeQuery(params []Param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.Key))
		if !p.Bare {
			b.WriteByte('=')
			b.WriteString(url.QueryEscape(p.Value))
		}
	}
	return b.String()
}
