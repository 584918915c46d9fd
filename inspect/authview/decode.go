package authview

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Decode returns what ex carries, in order: the request's headers, cookies and query,
// then the response's headers and cookies. It keeps nothing of ex and changes nothing.
func Decode(ex *inspect.Exchange) []Item {
	if ex == nil {
		return nil
	}
	d := &decoder{at: ex.Start}
	if u, err := url.Parse(ex.URL); err == nil {
		d.url, d.host, d.https = u, strings.ToLower(u.Hostname()), u.Scheme == "https" || u.Scheme == "wss"
	} else {
		d.url = &url.URL{Path: ex.Path}
	}
	d.headers(RequestHeader, ex.Request.Header)
	d.cookies(ex.Request.Header["Cookie"])
	d.query(RequestQuery, "", d.url)
	d.headers(ResponseHeader, ex.Response.Header)
	if u, err := url.Parse(ex.Response.Header.Get("Location")); err == nil {
		d.query(ResponseHeader, "Location ", u)
	}
	d.setCookies(ex.Response.Header["Set-Cookie"])
	return d.items
}

// decoder collects the items of one exchange.
type decoder struct {
	at    time.Time // of the request
	url   *url.URL
	host  string // without port, lower-case
	https bool
	items []Item
}

func (d *decoder) emit(i Item) {
	if len(d.items) < maxItems {
		i.Name, i.Format = clean(i.Name, maxName), clean(i.Format, maxName)
		d.items = append(d.items, i)
	}
}

// headers decodes the fields that carry credentials or ask for them, and any other that
// holds a JWT.
func (d *decoder) headers(part Part, h inspect.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			i := Item{Part: part, Name: name}
			switch name {
			case "Cookie", "Set-Cookie":
				continue
			case "Authorization", "Proxy-Authorization":
				d.authorization(&i, value)
			case "Www-Authenticate", "Proxy-Authenticate":
				for _, c := range challenges(value) {
					d.challenge(part, name, c)
				}
				continue
			default:
				switch {
				case len(value) > maxValue:
					continue
				case d.jwt(&i, value):
				case part == RequestHeader && tokenHeader(name):
					i.Kind = Bearer
					i.secret("token", value)
				default:
					continue
				}
			}
			d.emit(i)
		}
	}
}

// tokenHeader reports whether a request header of this name holds a token.
func tokenHeader(name string) bool {
	switch name {
	case "X-Api-Key", "X-Auth-Token", "X-Access-Token", "X-Csrf-Token", "X-Xsrf-Token", "Api-Key":
		return true
	}
	return false
}

// cookies decodes the lines of a request's Cookie header. A cookie of no known form that
// is not a session's is left out: it is no matter of who somebody is.
func (d *decoder) cookies(lines []string) {
	seen := map[string]int{} // index of the item, or -1
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
			if !ok || len(d.items) >= maxItems {
				continue
			}
			if at, twice := seen[name]; twice {
				if at >= 0 {
					d.items[at].warn("the request has two cookies of this name (of two paths or domains): which one counts is up to the server")
				}
				continue
			}
			seen[name] = -1
			i := Item{Part: RequestCookie, Name: name}
			if d.value(&i, value) {
				seen[name] = len(d.items)
				d.emit(i)
			}
		}
	}
}

// query decodes tickets and tokens in an address.
func (d *decoder) query(part Part, prefix string, u *url.URL) {
	if len(u.RawQuery) > maxValue {
		return
	}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		i := Item{Part: part, Name: prefix + name}
		switch {
		case d.casTicket(&i, name, value):
		case d.jwt(&i, value):
			i.warn("a token in an address ends up in logs, in the history and in Referer headers")
		case name == "access_token" && value != "":
			i.Kind = Bearer
			i.secret("token", value)
			i.warn("a token in an address ends up in logs, in the history and in Referer headers (RFC 6750, 5.3)")
		default:
			continue
		}
		d.emit(i)
	}
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// casTicket takes tickets of CAS by their beginning (CAS protocol 3.0, section 3).
func (d *decoder) casTicket(i *Item, name, value string) bool {
	kinds := map[string]string{"ST-": "service ticket", "PT-": "proxy ticket", "PGT-": "proxy-granting ticket", "PGTIOU-": "proxy-granting ticket IOU",
		"TGT-": "ticket-granting ticket", "TGC-": "ticket-granting cookie", "LT-": "login ticket"}
	head, _, ok := strings.Cut(value, "-")
	format, known := kinds[head+"-"]
	if !ok || !known || len(value) > 512 || len(value) < 8 {
		return false
	}
	switch strings.ToLower(name) {
	case "ticket", "pgt", "pgtid", "pgtiou", "lt", "tgc", "castgc", "tgt":
	default:
		return false
	}
	i.Kind, i.Format = CASTicket, "CAS "+format
	i.secret("ticket", value)
	if head == "ST" || head == "PT" {
		i.info("counts once, for a few seconds, and for one service; the server must be asked about it")
	}
	return true
}
