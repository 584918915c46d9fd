package cgi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/devserver/cgi"
)

// serve answers with h on a real server; its reports come on the channel.
func serve(t *testing.T, h *cgi.Handler) (address string, reports chan cgi.Report) {
	t.Helper()
	needUnix(t)
	reports = make(chan cgi.Report, 100)
	h.Done = func(p cgi.Report) { reports <- p }
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL, reports
}

// script serves one of testdata/bin.
func script(t *testing.T, name string) (string, chan cgi.Report) {
	return serve(t, &cgi.Handler{Path: "testdata/bin/" + name})
}

func needUnix(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts need a unix system")
	}
	if _, err := exec.LookPath("perl"); err != nil {
		t.Skip("needs perl")
	}
}

func do(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func get(t *testing.T, url string, fields ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	return do(t, r)
}

// The checks of paste.cgiapp and more, each a script.
func TestAnswers(t *testing.T) {
	for _, tc := range []struct {
		script string
		status int
		header http.Header
		body   string
		exit   int
		signal string
		warn   []string
	}{
		{script: "ok.cgi", status: 200, header: http.Header{"Content-Type": {"text/html; charset=UTF-8"}}, body: "This is the body"},
		{script: "crlf.cgi", status: 200, header: http.Header{"Content-Type": {"text/plain"}, "Set-Cookie": {"a=1", "b=2; Path=/"}, "X-Empty": {""}}, body: "body\r\n"},
		{script: "gone.cgi", status: 404, header: http.Header{"Content-Type": {"text/plain"}, "Status": nil}, body: "gone\n"},
		{script: "bare.cgi", status: 418, header: http.Header{"Content-Type": nil}, body: "teapot", warn: []string{"it printed no Content-Type"}},
		{script: "stderr.cgi", status: 500, body: "There was an error"},
		{script: "exit3.cgi", status: 200, body: "all of it", exit: 3, warn: []string{"it ended with exit code 3 after its answer"}},
		{script: "signal.cgi", status: 200, body: "all of it", exit: -1, signal: "segmentation fault", warn: []string{"it was ended by a signal after its answer: segmentation fault"}},
		{script: "away.cgi", status: 302, header: http.Header{"Location": {"https://example.com/x"}}},
		{script: "network.cgi", status: 302, header: http.Header{"Location": {"//example.com/x"}}},
		{script: "local.cgi", status: 302, header: http.Header{"Location": {"/there/page?x=1"}}, body: "ignored"},
		{script: "located.cgi", status: 201, header: http.Header{"Location": {"/things/1"}}, body: "made"},
		{script: "head.cgi", status: 200, body: "body", header: http.Header{"Content-Length": {"4"}},
			warn: []string{"it printed Connection, Transfer-Encoding, which is for the server to say and was left out"}},
		{script: "nocontent.cgi", status: 204, warn: []string{"it printed 4 bytes of body, which status 204 does not have"}},
		{script: "early.cgi", status: 200, body: "no thanks"},
	} {
		t.Run(tc.script, func(t *testing.T) {
			address, reports := script(t, tc.script)
			res, body := get(t, address)
			p := <-reports
			if res.StatusCode != tc.status || body != tc.body {
				t.Errorf("got %d %q, want %d %q", res.StatusCode, body, tc.status, tc.body)
			}
			for name, want := range tc.header {
				if diff := cmp.Diff(want, res.Header[name]); diff != "" {
					t.Errorf("%s: -want +got\n%s", name, diff)
				}
			}
			if p.ExitCode != tc.exit || p.Signal != tc.signal || p.Status != tc.status || p.Failure != nil || p.Duration <= 0 || p.PID == 0 {
				t.Errorf("report: %+v", p)
			}
			if diff := cmp.Diff(tc.warn, p.Warnings); diff != "" {
				t.Errorf("warnings: -want +got\n%s", diff)
			}
		})
	}
}

func TestHeadHasNoBody(t *testing.T) {
	for _, name := range []string{"ok.cgi", "head.cgi"} {
		address, reports := script(t, name)
		r, _ := http.NewRequest("HEAD", address, nil)
		res, body := do(t, r)
		p := <-reports
		if res.StatusCode != 200 || body != "" || p.Failure != nil || p.Output != 0 {
			t.Errorf("%s: %d %q %+v", name, res.StatusCode, body, p)
		}
	}
}

// What is wrong is told in words, with the line it is about.
func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		script string
		status int
		want   []string
	}{
		{"hey.cgi", 502, []string{"line 1 of its answer: not a field, there is no colon", "hey <you>!", "hint: print fields such as", "exit code 0", "and more"}},
		{"nothing.cgi", 502, []string{"testdata/bin/nothing.cgi: it printed nothing", "Can't locate the database", "exit code"}},
		{"noblank.cgi", 502, []string{"ended before the blank line"}},
		{"raw.cgi", 502, []string{"status line", "HTTP/1.0 200 OK", `"Status: 200 OK"`}},
		{"nph-raw.cgi", 500, []string{`begins with "nph-"`, "hint: rename it"}},
		{"mode.cgi", 500, []string{"testdata/bin/mode.cgi: is not executable (mode 06", "\nhint: chmod +x testdata/bin/mode.cgi"}},
		{"no-such.cgi", 500, []string{"testdata/bin/no-such.cgi: no such file"}},
		{"sub", 500, []string{"is a folder, not a program"}},
		{"missing.cgi", 500, []string{`its interpreter "/usr/bin/no-such-interpreter" is missing`, "hint: correct its first line"}},
		{"dos.cgi", 500, []string{`first line ends in CR LF`, `"/bin/sh\r"`, "hint: write the file with LF"}},
		{"noline.cgi", 500, []string{"neither a program of this system nor a script", "#!/bin/sh"}},
	} {
		t.Run(tc.script, func(t *testing.T) {
			address, reports := script(t, tc.script)
			res, body := get(t, address)
			p := <-reports
			if res.StatusCode != tc.status || res.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("%d %v", res.StatusCode, res.Header)
			}
			for _, want := range tc.want {
				if !strings.Contains(body, want) {
					t.Errorf("%q is not in\n%s", want, body)
				}
			}
			if p.Failure == nil || p.Status != tc.status || p.Failure.Status != tc.status {
				t.Errorf("report: %+v", p)
			}
			if err := (&cgi.Handler{Path: "testdata/bin/" + tc.script}).Check(); (err != nil) != (tc.status == 500 && p.PID == 0 && !strings.Contains("missing.cgi dos.cgi noline.cgi", tc.script)) {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

func TestFailureForms(t *testing.T) {
	address, reports := script(t, "hey.cgi")
	res, body := get(t, address, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if res.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(body, "hey &lt;you&gt;!") || strings.Contains(body, "<you>") {
		t.Errorf("%v\n%s", res.Header, body)
	}
	for _, accept := range []string{"application/json", "application/problem+json"} {
		res, body = get(t, address, "Accept", accept)
		if res.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(body, `"status": 502`) || !strings.Contains(body, `"stderr": [`) {
			t.Errorf("%v\n%s", res.Header, body)
		}
	}
	for range 3 {
		<-reports
	}
}

func TestStderr(t *testing.T) {
	address, reports := script(t, "stderr.cgi")
	get(t, address)
	var lines []string
	for _, l := range (<-reports).Stderr {
		lines = append(lines, l.Text)
	}
	if diff := cmp.Diff([]string{"some data", "from <b>stderr</b>"}, lines); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestStderrIsBounded(t *testing.T) {
	path := write(t, "#!/usr/bin/perl\nprint STDERR 'x' x 5000, \"\\n\"; print STDERR \"line $_\\n\" for 1..2000; print STDERR 'tail'; print \"Content-Type: text/plain\\n\\n\";")
	address, reports := serve(t, &cgi.Handler{Path: path})
	get(t, address)
	p := <-reports
	if len(p.Stderr) != 1000 || p.StderrDropped != 1002 || len(p.Stderr[0].Text) != 4096+len("…") || p.Stderr[1].Text != "line 1" {
		t.Errorf("%d lines, %d dropped, first of %d bytes", len(p.Stderr), p.StderrDropped, len(p.Stderr[0].Text))
	}
}

// write makes a program.
func write(t *testing.T, text string) string {
	t.Helper()
	needUnix(t)
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestQueryOfHandler(t *testing.T) {
	for _, tc := range []struct{ own, asked, want string }{
		{"a=1", "?b=2", "b=2&a=1|0|"},
		{"a=1", "", "a=1|0|"},
		{"", "?b=2", "b=2|0|"},
		{"", "?-s+-d", "-s+-d|0|"}, // never arguments
	} {
		address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/query.cgi", Query: tc.own})
		_, body := get(t, address+"/"+tc.asked)
		<-reports
		if body != tc.want {
			t.Errorf("%+v: got %q", tc, body)
		}
	}
	address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/query.cgi", Args: []string{"first; $HOME"}})
	if _, body := get(t, address); body != "|1|first; $HOME" {
		t.Errorf("got %q", body)
	}
	if p := <-reports; !slices.Equal(p.Args, []string{"first; $HOME"}) {
		t.Errorf("%+v", p)
	}
}
