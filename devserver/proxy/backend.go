package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// idleTimeout is how long a connection to the target is kept unused. It lies
	// below the keep-alive limits of common servers (Node and uvicorn 5 s, gunicorn
	// 2 s), so that a request never meets a connection the target is just closing.
	idleTimeout = 1500 * time.Millisecond
	// maxIdle bounds the kept connections to one target. Many more clients than a
	// browser's six per page can be busy at once without dialling anew.
	maxIdle = 256
	// dialTimeout bounds a dial; a loopback target answers or refuses at once.
	dialTimeout = 10 * time.Second
	// continueTimeout is how long a request with "Expect: 100-continue" waits for
	// the target's word before its body is sent all the same, for the sake of targets
	// that ignore the header (RFC 9110, 10.1.1 forbids waiting without end).
	continueTimeout = 5 * time.Second
	// maxResponseHeader bounds the head of a response. Go's own client takes 10 MiB.
	maxResponseHeader = 16 << 20
	// probeTimeout bounds the question whether a target speaks h2c.
	probeTimeout = 2 * time.Second
)

// Backend is one address of one run of the target. Kept connections belong to it,
// so none outlives the process it leads to. It is safe for concurrent use.
type Backend struct {
	build int
	base  *url.URL // scheme, host:port to dial, path prefix or ""
	host  string   // Host to send instead of the client's; "" keeps that
	h1    *http.Transport
	h2    *http.Transport

	probe sync.Mutex
	known bool
	h2c   bool
}

// NewBackend returns the backend at target, which is "host:port" or an http or
// https URL. A path in the URL is put before every request's. Host stays the
// client's, except for a URL that does not lead to this machine: a server out there
// chooses the site by it. Build is the number of the build that runs, 0 if none.
func NewBackend(target string, build int) (*Backend, error) {
	if !strings.Contains(target, "://") {
		target = "http://" + target
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("target address: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("target address %q: want host:port, http://host or https://host, without query or user", target)
	}
	b := &Backend{build: build, base: &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.EscapedPath(), "/")}}
	if !isLocalName(u.Hostname()) {
		b.host = u.Host
	}
	if u.Port() == "" {
		b.base.Host = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	b.h1, b.h2 = b.transport(), b.transport()
	b.h1.Protocols, b.h2.Protocols = new(http.Protocols), new(http.Protocols)
	b.h1.Protocols.SetHTTP1(true)
	b.h2.Protocols.SetUnencryptedHTTP2(true)
	return b, nil
}

func isLocalName(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func (b *Backend) transport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		DisableCompression:     true,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  continueTimeout,
		MaxResponseHeaderBytes: maxResponseHeader,
	}
}

// Addr returns the address that is dialled.
func (b *Backend) Addr() string { return b.base.Host }

// Build returns the number of the build that runs there, 0 if none.
func (b *Backend) Build() int { return b.build }

// Retire closes the kept connections. Requests under way go on.
func (b *Backend) Retire() {
	b.h1.CloseIdleConnections()
	b.h2.CloseIdleConnections()
}

// Dial opens a bare connection to the target, for traffic that is not HTTP.
func (b *Backend) Dial(ctx context.Context) (net.Conn, error) {
	d := &net.Dialer{Timeout: dialTimeout}
	if b.base.Scheme == "https" {
		return (&tls.Dialer{NetDialer: d}).DialContext(ctx, "tcp", b.base.Host)
	}
	return d.DialContext(ctx, "tcp", b.base.Host)
}

// SpeaksH2C reports whether the target takes HTTP/2 without TLS. It asks once, by
// opening a connection the way a client with prior knowledge does (RFC 9113, 3.3)
// and looking for a SETTINGS frame; a target that cannot be reached is asked again.
func (b *Backend) SpeaksH2C(ctx context.Context) bool {
	if b.base.Scheme != "http" {
		return false
	}
	b.probe.Lock()
	defer b.probe.Unlock()
	if !b.known {
		yes, err := b.askH2C(ctx)
		b.h2c, b.known = yes, err == nil
	}
	return b.h2c
}

func (b *Backend) askH2C(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	c, err := b.Dial(ctx)
	if err != nil {
		return false, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	const emptySettings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	if _, err := io.WriteString(c, preface+emptySettings); err != nil {
		return false, err
	}
	head := make([]byte, 9)
	if _, err := io.ReadFull(c, head); errors.Is(ctx.Err(), context.Canceled) {
		return false, err // the asker left
	} else if err != nil {
		return false, nil // it hung up or kept silent: an answer
	}
	// length, type SETTINGS, no ACK, stream 0
	return head[3] == 4 && head[4] == 0 && bytes.Equal(head[5:], make([]byte, 4)), nil
}

// preface opens every HTTP/2 connection (RFC 9113, 3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// roundTrip sends r by the protocol the client's side uses.
func (b *Backend) roundTrip(r *http.Request, major int) (*http.Response, error) {
	if major == 2 && b.SpeaksH2C(r.Context()) {
		return b.h2.RoundTrip(r)
	}
	switch {
	case r.Body != nil && r.Body != http.NoBody:
	case r.Method == http.MethodGet, r.Method == http.MethodHead, r.Method == http.MethodOptions:
		r.Body = empty{}
	}
	return b.h1.RoundTrip(r)
}

// Send sends a request of our own to the target, whose URL names it, by whatever
// protocol the target speaks.
func (b *Backend) Send(r *http.Request) (*http.Response, error) {
	res, err := b.h1.RoundTrip(r)
	if err != nil && r.Context().Err() == nil && b.SpeaksH2C(r.Context()) {
		return b.h2.RoundTrip(r)
	}
	return res, err
}

// empty is a body of no bytes that only we know to be so. net/http finds out and sends
// none, but takes the request for one that it must not send again by itself when a
// kept connection breaks: the program may have panicked over it.
type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }
func (empty) Close() error             { return nil }
