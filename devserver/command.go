package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/devserver/proxy"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// maxRefusal bounds the text by which the agent refuses a command: a sentence.
const maxRefusal = 4 << 10

// errNoAgent is what [Front.Command] returns when there is nobody to ask.
var errNoAgent = errors.New("the running program has no agent of pastedev in it\nhint: profiles need a Go program that pastedev builds; any other may serve /debug/pprof")

// CommandError says that the agent does not carry a command out.
type CommandError struct {
	Status int    // 409 when something else is in the way, 404 when there is no such thing
	Text   string // in the agent's words
}

func (e *CommandError) Error() string { return e.Text }

// HTTPStatus returns the status of the agent's answer.
func (e *CommandError) HTTPStatus() int { return e.Status }

// Command asks the agent in the target, at path: "/cpu?on=1". The program sees nothing
// of it, and neither gate nor record does. The response has status 200 and is the
// caller's to close; every other answer becomes a [*CommandError]. It waits for the
// target as long as ctx allows, but not for a new one: while there is none it fails. It
// is safe for concurrent use.
func (f *Front) Command(ctx context.Context, method, path string) (*http.Response, error) {
	err := errNoAgent
	for _, b := range f.adopted() {
		var res *http.Response
		if res, err = f.command(ctx, b, method, path); err == nil {
			return res, nil
		}
		if _, refused := errors.AsType[*CommandError](err); refused {
			break
		}
	}
	return nil, fmt.Errorf("ask the program: %w", err)
}

// adopted returns the backends at which the agent may be met: those that it has asked
// to listen at. The addresses of other programs are never asked.
func (f *Front) adopted() []*proxy.Backend {
	if f.options.Token == "" {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []*proxy.Backend
	for _, l := range f.listeners {
		if b := f.gate.now.Load().backends[l.id]; b != nil && !l.fixed {
			all = append(all, b)
		}
	}
	return all
}

func (f *Front) command(ctx context.Context, b *proxy.Backend, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+b.Addr()+agent.CommandPath+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header[agent.HeaderCommand] = []string{f.options.Token}
	res, err := b.Send(req)
	if err != nil {
		return nil, err
	}
	if res.Header[agent.HeaderCommand] == nil { // another server of the program's, or one with TLS
		res.Body.Close()
		return nil, errNoAgent
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	if err != nil {
		return nil, err
	}
	return nil, &CommandError{Status: res.StatusCode, Text: strings.TrimSpace(string(text))}
}

// Cancel ends an exchange under way: the target sees its request end as if the client
// had gone, the client's connection is broken off, and the record says so. It reports
// whether there was such an exchange, and does not wait for its end.
func (f *Front) Cancel(id inspect.ID) bool { return f.proxy.Cancel(id) }
