package authview

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// maxCookie is what browsers take of name and value together (RFC 6265bis, 5.6).
const maxCookie = 4096

// maxLifetime is how long browsers keep a cookie at most (RFC 6265bis, 5.5).
const maxLifetime = 400 * 24 * time.Hour

// setCookies decodes the Set-Cookie lines of a response. Each is an item, whatever its
// value.
func (d *decoder) setCookies(lines []string) {
	for _, line := range lines {
		if len(d.items) >= maxItems {
			return
		}
		d.emit(d.setCookie(line))
	}
}

// attributes are those of a Set-Cookie line, the last of each name.
type attributes struct {
	expires, maxAge, domain, path, sameSite string
	has                                     map[string]bool // by lower-case name
}

func (d *decoder) setCookie(line string) Item {
	pair, rest, _ := strings.Cut(line, ";")
	name, value, ok := strings.Cut(pair, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	i := Item{Part: SetCookie, Name: name}
	if !ok {
		i.Name, value = "", name
		i.bad("there is no = between name and value: browsers make it a cookie without a name")
	}
	if !d.value(&i, value) {
		i.Kind = Opaque
		if value != "" {
			i.secret("value", value)
		}
	}
	if len(name)+len(value) > maxCookie {
		i.bad(fmt.Sprintf("name and value have %d bytes: browsers drop cookies of more than %d", len(name)+len(value), maxCookie))
	}
	if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		i.bad("it holds a control character: browsers drop it")
	}
	a := parseAttributes(&i, rest)
	d.lifetime(&i, a)
	d.scope(&i, a)
	d.protection(&i, a, value)
	return i
}

// parseAttributes reads the attributes and remarks on those that nobody knows.
func parseAttributes(i *Item, s string) attributes {
	a := attributes{has: map[string]bool{}}
	for n, part := range strings.SplitN(s, ";", maxFields) {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		lower := strings.ToLower(name)
		if lower == "" || n == maxFields-1 {
			continue
		}
		if a.has[lower] {
			i.warn(name + " is there twice: the last counts")
		}
		a.has[lower] = true
		switch lower {
		case "expires":
			a.expires = value
		case "max-age":
			a.maxAge = value
		case "domain":
			a.domain = strings.ToLower(strings.TrimPrefix(value, "."))
		case "path":
			a.path = value
		case "samesite":
			a.sameSite = value
		case "secure", "httponly", "partitioned", "priority":
		default:
			i.warn(fmt.Sprintf("no browser knows the attribute %q", clean(name, maxName)))
		}
	}
	return a
}

// lifetime tells how long the cookie stays.
func (d *decoder) lifetime(i *Item, a attributes) {
	var until time.Time
	switch seconds, err := strconv.ParseInt(a.maxAge, 10, 64); {
	case a.has["max-age"] && err == nil:
		if a.has["expires"] {
			i.info("Max-Age counts, Expires does not")
		}
		until = d.at.Add(time.Duration(min(max(seconds, -1), int64(200*365*24*time.Hour/time.Second))) * time.Second)
		if seconds <= 0 {
			i.field("Max-Age", a.maxAge+": the browser deletes the cookie")
			return
		}
		i.field("Max-Age", a.maxAge+" s: kept for "+ago(until.Sub(d.at)))
	case a.has["expires"]:
		t, ok := parseDate(a.expires)
		if !ok {
			i.bad(fmt.Sprintf("Expires=%s is no date: browsers pass over it, and the cookie ends with the session", clean(a.expires, maxName)))
			return
		}
		if until = t; !t.After(d.at) {
			i.field("Expires", d.when(t)+": the browser deletes the cookie")
			return
		}
		i.field("Expires", d.when(t))
	default:
		if a.has["max-age"] {
			i.bad(fmt.Sprintf("Max-Age=%s is no number: browsers pass over it", clean(a.maxAge, maxName)))
		}
		i.field("lifetime", "until the browser is closed")
		return
	}
	if until.Sub(d.at) > maxLifetime {
		i.info("browsers keep a cookie for 400 days at most")
	}
}

