// Package urlmap dispatches requests to handlers by host, port and path prefix.
//
//	var m urlmap.Map
//	err := errors.Join(m.Add("/", site), m.Add("/api", api), m.Add("admin.localhost:8080/", admin))
//	http.ListenAndServe("127.0.0.1:8080", &m)
//
// A request goes to the mount with the most exact host (host and port, then host, then
// none), and among these with the longest prefix. The handler sees the path without the
// prefix and finds it in [httpx.MountPoint]: under "/foo" the request for /foo/bar has
// the path "/bar", that for /foo has the empty path, and /foobar is not under /foo. An
// encoded slash (%2F) is part of its segment and never separates.
//
// The package never redirects, never cleans or collapses a path, and never touches a
// response: unlike [http.ServeMux] it answers /foo/ and /foo by the same mount, and leaves
// "//" and ".." to the handler, as the client sent them. A handler that redirects to a
// path of its own must put [httpx.MountPoint] before it; one that insists on a path
// beginning with a slash, as ServeMux does, should be given one.
//
// In Paste this is paste.urlmap, with two differences: Paste collapses "//" in the
// request's path, and sorts by the text of the host before the length of the prefix, so
// that there a mount of a.com can win over a longer one of a.com:81.
package urlmap

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// Map is a set of mounts. The zero value is ready and has none. Mounts may be added,
// replaced and deleted while requests are served; a request sees the set as it was when
// it came. A Map must not be copied after first use.
type Map struct {
	// NotFound answers what no mount takes; nil is a page with status 404 that lists
	// the mounts, as HTML or text by the Accept header.
	NotFound http.Handler

	mu    sync.Mutex // held by who changes the table
	table atomic.Pointer[table]
}

// mount is one handler and where it sits.
type mount struct {
	pattern string // as it was given
	place   place
	handler http.Handler
}

// table maps hosts ("", "a.com", "a.com:81") to their mounts. It is never changed once
// it is published.
type table struct {
	hosts map[string]*prefixes
	named bool // a host other than "" is there
}

// prefixes are the mounts of one host.
type prefixes struct {
	mounts  map[string]*mount
	lengths []int // of the prefixes, each once, the longest first
}

// Add mounts h. A pattern is a path prefix ("/api", "/"), or one after a host with or
// without a port ("a.com/api", "a.com:81/", "[::1]:8080/"), also written as a URL
// ("http://a.com", whose scheme does not matter). Hosts are compared without case; port 80
// also takes requests of plain HTTP that name no port, 443 those of HTTPS. A slash at the
// end does not count. It is an error if the pattern is not well-formed, h is nil, or the
// place is taken.
func (m *Map) Add(pattern string, h http.Handler) error { return m.put(pattern, h, false) }

// Replace mounts h as Add does, in the place of what is there, if anything is.
func (m *Map) Replace(pattern string, h http.Handler) error { return m.put(pattern, h, true) }

func (m *Map) put(pattern string, h http.Handler, replace bool) error {
	p, err := parse(pattern)
	if err != nil {
		return err
	}
	if h == nil {
		return fmt.Errorf("mount %q: no handler", pattern)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.table.Load()
	if was := old.at(p); was != nil && !replace {
		return fmt.Errorf("mount %q: %q is mounted there already", pattern, was.pattern)
	}
	m.table.Store(old.with(p, &mount{pattern, p, h}))
	return nil
}

// Delete takes away what is mounted at the pattern's place, and reports whether
// anything was.
func (m *Map) Delete(pattern string) bool {
	p, err := parse(pattern)
	if err != nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.table.Load()
	if old.at(p) == nil {
		return false
	}
	m.table.Store(old.with(p, nil))
	return true
}

// Patterns returns the patterns of the mounts as they were added, sorted by host and
// prefix.
func (m *Map) Patterns() []string {
	var patterns []string
	for _, mt := range m.table.Load().sorted() {
		patterns = append(patterns, mt.pattern)
	}
	return patterns
}

// Handler returns the handler that takes r, without its prefix stripped, and its
// pattern; nil and an empty pattern if no mount does.
func (m *Map) Handler(r *http.Request) (h http.Handler, pattern string) {
	if mt := m.table.Load().find(r); mt != nil {
		return mt.handler, mt.pattern
	}
	return nil, ""
}

func (m *Map) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t := m.table.Load()
	if mt := t.find(r); mt != nil {
		mt.handler.ServeHTTP(w, httpx.WithMount(r, mt.place.prefix))
		return
	}
	if m.NotFound != nil {
		m.NotFound.ServeHTTP(w, r)
		return
	}
	notFound(w, r, t.sorted())
}

