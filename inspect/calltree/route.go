package calltree

import "strings"

const (
	maxRoute = 200 // bytes of a route; what is longer differs by what is in it
	hashFrom = 7   // digits of a hexadecimal hash: git's short ones
	codeFrom = 16  // characters of a random code in letters and digits: half a UUID
)

// Route returns the route that a request belongs to: its method, and its path with what
// varies from request to request as {}: numbers and dates, UUIDs, hexadecimal hashes and
// long random codes, also between the dots of a segment. "GET /cart/17" is
// "GET /cart/{}", "/app.3f9a2c81.js" is "/app.{}.js". It is at most about 200 bytes;
// what is longer ends with an ellipsis.
func Route(method, path string) string {
	if path == "" {
		path = "/"
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		switch {
		case s == "":
		case varies(s):
			segments[i] = "{}"
		case strings.Contains(s, "."):
			parts := strings.Split(s, ".")
			for k, part := range parts {
				if varies(part) {
					parts[k] = "{}"
				}
			}
			segments[i] = strings.Join(parts, ".")
		}
	}
	route := line(method + " " + strings.Join(segments, "/"))
	if len(route) > maxRoute {
		cut := maxRoute
		for cut > 0 && route[cut]&0xc0 == 0x80 { // not within a rune
			cut--
		}
		route = route[:cut] + "…"
	}
	return route
}

// varies reports whether s, a segment or a part of one, names one thing of many.
func varies(s string) bool {
	var digits, lower, upper, hex, marks, other int
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			hex++
		case c >= 'a' && c <= 'z':
			lower++
			if c <= 'f' {
				hex++
			}
		case c >= 'A' && c <= 'Z':
			upper++
			if c <= 'F' {
				hex++
			}
		case strings.IndexByte("-_:+=", c) >= 0:
			marks++
		default:
			other++
		}
	}
	letters := lower + upper
	switch {
	case digits == 0 || other > 0:
		return false
	case letters == 0: // a number, a date
		return true
	case len(s) == 36 && marks == 4 && hex == 32: // a UUID
		return true
	case marks == 0 && hex == len(s) && digits >= 2:
		return len(s) >= hashFrom
	case lower > 0 && upper > 0: // words are hardly ever written so, and have no digits
		return len(s) >= codeFrom
	}
	return marks == 0 && len(s) >= codeFrom && digits >= 4
}
