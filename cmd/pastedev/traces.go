package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
	"github.com/pastedev/pastedev/inspect/traceback"
	"github.com/pastedev/pastedev/reloader/link"
)

const (
	// sourceContext is how many lines of source are kept before and after a frame's.
	sourceContext = 8
	// maxUndecided bounds the panics of one process of which nobody knows yet whether
	// they will be recovered. The oldest is forgotten.
	maxUndecided = 256
	// maxRecent bounds the panics that are remembered for error pages, and so that their
	// crash text is not taken for another failure.
	maxRecent = 256
	// tellPatience is how long a broken exchange waits for word of a panic. The agent's
	// goes out before the connection breaks.
	tellPatience = time.Second
	// againPatience is how long a request waits for that word before it is sent again.
	againPatience = 250 * time.Millisecond
	// textPatience is how long after the agent's word crash text of the same goroutine is
	// that of the same panic. A later process counts its goroutines anew.
	textPatience = 10 * time.Second
	// maxWhole of the remembered panics keep their variables and source, which may be
	// megabytes. The store has those of the others.
	maxWhole = 16
	// readPatience bounds the reading of a snapshot, the wait for debug data included, which
	// are linked at the lowest priority.
	readPatience = 4 * time.Minute
)

// traceStore keeps traces: it gives a new one its ID and counts those of its Code; one
// that has an ID takes the place of the old.
type traceStore interface {
	PutTrace(inspect.Trace) inspect.Trace
}

// freezer takes snapshots of the target. See [snapshots].
type freezer interface {
	// freeze copies the stopped target and releases it, as soon as it may go on.
	freeze(ctx context.Context, p link.Panicked) (*frozen, error)
	// read fills in t's frames, and returns what the variables say about the cause.
	read(ctx context.Context, f *frozen, t *inspect.Trace) (why string, err error)
	// keep remembers where trace id can be asked about later.
	keep(f *frozen, id int64)
	// discard forgets a snapshot that nobody will ask about.
	discard(f *frozen)
}

// failures turns what is known of panics, crash text and bad answers into traces. A
// panic is reported once it is known to matter: it left its handler, its exchange
// failed, or the process ended.
type failures struct {
	roots   traceback.Roots
	store   traceStore
	attach  func(id inspect.ID, trace int64) // tells the exchange
	changed func(build int) []inspect.ChangedLines
	freezer freezer // nil when locals are off
	off     string  // why they are

	life    context.Context // ends with the session
	end     context.CancelFunc
	reading sync.WaitGroup // the complete calls

	mu     sync.Mutex
	recent []*failure    // panics that agents told of, newest last
	news   chan struct{} // closed when recent changes, or what is known of one of them; nil while nobody waits
}

// process is one run of the target, as its agent tells of it.
type process struct {
	build int

	mu   sync.Mutex
	open []*failure // undecided, oldest first
}

// failure is one panic.
type failure struct {
	id        int64 // within its process
	told      time.Time
	exchange  inspect.ID
	message   string
	goroutine int64
	ready     chan struct{} // closed when trace is final

	mu       sync.Mutex
	trace    inspect.Trace
	reported bool
	dropped  bool // it does not matter: it was recovered, and the exchange went well
	done     bool
	old      bool // many came after it
	frozen   *frozen
}

// panicked takes a panic at its beginning. It does not block.
func (fs *failures) panicked(p *process, r link.Panicked) {
	r.Trace.Build = p.build
	f := &failure{
		id: r.ID, told: time.Now(), exchange: r.Trace.Exchange, message: r.Trace.Message, goroutine: r.Trace.Goroutine,
		ready: make(chan struct{}), trace: cloneTrace(r.Trace),
	}
	fs.remember(f)
	p.mu.Lock()
	if len(p.open) >= maxUndecided {
		fs.drop(p.open[0])
		p.open = p.open[1:]
	}
	p.open = append(p.open, f)
	p.mu.Unlock()
	fs.reading.Go(func() { fs.complete(f, r) }) // close waits for it
}

// close lets what is being read be read until ctx ends. Nothing may be told after it.
func (fs *failures) close(ctx context.Context) {
	stop := context.AfterFunc(ctx, fs.end)
	defer stop()
	fs.reading.Wait()
	fs.end()
}

