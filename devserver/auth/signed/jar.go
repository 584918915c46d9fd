package signed

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/pastedev/pastedev/devserver/auth"
	"github.com/pastedev/pastedev/devserver/auth/internal/login"
)

// A jar is the cookie of one request on its way to the response. It is the request's
// [auth.Keeper].
type jar struct {
	cookie  *Cookie
	request *http.Request

	mu      sync.Mutex
	content Content
	sent    bool // by the client, good or bad
	due     bool // for a new one, changed or not
	begun   bool // the response has
}

// Remember is for [auth.Remember].
func (j *jar) Remember(id auth.Identity) error {
	return j.change(func(c *Content) { c.Identity = id })
}

// Forget is for [auth.Forget]. The values go too: they were this user's.
func (j *jar) Forget() error {
	return j.change(func(c *Content) { *c = Content{} })
}

// change makes a change if the cookie can hold its outcome.
func (j *jar) change(f func(*Content)) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.begun {
		j.cookie.log(j.request, errBegun)
		return errBegun
	}
	next := j.content
	if next.Values = maps.Clone(next.Values); next.Values == nil {
		next.Values = make(map[string]string)
	}
	f(&next)
	if _, err := j.encode(next); err != nil {
		j.cookie.log(j.request, err)
		return err
	}
	j.content, j.due = next, true
	return nil
}

// encode returns the cookie's value for the content from now on.
func (j *jar) encode(content Content) (string, error) {
	c := j.cookie
	content.Expires = time.Now().Add(c.timeout())
	value, err := content.sign(c.name(), c.keys[0])
	if err != nil {
		return "", err
	}
	if n := len(c.name()) + len(value); n > sizeLimit {
		return "", fmt.Errorf("signed: cookie %s would have %d bytes, and browsers keep %d\n"+
			"hint: keep a key in it and the rest at the server", c.name(), n, sizeLimit)
	}
	return value, nil
}

// commit puts the cookie into the header of a response that is about to begin, if there
// is something to say.
func (j *jar) commit(header http.Header) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun = true
	if !j.due {
		return
	}
	value := ""
	if j.content.empty() {
		if !j.sent {
			return
		}
	} else {
		var err error
		if value, err = j.encode(j.content); err != nil {
			j.cookie.log(j.request, err)
			return
		}
	}
	set := j.cookie.header(j.request, value).String()
	if set == "" {
		j.cookie.log(j.request, fmt.Errorf("signed: %q cannot be the name of a cookie", j.cookie.name()))
		return
	}
	header.Add("Set-Cookie", set)
	login.KeepCookie(header)
}
