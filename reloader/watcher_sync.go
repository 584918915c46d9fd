package reloader

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// syncRounds shares one proof among all calls of Sync that wait for it. A round
// renames the sentinel, a file in a watched folder of ours; its event comes
// after those of all that happened before. A call that arrives during a round
// waits for the next one, as its own edit may be younger than the rename.
type syncRounds struct {
	w        *Watcher
	dir      string // folder of the sentinel
	temp     bool   // dir is ours alone
	mu       sync.Mutex
	sentinel string // present path
	count    uint64
	current  *syncRound
	next     *syncRound
}

type syncRound struct {
	done     chan struct{}
	sentinel string // the path whose event ends it; "": the end of a look at all files does
}

// syncPatience is how long a round may take before the event goroutine is told
// to look at the files itself: events of the sentinel get lost when someone
// removes the state folder.
const syncPatience = 2 * time.Second

// Sync returns when every edit that was finished before the call has been
// through OnDirty. It costs one rename for any number of concurrent calls.
//
// The proof is exact where one queue holds the events of all folders in order
// (Linux, local file systems). Elsewhere, and for folders that are polled, Sync
// looks at size, times and identity of each file, which is as exact as the
// times of that file system, and costs a stat for each file.
//
// It returns the error of ctx, or ErrWatcherClosed.
func (w *Watcher) Sync(ctx context.Context) error {
	round := w.sync.join()
	patience := time.NewTimer(syncPatience)
	defer patience.Stop()
	for {
		select {
		case <-round.done:
			return nil
		case <-patience.C:
			w.sync.giveUpSentinel(round)
			patience.Reset(syncPatience)
		case <-ctx.Done():
			return fmt.Errorf("wait for file events: %w", ctx.Err())
		case <-w.stopping.Done():
			return ErrWatcherClosed
		}
	}
}

// join returns a round that starts after the call.
func (s *syncRounds) join() *syncRound {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		s.start(&syncRound{done: make(chan struct{})})
		return s.current
	}
	if s.next == nil {
		s.next = &syncRound{done: make(chan struct{})}
	}
	return s.next
}

// start needs s.mu.
func (s *syncRounds) start(r *syncRound) {
	s.current = r
	if orderedEvents && s.w.events != nil {
		if s.rename() == nil {
			r.sentinel = s.sentinel
			return
		}
	}
	s.w.askRescan()
}

// rename gives the sentinel a name it never had, so that no two events are
// equal: the kernel merges those. It needs s.mu.
func (s *syncRounds) rename() error {
	s.count++
	to := filepath.Join(s.dir, "at-"+strconv.FormatUint(s.count, 10))
	if err := os.Rename(s.sentinel, to); err != nil {
		return err
	}
	s.sentinel = to
	return nil
}

func (s *syncRounds) touch() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rename()
}

// giveUpSentinel lets a look at the files end the round.
func (s *syncRounds) giveUpSentinel(r *syncRound) {
	s.mu.Lock()
	r.sentinel = ""
	s.mu.Unlock()
	s.w.askRescan()
}

// running returns the round in progress, and the path its event names.
func (s *syncRounds) running() (*syncRound, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return nil, ""
	}
	return s.current, s.current.sentinel
}

// finish ends round r, if it is still in progress, and starts the next.
func (s *syncRounds) finish(r *syncRound) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r == nil || s.current != r {
		return
	}
	close(r.done)
	s.current = nil
	if next := s.next; next != nil {
		s.next = nil
		s.start(next)
	}
}

// makeSentinel creates the folder and the file.
func (w *Watcher) makeSentinel() error {
	s := &w.sync
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if w.o.StateDir == "" {
		s.dir, err = os.MkdirTemp("", "pastedev-sync-")
		s.temp = true
	} else if err = os.MkdirAll(w.o.StateDir, 0o700); err == nil {
		s.dir, err = os.MkdirTemp(w.o.StateDir, "sync-")
	}
	if err == nil {
		s.dir, err = filepath.EvalSymlinks(s.dir)
	}
	if err != nil {
		return fmt.Errorf("make folder for watching: %w\nhint: --state DIR names another folder", err)
	}
	return s.plant()
}

// plant makes the sentinel anew. It needs s.mu.
func (s *syncRounds) plant() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make folder for watching: %w", err)
	}
	s.count++
	s.sentinel = filepath.Join(s.dir, "at-"+strconv.FormatUint(s.count, 10))
	if err := os.WriteFile(s.sentinel, nil, 0o600); err != nil {
		return fmt.Errorf("make sentinel: %w", err)
	}
	return nil
}

// replant brings the sentinel back when it is gone. Only the event goroutine
// calls it.
func (s *syncRounds) replant() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w.events == nil || exists(s.sentinel) {
		return
	}
	if s.plant() == nil {
		// Without events of the sentinel each round ends by looking at the files.
		_ = s.w.events.Add(s.dir)
	}
}

func (s *syncRounds) removeSentinel() error { return removeAll(s.dir) }
