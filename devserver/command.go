package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

const (
	// maxRefusal bounds the text by which the agent refuses a command: a sentence.
	maxRefusal = 4 << 10
	// probeWait is how long a server of the program's may take to show whether it is one
	// that knows the agent. Those that wait for the client to say more never do.
	probeWait = 3 * time.Second
	// greetWait is how long a server has to speak by itself. Those of SMTP, FTP or IMAP
	// do so as soon as somebody has connected, those of HTTP wait for the client.
	greetWait = 100 * time.Millisecond
)

// What [Front.Command] returns when there is nobody to ask, and when nobody answers.
var (
	errNoAgent  = errors.New("no program runs that has an agent of pastedev in it\nhint: profiles need a Go program that pastedev builds; any other may serve /debug/pprof")
	errNoAnswer = errors.New("none of its servers knows pastedev\nhint: the agent answers where the program serves HTTP by net/http, without TLS")
)

// CommandError says that the agent does not carry a command out.
type CommandError struct {
	Status int    // 409 when something else is in the way, 404 when there is no such thing
	Text   string // in the agent's words
}

func (e *CommandError) Error() string { return e.Text }

// HTTPStatus returns the status of the agent's answer.
func (e *CommandError) HTTPStatus() int { return e.Status }

// asker asks the agent in a program. It is safe for concurrent use.
type asker struct {
	token   string                        // "": there is no agent
	answers atomic.Pointer[proxy.Backend] // where it has answered, perhaps of an earlier process
}

// candidates are the backends at which the agent may be met: those that it has asked to
// listen at and that are not known to speak anything but HTTP, told apart by whether they
// are known to speak that. The addresses of other programs are never asked.
type candidates struct {
	heard, unheard []*proxy.Backend
	spared         bool // there are addresses that speak something else
}

// Command asks the agent in the target, at path: "/cpu?on=1". The program sees nothing
// of it, and neither gate nor record does. The response has status 200 and is the
// caller's to close; every other answer becomes a [*CommandError]. It waits for the
// target as long as ctx allows, but not for a new one: while there is none it fails. It
// is safe for concurrent use.
func (f *Front) Command(ctx context.Context, method, path string) (*http.Response, error) {
	return f.asker.command(ctx, f.adopted(), method, path)
}

// adopted returns where the agent may be met.
func (f *Front) adopted() (c candidates) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.listeners {
		switch b := f.gate.now.Load().backends[l.id]; {
		case b == nil || l.fixed:
			continue
		case l.spoken.known() == "http":
			c.heard = append(c.heard, b)
		case l.spoken.known() == "":
			c.unheard = append(c.unheard, b)
		default:
			c.spared = true
		}
	}
	return c
}

// command is [Front.Command], asked at one of c.
func (a *asker) command(ctx context.Context, c candidates, method, path string) (*http.Response, error) {
	b, err := a.backend(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("ask the program: %w", err)
	}
	res, err := a.send(ctx, b, method, path)
	if err != nil {
		return nil, fmt.Errorf("ask the program: %w", err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	if err != nil {
		return nil, fmt.Errorf("ask the program: %w", err)
	}
	return nil, &CommandError{Status: res.StatusCode, Text: strings.TrimSpace(string(text))}
}

// backend returns a backend at which the agent answers. It asks until it has found one,
// and then takes that as long as the process runs.
func (a *asker) backend(ctx context.Context, c candidates) (*proxy.Backend, error) {
	all := slices.Concat(c.heard, c.unheard)
	if a.token == "" || len(all) == 0 && !c.spared {
		return nil, errNoAgent
	}
	if known := a.answers.Load(); known != nil && slices.Contains(all, known) {
		return known, nil
	}
	err := errNoAnswer
	for i, b := range all {
		if i >= len(c.heard) && greets(ctx, b) {
			continue
		}
		if err = a.probe(ctx, b); err == nil {
			a.answers.Store(b)
			return b, nil
		}
	}
	return nil, err
}

// greets reports whether the server at b speaks before its client does. To speak HTTP
// to one that does would only fill its log.
func greets(ctx context.Context, b *proxy.Backend) bool {
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", b.Addr())
	if err != nil {
		return false // the probe tells
	}
	defer c.Close()
	if c.SetReadDeadline(time.Now().Add(greetWait)) != nil {
		return false
	}
	n, _ := c.Read(make([]byte, 1))
	return n > 0
}

// probe is an error unless the agent answers at b; errNoAnswer when something else does,
// by HTTP.
func (a *asker) probe(ctx context.Context, b *proxy.Backend) error {
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	res, err := a.send(ctx, b, http.MethodGet, "/")
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// meets finds out what the server at b speaks, with or without the agent.
func (a *asker) meets(ctx context.Context, b *proxy.Backend) protocol {
	if greets(ctx, b) {
		return speaksOther
	}
	err := a.probe(ctx, b)
	switch {
	case err == nil:
		a.answers.Store(b)
		return speaksHTTP
	case errors.Is(err, errNoAnswer):
		return speaksHTTP
	case errors.Is(err, context.DeadlineExceeded):
		return unknown
	}
	return speaksOther
}

// send sends a command and returns the agent's answer, whatever its status.
func (a *asker) send(ctx context.Context, b *proxy.Backend, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+b.Addr()+agent.CommandPath+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header[agent.HeaderCommand] = []string{a.token}
	res, err := b.Send(req)
	if err != nil {
		return nil, err
	}
	if res.Header[agent.HeaderCommand] == nil { // another server of the program's, or one with TLS
		res.Body.Close()
		return nil, errNoAnswer
	}
	return res, nil
}

// Cancel ends an exchange under way: the target sees its request end as if the client
// had gone, the client's connection is broken off, and the record says so. It reports
// whether there was such an exchange, and does not wait for its end.
func (f *Front) Cancel(id inspect.ID) bool { return f.proxy.Cancel(id) }
