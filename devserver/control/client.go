package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// maxAnswer bounds what the client takes into memory of one answer. The largest is
// an exchange whose two bodies were kept whole, in base64.
const maxAnswer = 256 << 20

// Client speaks to a running instance. Its methods are those of [Service] and behave
// like them, errors included. It is safe for concurrent use.
type Client struct {
	http *http.Client
	base string // "http://127.0.0.1:4040"
	auth string // the Authorization header; "" on the socket, whose file mode guards it
	// file is the instance's control.json, which it removes when it ends by itself.
	file string
}

// NewClient returns a client of inst, which [Find] found. It connects on first use.
func NewClient(inst Instance) *Client {
	tr := &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return inst.dial(ctx) },
		DisableCompression: true, // nothing to gain on one machine
	}
	c := &Client{http: &http.Client{Transport: tr}, base: "http://localhost", file: filepath.Join(inst.StateDir, instanceName)}
	if inst.Socket == "" && len(inst.URLs) > 0 {
		c.auth = "Bearer " + inst.token()
		if u, err := url.Parse(inst.URLs[0]); err == nil {
			c.base = "http://" + u.Host
		}
	}
	return c
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ended reports whether the instance has said goodbye, so that it need not be waited for.
func (c *Client) ended() bool {
	_, err := os.Lstat(c.file)
	return errors.Is(err, fs.ErrNotExist)
}

// Status returns the state of pastedev and of its target.
func (c *Client) Status(ctx context.Context) (inspect.Status, error) {
	return get[inspect.Status](ctx, c, "status", nil)
}

// Exchanges lists a window of the history. A wrong query is a [*query.Error]. The
// server caps Limit at 1000.
func (c *Client) Exchanges(ctx context.Context, req inspect.ListRequest) (inspect.List, error) {
	v := url.Values{}
	setIf(v, "q", req.Query, req.Query != "")
	setNum(v, "before", req.Before)
	setNum(v, "after", req.After)
	setNum(v, "limit", int64(min(req.Limit, maxListLimit)))
	setIf(v, "oldest", "1", req.Oldest)
	setIf(v, "roots", "1", req.Roots)
	var open []string
	for _, id := range req.Open[:min(len(req.Open), maxOpen)] {
		open = append(open, string(id))
	}
	setIf(v, "open", strings.Join(open, ","), len(open) > 0)
	return get[inspect.List](ctx, c, "exchanges", v)
}

// Exchange returns one exchange with its bodies, masked unless reveal is set. id may
// be an unambiguous prefix.
func (c *Client) Exchange(ctx context.Context, id inspect.ID, reveal bool) (*inspect.Exchange, error) {
	v := url.Values{"body": {"1"}}
	setIf(v, "reveal", "1", reveal)
	return get[*inspect.Exchange](ctx, c, "exchanges/"+url.PathEscape(string(id)), v)
}

// Builds returns the newest builds, newest first.
func (c *Client) Builds(ctx context.Context, limit int) ([]inspect.Build, error) {
	v := url.Values{}
	setNum(v, "limit", int64(min(limit, maxBuildLimit)))
	l, err := get[items[inspect.Build]](ctx, c, "builds", v)
	return l.Items, err
}

// Outputs returns what was printed after the line with this Seq, in order; with
// after 0 the newest lines.
func (c *Client) Outputs(ctx context.Context, after int64, limit int) ([]inspect.Output, error) {
	v := url.Values{}
	setNum(v, "after", after)
	setNum(v, "limit", int64(min(limit, maxOutputLimit)))
	l, err := get[items[inspect.Output]](ctx, c, "outputs", v)
	return l.Items, err
}

// Traces returns the outlines of the newest traces, newest first. The server caps limit
// at 500.
func (c *Client) Traces(ctx context.Context, limit int) ([]inspect.Trace, error) {
	v := url.Values{}
	setNum(v, "limit", int64(min(limit, maxTraceLimit)))
	l, err := get[items[inspect.Trace]](ctx, c, "traces", v)
	return l.Items, err
}

// Trace returns one trace: by its ID in decimal, or the newest with this code; masked
// unless reveal is set.
func (c *Client) Trace(ctx context.Context, ref string, reveal bool) (*inspect.Trace, error) {
	v := url.Values{}
	setIf(v, "reveal", "1", reveal)
	return get[*inspect.Trace](ctx, c, "traces/"+url.PathEscape(ref), v)
}

