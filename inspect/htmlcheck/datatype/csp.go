package datatype

import (
	"strings"

	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

// cspPolicy checks serialized policies, separated by commas. The first error ends it; the
// first warning is kept for the case that there is none.
type cspPolicy struct {
	v                string
	problem, warning *Problem
}

// checkCSP checks the content of <meta http-equiv=content-security-policy>.
func checkCSP(v string) *Problem {
	c := cspPolicy{v: v}
	for i := 0; i < len(v); i++ {
		if v[i] >= 0x80 {
			c.fail(i, i+1, "csp/characters", "has a character outside of ASCII: write hosts in Punycode and paths with %-escapes")
			return c.problem
		}
	}
	for at := 0; at <= len(v) && c.problem == nil; {
		at = c.policy(at)
	}
	if c.problem == nil {
		return c.warning
	}
	return c.problem
}

func (c *cspPolicy) fail(start, end int, rule finding.Rule, message string) {
	if c.problem == nil {
		c.problem = &Problem{Start: start, End: end, Rule: rule, Message: message}
	}
}

func (c *cspPolicy) warn(start, end int, rule finding.Rule, message string) {
	if c.warning == nil {
		c.warning = &Problem{Start: start, End: end, Rule: rule, Message: message, Warning: true}
	}
}

// policy checks the policy that begins at an offset and returns the offset of the next.
func (c *cspPolicy) policy(at int) int {
	end := len(c.v)
	if i := strings.IndexByte(c.v[at:], ','); i >= 0 {
		end = at + i
	}
	var seen uint64
	for at <= end && c.problem == nil {
		stop := end
		if i := strings.IndexByte(c.v[at:end], ';'); i >= 0 {
			stop = at + i
		}
		c.directive(at, stop, &seen)
		at = stop + 1
	}
	return end + 1
}

// cspDirectives are the known ones with the form of their values: s a source list, a one of
// ancestors, n nothing, o something of its own. A capital letter says deprecated.
const cspDirectives = " default-src=s child-src=s connect-src=s font-src=s frame-src=s img-src=s manifest-src=s media-src=s" +
	" object-src=s prefetch-src=S script-src=s script-src-elem=s script-src-attr=s style-src=s style-src-elem=s" +
	" style-src-attr=s worker-src=s fenced-frame-src=s base-uri=s form-action=s frame-ancestors=a navigate-to=s report-uri=R" +
	" report-to=r sandbox=b upgrade-insecure-requests=n block-all-mixed-content=n plugin-types=P referrer=F" +
	" require-trusted-types-for=q trusted-types=t webrtc=w "

// cspDirective returns the number and the form of a directive; form is 0 when it is unknown.
func cspDirective(name string) (n int, form byte) {
	list := cspDirectives
	for ; len(list) > 1; n++ {
		list = list[1:]
		end := strings.IndexByte(list, ' ')
		if strings.EqualFold(list[:end-2], name) {
			return n, list[end-1]
		}
		list = list[end:]
	}
	return 0, 0
}

// directive checks the directive between two offsets.
func (c *cspPolicy) directive(at, stop int, seen *uint64) {
	s, e := nextToken(c.v[:stop], at)
	if s == e {
		return
	}
	name := c.v[s:e]
	for i := 0; i < len(name); i++ {
		if b := name[i]; !isAlpha(b) && !isDigit(b) && b != '-' {
			c.fail(s, e, "csp/directive-name", "has the directive "+quote(name)+" with "+nameRune(rune(b))+" in its name: a space separates the name from its values")
			return
		}
	}
	n, form := cspDirective(name)
	if form == 0 {
		c.warn(s, e, "csp/unknown-directive", "has the unknown directive "+quote(name)+", which browsers ignore")
		return
	}
	if *seen&(1<<n) != 0 {
		c.warn(s, e, "csp/duplicate-directive", "has the directive "+quote(name)+" twice: browsers read the first only")
	}
	*seen |= 1 << n
	c.values(name, form, s, e, stop)
}

// values checks what follows the name of a directive.
func (c *cspPolicy) values(name string, form byte, s, e, stop int) {
	first, firstEnd := nextToken(c.v[:stop], e)
	none := first == firstEnd
	switch form {
	case 's', 'a':
		c.sources(name, s, e, stop, form == 'a')
	case 'S':
		c.sources(name, s, e, stop, false)
		c.warn(s, e, "csp/deprecated-directive", "has the deprecated directive "+quote(name)+": default-src covers prefetching")
	case 'n':
		if !none {
			c.fail(first, stop, "csp/directive-value", "has a value for "+quote(name)+", which takes none")
		}
	case 'R':
		if none {
			c.fail(s, e, "csp/directive-value", "has "+quote(name)+" without an address to report to")
		}
		c.warn(s, e, "csp/deprecated-directive", "has \"report-uri\", which meta elements ignore and report-to has replaced")
	case 'r':
		if _, second := nextToken(c.v[:stop], firstEnd); none || second > firstEnd && strings.TrimSpace(c.v[firstEnd:stop]) != "" {
			c.fail(s, stop, "csp/directive-value", "has "+quote(name)+" with other than one name of a reporting endpoint")
		}
	case 'P':
		for ; first < firstEnd; first, firstEnd = nextToken(c.v[:stop], firstEnd) {
			if i := strings.IndexByte(c.v[first:firstEnd], '/'); i <= 0 || i == firstEnd-first-1 {
				c.fail(first, firstEnd, "csp/directive-value", "has "+quote(c.v[first:firstEnd])+" for plugin-types, which takes MIME types")
			}
		}
		c.warn(s, e, "csp/deprecated-directive", "has the deprecated directive \"plugin-types\": use object-src 'none'")
	case 'F':
		c.warn(s, e, "csp/deprecated-directive", "has the deprecated directive \"referrer\": use <meta name=referrer> or the Referrer-Policy header")
	case 'b':
		c.sandbox(e, stop)
	case 'q':
		c.trustedFor(name, e, stop)
	case 't':
		c.trustedTypes(s, e, stop)
	}
}

func (c *cspPolicy) sandbox(at, stop int) {
	p, _ := sandboxTokens(c.v, at, stop)
	switch {
	case p == nil:
	case strings.HasSuffix(p.Message, "once is enough"):
		c.warn(p.Start, p.End, "csp/sandbox", p.Message)
	case hasPrefixFold(c.v[p.Start:], "allow-storage-access") || hasPrefixFold(c.v[p.Start:], "allow-downloads-without"):
		// once proposed; no error where browsers know it
	default:
		c.fail(p.Start, p.End, "csp/sandbox", p.Message)
	}
}

func (c *cspPolicy) trustedFor(name string, at, stop int) {
	for s, e := nextToken(c.v[:stop], at); s < e; s, e = nextToken(c.v[:stop], e) {
		if !equalFold(c.v[s:e], "'script'") {
			c.fail(s, e, "csp/directive-value", "has "+quote(c.v[s:e])+" for "+name+", which takes 'script' with its quotes")
		}
	}
}

func (c *cspPolicy) trustedTypes(start, at, stop int) {
	names, duplicates := 0, false
	for s, e := nextToken(c.v[:stop], at); s < e; s, e = nextToken(c.v[:stop], e) {
		switch w := c.v[s:e]; {
		case equalFold(w, "'none'"):
			names++
		case equalFold(w, "'allow-duplicates'"):
			duplicates = true
		case w[0] == '\'':
			c.fail(s, e, "csp/directive-value", "has the unknown keyword "+quote(w)+" for trusted-types, which knows 'none' and 'allow-duplicates'")
		default:
			names++
			if w == "*" {
				c.warn(s, e, "csp/trusted-types", "allows trusted types of every name with *")
			}
		}
	}
	if names == 0 && duplicates {
		c.warn(start, stop, "csp/trusted-types", "has 'allow-duplicates' without the name of a policy")
	} else if names == 0 {
		c.warn(start, stop, "csp/trusted-types", "has an empty trusted-types, which allows no policy: say 'none'")
	}
}
