package overlay_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pastedev/pastedev/reloader/link"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// deadline is for what happens at once on an idle machine.
const deadline = 4 * time.Minute

// probe is a running program under test.
type probe struct {
	lines *bufio.Scanner
	stdin io.Closer // the probe ends with its input
	end   func()    // waits for the program and the link; more than once is fine
}

// start runs the program, with a link when h is not nil.
func start(t *testing.T, program string, h *host, args ...string) *probe {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), deadline) // a cleanup still needs it
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "PROBE=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &probe{lines: bufio.NewScanner(stdout)}
	served := make(chan error, 1)
	if h == nil {
		served <- nil
	} else {
		l, err := link.New()
		if err != nil {
			t.Fatal(err)
		}
		l.Attach(cmd)
		defer l.Started()
		go func() { served <- l.Serve(ctx, h) }()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	p.end = sync.OnceFunc(func() {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", filepath.Base(program), err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		cancel()
	})
	t.Cleanup(func() {
		stdin.Close()
		p.end()
		if h != nil {
			h.close()
		}
	})
	return p
}

// line returns the next line that the program prints.
func (p *probe) line(t *testing.T) string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("the program ended: %v", p.lines.Err())
	}
	return p.lines.Text()
}

// rest returns the lines up to the program's end, when the host has heard
// everything too.
func (p *probe) rest() string {
	p.stdin.Close()
	var all []string
	for p.lines.Scan() {
		all = append(all, p.lines.Text())
	}
	p.end()
	return strings.Join(all, "\n")
}

// probeFiles is the program under test: what it does is said in its arguments.
func probeFiles(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, name := range []string{"main.go", "early/early.go", "earlynet/listen.go"} {
		text, err := os.ReadFile(filepath.Join("testdata", "probe", name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	all["go.mod"] = "module example.com/probe\n\ngo 1.25\n"
	return all
}

// buildProbe returns the probe, instrumented, for one Go version.
func buildProbe(t *testing.T, name string) string {
	t.Helper()
	c := overlay.Config{Dir: t.TempDir(), Env: toolchain(t, name), StateDir: t.TempDir()}
	files(t, c.Dir, probeFiles(t))
	return build(t, instrument(t, c), c, ".")
}

func TestListen(t *testing.T) {
	for _, name := range toolchains {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != toolchains[1] {
				t.Skip("builds a second standard library")
			}
			program := buildProbe(t, name)
			t.Run("serves", func(t *testing.T) { testServes(t, program) })
			t.Run("refused", func(t *testing.T) { testRefused(t, program) })
			t.Run("as asked", func(t *testing.T) { testAsAsked(t, program) })
			t.Run("untouched", func(t *testing.T) { testUntouched(t, program) })
			t.Run("closes", func(t *testing.T) { testCloses(t, program) })
			t.Run("environment", func(t *testing.T) { testEnvironment(t, program) })
			t.Run("without agent", func(t *testing.T) { testWithoutAgent(t, program) })
		})
	}
}

// fetch sends a line to the echo of the probe and returns what comes back.
func fetch(t *testing.T, address string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	c, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), deadline)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(deadline))
	fmt.Fprintf(c, "GET / HTTP/1.0\r\n\r\n")
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func testServes(t *testing.T, program string) {
	tests := []struct {
		name, verb, network, address, host string
	}{
		{"all addresses", "http", "tcp", ":0", "::"},
		{"IPv4", "http", "tcp", "127.0.0.1:0", "127.0.0.1"},
		{"IPv6", "http", "tcp", "[::1]:0", "::1"},
		{"tcp4", "http", "tcp4", ":0", "0.0.0.0"},
		{"tcp6", "http", "tcp6", "[::1]:0", "::1"},
		{"host name", "http", "tcp", "localhost:0", "127.0.0.1"},
		{"ListenTCP", "listentcp", "tcp", "127.0.0.1:0", "127.0.0.1"},
		{"ListenConfig with Control", "control", "tcp", "127.0.0.1:0", "127.0.0.1"},
		{"Multipath TCP off", "nomptcp", "tcp", "127.0.0.1:0", "127.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if strings.Contains(tt.host, ":") && !hasIPv6() {
				t.Skip("no IPv6 here")
			}
			h := new(host)
			p := start(t, program, h, tt.verb, tt.network, tt.address)
			address, control, _ := strings.Cut(p.line(t), " ")
			got, port, err := net.SplitHostPort(address)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.host || port == "0" {
				t.Errorf("the listener says %s, want host %s", address, tt.host)
			}
			if answer := fetch(t, address); !strings.Contains(answer, "HTTP/1.0 200 OK") || !strings.HasSuffix(answer, "hello") {
				t.Errorf("%s answers %q", address, answer)
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			if len(h.log) != 2 || !strings.HasPrefix(h.log[1], "listening "+address+" 127.0.0.1:") || strings.HasSuffix(h.log[1], " "+address) {
				t.Errorf("heard %q, want a listen and a listening %s", h.log, address)
			}
			if tt.verb == "control" && control != "tcp4 127.0.0.1:0" {
				t.Errorf("Control was called with %q", control)
			}
		})
	}
}

