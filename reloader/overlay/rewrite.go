package overlay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"go/version"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// callsName is the Name of the hooks that time calls.
const callsName = "calltree"

// callsFeature is what users lose without those hooks, or "" when they do without.
func (c Config) callsFeature() string {
	for _, h := range c.Hooks {
		if h.Name == callsName {
			return h.Feature
		}
	}
	return ""
}

// timesCalls reports whether the program's own functions are to be timed.
func (c Config) timesCalls(env goEnv) bool {
	return unsupported(env) == "" && !counts(c, env) && c.callsFeature() != ""
}

// times reports whether package runtime has what rewritten files call.
func (t *tree) times() bool {
	for name, text := range t.files {
		if dir, _ := filepath.Split(name); dir == "runtime/" && bytes.Contains(text, []byte("\nfunc PastedevCalls() bool")) {
			return true
		}
	}
	return false
}

// counts reports whether the build counts how often statements run. What was
// inserted would be counted with them.
func counts(c Config, env goEnv) bool {
	goflags, _ := splitFlags(env.GOFLAGS) // an error has been told by readUserOverlay
	return slices.ContainsFunc(slices.Concat(goflags, c.Flags), func(f string) bool {
		name, value, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		return strings.HasPrefix(f, "-") && strings.HasPrefix(name, "cover") && value != "false"
	})
}

// young is how long after its last change a file may change again without a sign of
// it in its size and time: some file systems count in steps of two seconds.
const young = 2 * time.Second

// rewriter rewrites the packages of one build and the next. It asks the go command
// again when the packages may be others, and reads a file again when it may have
// changed; what it returns follows from the files as they are at each call. Its zero
// value is ready. It is not safe for concurrent use.
type rewriter struct {
	key     listKey
	user    map[string]string
	listed  *listing
	steer   map[string]fs.FileInfo            // files that steer the go command
	others  map[string]map[string]fs.FileInfo // by folder: its Go files, nil for the listed ones
	sources map[string]*source                // by the path that the go command knows
}

// listKey is what a listing depends on beside files.
type listKey struct {
	env                goEnv
	dir, state, config string
	tests              bool
}

// source is a file of the user's as it was last read.
type source struct {
	info   fs.FileInfo // from before it was read
	read   time.Time
	sum    [sha256.Size]byte
	broken bool   // does not parse, or cannot be read
	alias  string // with which it was rewritten
	taken  bool   // callsAlias occurs in it
	made   callsFile
	to     string // where the text is, or ""
	head   string // at the time of the listing
}

// same reports whether a file that was read at that time has not changed since.
func same(old, now fs.FileInfo, read time.Time) bool {
	return sameFile(old, now) && read.Sub(old.ModTime()) > young
}

// sameFile goes by what the file system says of a file. Nil is no file.
func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode() && os.SameFile(a, b)
}

// stat returns nil for what is not there.
func stat(name string) fs.FileInfo {
	info, err := os.Stat(name)
	if err != nil {
		return nil
	}
	return info
}

// rewriting is what the build is to read in place of the user's files.
type rewriting struct {
	replace map[string]string
	count   Rewritten
}

// rewrite returns the rewriting of the files as they are now. An error means that
// the state directory cannot be used, or the end of ctx.
func (w *rewriter) rewrite(ctx context.Context, c Config, env goEnv, user map[string]string) (rewriting, error) {
	key := listKey{env, c.Dir, c.StateDir, strings.Join(slices.Concat(c.Flags, []string{"--"}, c.Calls.Packages,
		[]string{"--"}, c.Calls.Include, []string{"--"}, c.Calls.Exclude), "\x00"), c.Calls.Tests}
	if w.key.state != key.state || w.key.env.GOVERSION != env.GOVERSION {
		*w = rewriter{}
	}
	fresh := w.listed == nil || w.key != key || !maps.Equal(w.user, user) || w.moved(c)
	w.key, w.user = key, user
	for {
		if fresh {
			if err := w.list(ctx, c); err != nil {
				return rewriting{count: Rewritten{Problem: err.Error()}}, ctx.Err()
			}
		}
		if err := w.refresh(c, fresh); err != nil {
			return rewriting{}, err
		}
		if fresh || !w.outgrown() {
			r := w.result()
			if err := w.linkModules(c, r.replace); err != nil {
				return rewriting{}, err
			}
			return r, ctx.Err()
		}
		fresh = true
	}
}

