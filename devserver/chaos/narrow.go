package chaos

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// pieces is how many a second a body goes out in: often enough to look steady.
	pieces = 20
	// maxPiece bounds a piece, and the buffer of ReadFrom: 32 KiB is what io.Copy takes.
	maxPiece = 32 << 10
)

// narrow lets the body through at rate bytes a second, each piece flushed. It is for one
// goroutine at a time, as http.ResponseWriter is.
type narrow struct {
	http.ResponseWriter
	ctx    context.Context
	rate   int64
	free   time.Time // when the next piece may go
	slowed time.Duration
}

// Write returns the context's error if the client leaves meanwhile.
func (n *narrow) Write(p []byte) (written int, err error) {
	piece := int(min(max(n.rate/pieces, 1), maxPiece))
	for len(p) > 0 {
		if err := n.wait(); err != nil {
			return written, err
		}
		m, err := n.ResponseWriter.Write(p[:min(piece, len(p))])
		written += m
		if err != nil {
			return written, err
		}
		n.free = n.free.Add(time.Duration(float64(m) / float64(n.rate) * float64(time.Second)))
		n.Flush()
		p = p[m:]
	}
	return written, nil
}

// wait until the line is free. A pause of the handler earns nothing.
func (n *narrow) wait() error {
	now := time.Now()
	if n.free.Before(now) {
		n.free = now
	}
	err := sleep(n.ctx, n.free.Sub(now))
	n.slowed += time.Since(now)
	return err
}

// ReadFrom goes through Write: what the system copies by itself has no bound.
func (n *narrow) ReadFrom(r io.Reader) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{n}, struct{ io.Reader }{r}, make([]byte, maxPiece))
}

// Hijack gives the connection away, at full speed.
func (n *narrow) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(n.ResponseWriter).Hijack()
}

// Flush sends what is written. Where that cannot be done it goes out with the end.
func (n *narrow) Flush() { _ = n.FlushError() }

// FlushError is Flush, and tells when the writer below cannot.
func (n *narrow) FlushError() error { return http.NewResponseController(n.ResponseWriter).Flush() }

func (n *narrow) Unwrap() http.ResponseWriter { return n.ResponseWriter }
