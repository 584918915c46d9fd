package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// pastedevBinary returns this test binary under the name that makes it pastedev. It is
// no symbolic link, as pastedev starts itself as a helper by the name of its file.
func pastedevBinary(tb testing.TB) string {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	link := filepath.Join(tb.TempDir(), "pastedev")
	if os.Link(self, link) == nil {
		return link
	}
	program, err := os.ReadFile(self) // the folders are on two file systems
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(link, program, 0o755); err != nil {
		tb.Fatal(err)
	}
	return link
}

// instance is a pastedev that runs an app in a folder of its own.
type instance struct {
	tb     testing.TB
	cmd    *exec.Cmd
	dir    string
	url    string
	log    *syncBuffer
	exited chan struct{}
	err    error // of Wait; read it after exited is closed
}

// startApp copies the fixture app and runs `pastedev run FLAGS . ADDR` on it, until
// the test ends.
func startApp(tb testing.TB, app string, flags ...string) *instance {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), app)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "fixtures", "apps", app))); err != nil {
		tb.Fatal(err)
	}
	addr := freeAddr(tb)
	args := append([]string{"run", "--ui=log"}, flags...)
	return start(tb, dir, "http://"+addr+"/", append(args, ".", addr)...)
}

func start(tb testing.TB, dir, url string, args ...string) *instance {
	tb.Helper()
	in := &instance{tb: tb, dir: dir, url: url, log: new(syncBuffer), exited: make(chan struct{})}
	in.cmd = exec.Command(pastedevBinary(tb), args...)
	in.cmd.Dir = dir
	in.cmd.Stdout, in.cmd.Stderr = in.log, in.log
	in.cmd.WaitDelay = 10 * time.Second
	if err := in.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		in.err = in.cmd.Wait()
		close(in.exited)
	}()
	tb.Cleanup(func() {
		in.stop(os.Interrupt)
		if tb.Failed() {
			tb.Logf("pastedev said:\n%s", in.log)
		}
	})
	return in
}

// stop sends sig and waits for the end; it returns the exit code.
func (in *instance) stop(sig os.Signal) int {
	in.tb.Helper()
	in.cmd.Process.Signal(sig)
	select {
	case <-in.exited:
	case <-time.After(patience):
		in.cmd.Process.Kill()
		in.tb.Errorf("pastedev did not end on %v", sig)
	}
	return in.cmd.ProcessState.ExitCode()
}

func (in *instance) await(path, text string) {
	in.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := awaitText(ctx, in.url+strings.TrimPrefix(path, "/"), text); err != nil {
		in.tb.Fatal(err)
	}
}

// awaitRecording waits until the instrumented build answers.
func (in *instance) awaitRecording() {
	in.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		client, err := dial(in.dir, "")
		if err == nil {
			st, err := client.Status(ctx)
			client.Close()
			if err == nil && st.Recording && st.State == "running" {
				return
			}
		}
		select {
		case <-ctx.Done():
			in.tb.Fatalf("never recording; log:\n%s", in.log)
		case <-in.exited:
			in.tb.Fatalf("pastedev ended: %v; log:\n%s", in.err, in.log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (in *instance) edit(file, old, new string) {
	in.tb.Helper()
	if err := editFile(filepath.Join(in.dir, file), old, new); err != nil {
		in.tb.Fatal(err)
	}
}

// freeAddr returns a loopback address that is free, and no other test's.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	port, err := freePorts.take()
	if err != nil {
		tb.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// syncBuffer is a bytes.Buffer that a process and a test may share.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestNeverStale is the gate's rule: whoever writes a source file and then asks
// never sees the answer of the code before.
func TestNeverStale(t *testing.T) {
	in := startApp(t, "hello")
	in.await("/", "version 1")
	in.awaitRecording()
	for v := 2; v <= 9; v++ {
		in.edit("main.go", fmt.Sprintf("version %d", v-1), fmt.Sprintf("version %d", v))
		status, body, err := get(t.Context(), in.url, nil)
		if err != nil {
			t.Fatalf("version %d: %v", v, err)
		}
		if want := fmt.Sprintf("version %d<", v); status != http.StatusOK || !strings.Contains(body, want) {
			t.Fatalf("asked after saving version %d: %d %s", v, status, body)
		}
	}
}

// TestSteadyClient restarts the app under a client that opens a new connection
// every 20 ms: none may fail, none may be older than the save before it.
func TestSteadyClient(t *testing.T) {
	restarts := 4
	if os.Getenv("PASTEDEV_TEST_RESTARTS") != "" {
		fmt.Sscan(os.Getenv("PASTEDEV_TEST_RESTARTS"), &restarts)
	}
	in := startApp(t, "hello")
	in.await("/", "version 1")
	in.awaitRecording()

	var saved, asked atomic.Int64
	saved.Store(1)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			wg.Go(func() { checkFresh(ctx, t, in.url, &saved, &asked) })
		}
	})
	for v := 2; v <= restarts+1; v++ {
		in.edit("main.go", fmt.Sprintf("version %d\"", v-1), fmt.Sprintf("version %d\"", v))
		saved.Store(int64(v))
		in.await("/", fmt.Sprintf("version %d<", v))
	}
	cancel()
	wg.Wait()
	t.Logf("%d requests over %d restarts", asked.Load(), restarts)
}

// checkFresh asks once and compares the answer with what was saved before.
func checkFresh(ctx context.Context, t *testing.T, url string, saved, asked *atomic.Int64) {
	before := saved.Load()
	status, body, err := get(ctx, url, nil)
	if ctx.Err() != nil {
		return
	}
	asked.Add(1)
	var got int64
	if _, rest, ok := strings.Cut(body, "version "); ok {
		fmt.Sscan(rest, &got)
	}
	if err != nil || status != http.StatusOK || got < before {
		t.Errorf("asked after saving version %d: %v %d %s", before, err, status, body)
	}
}

// TestExitCodes holds the three codes and the app's own.
func TestExitCodes(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want int
	}{
		{"wrong flag", []string{"run", "--nope"}, exitUsage},
		{"no target", []string{"run"}, exitUsage},
		{"no such command", []string{"rnu"}, exitUsage},
		{"wrong value", []string{"run", "--gate=x", "."}, exitUsage},
		{"no instance", []string{"requests"}, exitFailure},
		{"no such program", []string{"run", "--ui=log", "--exit", "--", "./no-such-program"}, exitFailure},
		{"the app's own code", []string{"run", "--ui=log", "--addr=127.0.0.1:0", "--exit", "--", "sh", "-c", "exit 7"}, 7},
		{"the app's success", []string{"run", "--ui=log", "--addr=127.0.0.1:0", "--exit", "--", "true"}, 0},
	}
	binary := pastedevBinary(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.Command(binary, tt.args...)
			cmd.Dir = t.TempDir()
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != tt.want {
				t.Errorf("exit code %d, want %d; output:\n%s", got, tt.want, out)
			}
		})
	}
}

// TestInterrupt passes the signal on and ends with the code the app chose.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	script := `trap 'echo draining; exit 5' INT TERM; echo up; while :; do sleep 0.05; done`
	in := start(t, dir, "", "run", "--ui=log", "--addr=127.0.0.1:0", "--", "sh", "-c", script)
	deadline := time.Now().Add(patience)
	for !strings.Contains(in.log.String(), "up") {
		if time.Now().After(deadline) {
			t.Fatal("the app never started")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if got := in.stop(syscall.SIGINT); got != 5 {
		t.Errorf("exit code %d, want the app's own 5", got)
	}
	if !strings.Contains(in.log.String(), "draining") {
		t.Error("the app did not get the signal")
	}
}
