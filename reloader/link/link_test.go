//go:build linux || darwin || freebsd

package link

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect/agent"
)

// script is a Handler that answers by the address and writes down what it hears.
type script struct {
	log    []string
	cancel context.CancelFunc // called by a listen at "cancel"
}

func (s *script) Listen(ctx context.Context, network, address string) (Answer, error) {
	s.log = append(s.log, "listen "+network+" "+address)
	switch address {
	case "taken":
		return Answer{}, &net.OpError{Op: "listen", Net: network, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	case "words":
		return Answer{}, errors.New(strings.Repeat("no ", 1000))
	case "asked":
		return Answer{}, nil
	case "cancel":
		s.cancel()
		<-ctx.Done()
		return Answer{}, nil
	case "long":
		return Answer{Private: strings.Repeat("x", agent.MaxFrame), Public: "y"}, nil
	}
	return Answer{Private: "127.0.0.1:0", Public: address + "0"}, nil
}

func (s *script) Listening(public, private string) {
	s.log = append(s.log, "listening "+public+" "+private)
}

func (s *script) ListenerClosed(public string) { s.log = append(s.log, "closed "+public) }

// target is the other end of a link.
type target struct {
	t    *testing.T
	conn net.Conn
}

// open returns a link with a target, and Serve's result.
func open(t *testing.T, ctx context.Context, s Handler) (target, <-chan error) {
	t.Helper()
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.FileConn(l.child)
	if err != nil {
		t.Fatal(err)
	}
	l.Started()
	conn.SetDeadline(time.Now().Add(time.Minute)) // ends a test that hangs
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, s) }()
	t.Cleanup(func() { conn.Close() })
	return target{t, conn}, done
}

func (g target) send(m agent.Message) {
	g.t.Helper()
	frame, ok := agent.AppendFrame(nil, &m)
	if !ok {
		g.t.Fatalf("no frame for %v", m)
	}
	if _, err := g.conn.Write(frame); err != nil {
		g.t.Fatal(err)
	}
}

func (g target) receive() agent.Message {
	g.t.Helper()
	var header [agent.HeaderSize]byte
	if _, err := io.ReadFull(g.conn, header[:]); err != nil {
		g.t.Fatal(err)
	}
	body := make([]byte, binary.BigEndian.Uint32(header[:]))
	if _, err := io.ReadFull(g.conn, body); err != nil {
		g.t.Fatal(err)
	}
	m, ok := agent.Parse(body)
	if !ok {
		g.t.Fatalf("answer not understood: %q", body)
	}
	return m
}

func TestServeConversation(t *testing.T) {
	var s script
	g, done := open(t, t.Context(), &s)
	ask := func(id int64, address string) agent.Message {
		g.send(agent.Message{Type: agent.TypeListen, ID: id, Network: "tcp", Address: address})
		return g.receive()
	}
	g.send(agent.Message{Type: agent.TypeHello, PID: 1})
	g.send(agent.Message{Type: "weather"}) // of a later version
	answers := []agent.Message{ask(1, ":8"), ask(2, "asked"), ask(3, "taken"), ask(4, "words"), ask(5, ":9")}
	want := []agent.Message{
		{Type: "answer", ID: 1, Verdict: "private", Private: "127.0.0.1:0", Public: ":80"},
		{Type: "answer", ID: 2, Verdict: "asked"},
		{Type: "answer", ID: 3, Verdict: "fail", Errno: int64(syscall.EADDRINUSE), Text: "listen tcp: bind: " + syscall.EADDRINUSE.Error()},
		{Type: "answer", ID: 4, Verdict: "fail", Text: strings.Repeat("no ", 1000)[:1000]},
		{Type: "answer", ID: 5, Verdict: "private", Private: "127.0.0.1:0", Public: ":90"},
	}
	if d := cmp.Diff(want, answers); d != "" {
		t.Errorf("answers (-want +got):\n%s", d)
	}
	g.send(agent.Message{Type: agent.TypeListening, ID: 1, Address: "127.0.0.1:1001"})
	g.send(agent.Message{Type: agent.TypeListening, ID: 2, Address: "127.0.0.1:1002"})
	for _, id := range []int64{2, 1, 1, 3, 5} {
		g.send(agent.Message{Type: agent.TypeClosed, ID: id})
	}
	g.conn.Close()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	wantLog := []string{
		"listen tcp :8", "listen tcp asked", "listen tcp taken", "listen tcp words", "listen tcp :9",
		"listening :80 127.0.0.1:1001", "listening 127.0.0.1:1002 127.0.0.1:1002",
		"closed 127.0.0.1:1002", "closed :80", "closed :90",
	}
	if d := cmp.Diff(wantLog, s.log); d != "" {
		t.Errorf("heard (-want +got):\n%s", d)
	}
}

