//go:build unix

package cgi_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pastedev/pastedev/devserver/cgi"
)

// deadline is for what the system does in its own time: far more than it needs.
const deadline = time.Minute

func TestUploads(t *testing.T) {
	address, reports := script(t, "form.cgi")
	for _, size := range []int{0, 1, 10_000, 100_000, 200_000, 3 << 20} {
		for _, chunked := range []bool{false, true} {
			body := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			r, _ := http.NewRequest("POST", address, bytes.NewReader(body))
			if chunked && size > 0 {
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), -1
			}
			r.Header.Set("Content-Type", "application/x-form")
			_, got := do(t, r)
			if want := fmt.Sprintf("POST application/x-form %d %d\n%s", size, size, body); got != want {
				t.Errorf("%d bytes, chunked %v: got %d bytes %.60q", size, chunked, len(got), got)
			}
			if p := <-reports; p.Input != int64(size) || p.Failure != nil {
				t.Errorf("%d bytes: %+v", size, p)
			}
		}
	}
}

func TestNoBodyHasNoLength(t *testing.T) {
	address, reports := script(t, "form.cgi")
	_, body := get(t, address)
	<-reports
	if body != "GET  -1 0\n" {
		t.Errorf("got %q", body)
	}
}

func TestChunkedUploadIsBounded(t *testing.T) {
	address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/form.cgi", MaxSpool: 1000})
	r, _ := http.NewRequest("POST", address, io.NopCloser(strings.NewReader(strings.Repeat("x", 1001))))
	res, body := do(t, r)
	if p := <-reports; res.StatusCode != 413 || !strings.Contains(body, "larger than 1000 bytes") || p.PID != 0 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

// A program that does not want its input has its answer arrive all the same.
func TestStdinClosedEarly(t *testing.T) {
	address, reports := script(t, "early.cgi")
	for _, size := range []int{1, 100_000, 8 << 20} {
		r, _ := http.NewRequest("POST", address, strings.NewReader(strings.Repeat("x", size)))
		res, body := do(t, r)
		if p := <-reports; res.StatusCode != 200 || body != "no thanks" || p.Failure != nil {
			t.Errorf("%d bytes: %d %q %+v", size, res.StatusCode, body, p.Failure)
		}
	}
}

// Lines go in and come out while the request is still being sent.
func TestStreamsBothWays(t *testing.T) {
	address, reports := script(t, "stream.cgi")
	body, w := io.Pipe()
	r, _ := http.NewRequest("POST", address, body)
	r.ContentLength = 8 // two lines
	type answer struct {
		res *http.Response
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		res, err := http.DefaultClient.Do(r)
		answers <- answer{res, err}
	}()
	io.WriteString(w, "one\n")
	a := <-answers // the head comes before the body has been sent
	if a.err != nil {
		t.Fatal(a.err)
	}
	defer a.res.Body.Close()
	lines := bufio.NewReader(a.res.Body)
	if s, err := lines.ReadString('\n'); s != "got one\n" {
		t.Fatalf("%q, %v", s, err)
	}
	io.WriteString(w, "two\n")
	w.Close()
	if rest, err := io.ReadAll(lines); string(rest) != "got two\n" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	if p := <-reports; p.Input != 8 || p.Output != 16 || p.Failure != nil {
		t.Errorf("%+v", p)
	}
}

// pidfile names a file for a script to write a pid into.
func pidfile(t *testing.T) (path, entry string) {
	path = filepath.Join(t.TempDir(), "pid")
	return path, "PIDFILE=" + path
}

// waitGone waits for the end of the process that the file names. Its end tells nobody:
// it is no child of ours.
func waitGone(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid) {
			return
		}
	}
	t.Errorf("process %d still runs", pid)
}

// zombie reports whether the process has ended and nobody has waited for it: where an
// init is missing, nobody ever will.
func zombie(pid int) bool {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	i := bytes.LastIndexByte(data, ')')
	return i > 0 && i+2 < len(data) && data[i+2] == 'Z'
}

func TestHangIsKilled(t *testing.T) {
	t.Parallel()
	pid, entry := pidfile(t)
	address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/hang.cgi", Timeout: 3 * time.Second, Set: []string{entry}})
	res, body := get(t, address)
	p := <-reports
	if res.StatusCode != 504 || !strings.Contains(body, "neither printed nor took input for 3s") || !strings.Contains(body, "hint: ") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if p.Signal != "terminated" || p.Failure == nil || p.Status != 504 {
		t.Errorf("%+v", p)
	}
	waitGone(t, pid)
}

