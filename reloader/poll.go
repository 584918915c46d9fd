package reloader

import (
	"os"
	"path/filepath"
	"time"
)

// pollShare keeps the looks at a large tree to 1/50 of one core.
const pollShare = 50

// planLook sets the timer for the next look at what brings no events; cost is
// what the last one took.
func (w *Watcher) planLook(timer *time.Timer, cost time.Duration) {
	if w.events == nil || w.tree.polled > 0 || len(w.tree.missing) > 0 {
		timer.Reset(max(w.o.PollInterval, pollShare*cost))
		return
	}
	timer.Stop()
}

// look compares folders and files with what is known of them: all, or only
// those that bring no events.
func (w *Watcher) look(all bool) {
	t := w.tree
	all = all || w.events == nil
	looked, seen := map[string]bool{}, map[string]bool{}
	reload := false
	for dir, d := range t.dirs {
		if all || d.polled {
			looked[dir] = true
		}
	}
	for dir := range looked {
		if t.dirs[dir] == nil {
			continue // left meanwhile
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			w.leave(dir)
			continue
		}
		for _, e := range entries {
			p := filepath.Join(dir, e.Name())
			seen[p] = true
			if t.dirs[p] == nil || !isDir(p) {
				reload = w.visitEntry(p, e.Type(), nil) || reload
			}
		}
	}
	reload = w.lookForGone(looked, seen) || reload
	for top := range t.missing {
		if isDir(top) {
			reload = w.visit(top, nil) || reload
		}
	}
	if reload {
		w.reloadRules()
	}
}

// lookForGone hears of what was in the folders and is not any more.
func (w *Watcher) lookForGone(looked, seen map[string]bool) (reload bool) {
	t := w.tree
	for dir := range t.dirs {
		if looked[filepath.Dir(dir)] && !seen[dir] || looked[dir] && !isDir(dir) {
			w.leave(dir)
		}
	}
	t.mu.Lock()
	gone := map[string]fileClass{}
	for p, st := range t.files {
		if looked[filepath.Dir(p)] && (!seen[p] || t.dirs[p] != nil) {
			gone[p] = st.class
		}
	}
	t.mu.Unlock()
	for p, class := range gone {
		if class == classRules {
			reload = true
			continue
		}
		w.touched(p, class)
	}
	return reload
}

// compare hears of the file p if it is not as it was. It reports whether it is
// a .gitignore that is not.
func (w *Watcher) compare(p string, class fileClass) (reload bool) {
	t := w.tree
	t.mu.Lock()
	old, ok := t.files[p]
	t.mu.Unlock()
	looked := time.Now()
	now := statFile(p)
	if ok && now == old.stat {
		if old.stat.proves(old.looked) {
			return false
		}
		if sum, st := digestFile(p, old.mode); old.known && st == now && sum == old.sum {
			t.looked(p, old, looked)
			return false
		}
	}
	if class == classRules {
		return true
	}
	w.touched(p, class)
	return false
}

// looked notes that p, at the time when, still had the contents of old.
func (t *watchTree) looked(p string, old fileState, when time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now, ok := t.files[p]; ok && now == old {
		now.looked = when
		t.files[p] = now
	}
}