// parseDate reads the dates that servers write (RFC 9110, 5.6.7, and with hyphens).
func parseDate(s string) (time.Time, bool) {
	if t, err := http.ParseTime(s); err == nil {
		return t, true
	}
	for _, layout := range []string{"Mon, 02-Jan-2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 MST", time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// scope tells where the cookie is sent.
func (d *decoder) scope(i *Item, a attributes) {
	host := d.host
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case a.domain == "":
		i.field("Domain", "none: sent to "+or(host, "this host")+" alone, on every port")
	case host != "" && a.domain != host && (err == nil || !strings.HasSuffix(host, "."+a.domain)):
		i.field("Domain", a.domain)
		i.bad("Domain=" + a.domain + " is not this site (" + host + "): browsers drop the cookie")
	default:
		i.field("Domain", a.domain+": sent to it and all names below it")
		if !strings.Contains(a.domain, ".") && a.domain != "localhost" {
			i.bad("Domain=" + a.domain + " is a whole top level: browsers drop the cookie")
		}
	}
	path := a.path
	if !strings.HasPrefix(path, "/") {
		path = "the folder of the request (no Path)"
		if a.path != "" {
			i.warn("Path=" + clean(a.path, maxName) + " does not begin with a slash: browsers take the folder of the request")
		}
	}
	i.field("Path", path)
	if strings.HasPrefix(a.path, "/") && a.path != "/" && d.url != nil && !pathUnder(d.url.Path, a.path) {
		i.info("this very address does not get the cookie: it is not below Path")
	}
}

func pathUnder(path, prefix string) bool {
	return strings.HasPrefix(path, prefix) && (len(path) == len(prefix) || strings.HasSuffix(prefix, "/") || path[len(prefix)] == '/')
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// protection tells who can read and send the cookie, and what is weak about that.
func (d *decoder) protection(i *Item, a attributes, value string) {
	secure, sensitive := a.has["secure"], value != "" && i.sensitive()
	i.field("Secure", map[bool]string{true: "yes: sent over https only", false: "no: sent over http too"}[secure])
	i.field("HttpOnly", map[bool]string{true: "yes: scripts cannot read it", false: "no: scripts can read it"}[a.has["httponly"]])
	if sensitive && !a.has["httponly"] && i.Kind != CSRFToken {
		i.warn("no HttpOnly: a script that gets into the page can take it away")
	}
	if sensitive && d.https && !secure {
		i.warn("no Secure: it is also sent over http, in the clear")
	}
	if secure && !d.https && d.host != "" {
		if loopback(d.host) {
			i.info("Secure over http: most browsers take it from localhost, Safari does not")
		} else {
			i.bad("Secure over http: browsers drop the cookie")
		}
	}
	d.sameSite(i, a, sensitive)
	if a.has["partitioned"] {
		i.field("Partitioned", "yes: kept apart for each site that embeds this one")
		if !secure {
			i.bad("Partitioned without Secure: browsers drop the cookie")
		}
	}
	lower := strings.ToLower(i.Name)
	host, prefixed := strings.HasPrefix(lower, "__host-"), strings.HasPrefix(lower, "__secure-")
	if (host || prefixed) && !secure {
		i.bad("the name's prefix wants Secure: browsers drop the cookie")
	}
	if host && (a.has["domain"] || a.path != "/") {
		i.bad("__Host- wants Path=/ and no Domain: browsers drop the cookie")
	}
}

func (d *decoder) sameSite(i *Item, a attributes, sensitive bool) {
	switch strings.ToLower(a.sameSite) {
	case "strict":
		i.field("SameSite", "Strict: not sent when another site leads here, not even by a link")
	case "lax":
		i.field("SameSite", "Lax: another site's links bring it along, its forms and scripts do not")
	case "none":
		i.field("SameSite", "None: sent along with requests of every site")
		if !a.has["secure"] {
			i.bad("SameSite=None without Secure: browsers drop the cookie")
		} else if sensitive {
			i.info("SameSite=None: forms need a CSRF token")
		}
	case "":
		i.field("SameSite", "none given: Chromium takes Lax, Firefox and Safari send it to all")
		if sensitive {
			i.warn("no SameSite: browsers differ in what other sites' requests bring along; say Lax")
		}
	default:
		i.field("SameSite", a.sameSite)
		i.warn("SameSite=" + clean(a.sameSite, maxName) + " is none of Strict, Lax, None: browsers pass over it")
	}
}

// sensitive reports whether the cookie may let somebody in.
func (i *Item) sensitive() bool {
	switch i.Kind {
	case SessionID, JWT, AuthTkt, Signed, Encrypted, CASTicket, Bearer:
		return true
	}
	return sessionName(i.Name) || secretName(i.Name) || strings.Contains(strings.ToLower(i.Name), "auth")
}