// list lists the packages anew.
func (w *rewriter) list(ctx context.Context, c Config) error {
	var err error
	w.steer = w.steering(c)
	if w.listed, err = c.list(ctx, w.key.env); err != nil {
		w.listed = nil
		return err
	}
	w.others = make(map[string]map[string]fs.FileInfo)
	listed := make(map[string]bool)
	for _, f := range w.listed.folders {
		w.others[f.dir] = f.others(c.Calls.Tests)
		for _, name := range f.names {
			listed[filepath.Join(f.dir, name)] = true
		}
	}
	maps.DeleteFunc(w.sources, func(path string, _ *source) bool { return !listed[path] })
	return nil
}

// steering returns the files by which the go command finds packages.
func (w *rewriter) steering(c Config) map[string]fs.FileInfo {
	files := make(map[string]fs.FileInfo)
	for _, name := range []string{w.key.env.GOMOD, w.steeringFile(c), filepath.Join(filepath.Dir(w.key.env.GOMOD), "vendor", "modules.txt")} {
		if filepath.IsAbs(name) && name != os.DevNull {
			files[name] = stat(name)
		}
	}
	return files
}

// others returns the Go files of a folder, with what tells their versions apart for
// those that the build does not read, and nil for the others.
func (f callsFolder) others(tests bool) map[string]fs.FileInfo {
	entries, _ := os.ReadDir(f.dir) // what cannot be read has no files
	files := make(map[string]fs.FileInfo, len(entries))
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || name[0] == '_' || name[0] == '.' || !tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		files[name] = nil
		if _, listed := slices.BinarySearch(f.names, name); !listed {
			files[name] = stat(filepath.Join(f.dir, name))
		}
	}
	return files
}

// moved reports whether files came, went, or changed by which the go command finds
// packages and their files.
func (w *rewriter) moved(c Config) bool {
	if !maps.EqualFunc(w.steer, w.steering(c), sameFile) {
		return true
	}
	return slices.ContainsFunc(w.listed.folders, func(f callsFolder) bool {
		return !maps.EqualFunc(w.others[f.dir], f.others(c.Calls.Tests), sameFile)
	})
}

// outgrown reports whether a listed file came to import a package that is not
// listed, or to have other build constraints or another package clause.
func (w *rewriter) outgrown() bool {
	for _, s := range w.sources {
		if s.broken {
			continue
		}
		if s.made.head != s.head {
			return true
		}
		for _, path := range s.made.imports {
			if !w.listed.knows(path, w.key.env) {
				return true
			}
		}
	}
	return false
}

// refresh reads the listed files that may have changed.
func (w *rewriter) refresh(c Config, fresh bool) error {
	if w.sources == nil {
		w.sources = make(map[string]*source)
	}
	store := filepath.Join(c.StateDir, "overlay", callsStore)
	var jobs []*reading
	for _, f := range w.listed.folders {
		jobs = append(jobs, w.outdated(f, store, callsAlias)...)
	}
	if err := w.perform(jobs); err != nil {
		return err
	}
	for _, f := range w.listed.folders {
		if alias := w.alias(f); alias != callsAlias {
			if err := w.perform(w.outdated(f, store, alias)); err != nil {
				return err
			}
		}
	}
	if fresh {
		for _, s := range w.sources {
			s.head = s.made.head
		}
	}
	return nil
}

