package devserver

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// TestSpoken follows the scheme of a listener through what is heard there.
func TestSpoken(t *testing.T) {
	hello := []byte("\x16\x03\x01...\x00\x0c\x02h2\x08http/1.1...")
	type word struct {
		kind wire
		seen string
	}
	tests := []struct {
		name  string
		words []word
		want  string
	}{
		{"nothing", nil, "http"},
		{"http", []word{{wireHTTP1, "GET"}}, "http"},
		{"h2c", []word{{wireHTTP2, "PRI"}}, "http"},
		{"https", []word{{wireTLS, string(hello)}}, "https"},
		{"https whose later clients name nothing", []word{{wireTLS, string(hello)}, {wireTLS, "\x16"}}, "https"},
		{"other TLS", []word{{wireTLS, "\x16\x03\x01"}}, "tls"},
		{"other", []word{{wireOther, "\x00"}}, "tcp"},
		{"a stray client before", []word{{wireOther, "\x00"}, {wireHTTP1, "GET"}}, "http"},
		{"a stray client after", []word{{wireHTTP1, "GET"}, {wireOther, "\x00"}, {wireTLS, "\x16"}}, "http"},
		{"mail", []word{{wireGreeting, ""}}, "tcp"},
		{"mail, and a browser astray", []word{{wireGreeting, ""}, {wireHTTP1, "GET"}}, "tcp"},
		{"a browser astray, then mail", []word{{wireHTTP1, "GET"}, {wireGreeting, ""}}, "tcp"},
	}
	for _, tt := range tests {
		var s spoken
		for _, w := range tt.words {
			s.learn(w.kind, []byte(w.seen))
		}
		if got := s.scheme(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestListenersTellWhatTheySpeak uses real clients.
func TestListenersTellWhatTheySpeak(t *testing.T) {
	site := newSite(t, "", Options{})
	site.Reset(1)
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hi") })
	secure := httptest.NewTLSServer(answer)
	defer secure.Close()
	mail := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		io.WriteString(c, "220 ready\r\n")
		r.ReadString('\n')
	})
	var addrs []string
	for _, target := range []string{secure.Listener.Addr().String(), mail} {
		public, err := site.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err := site.SetBackend(public.String(), target); err != nil {
			t.Fatal(err)
		}
		addrs = append(addrs, public.String())
	}
	site.SetState(inspect.StateRunning, nil, "")
	config := secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	c, err := tls.Dial("tcp", addrs[0], config)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if line, err := bufio.NewReader(dial(t, addrs[1])).ReadString('\n'); line != "220 ready\r\n" {
		t.Fatalf("greeting %q, %v", line, err)
	}
	port := func(addr string) string { _, p, _ := net.SplitHostPort(addr); return p }
	want := []string{"http://localhost:" + port(site.addr), "https://localhost:" + port(addrs[0]), "tcp://localhost:" + port(addrs[1])}
	if d := cmp.Diff(want, site.Listeners()); d != "" {
		t.Error(d)
	}
}

// TestGreetingAfterStrayClient: a browser at a mail server's address must not make
// later clients wait for a greeting that is never asked for.
func TestGreetingAfterStrayClient(t *testing.T) {
	mail := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		io.WriteString(c, "220 ready\r\n")
		for {
			line, err := r.ReadString('\n')
			if err != nil || strings.HasPrefix(line, "GET ") {
				return
			}
			io.WriteString(c, "250 "+line)
		}
	})
	s := newSite(t, mail, Options{})
	exchangeBytes(t, s.addr, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	for range 3 {
		c := dial(t, s.addr)
		r := bufio.NewReader(c)
		if line, err := r.ReadString('\n'); line != "220 ready\r\n" {
			t.Fatalf("greeting %q, %v", line, err)
		}
		io.WriteString(c, "EHLO x\r\n")
		if line, _ := r.ReadString('\n'); line != "250 EHLO x\r\n" {
			t.Errorf("answer %q", line)
		}
	}
}

// TestGreetingAfterBuild: a mail client that connects while the program is built is
// greeted when it is there, also after a build that failed.
func TestGreetingAfterBuild(t *testing.T) {
	mail := rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		io.WriteString(c, "220 ready\r\n")
		r.ReadString('\n')
	})
	s := newSite(t, "", Options{})
	s.SetState(inspect.StateFailed, &inspect.Build{Number: 1}, "")
	s.listeners[0].spoken.learn(wireGreeting, nil) // so that it is asked at once
	c := dial(t, s.addr)
	s.Reset(2)
	if err := s.SetBackend(s.addr, mail); err != nil {
		t.Fatal(err)
	}
	s.SetState(inspect.StateRunning, &inspect.Build{Number: 2}, "")
	if line, err := bufio.NewReader(c).ReadString('\n'); line != "220 ready\r\n" {
		t.Fatalf("greeting %q, %v", line, err)
	}
}
