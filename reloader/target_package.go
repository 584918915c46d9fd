package reloader

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

// GoPackage is a package main, found and ready to be built.
type GoPackage struct {
	Pattern    string   // as the user named it
	ImportPath string   // what is built
	Dir        string   // folder of its source, absolute
	ModuleRoot string   // folder of its go.mod, absolute; the build runs there
	ModulePath string   // as in go.mod
	Modules    []string // paths of the modules whose source is the user's own: the main one, or all of go.work
	ModuleDirs []string // their folders, absolute
	Workspace  string   // the go.work in force, or ""
	GoVersion  string   // of the go command: "go1.26.0"
	GoRoot     string   // of the go command
	ModCache   string   // GOMODCACHE
	GoFlags    string   // GOFLAGS as the go command sees them, go env -w included
}

// maxNamedMains bounds how many packages an error message lists.
const maxNamedMains = 10

// maxModuleDepth is how deep below the current folder a go.mod is looked for when
// there is none at or above it.
const maxModuleDepth = 3

// ResolveGoPackage finds the one package main that pattern names, seen from dir: a
// folder (also one of another module below or beside dir), an import path or a
// member of the workspace. It runs the go command. Errors say what was found instead.
func ResolveGoPackage(ctx context.Context, dir, pattern string) (GoPackage, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return GoPackage{}, hinted(fmt.Errorf("build %s: the go command is not on PATH", pattern),
			"install Go from https://go.dev/dl, or run another program with: pastedev run -- COMMAND")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return GoPackage{}, fmt.Errorf("build %s: %w", pattern, err)
	}
	at, arg, err := whereToList(dir, pattern)
	if err != nil {
		return GoPackage{}, err
	}
	env, err := goEnv(ctx, at)
	if err != nil {
		return GoPackage{}, err
	}
	if env["GOMOD"] == "" || env["GOMOD"] == os.DevNull {
		if env["GOWORK"] == "" {
			return GoPackage{}, noModule(pattern, at)
		}
	}
	found, err := listPackages(ctx, at, arg)
	if err != nil {
		return GoPackage{}, fmt.Errorf("build %s: %w", pattern, err)
	}
	p, err := onlyMain(ctx, at, pattern, found)
	if err != nil {
		return GoPackage{}, err
	}
	return describePackage(pattern, p, env, at), nil
}

// whereToList turns a folder into that folder and ".", so that the module is the
// folder's own, and leaves an import path or a pattern to the go command in dir.
func whereToList(dir, pattern string) (at, arg string, err error) {
	path := pattern
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, filepath.FromSlash(pattern))
	}
	info, statErr := os.Stat(path)
	local := pattern == "." || pattern == ".." || filepath.IsAbs(pattern) ||
		strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../")
	switch {
	case strings.Contains(pattern, "..."):
		return dir, pattern, nil
	case statErr == nil && info.IsDir():
		return path, ".", nil
	case statErr == nil && strings.HasSuffix(pattern, ".go"):
		return "", "", hinted(fmt.Errorf("build %s: is a file, not a package", pattern),
			"name its folder: pastedev run ./"+strings.TrimPrefix(filepath.ToSlash(filepath.Dir(pattern)), "./"))
	case statErr == nil && local:
		return "", "", hinted(fmt.Errorf("build %s: is a file, not a Go package", pattern),
			"run a program with: pastedev run -- "+pattern)
	case local:
		return "", "", hinted(fmt.Errorf("build %s: no such folder", pattern),
			"name the folder of a package main, . for this one; a command comes after --: pastedev run -- "+pattern)
	}
	return dir, pattern, nil
}

func goEnv(ctx context.Context, dir string) (map[string]string, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "-json", "GOMOD", "GOWORK", "GOFLAGS", "GOVERSION", "GOROOT", "GOMODCACHE")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", withStderr(err))
	}
	env := map[string]string{}
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	return env, nil
}

// withStderr replaces the exit status in err by what the command said.
func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if text := strings.TrimSpace(string(exit.Stderr)); text != "" {
			return errors.New(text)
		}
	}
	return err
}

type listedPackage struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string
	CgoFiles   []string
	Module     *struct {
		Path string
		Dir  string
		Main bool
	}
	Error *struct {
		Pos string
		Err string
	}
}

func listPackages(ctx context.Context, dir string, args ...string) ([]listedPackage, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-e",
		"-json=ImportPath,Name,Dir,GoFiles,CgoFiles,Module,Error"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, withStderr(err)
	}
	var found []listedPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p listedPackage
		if err := dec.Decode(&p); err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		found = append(found, p)
	}
	return found, nil
}

