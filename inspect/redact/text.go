package redact

import (
	"regexp"
	"slices"
	"strings"
)

// The forms of secrets in running text; read only.
var (
	// jwt: the header begins with {" in base64url; what stands after the second dot
	// is the signature, or the rest of an encrypted token.
	jwt = regexp.MustCompile(`(eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{2,}\.)([A-Za-z0-9_.-]+)`)
	// scheme: credentials as they stand in an Authorization field.
	scheme = regexp.MustCompile(`(?i)\b(bearer|basic)( +)([A-Za-z0-9._~+/=-]{6,})`)
	// userinfo: what stands before the @ of a URL.
	userinfo = regexp.MustCompile(`(://)([^/?#@\s"'<>]+)@`)
	// issued: keys whose issuer gave them a beginning of their own.
	// Tickets of CAS are among them: one that was not shown to its server yet lets anybody in.
	issued = regexp.MustCompile(`\b(gh[pousr]_|github_pat_|glpat-|xox[abposr]-|[sr]k_(?:live|test)_|sk-(?:ant-|proj-)?|npm_|AKIA|ASIA|AIza|(?:[SP]T|[PT]GT|PGTIOU|TGC)-[0-9]{1,10}-)([A-Za-z0-9_-]{16,})`)
	// pem: a private key, with line ends as they are or as JSON writes them.
	pem = regexp.MustCompile(`(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)([^-]+)`)
	// assignment: name=value in queries, fragments, log lines, environment; with or
	// without quotes.
	assignment = regexp.MustCompile(`([A-Za-z0-9_.\[\]%-]+)(=)("[^"\n]*"?|'[^'\n]*'?|[^\s&"<>]+)`)
	// condition: name = 'value' with blanks, as in SQL and in settings. A double-quoted text
	// with a dot behind it is a name in SQL.
	condition = regexp.MustCompile(`(?i)([A-Za-z0-9_.\[\]"` + "`" + `%-]+)(\s*(?:<>|!=|\bi?like\b)\s*|\s+=\s*|=\s+)('(?:[^']|'')*'?|"[^"\n]*"?)(\.?)`)
	// member: "name": "value" in JSON, also where it was quoted into another string.
	member = regexp.MustCompile(`(\\*["'])([A-Za-z0-9_. -]+)(\\*["']\s*:\s*)(\\*["'])((?:[^"'\\]|\\[^"'\\])*)`)
	// line: "Name: value" with a name that is hardly ever a word of prose.
	line = regexp.MustCompile(`(?i)\b((?:x-)?(?:api[-_ ]?key|auth[-_]token|csrf[-_]token|xsrf[-_]token|password|passwd|client[-_]secret|access[-_]token|refresh[-_]token)|(?:set-)?cookie|(?:proxy-)?authorization)(: *)([^\s"',;][^\n"]*)`)
)

// Text returns s, a log line, an error, a URL or a text body, with what looks like a
// secret masked: bearer and basic credentials, signatures of JWTs, keys with an issuer's
// beginning, private keys, user information of URLs, name=value, name = 'value' and "name":"value" with a
// secret name, and Patterns.
func (r *Redactor) Text(s string) string {
	if len(s) > maxBody {
		s = s[:maxBody]
	}
	if strings.Contains(s, ":") && holdsAny(s, "pass", "key", "token", "secret", "cookie", "authorization") {
		s = line.ReplaceAllStringFunc(s, r.maskLine)
	}
	if strings.Contains(s, "=") {
		s = assignment.ReplaceAllStringFunc(s, r.maskAssignment)
	}
	if holdsAny(s, `= '`, `= "`, ` ='`, ` ="`, "<>", "!=", "like '", `like "`) {
		s = condition.ReplaceAllStringFunc(s, r.maskCondition)
	}
	if strings.Contains(s, ":") && strings.ContainsAny(s, `"'`) {
		s = member.ReplaceAllStringFunc(s, r.maskMember)
	}
	return r.forms(s)
}

