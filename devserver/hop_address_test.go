package devserver

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// newHop is a hop with an address of its own, for a program that runs.
func newHop(t *testing.T, o HopOptions) (*Hop, string) {
	t.Helper()
	o.Exchange = func(*http.Request) inspect.ID { return inspect.NewID() }
	h := NewHop(o)
	front := httptest.NewServer(h)
	t.Cleanup(front.Close)
	t.Cleanup(h.Close)
	h.Reset(1)
	h.SetState(inspect.StateRunning, nil, "")
	return h, front.URL
}

// mailServer greets whoever connects, and reads nothing.
func mailServer(t *testing.T) string {
	return rawTarget(t, func(c net.Conn, _ *bufio.Reader) {
		_, _ = io.WriteString(c, "220 mail.example.com\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
}

func setBackend(t *testing.T, h *Hop, public, target string) {
	t.Helper()
	if err := h.SetBackend(public, target); err != nil {
		t.Fatal(err)
	}
}

// says is a program that answers with its name.
func says(t *testing.T, name string) string {
	return httpTarget(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, name) }))
}

// TestHopFindsHTTP has a program open the address of its mail first. Its next process
// opens them in whatever order, and no request meets the mail server.
func TestHopFindsHTTP(t *testing.T) {
	h, url := newHop(t, HopOptions{})
	setBackend(t, h, "[::]:1025", mailServer(t))
	setBackend(t, h, "[::]:8025", says(t, "first"))
	h.group.Wait() // it has been found
	if got := hopGet(t, url+"/"); got != "200 first" {
		t.Fatalf("got %q", got)
	}
	h.Reset(2)
	answer := make(chan string, 1)
	go func() { answer <- hopGet(t, url+"/") }()
	setBackend(t, h, "[::]:1025", mailServer(t))
	setBackend(t, h, "[::]:8025", says(t, "second"))
	if got := await(t, "the second process", answer); got != "200 second" {
		t.Errorf("got %q", got)
	}
	h.group.Wait()
	h.Reset(3)
	setBackend(t, h, "[::]:9999", says(t, "moved"))
	if got := hopGet(t, url+"/"); got != "200 moved" { // held until that is known
		t.Errorf("got %q", got)
	}
}

// TestHopFirstOfMany keeps to the first of several that speak HTTP.
func TestHopFirstOfMany(t *testing.T) {
	h, url := newHop(t, HopOptions{})
	setBackend(t, h, "[::]:8080", says(t, "app"))
	setBackend(t, h, "[::]:6060", says(t, "debug"))
	h.group.Wait()
	if got := hopGet(t, url+"/"); got != "200 app" {
		t.Errorf("got %q", got)
	}
}

// TestHopOpenedAgain follows an address that the program closes and opens again.
func TestHopOpenedAgain(t *testing.T) {
	for _, others := range []int{0, 1} {
		h, url := newHop(t, HopOptions{})
		setBackend(t, h, "[::]:8080", says(t, "one"))
		for range others {
			setBackend(t, h, "[::]:6060", says(t, "debug"))
			h.group.Wait()
		}
		setBackend(t, h, "[::]:8080", says(t, "two"))
		if got := hopGet(t, url+"/"); got != "200 two" {
			t.Errorf("beside %d: got %q", others, got)
		}
	}
}

// TestHopPort goes where it is told to.
func TestHopPort(t *testing.T) {
	h, url := newHop(t, HopOptions{Port: 6060})
	setBackend(t, h, "[::]:8080", says(t, "app"))
	setBackend(t, h, "[::]:6060", says(t, "debug"))
	if got := hopGet(t, url+"/"); got != "200 debug" {
		t.Errorf("got %q", got)
	}
	one, url := newHop(t, HopOptions{Port: 6060})
	setBackend(t, one, "/app", says(t, "command")) // one without an agent has one address
	if got := hopGet(t, url+"/"); got != "200 command" {
		t.Errorf("got %q", got)
	}
}

// TestHopPortNeverOpened says which ports are.
func TestHopPortNeverOpened(t *testing.T) {
	h, url := newHop(t, HopOptions{Port: 7070, GateOptions: GateOptions{Hold: time.Millisecond}})
	setBackend(t, h, "[::]:8080", says(t, "app"))
	got := hopGet(t, url+"/")
	if !strings.HasPrefix(got, "503 ") || !strings.Contains(got, "it listens at [::]:8080, and not at port 7070") {
		t.Errorf("got %q", got)
	}
}

// TestHopNoHTTP says what is wrong when nobody speaks it.
func TestHopNoHTTP(t *testing.T) {
	h, url := newHop(t, HopOptions{})
	setBackend(t, h, "[::]:1025", mailServer(t))
	setBackend(t, h, "[::]:1026", mailServer(t))
	h.group.Wait()
	if got := hopGet(t, url+"/"); !strings.HasPrefix(got, "502 ") {
		t.Errorf("got %q", got)
	}
}

// TestHopCommand asks the agent where it is.
func TestHopCommand(t *testing.T) {
	h, _ := newHop(t, HopOptions{Token: "secret"})
	if _, err := h.Command(t.Context(), "GET", "/cpu"); !errors.Is(err, errNoAgent) {
		t.Errorf("without a program: %v", err)
	}
	setBackend(t, h, "[::]:1025", mailServer(t))
	setBackend(t, h, "[::]:8025", httpTarget(t, asked(t)))
	h.group.Wait()
	res, err := h.Command(t.Context(), "POST", "/cpu?on=1")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if string(text) != "POST /cpu?on=1 HTTP/1.1\n" {
		t.Errorf("got %q", text)
	}
	without, _ := newHop(t, HopOptions{})
	setBackend(t, without, "[::]:8025", httpTarget(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a program without an agent was asked %s", r.Header.Get(agent.HeaderCommand))
	})))
	if _, err := without.Command(context.Background(), "GET", "/cpu"); !errors.Is(err, errNoAgent) {
		t.Errorf("without an agent: %v", err)
	}
}
