package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/devserver/inject"
	"github.com/pastedev/pastedev/inspect"
)

// requestFlags are those of `pastedev request`.
type requestFlags struct {
	header  []string
	data    string
	json    bool
	head    bool
	fail    bool
	state   string
	timeout time.Duration
}

func newRequestCommand(std stdio) *cobra.Command {
	var f requestFlags
	cmd := &cobra.Command{
		Use:   "request METHOD PATH",
		Short: "Send one request to the app, starting it if it does not run",
		Long: `request sends one request to the app of the instance that runs for this folder and
prints the answer's body. Where none runs, it starts what pastedev.toml names
(target, or its mounts), asks, and ends it again.

What happened inside is recorded as ever: the exchange's ID is printed on standard
error, and with --json the whole record on standard output.`,
		Example: `  pastedev request GET /cart
  pastedev request POST /cart -H 'Content-Type: application/json' -d '{"n":1}'
  pastedev request PUT /file -d @photo.jpg
  pastedev request GET /slow --json | jq .call_tree`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("request needs a method and a path\nhint: %s GET /", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRequest(cmd.Context(), std, f, strings.ToUpper(args[0]), args[1])
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.header, "header", "H", nil, "a header field, 'Name: value'; repeatable")
	flags.StringVarP(&f.data, "data", "d", "", "the body; @FILE reads a file, @- the standard input")
	flags.BoolVarP(&f.head, "include", "i", false, "print status and header fields before the body")
	flags.BoolVar(&f.fail, "fail", false, "end with 1 when the status is 400 or more")
	flags.DurationVar(&f.timeout, "timeout", 2*time.Minute, "longest wait for the app and its answer")
	jsonFlag(cmd, &f.json)
	stateFlag(cmd, &f.state)
	return cmd
}

func runRequest(ctx context.Context, std stdio, f requestFlags, method, path string) error {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	client, err := dial(dir, f.state)
	if err == nil {
		defer client.Close()
		return sendRequest(ctx, std, f, client, method, path)
	}
	if !errors.Is(err, control.ErrNoInstance) || f.state != "" {
		return err
	}
	return withConfigured(ctx, std, dir, func(ctx context.Context, client *control.Client) error {
		return sendRequest(ctx, std, f, client, method, path)
	})
}

// withConfigured starts what pastedev.toml names, calls do with a client of it when it
// answers, and ends it.
func withConfigured(ctx context.Context, std stdio, dir string, do func(context.Context, *control.Client) error) error {
	c, err := loadConfig(dir, newRunCommand(std).Flags(), os.Getenv)
	if err != nil {
		return err
	}
	quiet := stdio{in: nil, out: io.Discard, err: io.Discard}
	c.UI, c.Exit = "log", false
	s, err := openConfigured(ctx, quiet, c, dir)
	if err != nil {
		return err
	}
	defer s.close()
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.run(running, nil) }()
	defer func() { stop(); <-ended }()
	client, err := dial(dir, s.stateDir)
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Fprintf(std.err, "pastedev: starting %s\n", s.status().Target)
	if s.state.wait(ctx, func(st inspect.State) bool { return st == inspect.StateRunning || hasFailed(st) }) != inspect.StateRunning {
		return notRunning(ctx, s)
	}
	return do(ctx, client)
}

// notRunning says why a target, or the program of a mount that is worst off, does not run.
func notRunning(ctx context.Context, s *session) error {
	if ctx.Err() != nil {
		return fmt.Errorf("start %s: %w\nhint: --timeout gives it longer", s.title(), ctx.Err())
	}
	snap := s.standing()
	text := snap.Detail
	for _, p := range s.programs() {
		for _, o := range p.super.LastOutput(failureLines) {
			if line := oneLine(o.Text); !strings.Contains(text, line) {
				text += "\n  " + line
			}
		}
	}
	if b := snap.Build; b != nil {
		for _, d := range b.Diagnostics {
			text += fmt.Sprintf("\n  %s:%d: %s", oneLine(d.File), d.Line, oneLine(d.Message))
		}
	}
	return fmt.Errorf("start %s: %s", s.title(), strings.TrimSpace(text))
}

// failureLines is how much of a program's output says why it does not run.
const failureLines = 20

