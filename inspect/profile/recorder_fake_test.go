package profile

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// fakeTarget is a program whose requests take some time and are sampled each 10 ms.
type fakeTarget struct {
	mu        sync.Mutex
	running   bool            // a recording
	kinds     []string        // of the recordings that began, and "stop" for those that ended
	pending   []stackSample   // of the current recording
	labels    bool            // labels its samples
	declared  bool            // and says so
	request   time.Duration   // time that a request takes, all of it on the processor
	noise     int64           // samples of others a request
	ours      int64           // samples of pastedev's a request
	startErr  error           // of the next Start
	down      error           // of every Start
	goesOn    bool            // its recordings can continue
	stopErr   error           // of the next Stop
	replayErr map[int]error   // by number, from 1
	replayed  []inspect.ID    // those that ended
	status    map[int]int     // by number, else 200
	seen      []time.Duration // limits of the recordings
}

func (f *fakeTarget) Labels() bool { return f.declared }

func (f *fakeTarget) Start(ctx context.Context, kind inspect.ProfileKind, limit time.Duration) (Recording, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := cmp.Or(f.startErr, f.down); err != nil {
		f.startErr = nil
		return nil, err
	}
	if f.running {
		return nil, ErrBusy
	}
	f.running, f.pending = true, nil
	f.kinds, f.seen = append(f.kinds, string(kind)), append(f.seen, limit)
	stop := stopFunc(func(context.Context) (Data, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running = false
		f.kinds = append(f.kinds, "stop")
		if err := f.stopErr; err != nil {
			f.stopErr = nil
			return Data{}, err
		}
		switch kind {
		case inspect.ProfileTrace:
			return Data{Trace: []byte("trace")}, nil
		case inspect.ProfileHeap:
			return Data{Profile: heapProfile(40, 2)}, nil
		}
		return Data{Profile: cpuProfile(f.pending...)}, nil
	})
	if f.goesOn {
		return continuing{stop, f}, nil
	}
	return stop, nil
}

// continuing is a recording that can go on.
type continuing struct {
	stopFunc
	target *fakeTarget
}

func (c continuing) Continue(ctx context.Context) (Data, error) {
	d, err := c.Stop(ctx)
	c.target.mu.Lock()
	defer c.target.mu.Unlock()
	c.target.kinds[len(c.target.kinds)-1] = "continue"
	if err == nil {
		c.target.running, c.target.pending = true, nil
	}
	return d, err
}

func (f *fakeTarget) isRunning() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.running }

func (f *fakeTarget) setDown(err error) { f.mu.Lock(); defer f.mu.Unlock(); f.down = err }

// recorded is what was asked of the target.
func (f *fakeTarget) recorded() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.kinds...)
}

// serve is a request that arrives at the target.
func (f *fakeTarget) serve(ctx context.Context, id inspect.ID) error {
	t := time.NewTimer(f.request)
	defer t.Stop()
	var err error
	began := time.Now()
	select {
	case <-t.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running {
		if !f.labels {
			id = ""
		}
		f.pending = append(f.pending, stackSample{id, "main;handler;work", int64(time.Since(began) / (10 * time.Millisecond))}, stackSample{idB, "main;other", f.noise}, stackSample{id, "main;internal/syscall.Begin", f.ours})
	}
	return err
}

func (f *fakeTarget) Replay(ctx context.Context, ex *inspect.Exchange) (inspect.ID, error) {
	f.mu.Lock()
	n := len(f.replayed) + 1
	err := f.replayErr[n]
	f.mu.Unlock()
	if err != nil {
		return "", fmt.Errorf("replay %s %s: %w", ex.Method, ex.URL, err)
	}
	id := inspect.ID(fmt.Sprintf("%032x", n))
	if err := f.serve(ctx, id); err != nil {
		return id, nil // it was sent
	}
	f.mu.Lock()
	f.replayed = append(f.replayed, id)
	f.mu.Unlock()
	return id, nil
}

func (f *fakeTarget) Finished(id inspect.ID) (inspect.Summary, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, r := range f.replayed {
		if r == id {
			s := inspect.Summary{ID: id, Status: 200, Duration: inspect.Millis(f.request)}
			if status := f.status[i+1]; status != 0 {
				s.Status = status
			}
			return s, true
		}
	}
	return inspect.Summary{}, false
}

// rig is a recorder of a fake target, and what it published.
type rig struct {
	*Recorder
	target *fakeTarget
	mu     sync.Mutex
	events []inspect.Event
	build  int
}

func newRig(t *testing.T, target *fakeTarget, change func(*Options)) *rig {
	r := &rig{target: target, build: 3}
	o := Options{
		Source: func() Source { return target }, Archive: openArchive(t, t.TempDir()),
		Replay: target.Replay, Finished: target.Finished,
		Publish: func(e inspect.Event) { r.mu.Lock(); defer r.mu.Unlock(); r.events = append(r.events, e) },
		Build:   func() int { r.mu.Lock(); defer r.mu.Unlock(); return r.build },
	}
	if change != nil {
		change(&o)
	}
	r.Recorder = New(o)
	return r
}

func (r *rig) progress() (all []inspect.ProfileProgress, recorded []inspect.Profile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		switch e := e.(type) {
		case inspect.ProfileProgressed:
			all = append(all, e.Progress)
		case inspect.ProfileRecorded:
			recorded = append(recorded, e.Profile)
		}
	}
	return all, recorded
}

func get(path string) *inspect.Exchange {
	return &inspect.Exchange{Summary: inspect.Summary{
		ID: idA, Kind: inspect.KindHTTP, Method: "GET", URL: "http://localhost" + path, Path: path, Status: 200, Duration: inspect.Millis(20 * time.Millisecond),
	}}
}

func stored(t *testing.T, r *rig, p inspect.Profile) *pb.Profile {
	t.Helper()
	data, err := r.o.Archive.Data(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
