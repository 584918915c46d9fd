//go:build unix

package cgi_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/cgi"
)

// What a program leaves running neither holds back its answer nor is ended with it.
func TestLeftRunning(t *testing.T) {
	t.Parallel()
	path, entry := pidfile(t)
	address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/leaves.cgi", Timeout: -1, Set: []string{entry}})
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	p := <-reports
	data, _ := os.ReadFile(path)
	left, perr := strconv.Atoi(strings.TrimSpace(string(data)))
	if perr != nil {
		t.Fatal(perr)
	}
	if err := syscall.Kill(left, syscall.SIGKILL); err != nil {
		t.Errorf("what it left running is gone: %v", err)
	}
	if string(body) != "all of it" || err != nil || p.Failure != nil || p.ExitCode != 0 || p.Signal != "" {
		t.Errorf("%q, %v, %+v", body, err, p)
	}
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "a process that it left running holds its standard output") {
		t.Errorf("warnings: %q", p.Warnings)
	}
}

// A program that closes its output and goes on has answered.
func TestGoesOnAfterItsAnswer(t *testing.T) {
	t.Parallel()
	path := write(t, "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nall of it'\nexec >&- sleep 1000")
	address, reports := serve(t, &cgi.Handler{Path: path, Timeout: 3 * time.Second})
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	p := <-reports
	if string(body) != "all of it" || err != nil || p.Failure != nil || p.Signal != "terminated" ||
		len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "it had closed its output, went on for 3s, and was ended") {
		t.Errorf("%q, %v, %+v", body, err, p)
	}
}

// A program that is asked to end, and answers and ends well, has answered.
func TestAnswersWhenAskedToEnd(t *testing.T) {
	t.Parallel()
	path := write(t, "#!/usr/bin/perl\n$| = 1; $SIG{TERM} = sub { print 'all of it'; exit 0 }; print \"Content-Type: text/plain\\n\\n\"; sleep 1000 while 1;")
	address, reports := serve(t, &cgi.Handler{Path: path, Timeout: 3 * time.Second})
	res, body := get(t, address)
	p := <-reports
	if res.StatusCode != 200 || body != "all of it" || p.Failure != nil || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "has answered all the same") {
		t.Errorf("%d %q %+v", res.StatusCode, body, p)
	}
}

// A program is told of when it starts, and its lines when they come, not at its end.
func TestToldWhileItRuns(t *testing.T) {
	path := write(t, "#!/bin/sh\necho 'waits now' >&2\nread line\nprintf 'Content-Type: text/plain\\n\\ngot %s' \"$line\"")
	started, lines := make(chan cgi.Report, 1), make(chan cgi.StderrLine, 10)
	address, reports := serve(t, &cgi.Handler{Path: path, Timeout: -1,
		Started: func(p cgi.Report) { started <- p },
		Line:    func(_ *http.Request, l cgi.StderrLine) { lines <- l },
		Failed:  func(_ *http.Request, f *cgi.Failure) { t.Errorf("failed: %v", f) },
	})
	body, w := io.Pipe()
	r, _ := http.NewRequest("POST", address, body)
	r.ContentLength = 6
	answer := make(chan string, 1)
	go func() {
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		answer <- string(b)
	}()
	p, line := <-started, <-lines // it still waits for its input
	io.WriteString(w, "input\n")
	w.Close()
	if got := <-answer; got != "got input" {
		t.Errorf("%q", got)
	}
	end := <-reports
	if line.Text != "waits now" || p.PID == 0 || p.PID != end.PID || p.Began.IsZero() || !p.Began.Equal(end.Began) || len(p.Env) == 0 || p.ExitCode != -1 || end.ExitCode != 0 {
		t.Errorf("line %q, started %+v, ended %+v", line.Text, p, end)
	}
	if len(end.Stderr) != 1 || end.Stderr[0] != line {
		t.Errorf("stderr: %v", end.Stderr)
	}
}

// A failure is told before its page is sent.
func TestFailedIsToldFirst(t *testing.T) {
	told := make(chan string, 1)
	address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/hey.cgi", Failed: func(_ *http.Request, f *cgi.Failure) { told <- f.Message }})
	res, _ := get(t, address)
	if p := <-reports; res.StatusCode != 502 || p.Failure == nil || p.Failure.Message != <-told {
		t.Errorf("%d %+v", res.StatusCode, p)
	}
}

// Many at once are each given their own.
func TestManyAtOnce(t *testing.T) {
	address, reports := script(t, "form.cgi")
	var group sync.WaitGroup
	const many = 100
	for i := range many {
		group.Go(func() {
			body := bytes.Repeat([]byte{byte('a' + i%26)}, 1000*i)
			r, _ := http.NewRequest("POST", address, bytes.NewReader(body))
			r.Header.Set("Content-Type", "text/plain")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			length := strconv.Itoa(len(body))
			if len(body) == 0 {
				length = "-1"
			}
			if want := fmt.Sprintf("POST text/plain %s %d\n%s", length, len(body), body); string(got) != want && len(body) > 0 || err != nil {
				t.Errorf("%d bytes: %d bytes came back, %v", len(body), len(got), err)
			}
		})
	}
	group.Wait()
	for range many {
		if p := <-reports; p.Failure != nil || p.ExitCode != 0 || len(p.Warnings) > 0 {
			t.Errorf("%+v", p)
		}
	}
}
