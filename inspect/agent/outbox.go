package agent

import (
	"sync"
	"time"
)

const (
	// maxPending bounds what waits in memory for a socket that is full: some seconds
	// of a busy program's events.
	maxPending = 1 << 20
	// exitWait bounds how long a process that ends waits for pastedev to read.
	exitWait = 200 * time.Millisecond
	// drainPatience is how many times sendWait the drainer tries before it gives
	// pastedev up: longer than a laptop swaps or a debugger stops pastedev for.
	drainPatience = 60
)

// outbox orders what is sent. Nothing that the program does waits for the socket:
// what does not fit at once goes to pending, and a goroutine that lives until
// pending is empty sends it.
var outbox struct {
	mu       sync.Mutex
	pending  []byte // whole frames, but for the first, which may have begun
	draining bool   // the goroutine lives; only it writes
	dropped  int64  // frames lost since pastedev was last told
}

// post sends whole frames, n of them. Without must they are dropped when too much
// is pending already.
func post(frames []byte, n int64, must bool) bool {
	outbox.mu.Lock()
	defer outbox.mu.Unlock()
	fd := int(link.socket.Load()) - 1
	if fd < 0 {
		return false
	}
	if !outbox.draining {
		sent, ok := writeNow(fd, frames)
		if !ok {
			hangUp(fd)
			return false
		}
		if frames = frames[sent:]; len(frames) == 0 {
			return true
		}
		outbox.draining = true
		outbox.pending = append(outbox.pending[:0], frames...)
		go drain(fd)
		return true
	}
	if !must && len(outbox.pending)+len(frames) > maxPending {
		outbox.dropped += n
		return false
	}
	outbox.pending = append(outbox.pending, frames...)
	return true
}

// drain writes what is pending and ends when nothing is left.
func drain(fd int) {
	host.setExchange(nil) // this goroutine is nobody's
	var chunk []byte
	for {
		outbox.mu.Lock()
		chunk, outbox.pending = outbox.pending, chunk[:0]
		if len(chunk) == 0 && outbox.dropped > 0 {
			chunk, _ = AppendFrame(chunk, &Message{Type: TypeDropped, Count: outbox.dropped})
			outbox.dropped = 0
		}
		if len(chunk) == 0 {
			outbox.draining, outbox.pending = false, nil
			outbox.mu.Unlock()
			return
		}
		outbox.mu.Unlock()
		if !writeAll(fd, chunk) {
			hangUp(fd)
			outbox.mu.Lock()
			outbox.draining, outbox.pending = false, nil
			outbox.mu.Unlock()
			return
		}
	}
}

// settle gives the drainer a moment when the process is about to end.
func settle() {
	for deadline := time.Now().Add(exitWait); time.Now().Before(deadline); {
		outbox.mu.Lock()
		busy := outbox.draining
		outbox.mu.Unlock()
		if !busy {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// send posts one message that is part of a conversation.
func send(m *Message) bool {
	frame, ok := AppendFrame(nil, m)
	return ok && post(frame, 1, true)
}
