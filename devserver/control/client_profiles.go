package control

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/pastedev/pastedev/inspect"
)

// CallTree returns the calls that an exchange made, as [Service.CallTree] does.
func (c *Client) CallTree(ctx context.Context, id inspect.ID) (*inspect.CallTree, error) {
	return get[*inspect.CallTree](ctx, c, "exchanges/"+url.PathEscape(string(id))+"/calltree", nil)
}

// Profile records a profile, as [Service.Profile] does.
func (c *Client) Profile(ctx context.Context, req inspect.ProfileRequest) (inspect.Profile, error) {
	var out inspect.Profile
	err := c.post(ctx, "profile", req, &out)
	return out, err
}

// Profiles returns the newest recorded profiles, newest first. The server caps limit at
// 500, which is more than are kept.
func (c *Client) Profiles(ctx context.Context, limit int) ([]inspect.Profile, error) {
	v := url.Values{}
	if limit == 0 {
		limit = maxProfileLimit
	}
	setNum(v, "limit", int64(min(limit, maxProfileLimit)))
	l, err := get[items[inspect.Profile]](ctx, c, "profiles", v)
	return l.Items, err
}

// ProfileByID returns what is known of a profile.
func (c *Client) ProfileByID(ctx context.Context, id int64) (inspect.Profile, error) {
	return get[inspect.Profile](ctx, c, fmt.Sprintf("profiles/%d", id), nil)
}

// ProfileData returns a profile as go tool pprof or go tool trace reads it.
func (c *Client) ProfileData(ctx context.Context, id int64) ([]byte, error) {
	res, err := c.do(ctx, http.MethodGet, fmt.Sprintf("profiles/%d/data", id), nil, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read pastedev's answer: %w", err)
	}
	return b, nil
}

// ProfileTop returns the n functions that most of a profile was measured in; 0 means all.
func (c *Client) ProfileTop(ctx context.Context, id int64, n int) ([]inspect.ProfileRow, error) {
	v := url.Values{}
	if n == 0 {
		n = maxTop
	}
	setNum(v, "n", int64(min(n, maxTop)))
	l, err := get[items[inspect.ProfileRow]](ctx, c, fmt.Sprintf("profiles/%d/top", id), v)
	return l.Items, err
}

// Compare says how one exchange differs from another, as [Service.Compare] does.
func (c *Client) Compare(ctx context.Context, before, after inspect.ID) (inspect.Comparison, error) {
	v := url.Values{"after": {string(after)}}
	setIf(v, "before", string(before), before != "")
	return get[inspect.Comparison](ctx, c, "compare", v)
}

// CompareRoute compares the exchanges of a route since the last build with those before.
func (c *Client) CompareRoute(ctx context.Context, route string) (inspect.Comparison, error) {
	return get[inspect.Comparison](ctx, c, "compare", url.Values{"route": {route}})
}

// Goroutines returns the stacks of the goroutines that an exchange has at this moment.
func (c *Client) Goroutines(ctx context.Context, id inspect.ID) (string, error) {
	return c.text(ctx, "exchanges/"+url.PathEscape(string(id))+"/goroutines", nil)
}

// Cancel ends an exchange that is in flight.
func (c *Client) Cancel(ctx context.Context, id inspect.ID) error {
	return c.post(ctx, "cancel", map[string]inspect.ID{"id": id}, &struct{}{})
}

// SetCallTree turns the call tree of coming requests on or off.
func (c *Client) SetCallTree(ctx context.Context, on bool) error {
	return c.post(ctx, "calltree", map[string]bool{"on": on}, &struct{}{})
}
