package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// Bounds of the kept traces.
const (
	maxTraces       = 500      // a week of failures; what nobody has looked at by then is old
	traceBytes      = 64 << 20 // of their encoded form; at most a quarter of Options.MaxBytes
	maxTrace        = 4 << 20  // one as JSON: some hundred variables of the largest size. Above it variables go, then sources
	pendingTraces   = 64       // whole ones that wait for the writer; above it an outline is kept
	codePrefix      = "E-"
	tooLargeToKeep  = "they were too large to keep"
	notKeptPressure = "too many failures came at once to keep them"
)

// traceRecord is what memory holds of one trace. Its fields are guarded by the store;
// what they point to is not changed once it is set.
type traceRecord struct {
	outline *inspect.Trace
	trace   *inspect.Trace // complete, until the writer has encoded it
	blob    []byte         // encoded, when it lives in memory
	size    int64          // encoded bytes, on disk or in blob
	stored  bool           // it is in the file
	queued  bool           // it waits for the writer
	gone    bool           // removed; the writer must skip it
}

// PutTrace keeps t and tells the subscribers. A trace without an ID gets one, and a
// Count: how often its Code was seen as far as the history goes, this time included. One
// with an ID takes the place of the kept one, whose ID and Count stay; when that is no
// longer kept, nothing happens. It returns t with its ID and Count.
//
// The newest 500 are kept, but a failure that repeats replaces its own earlier ones
// before those of another Code. It never waits for the disk or a subscriber. What t
// points to belongs to the store from now on, but for the slice of its frames, which is
// copied. After Close, PutTrace does nothing.
func (s *Store) PutTrace(t inspect.Trace) inspect.Trace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.putTrace(t)
}

func (s *Store) putTrace(t inspect.Trace) inspect.Trace {
	if s.closing {
		return t
	}
	t.Time = t.Time.Round(0) // without the monotonic reading, as after a reload
	var r *traceRecord
	if t.ID == 0 {
		s.lastTrace++
		t.ID, t.Count = s.lastTrace, s.traceCount(t.Code)+1
		r = &traceRecord{}
		s.traces = append(s.traces, r)
	} else {
		i, found := s.searchTrace(t.ID)
		if !found {
			return t
		}
		r = s.traces[i]
		t.Count = r.outline.Count
	}
	kept := t
	kept.Frames = slices.Clone(t.Frames) // the caller goes on filling in its own
	r.outline = Outline(&kept)
	s.keepTrace(r, &kept)
	s.trimTraces()
	s.feed.send(inspect.TraceRecorded{Trace: &kept})
	return t
}

// keepTrace gives t to the writer, or its outline when too many wait already.
func (s *Store) keepTrace(r *traceRecord, t *inspect.Trace) {
	if !r.queued {
		if len(s.queue.traces) >= pendingTraces {
			o := *r.outline
			o.NoLocals = notKeptPressure
			t = &o
		}
		r.queued = true
		s.queue.traces = append(s.queue.traces, r)
	}
	r.trace = t
	s.signal()
}

// traceCount returns the greatest Count of the kept traces of code.
func (s *Store) traceCount(code string) int {
	for _, r := range slices.Backward(s.traces) {
		if r.outline.Code == code {
			return r.outline.Count
		}
	}
	return 0
}

// trimTraces keeps the traces within their bounds.
func (s *Store) trimTraces() {
	var total int64
	for _, r := range s.traces {
		total += r.size
	}
	limit := min(traceBytes, s.opt.MaxBytes/4)
	for len(s.traces) > maxTraces || total > limit && len(s.traces) > 1 {
		i := s.leastWanted()
		total -= s.traces[i].size
		s.dropTrace(i)
	}
}

// leastWanted is the oldest trace that has a newer one of the same code, else the
// oldest.
func (s *Store) leastWanted() int {
	newest := make(map[string]int, len(s.traces))
	for i, r := range s.traces {
		newest[r.outline.Code] = i
	}
	for i, r := range s.traces {
		if newest[r.outline.Code] != i {
			return i
		}
	}
	return 0
}

// dropTrace removes the trace at i from memory, and soon from the file.
func (s *Store) dropTrace(i int) {
	r := s.traces[i]
	r.gone, r.trace, r.blob = true, nil, nil
	s.queue.goneTraces = append(s.queue.goneTraces, r.outline.ID)
	s.traces = slices.Delete(s.traces, i, i+1)
	s.signal()
}

