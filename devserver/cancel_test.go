package devserver

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

const cancelledText = "cancelled by pastedev"

// stuck is a program whose handlers wait for the end of their requests, and say so.
type stuck struct{ begun, ended chan string }

func newStuck() *stuck { return &stuck{make(chan string, 10), make(chan string, 10)} }

func (s *stuck) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/head": // the answer has begun
		io.WriteString(w, "some")
		_ = http.NewResponseController(w).Flush()
	case "/flood": // to a client that does not read
		go func() { s.begun <- r.URL.Path }()
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				break
			}
		}
		s.ended <- r.URL.Path
		return
	}
	s.begun <- r.URL.Path
	if r.Method == http.MethodPost {
		io.Copy(io.Discard, r.Body)
	} else {
		<-r.Context().Done()
	}
	s.ended <- r.URL.Path
}

// bothTarget serves h by HTTP/1 and HTTP/2 and returns its address.
func bothTarget(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.Listener.Addr().String()
}

func await[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("%s: still waiting", what)
	}
	return v
}

// only returns the id of the one exchange that has started and not finished.
func (r *recorder) only(t *testing.T) inspect.ID {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ids) != len(r.finished)+1 {
		t.Fatalf("%d exchanges have started, %d finished", len(r.ids), len(r.finished))
	}
	return r.ids[len(r.ids)-1]
}

func TestCancel(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		for _, path := range []string{"/wait", "/head"} {
			t.Run(fmt.Sprint(path, " HTTP/2 ", h2), func(t *testing.T) {
				program := newStuck()
				s := newSite(t, bothTarget(t, program), Options{})
				var p http.Protocols
				p.SetHTTP1(!h2)
				p.SetUnencryptedHTTP2(h2)
				client := &http.Client{Transport: &http.Transport{Protocols: &p}}
				defer client.CloseIdleConnections()
				failed := make(chan error, 1)
				go func() {
					res, err := client.Get("http://" + s.addr + path)
					if err == nil {
						_, err = io.ReadAll(res.Body)
						res.Body.Close()
					}
					failed <- err
				}()
				await(t, "the handler", program.begun)
				id := s.rec.only(t)
				if s.Cancel("0af7651916cd43dd8448eb211c80319c") {
					t.Error("an exchange that is not under way was cancelled")
				}
				if !s.Cancel(id) {
					t.Error("the exchange is not under way")
				}
				await(t, "the end of the handler", program.ended)
				if err := await(t, "the client", failed); err == nil {
					t.Error("the client took the answer for complete")
				}
				if x := s.rec.wait(t, 1)[0]; x.Error != cancelledText || x.ID != id {
					t.Errorf("the record says %q of %s", x.Error, x.ID)
				}
				if s.Cancel(id) {
					t.Error("an exchange was cancelled that has ended")
				}
			})
		}
	}
}

// A client that does not read cannot hold a cancelled exchange.
func TestCancelUnread(t *testing.T) {
	program := newStuck()
	s := newSite(t, httpTarget(t, program), Options{})
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /flood HTTP/1.1\r\nHost: %s\r\n\r\n", s.addr)
	await(t, "the handler", program.begun)
	if !s.Cancel(s.rec.only(t)) {
		t.Error("the exchange is not under way")
	}
	await(t, "the end of the handler", program.ended)
	if x := s.rec.wait(t, 1)[0]; x.Error != cancelledText {
		t.Errorf("the record says %q", x.Error)
	}
}

// A request that waits for a build, or sends its body, is under way too.
func TestCancelHeldAndSending(t *testing.T) {
	program := newStuck()
	s := newSite(t, httpTarget(t, program), Options{})
	for i, state := range []inspect.State{inspect.StateBuilding, inspect.StateRunning} {
		s.SetState(state, nil, "")
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "POST /wait HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n\r\nbegin", s.addr)
		s.rec.waitStarted(t, i+1)
		if state == inspect.StateRunning {
			await(t, "the handler", program.begun)
		}
		for id := s.rec.only(t); !s.Cancel(id); { // it is announced a moment before it is registered
			time.Sleep(time.Millisecond)
		}
		if x := s.rec.wait(t, i+1)[i]; x.Error != cancelledText {
			t.Errorf("%s: the record says %q", state, x.Error)
		}
		c.SetReadDeadline(time.Now().Add(patience))
		if answer, err := io.ReadAll(c); err != nil && strings.Contains(err.Error(), "timeout") || len(answer) > 0 {
			t.Errorf("%s: the client got %q, %v", state, answer, err)
		}
	}
	await(t, "the end of the handler", program.ended)
}

// Connections that carry bare bytes end on both sides.
func TestCancelTunnelAndUpgrade(t *testing.T) {
	for name, first := range map[string]string{
		"tunnel":  "\x16\x03\x01\x00\x05hello", // as TLS begins
		"upgrade": "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			begun, ended := make(chan bool, 1), make(chan bool, 1)
			s := newSite(t, rawTarget(t, func(c net.Conn, r *bufio.Reader) {
				if _, err := r.ReadByte(); err != nil {
					return // the question what it speaks
				}
				if name == "upgrade" {
					io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nwelcome")
				} else {
					io.WriteString(c, "welcome")
				}
				begun <- true
				io.Copy(io.Discard, r)
				ended <- true
			}), Options{})
			c, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			io.WriteString(c, first)
			await(t, "the target", begun)
			in := bufio.NewReader(c)
			if _, err := in.ReadString('w'); err != nil { // of "welcome": both ends are joined
				t.Fatal(err)
			}
			if !s.Cancel(s.rec.only(t)) {
				t.Error("the connection is not under way")
			}
			await(t, "the target's end", ended)
			if _, err := io.ReadAll(in); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error(err)
			}
			if x := s.rec.wait(t, 1)[0]; x.Error != cancelledText {
				t.Errorf("the record says %q", x.Error)
			}
		})
	}
}