func TestServeBoundsListeners(t *testing.T) {
	var s script
	g, done := open(t, t.Context(), &s)
	for id := range int64(maxListeners + 1) {
		g.send(agent.Message{Type: agent.TypeListen, ID: id + 1, Network: "tcp", Address: ":8"})
		want := agent.VerdictPrivate
		if id == maxListeners {
			want = agent.VerdictAsked
		}
		if m := g.receive(); m.Verdict != want {
			t.Fatalf("listen %d: verdict %q, want %q", id+1, m.Verdict, want)
		}
	}
	g.conn.Close()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServeRefusesNonsense(t *testing.T) {
	frame := func(body string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)))) + body
	}
	message := func(m agent.Message) string {
		b, _ := agent.AppendFrame(nil, &m)
		return string(b)
	}
	tests := []struct{ name, input, want string }{
		{"frame too large", "\x00\x01\x00\x01", "size is not within"},
		{"frame empty", "\x00\x00\x00\x00", "size is not within"},
		{"HTTP", "GET / HTTP/1.1\r\n\r\n", "size is not within"},
		{"not ours", frame("hello"), `frame not understood: "hello"`},
		{"other version", frame("\x01\x40\x05hello"), "frame not understood"},
		{"unknown listen", message(agent.Message{Type: agent.TypeListening, ID: 7, Address: "x"}), "no listen has the id 7"},
		{"answer too long", message(agent.Message{Type: agent.TypeListen, ID: 7, Network: "tcp", Address: "long"}), "answer to listen 7 is longer"},
		{"killed in a header", "\x00\x00", ""},
		{"killed in a frame", message(agent.Message{Type: agent.TypeHello})[:9], ""},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, done := open(t, t.Context(), new(script))
			if _, err := io.WriteString(g.conn, tt.input); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				g.conn.Close()
			}
			err := <-done
			if got := fmt.Sprint(err); !strings.Contains(got, tt.want) || (err == nil) != (tt.want == "") {
				t.Errorf("Serve: %v, want %q", err, tt.want)
			}
			if _, err := io.Copy(io.Discard, g.conn); tt.want != "" && err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the link stays open: %v", err)
			}
		})
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	for _, inHandler := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		g, done := open(t, ctx, &script{cancel: cancel})
		if inHandler {
			g.send(agent.Message{Type: agent.TypeListen, ID: 1, Network: "tcp", Address: "cancel"})
		} else {
			cancel()
		}
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("in handler %t: Serve: %v", inHandler, err)
		}
	}
}

// The child is cat: what it reads is the link itself, so its end is the child's.
func TestAttach(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `test "$PASTEDEV_AGENT_FD" = 4 && echo "$KEPT" >&3 && exec cat <&4`)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	t.Setenv("KEPT", "kept")
	cmd.ExtraFiles = []*os.File{write}
	l.Attach(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	l.Started()
	l.Started()
	if said, err := bufio.NewReader(read).ReadString('\n'); err != nil || said != "kept\n" {
		t.Errorf("the child says %q, %v", said, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the child did not hear the end: %v", err)
	}
}
