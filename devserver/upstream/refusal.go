package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// failed answers where the target did not.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	// Before all else: the end of the sending side also ends the context, and the client may
	// still wait for the answer.
	if err := bodyError(r.Context()); err != nil {
		w.Header().Set("Connection", "close") // nobody knows where the next request begins
		httpx.BodyRefusal(err).Send(w, r)
		return
	}
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		panic(http.ErrAbortHandler) // there is nobody to answer
	}
	if p.Failed != nil {
		p.Failed(r, err)
	}
	why, hint := p.Explain(err)
	status := http.StatusBadGateway
	if timedOut(err) {
		status = http.StatusGatewayTimeout
	}
	httpx.Refusal{Status: status, Detail: why, Hint: hint}.Send(w, r)
}

// Explain returns in words what happened to a request to the target, of which [Proxy.Failed]
// hears the error, and what to do; the hint is empty where nothing can be said.
func (p *Proxy) Explain(err error) (why, hint string) {
	at := p.Target.Scheme + "://" + p.Target.Host
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var dns *net.DNSError
	op, _ := errors.AsType[*net.OpError](err)
	dialing := op != nil && op.Op == "dial"
	switch {
	case isRefused(err):
		return at + ": connection refused: is it running?", "start it, or mend the address of the mount"
	case errors.As(err, &dns):
		return at + ": no such host: " + dns.Name, "mend the address of the mount"
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return at + ": it does not speak TLS", "write the target as http://" + p.Target.Host
	case errors.As(err, &unknown):
		return at + ": its certificate comes from an authority that is not known here", "name the authority's certificate file for this mount"
	case errors.As(err, &other):
		return at + ": " + other.Error(), "ask for it by a name that its certificate holds"
	case timedOut(err) && dialing:
		return at + ": no connection within the time allowed", "is the machine there, and does a firewall let the port through?"
	case timedOut(err):
		return at + ": no answer within the time allowed", "it is reachable, but slow or stuck"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		strings.Contains(err.Error(), "server closed idle connection"):
		return at + ": it closed the connection without an answer", "what does it print? it may have crashed at this request"
	case strings.Contains(err.Error(), "malformed HTTP"):
		return at + ": it does not answer in HTTP: " + err.Error(), "if it expects TLS, write the target as https://" + p.Target.Host
	}
	return at + ": " + err.Error(), ""
}

func isRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || strings.Contains(err.Error(), "actively refused")
}

func timedOut(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
