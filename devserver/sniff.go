package devserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pastedev/pastedev/devserver/proxy"
)

const (
	// sniffLimit is how much of a first line is looked at. A longer one that began
	// like HTTP is HTTP: URLs may be long, greetings of other protocols are not.
	sniffLimit = 4096
	// silence is how long a client may say nothing before the target is asked whether
	// it speaks first, as mail and database servers do.
	silence = 200 * time.Millisecond
	// longSilence takes its place where clients have spoken first: browsers connect
	// ahead of need. It ends at all because the client before may have been a mistaken
	// one.
	longSilence = 2 * time.Second
	// acceptPause is the wait after a failed accept (out of file descriptors).
	acceptPause = 50 * time.Millisecond
)

const h2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" // RFC 9113, 3.4

// conn is an accepted connection that gives back what was read to learn its kind.
type conn struct {
	net.Conn
	listener *listener
	secure   *tls.Conn   // it comes out of this one; nil without TLS
	seen     []byte      // read, not yet given back
	ended    atomic.Bool // the client has closed its sending side, or the whole
}

func (c *conn) Read(p []byte) (int, error) {
	if len(c.seen) > 0 {
		n := copy(p, c.seen)
		if c.seen = c.seen[n:]; len(c.seen) == 0 {
			c.seen = nil // lets go of the buffer
		}
		return n, nil
	}
	n, err := c.Conn.Read(p)
	if err == io.EOF {
		c.ended.Store(true)
	}
	return n, err
}

// CloseWrite ends the sending side only.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// wire is what a connection carries.
type wire string

const (
	wireUnknown wire = ""
	wireHTTP1   wire = "http/1"
	wireHTTP2   wire = "h2c"
	wireTLS     wire = "tls"
	wireOther   wire = "tcp"
	// wireGreeting is wireOther, where the target has spoken first.
	wireGreeting wire = "tcp, greeted"
)

// sniff tells what begins with b; wireUnknown asks for more bytes.
func sniff(b []byte) wire {
	if len(b) == 0 {
		return wireUnknown
	}
	if b[0] == 0x16 { // TLS handshake record (RFC 8446, 5.1)
		return wireTLS
	}
	if n := min(len(b), len(h2Preface)); string(b[:n]) == h2Preface[:n] {
		if n < len(h2Preface) {
			return wireUnknown
		}
		return wireHTTP2
	}
	line, _, whole := bytes.Cut(b, []byte("\n"))
	if whole {
		words := strings.Split(strings.TrimSuffix(string(line), "\r"), " ")
		if n := len(words); n >= 3 && isMethod(words[0]) && strings.HasPrefix(words[n-1], "HTTP/1.") {
			return wireHTTP1
		}
		return wireOther
	}
	method, _, _ := strings.Cut(string(line), " ")
	switch {
	case !isMethod(method):
		return wireOther
	case len(b) >= sniffLimit:
		return wireHTTP1
	}
	return wireUnknown
}

// isMethod reports whether s is a token (RFC 9110, 5.6.2).
func isMethod(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// accept takes connections until the listener is closed.
func (f *Front) accept(l *listener) {
	for {
		c, err := l.tcp.Accept()
		if err != nil {
			select {
			case <-l.http.done:
				return
			case <-time.After(acceptPause):
				continue
			}
		}
		if !f.greet(c) {
			c.Close()
			return
		}
		f.wg.Go(func() { f.receive(c, l) })
	}
}

// greet notes a connection of a kind not known yet, so that Close can end it.
func (f *Front) greet(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.greeting[c] = struct{}{}
	}
	return !f.closed
}

// dismiss forgets a greeted connection; it reports false when it has been closed.
func (f *Front) dismiss(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.greeting, c)
	return !f.closed
}

// receive learns what c carries and leads it to where that is understood. A client
// that has not said enough is waited for as long as it stays: browsers open
// connections ahead of need, and to decide is the target's business.
func (f *Front) receive(raw net.Conn, l *listener) {
	c, err := f.unwrap(raw, l)
	if err != nil {
		f.dismiss(raw)
		raw.Close()
		return
	}
	kind, greeted, err := f.listen(c)
	open := f.dismiss(raw)
	switch {
	case !open || err != nil && len(c.seen) == 0 && greeted == nil:
		c.Close()
		if greeted != nil {
			greeted.Target.Close()
		}
		return
	case greeted != nil:
		f.proxy.Tunnel(f.ctx, *greeted, f.route(c.listener))
		return
	case kind == wireHTTP2 && !f.speaksH2C(c.listener):
	case kind == wireHTTP1, kind == wireHTTP2:
		c.listener.http.put(c)
		return
	}
	if kind == wireUnknown {
		kind = wireOther // it ended amid its first line
	}
	f.proxy.Tunnel(f.ctx, proxy.Tunnel{Client: c, Proto: string(kind), Address: c.listener.public.String()}, f.route(c.listener))
}

