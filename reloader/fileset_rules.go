package reloader

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// embedPattern is one pattern of a //go:embed line, so that a file that was not
// there when the build was last listed counts too.
type embedPattern struct {
	dir     string // folder of the package
	pattern string // without the "all:" prefix
	all     bool   // also files with a leading dot or underscore
}

func newEmbedPattern(dir, text string) embedPattern {
	pattern, all := strings.CutPrefix(text, "all:")
	return embedPattern{dir, pattern, all}
}

// match reports whether the go command would embed the file p: the pattern
// names it or a folder above it.
func (e embedPattern) match(p string) bool {
	rel, ok := below(e.dir, p)
	if !ok || rel == "." {
		return false
	}
	rel = filepath.ToSlash(rel)
	if e.holds(rel) {
		return true
	}
	for i := len(rel) - 1; i > 0; i-- {
		if rel[i] != '/' {
			continue
		}
		hidden := strings.HasPrefix(rel[i+1:], ".") || strings.HasPrefix(rel[i+1:], "_") ||
			strings.Contains(rel[i+1:], "/.") || strings.Contains(rel[i+1:], "/_")
		if (e.all || !hidden) && e.holds(rel[:i]) {
			return true
		}
	}
	return false
}

func (e embedPattern) holds(rel string) bool {
	ok, _ := path.Match(e.pattern, rel) // the go command has checked the pattern
	return ok
}

// mayHold reports whether a match can lie in or below dir.
func (e embedPattern) mayHold(dir string) bool {
	if e.match(dir) {
		return true
	}
	rel, ok := below(e.dir, dir)
	if !ok || rel == "." {
		return ok
	}
	depth := strings.Count(filepath.ToSlash(rel), "/") + 1
	segments := strings.Split(e.pattern, "/")
	if len(segments) <= depth {
		return false
	}
	ok, _ = path.Match(strings.Join(segments[:depth], "/"), filepath.ToSlash(rel))
	return ok
}

// fileRules is a FileSet ready to be asked. It remembers answers about folders:
// make a new one when a .gitignore changes. Not safe for concurrent use.
type fileRules struct {
	FileSet
	stateDir string
	watchers []userGlob
	ignores  []userGlob
	git      *gitIgnore
	need     map[string]bool // folders on the way to a named file
	treeDirs map[string]bool
}

func newFileRules(s FileSet, stateDir string) (*fileRules, error) {
	r := &fileRules{FileSet: s, stateDir: stateDir, git: newGitIgnore(s.Root), need: map[string]bool{}, treeDirs: map[string]bool{}}
	var err error
	if r.watchers, err = newUserGlobs(s.Root, s.watch); err != nil {
		return nil, err
	}
	if r.ignores, err = newUserGlobs(s.Root, s.ignore); err != nil {
		return nil, err
	}
	for d := range s.pkgDirs {
		r.needed(d)
	}
	for f := range s.named {
		r.needed(filepath.Dir(f))
	}
	for f := range s.restart {
		r.needed(filepath.Dir(f))
	}
	return r, nil
}

// needed marks dir and what is above it.
func (r *fileRules) needed(dir string) {
	for !r.need[dir] {
		r.need[dir] = true
		dir = filepath.Dir(dir)
	}
}

// classify says what an edit of the file p asks for. The order is the contract:
// --ignore, then what the build names, then --watch, then .gitignore and the
// table.
func (r *fileRules) classify(p string) fileClass {
	base, dir := filepath.Base(p), filepath.Dir(p)
	if isDropping(base) || r.inState(p) || matchGlobs(r.ignores, p) {
		return classNone
	}
	if _, ok := r.named[p]; ok {
		return classRebuild
	}
	if r.restart[p] {
		return classRestart
	}
	if r.pkgDirs[dir] && isBuildSource(base) || r.embedded(p) {
		return classRebuild
	}
	if matchGlobs(r.watchers, p) {
		return r.watchClass(base)
	}
	if !r.inTree(dir) {
		return classNone
	}
	switch {
	case base == ".gitignore":
		return classRules
	case r.anyGo && filepath.Ext(base) == ".go" && isBuildSource(base):
		return classRebuild
	case r.git.ignored(p, false):
		return classNone
	}
	return r.tableClass(p, base)
}

func (r *fileRules) embedded(p string) bool {
	return slices.ContainsFunc(r.embeds, func(e embedPattern) bool { return e.match(p) })
}

func (r *fileRules) watchClass(base string) fileClass {
	if r.browser {
		return classReload
	}
	if e := r.table.lookup(base); e.class != classNone {
		return e.class
	}
	if e := newExtTable(watchedTable()).lookup(base); e.class != classNone {
		return e.class
	}
	return classRestart
}

func (r *fileRules) tableClass(p, base string) fileClass {
	class := r.table.lookup(base).class
	if r.command && class == classRestart && dataOfPages(base) {
		rel, _ := below(r.Root, filepath.Dir(p))
		for part := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
			if slices.Contains(pageDirs(), part) {
				return classReload
			}
		}
	}
	return class
}

// dataOfPages reports scripts that browsers run too.
func dataOfPages(base string) bool {
	switch filepath.Ext(base) {
	case ".js", ".mjs", ".cjs":
		return true
	}
	return false
}

// brakes reports whether programs are known to write such files, so that a
// file that keeps changing may be left alone. What the build or the user names
// is never left alone.
func (r *fileRules) brakes(p string) bool {
	if _, ok := r.named[p]; ok || r.restart[p] || r.browser || matchGlobs(r.watchers, p) {
		return false
	}
	return r.table.lookup(filepath.Base(p)).writes && !r.embedded(p)
}

func (r *fileRules) inState(p string) bool {
	if r.stateDir == "" {
		return false
	}
	_, ok := below(r.stateDir, p)
	return ok
}

// descend reports whether the folder dir is to be watched when its parent is.
func (r *fileRules) descend(dir string) bool {
	if r.inState(dir) {
		return false
	}
	if r.need[dir] || slices.ContainsFunc(r.embeds, func(e embedPattern) bool { return e.mayHold(dir) }) {
		return true
	}
	if matchGlobs(r.ignores, dir) {
		return false
	}
	for _, g := range r.watchers {
		if g.mayHold(dir) && !r.wildSkip(g, dir) {
			return true
		}
	}
	return r.inTree(dir)
}

// wildSkip keeps a "**" of the user from entering node_modules, .git and their
// like, unless its fixed part already lies inside.
func (r *fileRules) wildSkip(g userGlob, dir string) bool {
	rel, ok := below(g.base, dir)
	if !ok || rel == "." {
		return false
	}
	for part := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
		if (part == "node_modules" || strings.HasPrefix(part, ".")) && !strings.Contains(g.rest, part) {
			return true
		}
	}
	return false
}

// inTree reports whether the table sorts the files of dir.
func (r *fileRules) inTree(dir string) bool {
	if answer, ok := r.treeDirs[dir]; ok {
		return answer
	}
	answer := slices.Contains(r.trees, dir)
	if parent := filepath.Dir(dir); !answer && parent != dir && r.inTree(parent) {
		rel, _ := below(r.Root, dir)
		answer = !isSkippedDir(filepath.Base(dir)) && !noDataDir(rel) && !matchGlobs(r.ignores, dir) &&
			!r.inState(dir) && !r.git.ignored(dir, true) && !r.otherModule(dir)
	}
	r.treeDirs[dir] = answer
	return answer
}

func (r *fileRules) otherModule(dir string) bool {
	return len(r.modules) > 0 && !r.modules[dir] && exists(filepath.Join(dir, "go.mod"))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
