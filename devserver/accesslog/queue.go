package accesslog

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
)

// queueLimit bounds the bytes of lines that wait for a slow log: some five thousand
// lines, more than a machine answers while a disk syncs.
const queueLimit = 1 << 20

// queue hands lines to a writer in a goroutine that lives while there are any. Nobody who
// adds waits for the writer.
type queue struct {
	out     io.Writer
	trouble func(error)
	dropped atomic.Int64

	mu      sync.Mutex
	idle    sync.Cond // draining has become false
	lines   []byte    // whole lines that wait
	lost    int64     // dropped since the last report
	running bool      // a goroutine drains
	failing bool      // the last write failed; said once
	closed  bool
}

func (q *queue) init(out io.Writer, trouble func(error)) {
	if out == nil {
		out = os.Stderr
	}
	if trouble == nil {
		trouble = func(err error) { slog.Error(err.Error()) }
	}
	q.out, q.trouble = out, trouble
	q.idle.L = &q.mu
}

func (q *queue) add(line []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.lines)+len(line) > queueLimit {
		q.dropped.Add(1)
		q.lost++
		return
	}
	q.lines = append(q.lines, line...)
	if !q.running {
		q.running = true
		go q.drain()
	}
}

// drain writes until nothing waits. Flush and close wait for it.
func (q *queue) drain() {
	var buf []byte
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.lines) > 0 {
		buf, q.lines = q.lines, buf[:0]
		lost := q.lost
		q.lost = 0
		q.mu.Unlock()
		_, err := q.out.Write(buf)
		q.report(err, lost)
		q.mu.Lock()
	}
	q.running = false
	q.idle.Broadcast()
}

// report is called by drain only.
func (q *queue) report(err error, lost int64) {
	if lost > 0 {
		q.trouble(fmt.Errorf("access log: %d lines dropped: it is written too slowly", lost))
	}
	if err != nil && !q.failing {
		q.trouble(fmt.Errorf("write the access log: %w", err))
	}
	q.failing = err != nil
}

func (q *queue) flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.running {
		q.idle.Wait()
	}
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.flush()
}
