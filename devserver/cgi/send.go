package cgi

import (
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

const (
	// flushDelay is how long printed bytes may wait for more. A program that ends within
	// it has its answer sent in one piece, with a Content-Length.
	flushDelay = 5 * time.Millisecond
	// sendBuffer is the size of a full pipe on Linux.
	sendBuffer = 64 << 10
)

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// send sends the head and then what the program prints, as it prints it. The error is one
// of sending; that of reading is the end, for p knows why.
func (x *exchange) send(p *process, hd *head, out io.Reader) error {
	h := x.w.Header()
	for name, values := range hd.header {
		h[name] = append(h[name], values...)
	}
	if h.Get("Content-Type") == "" {
		h["Content-Type"] = nil // not guessed
	}
	x.report.Status = hd.code()
	x.w.WriteHeader(hd.code())
	wanted := bodyAllowed(hd.code()) && x.r.Method != http.MethodHead
	f := newFlusher(x.w, x.rc)
	defer f.stop()
	printed, left := int64(0), int64(math.MaxInt64)
	if length, err := strconv.ParseInt(hd.header.Get("Content-Length"), 10, 64); err == nil {
		left = length
	}
	buf := make([]byte, sendBuffer)
	for {
		n, err := out.Read(buf)
		printed += int64(n)
		if n > 0 && wanted {
			p.quiet.pause()
			sent, werr := f.Write(buf[:min(int64(n), left)])
			p.quiet.resume()
			if left -= int64(sent); werr == nil && sent < n {
				werr = http.ErrContentLength
			}
			x.report.Output += int64(sent)
			if werr != nil {
				return werr
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
			x.whole = p.stopReason() == nil
			break
		}
		if err != nil {
			x.warn("its output could not be read to the end: %v", err)
			break
		}
	}
	x.warnBody(hd, printed, wanted)
	return nil
}

// warnBody compares what was printed with what was announced.
func (x *exchange) warnBody(hd *head, printed int64, wanted bool) {
	length, err := strconv.ParseInt(hd.header.Get("Content-Length"), 10, 64)
	switch {
	case !bodyAllowed(hd.code()) && printed > 0:
		x.warn("it printed %d bytes of body, which status %d does not have", printed, hd.code())
	case wanted && err == nil && printed < length:
		x.warn("it printed %d of the %d bytes that its Content-Length says", printed, length)
	}
}

// flusher writes to a client and flushes soon afterwards.
type flusher struct {
	rc    *http.ResponseController
	timer *time.Timer
	mu    sync.Mutex // held while w is used
	w     io.Writer
	ended bool
}

func newFlusher(w io.Writer, rc *http.ResponseController) *flusher {
	f := &flusher{rc: rc, w: w}
	f.timer = time.AfterFunc(flushDelay, f.flush) // the head, if no body follows soon
	return f
}

func (f *flusher) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.w.Write(b)
	f.timer.Reset(flushDelay)
	return n, err
}

func (f *flusher) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ended {
		_ = f.rc.Flush() // where it cannot, the answer comes in one piece
	}
}

// stop returns when the writer is used no more.
func (f *flusher) stop() {
	f.timer.Stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
}
