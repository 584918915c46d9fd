package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// The defaults of Options.
const (
	defaultCount = 100_000            // about 35 MB of summaries
	defaultBytes = 1 << 30            // a development folder should not hide more than this
	defaultAge   = 7 * 24 * time.Hour // "it worked last week"
)

// Bounds of what is held in memory beside the summaries.
const (
	memoryBytes  = 128 << 20 // encoded details without a file: the whole budget of a history in memory
	maxOutputs   = 10_000    // lines
	outputBytes  = 16 << 20  // of text in them
	maxBuilds    = 500       // builds kept, in memory and on disk
	pendingBytes = 64 << 20  // bodies, logs, spans and call trees that wait for the writer; above it, they are not kept
	maxPending   = 50_000    // exchanges that wait for the writer; above it, details are not kept
)

// Options says where the history lives and how large it may grow.
type Options struct {
	Path     string        // the SQLite file; "" keeps the history in memory only
	MaxCount int           // exchanges kept; 0 means 100,000
	MaxBytes int64         // bytes of the file in use; 0 means 1 GiB. In memory never more than 128 MiB
	MaxAge   time.Duration // how long an exchange is kept, ten minutes more at most; 0 means 7 days
	// Existing says that the file must be there and readable: Open fails instead of setting
	// it aside or going to memory, and nothing of what it holds is changed. Removing is
	// for writers: give limits that keep all.
	Existing bool
	// Notify receives one-line notices: a corrupt file set aside, a full disk, dropped
	// exchanges. It is called from the store's goroutine and from Open, must return
	// soon, and must not call the store's Close. nil discards them.
	Notify func(text string)
}

// Store is the history and the live feed. It is safe for concurrent use.
type Store struct {
	opt  Options
	feed feed
	wake chan struct{} // capacity 1: the writer has a reason to look at the queue
	done chan struct{} // closed when the writer has ended

	mu        sync.RWMutex // guards what follows, and the order of events
	index     *index
	seq       int64 // the last one given
	outputs   ring
	builds    []inspect.Build // oldest first
	lastBuild int
	file      *file // nil when in memory only
	writable  bool  // the file takes writes; false after a failure
	memory    memory
	queue     queue
	lost      int64               // exchanges whose details could not be kept in this run
	updates   map[*record]*inside // what the writer has yet to put into stored exchanges
	traces    []*traceRecord      // ascending ID
	lastTrace int64               // the last ID given
	closing   bool
}

// queue is what waits for the writer.
type queue struct {
	exchanges []*record
	bytes     int64 // of their bodies
	builds    []inspect.Build
	clears    []clearing

	traces     []*traceRecord
	goneTraces []int64 // to be removed from the file
}

// clearing asks the writer to remove everything up to a Seq, and up to the ID of a trace.
type clearing struct {
	upTo, upToTrace int64
	done            chan error // capacity 1
}

// Open returns a store over o.Path, with what is stored there. A file that cannot be
// used, because it is damaged, not ours or of a newer version, is renamed to
// PATH.bad-TIME; a folder that cannot be written, or a file that another process uses,
// means a history in memory. Both are told to o.Notify and neither is an error, but
// with o.Existing: the only other error is a negative limit.
//
// The folder of o.Path is made with mode 0700 if it is missing; the files have mode 0600.
func Open(o Options) (*Store, error) {
	if o.MaxCount < 0 || o.MaxBytes < 0 || o.MaxAge < 0 {
		return nil, errors.New("open history: negative limit")
	}
	o.MaxCount = cmp.Or(o.MaxCount, defaultCount)
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultBytes)
	o.MaxAge = cmp.Or(o.MaxAge, defaultAge)
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	s := &Store{opt: o, wake: make(chan struct{}, 1), done: make(chan struct{}), index: newIndex()}
	if o.Existing {
		if err := s.openExisting(); err != nil {
			return nil, err
		}
	} else if o.Path != "" {
		s.openFile()
	}
	go s.write()
	return s, nil
}

