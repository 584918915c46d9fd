// Package link is pastedev's end of the socket to the agent in the target.
//
// Call [New] for every start of the target, [Link.Attach] it to the command, tell
// it with [Link.Started] that the process runs, and then [Link.Serve] it until the
// process is gone. The wire is documented in package agent.
//
// The package never listens at anything itself: what is done about an address is
// the [Handler]'s affair. It trusts the target no more than any peer: frames,
// listeners and waiting times are bounded.
//
// It has no ancestor in Paste.
package link

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"github.com/pastedev/pastedev/inspect/agent"
)

// maxListeners bounds what one process can have open, and so the memory that a
// program which listens in a loop can take.
const maxListeners = 4096

// Answer is what shall be done with a listen. The zero Answer lets the target
// listen as it asked.
type Answer struct {
	// Private is the loopback address the target shall listen at instead:
	// "127.0.0.1:0".
	Private string
	// Public is the address that is really bound in its place, with the real port:
	// "[::]:8080". The target's listener reports it as its own.
	Public string
}

// Handler decides about the addresses of the target. Its methods are called one
// at a time, in the order of what happened.
type Handler interface {
	// Listen is asked before the target listens. network is "tcp", "tcp4" or "tcp6"
	// and address resolved, with an empty host for all: both fit net.Listen. An
	// error reaches the target as its own, with the system's error number if the
	// error wraps one. The target waits meanwhile, at most agent.ListenWait.
	Listen(ctx context.Context, network, address string) (Answer, error)
	// Listening tells that connections are accepted at private from now on. The two
	// are equal when the target listens as it asked.
	Listening(public, private string)
	// ListenerClosed tells that the target no longer wants public: its listener was
	// closed, or could not be opened after all. It is not called when the target
	// ends, since the next one will listen there again.
	ListenerClosed(public string)
}

// Link is a socket pair of which one end goes to the target. Its methods may be
// called from several goroutines, Serve by one.
type Link struct {
	conn net.Conn

	mu    sync.Mutex
	child *os.File // nil once the target has its own copy
}

// Attach passes the target's end on to cmd, which must not run yet: it adds one
// of cmd.ExtraFiles and one variable to cmd.Env, which it fills from the
// environment of this process when it is nil.
func (l *Link) Attach(cmd *exec.Cmd) {
	l.mu.Lock()
	defer l.mu.Unlock()
	cmd.ExtraFiles = append(cmd.ExtraFiles, l.child)
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	const firstExtra = 3 // after the standard three, see exec.Cmd.ExtraFiles
	cmd.Env = append(cmd.Env, agent.EnvFD+"="+strconv.Itoa(firstExtra+len(cmd.ExtraFiles)-1))
}

// Started closes this process's copy of the target's end, so that Serve hears when
// the target's is closed. Call it when cmd.Start has returned.
func (l *Link) Started() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.child != nil {
		l.child.Close()
		l.child = nil
	}
}

// Close ends the conversation; Serve then returns. The target goes on without.
func (l *Link) Close() error {
	l.Started()
	return l.conn.Close()
}

// Serve answers the target until it is gone (nil), ctx is done (its error) or the
// target talks nonsense. Then it closes the link.
func (l *Link) Serve(ctx context.Context, h Handler) error {
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { l.conn.Close() })
	defer stop()
	s := &session{conn: l.conn, in: bufio.NewReaderSize(l.conn, agent.HeaderSize+agent.MaxFrame), handler: h, open: make(map[int64]string), held: make(map[int64]*Hold)}
	for {
		m, err := s.read()
		if err == nil {
			err = s.handle(ctx, m)
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case gone(err):
			return nil
		default:
			return fmt.Errorf("agent link: %w", err)
		}
	}
}

// gone reports whether err says that the other end is closed.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// session is the state of one Serve.
type session struct {
	conn    net.Conn
	in      *bufio.Reader // of conn, with room for any frame: one read takes all that are there
	handler Handler
	open    map[int64]string // public addresses by listen, "" while it listens as asked
	pid     int              // of the target, 0 until its hello
	held    map[int64]*Hold  // panics that have not been allowed to be traced yet
	calls   calls

	writing sync.Mutex // a frame goes out whole
}

// read returns the next message. The end of the stream inside of a frame is
// io.EOF too.
func (s *session) read() (agent.Message, error) {
	header, err := s.in.Peek(agent.HeaderSize)
	if err != nil {
		return agent.Message{}, err
	}
	size, ok := agent.FrameSize([agent.HeaderSize]byte(header))
	if !ok {
		return agent.Message{}, fmt.Errorf("frame header %x: size is not within 1 to %d", header, agent.MaxFrame)
	}
	frame, err := s.in.Peek(agent.HeaderSize + size)
	if err != nil {
		return agent.Message{}, err
	}
	body := frame[agent.HeaderSize:]
	m, ok := agent.Parse(body)
	if !ok {
		const shown = 200 // bytes of what was not understood
		return agent.Message{}, fmt.Errorf("frame not understood: %.*q", shown, body)
	}
	_, err = s.in.Discard(len(frame))
	return m, err
}

// handle acts on one message; unknown types are passed over.
func (s *session) handle(ctx context.Context, m agent.Message) error {
	switch m.Type {
	case agent.TypeListen:
		return s.listen(ctx, m)
	case agent.TypeListening:
		public, known := s.open[m.ID]
		if !known {
			return fmt.Errorf("listening: no listen has the id %d", m.ID)
		}
		if public == "" {
			public = m.Address
			s.open[m.ID] = public
		}
		s.handler.Listening(public, m.Address)
	case agent.TypeClosed:
		public := s.open[m.ID]
		delete(s.open, m.ID)
		if public != "" {
			s.handler.ListenerClosed(public)
		}
	default:
		s.observe(ctx, &m)
	}
	return nil
}

func (s *session) listen(ctx context.Context, m agent.Message) error {
	reply := agent.Message{Type: agent.TypeAnswer, ID: m.ID, Verdict: agent.VerdictAsked}
	if len(s.open) >= maxListeners {
		return s.write(&reply)
	}
	a, err := s.handler.Listen(ctx, m.Network, m.Address)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		const longest = 1000 // bytes of an error text
		text := err.Error()
		reply.Verdict, reply.Text = agent.VerdictFail, text[:min(len(text), longest)]
		if errno, ok := errors.AsType[syscall.Errno](err); ok {
			reply.Errno = int64(errno)
		}
		return s.write(&reply)
	case a.Private != "":
		reply.Verdict, reply.Private, reply.Public = agent.VerdictPrivate, a.Private, a.Public
		s.open[m.ID] = a.Public
	default:
		s.open[m.ID] = ""
	}
	return s.write(&reply)
}

func (s *session) write(m *agent.Message) error {
	frame, ok := agent.AppendFrame(nil, m)
	if !ok {
		return fmt.Errorf("answer to listen %d is longer than %d bytes", m.ID, agent.MaxFrame)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err := s.conn.Write(frame)
	return err
}
