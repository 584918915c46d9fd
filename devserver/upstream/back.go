package upstream

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// bringBack makes the target's answer one of the mount point.
func (p *Proxy) bringBack(res *http.Response) error {
	a, _ := res.Request.Context().Value(askedKey{}).(asked)
	if a.at != nil && !p.KeepLocation {
		for _, name := range []string{"Location", "Content-Location"} {
			for i, v := range res.Header[name] {
				res.Header[name][i] = p.location(a, v)
			}
		}
	}
	if a.at != nil && !p.KeepCookies {
		for i, v := range res.Header["Set-Cookie"] {
			res.Header["Set-Cookie"][i] = p.cookie(a, v)
		}
	}
	p.Response.apply(res.Header)
	return nil
}

// location returns the reference by which the client reaches what the target calls ref.
// One that leads there as it is stays byte for byte, as does one to another server, and
// one that is below the mount point already: its writer knows X-Forwarded-Prefix.
func (p *Proxy) location(a asked, ref string) string {
	u, err := url.Parse(ref)
	if err != nil || u.Opaque != "" || u.User != nil {
		return ref
	}
	if u.Host != "" && !p.isTarget(u) && !strings.EqualFold(u.Host, a.host) {
		return ref
	}
	if u.Host == "" && u.Scheme != "" {
		return ref
	}
	if p.mounted(a, u.EscapedPath()) {
		return p.ours(a, u, ref, u.EscapedPath())
	}
	rest, ok := below(a.out.ResolveReference(&url.URL{Path: u.Path, RawPath: u.RawPath}).EscapedPath(), p.base)
	if u.Host != "" && u.Path == "" {
		rest, ok = below("/", p.base)
	}
	if u.Host == "" && u.Path == "" {
		return ref // only a query or a fragment: the page itself
	}
	if !ok { // elsewhere on the target: only its own address leads there
		if u.Host != "" {
			return ref
		}
		full := *a.out.ResolveReference(u)
		full.Scheme, full.Host = p.Target.Scheme, p.Target.Host
		return full.String()
	}
	return p.ours(a, u, ref, a.mount+rest)
}

// ours returns the reference to the escaped path on our own host; ref if it leads there.
func (p *Proxy) ours(a asked, u *url.URL, ref, path string) string {
	to := pathURL(path)
	if u.Host == "" && a.at.ResolveReference(&url.URL{Path: u.Path, RawPath: u.RawPath}).EscapedPath() == to.EscapedPath() {
		return ref
	}
	if strings.EqualFold(u.Host, a.host) && !p.isTarget(u) && u.EscapedPath() == path {
		return ref
	}
	to.RawQuery, to.ForceQuery, to.Fragment, to.RawFragment = u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment
	if strings.EqualFold(u.Host, a.host) && !p.isTarget(u) {
		to.Scheme, to.Host = u.Scheme, u.Host
	}
	if to.Host == "" && strings.HasPrefix(path, "//") { // or it would name another host
		rest := (&url.URL{RawQuery: to.RawQuery, ForceQuery: to.ForceQuery, Fragment: to.Fragment, RawFragment: to.RawFragment}).String()
		return "/." + to.EscapedPath() + rest
	}
	return to.String()
}

// isTarget reports whether u names the target's host and port, by whichever scheme.
func (p *Proxy) isTarget(u *url.URL) bool {
	return strings.EqualFold(u.Hostname(), p.Target.Hostname()) && port(u, p.Target.Scheme) == port(p.Target, p.Target.Scheme)
}

// port returns the port that u names or its scheme means.
func port(u *url.URL, scheme string) string {
	if s := u.Port(); s != "" {
		return s
	}
	if u.Scheme != "" {
		scheme = u.Scheme
	}
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// under reports whether path is prefix or below it.
func under(path, prefix string) bool {
	return strings.HasPrefix(path, prefix) && (len(path) == len(prefix) || path[len(prefix)] == '/')
}

// mounted reports whether path, of the target's, is below the mount point already. What is
// below the target's own base is meant as such.
func (p *Proxy) mounted(a asked, path string) bool {
	return a.mount != "" && under(path, a.mount) && (p.base == "" || !under(path, p.base))
}

// below returns what follows base in path; ok is false if path is elsewhere.
func below(path, base string) (rest string, ok bool) {
	if base != "" && !under(path, base) {
		return "", false
	}
	return path[len(base):], true
}

// cookie returns a Set-Cookie whose Domain and Path are the client's view of what the
// target's are: a Domain of the target's host is left out, so that the cookie is ours; a
// Path on the target comes below the mount point. All else stays byte for byte. A name
// with the prefix __Host- demands Path=/ and keeps it.
func (p *Proxy) cookie(a asked, line string) string {
	parts := strings.Split(line, ";")
	fixed := strings.HasPrefix(strings.ToLower(strings.TrimSpace(parts[0])), "__host-")
	kept := parts[:1]
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		value = strings.Trim(value, " \t")
		switch name = strings.Trim(name, " \t"); {
		case strings.EqualFold(name, "Domain") && p.targetDomain(a, value):
			continue
		case strings.EqualFold(name, "Path") && !fixed:
			if to := p.cookiePath(a, value); to != value {
				part = " " + name + "=" + to
			}
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, ";")
}

// targetDomain reports whether a cookie's Domain holds for the target, but not for us.
func (p *Proxy) targetDomain(a asked, domain string) bool {
	host := a.host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return domainMatch(p.Target.Hostname(), domain) && !domainMatch(host, domain)
}

// domainMatch is RFC 6265, 5.1.3; a dot at the beginning does not count.
func domainMatch(host, domain string) bool {
	host, domain = strings.ToLower(host), strings.ToLower(strings.TrimPrefix(domain, "."))
	return domain != "" && (host == domain || strings.HasSuffix(host, "."+domain) && net.ParseIP(host) == nil)
}

// cookiePath returns where a cookie of the target's path counts for us. One that covers
// all that is mounted covers the mount point, nothing beside it.
func (p *Proxy) cookiePath(a asked, path string) string {
	if !strings.HasPrefix(path, "/") || a.mount == p.base {
		return path
	}
	if p.mounted(a, path) {
		return path
	}
	if rest, ok := below(path, p.base); ok {
		if to := a.mount + strings.TrimRight(rest, "/"); to != "" {
			return to
		}
		return "/"
	}
	if strings.HasPrefix(p.base+"/", strings.TrimRight(path, "/")+"/") { // above the base
		if a.mount == "" {
			return "/"
		}
		return a.mount
	}
	return path
}
