package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/control"
	"github.com/pastedev/pastedev/inspect"
)

// startShop runs one of the book shops: a package below the root of its module.
func startShop(tb testing.TB, name string) *instance {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "books")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "fixtures", "apps", "books"))); err != nil {
		tb.Fatal(err)
	}
	addr := freeAddr(tb)
	in := start(tb, dir, "http://"+addr+"/", "run", "--ui=log", "./"+name, addr)
	in.await("/", name+", version 1")
	in.awaitRecording()
	return in
}

// startPanics runs the app that fails in every way.
func startPanics(tb testing.TB, flags ...string) *instance {
	tb.Helper()
	in := startApp(tb, "panics", flags...)
	in.await("/", "panics, version 1")
	in.awaitRecording()
	return in
}

// answer is what a client got, also when it broke off.
type answer struct {
	id     inspect.ID // of the exchange
	status int
	header http.Header
	body   string
	err    error
}

// ask sends GET path. The trace id it brings along becomes the ID of the exchange.
func (in *instance) ask(path string, header ...string) answer {
	in.tb.Helper()
	a := answer{id: inspect.NewID()}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, in.url+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		in.tb.Fatal(err)
	}
	req.Header.Set("Traceparent", a.id.TraceParent())
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		a.err = err
		return a
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	a.status, a.header, a.body, a.err = res.StatusCode, res.Header, string(b), err
	return a
}

// client is joined to the instance until the test ends.
func (in *instance) client() *control.Client {
	in.tb.Helper()
	c, err := dial(in.dir, "")
	if err != nil {
		in.tb.Fatal(err)
	}
	in.tb.Cleanup(c.Close)
	return c
}

// exchange returns the exchange once it has ended and ok holds for it.
func (in *instance) exchange(id inspect.ID, ok func(*inspect.Exchange) bool) *inspect.Exchange {
	in.tb.Helper()
	c := in.client()
	ctx, cancel := context.WithTimeout(context.Background(), inTime)
	defer cancel()
	for {
		ex, err := c.Exchange(ctx, id, false)
		if err == nil && !ex.InFlight && (ok == nil || ok(ex)) {
			return ex
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("exchange %s never was as it should be: %v\n%s", id, err, describe(ex))
		case <-time.After(20 * time.Millisecond): // a reader of the API has no event for "complete"
		}
	}
}

// inTime bounds the wait for what has happened already and is on its way to the history.
// The variables of a panic come once debug data are linked, at the lowest priority.
const inTime = patience

// describe lists what is known of an exchange's inside.
func describe(ex *inspect.Exchange) string {
	if ex == nil {
		return "no such exchange"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %d, %+v, traces %v\n", ex.Method, ex.Path, ex.Status, ex.Sums, ex.Traces)
	for _, o := range ex.Logs {
		fmt.Fprintf(&b, "  %s %s %q %v\n", o.Stream, o.Level, o.Text, o.Attrs)
	}
	for _, s := range ex.Spans {
		fmt.Fprintf(&b, "  %d %s %+v %+v %+v %s\n", s.Seq, s.Kind, s.Caller, s.SQL, s.Call, s.Error)
	}
	return b.String()
}

// lineOf returns the number of the one line of the instance's file that holds text.
func (in *instance) lineOf(file, text string) int {
	in.tb.Helper()
	b, err := os.ReadFile(filepath.Join(in.dir, file))
	if err != nil {
		in.tb.Fatal(err)
	}
	before, _, ok := strings.Cut(string(b), text)
	if !ok || strings.Count(string(b), text) != 1 {
		in.tb.Fatalf("%s holds %q not once", file, text)
	}
	return 1 + strings.Count(before, "\n")
}

// texts are the printed lines.
func texts(logs []inspect.Output) []string {
	var list []string
	for _, o := range logs {
		list = append(list, o.Text)
	}
	return list
}

// spans are those of a kind, with what differs from run to run left out.
func spansOf(ex *inspect.Exchange, kind inspect.SpanKind) []string {
	var list []string
	for _, s := range ex.Spans {
		if s.Kind != kind {
			continue
		}
		caller := "?"
		if s.Caller != nil {
			caller = fmt.Sprintf("%s:%d", s.Caller.File, s.Caller.Line)
		}
		switch {
		case s.SQL != nil:
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %q %d rows, %s %s", s.SQL.Op, s.SQL.Statement, s.SQL.Args, s.SQL.Rows, caller, s.Error)))
		case s.Call != nil:
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %d, %s %s", s.Call.Method, s.Call.URL, s.Call.Status, caller, s.Error)))
		}
	}
	return list
}

// timing returns the metric of that name in the Server-Timing fields.
func timing(h http.Header, name string) string {
	m := regexp.MustCompile(`(?:^|, )` + name + `;([^,]*)`).FindStringSubmatch(strings.Join(h.Values("Server-Timing"), ", "))
	if m == nil {
		return ""
	}
	return m[1]
}