// An answer that stops coming is cut, and the client can tell.
func TestHangAfterTheAnswerBegan(t *testing.T) {
	t.Parallel()
	pid, entry := pidfile(t)
	address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/begin.cgi", Timeout: 3 * time.Second, Set: []string{entry}})
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if string(body) != "begun\n" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v", body, err)
	}
	if p := <-reports; p.Failure == nil || p.Status != 200 || !strings.Contains(p.Failure.Message, "was cut") {
		t.Errorf("%+v", p)
	}
	waitGone(t, pid)
}

// What ignores the request to end is ended all the same.
func TestStubbornIsKilled(t *testing.T) {
	t.Parallel()
	path := write(t, "#!/usr/bin/perl\n$SIG{TERM} = 'IGNORE'; print STDERR \"up\\n\"; sleep 1000 while 1;")
	address, reports := serve(t, &cgi.Handler{Path: path, Timeout: 3 * time.Second})
	res, _ := get(t, address)
	if p := <-reports; res.StatusCode != 504 || p.Signal != "killed" {
		t.Errorf("%d %+v", res.StatusCode, p)
	}
}

func TestClientGone(t *testing.T) {
	for _, name := range []string{"hang.cgi", "begin.cgi", "endless.cgi"} {
		pid, entry := pidfile(t)
		address, reports := serve(t, &cgi.Handler{Path: "testdata/bin/" + name, Timeout: -1, Set: []string{entry}})
		ctx, cancel := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "GET", address, nil)
		over := make(chan struct{})
		go func() {
			defer close(over)
			if res, err := http.DefaultClient.Do(r); err == nil {
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		}()
		for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if data, _ := os.ReadFile(pid); bytes.HasSuffix(data, []byte("\n")) {
				break
			}
		}
		cancel()
		<-over
		p := <-reports
		if p.Failure == nil || !strings.Contains(p.Failure.Error(), "the client has gone") || p.Signal == "" {
			t.Errorf("%s: %+v", name, p)
		}
		waitGone(t, pid)
	}
}

// A client that takes its time is not the program's silence.
func TestSlowClientIsNoSilence(t *testing.T) {
	t.Parallel()
	path := write(t, "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; head -c 4000000 /dev/zero; cat >/dev/null")
	address, reports := serve(t, &cgi.Handler{Path: path, Timeout: 2 * time.Second})
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	// Longer than the time-out, as the point of it: nothing is taken meanwhile.
	<-time.After(4 * time.Second)
	n, err := io.Copy(io.Discard, res.Body)
	if p := <-reports; n != 4_000_000 || err != nil || p.Failure != nil {
		t.Errorf("%d bytes, %v, %v", n, err, p.Failure)
	}
}

// An upload of this size passes through 64 MB of memory, with a known length and without.
func TestLargeUpload(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a large file")
	}
	const size, limit = 200 << 20, 64 << 20
	path := write(t, "#!/bin/sh\nn=$(wc -c)\nprintf 'Content-Type: text/plain\\n\\n%d %d' $CONTENT_LENGTH $n")
	address, reports := serve(t, &cgi.Handler{Path: path})
	for _, length := range []int64{size, -1} {
		runtime.GC()
		r, _ := http.NewRequest("PUT", address, io.NopCloser(&zeros{left: size}))
		r.ContentLength = length
		stop, peak := make(chan struct{}), make(chan uint64, 1)
		go watchMemory(stop, peak)
		_, body := do(t, r)
		close(stop)
		most := <-peak
		if p := <-reports; body != fmt.Sprintf("%d %d", size, size) || p.Input != size {
			t.Errorf("length %d: %q, %d", length, body, p.Input)
		}
		if most > limit {
			t.Errorf("length %d: %d MB of memory in use", length, most>>20)
		}
		t.Logf("length %d: at most %d MB in use", length, most>>20)
	}
}

func watchMemory(stop chan struct{}, peak chan uint64) {
	var most uint64
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapSys-m.HeapReleased+m.StackSys)
		select {
		case <-stop:
			peak <- most
			return
		case <-tick.C:
		}
	}
}

type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.left))
	clear(p[:n])
	z.left -= int64(n)
	return n, nil
}

// More or less than announced is told, and the client is not fooled.
func TestContentLengthIsWrong(t *testing.T) {
	address, reports := script(t, "long.cgi")
	res, body := get(t, address)
	if p := <-reports; res.StatusCode != 200 || body != "body" || p.Failure == nil || !strings.Contains(p.Failure.Message, "more than its Content-Length") {
		t.Errorf("%q %+v", body, p)
	}
	address, reports = script(t, "short.cgi")
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	p := <-reports
	if string(got) != "body" || !errors.Is(err, io.ErrUnexpectedEOF) || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "4 of the 100 bytes") {
		t.Errorf("%q %v %v", got, err, p.Warnings)
	}
}
