//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// screen is pastedev in a pseudo terminal.
type screen struct {
	tb     testing.TB
	cmd    *exec.Cmd
	file   *os.File // our side
	tty    *os.File // its side, held open so that its settings can be read
	vt     vt10x.Terminal
	before *term.State

	mu   sync.Mutex // guards raw
	raw  bytes.Buffer
	more chan struct{} // a token when raw has grown
	read chan struct{} // closed when the output has ended
}

// startScreen runs the binary in dir, in a terminal of 80 by 24.
func startScreen(tb testing.TB, dir string, args ...string) *screen {
	tb.Helper()
	file, tty, err := pty.Open()
	if err != nil {
		tb.Skipf("no pseudo terminal: %v", err)
	}
	s := &screen{tb: tb, file: file, tty: tty, vt: vt10x.New(vt10x.WithSize(80, 24)), more: make(chan struct{}, 1), read: make(chan struct{})}
	s.resize(80, 24)
	if s.before, err = term.GetState(tty.Fd()); err != nil {
		tb.Fatal(err)
	}
	s.cmd = exec.Command(pastedevBinary(tb), args...)
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "TMUX=", "LC_ALL=C.UTF-8")
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go s.copy()
	tb.Cleanup(func() {
		if s.cmd.ProcessState == nil { // the test has failed: let it end its app
			_ = s.cmd.Process.Signal(syscall.SIGTERM)
			kill := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
			_ = s.cmd.Wait()
			kill.Stop()
		}
		_ = tty.Close()
		_ = file.Close()
		<-s.read
	})
	return s
}

func (s *screen) copy() {
	defer close(s.read)
	buf := make([]byte, 32<<10)
	for {
		n, err := s.file.Read(buf)
		s.mu.Lock()
		s.raw.Write(buf[:n])
		s.mu.Unlock()
		_, _ = s.vt.Write(buf[:n]) // it keeps all in memory
		select {
		case s.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (s *screen) resize(cols, rows int) {
	s.tb.Helper()
	s.vt.Resize(cols, rows)
	if err := pty.Setsize(s.file, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		s.tb.Fatal(err)
	}
}

func (s *screen) keys(text string) {
	s.tb.Helper()
	if _, err := io.WriteString(s.file, text); err != nil {
		s.tb.Fatal(err)
	}
}

func (s *screen) until(what string, ok func(text string) bool) {
	s.tb.Helper()
	limit := time.After(patience)
	for !ok(s.vt.String()) {
		select {
		case <-s.more:
		case <-limit:
			s.tb.Fatalf("waited in vain for %s; the screen:\n%s", what, s.vt.String())
		}
	}
}

func (s *screen) shows(parts ...string) {
	s.tb.Helper()
	s.until(strings.Join(parts, " and "), func(text string) bool {
		for _, p := range parts {
			if !strings.Contains(text, p) {
				return false
			}
		}
		return true
	})
}

// selects waits until the row of the cursor holds text.
func (s *screen) selects(text string) {
	s.tb.Helper()
	s.until("the cursor on "+text, func(all string) bool {
		for line := range strings.Lines(all) {
			if strings.HasPrefix(line, "▌") && strings.Contains(line, text) {
				return true
			}
		}
		return false
	})
}

// ended waits for the end and checks that the terminal is as it was before: the
// alternate screen left, the cursor shown, the settings the same.
func (s *screen) ended(code int) {
	s.tb.Helper()
	kill := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait() // its exit code is looked at below
	kill.Stop()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.tb.Errorf("pastedev ended with code %d, want %d; the screen:\n%s", got, code, s.vt.String())
	}
	after, err := term.GetState(s.tty.Fd())
	if err != nil {
		s.tb.Fatal(err)
	}
	if !reflect.DeepEqual(s.before, after) {
		s.tb.Errorf("the terminal's settings have changed: %+v, were %+v", after, s.before)
	}
	const mark = "the shell is back"
	if _, err := io.WriteString(s.tty, mark); err != nil { // what came before is read when this is
		s.tb.Fatal(err)
	}
	s.shows(mark)
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.raw.String()
	for _, mode := range []struct{ what, on, off string }{
		{"the alternate screen is left", "\x1b[?1049h", "\x1b[?1049l"},
		{"the cursor is shown", "\x1b[?25l", "\x1b[?25h"},
		{"the mouse is given back", "\x1b[?1002h", "\x1b[?1002l"},
		{"bracketed paste is off", "\x1b[?2004h", "\x1b[?2004l"},
	} {
		if strings.LastIndex(out, mode.off) < strings.LastIndex(out, mode.on) {
			s.tb.Errorf("at the end it is not so that %s", mode.what)
		}
	}
	if !strings.Contains(out, "\x1b[?1049h") {
		s.tb.Error("the UI never opened")
	}
}

// gone waits until no process has text in its command line.
func gone(tb testing.TB, text string) {
	tb.Helper()
	deadline := time.Now().Add(patience)
	for {
		out, _ := exec.Command("pgrep", "-fl", "--", text).Output() // 1 when there is none
		if len(out) == 0 {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("left running:\n%s", out)
		}
		time.Sleep(20 * time.Millisecond) // the kernel tells nobody but the parent
	}
}

// copyOfApp copies a fixture app into a folder of its own and chooses its address.
func copyOfApp(t *testing.T, app string) (dir, addr string) {
	t.Helper()
	if testing.Short() {
		t.Skip("drives a terminal")
	}
	dir = filepath.Join(t.TempDir(), app)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "fixtures", "apps", app))); err != nil {
		t.Fatal(err)
	}
	return dir, freeAddr(t)
}

