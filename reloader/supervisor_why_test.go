package reloader

import (
	"runtime"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// TestWhy: what a program printed is given as the reason of its end where it is one.
func TestWhy(t *testing.T) {
	const words = "exit status 2"
	recovered := []string{"http: panic serving 127.0.0.1:4: boom", "goroutine 5 [running]:", "net/http.(*conn).serve.func1()", "\t/usr/go/server.go:1947 +0xbe"}
	for _, tc := range []struct {
		name  string
		code  int
		older []string // of the process before
		lines []string
		want  string
	}{
		{"a panic", 2, nil, []string{"starting", "panic: boom", "", "goroutine 1 [running]:", "main.main()", "\t/a/main.go:3 +0x1"}, words + ": panic: boom"},
		{"the last panic", 2, nil, []string{"panic: one", "panic: two", "exit status 2"}, words + ": panic: two"},
		{"the last words", 1, nil, append(recovered, "listen: address in use"), words + ": listen: address in use"},
		{"an earlier stack", 1, nil, recovered, words},
		{"a python error", 1, nil, []string{"Traceback (most recent call last):", "    run()", "ValueError: bad"}, words + ": ValueError: bad"},
		{"of another process", 1, []string{"panic: old"}, nil, words},
		{"nothing", 1, nil, nil, words},
		{"killed", 128 + 9, nil, []string{"serving"}, words},
		{"aborted", 128 + 6, nil, []string{"out of memory"}, words + ": out of memory"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.name == "killed" && runtime.GOOS == "windows" {
				t.Skip("no signals on windows")
			}
			begin := time.Now()
			s := &Supervisor{feed: newOutputFeed(func(inspect.Output) {})}
			for i, lines := range [][]string{tc.older, tc.lines} {
				for _, text := range lines {
					s.feed.add(inspect.Output{Time: begin.Add(time.Duration(2*i-1) * time.Second), Stream: inspect.Stderr, Text: text})
				}
			}
			if got := s.why(&process{started: begin}, tc.code, words); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