func (t *table) at(p place) *mount {
	if t == nil || t.hosts[p.host] == nil {
		return nil
	}
	return t.hosts[p.host].mounts[p.prefix]
}

// with returns a copy of the table with mt at p, or with nothing there if mt is nil.
func (t *table) with(p place, mt *mount) *table {
	next := &table{hosts: map[string]*prefixes{}}
	ps := &prefixes{mounts: map[string]*mount{}}
	if t != nil {
		maps.Copy(next.hosts, t.hosts)
		if was := t.hosts[p.host]; was != nil {
			maps.Copy(ps.mounts, was.mounts)
		}
	}
	if mt != nil {
		ps.mounts[p.prefix] = mt
	} else {
		delete(ps.mounts, p.prefix)
	}
	for prefix := range ps.mounts {
		ps.lengths = append(ps.lengths, len(prefix))
	}
	slices.Sort(ps.lengths)
	ps.lengths = slices.Compact(ps.lengths)
	slices.Reverse(ps.lengths)
	if next.hosts[p.host] = ps; len(ps.mounts) == 0 {
		delete(next.hosts, p.host)
	}
	next.named = len(next.hosts) > 1 || len(next.hosts) == 1 && next.hosts[""] == nil
	return next
}

func (t *table) sorted() []*mount {
	var all []*mount
	if t != nil {
		for _, ps := range t.hosts {
			all = slices.AppendSeq(all, maps.Values(ps.mounts))
		}
	}
	slices.SortFunc(all, func(a, b *mount) int {
		if c := strings.Compare(a.place.host, b.place.host); c != 0 {
			return c
		}
		return strings.Compare(a.place.prefix, b.place.prefix)
	})
	return all
}

// find returns the mount that takes r.
func (t *table) find(r *http.Request) *mount {
	if t == nil {
		return nil
	}
	path := separable(r.URL)
	if t.named {
		host, port := splitHost(r.Host)
		if port == "" {
			if port = "80"; r.TLS != nil {
				port = "443"
			}
		}
		if mt := t.hosts[host+":"+port].find(path); mt != nil {
			return mt
		}
		if host != "" {
			if mt := t.hosts[host].find(path); mt != nil {
				return mt
			}
		}
	}
	return t.hosts[""].find(path)
}

// find returns the mount with the longest prefix that path is, or continues with a slash.
func (ps *prefixes) find(path string) *mount {
	if ps == nil {
		return nil
	}
	for _, n := range ps.lengths {
		if n > len(path) || n < len(path) && n > 0 && path[n] != '/' {
			continue
		}
		if mt := ps.mounts[path[:n]]; mt != nil {
			return mt
		}
	}
	return nil
}

// separable returns the part of the decoded path in which every slash separates: all of
// it, or what stands before the segment with the first encoded slash.
func separable(u *url.URL) string {
	if u.RawPath == "" { // so are nearly all; an encoded slash would be in RawPath
		return u.Path
	}
	raw := u.EscapedPath()
	i := strings.Index(strings.ToUpper(raw), "%2F")
	if i < 0 {
		return u.Path
	}
	path, err := url.PathUnescape(raw[:max(0, strings.LastIndexByte(raw[:i], '/'))])
	if err != nil {
		return ""
	}
	return path
}