// openFile opens and loads the file, or explains why there is none.
func (s *Store) openFile() {
	f, err := openFile(s.opt.Path)
	if err == nil {
		if err = s.load(f); err != nil {
			f.db.Close()
		}
	}
	if f != nil && damaged(err) {
		cause := err
		var name string
		if name, err = f.setAside(time.Now()); err == nil {
			s.opt.Notify(fmt.Sprintf("history set aside as %s: %v", name, cause))
			if err = f.open(); err == nil {
				err = s.load(f)
			}
		}
	}
	if err != nil {
		if f != nil {
			f.close()
		}
		s.index, s.builds, s.seq, s.lastBuild, s.traces, s.lastTrace = newIndex(), nil, 0, 0, nil, 0
		s.opt.Notify(fmt.Sprintf("history is kept in memory only: %v", err))
		return
	}
	s.file, s.writable = f, true
}

// load fills the empty store from f.
func (s *Store) load(f *file) error {
	s.index = newIndex()
	builds, counters, err := f.load(func(seq, size int64, b []byte) error {
		sum := inspect.Summary{Seq: seq}
		if err := decodeSummary(string(b), &sum); err != nil {
			return fmt.Errorf("exchange %d: %w", seq, err)
		}
		s.index.add(&record{sum: pack(&sum), size: size, stored: true})
		s.seq = seq
		return nil
	})
	if err != nil {
		return err
	}
	s.builds = builds
	s.lastBuild = int(counters["build"])
	for _, b := range builds {
		s.lastBuild = max(s.lastBuild, b.Number)
	}
	s.seq = max(s.seq, counters["seq"])
	return s.loadTraces(f, counters["trace"])
}

// Publish takes in ev, stores what it carries and hands it to all subscribers. It
// gives Seq to exchanges and outputs, in a copy of the event. It never waits for the
// disk or a subscriber. What ev points to belongs to the store from now on and must
// not be changed. After Close, Publish does nothing.
func (s *Store) Publish(ev inspect.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	switch e := ev.(type) {
	case inspect.ExchangeStarted:
		s.started(&e.Exchange)
		ev = e
	case inspect.ExchangeFinished:
		if e.Exchange == nil {
			return
		}
		ex := *e.Exchange
		s.finished(&ex)
		e.Exchange = withoutTree(&ex)
		ev = e
	case inspect.OutputWritten:
		e.Output.Seq = s.outputs.add(e.Output)
		ev = e
	case inspect.BuildChanged:
		s.built(e.Build)
	case inspect.ExchangeUpdated:
		if e.Exchange = s.updated(e.Exchange); e.Exchange == nil {
			return
		}
		ev = e
	case inspect.HTMLChecked:
		sum := s.checked(e.Exchange.ID, e.HTML)
		if sum == nil {
			return
		}
		e.Exchange = *sum
		ev = e
	case inspect.TraceRecorded:
		if e.Trace != nil {
			s.putTrace(*e.Trace) // sends it too
		}
		return
	}
	s.feed.send(ev)
}

func (s *Store) started(sum *inspect.Summary) {
	if r := s.index.byID[sum.ID]; r != nil {
		sum.Seq = r.sum.seq
		return
	}
	s.seq++
	sum.Seq, sum.InFlight = s.seq, true
	s.index.add(&record{sum: pack(sum)})
}

// finished takes in a complete exchange. It sheds load in two steps: first bodies, logs,
// spans and call trees are not kept, then nothing but the summary is.
func (s *Store) finished(ex *inspect.Exchange) {
	ex.InFlight, ex.Subs = false, 0
	ex.Sums.Programs = max(ex.Sums.Programs, programs(ex.Spans))
	r := s.index.byID[ex.ID]
	if r == nil {
		s.seq++
		ex.Seq = s.seq
		r = &record{sum: pack(&ex.Summary)}
		s.index.add(r)
	} else {
		began := r.sum.summary()
		ex.Seq, ex.Subs, ex.Parent = began.Seq, began.Subs, cmp.Or(began.Parent, ex.Parent)
		s.index.set(r, &ex.Summary)
		delete(s.updates, r)
	}
	if len(s.queue.exchanges) >= maxPending {
		s.lost++
		r.ex, r.blob = nil, nil
		return
	}
	size := exchangeBytes(ex)
	if s.queue.bytes+size > pendingBytes {
		r.ex, size = bare(ex), 0
	} else {
		r.ex = ex
	}
	s.queue.bytes += size
	r.queued = true
	s.queue.exchanges = append(s.queue.exchanges, r)
	if n := len(s.queue.exchanges); n == 1 || n == batchRows || s.queue.bytes >= batchBytes {
		s.signal()
	}
}