// remember keeps f for error pages and for known.
func (fs *failures) remember(f *failure) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if len(fs.recent) >= maxRecent {
		fs.recent = fs.recent[1:]
	}
	fs.recent = append(fs.recent, f)
	if old := len(fs.recent) - 1 - maxWhole; old >= 0 {
		fs.recent[old].lighten()
	}
	fs.tell()
}

// lighten lets go of the large parts of a trace.
func (f *failure) lighten() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.old = true
	f.settle()
}

// settle lets go of them once nobody will store the trace again. The caller holds the
// lock.
func (f *failure) settle() {
	if f.old && f.done && f.trace.ID != 0 {
		f.trace = outlined(f.trace)
	}
}

// outlined returns t without variables and source.
func outlined(t inspect.Trace) inspect.Trace {
	t.Frames = slices.Clone(t.Frames) // the old ones are the store's too
	for i := range t.Frames {
		t.Frames[i].Args, t.Frames[i].Locals, t.Frames[i].Source = nil, nil, nil
	}
	return t
}

// cloneTrace copies what finish changes.
func cloneTrace(t inspect.Trace) inspect.Trace {
	t.Frames = slices.Clone(t.Frames)
	t.Causes = cloneCauses(t.Causes)
	if t.CreatedBy != nil {
		by := *t.CreatedBy
		t.CreatedBy = &by
	}
	return t
}

func cloneCauses(causes []inspect.Cause) []inspect.Cause {
	causes = slices.Clone(causes)
	for i := range causes {
		causes[i].Causes = cloneCauses(causes[i].Causes)
	}
	return causes
}

// complete takes the snapshot, lets the program go on and reads what is known.
func (fs *failures) complete(f *failure, r link.Panicked) {
	defer close(f.ready)
	ctx, cancel := context.WithTimeout(fs.life, readPatience) // not the link's: the program may end meanwhile
	defer cancel()
	var shot *frozen
	off := fs.off
	if r.Hold != nil {
		var err error
		if fs.freezer != nil {
			if shot, err = fs.freezer.freeze(ctx, r); err != nil {
				off = err.Error()
			}
		}
		_ = r.Hold.Release() // a program that is gone does not wait
	} else if off == "" {
		off = whyUnheld(r.Count)
	}
	t := cloneTrace(r.Trace)
	why := ""
	if shot != nil {
		t.Pause = shot.pause
		var err error
		if why, err = fs.freezer.read(ctx, shot, &t); err != nil {
			off = err.Error()
			if errors.Is(ctx.Err(), context.DeadlineExceeded) { // which ends the helper, and is why
				off = "they were not read within " + readPatience.String()
			}
		}
	}
	t.NoLocals = off
	fs.finish(&t, why)
	f.mu.Lock()
	t.Recovered, t.Kind = f.trace.Recovered, f.trace.Kind
	t.ID, t.Count = f.trace.ID, f.trace.Count
	f.done = true
	if f.dropped {
		f.mu.Unlock()
		fs.discard(shot)
		return
	}
	f.trace, f.frozen = t, shot
	if f.reported {
		fs.put(f)
	}
	f.mu.Unlock()
}

func (fs *failures) discard(shot *frozen) {
	if shot != nil {
		fs.freezer.discard(shot)
	}
}

// whyUnheld says why a goroutine did not wait for a snapshot.
func whyUnheld(count int64) string {
	if count > 1 {
		return fmt.Sprintf("this panic came %d times in this run: the first ones have them", count)
	}
	return "another panic was being looked at at the same moment"
}

// finish adds all that follows from the message and the frames.
func (fs *failures) finish(t *inspect.Trace, why string) {
	traceback.Finish(t, fs.roots, why)
	traceback.AddSource(t, fs.roots, sourceContext, nil)
	t.Changed = fs.changed(t.Build)
}

// report stores f, now and again when its variables are read.
func (fs *failures) report(f *failure, kind inspect.TraceKind, recovered bool) {
	f.mu.Lock()
	if f.reported {
		f.mu.Unlock()
		return
	}
	f.reported, f.trace.Kind, f.trace.Recovered = true, kind, recovered
	if !f.done {
		fs.finish(&f.trace, "")
	}
	fs.put(f)
	f.mu.Unlock()
	fs.mu.Lock()
	fs.tell()
	fs.mu.Unlock()
}

