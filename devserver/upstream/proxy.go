package upstream

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/httpx"
)

const (
	// connectTimeout is the default of ConnectTimeout: a server near by answers within
	// milliseconds, a far one within a second.
	connectTimeout = 10 * time.Second
	// idleTimeout closes connections that wait; many servers do so after 60 s and more.
	idleTimeout = 30 * time.Second
	// maxIdle bounds the connections that wait for the next request.
	maxIdle = 64
)

// Proxy forwards to Target. It is safe for concurrent use; the fields must not change
// while it serves, and it must not be copied then.
type Proxy struct {
	// Target is where requests go: http or https, host, and a path that is put before the
	// request's. See [Parse]. Nil: every answer is 502.
	Target *url.URL

	// Methods are the ones that are let through; others get 405. Nil: all.
	Methods []string

	// Request and Response change header fields on the way. Zero: none.
	Request, Response Edits

	// KeepHost sends the client's Host. False: the target's, as a client of its would.
	KeepHost bool

	// KeepLocation and KeepCookies leave Location and Content-Location, and the Domain
	// and Path of cookies, as the target wrote them. False: what names the target is
	// brought back under the mount point.
	KeepLocation, KeepCookies bool

	// Trusted are the peers whose X-Forwarded fields are passed on and added to; those of
	// others are replaced. Nil: nobody.
	Trusted []netip.Prefix

	// RootCAs are whom a target's certificate must come from. Nil: the system's.
	RootCAs *x509.CertPool

	// Insecure takes any certificate of the target. False: it is checked.
	Insecure bool

	// ConnectTimeout bounds reaching the target, TLS included; the answer is then 504.
	// Zero: 10 s.
	ConnectTimeout time.Duration

	// AnswerTimeout bounds the wait for the header of an answer after the request is sent;
	// the answer is then 504. Zero: no bound, for the target may stand in a debugger.
	AnswerTimeout time.Duration

	// Failed is told when the target could not answer, before the client is; it must not
	// block. Not told: that the client went away. Nil: nobody is told.
	Failed func(r *http.Request, err error)

	once      sync.Once
	forward   *httputil.ReverseProxy
	transport *http.Transport
	ends      ends
	base      string // the target's path, escaped, without slash at its end
}

// Edits are changes of header fields: first Delete, then Set, then Add. In a request,
// Set of Host changes the host that is asked for.
type Edits struct {
	Delete []string
	Set    map[string]string
	Add    map[string]string
}

func (e *Edits) apply(h http.Header) {
	for _, name := range e.Delete {
		h.Del(name)
	}
	for name, value := range e.Set {
		h.Set(name, value)
	}
	for name, value := range e.Add {
		h.Add(name, value)
	}
}

// Parse reads the URL of a target: "http://localhost:9000/base", or "localhost:9000".
func Parse(s string) (*url.URL, error) {
	full := s
	if !strings.Contains(s, "://") {
		full = "http://" + s
	}
	u, err := url.Parse(full)
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("target %q: %w", s, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("target %q: scheme %s is not http or https", s, u.Scheme)
	case u.Hostname() == "":
		return nil, fmt.Errorf("target %q: no host\nhint: write it as http://localhost:9000", s)
	case !isPort(u.Port()):
		return nil, fmt.Errorf("target %q: there is no port %s\nhint: it is one from 1 to 65535", s, u.Port())
	case u.User != nil:
		return nil, fmt.Errorf("target of %s: user and password are not taken from the URL\nhint: set the request field Authorization", u.Host)
	case u.Fragment != "":
		return nil, fmt.Errorf("target %q: a fragment is never sent", s)
	}
	return u, nil
}

// isPort reports whether a URL's port, "" for none, can be asked.
func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// ServeHTTP forwards r. It panics with http.ErrAbortHandler, as net/http wants it, if the
// target breaks off an answer that has begun, or the client is gone.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.Methods != nil && !slices.Contains(p.Methods, r.Method) {
		w.Header().Set("Allow", strings.Join(p.Methods, ", "))
		httpx.Refusal{Status: http.StatusMethodNotAllowed, Detail: r.Method + " is not let through to this target"}.Send(w, r)
		return
	}
	if p.Target == nil {
		httpx.Refusal{Status: http.StatusBadGateway, Detail: "no target is set"}.Send(w, r)
		return
	}
	if r.Method == http.MethodConnect { // RFC 9110, 9.3.6
		httpx.Refusal{Status: http.StatusNotImplemented, Detail: "CONNECT is not carried out: all requests go to one target"}.Send(w, r)
		return
	}
	p.once.Do(p.prepare)
	if p.ends.has(r.RemoteAddr) {
		p.refuseLoop(w, r)
		return
	}
	p.carry(w, r)
}

// Close closes the connections that wait for a request. The proxy stays usable.
func (p *Proxy) Close() {
	p.once.Do(p.prepare)
	p.transport.CloseIdleConnections()
}

