package reloader

import (
	"fmt"
	"sync"
	"time"
)

// changeBatch collects the paths of events until a Change can be made of them.
// It is open from the first event, which OnDirty hears of, until its Change is
// complete; an event after that opens the next batch.
type changeBatch struct {
	mu     sync.Mutex
	open   bool
	heard  bool // OnDirty has returned
	paths  map[string]fileClass
	newest string
	all    bool // too many paths: look at every file
	wake   chan struct{}
}

// maxBatchPaths bounds what is remembered of a batch that nobody receives, while
// files come and go under ever new names. A larger batch looks at all files.
const maxBatchPaths = 1 << 16

// touched hears of an event of the file p. Only the event goroutine calls it.
func (w *Watcher) touched(p string, class fileClass) {
	b := &w.batch
	b.mu.Lock()
	first := !b.open
	b.open = true
	if b.paths == nil {
		b.paths = map[string]fileClass{}
	}
	if len(b.paths) < maxBatchPaths {
		b.paths[p] = class
	} else {
		b.all = true
	}
	b.newest = p
	b.mu.Unlock()
	if first {
		if w.o.OnDirty != nil {
			w.o.OnDirty(p)
		}
		b.mu.Lock()
		b.heard = true
		b.mu.Unlock()
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take empties the batch; it stays open.
func (b *changeBatch) take() (paths map[string]fileClass, newest string, all bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.heard {
		return nil, "", false
	}
	paths, newest, all = b.paths, b.newest, b.all
	b.paths, b.all = nil, false
	return paths, newest, all
}

// finish closes the batch unless more has come.
func (b *changeBatch) finish() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.paths) > 0 {
		return false
	}
	b.open, b.heard = false, false
	return true
}

// emitChanges makes a Change of each batch, on a goroutine of its own.
func (w *Watcher) emitChanges() {
	for {
		select {
		case <-w.batch.wake:
		case <-w.stopping.Done():
			return
		}
		for {
			paths, newest, all := w.batch.take()
			if paths == nil {
				break
			}
			c, ok := w.makeChange(paths, newest, all)
			if !ok {
				return
			}
			select {
			case w.changes <- c:
				w.tree.received(time.Now())
			case <-w.stopping.Done():
				return
			}
		}
	}
}

// Limits of the wait for the rest of a half-written save.
const (
	settleWait = 100 * time.Millisecond // for the next piece
	settleMost = time.Second            // in all: a file that stays empty is an edit too
)

// makeChange compares the files of the open batch, and those that join it
// meanwhile, and closes it. It is not ok when the Watcher closes.
func (w *Watcher) makeChange(paths map[string]fileClass, newest string, all bool) (Change, bool) {
	before := map[string]fileState{}
	classes := map[string]fileClass{}
	deadline := time.Now().Add(settleMost)
	for {
		if all {
			paths = w.tree.classes(paths)
		}
		for p, class := range paths {
			old := w.tree.refresh(p, class)
			if _, ok := before[p]; !ok {
				before[p] = old
			}
			classes[p] = class
		}
		if !w.settle(newest, before, deadline) {
			return Change{}, false
		}
		if w.batch.finish() {
			break
		}
		paths, newest, all = w.batch.take()
	}
	for p, old := range before {
		if w.tree.same(p, old) {
			delete(classes, p)
		}
	}
	root, muted := w.tree.brake(classes, before, time.Now())
	for _, name := range muted {
		w.notify(fmt.Sprintf("%s keeps changing: the program seems to write it, so it is left alone from now on\nhint: --ignore '%s' says so for good, --watch '%s' the opposite", name, name, name))
	}
	return newChange(root, classes), true
}

// settle waits for the next event when the newest file had contents before and
// looks like a save that has only begun. It is false when the Watcher closes.
func (w *Watcher) settle(newest string, before map[string]fileState, deadline time.Time) bool {
	old, ok := before[newest]
	if !ok || !old.stat.exists || w.tree.same(newest, old) || !halfWritten(newest) {
		return true
	}
	wait := min(settleWait, time.Until(deadline))
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-w.batch.wake:
			if w.batch.joined() {
				return true
			}
		case <-timer.C:
			return true
		case <-w.stopping.Done():
			return false
		}
	}
}

// joined reports whether events have come since the batch was taken.
func (b *changeBatch) joined() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.paths) > 0
}
