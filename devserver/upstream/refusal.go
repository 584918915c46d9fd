package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/pastedev/pastedev/devserver/httpx"
)

// maxShown bounds the reason in a refusal, in characters.
const maxShown = 500

// refusal is an answer in the target's place.
type refusal struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
	Target string `json:"target,omitempty"`
}

// failed answers where the target did not.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		panic(http.ErrAbortHandler) // there is nobody to answer
	}
	if p.Failed != nil {
		p.Failed(r, err)
	}
	why, hint := p.explain(err)
	status := http.StatusBadGateway
	if timedOut(err) {
		status = http.StatusGatewayTimeout
	}
	p.refuse(w, r, refusal{Status: status, Detail: why, Hint: hint, Target: p.Target.Redacted()})
}

// explain returns what happened to a request to the target, and what to do.
func (p *Proxy) explain(err error) (why, hint string) {
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

// refuse answers in the form that r asks for: text, a page or problem+json (RFC 9457).
func (p *Proxy) refuse(w http.ResponseWriter, r *http.Request, f refusal) {
	f.Title, f.Detail, f.Target = http.StatusText(f.Status), httpx.Printable(f.Detail, maxShown), httpx.Printable(f.Target, maxShown)
	h := w.Header()
	var body string
	switch httpx.Negotiate(strings.Join(r.Header["Accept"], ","), "text/plain", "text/html", "application/problem+json", "application/json") {
	case "text/html":
		h.Set("Content-Type", "text/html; charset=utf-8")
		body = f.page()
	case "application/problem+json", "application/json":
		h.Set("Content-Type", "application/problem+json")
		b, _ := json.Marshal(f) // strings and a number: cannot fail
		body = string(b) + "\n"
	default:
		h.Set("Content-Type", "text/plain; charset=utf-8")
		body = f.text()
	}
	h.Add("Vary", "Accept")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(f.Status)
	if r.Method != http.MethodHead {
		io.WriteString(w, body) // an error is the client's leaving
	}
}

func (f refusal) text() string {
	s := strconv.Itoa(f.Status) + " " + f.Title + "\n" + f.Detail + "\n"
	if f.Hint != "" {
		s += "hint: " + f.Hint + "\n"
	}
	return s
}

func (f refusal) page() string {
	s := pageHead + "<title>" + strconv.Itoa(f.Status) + " " + f.Title + "</title>\n<main>\n<h1><small>" +
		strconv.Itoa(f.Status) + "</small> " + f.Title + "</h1>\n<p>" + html.EscapeString(f.Detail) + "</p>\n"
	if f.Hint != "" {
		s += "<p class=\"hint\">" + html.EscapeString(f.Hint) + "</p>\n"
	}
	return s + "</main>\n</html>\n"
}

const pageHead = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
:root { --ink: #1d2127; --soft: #666e79; --paper: #fff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e6ea; --soft: #98a1ac; --paper: #15181c; --bad: #ff8a80; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 56rem; margin: 3rem auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; font-weight: 600; }
h1 small { color: var(--bad); font-size: inherit; }
.hint { color: var(--soft); }
</style>
`
