package cas

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// maxAnswer bounds what is read of the server's answer: attributes of a user with
// hundreds of groups take some 50 kB.
const maxAnswer = 1 << 20

// maxUser bounds a user's name, which goes into cookies.
const maxUser = 256

// result is what the server says of a ticket that it accepts.
type result struct {
	user       string
	attributes map[string][]string // nil in version 1
}

// A refusedError is the server's no.
type refusedError struct {
	code string // of version 2 and 3: INVALID_TICKET, …
	why  string // in words, without control characters
}

func (e *refusedError) Error() string {
	s := "cas: the ticket is refused: " + e.why
	if e.code != "" && e.code != e.why {
		s += " (" + e.code + ")"
	}
	return s
}

// validate asks the server whether ticket was made for service. The error is a
// *refusedError if the server says no; anything else is trouble with the server.
func (c *Client) validate(ctx context.Context, service, ticket string) (result, error) {
	if ticket == "" || len(ticket) > maxTicket || strings.ContainsFunc(ticket, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		return result{}, &refusedError{why: "it is no ticket at all"}
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.validateURL(service, ticket), nil)
	if err != nil {
		return result{}, fmt.Errorf("cas: %w", withoutURL(err))
	}
	res, err := c.client().Do(req)
	if err != nil {
		return result{}, fmt.Errorf("cas: %w", withoutURL(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return result{}, fmt.Errorf("cas: it answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return result{}, fmt.Errorf("cas: its answer broke off: %w", withoutURL(err))
	}
	if len(body) > maxAnswer {
		return result{}, fmt.Errorf("cas: its answer is longer than %d bytes", maxAnswer)
	}
	var got result
	if c.Version == 1 {
		got, err = parsePlain(body)
	} else {
		got, err = parseXML(body)
	}
	if err == nil && (got.user == "" || len(got.user) > maxUser || !utf8.ValidString(got.user) || strings.ContainsFunc(got.user, control)) {
		return result{}, errors.New("cas: it named a user that is empty, too long or not text")
	}
	return got, err
}

// validateURL is where the ticket is asked about.
func (c *Client) validateURL(service, ticket string) string {
	path := "/p3/serviceValidate"
	switch c.Version {
	case 1:
		path = "/validate"
	case 2:
		path = "/serviceValidate"
	}
	u := strings.TrimRight(c.Server, "/") + path + "?service=" + url.QueryEscape(service) + "&ticket=" + url.QueryEscape(ticket)
	if c.Renew {
		u += "&renew=true"
	}
	return u
}

// withoutURL takes the address off an error, as it holds the ticket.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// parsePlain reads the answer of version 1: "yes", the user and, of some servers, more,
// each on a line; or "no".
func parsePlain(body []byte) (result, error) {
	head, rest, _ := bytes.Cut(body, []byte("\n"))
	switch strings.TrimRight(string(head), "\r") {
	case "yes":
		user, _, _ := bytes.Cut(rest, []byte("\n"))
		return result{user: strings.TrimSpace(string(user))}, nil
	case "no":
		return result{}, &refusedError{why: "it is unknown, used up, too old or for another service"}
	}
	return result{}, errors.New("cas: its answer begins with neither yes nor no\nhint: set Version to the protocol that the server speaks")
}

func control(c rune) bool { return c < ' ' || c >= 0x7f && c < 0xa0 || c == '\u2028' || c == '\u2029' }