// expireTraces removes the traces from before oldest.
func (s *Store) expireTraces(oldest time.Time) {
	for len(s.traces) > 0 && s.traces[0].outline.Time.Before(oldest) {
		s.dropTrace(0)
	}
}

func (s *Store) searchTrace(id int64) (int, bool) {
	return slices.BinarySearchFunc(s.traces, id, func(r *traceRecord, id int64) int { return cmp.Compare(r.outline.ID, id) })
}

// Outline returns what a list shows of t: without source, variables and raw text,
// its frames cut to the failing one.
func Outline(t *inspect.Trace) *inspect.Trace {
	o := *t
	o.Raw, o.Changed, o.CreatedBy, o.Frames = "", nil, nil, nil
	if f := failing(t.Frames); f != nil {
		o.Frames = []inspect.Frame{{Location: f.Location, Package: f.Package, Column: f.Column, Origin: f.Origin, PC: f.PC}}
	}
	return &o
}

// failing is the innermost frame of the app's own, else the innermost with a line.
func failing(frames []inspect.Frame) *inspect.Frame {
	var first *inspect.Frame
	for i := range frames {
		f := &frames[i]
		if f.Hidden || f.Line == 0 {
			continue
		}
		if f.Origin == inspect.FrameApp {
			return f
		}
		if first == nil {
			first = f
		}
	}
	return first
}

// Traces returns the outlines of up to limit traces, newest first; 0 means all that
// are kept. Their frames are cut to the failing one, which has no source and no
// variables. The results are shared: treat them as read-only.
func (s *Store) Traces(ctx context.Context, limit int) ([]inspect.Trace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := len(s.traces)
	n = min(n, cmp.Or(max(limit, 0), n))
	list := make([]inspect.Trace, 0, n)
	for _, r := range slices.Backward(s.traces[len(s.traces)-n:]) {
		list = append(list, *r.outline)
	}
	return list, nil
}

// Trace returns one trace whole: by its ID in decimal, or the newest with this Code.
// When there is none the error is [inspect.ErrNotFound]. The result is shared: treat it
// as read-only.
func (s *Store) Trace(ctx context.Context, ref string) (*inspect.Trace, error) {
	s.mu.RLock()
	r := s.findTrace(ref)
	if r == nil {
		s.mu.RUnlock()
		return nil, fmt.Errorf("error %q: %w", ref, inspect.ErrNotFound)
	}
	have := *r // its fields are guarded; what they point to is not changed
	file := s.file
	s.mu.RUnlock()
	if have.trace != nil {
		return have.trace, nil
	}
	data := have.blob
	if data == nil && have.stored && file != nil {
		var err error
		if data, err = file.trace(ctx, have.outline.ID); errors.Is(err, inspect.ErrNotFound) {
			return nil, fmt.Errorf("error %q: %w", ref, err)
		} else if err != nil {
			return nil, fmt.Errorf("read error %s: %w", ref, err)
		}
	}
	if data == nil { // its details could not be kept
		return have.outline, nil
	}
	t, err := decodeTrace(data)
	if err != nil {
		return nil, fmt.Errorf("read error %s: %w", ref, err)
	}
	t.ID, t.Count = have.outline.ID, have.outline.Count
	return t, nil
}

// findTrace returns nil for what nothing is called.
func (s *Store) findTrace(ref string) *traceRecord {
	if id, err := strconv.ParseInt(ref, 10, 64); err == nil {
		if i, found := s.searchTrace(id); found {
			return s.traces[i]
		}
	}
	for _, r := range slices.Backward(s.traces) {
		code := r.outline.Code
		if code != "" && (strings.EqualFold(code, ref) || strings.EqualFold(code, codePrefix+ref)) {
			return r
		}
	}
	return nil
}

// loadTraces fills in the stored traces. A damaged one is left out: the others and the
// exchanges are worth more than its absence.
func (s *Store) loadTraces(f *file, last int64) error {
	s.traces, s.lastTrace = nil, last
	bad := 0
	err := f.loadTraces(func(id, size int64, outline []byte) {
		s.lastTrace = max(s.lastTrace, id)
		t, err := decodeTrace(outline)
		if err != nil || t.ID != id {
			bad++
			s.queue.goneTraces = append(s.queue.goneTraces, id)
			return
		}
		s.traces = append(s.traces, &traceRecord{outline: t, size: size, stored: true})
	})
	if bad > 0 {
		s.opt.Notify(fmt.Sprintf("history: %d damaged errors left out", bad))
	}
	s.trimTraces()
	return err
}
