package reloader

import (
	"os"
	"path/filepath"
	"time"
)

// What is new in a set was not watched while the build that brought it in was
// running. An edit of it during that time may have missed the build, and is told
// from what the build has read by the times of the system that no program can set.

// isYoung reports whether a file, of which old is known if ok, is new to the build
// and may have changed since it began.
func (v *treeWalk) isYoung(class fileClass, old fileState, ok bool, st fileStat) bool {
	if class == classRules || ok && (old.class == classRebuild || class != classRebuild) {
		return false
	}
	return st.changedSince(v.since)
}

// youngFolders finds folders that are new to the build and were changed since it
// began, or stand where another folder was: their files may be others than those
// that the build has read, whatever the times of the files say. One that is empty or
// gone counts by a name for all its files.
func (v *treeWalk) youngFolders(before *fileRules) {
	t := v.w.tree
	if before == nil {
		return
	}
	known := before.buildFolders()
	for dir := range t.rules.buildFolders() {
		if known[dir] || t.rules.inState(dir) || !v.youngFolder(dir) {
			continue
		}
		found := false
		for p, st := range v.files {
			if filepath.Dir(p) == dir && st.class == classRebuild {
				found = true
				v.markYoung(p, st)
			}
		}
		if !found {
			v.markYoung(filepath.Join(dir, "*.go"), fileState{stat: fileStat{exists: true}, class: classRebuild})
		}
	}
}

func (v *treeWalk) markYoung(p string, st fileState) {
	if st.young {
		return
	}
	st.young, st.known = true, false
	v.files[p] = st
	v.young = append(v.young, foundFile{p, st.class})
}

// youngFolder reports whether dir, or a folder between it and its module's root,
// has changed since the build began: an entry came or went, or it was moved there.
func (v *treeWalk) youngFolder(dir string) bool {
	for at := dir; ; at = filepath.Dir(at) {
		if v.w.tree.rules.modules[at] || at == filepath.Dir(at) {
			return false
		}
		info, err := os.Lstat(at)
		if err != nil {
			continue
		}
		changed, _ := changeTime(info)
		changed = max(changed, info.ModTime().UnixNano())
		if changed >= v.since.Add(-fineTick).UnixNano() {
			return true
		}
		if !v.inModule(at) {
			return false // nobody knows where to stop
		}
	}
}

// inModule reports whether dir lies below the root of a module in the build.
func (v *treeWalk) inModule(dir string) bool {
	for root := range v.w.tree.rules.modules {
		if rel, ok := below(root, dir); ok && rel != "." {
			return true
		}
	}
	return false
}

// buildFolders returns the folders of packages and of embedded files.
func (s FileSet) buildFolders() map[string]bool {
	dirs := map[string]bool{}
	for dir := range s.pkgDirs {
		dirs[dir] = true
	}
	for p := range s.embedded {
		dirs[filepath.Dir(p)] = true
	}
	return dirs
}

// sinceOf returns the time from which on an edit of what is new in the set counts.
func (s FileSet) sinceOf(received time.Time) time.Time {
	if s.since.IsZero() {
		return received
	}
	return s.since
}
