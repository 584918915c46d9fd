// Package cas signs users in by a CAS server (Central Authentication Service, protocols 1,
// 2 and 3 of Apereo): a client.
//
//	c := &cas.Client{Server: "https://sso.example.edu/cas", Service: "https://app.example.edu"}
//	handler := (&signed.Cookie{Keys: keys}).Handler(c.Handler(app))
//
// A page that is asked for by nobody known is answered by a redirect to the server's login.
// The browser comes back with a ticket, which the client shows to the server; the answer
// becomes the identity, the ticket leaves the address by one more redirect, and a cookie
// remembers the rest.
//
// The package never takes the service's address from the Host header, never follows a
// redirect of the server's, and never believes a ticket that the server has not confirmed.
// It has no proxy tickets and no single logout. Its Paste ancestor is paste.auth.cas.
package cas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
	"github.com/pastedev/pastedev/devserver/httpx"
)

// Method is the Method of identities of this package.
const Method = "cas"

const (
	// maxTicket bounds a ticket: the protocol asks clients to take 256 characters.
	maxTicket = 1024
	// validateTimeout bounds the question to the server while a user waits.
	validateTimeout = 10 * time.Second
)

// A Client is the middleware. Server and Service must be set.
type Client struct {
	// Server is the address of the CAS server below which /login and the rest lie:
	// "https://sso.example.edu/cas". A slash at its end does not count. Needed.
	Server string
	// Service is the address that browsers know this site by: scheme, host and, where a
	// proxy in front takes one away, a path. The mount point, path and query of the
	// request are added. Needed: a Host header can be anything.
	Service string
	// Version of the protocol: 1 (validate), 2 (serviceValidate) or 3
	// (p3/serviceValidate, with attributes). 0: 3.
	Version int
	// Renew has the server ask for a password although the user has a session there.
	Renew bool
	// Identity makes the identity of what the server says; attributes is nil in version
	// 1. Nil: see [Identity].
	Identity func(user string, attributes map[string][]string) auth.Identity
	// Remember keeps an identity for the next requests of the client; it is called before
	// the response begins. Nil: [auth.Remember], for which a keeper as signed.Cookie must
	// be around.
	Remember func(w http.ResponseWriter, r *http.Request, id auth.Identity) error
	// Recall returns the identity that Remember kept. Nil: what is around has done it.
	Recall func(r *http.Request) (auth.Identity, bool)
	// HTTP asks the server; redirects are not followed whatever its CheckRedirect says.
	// Nil: the default transport, 10 s.
	HTTP *http.Client
	// Failed hears why a ticket was not accepted or the server could not be asked. The
	// error holds no ticket. Nil: nobody does.
	Failed func(r *http.Request, err error)
}

// Check says what is wrong with the fields, nil if nothing is.
func (c *Client) Check() error {
	if _, err := site("Server", c.Server); err != nil {
		return err
	}
	if _, err := site("Service", c.Service); err != nil {
		return err
	}
	if c.Version < 0 || c.Version > 3 {
		return fmt.Errorf("cas: there is no version %d of the protocol\nhint: 1, 2 or 3", c.Version)
	}
	return nil
}

// site reads an address to which paths are added, and returns it without a final slash.
func site(field, s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		err = errors.New("it is empty")
	case err != nil:
		err = errors.New("it is no URL")
	case u.Scheme != "http" && u.Scheme != "https":
		err = errors.New("it does not begin with http:// or https://")
	case u.Host == "":
		err = errors.New("it has no host")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		err = errors.New("it may have a path and nothing behind it, and no user before it")
	default:
		return strings.TrimRight(s, "/"), nil
	}
	return "", fmt.Errorf("cas: %s %q: %w\nhint: write it as https://sso.example.edu/cas", field, s, err)
}

// Handler lets requests with an identity through to next and has all others sign in. A
// request that is not a GET or HEAD, or whose client wants no page, gets 401 and no
// redirect: it could not be taken up again after the login. If the fields are wrong, each
// request is answered by 500 and the sentence of [Client.Check].
func (c *Client) Handler(next http.Handler) http.Handler {
	bad := c.Check()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := auth.From(r.Context()); ok {
			next.ServeHTTP(w, r)
			return
		}
		if bad != nil {
			detail, hint, _ := strings.Cut(bad.Error(), "\nhint: ")
			auth.Refuse(w, r, auth.Refusal{Status: http.StatusInternalServerError, Detail: detail, Hint: hint})
			return
		}
		if c.Recall != nil {
			if id, ok := c.Recall(r); ok {
				next.ServeHTTP(w, auth.With(r, id))
				return
			}
		}
		c.signIn(w, r)
	})
}

