package overlay_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect/agent"
	"github.com/pastedev/pastedev/reloader/overlay"
)

// A target is a running instrumented server whose messages are kept.
type target struct {
	t         testing.TB
	cmd       *exec.Cmd
	url       string
	stdin     io.Closer
	conn      *net.UnixConn
	output    *strings.Builder // what it printed after its address; complete when ended is closed
	ended     chan struct{}
	exit      error
	listening bool // of read

	mu       sync.Mutex
	messages []agent.Message
	changed  chan struct{} // closed and replaced at each message
}

type targetConfig struct {
	env    []string
	unread bool                         // nobody reads the socket
	forget bool                         // messages are only read
	answer func(*target, agent.Message) // called for each message
}

// serve starts the program.
func serve(t testing.TB, program string, c targetConfig) *target {
	t.Helper()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	theirs, err := net.DialUnix("unix", nil, ln.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	ours, err := ln.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	file, err := theirs.File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), deadline)
	cmd := exec.CommandContext(ctx, program)
	cmd.ExtraFiles = []*os.File{file}
	cmd.Env = append(append(os.Environ(), agent.EnvFD+"=3"), c.env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	g := &target{t: t, cmd: cmd, stdin: stdin, conn: ours, output: &printed, ended: make(chan struct{}), changed: make(chan struct{})}
	cmd.Stderr = io.Discard
	if testing.Verbose() {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { defer close(read); g.read(c) }()
	lines := bufio.NewReader(stdout)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Errorf("the server does not start: %v", err)
	}
	g.url = "http://" + strings.TrimSpace(address)
	go func() {
		io.Copy(g.output, lines)
		g.exit = cmd.Wait()
		cancel()
		close(g.ended)
	}()
	t.Cleanup(func() {
		stdin.Close()
		<-g.ended
		ours.Close()
		<-read
	})
	return g
}

// read keeps the messages until the socket is closed. It lets the target listen as
// it asks.
func (g *target) read(c targetConfig) {
	in := bufio.NewReaderSize(g.conn, 1<<16)
	for {
		var header [agent.HeaderSize]byte
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return
		}
		size, ok := agent.FrameSize(header)
		body := make([]byte, size)
		if _, err := io.ReadFull(in, body); err != nil || !ok {
			return
		}
		if c.forget && g.listening {
			g.skim()
			return
		}
		m, ok := agent.Parse(body)
		if !ok {
			g.t.Errorf("not understood: %q", body)
			return
		}
		if m.Type == agent.TypeListen {
			g.reply(agent.Message{Type: agent.TypeAnswer, ID: m.ID, Verdict: agent.VerdictAsked})
		}
		if c.answer != nil {
			c.answer(g, m)
		}
		g.listening = g.listening || m.Type == agent.TypeListening
		g.mu.Lock()
		g.messages = append(g.messages, m)
		close(g.changed)
		g.changed = make(chan struct{})
		g.mu.Unlock()
		if c.unread && m.Type == agent.TypeListening {
			<-g.ended
			return
		}
	}
}

