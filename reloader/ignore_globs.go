package reloader

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// userGlob is a --watch or --ignore pattern.
type userGlob struct {
	base string // absolute folder without wildcards, below which every match lies
	rest string // pattern relative to base, with slashes
}

// newUserGlobs reads patterns relative to root. A pattern without a slash
// matches at any depth, as in a .gitignore; one that matches a folder matches
// all that is in it.
func newUserGlobs(root string, patterns []string) ([]userGlob, error) {
	var globs []userGlob
	for _, text := range patterns {
		p := strings.TrimSuffix(filepath.ToSlash(text), "/")
		if p == "" || !doublestar.ValidatePattern(p) {
			return nil, fmt.Errorf("pattern %q is not a glob\nhint: --watch and --ignore take patterns such as 'web/**/*.html'", text)
		}
		if whole := Absolute(root, filepath.FromSlash(p)); isDir(whole) {
			globs = append(globs, userGlob{whole, "**"})
			continue
		} else if !strings.Contains(p, "/") {
			if _, err := os.Lstat(whole); err != nil {
				p = "**/" + p
			}
		}
		base, rest := doublestar.SplitPattern(p)
		globs = append(globs, userGlob{Absolute(root, filepath.FromSlash(base)), rest})
	}
	return globs, nil
}

// Absolute returns p cleaned, below root when it is relative.
func Absolute(root, p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(root, p)
}

func isDir(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.IsDir()
}

// match reports whether p, or a folder that holds it, matches.
func (g userGlob) match(p string) bool {
	rel, ok := below(g.base, p)
	if !ok {
		return false
	}
	rel = filepath.ToSlash(rel)
	return doublestar.MatchUnvalidated(g.rest, rel) || doublestar.MatchUnvalidated(g.rest+"/**", rel)
}

// mayHold reports whether a match can lie in or below dir.
func (g userGlob) mayHold(dir string) bool {
	if _, ok := below(dir, g.base); ok {
		return true
	}
	rel, ok := below(g.base, dir)
	if !ok {
		return false
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	segments := strings.Split(g.rest, "/")
	for i, part := range parts {
		if i == len(segments) || segments[i] == "**" {
			return true
		}
		if !doublestar.MatchUnvalidated(segments[i], part) {
			return false
		}
	}
	return true
}

func matchGlobs(globs []userGlob, p string) bool {
	for _, g := range globs {
		if g.match(p) {
			return true
		}
	}
	return false
}
