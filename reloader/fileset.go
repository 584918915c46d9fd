package reloader

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// FileSet says which folders to watch and what an edit of a file in them asks
// for. Discover makes one for a Go package, CommandFiles and UpstreamFiles for
// other targets. A FileSet does not change once made; it may be shared.
type FileSet struct {
	Root string // module root, or the folder the target was started for: what Change paths are relative to

	Main string // folder of package main, "" for other targets

	made     time.Time             // before anything was looked at
	since    time.Time             // see Since; zero: since the last Change was received
	steady   map[string]digest     // of what the go command's list depends on, by file; see Stands
	named    map[string]digestMode // files that the build names
	embedded map[string]bool       // those of them that are embedded
	pkgDirs  map[string]bool       // folders of packages: any source in them is part of the build
	embeds   []embedPattern
	restart  map[string]bool // files that count as Restart wherever they lie
	trees    []string        // folders whose files the table sorts, with all below
	modules  map[string]bool // roots of the modules in the build; others below a tree are not entered
	table    extTable
	browser  bool // all that --watch names is Reload
	anyGo    bool // any Go source in the trees counts, as the packages are not known
	command  bool // of CommandFiles: scripts are the program's, but for those in folders of pages
	watch    []string
	ignore   []string
}

// digestMode says which part of a file's contents counts.
type digestMode uint8

const (
	digestAll digestMode = iota
	// digestHeader takes a Go file that the build leaves out up to the end of
	// its imports: only a build constraint, the package clause or import "C" can
	// bring it in, so an edit below them is no work.
	digestHeader
)

// CommandFiles makes the set of a target that is any command, started in root:
// sources and data below root restart it, style sheets and images go to
// browsers. A bad pattern is reported by Watcher.Watch.
func CommandFiles(root string, watch, ignore []string) FileSet {
	s := FileSet{
		Root: cleanAbs(root), made: time.Now(), command: true,
		table: newExtTable(dataTable(), sourceTable()),
		watch: watch, ignore: ignore, restart: map[string]bool{},
	}
	s.trees = []string{s.Root}
	s.addDotEnv(s.Root)
	return s
}

// UpstreamFiles makes the set of a target that runs elsewhere: only what watch
// names counts, as Reload. A bad pattern is reported by Watcher.Watch.
func UpstreamFiles(root string, watch, ignore []string) FileSet {
	return FileSet{
		Root: cleanAbs(root), made: time.Now(), browser: true,
		table: newExtTable(dataTable()), watch: watch, ignore: ignore,
	}
}

// AlsoRestart returns the set with more files that count as Restart wherever
// they lie and whatever .gitignore says: the one of --env-file. Names are
// relative to Root.
func (s FileSet) AlsoRestart(files ...string) FileSet {
	restart := make(map[string]bool, len(s.restart)+len(files))
	for f := range s.restart {
		restart[f] = true
	}
	for _, f := range files {
		restart[Absolute(s.Root, f)] = true
	}
	s.restart = restart
	return s
}

// Since returns the set with the time when the build that reads it began. To
// Watcher.Watch, files that are new in the set and changed later than that are
// edits that this build may have missed.
func (s FileSet) Since(began time.Time) FileSet {
	s.since = began
	return s
}

// addDotEnv names the .env files of a folder. They are in most .gitignore
// files, and all the same what a program reads first.
func (s *FileSet) addDotEnv(dir string) {
	for _, name := range []string{".env", ".env.local", ".env.development", ".env.development.local"} {
		s.restart[filepath.Join(dir, name)] = true
	}
}

// cleanAbs makes p absolute; only a process without a working folder keeps it relative.
func cleanAbs(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		return abs
	}
	return filepath.Clean(p)
}

// tops returns the folders that watching starts from, outermost first where one
// holds another. They need not exist yet.
func (s FileSet) tops(watch []userGlob) []string {
	seen := map[string]bool{}
	for _, d := range s.trees {
		seen[d] = true
	}
	for d := range s.pkgDirs {
		seen[d] = true
	}
	for f := range s.named {
		seen[filepath.Dir(f)] = true
	}
	for f := range s.restart {
		seen[filepath.Dir(f)] = true
	}
	for _, e := range s.embeds {
		seen[e.dir] = true
	}
	for _, g := range watch {
		seen[g.base] = true
	}
	return sortedKeys(seen)
}

// exists reports whether p names anything.
func exists(p string) bool {
	_, err := os.Lstat(p)
	return err == nil
}

// Named returns the files that the build names, sorted: source, embedded files,
// go.mod and the like.
func (s FileSet) Named() []string { return slices.Sorted(maps.Keys(s.named)) }
