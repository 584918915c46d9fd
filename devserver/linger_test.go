package devserver

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"testing"
)

// TestHalfClosed: a client that has closed its sending side gets its answer, however
// late and in however many pieces.
func TestHalfClosed(t *testing.T) {
	tests := []struct {
		name, request string
		linuxOnly     bool
	}{
		{"http/1.0", "GET / HTTP/1.0\r\n\r\n", false},
		{"last of its connection", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
		{"kept connection", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
		{"with a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, known := socketHeld(selfConnected(t)); !known && tt.linuxOnly {
				t.Skip("it cannot be seen here whether the client's socket is open")
			}
			answer, closed := make(chan struct{}), make(chan struct{})
			target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				answer <- struct{}{}
				<-closed
				if r.Context().Err() != nil {
					t.Error("the target was told that the client has gone")
				}
				io.WriteString(w, "one ")
				w.(http.Flusher).Flush()
				<-closed
				io.WriteString(w, "two")
			}))
			heard := make(chan context.Context, 1)
			s := newWatchedSite(t, target, heard)
			c := dial(t, s.addr)
			io.WriteString(c, tt.request)
			<-answer
			c.(*net.TCPConn).CloseWrite()
			<-(<-heard).Done() // net/http has taken the client for gone
			closed <- struct{}{}
			closed <- struct{}{}
			got, err := io.ReadAll(c)
			if err != nil || !strings.Contains(string(got), " 200 OK\r\n") || !strings.Contains(string(got), "one ") || !strings.Contains(string(got), "two") {
				t.Errorf("got %q, %v", got, err)
			}
			if x := s.rec.wait(t, 1)[0]; x.Error != "" || x.ResponseSize != 7 {
				t.Errorf("recorded %d bytes, error %q", x.ResponseSize, x.Error)
			}
		})
	}
}

// newWatchedSite is newSite with the contexts of requests sent to heard.
func newWatchedSite(t *testing.T, target string, heard chan<- context.Context) *site {
	t.Helper()
	s := &site{rec: newRecorder()}
	s.Front = New(Options{Record: s.rec})
	inner := s.server.Handler
	s.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard <- r.Context()
		inner.ServeHTTP(w, r)
	})
	s.begin(t, target)
	return s
}

// TestClosedIsNotLingering: a client that has closed the whole is gone, and the target
// learns it though nothing is written.
func TestClosedIsNotLingering(t *testing.T) {
	if _, known := socketHeld(selfConnected(t)); !known {
		t.Skip("it cannot be seen here whether the client's socket is open")
	}
	for _, request := range []string{"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"} {
		arrived, left := make(chan struct{}), make(chan struct{})
		target := httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-r.Context().Done()
			close(left)
		}))
		s := newSite(t, target, Options{})
		c := dial(t, s.addr)
		io.WriteString(c, request)
		<-arrived
		c.Close()
		<-left
		if x := s.rec.wait(t, 1)[0]; x.Error != "client went away before an answer" {
			t.Errorf("recorded error %q", x.Error)
		}
	}
}

// TestSocketHeld looks at a socket in both its states, by IPv4 and IPv6.
func TestSocketHeld(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("no %s here: %v", address, err)
			continue
		}
		defer l.Close()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		other, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		local, remote := addrPort(c.LocalAddr()), addrPort(c.RemoteAddr())
		held, known := socketHeld(local, remote)
		if !known && runtime.GOOS != "linux" {
			t.Skip("not known here")
		}
		if !held || !known {
			t.Errorf("%s open: held %v, known %v", address, held, known)
		}
		c.(*net.TCPConn).CloseWrite()
		if held, known = socketHeld(local, remote); !held || !known {
			t.Errorf("%s half closed: held %v, known %v", address, held, known)
		}
		c.Close()
		if held, _ = socketHeld(local, remote); held {
			t.Errorf("%s closed: held", address)
		}
	}
}

func addrPort(a net.Addr) netip.AddrPort { return netip.MustParseAddrPort(a.String()) }

// selfConnected returns the ends of an open connection.
func selfConnected(t *testing.T) (local, remote netip.AddrPort) {
	c := dial(t, rawTarget(t, func(c net.Conn, r *bufio.Reader) { r.ReadByte() }))
	return addrPort(c.LocalAddr()), addrPort(c.RemoteAddr())
}
