package inject

import (
	"net/http"
	"slices"
	"strings"
)

// policyFields are the two header fields of Content Security Policy. A policy in a
// <meta> of the page holds from there on, after the tag, and is left alone: see [Tag.Meta].
var policyFields = [...]string{"Content-Security-Policy", "Content-Security-Policy-Report-Only"}

// allow widens every policy in h, as little as can be, so that the script at folder
// on host may load and may talk to its endpoints in folder. With an empty nonce only
// the folder is allowed. https://www.w3.org/TR/CSP3/
func allow(h http.Header, host, folder, nonce string) {
	for _, name := range policyFields {
		lines := slices.Clone(h[name]) // the recorded header may share the slice
		for i, line := range lines {
			policies := strings.Split(line, ",") // no source expression holds a comma
			for j, p := range policies {
				policies[j] = widen(p, hostSource(host, folder), nonce)
			}
			lines[i] = strings.Join(policies, ",")
		}
		if lines != nil {
			h[name] = lines
		}
	}
}

// hostSource returns the source expression for folder on host, or "" where the
// grammar has none: it knows no IPv6 address (CSP3 section 2.3.1).
func hostSource(host, folder string) string {
	for _, c := range []byte(host) {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == ':'
		if !ok {
			return ""
		}
	}
	if host == "" || strings.ContainsAny(folder, ";, ") {
		return ""
	}
	return host + folder
}

// widen returns policy with our script and connections allowed, or policy itself
// where it allows them already.
func widen(policy, host, nonce string) string {
	p := parsePolicy(policy)
	changed := p.add(scriptSources(p.effective("script-src-elem", "script-src", "default-src"), host, nonce),
		"script-src-elem", "script-src", "default-src")
	changed = p.add(connectSources(p.effective("connect-src", "default-src"), host), "connect-src", "default-src") || changed
	if !changed {
		return policy
	}
	return p.String()
}

// scriptSources returns what a list of script sources lacks for our tag.
//
// The nonce is not added beside an 'unsafe-inline' that is in force: a nonce
// switches that off and with it the page's inline scripts. The host is not added
// beside 'strict-dynamic', which ignores hosts and 'self'.
func scriptSources(d *directive, host, nonce string) []string {
	if d == nil {
		return nil // no limit
	}
	strict := d.has("'strict-dynamic'")
	if !strict && (d.has("'self'") || d.has("*")) {
		return nil
	}
	var add []string
	if nonce != "" && (strict || !d.has("'unsafe-inline'") || d.hasNonceOrHash()) {
		add = append(add, "'nonce-"+nonce+"'")
	}
	if !strict {
		if host == "" && len(add) == 0 {
			host = "'self'"
		}
		if host != "" {
			add = append(add, host)
		}
	}
	return add
}

// connectSources returns what a list of connection sources lacks for our endpoints.
func connectSources(d *directive, host string) []string {
	if d == nil || d.has("'self'") || d.has("*") {
		return nil
	}
	if host == "" {
		return []string{"'self'"}
	}
	return []string{host}
}

// sandboxed reports whether an enforced policy denies the page scripts, or its own
// origin and with it our endpoints. A tag would only print errors there.
func sandboxed(h http.Header) bool {
	for _, line := range h.Values(policyFields[0]) {
		for policy := range strings.SplitSeq(line, ",") {
			d := parsePolicy(policy).effective("sandbox")
			if d != nil && !(d.has("allow-scripts") && d.has("allow-same-origin")) {
				return true
			}
		}
	}
	return false
}

// A policy is an ordered list of directives; of a repeated name the first counts.
type policy []*directive

type directive struct {
	name    string // lower case
	written string // the name as the target wrote it
	values  []string
}

func parsePolicy(s string) policy {
	var p policy
	for part := range strings.SplitSeq(s, ";") {
		if f := strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune("\t\n\f\r ", r) }); len(f) > 0 {
			p = append(p, &directive{strings.ToLower(f[0]), f[0], f[1:]})
		}
	}
	return p
}

// effective returns the first directive present of a fallback list, or nil.
func (p policy) effective(names ...string) *directive {
	for _, name := range names {
		for _, d := range p {
			if d.name == name {
				return d
			}
		}
	}
	return nil
}

// add appends sources to the effective directive of names. The last of names is
// the common fallback (default-src): it is not changed but copied into a directive
// of the name before it.
func (p *policy) add(sources []string, names ...string) bool {
	if len(sources) == 0 {
		return false
	}
	d := p.effective(names...)
	if d.name == names[len(names)-1] {
		own := names[len(names)-2]
		d = &directive{own, own, append([]string(nil), d.values...)}
		*p = append(*p, d)
	}
	var kept []string
	for _, v := range d.values {
		if !strings.EqualFold(v, "'none'") { // means nothing beside other sources, and browsers warn of it
			kept = append(kept, v)
		}
	}
	d.values = append(kept, sources...)
	return true
}

func (d *directive) has(value string) bool {
	for _, v := range d.values {
		if strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}

func (d *directive) hasNonceOrHash() bool {
	for _, v := range d.values {
		v = strings.ToLower(v)
		if strings.HasPrefix(v, "'nonce-") || strings.HasPrefix(v, "'sha256-") ||
			strings.HasPrefix(v, "'sha384-") || strings.HasPrefix(v, "'sha512-") {
			return true
		}
	}
	return false
}

func (p policy) String() string {
	parts := make([]string, len(p))
	for i, d := range p {
		parts[i] = strings.Join(append([]string{d.written}, d.values...), " ")
	}
	return strings.Join(parts, "; ")
}
