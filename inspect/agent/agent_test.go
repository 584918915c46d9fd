//go:build linux || darwin || freebsd

package agent

import (
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// connect starts the agent of the test process on one end of a socket pair and
// returns the other.
func connect(t testing.TB) net.Conn {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fds[1]), "pastedev")
	conn, err := net.FileConn(file)
	file.Close()
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(time.Minute)) // ends a test that hangs
	t.Setenv(EnvFD, strconv.Itoa(fds[0]))
	t.Setenv(EnvPrefix+"LATER", "1")
	Start()
	t.Cleanup(func() {
		conn.Close()
		hangUp(fds[0])
		post(nil, 0, event) // forgets what waits
		syscall.Close(fds[0])
	})
	if !Active() {
		t.Fatal("the agent is inert")
	}
	if m := next(t, conn); m.Type != TypeHello || m.PID != int64(os.Getpid()) {
		t.Fatalf("first message: %+v", m)
	}
	return conn
}

func next(t testing.TB, conn net.Conn) Message {
	t.Helper()
	var header [HeaderSize]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		t.Fatal(err)
	}
	size, _ := FrameSize(header)
	body := make([]byte, size)
	if _, err := io.ReadFull(conn, body); err != nil {
		t.Fatal(err)
	}
	m, ok := Parse(body)
	if !ok {
		t.Fatalf("not understood: %q", body)
	}
	return m
}

func reply(t *testing.T, conn net.Conn, m Message) {
	t.Helper()
	frame, _ := AppendFrame(nil, &m)
	if _, err := conn.Write(frame); err != nil {
		t.Fatal(err)
	}
}

func TestListen(t *testing.T) {
	conn := connect(t)
	for _, name := range []string{EnvFD, EnvPrefix + "LATER"} {
		if _, there := os.LookupEnv(name); there {
			t.Errorf("%s is still in the environment", name)
		}
	}
	answers := make(chan Answer, 1)
	go func() { answers <- Listen("tcp", ":8080") }()
	asked := next(t, conn)
	if asked.Type != TypeListen || asked.Network != "tcp" || asked.Address != ":8080" || asked.ID == 0 {
		t.Errorf("asked %+v", asked)
	}
	reply(t, conn, Message{Type: TypeAnswer, ID: asked.ID + 100, Verdict: VerdictFail}) // to another question
	reply(t, conn, Message{Type: TypeAnswer, ID: asked.ID, Verdict: VerdictPrivate, Private: "a", Public: "b"})
	want := Answer{ID: asked.ID, Verdict: VerdictPrivate, Private: "a", Public: "b"}
	if d := cmp.Diff(want, <-answers); d != "" {
		t.Errorf("answer (-want +got):\n%s", d)
	}
	Listening(want.ID, "c")
	Closed(want.ID)
	got := []Message{next(t, conn), next(t, conn)}
	wantSent := []Message{{Type: TypeListening, ID: want.ID, Address: "c"}, {Type: TypeClosed, ID: want.ID}}
	if d := cmp.Diff(wantSent, got); d != "" {
		t.Errorf("sent (-want +got):\n%s", d)
	}
}

// However the conversation ends, the program listens as it asked and goes on.
func TestListenWithoutAnswer(t *testing.T) {
	tests := map[string]func(*testing.T, net.Conn){
		"gone":      func(_ *testing.T, c net.Conn) { c.Close() },
		"nonsense":  func(_ *testing.T, c net.Conn) { io.WriteString(c, "GET / HTTP/1.1\r\n\r\n") },
		"no fields": func(_ *testing.T, c net.Conn) { io.WriteString(c, "\x00\x00\x00\x02no") },
		"cut frame": func(_ *testing.T, c net.Conn) { io.WriteString(c, "\x00\x00\x00\x09\x03"); c.Close() },
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			conn := connect(t)
			answers := make(chan Answer, 1)
			go func() { answers <- Listen("tcp", ":8080") }()
			next(t, conn)
			answer(t, conn)
			if a := <-answers; a.Verdict != VerdictAsked || Active() {
				t.Errorf("answer %+v, active %t", a, Active())
			}
			if a := Listen("tcp", ":8080"); a != (Answer{Verdict: VerdictAsked}) {
				t.Errorf("second answer %+v", a)
			}
		})
	}
}

func TestReceiveStopsAtTheDeadline(t *testing.T) {
	conn := connect(t)
	if m, ok := receive(time.Now()); ok || !Active() {
		t.Errorf("received %+v; active %t, want it to stay so", m, Active())
	}
	io.WriteString(conn, "\x00\x00")
	if _, ok := receive(time.Now().Add(time.Millisecond)); ok || Active() {
		t.Errorf("half a header by the deadline leaves the agent active %t", Active())
	}
}

func TestStartIsInert(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	listener, err := tcp.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	tests := map[string]string{
		"empty": "", "no number": "x", "negative": "-3", "stdout": "1", "too long": "1234567890",
		"closed": "999999", "file": strconv.Itoa(int(file.Fd())), "TCP": strconv.Itoa(int(listener.Fd())),
	}
	for name, value := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(EnvFD, value)
			if Start(); Active() {
				t.Errorf("%s=%q: the agent is active", EnvFD, value)
			}
			if _, there := os.LookupEnv(EnvFD); there {
				t.Errorf("%s is still in the environment", EnvFD)
			}
		})
	}
}

// What an instrumented program without pastedev pays for each listen.
func BenchmarkActive(b *testing.B) {
	for b.Loop() {
		if Active() {
			b.Fatal("active")
		}
	}
}
