package pprof

import (
	"bytes"
	"fmt"
	agent "internal/syscall" // pastedev puts it there
	"sync"
	"time"
	"unsafe"
)

// This file joins package pprof in a build made by pastedev. It samples what the
// goroutines of exchanges are doing, running or not.

const (
	// pastedevPeriod is that of the CPU profile. To stop the world takes some
	// microseconds of it.
	pastedevPeriod = 10 * time.Millisecond
	// pastedevStacks is how many goroutines one sample holds: half a MB.
	pastedevStacks = 500
	// pastedevSorts is how many different stacks a profile holds, of up to 1 kB.
	pastedevSorts = 20_000
)

// pastedevWall is our wall profile.
var pastedevWall pastedevWalls

type pastedevWalls struct {
	mu  sync.Mutex
	now *pastedevSampler // nil: none; one that has ended by itself is kept
}

// A pastedevSampler samples until stop is closed or pastedevLimit has passed, and then
// closes done. Only its goroutine touches the rest until then.
type pastedevSampler struct {
	stop, done   chan struct{}
	begun, ended time.Time
	stacks       []agent.Stack
	key          []byte
	sorts        map[string]*pastedevSort // by exchange, state and stack
	lost         int                      // stacks there was no place for
	limited      bool
}

// A pastedevSort counts equal stacks.
type pastedevSort struct {
	exchange, state string
	calls           []uintptr
	samples, wall   int64
}

// PastedevStartWall begins a wall profile. One that runs or was not fetched is thrown
// away.
func PastedevStartWall() {
	w := &pastedevWall
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
	s := &pastedevSampler{
		stop: make(chan struct{}), done: make(chan struct{}), begun: time.Now(),
		stacks: make([]agent.Stack, pastedevStacks), sorts: make(map[string]*pastedevSort),
	}
	w.now = s
	pastedevRunning.Add(1)
	go s.run()
}

// PastedevStopWall ends the profile and returns its data, and what there is to say of
// them.
func PastedevStopWall() (data []byte, note string, err error) {
	w := &pastedevWall
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.end()
	if s == nil {
		return nil, "", errPastedevIdle
	}
	switch {
	case s.lost > 0:
		note = fmt.Sprint(s.lost, " stacks were left out: too many goroutines or too many different stacks")
	case s.limited:
		note = "the profile ended by itself after " + pastedevLimit.String()
	}
	data, err = s.encode()
	return data, note, err
}

// end waits for the sampler to end. The lock is held.
func (w *pastedevWalls) end() *pastedevSampler {
	s := w.now
	if s != nil {
		w.now = nil
		close(s.stop)
		<-s.done
	}
	return s
}

func (s *pastedevSampler) run() {
	agent.Detach()
	runtime_setProfLabel(nil)
	defer close(s.done)
	defer pastedevRunning.Add(-1)
	tick := time.NewTicker(pastedevPeriod)
	defer tick.Stop()
	last := s.begun
	for {
		select {
		case <-s.stop:
			s.ended = time.Now()
			return
		case <-tick.C:
		}
		now := time.Now()
		n, more := agent.Sample(s.stacks)
		s.lost += more
		for i := range s.stacks[:n] {
			s.count(&s.stacks[i], int64(now.Sub(last)))
		}
		last = now
		if s.limited = now.Sub(s.begun) > pastedevLimit; s.limited {
			s.ended = now
			return
		}
	}
}

// count adds one stack, which stands for so many nanoseconds.
func (s *pastedevSampler) count(stack *agent.Stack, wall int64) {
	id, calls := stack.Exchange(), stack.Calls()
	if id == "" || len(calls) == 0 {
		return
	}
	s.key = append(append(append(s.key[:0], id...), stack.State...), 0)
	s.key = append(s.key, unsafe.Slice((*byte)(unsafe.Pointer(&calls[0])), len(calls)*int(unsafe.Sizeof(calls[0])))...)
	sort := s.sorts[string(s.key)]
	if sort == nil {
		if len(s.sorts) == pastedevSorts {
			s.lost++
			return
		}
		sort = &pastedevSort{exchange: id, state: stack.State, calls: append([]uintptr(nil), calls...)}
		s.sorts[string(s.key)] = sort
	}
	sort.samples++
	sort.wall += wall
}

// encode writes the profile in the form of all profiles of this package.
func (s *pastedevSampler) encode() (data []byte, err error) {
	var out bytes.Buffer
	b := newProfileBuilder(&out)
	b.start = s.begun
	b.pbValueType(tagProfile_PeriodType, "wall", "nanoseconds")
	b.pb.int64Opt(tagProfile_Period, int64(pastedevPeriod))
	b.pb.int64Opt(tagProfile_DurationNanos, int64(s.ended.Sub(s.begun)))
	b.pbValueType(tagProfile_SampleType, "samples", "count")
	b.pbValueType(tagProfile_SampleType, "wall", "nanoseconds")
	var locs []uint64
	for _, sort := range s.sorts {
		locs = b.appendLocsForStack(locs[:0], sort.calls)
		b.pbSample([]int64{sort.samples, sort.wall}, locs, func() {
			b.pbLabel(tagSample_Label, pastedevLabel, sort.exchange, 0)
			b.pbLabel(tagSample_Label, "pastedev_state", sort.state, 0)
		})
	}
	if err := b.build(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