// speaksH2C reports whether HTTP/2 is to be served: the target understands it, or
// there is no target and the client shall be told so.
func (f *Front) speaksH2C(l *listener) bool {
	b, err := f.route(l).Wait(f.ctx)
	return err != nil || b.SpeaksH2C(f.ctx)
}

// listen reads until the kind of c is known. When the client keeps silent and the
// target greets it, the result is the tunnel between both.
func (f *Front) listen(c *conn) (wire, *proxy.Tunnel, error) {
	c.SetReadDeadline(time.Now().Add(c.listener.spoken.silence()))
	buf := make([]byte, sniffLimit)
	n := 0
	for {
		m, err := c.Conn.Read(buf[n:])
		n += m
		c.seen = buf[:n]
		if kind := sniff(c.seen); kind != wireUnknown {
			c.SetReadDeadline(time.Time{})
			c.listener.spoken.learn(kind, c.seen)
			return kind, nil, nil
		}
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded) && n > 0:
			c.SetReadDeadline(time.Time{})
		case errors.Is(err, os.ErrDeadlineExceeded):
			t, err := f.hear(c, buf)
			n = len(c.seen)
			if t != nil {
				c.listener.spoken.learn(wireGreeting, nil)
			}
			if t != nil || err != nil {
				return wireOther, t, err
			}
			if kind := sniff(c.seen); kind != wireUnknown {
				c.listener.spoken.learn(kind, c.seen)
				return kind, nil, nil
			}
		default:
			c.SetReadDeadline(time.Time{})
			return wireUnknown, nil, err
		}
	}
}

// greeting is what a target said first, or why it said nothing.
type greeting struct {
	backend *proxy.Backend
	conn    net.Conn
	text    []byte
}

// hear waits for the first word of either side of a silent connection. If it is the
// target's, the tunnel is returned; if the client's, its bytes are in c.seen and the
// connection to the target is closed again. A target that hangs up leaves the client
// waiting for its own word.
func (f *Front) hear(c *conn, buf []byte) (*proxy.Tunnel, error) {
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	heard := make(chan greeting, 1)
	c.SetReadDeadline(time.Time{})
	go func() {
		g := f.ask(ctx, c.listener)
		if len(g.text) > 0 {
			c.SetReadDeadline(time.Unix(1, 0)) // wakes the reader below
		}
		heard <- g
	}()
	n, err := c.Conn.Read(buf)
	c.seen = buf[:n]
	cancel()
	g := <-heard // ask ends with ctx
	c.SetReadDeadline(time.Time{})
	if len(g.text) == 0 {
		return nil, err
	}
	target := &conn{Conn: g.conn, seen: g.text}
	return &proxy.Tunnel{Client: c, Proto: string(wireOther), Address: c.listener.public.String(), Target: target, Backend: g.backend}, nil
}

// ask connects to the target, as soon as there is one, and reads what it says unasked.
// The connection is closed again unless there was something.
func (f *Front) ask(ctx context.Context, l *listener) greeting {
	for {
		changed := f.gate.now.Load().changed
		b, err := f.route(l).Wait(ctx)
		if err == nil {
			var c net.Conn
			if c, err = b.Dial(ctx); err == nil {
				return hearOut(ctx, b, c)
			}
		}
		select {
		case <-changed: // another program may be there
		case <-ctx.Done():
			return greeting{}
		}
	}
}

// hearOut reads the first words of a target, until ctx ends.
func hearOut(ctx context.Context, b *proxy.Backend, c net.Conn) greeting {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.SetReadDeadline(time.Unix(1, 0))
		close(woken)
	})
	text := make([]byte, sniffLimit)
	n, err := c.Read(text)
	if !stop() {
		<-woken
		c.SetReadDeadline(time.Time{})
	}
	if n == 0 || err != nil && err != io.EOF {
		c.Close()
		return greeting{}
	}
	return greeting{backend: b, conn: c, text: text[:n]}
}