// sendRequest sends the request to the first address of an instance.
func sendRequest(ctx context.Context, std stdio, f requestFlags, client *control.Client, method, path string) error {
	st, err := client.Status(ctx)
	if err != nil {
		return err
	}
	if len(st.Listeners) == 0 {
		return fmt.Errorf("the app listens nowhere yet: it is %s", st.State)
	}
	target, err := requestURL(st.Listeners, path)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return usagef("%s %s: %s\nhint: pastedev request GET /cart", method, path, strings.TrimPrefix(err.Error(), "net/http: "))
	}
	if err := f.body(std, req); err != nil {
		return err
	}
	if req.Body != nil {
		defer req.Body.Close()
	}
	req.Header.Set("X-Pastedev", inject.NoScript) // this is no browser
	for _, field := range f.header {
		name, value, ok := strings.Cut(field, ":")
		if !ok {
			return usagef("--header is %q\nhint: -H 'Name: value'", field)
		}
		if strings.EqualFold(name, "Host") {
			req.Host = strings.TrimSpace(value)
			continue
		}
		req.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		return f.unanswered(method, path, err)
	}
	defer res.Body.Close()
	if err := f.print(ctx, std, client, res); err != nil {
		return f.unanswered(method, path, err)
	}
	if f.fail && res.StatusCode >= http.StatusBadRequest {
		return exitError(exitFailure)
	}
	return nil
}

// unanswered says that there was no answer, or not all of it, within --timeout.
func (f *requestFlags) unanswered(method, path string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s %s: no whole answer within %v\nhint: --timeout gives it longer; pastedev requests is:inflight shows whether it goes on", method, path, f.timeout)
	}
	return fmt.Errorf("%s %s: %w", method, path, err)
}

// requestURL makes the address of a path, or of a whole URL of one of the listeners.
func requestURL(listeners []string, path string) (string, error) {
	if u, err := url.Parse(path); err == nil && u.IsAbs() {
		base := u.Scheme + "://" + u.Host
		if !slices.Contains(listeners, base) {
			return "", usagef("%s is not the app's\nhint: it listens at %s", base, strings.Join(listeners, ", "))
		}
		return path, nil
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return strings.TrimSuffix(listeners[0], "/") + path, nil
}

// body gives a request what --data names.
func (f *requestFlags) body(std stdio, req *http.Request) error {
	name, isFile := strings.CutPrefix(f.data, "@")
	switch {
	case f.data == "":
		return nil
	case !isFile:
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(f.data)), int64(len(f.data))
		return nil
	case name == "-":
		req.Body, req.ContentLength = io.NopCloser(std.in), -1
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("--data %s: %w\nhint: @ stands before the name of a file; --data @- reads the body from the standard input", f.data, reason(err))
	}
	req.Body, req.ContentLength = file, -1
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		req.ContentLength = info.Size()
	}
	return nil
}

// exchangeID finds the exchange in an answer's Server-Timing.
var exchangeID = regexp.MustCompile(`pastedev;desc="([0-9a-f]{32})"`)

func (f *requestFlags) print(ctx context.Context, std stdio, client *control.Client, res *http.Response) error {
	id := ""
	if m := exchangeID.FindStringSubmatch(strings.Join(res.Header.Values("Server-Timing"), ",")); m != nil {
		id = m[1]
	}
	out := std.out
	if f.json {
		out = io.Discard
	}
	if f.head {
		fmt.Fprintf(out, "%s %s\n", res.Proto, res.Status)
		res.Header.Write(out)
		fmt.Fprintln(out)
	}
	if _, err := io.Copy(out, res.Body); err != nil { // it says whether reading or writing failed
		return err
	}
	if !f.json {
		fmt.Fprintf(std.err, "\n%s", res.Status)
		if id != "" {
			fmt.Fprintf(std.err, "  pastedev show %s", id[:8])
		}
		fmt.Fprintln(std.err)
		return nil
	}
	if id == "" {
		return errors.New("the answer names no exchange\nhint: --json needs Server-Timing, which --no-headers leaves out")
	}
	ex, err := finishedExchange(ctx, client, inspect.ID(id))
	if err != nil {
		return err
	}
	return printJSON(std.out, ex)
}

// finishedExchange returns an exchange once its record is complete.
func finishedExchange(ctx context.Context, client *control.Client, id inspect.ID) (*inspect.Exchange, error) {
	for {
		ex, err := client.Exchange(ctx, id, false)
		if err == nil && !ex.InFlight {
			if ex.Sums.Nodes > 0 {
				ex.CallTree, _ = client.CallTree(ctx, id)
			}
			return ex, nil
		}
		if err != nil && !errors.Is(err, inspect.ErrNotFound) {
			return nil, err
		}
		select { // the record is complete milliseconds after the last byte
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
