package ticket

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
)

// A desk issues the ticket of one response. It is the request's [auth.Keeper].
type desk struct {
	cookie  *Cookie
	request *http.Request

	mu     sync.Mutex
	ticket Ticket // the client's, or the one it is to have; the zero Ticket: none
	due    bool   // for a new cookie
	begun  bool   // the response has
}

var errBegun = errors.New("ticket: the response has begun, its cookies cannot change any more")

// Remember is for [auth.Remember].
func (d *desk) Remember(id auth.Identity) error {
	return d.change(Ticket{User: id.User, Tokens: id.Roles, Data: id.Data})
}

// Forget is for [auth.Forget].
func (d *desk) Forget() error { return d.change(Ticket{}) }

// change makes t the client's ticket, if it can be issued.
func (d *desk) change(t Ticket) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := errBegun
	if !d.begun {
		_, err = d.issue(t)
	}
	if err != nil {
		d.cookie.log(d.request, err)
		return err
	}
	d.ticket, d.due = t, true
	return nil
}

// issue returns the cookie's value of t as of now, empty for none.
func (d *desk) issue(t Ticket) (string, error) {
	c := d.cookie
	if t.User == "" && len(t.Tokens) == 0 {
		return "", nil
	}
	// Why there is no address is told when the ticket goes out, see commit.
	t.Addr, _ = c.bound(d.request)
	t.Issued, t.Hash = time.Now(), c.Hash
	value, err := t.Sign(c.secrets[0])
	if err != nil {
		return "", err
	}
	if n := len(c.name()) + len(value); n > sizeLimit {
		return "", fmt.Errorf("ticket: cookie %s would have %d bytes, and browsers keep %d\n"+
			"hint: keep a key in the user data and the rest at the server", c.name(), n, sizeLimit)
	}
	return value, nil
}

// commit puts the cookie into the header of a response that is about to begin, if there
// is something to say.
func (d *desk) commit(header http.Header) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.begun = true
	if !d.due {
		return
	}
	c := d.cookie
	value, err := d.issue(d.ticket)
	if err != nil {
		c.log(d.request, err)
		return
	}
	set := c.header(d.request, value).String()
	if set == "" {
		c.log(d.request, fmt.Errorf("ticket: %q cannot be the name of a cookie", c.name()))
		return
	}
	if _, err := c.bound(d.request); err != nil && value != "" {
		c.log(d.request, err)
	}
	header.Add("Set-Cookie", set)
	login.KeepCookie(header)
}
