package httpx

import (
	"slices"
	"strconv"
	"strings"
)

// maxRanges bounds how many elements of an Accept header are looked at; browsers send
// fewer than ten.
const maxRanges = 64

// Negotiate returns the one of offers (media types, best first) that an Accept header
// asks for most, or "" if it accepts none. Without a header, or with one that holds
// nothing well-formed, that is the first. The most specific range that matches an offer
// gives its weight, and q=0 excludes it; among equals the earlier offer wins
// (RFC 9110, 12.5.1). An offer's parameters count only if the range names them.
// Join several Accept lines with a comma.
func Negotiate(accept string, offers ...string) string {
	ranges := parseAccept(accept)
	if len(ranges) == 0 {
		return first(offers)
	}
	best, bestQ := "", 0
	for _, offer := range offers {
		if q := typeWeight(ranges, offer); q > bestQ {
			best, bestQ = offer, q
		}
	}
	return best
}

// NegotiateLanguage returns the one of offers (language tags, best first) that an
// Accept-Language header asks for most, or "" if it accepts none. A range matches its own
// tag and longer ones ("en" takes "en-GB"), and where nothing better is offered also
// shorter ones ("en-gb" takes "en"), as in the lookup of RFC 4647, 3.4. q=0 excludes.
// Without a header that is the first offer.
func NegotiateLanguage(accept string, offers ...string) string {
	ranges := parseAccept(accept)
	if len(ranges) == 0 {
		return first(offers)
	}
	best, bestQ := "", 0
	for _, offer := range offers {
		if q := languageWeight(ranges, offer); q > bestQ {
			best, bestQ = offer, q
		}
	}
	return best
}

// Languages returns the tags of an Accept-Language header as they were written, the most
// wanted first; equals keep their order. What has q=0 is left out.
func Languages(accept string) []string {
	ranges := parseAccept(accept)
	slices.SortStableFunc(ranges, func(a, b acceptRange) int { return b.q - a.q })
	var tags []string
	for _, r := range ranges {
		if r.q > 0 {
			tags = append(tags, r.value)
		}
	}
	return tags
}

func first(offers []string) string {
	if len(offers) == 0 {
		return ""
	}
	return offers[0]
}

// acceptRange is an element of an Accept header.
type acceptRange struct {
	value  string   // as written, without parameters
	params []string // lower-case name=value, without q
	q      int      // in thousandths
}

// parseAccept reads the elements that are well-formed.
func parseAccept(header string) []acceptRange {
	var ranges []acceptRange
	for _, element := range splitQuoted(header, ',', maxRanges) {
		parts := splitQuoted(element, ';', maxRanges)
		r := acceptRange{value: strings.TrimSpace(parts[0]), q: 1000}
		if r.value == "" || strings.ContainsAny(r.value, " \t\"=") {
			continue
		}
		ok := true
		for _, p := range parts[1:] {
			name, value, _ := strings.Cut(p, "=")
			name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
			if name == "q" {
				if r.q, ok = parseWeight(value); !ok {
					break
				}
				continue
			}
			if name != "" {
				r.params = append(r.params, name+"="+strings.ToLower(unquote(value)))
			}
		}
		if ok {
			ranges = append(ranges, r)
		}
	}
	return ranges
}

// parseWeight reads a qvalue as thousandths: 0 to 1 with at most three decimals.
// Further decimals are cut, not refused: clients send them.
func parseWeight(s string) (int, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if whole != "0" && whole != "1" {
		return 0, false
	}
	frac = (frac + "000")[:max(3, min(len(frac), 3))]
	n, err := strconv.ParseUint(frac, 10, 16)
	if err != nil {
		return 0, false
	}
	if whole == "1" {
		return 1000, n == 0
	}
	return int(n), true
}

// typeWeight returns the weight of the most specific range that takes the offer.
func typeWeight(ranges []acceptRange, offer string) int {
	parts := splitQuoted(offer, ';', maxRanges)
	name := strings.TrimSpace(parts[0])
	main, _, _ := strings.Cut(name, "/")
	var params []string
	for _, p := range parts[1:] {
		k, v, _ := strings.Cut(p, "=")
		params = append(params, strings.ToLower(strings.TrimSpace(k))+"="+strings.ToLower(unquote(strings.TrimSpace(v))))
	}
	weight, best := 0, -1
	for _, r := range ranges {
		rank := -1
		switch rMain, rSub, _ := strings.Cut(r.value, "/"); {
		case strings.EqualFold(r.value, name):
			rank = 2
		case rSub == "*" && strings.EqualFold(rMain, main):
			rank = 1
		case r.value == "*/*" || r.value == "*": // the latter is what Java's clients send
			rank = 0
		}
		if rank < 0 || slices.ContainsFunc(r.params, func(p string) bool { return !slices.Contains(params, p) }) {
			continue
		}
		if rank += 3 * len(r.params); rank > best {
			weight, best = r.q, rank
		}
	}
	return weight
}

// languageWeight returns the weight of the closest range that takes the offer. A range
// that takes it only as a shorter form counts less than any that names it.
func languageWeight(ranges []acceptRange, offer string) int {
	weight, best := 0, -1
	for _, r := range ranges {
		rank := -1
		switch {
		case r.value == "*":
			rank = 0
		case strings.EqualFold(r.value, offer):
			rank = 1 << 20
		case tagUnder(offer, r.value):
			rank = 1<<10 + len(r.value)
		case tagUnder(r.value, offer) && r.q > 0:
			rank = 1 // found only by shortening what was asked for
			if best == 1 {
				weight = max(weight, r.q)
			}
		}
		if rank > best {
			weight, best = r.q, rank
		}
	}
	return weight
}

// tagUnder reports whether tag is a longer form of prefix.
func tagUnder(tag, prefix string) bool {
	return len(tag) > len(prefix) && tag[len(prefix)] == '-' && strings.EqualFold(tag[:len(prefix)], prefix)
}

// splitQuoted cuts s at sep, but not within quotes, into at most limit parts; what
// follows is dropped. It returns at least one part.
func splitQuoted(s string, sep byte, limit int) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[start:i])
			if start = i + 1; len(parts) == limit {
				return parts
			}
		}
	}
	return append(parts, s[start:])
}

// unquote reads a quoted-string of RFC 9110; what is none is returned as it is.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
