package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pastedev/pastedev/devserver/urlmap"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/agent"
)

// serving is what pastedev serve adds to a session: a handler composed of the mounts, at
// a private address behind the front, and a session below this one for each program. The
// methods that a session calls do nothing on a nil one.
type serving struct {
	s      *session
	load   loader // nil: edits of the settings take no effect
	server *http.Server
	done   chan struct{} // closed when the server has ended
	builds atomic.Int64  // number of the last build of any program
	wake   chan struct{} // capacity 1: the settings have been edited

	// The set-up in force, and the one that is being put in force: the same but while apply
	// is at it. Who watches files or starts programs goes by the latter.
	now     atomic.Pointer[composed]
	wanting atomic.Pointer[setup]
	mistake string // in the settings, as it was told, "" for none; reread's own
	file    string // of the settings in force, "" for none; reread's own

	mu       sync.Mutex           // guards what follows; taken before a note's, never after one
	notes    map[inspect.ID]*note // of exchanges in flight, which bounds them
	programs []*program           // of the set-up in force; replaced, never changed
	last     inspect.StateChanged // that was told
	ctx      context.Context      // of run; nil before

	group   sync.WaitGroup // supervisors; run waits for them
	closing sync.WaitGroup // set-ups in force no more; close waits for them
}

// composed is one set-up in force.
type composed struct {
	setup    setup
	mounts   urlmap.Map // below the layers, in handler
	handler  http.Handler
	programs []*program

	active  sync.WaitGroup // requests; begun with serving's lock held
	closers []func() error
}

// wanted is the set-up that is to be in force.
func (v *serving) wanted() *setup { return v.wanting.Load() }

// later notes what is to be closed when the set-up is in force no more.
func (c *composed) later(f func() error) { c.closers = append(c.closers, f) }

// close waits for the requests under way, and gives back what the handlers hold.
func (c *composed) close() error {
	c.active.Wait()
	var errs []error
	for _, f := range c.closers {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

func newServing(s *session, set setup, load loader) *serving {
	v := &serving{s: s, load: load, file: s.config.file, notes: map[inspect.ID]*note{}, wake: make(chan struct{}, 1)}
	v.wanting.Store(&set)
	v.now.Store(&composed{setup: set, handler: http.NotFoundHandler()})
	return v
}

// openServing makes the mounts and the private address.
func (s *session) openServing(ctx context.Context) error {
	v := s.serving
	if v == nil {
		return nil
	}
	v.builds.Store(int64(s.store.LastBuild()))
	set := v.now.Load().setup
	if err := v.apply(ctx, set); err != nil {
		return err
	}
	set.warn(s.notice)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open a private address: %w", err)
	}
	s.target.Upstream = "http://" + l.Addr().String()
	v.server = &http.Server{
		Handler:                      v,
		MaxHeaderBytes:               8 << 20, // above what the front takes
		DisableGeneralOptionsHandler: true,
		Protocols:                    new(http.Protocols),
		ErrorLog:                     log.New(panicWriter{s}, "", 0),
	}
	v.server.Protocols.SetHTTP1(true)
	v.server.Protocols.SetUnencryptedHTTP2(true)
	v.done = make(chan struct{})
	go func() { // ends with close
		defer close(v.done)
		_ = v.server.Serve(l)
	}()
	return nil
}

// panicWriter shows what net/http has to say of a handler that panics, and nothing else.
type panicWriter struct{ s *session }

func (w panicWriter) Write(p []byte) (int, error) {
	if text := strings.TrimSpace(string(p)); strings.Contains(text, "panic") {
		w.s.notice(text)
	}
	return len(p), nil
}

// ServeHTTP takes the requests that come out of the recorder, and no others.
func (v *serving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	n, c := v.notes[inspect.ID(r.Header.Get(agent.HeaderExchange))], v.now.Load()
	c.active.Add(1)
	v.mu.Unlock()
	defer c.active.Done()
	if n == nil {
		http.Error(w, "pastedev: this address is pastedev's own: ask at the public one", http.StatusForbidden)
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), noteKey{}, n))
	r.Header.Del(agent.HeaderExchange)
	r.RemoteAddr = n.client
	if n.secure {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: r.Host}
	}
	c.handler.ServeHTTP(w, r)
}

// inFlight returns the exchanges that a mount's program has in hand.
func (s *session) inFlight() []inspect.ID {
	v := s.parent.serving
	var mine []inspect.ID
	for _, id := range s.gather.InFlight() {
		v.mu.Lock()
		n := v.notes[id]
		v.mu.Unlock()
		if n != nil && n.at() == s.mount {
			mine = append(mine, id)
		}
	}
	return mine
}

// title names what is served: its paths.
func (v *serving) title() string {
	var paths []string
	for _, m := range v.now.Load().setup.mounts {
		paths = append(paths, m.Path)
	}
	return "serve " + strings.Join(paths, " ")
}

// close ends the server and the programs' parts.
func (v *serving) close(ctx context.Context) error {
	if v == nil {
		return nil
	}
	if v.server != nil {
		if v.server.Shutdown(ctx) != nil {
			v.server.Close()
		}
		<-v.done
	}
	v.closing.Wait()
	errs := []error{v.now.Load().close()}
	for _, p := range v.held() {
		errs = append(errs, p.session.close())
	}
	return errors.Join(errs...)
}

// dropped closes a set-up that is in force no more.
func (v *serving) dropped(c *composed) {
	if err := c.close(); err != nil {
		v.s.notice("close what was served before: " + err.Error())
	}
}
