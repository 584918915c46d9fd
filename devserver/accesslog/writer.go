package accesslog

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
)

// writer counts what is answered.
type writer struct {
	http.ResponseWriter
	head     bool
	status   int
	bytes    int64
	hijacked func(c *conn)

	mu   sync.Mutex
	conn *conn // once hijacked
}

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(code int) {
	if w.status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *writer) count(n int64) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if !w.head && n > 0 {
		w.bytes += n
	}
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.count(int64(n))
	return n, err
}

// WriteString spares the copy where the writer below does.
func (w *writer) WriteString(s string) (int, error) {
	n, err := io.WriteString(w.ResponseWriter, s)
	w.count(int64(n))
	return n, err
}

// ReadFrom keeps the way of a file to its socket short.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(w.ResponseWriter, r)
	if n > 0 {
		w.count(n)
	}
	return n, err
}

func (w *writer) Flush() { _ = w.FlushError() }

func (w *writer) FlushError() error {
	err := http.NewResponseController(w.ResponseWriter).Flush()
	if err == nil {
		w.count(0)
	}
	return err
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	c := &conn{Conn: nc}
	w.hijacked(c)
	w.mu.Lock()
	w.conn = c
	w.mu.Unlock()
	if rw != nil && rw.Writer != nil && rw.Writer.Buffered() == 0 {
		rw.Writer.Reset(c) // what is written through it counts as well
	}
	if hc, ok := nc.(halfCloser); ok {
		return &halfConn{conn: c, half: hc}, rw, nil
	}
	return c, rw, nil
}

// taken returns the hijacked connection, if there is one.
func (w *writer) taken() *conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn
}

// conn counts what is written on a hijacked connection and tells its end.
type conn struct {
	net.Conn
	ended   func()
	once    sync.Once
	written atomic.Int64
	status  atomic.Int32 // of an answer that was written by hand
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if c.written.Add(int64(n)) == int64(n) {
		c.status.Store(statusOf(p[:n]))
	}
	return n, err
}

// ReadFrom and WriteTo let the operating system move the bytes where it can.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(c.Conn, r)
	c.written.Add(n)
	return n, err
}

func (c *conn) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, c.Conn) }

// NetConn returns the connection below.
func (c *conn) NetConn() net.Conn { return c.Conn }

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.ended)
	return err
}

// halfCloser is what TCP and TLS connections can besides.
type halfCloser interface{ CloseWrite() error }

// halfConn is a conn that can be closed for writing.
type halfConn struct {
	*conn
	half halfCloser
}

func (c *halfConn) CloseWrite() error { return c.half.CloseWrite() }

// statusOf reads the status from the beginning of an HTTP/1 answer; 0 if it is none.
func statusOf(p []byte) int32 {
	const line = "HTTP/1.1 101"
	if len(p) < len(line) || !bytes.HasPrefix(p, []byte("HTTP/1.")) {
		return 0
	}
	n, err := strconv.ParseUint(string(p[9:12]), 10, 16)
	if err != nil || n < 100 || n > 999 {
		return 0
	}
	return int32(n)
}
