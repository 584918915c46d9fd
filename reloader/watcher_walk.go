package reloader

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxWatchedDirs bounds the memory of a tree that nobody meant to watch, such
// as a home folder.
const maxWatchedDirs = 1 << 16

// install replaces the rules and walks the folders they name. Files known
// before keep what is known of them.
func (w *Watcher) install(rules *fileRules) error {
	t := w.tree
	if w.o.Root != "" {
		rules.Root = cleanAbs(w.o.Root)
	}
	oldReals := t.reals
	t.dirs, t.reals, t.links, t.missing = map[string]*watchedDir{}, map[string][]string{}, map[string][]string{}, map[string]bool{}
	t.polled = 0
	t.mu.Lock()
	if t.since.IsZero() {
		t.since = rules.made
	}
	before := t.rules
	since := rules.sinceOf(t.since)
	t.rules = rules
	walk := &treeWalk{w: w, old: maps.Clone(t.files), files: map[string]fileState{}, since: since, begun: time.Now()}
	t.mu.Unlock()

	t.tops = rules.tops(rules.watchers)
	for _, top := range t.tops {
		w.enterTop(top, walk)
	}
	for real := range oldReals {
		if len(t.reals[real]) == 0 {
			w.unwatch(real)
		}
	}
	walk.youngFolders(before)
	walk.merge()
	w.tellPolled(walk)
	w.setMode()
	for _, f := range walk.young {
		w.touched(f.path, f.class)
	}
	w.learn()
	return walk.err
}

// treeWalk is one walk of install. Outside install a nil walk means that what
// was not known is new.
type treeWalk struct {
	w         *Watcher
	old       map[string]fileState
	files     map[string]fileState
	since     time.Time
	begun     time.Time
	young     []foundFile // in the new set only, and changed since
	err       error
	overLimit int
	limitErr  error
	remote    string
}

type foundFile struct {
	path  string
	class fileClass
}

func (w *Watcher) enterTop(top string, walk *treeWalk) {
	if w.tree.dirs[top] != nil || w.tree.rules.inState(top) {
		return
	}
	if !isDir(top) {
		w.tree.missing[top] = true
		return
	}
	w.visit(top, walk)
}

// visit watches dir and what is in it. The folder is watched before it is
// read, so what comes while it is read brings an event. It reports whether a
// .gitignore was new.
func (w *Watcher) visit(dir string, walk *treeWalk) (reload bool) {
	t := w.tree
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || t.dirs[dir] != nil || w.cycle(dir, real) {
		return false
	}
	if len(t.dirs) >= maxWatchedDirs {
		w.tellOnce("dirs", fmt.Sprintf("more than %d folders below %s: the rest is not watched\nhint: --ignore names folders to leave out", maxWatchedDirs, t.rules.Root))
		return false
	}
	d := &watchedDir{path: dir, real: real}
	t.dirs[dir] = d
	t.reals[real] = append(t.reals[real], dir)
	delete(t.missing, dir)
	w.watchReal(d, walk)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && walk != nil && slices.Contains(t.tops, dir) {
		walk.err = errors.Join(walk.err, fmt.Errorf("watch: %w", err))
	}
	for _, e := range entries {
		reload = w.visitEntry(filepath.Join(dir, e.Name()), e.Type(), walk) || reload
	}
	return reload
}

func (w *Watcher) visitEntry(p string, kind fs.FileMode, walk *treeWalk) (reload bool) {
	linked := kind&fs.ModeSymlink != 0
	if kind.IsDir() || linked && isDir(p) {
		return w.tree.rules.descend(p) && w.visit(p, walk)
	}
	class := w.tree.classify(p)
	if class == classNone {
		return false
	}
	if linked {
		w.followLink(p)
	}
	if walk != nil {
		walk.found(p, class)
		return false
	}
	return w.compare(p, class)
}

// found notes the file p of the new set.
func (v *treeWalk) found(p string, class fileClass) {
	t := v.w.tree
	mode := t.rules.named[p]
	old, ok := v.old[p]
	st := old
	joins := ok && class == classRebuild && old.class != classRebuild // the build did not read it before
	if !ok || joins || st.mode != mode || class == classRules {
		st = fileState{stat: statFile(p), looked: v.begun, mode: mode}
		if !st.stat.exists {
			return
		}
		switch {
		case v.isYoung(class, old, ok, st.stat):
			st.class = class
			v.markYoung(p, st)
			return
		case !st.stat.proves(st.looked):
			// Written a moment ago: only the contents tell it from what comes next.
			st.looked = time.Now()
			st.sum, st.stat = digestFile(p, mode)
			st.known = true
		}
	}
	st.class = class
	v.files[p] = st
}