func request(t *testing.T, addr string, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if _, _, err := get(t.Context(), "http://"+addr+p, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTerminal is one sitting with the terminal UI of the whole pastedev.
func TestTerminal(t *testing.T) {
	dir, addr := copyOfApp(t, "shop")
	hold := filepath.Join(t.TempDir(), "go-on")
	s := startScreen(t, dir, "run", "--on-change", "until [ -e "+hold+" ]; do sleep 0.05; done", ".", addr)
	s.shows("pastedev", "1 Requests", "Building", "No requests yet", "? help")
	if err := os.WriteFile(hold, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.shows("● Running", "http://localhost:")
	s.until("a build", func(text string) bool { return regexp.MustCompile(`build \d+ in`).MatchString(text) }) // a slow first one is begun again
	s.until("recording", func(text string) bool { return !strings.Contains(text, "Recording starts") })

	request(t, addr, "/api/items", "/api/items/2", "/api/items/9", "/nope")
	s.shows("4 requests", "/api/items/9", "following")
	s.selects("/nope")
	s.keys("kk")
	s.selects("/api/items/2")
	s.shows("paused")
	s.resize(120, 40)
	s.selects("/api/items/2")
	s.shows("type", "Running")
	s.resize(80, 24)
	s.selects("/api/items/2")

	t.Run("attach", func(t *testing.T) { testAttach(t, dir) })
	testDetail(s)
	testFilter(s)

	s.keys("r") // of /api/items/2
	s.shows("5 requests")
	s.keys("G")
	s.selects("replay")
	s.keys("2")
	s.shows("shop on http://")
	starts := strings.Count(s.vt.String(), "shop on http://") // two when the first build is a slow one
	s.keys("R")
	s.until("another start", func(text string) bool { return strings.Count(text, "shop on http://") > starts })
	s.keys("3")
	s.shows("first build")
	s.keys("?")
	s.shows("Pages", "Move", "back; at the top: quit")
	s.keys("q1")
	s.selects("replay")
	s.keys("q")
	s.ended(exitOK)
	gone(t, addr)
}

// testDetail opens the selected request and looks at each of its tabs.
func testDetail(s *screen) {
	s.keys("\r")
	s.shows("Overview", "GET /api/items/2", "200 (success)")
	s.keys("\t")
	s.shows("Headers", "User-Agent")
	s.keys("\t")
	s.shows(`"name": "teapot"`, "application/json")
	s.keys("\t")
	s.shows("Logs 1", "LOG", "GET")
	s.keys("\t")
	s.shows("SQL 1", "SELECT")
	s.keys("\t")
	s.shows("R handler", "f catalog.(*Catalog).Get", "S query SELECT")
	s.keys("\t")
	s.shows("receive", "kept one")
	s.keys("\x1b")
	s.selects("/api/items/2")
}

// testFilter types a wrong query, a right one, and takes it away again.
func testFilter(s *screen) {
	s.keys("/stats:404")
	s.shows("^^^^^", "did you mean status?")
	s.keys("\x15status:404")
	s.shows("/ status:404", "2 of 4")
	s.keys("\r")
	s.until("the others gone", func(text string) bool { return !strings.Contains(text, "/api/items/2") })
	s.keys("\x1b")
	s.until("the filter gone", func(text string) bool { return !strings.Contains(text, "2 of 4") })
	s.keys("ggj")
	s.selects("/api/items/2")
}

// testAttach opens a second UI on the same instance; leaving it ends nothing.
func testAttach(t *testing.T, dir string) {
	s := startScreen(t, filepath.Join(dir, "web"), "attach")
	s.shows("● Running", "4 requests", "/api/items/9", "q detach")
	s.selects("/nope")
	s.keys("k\r")
	s.shows("GET /api/items/9", "404 (client error)")
	s.keys("qq")
	s.ended(exitOK)
	if _, err := dial(dir, ""); err != nil {
		t.Errorf("the instance is gone with the UI that was attached: %v", err)
	}
}

// TestTerminalSignal: SIGTERM from outside ends the app, and gives the terminal back.
func TestTerminalSignal(t *testing.T) {
	dir, addr := copyOfApp(t, "shop")
	s := startScreen(t, dir, "run", ".", addr)
	s.shows("● Running")
	s.keys("/half a que") // in the middle of something
	s.shows("half a que")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.ended(exitOK)
	gone(t, addr)
}

// TestTerminalCrash: an app that ends by itself is told of, with its last words; the
// next save starts it again, and q still gives the terminal back.
func TestTerminalCrash(t *testing.T) {
	dir, addr := copyOfApp(t, "hello")
	s := startScreen(t, dir, "run", ".", addr)
	s.shows("● Running")
	main := filepath.Join(dir, "main.go")
	if err := editFile(main, "log.Fatal(http.ListenAndServe(addr, nil))", `log.Fatal(addr, " out of luck")`); err != nil {
		t.Fatal(err)
	}
	s.shows("Backoff", "The app has ended", "page 2")
	s.keys("2")
	s.shows("out of luck")
	if err := editFile(main, `log.Fatal(addr, " out of luck")`, "log.Fatal(http.ListenAndServe(addr, nil))"); err != nil {
		t.Fatal(err)
	}
	s.shows("● Running")
	if err := editFile(main, "log.Fatal(http.ListenAndServe(addr, nil))", `log.Fatal(addr, " gone again")`); err != nil {
		t.Fatal(err)
	}
	s.shows("Backoff", "gone again")
	s.keys("q")
	s.ended(exitOK)
	gone(t, addr)
}
