package devserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"time"
)

// handshakeTime bounds a TLS handshake: a browser's takes milliseconds.
const handshakeTime = 10 * time.Second

// secured returns the settings for TLS at the addresses of Listen, nil without TLS.
func (f *Front) secured() *tls.Config {
	if f.options.TLS == nil {
		return nil
	}
	c := f.options.TLS.Clone()
	c.NextProtos = []string{"h2", "http/1.1"} // RFC 7301; RFC 9113, 3.2
	return c
}

// scheme returns the scheme of the listener's URL.
func (l *listener) scheme() string {
	if l.tls != nil {
		return "https"
	}
	return l.spoken.scheme()
}

// unwrap ends TLS where that is to be done. A client that speaks HTTP without it is told.
func (f *Front) unwrap(raw net.Conn, l *listener) (*conn, error) {
	if l.tls == nil {
		return &conn{Conn: raw, listener: l}, nil
	}
	raw.SetDeadline(time.Now().Add(handshakeTime))
	var first [1]byte
	if _, err := io.ReadFull(raw, first[:]); err != nil {
		return nil, err
	}
	if first[0] != 0x16 { // no TLS handshake record (RFC 8446, 5.1)
		text := "pastedev: this address speaks HTTPS: https://" + l.public.String() + "/\n"
		fmt.Fprintf(raw, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
		return nil, fmt.Errorf("no TLS from %s", raw.RemoteAddr())
	}
	ctx, cancel := context.WithTimeout(f.ctx, handshakeTime)
	defer cancel()
	secure := tls.Server(&conn{Conn: raw, seen: first[:]}, l.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	raw.SetDeadline(time.Time{})
	return &conn{Conn: secure, listener: l, secure: secure}, nil
}
