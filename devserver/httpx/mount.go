package httpx

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// mountKey is the context key of the mount point.
type mountKey struct{}

// MountPoint returns the path, decoded and without a slash at its end, under which the
// handler of ctx is mounted: what has been taken from the request's path on the way to
// it. At the top it is empty. It is WSGI's SCRIPT_NAME.
func MountPoint(ctx context.Context) string {
	s, _ := ctx.Value(mountKey{}).(string)
	return s
}

// WithMount returns a copy of r as a handler mounted at prefix sees it: prefix is gone
// from URL.Path and URL.RawPath and added to [MountPoint]. What is left of the path
// begins with a slash or is empty. r itself is not changed.
//
// The prefix is decoded ("/a b", not "/a%20b"); a slash at its end does not count. A
// request that is not below prefix, and one of an empty prefix, is returned as it is;
// an encoded slash in the request's path is no separator, so "/a%2Fb" is not below "/a".
func WithMount(r *http.Request, prefix string) *http.Request {
	prefix = strings.TrimRight(prefix, "/")
	if prefix == "" || !under(r.URL.Path, prefix) {
		return r
	}
	raw := ""
	if r.URL.RawPath != "" {
		var ok bool
		if raw, ok = stripRaw(r.URL, prefix); !ok {
			return r
		}
	}
	r2 := r.WithContext(context.WithValue(r.Context(), mountKey{}, MountPoint(r.Context())+prefix))
	u := *r.URL
	u.Path, u.RawPath = u.Path[len(prefix):], raw
	r2.URL = &u
	return r2
}

// Unmounted returns a copy of r whose mount point is empty, for a request that begins
// anew at the top, such as an internal redirect; its URL, which it shares with r, is for
// the caller to replace.
func Unmounted(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), mountKey{}, ""))
}

// under reports whether path is prefix or continues it with a slash.
func under(path, prefix string) bool {
	return strings.HasPrefix(path, prefix) && (len(path) == len(prefix) || path[len(prefix)] == '/')
}

// stripRaw takes prefix from u's escaped path. It returns an empty path if Path alone
// says the same, and false if the prefix does not end at a separator or reaches over
// an encoded slash.
func stripRaw(u *url.URL, prefix string) (string, bool) {
	raw := u.EscapedPath() // RawPath if it fits Path
	i := 0
	for n := 0; n < len(prefix); n++ {
		if i >= len(raw) {
			return "", false
		}
		if raw[i] != '%' {
			i++
			continue
		}
		if prefix[n] == '/' {
			return "", false
		}
		i += 3
	}
	if i > len(raw) || (i < len(raw) && raw[i] != '/') {
		return "", false
	}
	rest := raw[i:]
	if (&url.URL{Path: u.Path[len(prefix):]}).EscapedPath() == rest {
		return "", true
	}
	return rest, true
}

// ShiftPath cuts the first segment from a path: "/a/b" gives "a" and "/b". Slashes at
// the beginning are skipped; "/" gives an empty segment and nothing left. Of an empty
// path there is no segment.
func ShiftPath(path string) (segment, rest string, ok bool) {
	if path == "" {
		return "", "", false
	}
	path = strings.TrimLeft(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:], true
	}
	return path, "", true
}

// Pop moves the first segment of the request's path to the mount point and returns it,
// decoded, with the request that is left. ok is false if the path is empty or only
// slashes; the request is then r. An encoded slash belongs to its segment.
func Pop(r *http.Request) (segment string, rest *http.Request, ok bool) {
	raw, tail, ok := ShiftPath(r.URL.EscapedPath())
	if !ok || raw == "" {
		return "", r, false
	}
	segment, err := url.PathUnescape(raw)
	if err != nil {
		return "", r, false
	}
	path, err := url.PathUnescape(tail)
	if err != nil {
		return "", r, false
	}
	r2 := r.WithContext(context.WithValue(r.Context(), mountKey{}, MountPoint(r.Context())+"/"+segment))
	u := *r.URL
	u.Path, u.RawPath = path, tail
	if (&url.URL{Path: path}).EscapedPath() == tail {
		u.RawPath = ""
	}
	r2.URL = &u
	return segment, r2, true
}