func (p *Proxy) prepare() {
	if p.Target != nil {
		p.base = strings.TrimRight(p.Target.EscapedPath(), "/")
	}
	wait := cmp.Or(p.ConnectTimeout, connectTimeout)
	dialer := &net.Dialer{Timeout: wait}
	p.transport = &http.Transport{
		Proxy: http.ProxyFromEnvironment, // never used for this machine
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return p.ends.dial(ctx, dialer, network, addr)
		},
		TLSClientConfig:       &tls.Config{RootCAs: p.RootCAs, InsecureSkipVerify: p.Insecure, NextProtos: []string{"h2", "http/1.1"}},
		TLSHandshakeTimeout:   wait,
		ResponseHeaderTimeout: p.AnswerTimeout,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConnsPerHost:   maxIdle,
		DisableCompression:    true, // codings are between client and target
		ForceAttemptHTTP2:     true,
	}
	p.forward = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      p.transport,
		FlushInterval:  -1,
		ModifyResponse: p.bringBack,
		ErrorHandler:   p.failed,
		ErrorLog:       log.New(io.Discard, "", 0), // what goes wrong is told by Failed and to the client
	}
}

// askedKey is the context key of what the client asked for.
type askedKey struct{}

// asked is what an answer is brought back to.
type asked struct {
	mount string   // escaped
	host  string   // of the client's request
	at    *url.URL // the path that the client asked for, escaped as it was
	out   *url.URL // the path that the target was asked for
}

// rewrite makes the request to the target. The hop-by-hop fields are gone already.
func (p *Proxy) rewrite(pr *httputil.ProxyRequest) {
	in, out := pr.In, pr.Out
	out.URL.Scheme, out.URL.Host = p.Target.Scheme, p.Target.Host
	raw := joinPath(p.Target.EscapedPath(), in.URL.EscapedPath())
	if in.Method == http.MethodOptions && in.URL.Path == "*" { // the server itself, RFC 9112, 3.2.4
		raw = "*"
	}
	out.URL.Path, out.URL.RawPath = unescaped(raw), raw
	out.URL.RawQuery, out.URL.ForceQuery = in.URL.RawQuery, in.URL.ForceQuery // ReverseProxy drops what it cannot parse
	if q := p.Target.RawQuery; q != "" {
		out.URL.RawQuery = strings.TrimSuffix(q+"&"+in.URL.RawQuery, "&")
	}
	out.Trailer = in.Trailer // filled by the server as the body ends, while the transport reads it
	if !p.KeepHost {
		out.Host = p.Target.Host
	} else {
		out.Host = in.Host
	}
	p.forwarded(pr)
	p.Request.apply(out.Header)
	if host := out.Header.Get("Host"); host != "" { // set by the edits, in any spelling
		out.Header.Del("Host")
		out.Host = host
	}
	mount := (&url.URL{Path: httpx.MountPoint(in.Context())}).EscapedPath()
	a := asked{mount: mount, host: in.Host, at: pathURL(mount + in.URL.EscapedPath()), out: pathURL(raw)}
	pr.Out = out.WithContext(context.WithValue(out.Context(), askedKey{}, a))
}

// forwarded says for whom we ask: X-Forwarded-For, -Host, -Proto and, below a mount
// point, -Prefix.
func (p *Proxy) forwarded(pr *httputil.ProxyRequest) {
	h := pr.Out.Header
	trusted := p.trusts(pr.In.RemoteAddr)
	if trusted { // taken by ReverseProxy
		h["X-Forwarded-For"] = slices.Clone(pr.In.Header["X-Forwarded-For"])
	}
	prefix := httpx.MountPoint(pr.In.Context())
	pr.SetXForwarded()
	h.Del("X-Forwarded-Prefix")
	if trusted {
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port"} {
			if v, ok := pr.In.Header[name]; ok {
				h[name] = slices.Clone(v)
			}
		}
		prefix = strings.TrimRight(pr.In.Header.Get("X-Forwarded-Prefix"), "/") + prefix
	} else {
		h.Del("X-Forwarded-Port")
	}
	if prefix != "" {
		h.Set("X-Forwarded-Prefix", prefix)
	}
}

func (p *Proxy) trusts(peer string) bool {
	a, err := netip.ParseAddrPort(peer)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(p.Trusted, func(t netip.Prefix) bool { return t.Contains(a.Addr().Unmap()) })
}

// joinPath puts base before an escaped path. A path that is empty, the mount point itself,
// adds nothing; otherwise exactly one slash is between them.
func joinPath(base, path string) string {
	switch {
	case path == "" && base == "":
		return "/"
	case path == "":
		return base
	}
	return strings.TrimRight(base, "/") + "/" + strings.TrimPrefix(path, "/")
}

func unescaped(path string) string {
	if s, err := url.PathUnescape(path); err == nil {
		return s
	}
	return path
}

// pathURL makes a URL of an escaped path, which may begin with two slashes.
func pathURL(path string) *url.URL {
	if path == "" {
		path = "/"
	}
	return &url.URL{Path: unescaped(path), RawPath: path}
}
