package overlay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Calls says which functions of the program are timed: those of the packages that
// the build needs and that belong to the main module, to a module of the workspace
// or to one that is replaced by a folder. Zero is for all of these.
type Calls struct {
	Packages []string // what will be built, as go build takes it; none means ./...
	Tests    bool     // also their test files, for a build by go test
	// Include and Exclude are patterns of import paths as the go command has them
	// ("example.com/lib/..."). Include adds dependencies, unless go.mod replaces them by
	// other modules; Exclude is stronger. The standard library is never timed.
	Include, Exclude []string
}

// Rewritten counts what was rewritten so that calls are timed.
type Rewritten struct {
	Packages, Files, Functions int
	// Problem says why nothing was, when the go command could not list the packages.
	// It is no Lost feature: the build fails for the same reason and says so.
	Problem string
}

// listing is what the go command says of the packages of a build.
type listing struct {
	folders []callsFolder   // of the packages to rewrite, in order
	known   map[string]bool // import paths of all packages that were found
	linked  []linkedModule  // those in the module cache to which folders belong
}

// callsFolder is the folder of a package to rewrite. A package of external tests
// shares it.
type callsFolder struct {
	dir   string
	names []string // of the Go files to rewrite, in order
}

type callsPackage struct {
	Dir, ImportPath string
	Standard        bool
	GoFiles         []string
	Module          *struct {
		Path, Version, Dir, GoMod string
		Main                      bool
		Replace                   *struct{ Version string }
	}
}

// own reports whether people edit the package in place.
func (p callsPackage) own(dir string) bool {
	if p.Module == nil { // built without modules
		return within(p.Dir, dir) || p.Dir == dir
	}
	return p.Module.Main || p.Module.Replace != nil && p.Module.Replace.Version == ""
}

// path is the import path without the test that the package is built for.
func (p callsPackage) path() string {
	path, _, _ := strings.Cut(p.ImportPath, " ")
	return path
}

// wanted reports whether the functions of the package are to be timed.
func (c Calls) wanted(p callsPackage, dir string, env goEnv) bool {
	path := p.path()
	switch {
	case p.Standard, p.Dir == "", matchAny(c.Exclude, path):
		return false
	case within(p.Dir, env.GOMODCACHE):
		_, ok := p.linkable()
		return ok && matchAny(c.Include, path)
	}
	return p.own(dir) || matchAny(c.Include, path)
}

// matchAny reports whether one of the patterns matches the import path.
func matchAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matchPath(p, path) })
}

// matchPath matches as the go command does: "..." stands for any string, and "/..."
// at the end for nothing too.
func matchPath(pattern, path string) bool {
	if before, ok := strings.CutSuffix(pattern, "/..."); ok && matchPath(before, path) {
		return true
	}
	first, rest, wild := strings.Cut(pattern, "...")
	if !wild {
		return pattern == path
	}
	path, ok := strings.CutPrefix(path, first)
	for ok && path != "" {
		if matchPath(rest, path) {
			return true
		}
		path = path[1:]
	}
	return ok && strings.Trim(rest, ".") == ""
}

// list asks the go command for the packages of the build.
func (c Config) list(ctx context.Context, env goEnv) (*listing, error) {
	args := append([]string{"list", "-e", "-deps", "-json=Dir,ImportPath,Standard,GoFiles,Module"}, c.Flags...)
	if c.Calls.Tests {
		args = append(args, "-test")
	}
	args = append(args, "--")
	if len(c.Calls.Packages) == 0 {
		args = append(args, "./...")
	}
	cmd := exec.CommandContext(ctx, c.Go, append(args, c.Calls.Packages...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.Dir, c.environ(), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			err = errors.New(text)
		}
		return nil, fmt.Errorf("go list: %w", err)
	}
	l := &listing{known: make(map[string]bool)}
	names := make(map[string][]string)
	for dec := json.NewDecoder(&stdout); ; {
		var p callsPackage
		switch err := dec.Decode(&p); {
		case err == io.EOF:
			l.fold(names)
			return l, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Dir != "" {
			l.known[p.path()] = true
		}
		if !c.Calls.wanted(p, c.Dir, env) {
			continue
		}
		if within(p.Dir, env.GOMODCACHE) {
			if m, _ := p.linkable(); !slices.Contains(l.linked, m) {
				l.linked = append(l.linked, m)
			}
		}
		for _, name := range p.GoFiles {
			if !filepath.IsAbs(name) { // the main file of a test lies in the build cache
				names[p.Dir] = append(names[p.Dir], name)
			}
		}
	}
}

// fold fills in the folders.
func (l *listing) fold(names map[string][]string) {
	for _, dir := range slices.Sorted(maps.Keys(names)) {
		f := callsFolder{dir: dir, names: names[dir]}
		slices.Sort(f.names)
		f.names = slices.Compact(f.names) // a package can be listed for several tests
		l.folders = append(l.folders, f)
	}
}

// knows reports whether a file that imports path brings no package to the build
// that is not listed.
func (l *listing) knows(path string, env goEnv) bool {
	if l.known[path] || path == "C" {
		return true
	}
	info, err := os.Stat(filepath.Join(env.GOROOT, "src", filepath.FromSlash(path)))
	return err == nil && info.IsDir()
}
