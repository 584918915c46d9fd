package reloader

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// WatcherOptions are the settings of a Watcher.
type WatcherOptions struct {
	// Root is the folder that messages name files relative to; "" means that of
	// the first FileSet.
	Root string
	// StateDir is a folder of ours to put the sentinel of Sync in; nothing in it
	// ever counts as an edit. "" means a temporary folder, removed by Close.
	StateDir string
	// Poll looks at the files at an interval and asks the system for no events.
	Poll bool
	// PollInterval is the least time between two such looks; less than
	// minPollInterval, also zero, means that.
	PollInterval time.Duration
	// OnDirty, if not nil, hears of the first event of each batch before
	// anything was read. It is called on the goroutine that reads the events, so
	// it must be quick and must not call methods of the Watcher but Mode. Calls
	// and Changes pair one to one, in order.
	OnDirty func(path string)
	// Notify, if not nil, gets a text for the user, at most a few in a lifetime.
	// It may be called on several goroutines, under the rule of OnDirty.
	Notify func(text string)
}

// minPollInterval keeps the cost of looking at an idle tree invisible.
const minPollInterval = 500 * time.Millisecond

// ErrWatcherClosed is what methods return after Close.
var ErrWatcherClosed = errors.New("watcher is closed")

// Watcher hears of edits in the folders of a FileSet. Its methods are safe for
// concurrent use.
type Watcher struct {
	o       WatcherOptions
	events  *fsnotify.Watcher // nil: no events, only looks
	addDir  func(string) error
	batch   changeBatch
	sync    syncRounds
	tree    *watchTree
	changes chan Change
	calls   chan func() // run on the event goroutine
	rescan  chan struct{}

	overflow atomic.Bool // events were lost
	errProbe chan struct{}
	mode     atomic.Pointer[string]

	stopping context.Context
	stop     context.CancelFunc
	done     sync.WaitGroup
	closed   sync.Once
}

// NewWatcher starts a Watcher that watches nothing yet. Where the system gives
// no events, it says so through Notify and looks at the files instead. The
// caller must Close it, and receive from Changes.
func NewWatcher(o WatcherOptions) (*Watcher, error) {
	o.PollInterval = max(o.PollInterval, minPollInterval)
	w := &Watcher{
		o: o, changes: make(chan Change), calls: make(chan func()),
		rescan: make(chan struct{}, 1), errProbe: make(chan struct{}),
	}
	if o.StateDir != "" {
		w.o.StateDir = cleanAbs(o.StateDir)
	}
	w.stopping, w.stop = context.WithCancel(context.Background())
	w.batch.wake = make(chan struct{}, 1)
	w.tree = newWatchTree()
	w.sync.w = w
	if err := w.makeSentinel(); err != nil {
		w.stop()
		return nil, err
	}
	if !o.Poll {
		w.openEvents()
	}
	w.setMode()
	w.done.Go(w.readEvents)
	w.done.Go(w.emitChanges)
	return w, nil
}

// Close stops watching and waits for all goroutines. Changes is closed.
func (w *Watcher) Close() error {
	var err error
	w.closed.Do(func() {
		w.stop()
		if w.events != nil {
			err = w.events.Close()
		}
		w.done.Wait()
		close(w.changes)
		err = errors.Join(err, w.sync.removeSentinel())
	})
	if err != nil {
		return fmt.Errorf("close watcher: %w", err)
	}
	return nil
}

// Changes yields a Change for each OnDirty, in the same order. Whatever comes
// while nobody receives is collected into the next one. It is closed by Close.
//
// A Change is current only when as many were received as OnDirty was called:
// else the next is already on its way.
func (w *Watcher) Changes() <-chan Change { return w.changes }

// Mode names how edits are heard of: "inotify", "poll", "inotify and poll", and
// so on.
func (w *Watcher) Mode() string { return *w.mode.Load() }

func (w *Watcher) setMode() {
	mode := eventsName
	switch {
	case w.events == nil:
		mode = "poll"
	case w.tree.polled > 0:
		mode += " and poll"
	}
	w.mode.Store(&mode)
}

// Watch replaces what is watched; it returns when every folder is. Files that
// are new to the build and changed since the time of FileSet.Since (without one:
// since the last Change was received, or the first set was made) count as changed
// now, and OnDirty has heard of them when Watch returns: call it before the gate
// opens for what a build made, and no edit falls between the sets.
func (w *Watcher) Watch(s FileSet) error {
	if s.Root == "" {
		return errors.New("watch: the file set is empty\nhint: make it with Discover, CommandFiles or UpstreamFiles")
	}
	rules, err := newFileRules(s, w.o.StateDir)
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	finished := make(chan error, 1)
	call := func() { finished <- w.install(rules) }
	select {
	case w.calls <- call:
	case <-w.stopping.Done():
		return ErrWatcherClosed
	}
	select {
	case err := <-finished:
		return err
	case <-w.stopping.Done():
		return ErrWatcherClosed
	}
}

func (w *Watcher) notify(text string) {
	if w.o.Notify != nil {
		w.o.Notify(text)
	}
}

// openEvents asks the system for events and proves with the sentinel that they
// come; w.events stays nil when they do not.
func (w *Watcher) openEvents() {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		text := fmt.Sprintf("%s is not available (%v): looking at the files every %v instead", eventsName, err, w.o.PollInterval)
		if watchLimit(err) {
			text += "\n" + watchLimitHint(0)
		}
		w.notify(text)
		return
	}
	if err = events.Add(w.sync.dir); err == nil {
		err = w.probeEvents(events)
	}
	if err != nil {
		w.notify(fmt.Sprintf("%s brings no events here (%v): looking at the files every %v instead", eventsName, err, w.o.PollInterval))
		events.Close()
		return
	}
	w.events, w.addDir = events, events.Add
	w.done.Go(w.drainErrors)
}

// probeLimit is how long the first event may take: far longer than any kernel
// needs, short enough not to be noticed at a start.
const probeLimit = time.Second

var errNoEvent = errors.New("no event for a file just written")

func (w *Watcher) probeEvents(events *fsnotify.Watcher) error {
	if err := w.sync.touch(); err != nil {
		return err
	}
	limit := time.NewTimer(probeLimit)
	defer limit.Stop()
	for {
		select {
		case ev := <-events.Events:
			if filepath.Base(ev.Name) == filepath.Base(w.sync.sentinel) {
				return nil
			}
		case err := <-events.Errors:
			return err
		case <-limit.C:
			return errNoEvent
		}
	}
}

// drainErrors takes what the events library reports, on a goroutine of its own:
// the library may report while it holds the lock that addDir wants.
func (w *Watcher) drainErrors() {
	for {
		select {
		case err, ok := <-w.events.Errors:
			if !ok {
				return
			}
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				w.overflow.Store(true)
				w.askRescan()
			}
		case w.errProbe <- struct{}{}:
		case <-w.stopping.Done():
			return
		}
	}
}

// askRescan makes the event goroutine look at all files soon.
func (w *Watcher) askRescan() {
	select {
	case w.rescan <- struct{}{}:
	default:
	}
}

func removeAll(dir string) error {
	if dir == "" {
		return nil
	}
	return os.RemoveAll(dir)
}
