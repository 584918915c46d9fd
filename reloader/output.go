package reloader

import (
	"fmt"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Limits of captured output. The raw copy to Options.Stdout and Options.Stderr knows
// none of them: it is complete.
const (
	maxLine      = 64 << 10              // bytes of a line before it goes on in the next record
	partialAfter = 50 * time.Millisecond // quiet time after which a line without an end is shown: a prompt
	feedQueue    = 1024                  // lines on their way to Notify; more are left out and counted
	ringLines    = 200                   // lines kept for error pages ...
	ringBytes    = 256 << 10             // ... and their bytes
)

// outputFeed collects the lines of all streams of all processes, keeps the last and
// passes each on to notify from one goroutine. A slow notify loses lines, never
// blocks the target; how many is told in a line of its own.
type outputFeed struct {
	notify func(inspect.Output)
	queue  chan inspect.Output
	done   chan struct{}

	mu      sync.Mutex
	closed  bool
	seq     int64
	ring    []inspect.Output // oldest first
	bytes   int
	dropped int64
}

func newOutputFeed(notify func(inspect.Output)) *outputFeed {
	return &outputFeed{notify: notify, queue: make(chan inspect.Output, feedQueue), done: make(chan struct{})}
}

// run passes lines on until close, which its starter calls.
func (f *outputFeed) run() {
	defer close(f.done)
	for line := range f.queue {
		f.notify(line)
		if len(f.queue) == 0 {
			f.tellDropped()
		}
	}
	f.tellDropped()
}

// tellDropped reports the lines that were left out since the last report.
func (f *outputFeed) tellDropped() {
	f.mu.Lock()
	n := f.dropped
	f.dropped = 0
	if n > 0 {
		f.seq++
	}
	seq := f.seq
	f.mu.Unlock()
	if n > 0 {
		f.notify(inspect.Output{Seq: seq, Time: time.Now(), Stream: inspect.Pastedev,
			Text: fmt.Sprintf("%d lines of output are not listed here: they came faster than they could be shown", n)})
	}
}

// add takes a line. It never blocks.
func (f *outputFeed) add(line inspect.Output) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	f.seq++
	line.Seq = f.seq
	f.ring = append(f.ring, line)
	f.bytes += len(line.Text)
	for len(f.ring) > ringLines || f.bytes > ringBytes && len(f.ring) > 1 {
		f.bytes -= len(f.ring[0].Text)
		f.ring = f.ring[1:]
	}
	select {
	case f.queue <- line:
	default:
		f.dropped++
	}
}

// last returns up to n of the newest lines, oldest first.
func (f *outputFeed) last(n int) []inspect.Output {
	f.mu.Lock()
	defer f.mu.Unlock()
	n = max(0, min(n, len(f.ring)))
	return append([]inspect.Output(nil), f.ring[len(f.ring)-n:]...)
}

// close passes on what is queued and ends the feed. Later lines are ignored.
func (f *outputFeed) close() {
	f.mu.Lock()
	if !f.closed {
		f.closed = true
		close(f.queue)
	}
	f.mu.Unlock()
	<-f.done
}

// lineSplitter turns the bytes of one stream into lines. A line that stays without
// its end for partialAfter is passed on as Partial.
type lineSplitter struct {
	emit func(text string, partial bool)

	mu    sync.Mutex
	buf   []byte
	timer *time.Timer
}

func newLineSplitter(emit func(text string, partial bool)) *lineSplitter {
	return &lineSplitter{emit: emit}
}

// Write never fails.
func (s *lineSplitter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	n := len(p)
	for len(p) > 0 {
		end := indexNewline(p)
		take := p
		if end >= 0 {
			take = p[:end]
		}
		if room := maxLine - len(s.buf); len(take) > room {
			s.buf = append(s.buf, take[:room]...)
			p = p[room:]
			s.flush(true)
			continue
		}
		s.buf = append(s.buf, take...)
		if end < 0 {
			break
		}
		p = p[end+1:]
		s.flush(false)
	}
	if len(s.buf) > 0 {
		if s.timer == nil {
			s.timer = time.AfterFunc(partialAfter, s.flushIdle)
		} else {
			s.timer.Reset(partialAfter)
		}
	}
	return n, nil
}

func indexNewline(p []byte) int {
	for i, c := range p {
		if c == '\n' {
			return i
		}
	}
	return -1
}

// flush emits the buffer. A rune or an escape sequence that a partial line cuts is
// kept back for the rest. The caller holds mu.
func (s *lineSplitter) flush(partial bool) {
	cut := len(s.buf)
	if partial {
		cut = wholeRunes(s.buf)
	}
	text := CleanLine(s.buf[:cut])
	s.buf = append(s.buf[:0], s.buf[cut:]...)
	s.emit(text, partial)
}

func (s *lineSplitter) flushIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.buf) > 0 && wholeRunes(s.buf) > 0 {
		s.flush(true)
	}
}

// close emits an unfinished last line and stops the timer.
func (s *lineSplitter) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	if len(s.buf) > 0 {
		s.flush(false)
	}
}