// holdsAny reports whether s has one of words, in any case: a quick test before a dear
// expression.
func holdsAny(s string, words ...string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// forms masks what is secret by its form alone, under whatever name.
func (r *Redactor) forms(s string) string {
	if strings.Contains(s, "eyJ") {
		s = jwt.ReplaceAllString(s, "${1}"+Mask)
	}
	if strings.Contains(s, " ") && holdsAny(s, "bearer ", "basic ") {
		s = scheme.ReplaceAllStringFunc(s, maskScheme)
	}
	if strings.Contains(s, "@") {
		s = userinfo.ReplaceAllString(s, "${1}"+Mask+"@")
	}
	if strings.Contains(s, "PRIVATE KEY-----") {
		s = pem.ReplaceAllString(s, "${1}"+Mask)
	}
	if holdsBeginning(s) {
		s = issued.ReplaceAllStringFunc(s, maskIssued)
	}
	for _, p := range r.Patterns {
		s = maskPattern(p, s)
	}
	return s
}

// holdsBeginning is a quick test before issued: the longest texts have none.
func holdsBeginning(s string) bool {
	for _, b := range []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "k_live_", "k_test_", "sk-", "npm_", "AKIA", "ASIA", "AIza", "ST-", "PT-", "GT-", "IOU-", "TGC-"} {
		if strings.Contains(s, b) {
			return true
		}
	}
	return false
}

// maskIssued masks a key, but not a word that only begins like one.
func maskIssued(s string) string {
	m := issued.FindStringSubmatch(s)
	if !strings.ContainsAny(m[2], "0123456789") || m[1] == "sk-" && strings.ToLower(m[2]) == m[2] {
		return s
	}
	return m[1] + Mask
}

// maskScheme masks credentials, but not the prose of "basic authentication".
func maskScheme(s string) string {
	m := scheme.FindStringSubmatch(s)
	token := m[3]
	if len(token) < 24 && !strings.ContainsAny(token, "0123456789") && !strings.HasSuffix(token, "==") &&
		strings.ToLower(token[1:]) == token[1:] {
		return s
	}
	return m[1] + m[2] + Mask
}

// maskLine masks the value of a header field, or of a name in prose up to the end of
// the word.
func (r *Redactor) maskLine(s string) string {
	m := line.FindStringSubmatch(s)
	name, sep, value := m[1], m[2], m[3]
	switch strings.ToLower(name) {
	case "cookie", "set-cookie", "authorization", "proxy-authorization":
		return name + sep + r.field(name, value)
	}
	if !r.secretName(name) { // the user keeps it
		return s
	}
	_, rest, more := strings.Cut(value, " ")
	if more {
		return name + sep + Mask + " " + rest
	}
	return name + sep + Mask
}

func (r *Redactor) maskAssignment(s string) string {
	m := assignment.FindStringSubmatch(s)
	if name := unescape(m[1]); !r.secretName(name) && !r.grant(name, m[3]) {
		return s
	}
	value := Mask
	if q := m[3][0]; q == '"' || q == '\'' {
		value = string(q) + Mask + string(q)
	}
	return m[1] + m[2] + value
}

func (r *Redactor) maskCondition(s string) string {
	m := condition.FindStringSubmatch(s)
	column := m[1][strings.LastIndexByte(m[1], '.')+1:]
	if m[4] != "" || len(m[3]) <= len("''") || !r.secretName(strings.Trim(column, "\"`[]")) {
		return s
	}
	return m[1] + m[2] + m[3][:1] + Mask + m[3][:1]
}

func (r *Redactor) maskMember(s string) string {
	m := member.FindStringSubmatch(s)
	if m[5] == "" || !r.secretName(m[2]) {
		return s
	}
	return m[1] + m[2] + m[3] + m[4] + Mask
}

// maskPattern masks the groups of p, or its whole matches when it has none.
func maskPattern(p *regexp.Regexp, s string) string {
	var b strings.Builder
	last := 0
	for _, m := range p.FindAllStringSubmatchIndex(s, -1) {
		spans := m[2:]
		if len(spans) == 0 {
			spans = m
		}
		for i := 0; i < len(spans); i += 2 {
			if spans[i] < last || spans[i] == spans[i+1] {
				continue // absent, empty, or inside of one that is masked
			}
			b.WriteString(s[last:spans[i]] + Mask)
			last = spans[i+1]
		}
	}
	return b.String() + s[last:]
}
