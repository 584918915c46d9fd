package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	pb "github.com/google/pprof/profile"

	"github.com/pastedev/pastedev/inspect"
)

// A profile that is cut to replays is ended and begun again, to see how many samples there
// are. These bound the time in between; each time some 0.1 s is lost.
const (
	firstWindow = time.Second
	minWindow   = 500 * time.Millisecond
	maxWindow   = 3 * time.Second
)

// run is one recording. Its methods belong to one goroutine; only progress is shared.
type run struct {
	r       *Recorder
	req     inspect.ProfileRequest
	ex      *inspect.Exchange // nil: no exchange
	route   string
	limit   time.Duration
	wanted  int64 // 0: whatever there is
	sampled bool  // its samples can be cut and counted

	src      Source
	began    time.Time
	ids      map[inspect.ID]bool // of the replays
	walls    thinned
	differ   int // replays that ended otherwise than the exchange
	cutOff   bool
	sum      *pb.Profile // of all windows, uncut
	ours     int64       // samples of pastedev's own work, that are not in sum
	trace    []byte
	problems []string // that did not end it

	mu       sync.Mutex
	progress inspect.ProfileProgress
}

// what says in words what is recorded.
func (x *run) what() string {
	switch {
	case x.ex != nil:
		return fmt.Sprintf("%s of %s %s", x.req.Kind, x.ex.Method, x.ex.Path)
	case x.route != "":
		return fmt.Sprintf("%s of %s", x.req.Kind, x.route)
	}
	return strings.TrimSpace(fmt.Sprintf("%s of the whole program %s", x.req.Kind, x.r.o.Mount))
}

func (x *run) run(ctx context.Context) (inspect.Profile, error) {
	o := &x.r.o
	x.began = time.Now()
	build := o.Build()
	if rolling := o.Rolling; rolling != nil && x.req.Kind == inspect.ProfileCPU {
		if !x.req.Replay && (x.ex != nil || x.route != "") {
			return x.fromRolling(ctx, rolling, build)
		}
		resume, err := rolling.Pause(ctx)
		if err != nil {
			return inspect.Profile{}, err
		}
		defer resume()
	}
	if x.src = o.Source(); x.src == nil {
		return inspect.Profile{}, errors.New("there is no program to profile: it is not running")
	}
	if c, ok := x.src.(interface{ Check(context.Context) error }); ok {
		if err := c.Check(ctx); err != nil {
			return inspect.Profile{}, err
		}
	}
	stop := x.tell()
	defer stop()
	if err := x.record(ctx); err != nil {
		return inspect.Profile{}, err
	}
	if now := o.Build(); now != build {
		switch x.req.Kind {
		case inspect.ProfileHeap, inspect.ProfileMutex, inspect.ProfileBlock: // counted from the program's start
			return inspect.Profile{}, errAnew
		}
		x.problems = append(x.problems, fmt.Sprintf("build %d has taken the place of build %d meanwhile", now, build))
	}
	return x.keep(build)
}

// record is all windows, until there is enough.
func (x *run) record(ctx context.Context) error {
	for n := 0; ; n++ {
		err := x.window(ctx, x.next(n))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && (x.sum == nil && x.trace == nil || x.req.Replay && x.replays() == 0):
			return err
		case err != nil:
			x.problems = append(x.problems, "it ended early: "+firstLine(err))
			return nil
		case x.enough():
			return nil
		}
	}
}

// next is how long the next window should be.
func (x *run) next(n int) time.Duration {
	left := x.limit - time.Since(x.began)
	switch {
	case x.req.Kind == inspect.ProfileTrace && x.req.Replay:
		return min(max(2*x.ex.Duration.Duration(), firstWindow), left)
	case !x.sampled || x.wanted == 0:
		return left
	case n == 0:
		return min(firstWindow, left)
	}
	w := maxWindow
	if have := x.samples(); have > 0 {
		perSample := time.Since(x.began) / time.Duration(have)
		w = min(time.Duration(x.wanted-have+1)*perSample, maxWindow)
	}
	return min(max(w, minWindow), left)
}

func (x *run) enough() bool {
	return x.limit-time.Since(x.began) < minWindow || !x.sampled || x.wanted > 0 && x.samples() >= x.wanted || x.replays() >= maxReplays
}