// drop forgets a panic that does not matter.
func (fs *failures) drop(f *failure) {
	f.mu.Lock()
	f.dropped = true
	shot := f.frozen
	f.frozen, f.trace = nil, inspect.Trace{}
	f.mu.Unlock()
	fs.discard(shot)
	fs.mu.Lock()
	fs.tell()
	fs.mu.Unlock()
}

// put stores the trace as it is now. The caller holds the lock.
func (fs *failures) put(f *failure) {
	t := fs.store.PutTrace(f.trace)
	f.trace.ID, f.trace.Count = t.ID, t.Count
	if f.frozen != nil {
		fs.freezer.keep(f.frozen, t.ID)
	}
	fs.attach(f.exchange, t.ID)
	f.settle()
}

// handled hears how the handler of an exchange ended, which decides about the panics
// in it.
func (fs *failures) handled(p *process, d link.Done) {
	for _, f := range p.take(func(f *failure) bool { return f.exchange == d.Exchange }) {
		switch left := d.Panic != 0 && f.id == d.Panic; {
		case left:
			fs.report(f, inspect.TracePanic, false)
		case d.Status >= http.StatusInternalServerError:
			fs.report(f, inspect.TracePanic, true)
		default:
			fs.drop(f)
		}
	}
}

// ended hears that a panic ends the process: the last one of its goroutine.
func (fs *failures) ended(p *process, r link.Fatal) {
	last := r.ID
	p.mu.Lock()
	for _, f := range p.open {
		if r.Goroutine != 0 && f.goroutine == r.Goroutine {
			last = f.id // they are in order
		}
	}
	p.mu.Unlock()
	for _, f := range p.take(func(f *failure) bool { return f.id == last }) {
		fs.report(f, inspect.TraceCrash, false)
	}
}

// take removes the undecided panics that match.
func (p *process) take(match func(*failure) bool) (taken []*failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var rest []*failure
	for _, f := range p.open {
		if match(f) {
			taken = append(taken, f)
		} else {
			rest = append(rest, f)
		}
	}
	p.open = rest
	return taken
}

// answered looks at a finished exchange. An answer of 500 or more that no panic
// explains gets a trace of its own: the one in its body, else a light one. So does one in
// whose place pastedev had to answer because a CGI program failed. It returns the exchange
// to record.
func (fs *failures) answered(ex *inspect.Exchange) *inspect.Exchange {
	failed := programFailed(ex)
	if ex.Status < http.StatusInternalServerError || ex.ResponseFrom != inspect.FromTarget && !failed || len(ex.Traces) > 0 {
		return ex
	}
	t, found := inspect.Trace{}, false
	if d, err := body.Decode(ex.Response.Header, ex.Response.Body); err == nil && !failed {
		t, found = traceback.FromBody(ex.ContentType, d.Data, fs.roots)
	}
	switch {
	case found:
	case failed:
		t = inspect.Trace{Kind: inspect.TraceError, Message: ex.Error}
	default:
		t = inspect.Trace{
			Kind:    inspect.TraceError,
			Message: fmt.Sprintf("%d %s from %s %s", ex.Status, http.StatusText(ex.Status), ex.Method, ex.Path),
		}
	}
	t.Exchange, t.Build, t.Time = ex.ID, ex.Build, ex.Start.Add(ex.Duration.Duration())
	fs.finish(&t, "")
	t = fs.store.PutTrace(t)
	out := *ex
	out.Traces = []int64{t.ID}
	out.Sums.Errors++
	return &out
}

// programFailed reports whether pastedev answered because a program that was run for the
// exchange gave no answer.
func programFailed(ex *inspect.Exchange) bool {
	return ex.ResponseFrom == inspect.FromPastedev && ex.Error != "" &&
		slices.ContainsFunc(ex.Spans, func(s inspect.Span) bool { return s.Process != nil && s.Error == ex.Error })
}

// text takes a trace that was found in printed lines. What the agent has told of
// already is not reported twice.
func (fs *failures) text(t inspect.Trace, build int) {
	if t.Language == "go" && fs.known(t) {
		return
	}
	t.Build = build
	fs.finish(&t, "")
	t = fs.store.PutTrace(t)
	fs.attach(t.Exchange, t.ID)
	f := &failure{exchange: t.Exchange, message: t.Message, trace: t, reported: true, done: true, ready: make(chan struct{})}
	close(f.ready)
	fs.remember(f)
}