func hasIPv6() bool {
	ln, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	ln.Close()
	return true
}

func testRefused(t *testing.T, program string) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	// What the program says without us is the measure.
	want := start(t, program, nil, "error", "tcp", taken.Addr().String()).rest()
	if !strings.Contains(want, "EADDRINUSE=true") {
		t.Fatalf("without pastedev: %s", want)
	}
	h := new(host)
	if got := start(t, program, h, "error", "tcp", taken.Addr().String()).rest(); got != want {
		t.Errorf("with pastedev:\n%s\nwithout:\n%s", got, want)
	}
	if len(h.log) != 1 {
		t.Errorf("heard %q, want one listen", h.log)
	}
	words := start(t, program, &host{refuse: errors.New("not today")}, "error", "tcp", "127.0.0.1:1").rest()
	if !strings.Contains(words, "listen tcp 127.0.0.1:1: not today") {
		t.Errorf("an error without a number: %s", words)
	}
	denied := start(t, program, &host{refuse: fmt.Errorf("bind: %w", syscall.EACCES)}, "error", "tcp", ":80").rest()
	if !strings.Contains(denied, "listen tcp :80: bind: permission denied") {
		t.Errorf("an error with a number: %s", denied)
	}
}

func testAsAsked(t *testing.T, program string) {
	h := &host{asked: true}
	p := start(t, program, h, "http", "tcp", "127.0.0.1:0")
	address := p.line(t)
	if answer := fetch(t, address); !strings.HasSuffix(answer, "hello") {
		t.Errorf("%s answers %q", address, answer)
	}
	p.rest()
	h.mu.Lock()
	defer h.mu.Unlock()
	if want := "listening " + address + " " + address; len(h.log) != 2 || h.log[1] != want {
		t.Errorf("heard %q, want %q second", h.log, want)
	}
}

func testUntouched(t *testing.T, program string) {
	h := new(host)
	socket := filepath.Join(t.TempDir(), "s")
	if got, want := start(t, program, h, "unix", "unix", socket).rest(), socket+"\n127.0.0.1"; got != want {
		t.Errorf("unix and UDP: %q, want %q", got, want)
	}
	if len(h.log) != 0 {
		t.Errorf("heard %q of unix and UDP sockets", h.log)
	}
}

func testCloses(t *testing.T, program string) {
	h := new(host)
	p := start(t, program, h, "close", "tcp", "127.0.0.1:0")
	first, second := p.line(t), p.line(t)
	if first == second {
		t.Errorf("two listeners at %s", first)
	}
	if got := p.rest(); got != "closed\nlistening again at the same address" {
		t.Errorf("the program says %q", got)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	closed := 0
	for _, l := range h.log {
		if l == "closed "+first {
			closed++
		}
	}
	if closed != 2 {
		t.Errorf("heard %q, want twice %q", h.log, "closed "+first)
	}
}

func testEnvironment(t *testing.T, program string) {
	h := new(host)
	got := start(t, program, h, "environment").rest()
	want := strings.Join([]string{
		"early: 0 variables of pastedev, PROBE=1", "early listens: true",
		"main: 0 variables of pastedev, PROBE=1",
		"child: 0 variables of pastedev, PROBE=1, 0 sockets",
		"goroutines: 1",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if len(h.log) < 2 {
		t.Errorf("heard %q of the listener in an init function", h.log)
	}
}

func testWithoutAgent(t *testing.T, program string) {
	p := start(t, program, nil, "http", "tcp", "127.0.0.1:0")
	address := p.line(t)
	if answer := fetch(t, address); !strings.HasSuffix(answer, "hello") {
		t.Errorf("%s answers %q", address, answer)
	}
	// A number that is no socket of ours is left alone.
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.CommandContext(t.Context(), program, "descriptor")
	cmd.ExtraFiles = []*os.File{file}
	cmd.Env = append(os.Environ(), "PASTEDEV_AGENT_FD=3")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "3 is inherited") {
		t.Errorf("a descriptor that is not ours: %v: %s", err, out)
	}
}
