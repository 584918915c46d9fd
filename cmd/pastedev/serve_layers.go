package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pastedev/pastedev/devserver/accesslog"
	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/compress"
	"github.com/pastedev/pastedev/devserver/errordoc"
	"github.com/pastedev/pastedev/devserver/httpx"
	"github.com/pastedev/pastedev/devserver/recursive"
	"github.com/pastedev/pastedev/inspect"
)

// layers are what stands above the mounts, beside [[auth]].
type layers struct {
	accessLog string // file, stderrLog, or empty for none
	format    string // one of accessLogFormats
	compress  bool
	errors    map[int]string // pages by status, as errordoc has them
}

// stderrLog is the access log that goes to standard error.
const stderrLog = "-"

// formatCombined is the format of access logs unless told otherwise.
const formatCombined = "combined"

// accessLogFormats are the words for the formats of access logs.
var accessLogFormats = []string{formatCombined, "combined+duration", "json"}

// understandLayers reads what the settings say of layers; pages are those of the command
// line, STATUS=PATH, in place of theirs. Relative files are of dir.
func understandLayers(dir string, c config, pages []string) (layers, error) {
	l := layers{accessLog: c.AccessLog, format: c.AccessLogFormat, compress: c.Compress}
	if err := l.checkLog(dir); err != nil {
		return l, err
	}
	table := c.Errors
	if len(pages) > 0 {
		table = map[string]string{}
	}
	for _, text := range pages {
		status, path, ok := strings.Cut(text, "=")
		if !ok {
			return l, usagef("--error-page is %q\nhint: --error-page 404=/errors/404.html, --error-page 5xx=/errors/5xx.html", text)
		}
		table[status] = path
	}
	for status, path := range table {
		code, err := errordoc.ParseStatus(status)
		if err != nil {
			return l, usagef("%v\nhint: 404 = \"/errors/404.html\" below [errors], or --error-page 404=/errors/404.html", err)
		}
		if u, err := url.Parse(path); err != nil || !strings.HasPrefix(path, "/") || u.Host != "" {
			return l, usagef("the error page for %s is %q\nhint: it is a path that is served here: /errors/%s.html", status, path, status)
		}
		if l.errors == nil {
			l.errors = map[int]string{}
		}
		if other, twice := l.errors[code]; twice {
			return l, usagef("there are two error pages for %s: %s and %s", strings.ToLower(status), other, path)
		}
		l.errors[code] = path
	}
	return l, nil
}

// checkLog makes the path of the access log absolute, and refuses one that cannot be a file.
func (l *layers) checkLog(dir string) error {
	if l.accessLog == "" || l.accessLog == stderrLog {
		return nil
	}
	if !filepath.IsAbs(l.accessLog) {
		l.accessLog = filepath.Join(dir, l.accessLog)
	}
	what := ""
	if info, err := os.Stat(l.accessLog); err == nil && info.IsDir() {
		what = "a folder"
	} else if err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0 { // opening it would wait, and so would the end
		what = "a pipe"
	}
	if what != "" {
		return usagef("access_log %s is %s\nhint: access_log = \"access.log\", or \"-\" for standard error", l.accessLog, what)
	}
	if _, err := os.Stat(filepath.Dir(l.accessLog)); err != nil {
		return usagef("access_log %s: %v\nhint: make the folder first; the file is made", l.accessLog, reason(err))
	}
	return nil
}

// errorStatus writes the status of an error page as the settings do: 404, 5xx.
func errorStatus(code int) string {
	if code < 10 {
		return fmt.Sprint(code) + "xx"
	}
	return fmt.Sprint(code)
}

// layered is next, which finds and guards the mounts, below the layers. They are, outermost
// first: access log, compression, forwarding, the record of sub-requests, error pages. So
// an error page and the target of a local redirect go through [[auth]] as any request.
func (v *serving) layered(next http.Handler, l layers, c *composed) (http.Handler, error) {
	log := slog.New(&layerLog{v: v})
	if len(l.errors) > 0 {
		next = clientsOnly((&errordoc.Middleware{
			Pages: l.errors, Log: log,
			Keep: func(h http.Header) bool { return h.Get("X-Pastedev") == "off" }, // it tells why a program failed
			Fetch: func(ctx context.Context, path string) (*http.Response, error) {
				return recursive.Include(ctx, path, recursive.Header("Accept", "text/html")) // pages are for who asks for that
			},
		}).Handler(next), next)
	}
	next = (&recursive.Middleware{Log: log}).Handler(v.recorded(next))
	if l.compress {
		next = new(compress.Middleware).Handler(next)
	}
	if l.accessLog == "" || v.s.stateDir == "" { // a check writes nothing
		return next, nil
	}
	out, err := v.openLog(l.accessLog, c)
	if err != nil {
		return nil, err
	}
	lines := &accesslog.Middleware{
		Out: out, Format: accesslog.Format(slices.Index(accessLogFormats, l.format)),
		User:    func(r *http.Request) string { return noteOf(r.Context()).userName() },
		Trouble: func(err error) { v.s.notice(err.Error()) },
	}
	c.closers = slices.Insert(c.closers, 0, lines.Close) // before its file
	return lines.Handler(next), nil
}

// logMode lets only the user read an access log: it holds addresses and queries.
const logMode = 0o600

// openLog opens an access log for as long as c is in force.
func (v *serving) openLog(path string, c *composed) (io.Writer, error) {
	if path == stderrLog {
		if v.s.tui {
			return noticeWriter{v.s}, nil // the terminal is not ours to write on
		}
		return v.s.std.err, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, logMode)
	if err != nil {
		return nil, usagef("access_log: open %s: %v", path, reason(err))
	}
	c.later(f.Close)
	return f, nil
}

// clientsOnly leads clients' requests to h and sub-requests to next: what they answer goes
// through h with the answer that they are for.
func clientsOnly(h, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, sub := recursive.From(r.Context()); sub {
			next.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// localRedirect answers a request whose path a program of ours has named in place of its
// own answer (RFC 3875, 6.2.2): as a sub-request of the exchange in r's context.
func (v *serving) localRedirect() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), viaKey{}, inspect.ViaRedirect))
		err := recursive.Forward(w, r, r.URL.RequestURI(), recursive.Method(r.Method))
		if err == nil {
			return
		}
		noteOf(r.Context()).refuse(err.Error())
		httpx.Refusal{
			Title: "The redirect leads nowhere", Status: http.StatusLoopDetected, Detail: err.Error(),
			Hint: "a program answers a Location without a Status by the path that it names; with \"Status: 302 Found\" the browser goes there",
		}.Send(w, r)
	})
}

// askedOnce is next behind guard, which is asked once for a client's request and all that
// descends from it: a sub-request of an exchange that has passed it goes on as the same
// user. Credentials may be good for one path and one time only.
func askedOnce(next http.Handler, guard func(next http.Handler) (http.Handler, error)) (http.Handler, error) {
	key := new(pass)
	h, err := guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.From(r.Context())
		noteOf(r.Context()).admit(key, id)
		next.ServeHTTP(w, r)
	}))
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := noteOf(r.Context()).admitted(key); ok {
			next.ServeHTTP(w, auth.With(r, id))
			return
		}
		h.ServeHTTP(w, r)
	}), nil
}
