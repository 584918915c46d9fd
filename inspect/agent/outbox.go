package agent

import (
	"sync"
	"time"
)

const (
	// sendGap is how soon one send may follow another. A program that answers some
	// requests a second never comes near; under load what comes sooner goes together,
	// since each send costs both sides more than what it carries.
	sendGap = time.Millisecond
	// batchWait is when what came too soon is sent, unless batchSize comes first.
	batchWait = 5 * time.Millisecond
	// batchSize is how much is sent however soon it comes.
	batchSize = 32 << 10
	// maxPending bounds what waits in memory for a socket that is full: a second of a
	// program that does nothing but print. What ends an exchange may take twice that.
	maxPending = 8 << 20
	// keepPending is the largest buffer that is kept for the next batch.
	keepPending = 4 * batchSize
	// exitWait bounds how long a process that ends waits for pastedev to read.
	exitWait = 200 * time.Millisecond
	// drainPatience is how long nothing may be read before the agent gives pastedev
	// up: longer than a laptop swaps.
	drainPatience = time.Minute
)

// outbox orders what is sent. Nothing that the program does waits for the socket:
// what does not fit at once stays pending, and a goroutine that lives until nothing
// is pending sends it.
var outbox struct {
	mu       sync.Mutex
	pending  []byte // whole frames, but for the first, which may have begun
	timer    *time.Timer
	timed    bool      // the timer runs: it will call deliver
	draining bool      // deliver runs: only it sends
	sent     time.Time // the last send
	dropped  int64     // frames lost since pastedev was last told
}

// urgency says what may happen to frames.
type urgency int

const (
	event  urgency = iota // may wait for batchWait, and be dropped when too much is pending
	ending                // may wait, and is dropped later than the events before it
	urgent                // is sent at once
)

// post sends whole frames, n of them.
func post(frames []byte, n int64, u urgency) bool {
	outbox.mu.Lock()
	defer outbox.mu.Unlock()
	fd := int(link.socket.Load()) - 1
	if fd < 0 {
		outbox.pending = nil
		return false
	}
	if u != urgent && len(outbox.pending)+len(frames) > maxPending*int(1+u) {
		outbox.dropped += n
		return false
	}
	if len(outbox.pending) == 0 && !outbox.draining {
		if u == urgent || time.Since(outbox.sent) >= sendGap {
			outbox.sent = time.Now()
			sent, ok := writeNow(fd, frames)
			if !ok {
				hangUp(fd)
				return false
			}
			if frames = frames[sent:]; len(frames) == 0 {
				return true
			}
		}
	}
	outbox.pending = append(outbox.pending, frames...)
	if !outbox.draining && (u == urgent || len(outbox.pending) >= batchSize) {
		if outbox.timed && outbox.timer.Stop() {
			outbox.timed = false
		}
		if !sendPending(fd) {
			return false
		}
	}
	if len(outbox.pending) > 0 && !outbox.timed && !outbox.draining {
		outbox.timed = true
		if outbox.timer == nil {
			outbox.timer = time.AfterFunc(batchWait, deliver)
		} else {
			outbox.timer.Reset(batchWait)
		}
	}
	return true
}

// crowded reports whether events are about to be dropped.
func crowded() bool {
	outbox.mu.Lock()
	defer outbox.mu.Unlock()
	return len(outbox.pending) > maxPending-batchSize
}

// sendPending sends what the socket takes. outbox.mu is held.
func sendPending(fd int) bool {
	outbox.sent = time.Now()
	n, ok := writeNow(fd, outbox.pending)
	if !ok {
		outbox.pending = nil
		hangUp(fd)
		return false
	}
	outbox.pending = outbox.pending[:copy(outbox.pending, outbox.pending[n:])]
	if len(outbox.pending) == 0 && outbox.dropped > 0 {
		outbox.pending, _ = AppendFrame(outbox.pending, &Message{Type: TypeDropped, Count: outbox.dropped})
		outbox.dropped = 0
	}
	if cap(outbox.pending) > keepPending && len(outbox.pending) == 0 {
		outbox.pending = nil
	}
	return true
}

// deliver sends what is pending, and tries again until nothing is.
func deliver() {
	host.setExchange(nil) // this goroutine is nobody's
	outbox.mu.Lock()
	outbox.timed, outbox.draining = false, true
	last, left := time.Now(), 0
	for fd := int(link.socket.Load()) - 1; fd >= 0 && len(outbox.pending) > 0; fd = int(link.socket.Load()) - 1 {
		left = len(outbox.pending)
		if !sendPending(fd) {
			break
		}
		if len(outbox.pending) < left {
			last = time.Now()
		} else if time.Since(last) > drainPatience {
			hangUp(fd)
			break
		}
		if len(outbox.pending) > 0 {
			outbox.mu.Unlock()
			time.Sleep(sendGap)
			outbox.mu.Lock()
		}
	}
	if link.socket.Load() == 0 {
		outbox.pending = nil
	}
	outbox.draining = false
	outbox.mu.Unlock()
}

// settle gives pastedev a moment to read what is left when the process is about to
// end.
func settle() {
	for deadline := time.Now().Add(exitWait); time.Now().Before(deadline); {
		outbox.mu.Lock()
		fd := int(link.socket.Load()) - 1
		if fd >= 0 && !outbox.draining && len(outbox.pending) > 0 {
			sendPending(fd)
		}
		left := len(outbox.pending)
		outbox.mu.Unlock()
		if left == 0 || fd < 0 {
			return
		}
		time.Sleep(sendGap)
	}
}

// send posts one message that is part of a conversation.
func send(m *Message) bool {
	frame, ok := AppendFrame(nil, m)
	return ok && post(frame, 1, urgent)
}