// onlyMain picks the single package main, or says why there is none.
func onlyMain(ctx context.Context, dir, pattern string, found []listedPackage) (listedPackage, error) {
	var mains []listedPackage
	for _, p := range found {
		if p.Name == "main" || p.Name == "" && len(found) == 1 && hasGoFiles(p.Dir) {
			mains = append(mains, p)
		}
	}
	switch {
	case len(mains) == 1:
		return mains[0], nil
	case len(mains) > 1:
		return listedPackage{}, hinted(fmt.Errorf("%s matches %d main packages: %s",
			pattern, len(mains), nameDirs(dir, mains)), "name one of them")
	case len(found) == 1 && found[0].Name != "":
		return listedPackage{}, hinted(fmt.Errorf("%s is not a main package: it is package %s",
			pattern, found[0].Name), mainsHint(ctx, dir))
	case len(found) == 1 && found[0].Error != nil:
		msg := strings.TrimSpace(found[0].Error.Err)
		return listedPackage{}, hinted(fmt.Errorf("build %s: %s", pattern, msg), mainsHint(ctx, dir))
	}
	return listedPackage{}, hinted(fmt.Errorf("%s matches no main package", pattern), mainsHint(ctx, dir))
}

// hasGoFiles tells a package that does not parse (and so has no name) from a folder
// without Go code: the first is a target whose build fails for now.
func hasGoFiles(dir string) bool {
	if dir == "" {
		return false
	}
	matches, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return err == nil && len(matches) > 0
}

func mainsHint(ctx context.Context, dir string) string {
	all, err := listPackages(ctx, dir, "./...")
	if err != nil {
		return ""
	}
	var mains []listedPackage
	for _, p := range all {
		if p.Name == "main" {
			mains = append(mains, p)
		}
	}
	if len(mains) == 0 {
		return "no folder below " + dir + " holds a package main; name one that does, or run any program with: pastedev run -- COMMAND"
	}
	return "main packages below: " + nameDirs(dir, mains)
}

// nameDirs lists the packages' folders relative to dir.
func nameDirs(dir string, pkgs []listedPackage) string {
	names := make([]string, 0, len(pkgs))
	for _, p := range pkgs {
		names = append(names, relativeTo(dir, p.Dir))
	}
	sort.Strings(names)
	if len(names) > maxNamedMains {
		names = append(names[:maxNamedMains], fmt.Sprintf("and %d more", len(pkgs)-maxNamedMains))
	}
	return strings.Join(names, ", ")
}

// relativeTo shows path below dir as "./sub", and any other path as it is.
func relativeTo(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	if rel == "." {
		return "."
	}
	return "./" + filepath.ToSlash(rel)
}

func noModule(pattern, dir string) error {
	err := fmt.Errorf("build %s: no go.mod in %s or above it", pattern, dir)
	roots := modulesBelow(dir)
	if len(roots) == 0 {
		return hinted(err, "make one with: go mod init NAME")
	}
	return hinted(err, "modules below: "+strings.Join(roots, ", "))
}

func modulesBelow(dir string) []string {
	var roots []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // an unreadable folder is no hint
		}
		rel, _ := filepath.Rel(dir, path)
		if d.IsDir() {
			deep := strings.Count(rel, string(filepath.Separator)) >= maxModuleDepth
			hidden := rel != "." && strings.HasPrefix(d.Name(), ".")
			if deep || hidden || d.Name() == "node_modules" || len(roots) >= maxNamedMains {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Name() == "go.mod" {
			roots = append(roots, relativeTo(dir, filepath.Dir(path)))
		}
		return nil
	})
	return roots
}

func describePackage(pattern string, p listedPackage, env map[string]string, at string) GoPackage {
	g := GoPackage{
		Pattern: pattern, ImportPath: p.ImportPath, Dir: p.Dir,
		Workspace: env["GOWORK"], GoVersion: env["GOVERSION"], GoFlags: env["GOFLAGS"],
		GoRoot: env["GOROOT"], ModCache: env["GOMODCACHE"],
	}
	if g.Workspace == "off" {
		g.Workspace = ""
	}
	if p.Module != nil {
		g.ModulePath, g.ModuleRoot = p.Module.Path, p.Module.Dir
	}
	if p.Module == nil || !p.Module.Main || g.ModuleRoot == "" {
		// A dependency's command, or a package too broken to name its module: built
		// from the module in force at the place it was named.
		g.ModuleRoot = at
		if mod := env["GOMOD"]; mod != "" && mod != os.DevNull {
			g.ModuleRoot = filepath.Dir(mod)
		}
	}
	g.Modules, g.ModuleDirs = ownModules(g)
	return g
}

// isOwnFile reports whether the file at path is source of the user's own modules.
func (p GoPackage) isOwnFile(path string) bool {
	for _, dir := range p.ModuleDirs {
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

// inMainModule reports whether the package's source lies in the module it is built from.
func (p GoPackage) inMainModule() bool { return p.isOwn(p.ImportPath) }

// isOwn reports whether the package belongs to a module whose source is the user's.
func (p GoPackage) isOwn(importPath string) bool {
	for _, m := range p.Modules {
		if importPath == m || strings.HasPrefix(importPath, m+"/") {
			return true
		}
	}
	return false
}
