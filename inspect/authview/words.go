package authview

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// clean returns s as valid UTF-8 without control characters, cut to limit bytes.
func clean(s string, limit int) string {
	cut := len(s) > limit
	if cut {
		s = s[:limit]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if len(s) > 0 && s[len(s)-1] >= utf8.RuneSelf {
			s = s[:len(s)-1]
		}
	}
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029' {
			return '\ufffd'
		}
		return c
	}, strings.ToValidUTF8(s, "\ufffd"))
	if cut {
		s += "…"
	}
	return s
}

// readable reports whether b is text that one can show.
func readable(b []byte) bool {
	return len(b) > 0 && utf8.Valid(b) && !slices.ContainsFunc([]rune(string(b)), func(c rune) bool { return c != '\n' && c != '\t' && unicode.IsControl(c) })
}

// ago tells a distance in time in words, rounded down: "3 min", "2 days".
func ago(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d < 2*365*24*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return fmt.Sprintf("%d years", d/(365*24*time.Hour))
}

// relative tells when t is, seen from the request.
func (d *decoder) relative(t time.Time) string {
	if t.Before(d.at) {
		return ago(d.at.Sub(t)) + " before the request"
	}
	return ago(t.Sub(d.at)) + " after the request"
}

// when writes t and how far it is from the request.
func (d *decoder) when(t time.Time) string {
	return t.UTC().Format("2006-01-02 15:04:05 UTC") + " (" + d.relative(t) + ")"
}

// expiry notes whether an item had expired when the request came.
func (d *decoder) expiry(i *Item, t time.Time) {
	if !t.After(d.at) {
		i.bad("expired " + d.relative(t))
	}
}

// plausible reports whether Unix seconds can be a date of a credential.
func plausible(seconds int64) bool { return seconds > 946684800 && seconds < 7258118400 } // 2000 to 2200

// unbase64 decodes base64 in either alphabet, padded or not.
func unbase64(s string) ([]byte, bool) {
	s = strings.TrimRight(s, "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.RawURLEncoding
	}
	if s == "" || strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := enc.DecodeString(s)
	return b, err == nil
}

// secretParts make a name's value secret wherever they stand in it.
var secretParts = []string{"pass", "pwd", "secret", "token", "csrf", "xsrf", "apikey", "api_key", "private", "credential", "session", "sessid", "otp", "signature"}

// secretName reports whether a value under name may let somebody in.
func secretName(name string) bool {
	name = strings.ToLower(name)
	return name == "sid" || name == "key" || name == "pin" || strings.HasSuffix(name, "_key") || strings.HasSuffix(name, "_sid") ||
		slices.ContainsFunc(secretParts, func(p string) bool { return strings.Contains(name, p) })
}

// sessionName reports whether cookies of this name hold session ids.
func sessionName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "sess") || name == "sid" || name == "_sid_" ||
		strings.HasSuffix(name, ".sid") || strings.HasSuffix(name, "_sid") || strings.HasSuffix(name, "-sid")
}

func csrfName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "csrf") || strings.Contains(name, "xsrf")
}

// loopback reports whether a host is this machine, where http is as good as https.
func loopback(host string) bool {
	host = strings.Trim(host, "[]")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "::1"
}
