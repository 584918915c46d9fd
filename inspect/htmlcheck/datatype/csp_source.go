package datatype

import "strings"

// sources checks a source list (CSP3 2.3.1); ancestors are sources without most keywords.
func (c *cspPolicy) sources(name string, nameStart, at, stop int, ancestors bool) {
	count, none := 0, -1
	for s, e := nextToken(c.v[:stop], at); s < e; s, e = nextToken(c.v[:stop], e) {
		w := c.v[s:e]
		if equalFold(w, "'none'") {
			none = s
		}
		count++
		c.source(s, e, ancestors)
		if c.problem != nil {
			return
		}
		if count <= maxSourcesCompared && c.repeated(at, s, w) {
			c.warn(s, e, "csp/duplicate-source", "has "+quote(w)+" twice in "+quote(name))
		}
	}
	switch {
	case count == 0:
		c.fail(nameStart, at, "csp/empty-source-list", "has "+quote(name)+" without a source: write 'none' to allow nothing")
	case none >= 0 && count > 1:
		c.fail(none, none+len("'none'"), "csp/none-with-others", "has 'none' beside other sources in "+quote(name)+": it must stand alone")
	}
}

// maxSourcesCompared bounds the comparing of each source with those before it.
const maxSourcesCompared = 64

// repeated reports whether the word stands between two offsets.
func (c *cspPolicy) repeated(from, to int, word string) bool {
	for s, e := nextToken(c.v[:to], from); s < e; s, e = nextToken(c.v[:to], e) {
		if c.v[s:e] == word {
			return true
		}
	}
	return false
}

const cspKeywords = " none self unsafe-inline unsafe-eval strict-dynamic unsafe-hashes report-sample wasm-unsafe-eval" +
	" unsafe-allow-redirects inline-speculation-rules trusted-types-eval report-sha256 report-sha384 report-sha512" +
	" unsafe-webtransport-hashes "

// source checks one source expression.
func (c *cspPolicy) source(s, e int, ancestors bool) {
	w := c.v[s:e]
	if w[0] == '\'' {
		c.keyword(s, e, ancestors)
		return
	}
	if hasWord(cspKeywords, w) {
		c.warn(s, e, "csp/unquoted-keyword", "has the host "+quote(w)+": for the keyword write '"+w+"' with its quotes")
		return
	}
	if strings.Trim(w, `"'`) != w {
		c.fail(s, e, "csp/source-expression", "has "+quote(w)+", which is no source: keywords stand in single quotes, such as 'self'")
		return
	}
	if w == "*" || isScheme(strings.TrimSuffix(w, ":")) && w[len(w)-1] == ':' || isHostSource(w) {
		return
	}
	c.fail(s, e, "csp/source-expression", "has "+quote(w)+", which is no source; it must be a host such as https://example.com, a scheme such as data:, or a keyword such as 'self'")
}

// keyword checks a source in single quotes.
func (c *cspPolicy) keyword(s, e int, ancestors bool) {
	w := c.v[s:e]
	if len(w) < 3 || w[len(w)-1] != '\'' {
		c.fail(s, e, "csp/source-expression", "has "+quote(w)+", whose closing quote is missing")
		return
	}
	inner := w[1 : len(w)-1]
	if ancestors {
		if !equalFold(inner, "self") && !equalFold(inner, "none") {
			c.fail(s, e, "csp/source-expression", "has "+quote(w)+", which frame-ancestors does not know: it takes hosts, schemes, 'self' and 'none'")
		}
		return
	}
	switch {
	case hasWord(cspKeywords, inner):
	case hasPrefixFold(inner, "nonce-"):
		if !isCSPBase64(inner[len("nonce-"):]) {
			c.fail(s, e, "csp/nonce", "has the nonce "+quote(w)+"; a nonce is base64, such as 'nonce-r4nd0m'")
		}
	case hasPrefixFold(inner, "sha"):
		c.hash(s, e, inner)
	default:
		c.fail(s, e, "csp/source-expression", "has the unknown keyword "+quote(w)+": keywords are 'self', 'none', 'unsafe-inline', 'unsafe-eval', 'strict-dynamic', 'unsafe-hashes', 'report-sample', 'wasm-unsafe-eval', 'nonce-…' and 'sha256-…'")
	}
}

func (c *cspPolicy) hash(s, e int, inner string) {
	length := 0
	switch {
	case hasPrefixFold(inner, "sha256-"):
		length = 44
	case hasPrefixFold(inner, "sha384-"):
		length = 64
	case hasPrefixFold(inner, "sha512-"):
		length = 88
	}
	if length == 0 || !isCSPBase64(inner[len("sha256-"):]) {
		c.fail(s, e, "csp/hash", "has the hash "+quote(c.v[s:e])+"; it must be sha256-, sha384- or sha512- and base64")
		return
	}
	if len(inner)-len("sha256-") != length {
		c.warn(s, e, "csp/hash", "has the hash "+quote(c.v[s:e])+" of the wrong length, so that it matches nothing")
	}
}

// isCSPBase64 reports the base64-value of CSP3.
func isCSPBase64(s string) bool {
	i := 0
	for i < len(s) && (isAlpha(s[i]) || isDigit(s[i]) || s[i] == '+' || s[i] == '/' || s[i] == '-' || s[i] == '_') {
		i++
	}
	pad := len(s) - i
	return i > 0 && pad <= 2 && strings.Trim(s[i:], "=") == ""
}

func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAlpha(c) && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// isHostSource reports a host-source of CSP3, but for the path, which may be anything.
func isHostSource(s string) bool {
	if i := strings.Index(s, "://"); i >= 0 {
		if !isScheme(s[:i]) {
			return false
		}
		s = s[i+3:]
	}
	if i := strings.IndexByte(s, '/'); i >= 0 {
		s = s[:i]
	}
	if host, port, ok := strings.Cut(s, ":"); ok {
		if port != "*" && (port == "" || digits(port, 0) != len(port)) {
			return false
		}
		s = host
	}
	if s == "*" {
		return true
	}
	s = strings.TrimPrefix(s, "*.")
	if s == "" {
		return false
	}
	label := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isAlpha(c) || isDigit(c) || c == '-':
			label++
		case c == '.' && label > 0:
			label = 0
		default:
			return false
		}
	}
	return label > 0 || s[len(s)-1] == '.'
}
