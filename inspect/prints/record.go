package prints

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Limits of what is kept for one request. The rest is counted.
const (
	maxLines = 1000      // more is not read in a page
	maxBytes = 256 << 10 // of all lines together
	maxLine  = 8 << 10   // bytes; a longer line is cut there and goes on in the next
)

// record collects the lines of one request. Many goroutines may write to it.
type record struct {
	id      inspect.ID
	mu      sync.Mutex
	lines   []inspect.Output
	bytes   int
	dropped int
	taken   bool
	open    map[*lineWriter]bool // hold the beginning of a line
}

type recordKey struct{}

func recordOf(ctx context.Context) *record {
	r, _ := ctx.Value(recordKey{}).(*record)
	return r
}

func (r *record) add(o inspect.Output) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == maxLines || r.bytes+len(o.Text) > maxBytes {
		r.dropped++
		return
	}
	r.bytes += len(o.Text)
	o.Seq = int64(len(r.lines) + 1)
	r.lines = append(r.lines, o)
}

func (r *record) all() ([]inspect.Output, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]inspect.Output(nil), r.lines...), r.dropped
}

// Lines are the lines printed so far in the request of ctx, oldest first; nil outside of a
// request that a Capture watches.
func Lines(ctx context.Context) []inspect.Output {
	r := recordOf(ctx)
	if r == nil {
		return nil
	}
	lines, _ := r.all()
	return lines
}

// Take is Lines for someone who shows them: the page is then left as it is.
func Take(ctx context.Context) []inspect.Output {
	r := recordOf(ctx)
	if r == nil {
		return nil
	}
	r.mu.Lock()
	r.taken = true
	r.mu.Unlock()
	lines, _ := r.all()
	return lines
}

// end completes the lines that were begun and not ended.
func (r *record) end() {
	r.mu.Lock()
	open := r.open
	r.open = nil
	r.mu.Unlock()
	for w := range open {
		w.end()
	}
}

// holds notes whether a writer holds the beginning of a line. With very many writers the
// beginnings of the later ones are lost, as their lines would be.
func (r *record) holds(w *lineWriter, yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !yes:
		delete(r.open, w)
	case len(r.open) < maxLines:
		if r.open == nil {
			r.open = map[*lineWriter]bool{}
		}
		r.open[w] = true
	}
}

// lineWriter cuts what is written into lines. The last one may be without an end: it is
// kept until it is complete or the request ends.
type lineWriter struct {
	mu      sync.Mutex
	partial []byte
	emit    func(text string, partial bool)
	record  *record // is told of held beginnings; nil: nobody
	noted   bool
}

func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(b)
	for len(b) > 0 {
		end, whole := len(b), false
		for i, c := range b {
			if c == '\n' {
				end, whole = i, true
				break
			}
		}
		room := maxLine - len(w.partial)
		if end > room {
			w.partial = append(w.partial, b[:room]...)
			b = b[room:]
			w.flush(true)
			continue
		}
		w.partial = append(w.partial, b[:end]...)
		b = b[end:]
		if whole {
			b = b[1:]
			w.flush(false)
		}
	}
	if holds := len(w.partial) > 0; w.record != nil && holds != w.noted {
		w.noted = holds
		w.record.holds(w, holds)
	}
	return n, nil
}

// flush emits what is held, also when it is an empty line.
func (w *lineWriter) flush(partial bool) {
	text := strings.TrimSuffix(string(w.partial), "\r")
	w.partial = w.partial[:0]
	w.emit(text, partial)
}

func (w *lineWriter) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.partial) > 0 {
		w.flush(false)
	}
}

func newOutput(stream inspect.Stream, text string, partial bool) inspect.Output {
	return inspect.Output{Time: time.Now(), Stream: stream, Text: strings.ToValidUTF8(text, "\ufffd"), Partial: partial}
}