func (s *Store) built(b inspect.Build) {
	s.lastBuild = max(s.lastBuild, b.Number)
	i, found := slices.BinarySearchFunc(s.builds, b.Number, func(b inspect.Build, n int) int { return b.Number - n })
	if found {
		s.builds[i] = b
	} else {
		s.builds = slices.Insert(s.builds, i, b)
	}
	if n := len(s.builds) - maxBuilds; n > 0 {
		s.builds = slices.Delete(s.builds, 0, n)
	}
	if b.Result != inspect.BuildUnfinished {
		s.queue.builds = append(s.queue.builds, b)
		s.signal()
	}
}

func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Subscribe returns the live feed from now on, until ctx ends or the store is closed;
// then the channel is closed. It is also closed when the subscriber stays too far
// behind: see the package comment for what is delivered.
func (s *Store) Subscribe(ctx context.Context) <-chan inspect.Event { return s.feed.subscribe(ctx) }

// Clear removes all finished exchanges and all traces from memory and disk and gives the
// space back.
// Exchanges in flight, builds and outputs stay. Seq goes on. The removal from memory
// is immediate; when ctx ends first, that from disk goes on by itself.
func (s *Store) Clear(ctx context.Context) error {
	c := clearing{done: make(chan error, 1)}
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return errors.New("clear history: store is closed")
	}
	s.index.removeOldest(func(*record) bool { return true })
	s.queue.exchanges, s.queue.bytes, s.updates = nil, 0, nil
	s.queue.traces, s.queue.goneTraces = nil, nil
	for _, r := range s.traces {
		r.gone, r.trace, r.blob = true, nil, nil
	}
	s.traces = nil
	c.upTo, c.upToTrace = s.seq, s.lastTrace
	s.queue.clears = append(s.queue.clears, c)
	s.signal()
	s.feed.send(inspect.HistoryCleared{})
	s.mu.Unlock()
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stats describes the history. Bytes is the size of the file with its log, or of the
// details in memory.
func (s *Store) Stats() inspect.HistoryStats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := inspect.HistoryStats{Exchanges: len(s.index.recs), Dropped: s.lost}
	st.Bytes = s.memory.bytes
	if s.file != nil {
		st.Bytes = s.file.bytes()
	}
	return st
}

// LastBuild returns the highest build number ever recorded here, 0 if none.
func (s *Store) LastBuild() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.lastBuild
}

// Close writes what waits, closes the file and ends all subscriptions. A second call
// does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		<-s.done
		return nil
	}
	s.closing = true
	s.signal()
	s.mu.Unlock()
	<-s.done
	s.feed.close()
	if s.file == nil {
		return nil
	}
	if err := s.file.close(); err != nil {
		return fmt.Errorf("close history: %w", err)
	}
	return nil
}

// exchangeBytes is what an exchange keeps alive beside its headers.
func exchangeBytes(ex *inspect.Exchange) int64 {
	if ex == nil {
		return 0
	}
	return int64(len(ex.Request.Body.Data)+len(ex.Response.Body.Data)) + insideBytes(ex.Logs, ex.Spans) + treeBytes(ex.CallTree) + htmlBytes(ex.HTML)
}

// bare returns a copy of ex whose bodies are cut to nothing, and say so, without its
// logs, spans and call tree.
func bare(ex *inspect.Exchange) *inspect.Exchange {
	c := *ex
	for _, b := range []*inspect.Body{&c.Request.Body, &c.Response.Body} {
		b.Data, b.Truncated = nil, b.Truncated || b.Size > 0
	}
	c.Logs, c.Spans, c.CallTree, c.HTML = nil, nil, nil, nil
	return &c
}