// merge makes the files of the walk those of the tree. What was compared or
// went meanwhile is younger than the walk, so it stays as it is; what went
// before keeps its state too, as its event is on its way.
func (v *treeWalk) merge() {
	t := v.w.tree
	for p, st := range v.old {
		if _, ok := v.files[p]; ok || st.class == classRules {
			continue
		}
		if st.class = t.classify(p); st.class != classNone {
			v.files[p] = st
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for p, st := range v.files {
		now, ok := t.files[p]
		_, was := v.old[p]
		switch {
		case st.young && was:
		case ok && now.mode == st.mode && st.class != classRules:
			now.class = st.class
			v.files[p] = now
		case !ok && was:
			delete(v.files, p)
		}
	}
	t.files = v.files
}

// cycle reports whether dir, really real, lies in itself by way of a link.
func (w *Watcher) cycle(dir, real string) bool {
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		if d := w.tree.dirs[parent]; d != nil && d.real == real {
			return true
		}
		if parent == filepath.Dir(parent) {
			return false
		}
	}
}

// watchReal asks for events of the folder, and plans to look at it where none
// may come.
func (w *Watcher) watchReal(d *watchedDir, walk *treeWalk) {
	if w.events == nil {
		return
	}
	kind := remoteFS(d.real)
	d.polled = kind != ""
	if walk != nil && kind != "" {
		walk.remote = kind
	}
	if err := w.addDir(d.real); err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.polled = true
		if walk != nil && watchLimit(err) {
			walk.overLimit++
			walk.limitErr = err
		}
	}
	if d.polled {
		w.tree.polled++
	}
}

func (w *Watcher) tellPolled(walk *treeWalk) {
	if walk.overLimit > 0 {
		w.tellOnce("limit", fmt.Sprintf("%s watches only %d of %d folders (%v): looking at the others every %v\n%s",
			eventsName, len(w.tree.dirs)-walk.overLimit, len(w.tree.dirs), walk.limitErr, w.o.PollInterval, watchLimitHint(walk.overLimit)))
	}
	if walk.remote != "" {
		w.tellOnce("remote", fmt.Sprintf("files on %s may change without an event: looking at them every %v too", walk.remote, w.o.PollInterval))
	}
}

func (w *Watcher) tellOnce(key, text string) {
	if !w.tree.told[key] {
		w.tree.told[key] = true
		w.notify(text)
	}
}

func (w *Watcher) unwatch(real string) {
	if w.events != nil && real != w.sync.dir {
		_ = w.events.Remove(real) // it may be gone with its folder
	}
}

// enter watches the folder p if the rules say so, and compares what is in it.
func (w *Watcher) enter(p string) (reload bool) {
	t := w.tree
	top := slices.Contains(t.tops, p)
	if !isDir(p) {
		if top {
			t.missing[p] = true
		}
		return false
	}
	if !top && !t.rules.descend(p) {
		return false
	}
	polled := t.polled
	reload = w.visit(p, nil)
	if t.polled != polled {
		w.setMode()
	}
	return reload
}

// leave hears that the folder p is gone, or is another one now: all its files
// may have changed.
func (w *Watcher) leave(p string) {
	t := w.tree
	for dir, d := range t.dirs {
		if _, ok := below(p, dir); !ok {
			continue
		}
		delete(t.dirs, dir)
		if d.polled {
			t.polled--
		}
		t.reals[d.real] = slices.DeleteFunc(t.reals[d.real], func(known string) bool { return known == dir })
		if len(t.reals[d.real]) == 0 {
			delete(t.reals, d.real)
			w.unwatch(d.real)
		}
		if slices.Contains(t.tops, dir) {
			t.missing[dir] = true
		}
	}
	for path, class := range t.classes(map[string]fileClass{}) {
		if _, ok := below(p, path); ok {
			w.touched(path, class)
		}
	}
}

// maxLinkHops bounds a chain of links as the kernel does (ELOOP).
const maxLinkHops = 40

// followLink watches the folders of the files that the link p stands for, one
// after the other.
func (w *Watcher) followLink(p string) {
	t := w.tree
	at := p
	for range maxLinkHops {
		to, err := os.Readlink(at)
		if err != nil {
			return
		}
		to = Absolute(filepath.Dir(at), to)
		dir, err := filepath.EvalSymlinks(filepath.Dir(to))
		if err != nil {
			return
		}
		at = filepath.Join(dir, filepath.Base(to))
		if !slices.Contains(t.links[at], p) {
			t.links[at] = append(t.links[at], p)
		}
		if len(t.reals[dir]) == 0 && w.events != nil {
			if err := w.addDir(dir); err != nil {
				return // the file itself is still compared when something else asks for it
			}
		}
	}
}

// learn takes the digests of new files in the background, so that the first
// event of a file can be compared. A digest counts only when the times of the
// file prove that it is that of the walk.
func (w *Watcher) learn() {
	t := w.tree
	t.mu.Lock()
	files := maps.Clone(t.files)
	t.mu.Unlock()
	maps.DeleteFunc(files, func(_ string, st fileState) bool { return st.known || st.young || st.class == classRules })
	if len(files) == 0 {
		return
	}
	w.done.Go(func() {
		for p, st := range files {
			if w.stopping.Err() != nil {
				return
			}
			sum, before := digestFile(p, st.mode)
			if before == st.stat && statFile(p) == st.stat {
				t.learned(p, st, sum)
			}
		}
	})
}
