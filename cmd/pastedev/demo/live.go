package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"
)

// events streams the time, ten times (Server-Sent Events).
func events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for range 10 {
		fmt.Fprintf(w, "data: %s\n\n", time.Now().Format(time.TimeOnly))
		if out.Flush() != nil {
			return
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-r.Context().Done():
			return
		}
	}
}

// socket is a WebSocket (RFC 6455) that says back what it hears, in short text frames.
func socket(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if key == "" {
		http.Error(w, "this is a WebSocket", http.StatusUpgradeRequired)
		return
	}
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(buf, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	if buf.Flush() != nil {
		return
	}
	for {
		op, text, err := readFrame(buf.Reader)
		if err != nil || op == 8 {
			return
		}
		answer := "you said: " + text
		if len(answer) > 125 {
			answer = answer[:125]
		}
		buf.Write([]byte{0x81, byte(len(answer))})
		buf.WriteString(answer)
		if buf.Flush() != nil {
			return
		}
	}
}

// readFrame reads a masked frame of at most 125 bytes.
func readFrame(r *bufio.Reader) (op byte, text string, err error) {
	var head [6]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, "", err
	}
	n := int(head[1] & 0x7F)
	if n > 125 {
		return 0, "", fmt.Errorf("frame is too long")
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return 0, "", err
	}
	for i := range b {
		b[i] ^= head[2+i%4]
	}
	return head[0] & 0x0F, string(b), nil
}
