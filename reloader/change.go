package reloader

import (
	"path/filepath"
	"slices"
	"strings"
)

// Change is one batch of relevant edits, after their contents were compared
// with the contents before. Paths are relative to the module root and separated
// by slashes where they lie inside it, else absolute; each list is sorted.
//
// A Change with three empty lists says that events came but that all contents
// are as before: what closed for them may reopen.
type Change struct {
	Rebuild []string // files that the build reads: Go, cgo, assembly, embedded, go.mod, go.sum, go.work
	Restart []string // files that the program may read at its start: .env, templates, other data that is not embedded
	Reload  []string // files that only browsers read: style sheets, scripts, images, fonts, and all files of an upstream target
	Styles  bool     // Reload is not empty and holds only style sheets, and Rebuild and Restart are empty
}

// Empty reports whether the contents of all files are as before.
func (c Change) Empty() bool {
	return len(c.Rebuild) == 0 && len(c.Restart) == 0 && len(c.Reload) == 0
}

// fileClass says what an edit of a file asks for.
type fileClass uint8

const (
	classNone    fileClass = iota // nothing: not read by build, program or browser
	classRules                    // .gitignore: changes which files count
	classReload                   // browsers
	classRestart                  // the program
	classRebuild                  // the build
)

// newChange sorts paths into a Change, named from root.
func newChange(root string, paths map[string]fileClass) Change {
	var c Change
	for p, class := range paths {
		name := relativeName(root, p)
		switch class {
		case classRebuild:
			c.Rebuild = append(c.Rebuild, name)
		case classRestart:
			c.Restart = append(c.Restart, name)
		case classReload:
			c.Reload = append(c.Reload, name)
		}
	}
	slices.Sort(c.Rebuild)
	slices.Sort(c.Restart)
	slices.Sort(c.Reload)
	c.Styles = len(c.Reload) > 0 && len(c.Rebuild)+len(c.Restart) == 0 &&
		!slices.ContainsFunc(c.Reload, func(name string) bool { return !isStyleSheet(name) })
	return c
}

func isStyleSheet(name string) bool { return strings.EqualFold(filepath.Ext(name), ".css") }

// relativeName names path as a Change does.
func relativeName(root, path string) string {
	if rel, ok := below(root, path); ok {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

// below returns path relative to dir, and whether it lies in or below dir. Both
// must be clean and absolute.
func below(dir, path string) (string, bool) {
	if path == dir {
		return ".", true
	}
	if !strings.HasSuffix(dir, string(filepath.Separator)) {
		dir += string(filepath.Separator)
	}
	if dir == string(filepath.Separator) && !strings.HasPrefix(path, dir) {
		return "", false
	}
	rel, ok := strings.CutPrefix(path, dir)
	return rel, ok
}