// skim reads and forgets, every millisecond what came in it.
func (g *target) skim() {
	buf := make([]byte, 1<<18)
	for {
		if _, err := g.conn.Read(buf); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func (g *target) reply(m agent.Message) {
	frame, _ := agent.AppendFrame(nil, &m)
	g.conn.Write(frame)
}

// wait returns the messages that want takes, once enough says that they suffice.
func (g *target) wait(want func(agent.Message) bool, enough func([]agent.Message) bool) []agent.Message {
	g.t.Helper()
	late := time.After(deadline)
	var found []agent.Message
	for seen := 0; ; {
		g.mu.Lock()
		for ; seen < len(g.messages); seen++ {
			if m := &g.messages[seen]; want(*m) {
				found = append(found, *m)
			}
		}
		changed := g.changed
		g.mu.Unlock()
		if enough(found) {
			return found
		}
		select {
		case <-changed:
		case <-late:
			g.t.Fatalf("still waiting; so far:\n%s", show(found))
		}
	}
}

// of returns the messages of an exchange up to its done.
func (g *target) of(id string) []agent.Message {
	g.t.Helper()
	return g.wait(
		func(m agent.Message) bool { return m.Exchange == id },
		func(all []agent.Message) bool { return len(pick(all, agent.TypeDone)) > 0 })
}

func pick(all []agent.Message, types ...string) []agent.Message {
	var some []agent.Message
	for _, m := range all {
		for _, t := range types {
			if m.Type == t {
				some = append(some, m)
			}
		}
	}
	return some
}

// show is one line a message, without what differs from run to run.
func show(all []agent.Message) string {
	var b strings.Builder
	for _, m := range all {
		switch m.Type {
		case agent.TypeOutput:
			fmt.Fprintf(&b, "%s %q %s %q\n", m.Stream, m.Text, m.Level, m.Attrs)
		case agent.TypeSpan:
			fmt.Fprintf(&b, "%d %s %s %q %q rows=%d tx=%d %s %d %q\n", m.Seq, m.Kind, m.Op+m.Method, m.Text, m.Args, m.Rows, m.Tx, m.Error, m.Status, first(m.Frames))
		case agent.TypeRows:
			fmt.Fprintf(&b, "%d rows=%d\n", m.Seq, m.Rows)
		case agent.TypePanic:
			fmt.Fprintf(&b, "panic %s %q causes %q at %s count %d\n", m.ValueType, m.Text, m.Causes, first(m.Frames), m.Count)
		case agent.TypeDone:
			fmt.Fprintf(&b, "done %d logs=%d sql=%d calls=%d more=%d panic=%t\n", m.Status, m.Logs, m.SQL, m.Calls, m.Count, m.Panic != 0)
		default:
			fmt.Fprintf(&b, "%+v\n", m)
		}
	}
	return b.String()
}

// first is the function of the innermost frame.
func first(frames []string) string {
	if len(frames) == 0 {
		return "-"
	}
	f, ok := agent.ParseFrame(frames[0])
	if !ok || f.Line == 0 || f.PC == 0 || !filepath.IsAbs(f.File) {
		return "bad frame " + frames[0]
	}
	return f.Function
}

// an answer of the server.
type answer struct {
	status int
	body   string
	sums   string
}

var clients = map[string]*http.Client{"http/1": client(false), "http/2": client(true)}

func client(h2 bool) *http.Client {
	var p http.Protocols
	p.SetHTTP1(!h2)
	p.SetUnencryptedHTTP2(h2)
	return &http.Client{Transport: &http.Transport{Protocols: &p, MaxIdleConnsPerHost: 200}}
}

func (g *target) get(c *http.Client, path, id string) (answer, error) {
	req, err := http.NewRequestWithContext(g.t.Context(), "GET", g.url+path, nil)
	if err != nil {
		return answer{}, err
	}
	if id != "" {
		req.Header.Set(agent.HeaderExchange, id)
	}
	resp, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(body), resp.Header.Get(agent.HeaderSums)}, err
}

// ask is get for what must succeed.
func (g *target) ask(path, id string) answer {
	g.t.Helper()
	a, err := g.get(clients["http/1"], path, id)
	if err != nil {
		g.t.Fatal(err)
	}
	return a
}

// id makes an exchange's id of a number.
func id(n int) string { return fmt.Sprintf("%032x", n) }

// serverConfig is that of a module with the server of testdata.
func serverConfig(t *testing.T, version string, without []string) overlay.Config {
	t.Helper()
	c := overlay.Config{Dir: t.TempDir(), StateDir: t.TempDir(), Env: toolchain(t, version), Without: without}
	for _, name := range []string{"main.go", "driver.go"} {
		text, err := os.ReadFile(filepath.Join("testdata", "server", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(c.Dir, name), string(text))
	}
	write(t, filepath.Join(c.Dir, "go.mod"), "module example.com/server\n\ngo 1.25\n")
	return c
}