// window records for some time and adds what came of it.
func (x *run) window(ctx context.Context, length time.Duration) error {
	rec, err := x.src.Start(ctx, x.req.Kind, length)
	if err != nil {
		return err
	}
	filled := x.fill(ctx, time.Now().Add(length))
	// Also after a cancellation the target must be told.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), length+fetchTimeout)
	defer cancel()
	d, err := rec.Stop(stop)
	if err != nil {
		return errors.Join(filled, err)
	}
	if d.Note != "" {
		x.problems = append(x.problems, d.Note)
	}
	if x.trace = d.Trace; d.Profile == nil {
		return filled
	}
	part, ours := withoutOwn(d.Profile)
	x.ours += ours
	if x.sum, err = Merge(x.sum, part); err != nil {
		return err
	}
	samples := Count(x.sum)
	if x.cuts() {
		_, samples, _ = Cut(x.sum, x.mine)
	}
	x.mu.Lock()
	x.progress.Samples = samples
	x.mu.Unlock()
	return filled
}

// fill passes the time of a window: with replays, or waiting.
func (x *run) fill(ctx context.Context, end time.Time) error {
	if !x.req.Replay {
		t := time.NewTimer(time.Until(end))
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		return nil
	}
	for ctx.Err() == nil && time.Now().Before(end) && time.Since(x.began) < x.limit && x.replays() < x.mostReplays() {
		if err := x.replay(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (x *run) mostReplays() int {
	if x.req.Kind == inspect.ProfileTrace {
		return 1 // is the one to look at
	}
	return maxReplays
}

// replay sends the request once. The one that the end of the time cuts off does not count.
func (x *run) replay(ctx context.Context) error {
	until, cancel := context.WithDeadline(ctx, x.began.Add(x.limit))
	defer cancel()
	began := time.Now()
	id, err := x.r.o.Replay(until, x.ex)
	took := inspect.Millis(time.Since(began))
	if id != "" {
		x.ids[id] = true
	}
	if until.Err() != nil {
		x.cutOff = true
		return nil // whoever asks next sees it
	}
	if err != nil {
		return err
	}
	if s, ok := x.r.o.Finished(id); ok {
		took = s.Duration
		if x.ex.Status != 0 && s.Status != x.ex.Status || s.Error != x.ex.Error {
			x.differ++
		}
	}
	x.walls.add(took)
	x.mu.Lock()
	x.progress.Replays++
	x.mu.Unlock()
	return nil
}

func (x *run) samples() int64 { x.mu.Lock(); defer x.mu.Unlock(); return x.progress.Samples }

func (x *run) replays() int { x.mu.Lock(); defer x.mu.Unlock(); return x.progress.Replays }

// cuts says whether the sum is to be cut, and can be: either it has labels, or the program
// sets them and there was nothing to label.
func (x *run) cuts() bool {
	return x.sampled && (x.ex != nil || x.route != "") && (x.src.Labels() || labelled(x.sum))
}

// mine says whether an exchange is one that the profile is about.
func (x *run) mine(id inspect.ID) bool {
	if x.req.Replay {
		return x.ids[id]
	}
	return x.ex != nil && id == x.ex.ID || x.route != "" && x.r.o.Route(id) == x.route
}

// tell publishes the progress from time to time, until the returned function is called.
func (x *run) tell() (stop func()) {
	x.mu.Lock()
	x.progress = inspect.ProfileProgress{Kind: x.req.Kind, Wanted: x.wanted, Limit: inspect.Millis(x.limit), Exchange: x.exchange(), Mount: x.r.o.Mount}
	x.mu.Unlock()
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			x.publish()
			select {
			case <-quit:
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(quit); <-done }
}

func (x *run) publish() {
	x.mu.Lock()
	p := x.progress
	x.mu.Unlock()
	p.Elapsed = inspect.Millis(time.Since(x.began))
	x.r.o.Publish(inspect.ProfileProgressed{Progress: p})
}

// finished publishes the last progress, also of a recording that failed.
func (x *run) finished(err error) {
	x.mu.Lock()
	x.progress.Kind, x.progress.Exchange, x.progress.Mount, x.progress.Done = x.req.Kind, x.exchange(), x.r.o.Mount, true
	if err != nil {
		x.progress.Error = err.Error()
	}
	x.mu.Unlock()
	x.publish()
}

func (x *run) exchange() inspect.ID {
	if x.ex == nil {
		return ""
	}
	return x.ex.ID
}
