package reloader

import (
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// readEvents is the event goroutine: it owns the folders of the tree and never
// waits for anyone who receives Changes.
func (w *Watcher) readEvents() {
	var events <-chan fsnotify.Event
	if w.events != nil {
		events = w.events.Events
	}
	look := time.NewTimer(time.Hour)
	defer look.Stop()
	w.planLook(look, 0)
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			w.handleEvent(ev)
		case call := <-w.calls:
			call()
			w.planLook(look, 0)
		case <-w.rescan:
			w.lookAtAll()
		case <-look.C:
			begun := time.Now()
			w.look(false)
			w.planLook(look, time.Since(begun))
		case <-w.stopping.Done():
			return
		}
	}
}

// handleEvent sorts one event of the system.
func (w *Watcher) handleEvent(ev fsnotify.Event) {
	if filepath.Dir(ev.Name) == w.sync.dir {
		w.handleSentinel(ev)
		return
	}
	if ev.Op == fsnotify.Chmod {
		return // contents are as before
	}
	t := w.tree
	dir, base := filepath.Split(ev.Name)
	var paths []string
	for _, logical := range t.reals[filepath.Clean(dir)] {
		paths = append(paths, filepath.Join(logical, base))
	}
	if len(paths) == 0 && ev.Op&(fsnotify.Remove|fsnotify.Rename) != 0 {
		paths = append(paths, t.reals[ev.Name]...) // of a watched folder itself, whose parent is not watched
	}
	paths = append(paths, t.links[ev.Name]...)
	reload := false
	for _, p := range paths {
		reload = w.handlePath(p, ev.Op) || reload
	}
	if reload {
		w.reloadRules()
	}
}

// handlePath hears that the entry p of a folder came, went or changed. It
// reports whether the rules are to be read again.
func (w *Watcher) handlePath(p string, op fsnotify.Op) (reload bool) {
	t := w.tree
	moved := op&(fsnotify.Create|fsnotify.Remove|fsnotify.Rename) != 0
	if t.dirs[p] != nil {
		if moved {
			w.leave(p)
			return w.enter(p)
		}
		return false
	}
	if op.Has(fsnotify.Create) {
		if isDir(p) {
			reload = w.enter(p)
			w.missed(p)
			return reload
		}
		if info, err := os.Lstat(p); err == nil && info.Mode()&os.ModeSymlink != 0 && t.classify(p) != classNone {
			w.followLink(p)
		}
	}
	switch class := t.classify(p); class {
	case classNone:
		return false
	case classRules:
		return true
	default:
		w.touched(p, class)
	}
	return false
}

// missed hears that a file that was known is no file any more.
func (w *Watcher) missed(p string) {
	w.tree.mu.Lock()
	st, ok := w.tree.files[p]
	w.tree.mu.Unlock()
	if ok && st.class != classRules {
		w.touched(p, st.class)
	}
}

// handleSentinel ends the round of Sync that the event belongs to. All events
// of before were handled; what the library lost, it has reported to
// drainErrors, which the probe waits for.
func (w *Watcher) handleSentinel(ev fsnotify.Event) {
	round, sentinel := w.sync.running()
	if round == nil || ev.Name != sentinel || !ev.Op.Has(fsnotify.Create) {
		return
	}
	select {
	case <-w.errProbe:
	case <-w.stopping.Done():
		return
	}
	if w.overflow.Load() {
		w.lookAtAll()
		return
	}
	if w.tree.polled > 0 || len(w.tree.missing) > 0 {
		w.look(false)
	}
	w.sync.finish(round)
}

// lookAtAll compares every file with what is known of it: after events were
// lost, and where Sync has no events to rely on.
func (w *Watcher) lookAtAll() {
	round, _ := w.sync.running()
	w.overflow.Store(false)
	w.sync.replant()
	w.look(true)
	w.sync.finish(round)
}

// reloadRules reads .gitignore files anew.
func (w *Watcher) reloadRules() {
	rules, err := newFileRules(w.tree.rules.FileSet, w.o.StateDir)
	if err != nil {
		return // they were read once, so the patterns are good
	}
	if err := w.install(rules); err != nil {
		w.notify("read .gitignore: " + err.Error())
	}
}
