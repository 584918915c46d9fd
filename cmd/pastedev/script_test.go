package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets a script (and the end-to-end tests) run this test binary as the
// real pastedev.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pastedev": main, "testserver": testServer, "tlsserver": tlsServer})
}

// patience bounds every wait of a test. It is long because an instrumented build
// on a fresh cache compiles the standard library, beside the tests of other packages.
const patience = 6 * time.Minute

func TestScript(t *testing.T) {
	apps, err := filepath.Abs(filepath.Join("..", "..", "fixtures", "apps"))
	if err != nil {
		t.Fatal(err)
	}
	var goVars []string // a script's HOME is empty, and go's settings must outlive that
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOTOOLCHAIN", "GONOSUMDB", "GOSUMDB"} {
		goVars = append(goVars, name+"="+goEnv(t, name))
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("APPS", apps)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each command under -race takes a second longer
			env.Vars = append(env.Vars, goVars...)
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"freeport": cmdFreePort,
			"await":    cmdAwait,
			"fetch":    cmdFetch,
			"edit":     cmdEdit,
			"copydir":  cmdCopyDir,
			"procs":    cmdProcs,

			"send":        cmdSend,
			"raw":         cmdRaw,
			"status":      cmdStatus,
			"builds":      cmdBuilds,
			"outputs":     cmdOutputs,
			"controlport": cmdControlPort,
			"setvar":      cmdSetVar,
			"tree":        cmdTree,
			"burst":       cmdBurst,
			"editevent":   cmdEditEvent,
			"recorded":    cmdRecorded,
			"settled":     cmdSettled,
		},
	})
}

// condition knows [toolchain:goX.Y.Z]: the go command has that toolchain, or can
// fetch it.
func condition(name string) (bool, error) {
	version, ok := strings.CutPrefix(name, "toolchain:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "env", "GOVERSION")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+version)
	out, err := cmd.Output()
	return err == nil && strings.TrimSpace(string(out)) == version, nil
}

// goEnv returns what `go env` says of the variable.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatalf("go env %s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// ports gives each port out once. They lie below those that the system gives to
// whoever asks for any, so that no other program gets one between freeport and its use.
type ports struct {
	mu   sync.Mutex
	next int
}

// freePorts are those of all tests. Other test runs begin elsewhere.
var freePorts = &ports{next: rand.IntN(lastPort - firstPort)}

const firstPort, lastPort = 20000, 25000 // pastedev gives its targets those from 25000

// freeport VAR sets VAR to a loopback port that is free, and no other script's.
func cmdFreePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport VAR")
	}
	port, err := freePorts.take()
	ts.Check(err)
	ts.Setenv(args[0], port)
}

func (p *ports) take() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range lastPort - firstPort {
		port := firstPort + p.next
		p.next = (p.next + 1) % (lastPort - firstPort)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			l.Close()
			return strconv.Itoa(port), nil
		}
	}
	return "", errors.New("no port is free")
}

// await URL TEXT asks until the answer holds TEXT.
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await URL TEXT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ts.Check(awaitText(ctx, args[0], args[1]))
}

// awaitText asks url until the answer holds text.
func awaitText(ctx context.Context, url, text string) error {
	last := "no answer"
	for {
		status, body, err := get(ctx, url, nil)
		if err == nil && strings.Contains(body, text) {
			return nil
		}
		if err == nil {
			last = fmt.Sprintf("%d %s", status, body)
		} else if ctx.Err() == nil {
			last = err.Error()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s never held %q; the last answer was: %s", url, text, last)
		case <-time.After(20 * time.Millisecond): // the test asks as a browser would; nothing tells it
		}
	}
}

// get asks once, on a connection of its own.
func get(ctx context.Context, url string, header http.Header) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // the certificate of a test
	}}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// fetch URL [HEADER:VALUE...] prints status and body of one answer to stdout.
func cmdFetch(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 {
		ts.Fatalf("usage: fetch URL [HEADER:VALUE...]")
	}
	header := http.Header{}
	for _, a := range args[1:] {
		name, value, _ := strings.Cut(a, ":")
		header.Set(name, value)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	status, body, err := get(ctx, args[0], header)
	if neg {
		if err == nil {
			ts.Fatalf("%s answered %d", args[0], status)
		}
		return
	}
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\n%s", status, body)
}

// edit FILE OLD NEW replaces text, by the atomic save of an editor.
func cmdEdit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	ts.Check(editFile(ts.MkAbs(args[0]), args[1], args[2]))
}

func editFile(path, old, new string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !strings.Contains(string(b), old) {
		return fmt.Errorf("%s holds no %q", path, old)
	}
	tmp := path + ".tmp~"
	if err := os.WriteFile(tmp, []byte(strings.ReplaceAll(string(b), old, new)), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// copydir FROM TO copies a tree.
func cmdCopyDir(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copydir FROM TO")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

// procs TEXT waits until a process has TEXT in its command line; `! procs` until there is
// none.
func cmdProcs(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: procs TEXT")
	}
	deadline := time.Now().Add(patience)
	for {
		err := exec.Command("pgrep", "-f", "--", args[0]).Run()
		var none *exec.ExitError
		if err != nil && !errors.As(err, &none) {
			ts.Check(err)
		}
		found := err == nil
		switch {
		case found != neg:
			return
		case time.Now().After(deadline):
			ts.Fatalf("processes with %q in their command line: %v", args[0], found)
		}
		time.Sleep(20 * time.Millisecond) // the kernel tells nobody but the parent
	}
}