// alias returns the name of package runtime in the files of one package.
func (w *rewriter) alias(f callsFolder) string {
	if !slices.ContainsFunc(f.names, func(name string) bool {
		s := w.sources[filepath.Join(f.dir, name)]
		return s != nil && s.taken
	}) {
		return callsAlias
	}
	var texts [][]byte
	for _, name := range f.names {
		text, _ := os.ReadFile(w.from(filepath.Join(f.dir, name))) // what is not there says nothing
		texts = append(texts, text)
	}
	return freeAlias(texts)
}

// beside reports whether the compiler looks for files that line directives name beside
// the file that they stand in.
func (w *rewriter) beside() bool {
	v := baseVersion(w.key.env.GOVERSION)
	return !version.IsValid(v) || version.Compare(v, "go1.27") >= 0
}

// from returns the file that the user's build would read.
func (w *rewriter) from(path string) string {
	if to, replaced := w.user[path]; replaced {
		return to
	}
	return path
}

// reading is a file to read.
type reading struct {
	path, from, store, alias string
	beside                   bool
	old, now                 *source
	err                      error
}

// outdated returns the files of a folder that may have changed, or that have been
// rewritten with another alias. With callsAlias an earlier choice stands.
func (w *rewriter) outdated(f callsFolder, store, alias string) []*reading {
	var jobs []*reading
	for _, name := range f.names {
		path := filepath.Join(f.dir, name)
		from, old := w.from(path), w.sources[path]
		info := stat(from)
		if info == nil {
			delete(w.sources, path)
			continue
		}
		r := &reading{path: path, from: from, store: store, alias: alias, beside: w.beside(), old: old, now: &source{info: info, read: time.Now()}}
		if old != nil && alias == callsAlias {
			r.alias = old.alias
		}
		if old == nil || old.alias != r.alias || !same(old.info, info, old.read) {
			jobs = append(jobs, r)
		}
	}
	return jobs
}

// perform reads files, a few at a time.
func (w *rewriter) perform(jobs []*reading) error {
	next := make(chan *reading)
	var wg sync.WaitGroup
	for range min(len(jobs), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for r := range next {
				r.err = r.do()
			}
		})
	}
	for _, r := range jobs {
		next <- r
	}
	close(next)
	wg.Wait()
	for _, r := range jobs {
		if r.err != nil {
			return r.err
		}
		w.sources[r.path] = r.now
	}
	return nil
}

// do reads and rewrites one file. An error means that the result cannot be stored.
func (r *reading) do() error {
	s := r.now
	s.alias = r.alias
	if s.info.Size() > maxRewrittenFile {
		s.made.skipped = ruleBigFile
		return nil
	}
	text, err := os.ReadFile(r.from)
	if err != nil {
		s.broken = true
		return nil
	}
	s.sum = sha256.Sum256(text)
	if r.old != nil {
		s.head = r.old.head
		if r.old.sum == s.sum && r.old.alias == s.alias && !r.old.broken {
			info, read := s.info, s.read
			*s = *r.old
			s.info, s.read = info, read
			return nil
		}
	}
	s.taken = bytes.Contains(text, []byte(callsAlias))
	if s.made, err = rewriteFile(r.path, text, r.alias, r.beside); err != nil {
		s.broken = true
		return nil
	}
	if s.made.text != nil {
		s.to, err = storeText(r.store, s.made.text, ".go")
		s.made.text = nil
	}
	return err
}

// result sums up.
func (w *rewriter) result() rewriting {
	r := rewriting{replace: make(map[string]string)}
	for _, f := range w.listed.folders {
		files := 0
		for _, name := range f.names {
			s := w.sources[filepath.Join(f.dir, name)]
			if s == nil || s.to == "" {
				continue
			}
			files++
			r.count.Functions += s.made.functions
			r.replace[filepath.Join(f.dir, name)] = s.to
		}
		if r.count.Files += files; files > 0 {
			r.count.Packages++
		}
	}
	return r
}
