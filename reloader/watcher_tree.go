package reloader

import (
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// watchTree is what is known of the watched folders and files. The folders
// belong to the event goroutine; mu guards the rest, which the goroutine that
// makes Changes uses too.
type watchTree struct {
	dirs    map[string]*watchedDir // by the path that the FileSet knows them by
	reals   map[string][]string    // paths by which a real folder is known
	links   map[string][]string    // linked files by each real path on the way to their contents
	missing map[string]bool        // folders to start from that are not there
	tops    []string
	polled  int // how many folders are looked at at an interval
	told    map[string]bool

	mu      sync.Mutex
	rules   *fileRules // fields of its FileSet only; its methods with a memory belong to the event goroutine
	files   map[string]fileState
	since   time.Time // when the last Change was received, or the first set was made
	muted   map[string]bool
	history map[string][]time.Time
}

type watchedDir struct {
	path, real string
	polled     bool
}

// fileState is a file as of the last comparison.
type fileState struct {
	stat   fileStat
	looked time.Time // when stat was taken
	class  fileClass
	mode   digestMode
	sum    digest
	known  bool // sum is valid
	young  bool // new in the set and changed since: not what a build has read
}

func newWatchTree() *watchTree {
	return &watchTree{
		dirs: map[string]*watchedDir{}, reals: map[string][]string{}, links: map[string][]string{}, missing: map[string]bool{},
		told: map[string]bool{}, files: map[string]fileState{}, muted: map[string]bool{}, history: map[string][]time.Time{},
	}
}

func (t *watchTree) received(when time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.since = when
}

// refresh reads the file p and returns its state before.
func (t *watchTree) refresh(p string, class fileClass) fileState {
	t.mu.Lock()
	mode := t.rules.named[p]
	t.mu.Unlock()
	looked := time.Now()
	sum, st := digestFile(p, mode)

	t.mu.Lock()
	defer t.mu.Unlock()
	old, ok := t.files[p]
	if !ok {
		old = fileState{known: true}
	}
	if st.exists {
		t.files[p] = fileState{stat: st, looked: looked, class: class, mode: mode, sum: sum, known: true}
	} else {
		delete(t.files, p)
	}
	return old
}

// same reports whether p has the contents of old. An old state without a
// digest has none to compare: the file counts as changed.
func (t *watchTree) same(p string, old fileState) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.files[p]
	if !now.stat.exists || !old.stat.exists {
		return now.stat.exists == old.stat.exists
	}
	return old.known && now.known && old.mode == now.mode && old.sum == now.sum
}

// classes returns all known files, and those of more.
func (t *watchTree) classes(more map[string]fileClass) map[string]fileClass {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p, st := range t.files {
		if st.class != classRules {
			more[p] = st.class
		}
	}
	return more
}

// learned notes the digest of p, whose state was st.
func (t *watchTree) learned(p string, st fileState, sum digest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now, ok := t.files[p]; ok && !now.known && !now.young && now.stat == st.stat && now.mode == st.mode {
		now.sum, now.known = sum, true
		t.files[p] = now
	}
}

// The brake. A program that writes a file of the table, at each start or each
// request, would restart itself for ever. What changes that often is left alone.
const (
	brakeWindow   = 20 * time.Second
	brakeFile     = 5  // Changes of one file within the window: more than a person saves
	brakeNewFiles = 10 // Changes with new files of one kind in one folder
	maxBrakeNames = 4096
)

// brake removes from classes what is left alone and returns the names of what
// is so from now on.
func (t *watchTree) brake(classes map[string]fileClass, before map[string]fileState, now time.Time) (root string, muted []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	counted := map[string]bool{}
	for p := range classes {
		if !t.rules.brakes(p) {
			continue
		}
		key, limit := p, brakeFile
		if !before[p].stat.exists {
			key, limit = newFilesKey(p), brakeNewFiles
		}
		if !counted[key] {
			counted[key] = true
			recent := slices.DeleteFunc(t.history[key], func(at time.Time) bool { return now.Sub(at) > brakeWindow })
			t.history[key] = append(recent, now)
		}
		if len(t.history[key]) < limit {
			continue
		}
		delete(classes, p)
		if !t.muted[key] {
			t.muted[key] = true
			muted = append(muted, relativeName(t.rules.Root, key))
		}
	}
	if len(t.history) > maxBrakeNames {
		clear(t.history)
	}
	return t.rules.Root, muted
}

func newFilesKey(p string) string { return filepath.Join(filepath.Dir(p), "*"+filepath.Ext(p)) }

// leftAlone reports whether the brake holds for p.
func (t *watchTree) leftAlone(p string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.muted) == 0 {
		return false
	}
	_, known := t.files[p]
	return t.muted[p] || !known && t.muted[newFilesKey(p)]
}

// classify is that of the rules, less what is left alone. For the event
// goroutine.
func (t *watchTree) classify(p string) fileClass {
	class := t.rules.classify(p)
	if class != classNone && t.rules.brakes(p) && t.leftAlone(p) {
		return classNone
	}
	return class
}
