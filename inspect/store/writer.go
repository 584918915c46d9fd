package store

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"time"
)

const (
	// flushEvery bounds what a killed process loses.
	flushEvery = 200 * time.Millisecond
	// batchRows and batchBytes end a batch early: a transaction of this size takes
	// some ten milliseconds, and larger ones gain nothing.
	batchRows  = 1000
	batchBytes = 8 << 20
	// sparePages are free pages left in the file for the next records; what is above
	// goes back to the file system, shrinkPages at a time so that no flush is long.
	sparePages  = 2048
	shrinkPages = 1024
	// noticeEvery spaces notices about dropped exchanges.
	noticeEvery = time.Minute
	// An idle store wakes for the oldest exchange to pass its age, but not more often
	// than once in ageSlack (a 64th of the age, for a short one): what passes within it
	// goes together. It wakes once in ageCheck at least, since a timer stands still
	// while the machine sleeps and the age does not.
	ageSlack = 10 * time.Minute
	ageCheck = time.Hour
)

// write is the goroutine that owns the write side of the file.
func (s *Store) write() {
	defer close(s.done)
	w := writer{Store: s}
	w.retain()
	for {
		old := w.nextExpiry()
		select {
		case <-s.wake:
			w.gather()
			if w.flush() {
				return
			}
		case <-old:
			w.retain()
		}
	}
}

// nextExpiry returns a channel that speaks when exchanges or traces have passed their age; nil
// when there are none.
func (w *writer) nextExpiry() <-chan time.Time {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var oldest time.Time
	if len(w.traces) > 0 {
		oldest = w.traces[0].outline.Time
	}
	for _, r := range w.index.recs {
		if !r.sum.live { // one that is stays whatever its age
			if start := r.sum.summary().Start; oldest.IsZero() || start.Before(oldest) {
				oldest = start
			}
			break
		}
	}
	if oldest.IsZero() {
		return nil
	}
	return time.After(expiryWait(time.Until(oldest.Add(w.opt.MaxAge)), w.opt.MaxAge))
}

// expiryWait is how long to sleep when the oldest exchange passes age in left.
func expiryWait(left, age time.Duration) time.Duration {
	slack := min(ageSlack, max(age/64, time.Second))
	return min(max(left, 0)+slack, ageCheck)
}

// writer is the state of the writing goroutine.
type writer struct {
	*Store
	enc      encoder
	told     int64 // value of lost at the last notice
	toldTime time.Time
}

// gather waits until the batch is worth writing or has waited long enough.
func (w *writer) gather() {
	timer := time.NewTimer(flushEvery)
	defer timer.Stop()
	for {
		w.mu.RLock()
		q := &w.queue
		urgent := w.closing || len(q.exchanges) >= batchRows || q.bytes >= batchBytes || len(q.clears) > 0
		w.mu.RUnlock()
		if urgent {
			return
		}
		select {
		case <-timer.C:
			return
		case <-w.wake:
		}
	}
}

// flush writes all that waits. It reports whether the store is closing.
func (w *writer) flush() (last bool) {
	w.mu.Lock()
	q := w.queue
	w.queue = queue{}
	b := &batch{builds: q.builds, seq: w.seq, build: int64(w.lastBuild), trace: w.lastTrace,
		updates: maps.Clone(w.updates), goneTraces: q.goneTraces}
	for _, r := range q.exchanges {
		r.queued = false
		if !r.gone && r.ex != nil {
			b.rows = append(b.rows, row{rec: r, ex: r.ex, sum: r.sum})
		}
	}
	for _, r := range q.traces {
		r.queued = false
		if !r.gone && r.trace != nil {
			b.traces = append(b.traces, traceRow{rec: r, trace: r.trace, outline: r.outline})
		}
	}
	last = w.closing
	lost := w.lost
	w.mu.Unlock()

	for _, c := range q.clears { // before the rows, which are newer
		c.done <- w.clear(c)
	}
	w.addUpdates(b)
	w.encode(b)
	w.commit(b)
	w.settle(b)
	w.retain()
	if now := time.Now(); lost > w.told && now.Sub(w.toldTime) > noticeEvery {
		w.opt.Notify(fmt.Sprintf("recording falls behind: the details of %d exchanges were not kept", lost-w.told))
		w.told, w.toldTime = lost, now
	}
	return last
}

// encode fills in the details of the rows, leaving out an exchange that has none.
func (w *writer) encode(b *batch) {
	rows := b.rows[:0]
	for _, r := range b.rows {
		runtime.Gosched() // see file.write
		var err error
		if r.details, err = w.enc.encode(r.ex); err != nil {
			w.opt.Notify(err.Error())
			continue
		}
		r.size = int64(len(r.details))
		rows = append(rows, r)
	}
	b.rows = rows
	traces := b.traces[:0]
	for _, r := range b.traces {
		runtime.Gosched()
		var err error
		if r.data, err = encodeTrace(r.trace); err != nil {
			w.opt.Notify(err.Error())
			continue
		}
		traces = append(traces, r)
	}
	b.traces = traces
}

// addUpdates adds the stored exchanges that something was added to.
func (w *writer) addUpdates(b *batch) {
	for r := range b.updates {
		w.mu.RLock()
		gone, sum := r.gone, r.sum
		w.mu.RUnlock()
		if gone {
			continue
		}
		if ex, err := w.bySeq(context.Background(), sum.seq, true); err == nil { // with what is new
			b.rows = append(b.rows, row{rec: r, ex: ex, sum: sum})
		}
	}
}

