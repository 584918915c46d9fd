package datatype

import "strings"

// checkAllow warns of a serialized permissions policy that browsers read otherwise than it
// looks: the form of the HTTP header in an attribute, keywords without quotes.
func checkAllow(v string) *Problem {
	for at := 0; at < len(v); {
		end := at + strings.IndexByte(v[at:], ';')
		if end < at {
			end = len(v)
		}
		if p := allowDirective(v, at, end); p != nil {
			return p
		}
		at = end + 1
	}
	return nil
}

func allowDirective(v string, start, stop int) *Problem {
	warn := func(s, e int, message string) *Problem {
		return &Problem{Start: s, End: e, Message: message, Warning: true, Rule: "attr-value/permissions-policy"}
	}
	s, e := nextToken(v[:stop], start)
	if s == e {
		return nil
	}
	if i := strings.IndexAny(v[s:e], "=,("); i >= 0 {
		return warn(s, e, "has "+quote(v[s:e])+": an attribute lists features as \"camera 'self'; fullscreen\", not as the Permissions-Policy header does")
	}
	for i := e; ; {
		s, e = nextToken(v[:stop], i)
		if i = e; s == e {
			return nil
		}
		switch word := strings.ToLower(strings.Trim(v[s:e], `'"`)); word {
		case "self", "src", "none":
			if v[s] != '\'' || v[e-1] != '\'' || e-s != len(word)+2 {
				return warn(s, e, "has "+quote(v[s:e])+", which is read as the name of a host: write '"+word+"'")
			}
		default:
			if v[s] == '\'' || v[s] == '"' {
				return warn(s, e, "has the unknown keyword "+quote(v[s:e])+": use *, 'self', 'src', 'none' or an origin such as https://example.com")
			}
		}
	}
}
