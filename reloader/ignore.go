package reloader

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// isDropping reports files that editors and file managers leave beside the file
// they save: they never count.
func isDropping(base string) bool {
	switch {
	case base == "4913", base == ".DS_Store", base == "Thumbs.db", base == "desktop.ini":
		return true
	case strings.HasSuffix(base, "~"), strings.HasPrefix(base, ".#"), strings.HasPrefix(base, "._"):
		return true
	case len(base) > 1 && strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#"):
		return true
	case strings.HasSuffix(base, "___jb_tmp___"), strings.HasSuffix(base, "___jb_old___"):
		return true
	case strings.HasPrefix(base, ".goutputstream-"), strings.HasPrefix(base, ".nfs"), strings.HasPrefix(base, ".fuse_hidden"):
		return true
	}
	switch strings.ToLower(filepath.Ext(base)) {
	case ".swp", ".swo", ".swx", ".swpx", ".tmp", ".temp", ".bak", ".orig", ".rej", ".crdownload", ".part", ".kate-swp":
		return true
	}
	return false
}

// isSkippedDir reports folders that hold neither source nor data of a program
// by convention. A folder that the build or --watch names is entered anyway.
func isSkippedDir(base string) bool {
	if strings.HasPrefix(base, ".") {
		return true
	}
	switch base {
	case "node_modules", "bower_components", "vendor", "testdata", "__pycache__", "venv", "target", "tmp", "temp", "log", "logs", "coverage":
		return true
	}
	return false
}

// maxIgnoreFile bounds how much of a .gitignore is read: real ones stay far below.
const maxIgnoreFile = 256 << 10

// ignorePattern is one line of a .gitignore as a doublestar pattern.
type ignorePattern struct {
	glob    string // matched against the path relative to the folder of the file
	negate  bool
	dirOnly bool
}

// gitIgnore answers for a tree of .gitignore files, read when first needed. It
// follows gitignore(5): the last matching line decides, deeper files come after
// shallower ones, and nothing below an ignored folder can be brought back. The
// user's global excludes are not read. Not safe for concurrent use.
type gitIgnore struct {
	top   string                     // no file above this folder is read
	files map[string][]ignorePattern // by folder
	dirs  map[string]bool            // answers for folders
}

// newGitIgnore starts at the root of the repository that holds dir, or at dir.
func newGitIgnore(dir string) *gitIgnore {
	g := &gitIgnore{top: dir, files: map[string][]ignorePattern{}, dirs: map[string]bool{}}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			g.top = d
			return g
		}
		if d == filepath.Dir(d) {
			return g
		}
	}
}

// ignored reports whether path, or a folder on the way to it, is ignored.
func (g *gitIgnore) ignored(p string, isDir bool) bool {
	if _, ok := below(g.top, p); !ok || p == g.top {
		return false
	}
	if isDir {
		if answer, ok := g.dirs[p]; ok {
			return answer
		}
	}
	answer := g.ignored(filepath.Dir(p), true) || g.match(p, isDir)
	if isDir {
		g.dirs[p] = answer
	}
	return answer
}

func (g *gitIgnore) match(p string, isDir bool) bool {
	for d := filepath.Dir(p); ; d = filepath.Dir(d) {
		rel, _ := below(d, p)
		rel = filepath.ToSlash(rel)
		patterns := g.load(d)
		for i := len(patterns) - 1; i >= 0; i-- {
			if patterns[i].dirOnly && !isDir {
				continue
			}
			if doublestar.MatchUnvalidated(patterns[i].glob, rel) {
				return !patterns[i].negate
			}
		}
		if d == g.top {
			return false
		}
	}
}

func (g *gitIgnore) load(dir string) []ignorePattern {
	patterns, ok := g.files[dir]
	if ok {
		return patterns
	}
	g.files[dir] = nil
	f, err := os.Open(filepath.Join(dir, ".gitignore"))
	if err != nil {
		return nil
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() || st.Size() > maxIgnoreFile {
		return nil
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if p, ok := parseIgnoreLine(lines.Text()); ok {
			patterns = append(patterns, p)
		}
	}
	g.files[dir] = patterns
	return patterns
}

// parseIgnoreLine reads one line of a .gitignore; blank lines, comments and
// patterns that no glob can express are not ok.
func parseIgnoreLine(line string) (ignorePattern, bool) {
	line = strings.TrimSuffix(line, "\r")
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	if line == "" || line[0] == '#' {
		return ignorePattern{}, false
	}
	var p ignorePattern
	line, p.negate = strings.CutPrefix(line, "!")
	line, p.dirOnly = strings.CutSuffix(line, "/")
	anchored := strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return ignorePattern{}, false
	}
	// Braces are ordinary characters for git.
	line = strings.NewReplacer("{", `\{`, "}", `\}`).Replace(line)
	if !anchored {
		line = "**/" + line
	}
	p.glob = line
	return p, doublestar.ValidatePattern(p.glob)
}
