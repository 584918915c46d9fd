package traceback

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// masked stands for a secret.
const masked = "••••••"

// MaskSecrets hides the values of names that hold credentials: Authorization, Cookie and
// the like, and whatever is called password, token, secret, key or session. It is
// Catcher's default.
func MaskSecrets(name, value string) string {
	n := strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
	for _, s := range []string{"authorization", "cookie", "apikey", "passw", "pwd", "secret", "token", "session", "csrf", "xsrf", "credential", "privatekey", "accesskey", "signature", "otp", "pin", "cvc", "cvv", "creditcard", "cardnumber"} {
		if n == s || len(s) > 3 && strings.Contains(n, s) {
			return masked
		}
	}
	return value
}

// DescribeRequest is the request for a report. mask hides secrets; nil means MaskSecrets.
// The form is shown only where the program has parsed it: its body is not read here.
func DescribeRequest(r *http.Request, mask func(name, value string) string) *Request {
	if mask == nil {
		mask = MaskSecrets
	}
	u := *r.URL
	if u.Host == "" {
		u.Host = r.Host
	}
	if u.Scheme == "" {
		u.Scheme = "http"
		if r.TLS != nil {
			u.Scheme = "https"
		}
	}
	u.RawQuery = maskQuery(u.RawQuery, mask)
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "xxxxx")
	}
	out := &Request{Method: clean(r.Method), URL: oneLine(u.String(), maxValue), Proto: r.Proto, Remote: r.RemoteAddr}
	out.Header = maskValues(r.Header, mask)
	out.Form = maskValues(r.PostForm, mask)
	return out
}

// maskQuery keeps order and spelling; values that are masked are replaced.
func maskQuery(q string, mask func(name, value string) string) string {
	if q == "" {
		return ""
	}
	parts := strings.Split(q, "&")
	for i, p := range parts {
		k, v, _ := strings.Cut(p, "=")
		name, err := url.QueryUnescape(k)
		if err != nil {
			name = k
		}
		value, err := url.QueryUnescape(v)
		if err != nil {
			value = v
		}
		if m := mask(name, value); m != value {
			parts[i] = k + "=" + m
		}
	}
	return strings.Join(parts, "&")
}

func maskValues(values map[string][]string, mask func(name, value string) string) []inspect.Note {
	var rows []inspect.Note
	for k, vs := range values {
		for _, v := range vs {
			text, was := cut(plain(mask(k, v)), maxValue)
			if was {
				text += "…"
			}
			rows = append(rows, inspect.Note{Key: oneLine(k, maxHeadline), Value: text})
		}
	}
	slices.SortStableFunc(rows, func(a, b inspect.Note) int { return strings.Compare(a.Key, b.Key) })
	return rows[:min(len(rows), maxShownPrints)]
}
