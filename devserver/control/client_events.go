package control

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const (
	// maxEventLine bounds one event: an exchange without bodies, whose headers the
	// front has bounded already, or a build with a long output.
	maxEventLine = 16 << 20
	// The waits between attempts to reach an instance again double from the first
	// to the second; after giveUp without one success it is taken to have ended.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
	giveUp     = 30 * time.Second
)

// Subscribe returns the live feed, as [Service.Subscribe] does. A connection that
// breaks is made again, going on where it was as far as the history allows. The
// channel is closed when ctx ends, when the instance has ended, or when it has been
// gone for half a minute without a word.
func (c *Client) Subscribe(ctx context.Context) (<-chan inspect.Event, error) {
	res, err := c.openFeed(ctx, "")
	if err != nil {
		return nil, err
	}
	out := make(chan inspect.Event)
	go func() { // ends with ctx or the instance; the reader of out sees it end
		defer close(out)
		c.followFeed(ctx, res, out)
	}()
	return out, nil
}

func (c *Client) openFeed(ctx context.Context, last string) (*http.Response, error) {
	h := http.Header{"Accept": {streamType}}
	if last != "" {
		h.Set("Last-Event-ID", last)
	}
	res, err := c.do(ctx, http.MethodGet, "events", h, nil)
	if err != nil {
		return nil, err
	}
	if mt, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); mt != streamType {
		res.Body.Close()
		return nil, fmt.Errorf("read pastedev's events: the answer is %q", mt)
	}
	return res, nil
}

// followFeed reads one connection after the other.
func (c *Client) followFeed(ctx context.Context, res *http.Response, out chan<- inspect.Event) {
	var last string
	wait, lost := firstRetry, time.Time{}
	for {
		if res != nil {
			if c.readFeed(ctx, res.Body, &last, out) { // something came: it was alive
				wait, lost = firstRetry, time.Time{}
			}
			res.Body.Close()
		}
		if lost.IsZero() {
			lost = time.Now()
		} else if time.Since(lost) > giveUp {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, lastRetry)
		var err error
		if res, err = c.openFeed(ctx, last); err != nil {
			if res = nil; c.ended() {
				return
			}
		}
	}
}

// readFeed sends on what body brings until it ends, and keeps the id of the last
// event. It reports whether any event came.
func (c *Client) readFeed(ctx context.Context, body io.Reader, last *string, out chan<- inspect.Event) (alive bool) {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 64<<10), maxEventLine)
	var id, kind, data string
	for lines.Scan() {
		line := lines.Text()
		if line != "" {
			field, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch field {
			case "id":
				id = value
			case "event":
				kind = value
			case "data":
				data += value
			}
			continue
		}
		if kind != "" {
			alive = true
			if e, err := DecodeEvent(kind, []byte(data)); err == nil && e != nil {
				select {
				case out <- e:
				case <-ctx.Done():
					return alive
				}
			}
		}
		if id != "" {
			*last = id
		}
		kind, data = "", ""
	}
	return alive
}