// signIn answers a request without identity.
func (c *Client) signIn(w http.ResponseWriter, r *http.Request) {
	query, ticket, ok := cutTicket(r.URL.RawQuery)
	service := c.serviceURL(r, query)
	w.Header().Set("Cache-Control", "no-store")
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case get && ok:
		c.redeem(w, r, service, ticket)
	case get && login.WantsPage(r):
		httpx.AddVary(w.Header(), "Accept")
		http.Redirect(w, r, c.LoginURL(service), http.StatusSeeOther)
	default:
		w.Header().Set("WWW-Authenticate", "CAS realm="+auth.Quote(c.Service))
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusUnauthorized,
			Detail: "This address is for those who have signed in, and the request says nothing of who it is from.",
			Hint:   "open " + strings.TrimRight(c.Service, "/") + " in a browser, sign in, and send the cookie along"})
	}
}

// redeem shows the ticket to the server and answers accordingly.
func (c *Client) redeem(w http.ResponseWriter, r *http.Request, service, ticket string) {
	result, err := c.validate(r.Context(), service, ticket)
	if err == nil {
		if err = c.remember(w, r, result); err == nil {
			http.Redirect(w, r, service, http.StatusSeeOther)
			return
		}
	}
	if c.Failed != nil {
		c.Failed(r, err)
	}
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusForbidden,
			Detail: "The login server does not accept the ticket: " + refused.why + ".",
			Hint:   "a ticket counts once and for a few seconds; open the page again without ticket= in its address"})
	case errors.Is(err, errRemember):
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusInternalServerError,
			Detail: "The login succeeded but cannot be remembered: " + firstLine(err) + ".",
			Hint:   "wrap the client in signed.Cookie or ticket.Cookie, or set Remember and Recall"})
	default:
		auth.Refuse(w, r, auth.Refusal{Status: http.StatusBadGateway,
			Detail: "The login server could not be asked about the ticket: " + firstLine(err) + ".",
			Hint:   "see whether " + c.Server + " answers, then open the page again without ticket= in its address"})
	}
}

// errRemember marks errors of Remember.
var errRemember = errors.New("remember")

func (c *Client) remember(w http.ResponseWriter, r *http.Request, res result) error {
	make, keep := c.Identity, c.Remember
	if make == nil {
		make = Identity
	}
	if keep == nil {
		keep = func(_ http.ResponseWriter, r *http.Request, id auth.Identity) error {
			return auth.Remember(r.Context(), id)
		}
	}
	id := make(res.user, res.attributes)
	if id.Method == "" {
		id.Method = Method
	}
	if err := keep(w, r, id); err != nil {
		return fmt.Errorf("%w: %w", errRemember, err)
	}
	return nil
}

// LoginURL returns the address that a browser is sent to, to come back to service.
func (c *Client) LoginURL(service string) string {
	u := strings.TrimRight(c.Server, "/") + "/login?service=" + url.QueryEscape(service)
	if c.Renew {
		u += "&renew=true"
	}
	return u
}

// LogoutURL returns the address at which a user ends the session at the server. Have the
// browser go there after [auth.Forget].
func (c *Client) LogoutURL() string { return strings.TrimRight(c.Server, "/") + "/logout" }

// serviceURL is the address of r as the browser knows it, with query in place of its own.
func (c *Client) serviceURL(r *http.Request, query string) string {
	mount := url.URL{Path: httpx.MountPoint(r.Context())}
	path := mount.EscapedPath() + r.URL.EscapedPath()
	if !strings.HasPrefix(path, "/") { // "*", or empty
		path = "/"
	}
	s := strings.TrimRight(c.Service, "/") + path
	if query != "" {
		s += "?" + query
	}
	return s
}

// cutTicket takes the ticket off a query, where servers put it: at the end. The rest is
// left as it was written, for the service shown to the server must be the one it knows.
func cutTicket(query string) (rest, ticket string, ok bool) {
	last := query
	if i := strings.LastIndexByte(query, '&'); i >= 0 {
		rest, last = query[:i], query[i+1:]
	}
	value, ok := strings.CutPrefix(last, "ticket=")
	if !ok {
		return query, "", false
	}
	if ticket, err := url.QueryUnescape(value); err == nil {
		return rest, ticket, true
	}
	return rest, value, true
}

// firstLine is the text of an error without its hints and without our own prefixes.
func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(strings.TrimPrefix(s, errRemember.Error()+": "), "cas: ")
}

// client returns the HTTP client for the server.
func (c *Client) client() *http.Client {
	client := http.Client{Timeout: validateTimeout}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// withTimeout bounds the question also for a client of the user's that has no bound.
func (c *Client) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.HTTP != nil && c.HTTP.Timeout > 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, validateTimeout)
}
