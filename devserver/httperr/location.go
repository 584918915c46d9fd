package httperr

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// needsLocation reports whether a status says nothing without a Location.
func needsLocation(code int) bool {
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusUseProxy,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// cleanLocation returns a location as it can be sent: ASCII without control bytes and
// spaces. It refuses what could end the field or is no URL.
func cleanLocation(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("%w: it is empty", ErrLocation)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return "", fmt.Errorf("%w: control byte %#02x in %q", ErrLocation, s[i], s)
		}
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c == ' ' || c >= 0x80 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if _, err := url.Parse(b.String()); err != nil {
		return "", fmt.Errorf("%w: %w", ErrLocation, err)
	}
	return b.String(), nil
}

// linkable reports whether a page may link to a location: not a script.
func linkable(location string) bool {
	u, err := url.Parse(location)
	return err == nil && (u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https")
}
