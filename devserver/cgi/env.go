package cgi

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// passed are the variables of this process that every program gets.
var passed = []string{"PATH", "HOME", "LANG", "TMPDIR", "TZ"}

// passedWindows are those without which nothing starts there.
var passedWindows = []string{"SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "TEMP", "TMP"}

// inherited returns what program gets of our own environment.
func (h *Handler) inherited() []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		same := func(s string) bool { return s == name }
		if runtime.GOOS == "windows" {
			same = func(s string) bool { return strings.EqualFold(s, name) }
		}
		if slices.ContainsFunc(passed, same) || strings.HasPrefix(name, "LC_") || slices.ContainsFunc(h.Env, same) ||
			runtime.GOOS == "windows" && slices.ContainsFunc(passedWindows, same) {
			env = append(env, entry)
		}
	}
	return env
}

// environ returns the environment of the program, sorted, one entry a name, and the names
// of the fields that were not handed on. length is that of the body, -1 for none.
func (h *Handler) environ(r *http.Request, program, dir string, length int64) (env, dropped []string) {
	vars := map[string]string{}
	for _, entry := range h.inherited() {
		name, value, _ := strings.Cut(entry, "=")
		vars[name] = value
	}
	h.metaVariables(vars, r, program, dir)
	h.serverVariables(vars, r)
	authenticated := h.userVariables(vars, r)
	if length >= 0 {
		vars["CONTENT_LENGTH"] = strconv.FormatInt(length, 10)
	}
	if t := r.Header.Get("Content-Type"); t != "" {
		vars["CONTENT_TYPE"] = t
	}
	dropped = fieldVariables(vars, r, authenticated)
	for _, entry := range h.Set {
		name, value, _ := strings.Cut(entry, "=")
		vars[name] = value
	}
	for name, value := range vars {
		if name != "" {
			env = append(env, name+"="+value)
		}
	}
	slices.SortFunc(env, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return cmp.Compare(nameA, nameB)
	})
	return env, dropped
}

// metaVariables sets those of the request line.
func (h *Handler) metaVariables(vars map[string]string, r *http.Request, program, dir string) {
	mount := httpx.MountPoint(r.Context())
	vars["GATEWAY_INTERFACE"] = "CGI/1.1"
	vars["SERVER_SOFTWARE"] = "pastedev"
	vars["SERVER_PROTOCOL"] = r.Proto
	vars["REQUEST_METHOD"] = r.Method
	vars["REDIRECT_STATUS"] = "200" // PHP takes it for the sign that a server has started it
	vars["SCRIPT_NAME"] = mount
	vars["SCRIPT_FILENAME"] = program
	vars["PATH_INFO"] = r.URL.Path
	vars["QUERY_STRING"] = h.query(r)
	vars["REQUEST_URI"] = requestURI(r, mount)
	root := cmp.Or(h.Root, dir)
	if abs, err := filepath.Abs(root); err == nil {
		root = abs
	}
	if h.Root != "" {
		vars["DOCUMENT_ROOT"] = root
	}
	if r.URL.Path != "" {
		vars["PATH_TRANSLATED"] = filepath.Join(root, filepath.FromSlash(r.URL.Path))
		if strings.HasSuffix(r.URL.Path, "/") {
			vars["PATH_TRANSLATED"] += string(filepath.Separator)
		}
	}
	if ip, port, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		vars["REMOTE_ADDR"], vars["REMOTE_PORT"] = ip, port
	} else {
		vars["REMOTE_ADDR"] = r.RemoteAddr // a unix socket has none
	}
	vars["REMOTE_HOST"] = vars["REMOTE_ADDR"] // RFC 3875, 4.1.9: instead of a look-up
}

// query joins the request's query and Query.
func (h *Handler) query(r *http.Request) string {
	if r.URL.RawQuery == "" || h.Query == "" {
		return r.URL.RawQuery + h.Query
	}
	return r.URL.RawQuery + "&" + h.Query
}

// requestURI is the request's target as it was sent; that of a request that was made
// here (an internal redirect) is put together from mount point and path.
func requestURI(r *http.Request, mount string) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	s := (&url.URL{Path: mount}).EscapedPath() + r.URL.EscapedPath()
	if s == "" {
		s = "/"
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		s += "?" + r.URL.RawQuery
	}
	return s
}

// serverVariables sets SERVER_NAME, SERVER_PORT and HTTPS.
func (h *Handler) serverVariables(vars map[string]string, r *http.Request) {
	secure, host := r.TLS != nil, r.Host
	if h.URL != nil {
		if u := h.URL(r); u != nil {
			secure, host = u.Scheme == "https", u.Host
		}
	}
	u := url.URL{Host: host}
	if host == "" { // HTTP/1.0
		if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
			u.Host = addr.String()
		}
	}
	port := "80"
	if secure {
		port = "443"
		vars["HTTPS"] = "on"
		vars["REQUEST_SCHEME"] = "https"
	} else {
		vars["REQUEST_SCHEME"] = "http"
	}
	vars["SERVER_NAME"] = u.Hostname()
	if strings.Contains(u.Hostname(), ":") {
		vars["SERVER_NAME"] = "[" + u.Hostname() + "]" // RFC 3875, 4.1.14
	}
	vars["SERVER_PORT"] = cmp.Or(u.Port(), port)
}

// userVariables sets AUTH_TYPE and REMOTE_USER.
func (h *Handler) userVariables(vars map[string]string, r *http.Request) (authenticated bool) {
	if h.User == nil {
		return false
	}
	method, name := h.User(r)
	if name == "" {
		return false
	}
	vars["AUTH_TYPE"], vars["REMOTE_USER"] = method, name
	return true
}

// withheld are fields that have variables of their own, concern one connection, or open
// a hole: many libraries take HTTP_PROXY, which a Proxy field would set, for the proxy of
// their own requests (httpoxy).
var withheld = map[string]bool{"Content-Type": true, "Content-Length": true, "Proxy": true, "Proxy-Authorization": true, "Transfer-Encoding": true,
	"Connection": true, "Keep-Alive": true, "Te": true, "Trailer": true, "Upgrade": true, "Expect": true, "Host": true}

// fieldVariables sets HTTP_*. A name with anything but letters, digits and "-" is not
// handed on: it could become the same variable as another's ("X_Admin", "X-Admin").
func fieldVariables(vars map[string]string, r *http.Request, authenticated bool) (dropped []string) {
	for name, values := range r.Header {
		canonical := http.CanonicalHeaderKey(name)
		variable, ok := variableName(name)
		switch {
		case canonical == "Content-Type", canonical == "Content-Length", canonical == "Host":
			continue // told otherwise
		case !ok, withheld[canonical], canonical == "Authorization" && authenticated:
			dropped = append(dropped, name)
			continue
		}
		joint := ", "
		if canonical == "Cookie" {
			joint = "; "
		}
		vars[variable] = strings.Join(values, joint)
	}
	if r.Host != "" {
		vars["HTTP_HOST"] = r.Host
	}
	slices.Sort(dropped)
	return dropped
}

// variableName turns X-Forwarded-For into HTTP_X_FORWARDED_FOR.
func variableName(field string) (string, bool) {
	b := []byte("HTTP_" + field)
	for i := len("HTTP_"); i < len(b); i++ {
		switch c := b[i]; {
		case c == '-':
			b[i] = '_'
		case 'a' <= c && c <= 'z':
			b[i] = c - 'a' + 'A'
		case 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		default:
			return "", false
		}
	}
	return string(b), field != ""
}
