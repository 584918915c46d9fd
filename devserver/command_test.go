package devserver

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// asked is an agent that says what it was asked, and a program that does.
func asked(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(agent.HeaderCommand) != "secret" {
			t.Errorf("the program was asked %s %s", r.Method, r.RequestURI)
			return
		}
		path, ok := strings.CutPrefix(r.URL.Path, agent.CommandPath)
		if !ok {
			t.Errorf("the agent was asked %s", r.URL.Path)
		}
		w.Header().Set(agent.HeaderCommand, "done")
		switch path {
		case "/busy":
			w.WriteHeader(http.StatusConflict)
		case "/":
			w.WriteHeader(http.StatusNotFound)
		}
		io.WriteString(w, r.Method+" "+path+"?"+r.URL.RawQuery+" "+r.Proto+"\n")
	})
}

// adopt is a front with one address that an agent asked for.
func adopt(t *testing.T, target string, o Options) *site {
	t.Helper()
	s := &site{rec: newRecorder()}
	o.Record = s.rec
	s.Front = New(o)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = s.Close(ctx)
	})
	s.adoptAt(t, target)
	s.SetState(inspect.StateRunning, &inspect.Build{Number: 1}, "")
	return s
}

func (s *site) adoptAt(t *testing.T, target string) {
	t.Helper()
	public, _, err := s.Adopt("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = public.String()
	if err := s.SetBackend(s.addr, target); err != nil {
		t.Fatal(err)
	}
}

func TestCommand(t *testing.T) {
	h2c := httptest.NewUnstartedServer(asked(t))
	h2c.Config.Protocols = new(http.Protocols)
	h2c.Config.Protocols.SetUnencryptedHTTP2(true)
	h2c.Start()
	t.Cleanup(h2c.Close)
	for proto, target := range map[string]string{"HTTP/1.1": httpTarget(t, asked(t)), "HTTP/2.0": h2c.Listener.Addr().String()} {
		s := adopt(t, target, Options{Token: "secret"})
		s.SetState(inspect.StateBuilding, nil, "") // the process that runs is asked all the same
		res, err := s.Command(t.Context(), "POST", "/cpu?on=1")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if want := "POST /cpu?on=1 " + proto + "\n"; err != nil || string(text) != want || res.StatusCode != 200 {
			t.Errorf("%d %q %v, want %q", res.StatusCode, text, err, want)
		}
		_, err = s.Command(t.Context(), "GET", "/busy")
		var refused *CommandError
		if !errors.As(err, &refused) || refused.HTTPStatus() != 409 || refused.Text != "GET /busy? "+proto {
			t.Errorf("a refusal: %v", err)
		}
		if s.rec.started > 0 {
			t.Errorf("%d commands were recorded", s.rec.started)
		}
	}
}

// Of several addresses the one is found where the agent answers.
func TestCommandFindsTheAgent(t *testing.T) {
	notOurs := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
	secure := httptest.NewUnstartedServer(asked(t))
	secure.TLS = &tls.Config{}
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	t.Cleanup(secure.Close)
	s := adopt(t, secure.Listener.Addr().String(), Options{Token: "secret"})
	s.adoptAt(t, httpTarget(t, notOurs))
	if _, err := s.Command(t.Context(), "GET", "/heap"); !errors.Is(err, errNoAnswer) {
		t.Errorf("without an agent: %v", err)
	}
	s.adoptAt(t, rawTarget(t, func(_ net.Conn, r *bufio.Reader) { io.Copy(io.Discard, r) })) // never answers
	s.adoptAt(t, httpTarget(t, asked(t)))
	res, err := s.Command(t.Context(), "GET", "/heap")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

// A server that speaks something else is not disturbed.
func TestCommandSparesOtherProtocols(t *testing.T) {
	said := make(chan string, 1)
	s := adopt(t, rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		line, _ := r.ReadString('\n')
		said <- line
		io.WriteString(c, "hello\n")
	}), Options{Token: "secret"})
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "\x01\x02hello\n")
	await(t, "the target", said)
	if _, err := s.Command(t.Context(), "GET", "/heap"); !errors.Is(err, errNoAnswer) {
		t.Errorf("got %v", err)
	}
	if len(said) > 0 {
		t.Errorf("it was told %q", <-said)
	}
}

// A mail server, which greets whoever connects, is told nothing.
func TestCommandSparesServersThatGreet(t *testing.T) {
	told := make(chan string, 2)
	s := adopt(t, rawTarget(t, func(c net.Conn, r *bufio.Reader) {
		io.WriteString(c, "220 mail.example.com\r\n")
		line, _ := r.ReadString('\n')
		told <- line
	}), Options{Token: "secret"})
	if _, err := s.Command(t.Context(), "GET", "/heap"); !errors.Is(err, errNoAnswer) {
		t.Errorf("of a mail server: %v", err)
	}
	if line := await(t, "the mail server", told); line != "" {
		t.Errorf("it was told %q", line)
	}
	s.adoptAt(t, httpTarget(t, asked(t)))
	res, err := s.Command(t.Context(), "GET", "/heap")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if line := await(t, "the mail server", told); line != "" {
		t.Errorf("it was told %q", line)
	}
}

// A program without an agent is never asked.
func TestCommandWithoutAgent(t *testing.T) {
	tests := []struct {
		name string
		site func(target string) *site
	}{
		{"no token", func(target string) *site { return adopt(t, target, Options{}) }},
		{"another program", func(target string) *site { return newSite(t, target, Options{Token: "secret"}) }},
		{"none yet", func(target string) *site {
			s := adopt(t, target, Options{Token: "secret"})
			s.Reset(2)
			return s
		}},
	}
	for _, tt := range tests {
		target := httpTarget(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			t.Errorf("%s: asked %s %s", tt.name, r.Method, r.RequestURI)
		}))
		if _, err := tt.site(target).Command(t.Context(), "GET", "/heap"); !errors.Is(err, errNoAgent) || !strings.Contains(err.Error(), "\nhint: ") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