// TraceText returns one trace as text for a terminal; with all, each frame of it.
func (c *Client) TraceText(ctx context.Context, ref string, all bool) (string, error) {
	v := url.Values{}
	setIf(v, "all", "1", all)
	return c.text(ctx, "traces/"+url.PathEscape(ref)+"/text", v)
}

// TraceMarkdown returns one trace with what is known around it as Markdown.
func (c *Client) TraceMarkdown(ctx context.Context, ref string) (string, error) {
	return c.text(ctx, "traces/"+url.PathEscape(ref)+"/markdown", nil)
}

// Eval computes an expression in a frame of a trace, as [Service.Eval] does.
func (c *Client) Eval(ctx context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
	var out inspect.Variable
	err := c.post(ctx, "eval", evalRequest{trace, frame, expr}, &out)
	return out, err
}

// Replay sends a recorded request to the target again and returns the id of the new
// exchange.
func (c *Client) Replay(ctx context.Context, id inspect.ID) (inspect.ID, error) {
	var out struct {
		ID inspect.ID `json:"id"`
	}
	err := c.post(ctx, "replay", map[string]inspect.ID{"id": id}, &out)
	return out.ID, err
}

// Restart rebuilds and restarts the target.
func (c *Client) Restart(ctx context.Context) error {
	return c.RestartMount(ctx, "")
}

// RestartMount is Restart for the program of one mount; "" means all.
func (c *Client) RestartMount(ctx context.Context, mount string) error {
	return c.post(ctx, "restart", map[string]string{"mount": mount}, &struct{}{})
}

// Clear forgets the recorded exchanges.
func (c *Client) Clear(ctx context.Context) error {
	return c.post(ctx, "clear", struct{}{}, &struct{}{})
}

func setIf(v url.Values, key, value string, ok bool) {
	if ok {
		v.Set(key, value)
	}
}

// setNum leaves 0 out: it stands for the default on both sides.
func setNum(v url.Values, key string, n int64) {
	setIf(v, key, strconv.FormatInt(n, 10), n != 0)
}

func get[T any](ctx context.Context, c *Client, path string, v url.Values) (T, error) {
	var out T
	if len(v) > 0 {
		path += "?" + v.Encode()
	}
	res, err := c.do(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return out, err
	}
	return out, decodeAnswer(res, &out)
}

// text is get for an answer that is text.
func (c *Client) text(ctx context.Context, path string, v url.Values) (string, error) {
	if len(v) > 0 {
		path += "?" + v.Encode()
	}
	res, err := c.do(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return "", fmt.Errorf("read pastedev's answer: %w", err)
	}
	return string(b), nil
}

func (c *Client) post(ctx context.Context, path string, in, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return err
	}
	res, err := c.do(ctx, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, b)
	if err != nil {
		return err
	}
	return decodeAnswer(res, out)
}

// do sends a request and returns an answer that is not an error; its body must be
// closed.
func (c *Client) do(ctx context.Context, method, path string, h http.Header, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1/"+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask pastedev: %w", err)
	}
	for k, v := range h {
		req.Header[k] = v
	}
	if c.auth != "" {
		req.Header.Set("Authorization", c.auth)
	}
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return nil, fmt.Errorf("ask pastedev: %w\nhint: it has ended; start it with `pastedev run ./myapp`", op)
		}
		return nil, fmt.Errorf("ask pastedev: %w", err)
	}
	if res.StatusCode >= 400 {
		defer res.Body.Close()
		return nil, answerError(res)
	}
	return res, nil
}

func decodeAnswer(res *http.Response, out any) error {
	defer res.Body.Close()
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("read pastedev's answer: %w", err)
	}
	return nil
}

// answerError is the error that an answer stands for, as the service would have
// returned it.
func answerError(res *http.Response) error {
	p := &Problem{Status: res.StatusCode, Title: res.Status}
	if mt, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); mt == "application/problem+json" {
		if err := json.NewDecoder(io.LimitReader(res.Body, maxPostBody)).Decode(p); err != nil {
			return fmt.Errorf("read pastedev's answer (%s): %w", res.Status, err)
		}
	}
	switch p.Type {
	case problemQuery:
		return queryError(p)
	case problemAmbiguous:
		return ambiguousError(p)
	case problemNotFound:
		return &notFoundError{p}
	case problemConfirm:
		return &confirmError{p}
	}
	return p
}
