package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// upgrade passes on the target's consent to switch protocols (RFC 9110, 7.8) and then
// the bytes of both sides until they have ended.
func (c *carriage) upgrade(res *http.Response) (abort bool) {
	c.note(res)
	target, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		res.Body.Close()
		return c.refuse(errors.New("the program switched protocols in the middle of an HTTP/2 connection"))
	}
	if upgradeOf(c.r.Header) == "" {
		target.Close()
		return c.refuse(errors.New("the program switched protocols without having been asked to"))
	}
	conn, buffered, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		target.Close()
		return c.refuse(fmt.Errorf("switch protocols: %w", err))
	}
	c.count(nil, stageNone)
	client := &readAhead{Conn: conn, r: buffered.Reader}
	if !c.proxy.splices.enter(client, target) {
		conn.Close()
		target.Close()
		c.rec.Error = "pastedev was closed"
		return false
	}
	defer c.proxy.splices.leave(client, target)
	if !c.plain && res.Header.Get("X-Pastedev") != "off" && !c.proxy.options.NoHeaders {
		res.Header.Add("Server-Timing", c.serverTiming())
	}
	if err := writeSwitch(conn, res); err != nil {
		c.rec.Error = "client went away after 0 bytes"
	}
	c.proxy.cancels.enter(c.rec.ID, canceller(c.cancel, client, target))
	splice(client, target, &c.req, &c.res)
	c.rec.Error = cancelled(c.ctx, c.rec.Error)
	return false
}

func writeSwitch(to io.Writer, res *http.Response) error {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %s\r\n", res.Status)
	if err := res.Header.Write(&head); err != nil {
		return err
	}
	head.WriteString("\r\n")
	_, err := to.Write(head.Bytes())
	return err
}

// readAhead is a connection some of whose bytes have been read already.
type readAhead struct {
	net.Conn
	r io.Reader
}

func (c *readAhead) Read(p []byte) (int, error) { return c.r.Read(p) }

// CloseWrite ends the sending side only.
func (c *readAhead) CloseWrite() error { return closeWrite(c.Conn) }

func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}
