package devserver

import (
	"bytes"
	"sync"
	"time"
)

// spoken is what has been heard at a listener. It is safe for concurrent use.
type spoken struct {
	mu     sync.Mutex
	name   string // scheme of the listener's URL; "" while nothing has been heard
	greets bool   // the target has spoken first
}

// learn takes the kind of a connection and the bytes it began with. The target's word
// outweighs any client's, and HTTP what other clients speak, who may be mistaken.
func (s *spoken) learn(kind wire, seen []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case kind == wireGreeting:
		s.name, s.greets = "tcp", true
	case s.greets:
	case kind == wireHTTP1 || kind == wireHTTP2:
		s.name = "http"
	case s.name == "http" || s.name == "https":
	case kind == wireTLS && offersHTTP(seen):
		s.name = "https"
	case kind == wireTLS:
		s.name = "tls"
	default:
		s.name = "tcp"
	}
}

// offersHTTP reports whether a ClientHello names HTTP among the protocols it would
// speak (RFC 7301, 3.1), each of which stands behind a byte of its length.
func offersHTTP(hello []byte) bool {
	return bytes.Contains(hello, []byte("\x08http/1.1")) || bytes.Contains(hello, []byte("\x02h2"))
}

// scheme returns the scheme of the listener's URL.
func (s *spoken) scheme() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.name == "" {
		return "http"
	}
	return s.name
}

// known returns the scheme of the listener's URL; empty while nothing has been heard.
func (s *spoken) known() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name
}

// silence returns how long to wait for a client's word before the target is asked for
// its own: not at all where it has once spoken first.
func (s *spoken) silence() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.greets:
		return 0
	case s.name == "":
		return silence
	}
	return longSilence
}
