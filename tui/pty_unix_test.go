//go:build unix

package tui

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// patience is how long a pty test waits for the screen: long, since it passes as
// soon as the screen is right, and the machine may be busy.
const patience = 2 * time.Minute

// terminal runs the demo in a pseudo terminal and reads its screen.
type terminal struct {
	t    testing.TB
	file *os.File // our side
	tty  *os.File // its side, held open so that its settings can be read
	vt   vt10x.Terminal
	cmd  *exec.Cmd

	before *term.State // of tty, when nothing had touched it

	mu   sync.Mutex // guards raw
	raw  bytes.Buffer
	more chan struct{} // a token when raw has grown
	done chan struct{} // the output has ended
}

func startDemo(t testing.TB, mode string, cols, rows int, env ...string) *terminal {
	t.Helper()
	file, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	p := &terminal{t: t, file: file, tty: tty, vt: vt10x.New(vt10x.WithSize(cols, rows)), more: make(chan struct{}, 1), done: make(chan struct{})}
	p.resize(cols, rows)
	if p.before, err = term.GetState(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(exe)
	p.cmd.Env = append(append(os.Environ(), demoEnv+"="+mode, "TERM=xterm-256color", "NO_COLOR=", "TMUX=", "LC_ALL=C.UTF-8", "PASTEDEV_ASCII="), env...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = tty, tty, tty
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // for SIGWINCH
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended by itself
		_ = p.cmd.Wait()
		_ = tty.Close()
		_ = file.Close()
		<-p.done
	})
	return p
}

func (p *terminal) read() {
	defer close(p.done)
	buf := make([]byte, 32<<10)
	for {
		n, err := p.file.Read(buf)
		p.mu.Lock()
		p.raw.Write(buf[:n])
		p.mu.Unlock()
		_, _ = p.vt.Write(buf[:n]) // a bytes sink
		select {
		case p.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (p *terminal) resize(cols, rows int) {
	p.t.Helper()
	p.vt.Resize(cols, rows)
	if err := pty.Setsize(p.file, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *terminal) keys(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p.file, s); err != nil {
		p.t.Fatal(err)
	}
}

// until waits for the screen to be as ok wants it.
func (p *terminal) until(what string, ok func(screen string) bool) {
	p.t.Helper()
	limit := time.After(patience)
	for {
		if ok(p.vt.String()) {
			return
		}
		select {
		case <-p.more:
		case <-limit:
			p.t.Fatalf("waited in vain for %s; the screen:\n%s", what, p.vt.String())
		}
	}
}

func (p *terminal) shows(parts ...string) {
	p.t.Helper()
	p.until(strings.Join(parts, " and "), func(screen string) bool {
		for _, s := range parts {
			if !strings.Contains(screen, s) {
				return false
			}
		}
		return true
	})
}

func (p *terminal) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.raw.String()
}

// TestTerminal drives the UI by keys in a real terminal: open, filter, resize, quit.
func TestTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a terminal")
	}
	p := startDemo(t, "still", 100, 30)
	p.shows("● Running", "1 Requests", "following", "120 requests")
	p.keys("/status:5xx")
	p.shows("/ status:5xx", "13 of 120")
	p.keys("\r")
	p.shows("enter open")
	p.keys("\r")
	p.shows("Overview", "500 (server error)")
	p.resize(200, 50)
	p.shows("│", "Overview", "13 of 120")
	p.resize(80, 24)
	p.until("the detail in the narrow screen", func(s string) bool {
		return strings.Contains(s, "Overview") && !strings.Contains(s, "13 of 120")
	})
	p.keys("\t\t")
	p.shows("Set-Cookie")
	p.keys("q")
	p.shows("13 of 120")
	p.keys("\x1b")
	p.until("the filter to be gone", func(s string) bool { return !strings.Contains(s, "13 of 120") })
	p.keys("2")
	p.shows("listening on :8080", "ERROR checkout")
	p.keys("q")
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the UI ended with %v", err)
	}
	p.shows("demo ended")
	out := p.output()
	for _, seq := range []string{"\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"} {
		if !strings.Contains(out, seq) {
			t.Errorf("the output holds no %q", seq)
		}
	}
	if strings.LastIndex(out, "\x1b[?1049l") < strings.LastIndex(out, "\x1b[?1049h") {
		t.Error("the alternate screen is not left at the end")
	}
	after, err := term.GetState(p.tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p.before, after) {
		t.Errorf("the terminal's settings have changed: %+v, were %+v", after, p.before)
	}
}

// TestTerminalCtrlC checks that ctrl+c ends the UI while a field is edited.
func TestTerminalCtrlC(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a terminal")
	}
	p := startDemo(t, "live", 80, 24)
	p.shows("● Running")
	p.keys("/abc\x03")
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the UI ended with %v", err)
	}
	p.shows("demo ended")
}

// TestTerminalEscapeJoined checks Escape with a key close upon it, which a real terminal
// sends as it sends alt with the key.
func TestTerminalEscapeJoined(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a terminal")
	}
	p := startDemo(t, "still", 80, 24)
	p.shows("● Running", "120 requests")
	for range 3 {
		p.keys("\r")
		p.shows("Overview")
		p.keys("\x1b2") // out of the request, and to the output
		p.shows("listening on :8080")
		p.keys("\x1b1")
		p.shows("following")
	}
	p.keys("\r")
	p.shows("Overview")
	p.keys("\x1bq")
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the UI ended with %v", err)
	}
	p.shows("demo ended")
}

// TestTerminalNoColour checks that NO_COLOR leaves no colour in what is sent.
func TestTerminalNoColour(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a terminal")
	}
	p := startDemo(t, "failed", 80, 24, "NO_COLOR=1")
	p.shows("✗ Failed 2 errors", "undefined: totl")
	p.keys("q")
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the UI ended with %v", err)
	}
	for _, c := range []string{"\x1b[3", "\x1b[38", ";38;", "\x1b[48", ";48;"} {
		for rest := p.output(); ; {
			_, tail, ok := strings.Cut(rest, c)
			if !ok {
				break
			}
			end := strings.IndexFunc(tail, func(r rune) bool { return r >= '@' && r <= '~' })
			if end >= 0 && tail[end] == 'm' && c != "\x1b[3" {
				t.Fatalf("a colour was sent: %q", c+tail[:end+1])
			}
			rest = tail
		}
	}
}

// BenchmarkTerminalKey measures from writing a key to the terminal until the screen
// shows its effect, while 5,000 exchanges a second come in over a history of 100,000.
// The load is made in the process that draws, as under pastedev run.
func BenchmarkTerminalKey(b *testing.B) {
	p := startDemo(b, "fast", 120, 40)
	p.shows("● Running", "following")
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		start := time.Now()
		p.keys("F")
		if i%2 == 0 {
			p.until("the pause", func(s string) bool { return !strings.Contains(s, "following") })
		} else {
			p.until("following", func(s string) bool { return strings.Contains(s, "following") })
		}
		took = append(took, time.Since(start))
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
