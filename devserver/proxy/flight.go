package proxy

import (
	"context"
	"sync"
	"time"
)

// streamAge is how long an answer that has begun may hold back a restart. A page or
// JSON answer is complete long before; what still runs then is a stream, which no
// waiting would bring to an end.
const streamAge = 300 * time.Millisecond

// flight counts exchanges under way.
type flight struct {
	mu      sync.Mutex
	total   int
	at      map[*Backend]tally // without those where nothing is under way
	changed chan struct{}      // closed at the next decrease, when someone waits
}

// tally counts what is under way at one backend.
type tally struct {
	unsafe    int // sent, not answered, and not repeatable
	answering int // the answer has begun
}

// stage is what an exchange counts as besides being under way.
type stage uint8

const (
	stageNone      stage = iota // held, repeatable or spliced
	stageUnsafe                 // at the target, which may be carrying it out
	stageAnswering              // on its way back
)

func (f *flight) begin() {
	f.mu.Lock()
	f.total++
	f.mu.Unlock()
}

func (f *flight) end() {
	f.mu.Lock()
	f.total--
	f.signal()
	f.mu.Unlock()
}

// move changes what an exchange at b counts as.
func (f *flight) move(b *Backend, from, to stage) stage {
	f.mu.Lock()
	defer f.mu.Unlock()
	if from == to {
		return to
	}
	t := f.at[b]
	t.count(from, -1)
	t.count(to, 1)
	if t == (tally{}) {
		delete(f.at, b)
	} else {
		if f.at == nil {
			f.at = make(map[*Backend]tally)
		}
		f.at[b] = t
	}
	f.signal()
	return to
}

func (t *tally) count(s stage, n int) {
	switch s {
	case stageUnsafe:
		t.unsafe += n
	case stageAnswering:
		t.answering += n
	}
}

// sum adds up the backends that do not stay.
func (f *flight) sum(stays func(*Backend) bool) (t tally) {
	for b, n := range f.at {
		if !stays(b) {
			t.unsafe += n.unsafe
			t.answering += n.answering
		}
	}
	return t
}

func (f *flight) signal() {
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// InFlight returns the number of exchanges under way, held ones included.
func (p *Proxy) InFlight() int {
	p.flight.mu.Lock()
	defer p.flight.mu.Unlock()
	return p.flight.total
}

// Drain waits until a target may be stopped without harm: at no backend, those aside
// of which stays says so, a request that must not be repeated awaits its answer, or an
// answer is half sent, except streams, which get a moment only. Requests that may be
// repeated are not waited for; they go to the next process. It returns ctx's error if
// that ends first. The caller keeps new requests away by closing the gate before.
func (p *Proxy) Drain(ctx context.Context, stays func(*Backend) bool) error {
	old := time.NewTimer(streamAge)
	defer old.Stop()
	streams := old.C
	f, patient := &p.flight, true
	for {
		f.mu.Lock()
		if t := f.sum(stays); t.unsafe == 0 && (t.answering == 0 || !patient) {
			f.mu.Unlock()
			return nil
		}
		if f.changed == nil {
			f.changed = make(chan struct{})
		}
		changed := f.changed
		f.mu.Unlock()
		select {
		case <-changed:
		case <-streams:
			streams, patient = nil, false
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