// commit writes b to the file. A file found damaged is set aside and a new one takes
// b; after any other failure the history goes on in memory.
func (w *writer) commit(b *batch) {
	if !w.canWrite() || len(b.rows)+len(b.builds)+len(b.traces)+len(b.goneTraces) == 0 {
		return
	}
	err := w.file.write(context.Background(), b)
	if err != nil && damaged(err) && w.renew(err) {
		err = w.file.write(context.Background(), b)
	}
	if err != nil {
		w.fail(err)
	}
}

// canWrite may be asked by the writer only, which alone changes the answer.
func (w *writer) canWrite() bool { return w.file != nil && w.writable }

// fail goes on in memory. What the file holds can still be read.
func (w *writer) fail(err error) {
	w.mu.Lock()
	w.writable = false
	w.mu.Unlock()
	w.opt.Notify(fmt.Sprintf("history is kept in memory from now on: write %s: %v", w.opt.Path, err))
}

// renew sets the damaged file aside and begins a new one.
func (w *writer) renew(cause error) bool {
	old := w.file
	w.mu.Lock()
	w.file = nil
	for _, r := range w.index.recs {
		r.stored = false
	}
	for _, r := range w.traces {
		r.stored = false
	}
	w.mu.Unlock()
	old.db.Close()
	name, err := old.setAside(time.Now())
	f := &file{path: old.path, lock: old.lock}
	if err == nil {
		err = f.open()
	}
	if err != nil {
		old.lock.Close()
		w.opt.Notify(fmt.Sprintf("history is kept in memory from now on: %v, and a new one cannot be made: %v", cause, err))
		return false
	}
	w.mu.Lock()
	w.file = f
	w.mu.Unlock()
	w.opt.Notify(fmt.Sprintf("history set aside as %s: %v", name, cause))
	return true
}

// settle lets the records forget what has been written, or keeps it in memory.
func (w *writer) settle(b *batch) {
	onDisk := w.canWrite()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range b.rows {
		r := &b.rows[i]
		if r.rec.ex == r.ex {
			r.rec.ex = nil
		}
		if r.rec.gone {
			continue
		}
		if r.rec.stored = onDisk; onDisk {
			r.rec.size = r.size
		} else {
			w.memory.add(r.rec, r.details, min(memoryBytes, w.opt.MaxBytes))
		}
	}
	for r, up := range b.updates {
		if w.updates[r] == up {
			delete(w.updates, r)
		}
	}
	w.settleTraces(b.traces, onDisk)
}

// settleTraces is settle for traces; the lock is held.
func (w *writer) settleTraces(rows []traceRow, onDisk bool) {
	for i := range rows {
		r := &rows[i]
		if r.rec.trace == r.trace {
			r.rec.trace = nil
		}
		if r.rec.gone {
			continue
		}
		r.rec.stored, r.rec.size, r.rec.blob = onDisk, int64(len(r.data)), nil
		if !onDisk {
			r.rec.blob = r.data
		}
	}
	if len(rows) > 0 {
		w.trimTraces()
	}
}

// clear removes what the file holds as far as c says.
func (w *writer) clear(c clearing) error {
	if !w.canWrite() {
		return nil
	}
	err := w.file.clear(context.Background(), c)
	if err != nil && damaged(err) && w.renew(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("clear history: %w", err)
	}
	return nil
}

// retain removes what is beyond the limits of count, age and bytes, oldest first.
func (w *writer) retain() {
	ctx := context.Background()
	var excess, free int64
	if w.canWrite() {
		used, spare, size, err := w.file.pages(ctx)
		if err != nil {
			w.fail(err)
			return
		}
		excess, free = used*size-w.opt.MaxBytes, spare
	}
	w.mu.Lock()
	over := len(w.index.recs) - w.opt.MaxCount
	oldest := time.Now().Add(-w.opt.MaxAge)
	ranges := w.index.removeOldest(func(r *record) bool {
		if over <= 0 && excess <= 0 && !r.sum.summary().Start.Before(oldest) {
			return false
		}
		over--
		excess -= r.size + rowOverhead
		return true
	})
	w.memory.forget()
	w.expireTraces(oldest)
	w.mu.Unlock()
	if !w.canWrite() {
		return
	}
	if len(ranges) > 0 {
		if err := w.file.remove(ctx, ranges); err != nil {
			w.fail(err)
			return
		}
	}
	if free > sparePages {
		if err := w.file.shrink(ctx, min(free-sparePages, shrinkPages)); err != nil {
			w.fail(err)
		}
	}
}

// rowOverhead is about what an exchange takes in the file beside its details: its
// summary and both rows.
const rowOverhead = 300

// memory is the details held without a file, oldest first.
type memory struct {
	recs  []*record
	bytes int64
}

// add keeps blob with r, and lets the oldest records lose theirs when all are more
// than limit.
func (m *memory) add(r *record, blob []byte, limit int64) {
	m.bytes += int64(len(blob)) - int64(len(r.blob))
	if r.blob == nil {
		m.recs = append(m.recs, r)
	}
	r.blob = blob
	for m.bytes > limit && len(m.recs) > 0 {
		m.drop()
	}
}

// forget lets go of records that have left the index.
func (m *memory) forget() {
	for len(m.recs) > 0 && m.recs[0].gone {
		m.drop()
	}
}

func (m *memory) drop() {
	r := m.recs[0]
	m.bytes -= int64(len(r.blob))
	r.blob = nil
	m.recs[0] = nil
	m.recs = m.recs[1:]
}
