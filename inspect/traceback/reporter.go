package traceback

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Reporter takes a report somewhere. A reporter that fails never hides the error: the page is
// served all the same and names what failed. It may be called by many goroutines.
//
// Paste's ancestors are paste.exceptions.reporter and __traceback_reporter__.
type Reporter interface {
	Report(ctx context.Context, r *Report) error
}

// LogFile appends each report as text to a file, which is made with mode 0600: reports hold
// what requests hold.
type LogFile struct {
	Path string
	mu   sync.Mutex
}

// Report appends.
func (l *LogFile) Report(_ context.Context, r *Report) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return appendFile(l.Path, []byte(ReportText(r)+"\n"))
}

// JSONLines appends each report as one line of JSON: the trace with its request.
type JSONLines struct {
	Path string
	mu   sync.Mutex
}

// Report appends.
func (j *JSONLines) Report(_ context.Context, r *Report) error {
	b, err := reportJSON(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return appendFile(j.Path, append(b, '\n'))
}

func reportJSON(r *Report) ([]byte, error) {
	b, err := json.Marshal(struct {
		Trace    any       `json:"trace"`
		Request  *Request  `json:"request,omitempty"`
		Sections []Section `json:"sections,omitempty"`
		Notices  []string  `json:"notices,omitempty"`
	}{r.Trace, r.Request, r.Sections, r.Notices})
	if err != nil {
		return nil, fmt.Errorf("write report as JSON: %w", err)
	}
	return b, nil
}

func appendFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// Dir writes each report into a file of its own, named by time and code. Paste's ancestor is
// the logdir of paste.cgitb_catcher.
type Dir struct {
	Path string
}

// Report writes an HTML page and, beside it, nothing else.
func (d *Dir) Report(_ context.Context, r *Report) error {
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(d.Path, r.Trace.Time.UTC().Format("20060102-150405")+"-"+safeName(r.Trace.Code)+"-*.html")
	if err != nil {
		return err
	}
	_, err = f.Write(HTML(PageData{Report: *r}))
	return errors.Join(err, f.Close())
}

func safeName(s string) string { return filepath.Base("/" + clean(s)) }

// Webhook posts each report as JSON to a URL.
type Webhook struct {
	URL    string
	Header http.Header  // added to the request: an Authorization, say
	Client *http.Client // nil means http.DefaultClient; the context bounds the time
}

// maxHookAnswer is how much of the answer is read, in bytes: enough to reuse the connection.
const maxHookAnswer = 64 << 10

// Report posts. Any answer below 300 is good.
func (h *Webhook) Report(ctx context.Context, r *Report) (err error) {
	b, err := reportJSON(r)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("post report: %w", err)
	}
	for k, v := range h.Header {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", "application/json")
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("post report: %w", err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("post report: %s answered %s", h.URL, resp.Status)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxHookAnswer))
	return err
}

// deadline is when work that takes part of ctx has to end, for calls that know no context.
func deadline(ctx context.Context) time.Time {
	if t, ok := ctx.Deadline(); ok {
		return t
	}
	return time.Now().Add(defaultTimeout)
}
