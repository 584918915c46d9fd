package reloader

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// DiscoverOptions say what the build is.
type DiscoverOptions struct {
	Dir     string   // folder that Package is relative to and the go command runs in
	Package string   // folder or import path of package main
	Env     []string // of the go command; nil means ours
	Flags   []string // build flags that choose files: -tags, -overlay, -mod, -modfile, -race
	Watch   []string // --watch globs, relative to the module root
	Ignore  []string // --ignore globs, relative to the module root
}

// Discover asks the go command which files a build of the package reads, in the
// main module, in those of the workspace and in those replaced by folders. The
// sources of other modules do not change.
//
// A package with errors in its source is no error: its folders are watched, so
// that the fix is noticed. When the go command cannot list anything, because
// go.mod has an error for instance, Discover returns that error and beside it a
// set with all Go files below the module root; the set is empty when there is
// no such package.
//
// Call it again beside each build, unless FileSet.Stands, and hand the set to
// Watcher.Watch: imports and embedded files change with an edit.
func Discover(ctx context.Context, o DiscoverOptions) (FileSet, error) {
	made := time.Now()
	dir, arg, err := whereToList(cleanAbs(o.Dir), o.Package)
	if err != nil {
		return FileSet{}, err
	}
	env, err := o.goEnv(ctx, dir)
	if err != nil {
		return FileSet{}, err
	}
	found, listErr := o.goList(ctx, dir, arg)
	if ctx.Err() != nil {
		return FileSet{}, fmt.Errorf("go list %s: %w", o.Package, ctx.Err())
	}
	d := discovery{FileSet: FileSet{
		made: made, named: map[string]digestMode{}, embedded: map[string]bool{}, pkgDirs: map[string]bool{}, restart: map[string]bool{},
		modules: map[string]bool{}, table: newExtTable(dataTable()), watch: o.Watch, ignore: o.Ignore,
	}, moduleDirs: map[string]string{}}
	d.addModuleFiles(env, dir, o.Flags)
	if listErr != nil {
		d.anyGo = true
		d.pkgDirs[dir] = true
		d.finish(dir, cleanAbs(o.Dir))
		return d.FileSet, fmt.Errorf("go list %s: %w", o.Package, listErr)
	}
	if err := missingPackage(o.Package, found); err != nil {
		return FileSet{}, err
	}
	for _, p := range found {
		d.addPackage(p)
	}
	d.addMissingImports(found)
	main := found[len(found)-1] // go list -deps lists what is depended on first
	d.finish(main.Dir, cleanAbs(o.Dir))
	d.noteSteady()
	return d.FileSet, nil
}

// discovery collects a FileSet.
type discovery struct {
	FileSet
	moduleDirs map[string]string // path to folder of the modules that are edited
}

// listed is what go list says of a package.
type listed struct {
	Dir, ImportPath, Name string
	Standard, DepOnly     bool
	Module                *listedModule

	GoFiles, CgoFiles, IgnoredGoFiles, IgnoredOtherFiles []string
	CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles     []string
	SwigFiles, SwigCXXFiles, SysoFiles                   []string
	EmbedFiles, EmbedPatterns                            []string

	Error *struct{ Err string }
}

type listedModule struct {
	Path, Dir, GoMod string
	Main             bool
	Replace          *struct{ Path, Version, Dir, GoMod string }
}

const listFields = "-json=Dir,ImportPath,Name,Standard,DepOnly,Module,GoFiles,CgoFiles,IgnoredGoFiles,IgnoredOtherFiles," +
	"CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles,EmbedFiles,EmbedPatterns,Error"

// edited reports whether people edit the module in place, and where it lies.
func (m *listedModule) edited() (dir string, ok bool) {
	switch {
	case m == nil:
		return "", false
	case m.Replace != nil:
		return m.Replace.Dir, m.Replace.Version == "" && m.Replace.Dir != ""
	}
	return m.Dir, m.Main
}

func (o DiscoverOptions) goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, o.Env
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env[:len(cmd.Env):len(cmd.Env)], "PWD="+dir) // keeps a linked folder's own name
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	var stderr limitedBuffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	// A group of its own: a ^C at our terminal is not meant for it.
	group, err := startGroup(cmd, nil, false)
	if err != nil {
		return nil, err
	}
	stop := group.killOnDone(ctx)
	err = cmd.Wait()
	stop()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		exit.Stderr = []byte(stderr.String())
	}
	if err != nil {
		return nil, withStderr(err)
	}
	return out.Bytes(), nil
}

func (o DiscoverOptions) goEnv(ctx context.Context, dir string) (map[string]string, error) {
	out, err := o.goCommand(ctx, dir, "env", "-json", "GOMOD", "GOWORK", "GOFLAGS")
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	env := map[string]string{}
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	return env, nil
}

func (o DiscoverOptions) goList(ctx context.Context, dir, arg string) ([]listed, error) {
	args := append([]string{"list", "-e", "-deps", listFields}, o.Flags...)
	out, err := o.goCommand(ctx, dir, append(args, arg)...)
	if err != nil {
		return nil, err
	}
	var found []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := dec.Decode(&p); {
		case err == io.EOF && len(found) == 0:
			return nil, errors.New("matches no packages")
		case err == io.EOF:
			return found, nil
		case err != nil:
			return nil, fmt.Errorf("read its output: %w", err)
		}
		found = append(found, p)
	}
}

// missingPackage says that there is no such package, or too many.
func missingPackage(pattern string, found []listed) error {
	var roots []listed
	for _, p := range found {
		if !p.DepOnly {
			roots = append(roots, p)
		}
	}
	if len(roots) > 1 {
		return hinted(fmt.Errorf("%s matches %d packages", pattern, len(roots)), "name one package main")
	}
	if len(roots) == 1 && !hasGoFiles(roots[0].Dir) {
		text := "no Go files"
		if roots[0].Error != nil {
			text = roots[0].Error.Err
		}
		return hinted(fmt.Errorf("package %s: %s", pattern, text), "name the folder of a package main, such as ./cmd/server")
	}
	return nil
}

// addPackage takes the files of a package that people edit. Packages that are
// vendored count: the go command reads them where they lie, and people do edit
// them to look into a dependency.
func (d *discovery) addPackage(p listed) {
	dir, edited := p.Module.edited()
	if p.Standard || p.Dir == "" {
		return
	}
	if edited && dir != "" {
		d.addModule(p.Module.Path, dir)
	}
	if !edited && p.Module != nil && !strings.Contains(filepath.ToSlash(p.Dir), "/vendor/") {
		return
	}
	d.pkgDirs[p.Dir] = true
	for _, names := range [][]string{
		p.GoFiles, p.CgoFiles, p.IgnoredOtherFiles, p.CFiles, p.CXXFiles, p.MFiles, p.HFiles, p.FFiles, p.SFiles,
		p.SwigFiles, p.SwigCXXFiles, p.SysoFiles, p.EmbedFiles,
	} {
		for _, name := range names {
			d.named[Absolute(p.Dir, filepath.FromSlash(name))] = digestAll
		}
	}
	for _, name := range p.EmbedFiles {
		d.embedded[Absolute(p.Dir, filepath.FromSlash(name))] = true
	}
	for _, name := range p.IgnoredGoFiles {
		if isBuildSource(name) {
			d.named[filepath.Join(p.Dir, name)] = digestHeader
		}
	}
	for _, pattern := range p.EmbedPatterns {
		d.embeds = append(d.embeds, newEmbedPattern(p.Dir, pattern))
	}
}

// addMissingImports names the folders where packages are expected that do not
// exist yet: the build fails for want of them.
func (d *discovery) addMissingImports(found []listed) {
	for _, p := range found {
		if p.Dir != "" || p.Error == nil {
			continue
		}
		for path, dir := range d.moduleDirs {
			if rest, ok := strings.CutPrefix(p.ImportPath, path+"/"); ok {
				d.pkgDirs[filepath.Join(dir, filepath.FromSlash(rest))] = true
			}
		}
	}
}

// addModuleFiles names the files that steer the go command.
func (d *discovery) addModuleFiles(env map[string]string, dir string, flags []string) {
	d.Root = dir
	if mod := env["GOMOD"]; mod != "" && mod != os.DevNull {
		d.Root = filepath.Dir(mod)
		d.modules[d.Root] = true
		d.named[mod] = digestAll
		d.named[filepath.Join(d.Root, "go.sum")] = digestAll
		d.named[filepath.Join(d.Root, "vendor", "modules.txt")] = digestAll
	}
	if work := env["GOWORK"]; work != "" && work != "off" {
		d.named[work] = digestAll
		d.named[work+".sum"] = digestAll
		if d.Root == dir && env["GOMOD"] == os.DevNull {
			d.Root = filepath.Dir(work)
		}
	}
	d.addNeighbours(env["GOMOD"], env["GOWORK"])
	for _, flag := range append(strings.Fields(env["GOFLAGS"]), flags...) {
		name, value, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		switch name {
		case "modfile":
			mod := Absolute(dir, value)
			d.named[mod] = digestAll
			d.named[strings.TrimSuffix(mod, ".mod")+".sum"] = digestAll
		case "overlay":
			d.addOverlay(Absolute(dir, value))
		}
	}
}

// addNeighbours takes the modules of the workspace and those replaced by
// folders, also while nothing of them is imported. Files that do not parse are
// left to the go command to complain of.
func (d *discovery) addNeighbours(mod, work string) {
	if data, err := os.ReadFile(work); err == nil {
		if f, err := modfile.ParseWork(work, data, nil); err == nil {
			for _, use := range f.Use {
				d.addModule("", Absolute(filepath.Dir(work), filepath.FromSlash(use.Path)))
			}
			d.addReplaced(filepath.Dir(work), f.Replace)
		}
	}
	if data, err := os.ReadFile(mod); err == nil {
		if f, err := modfile.ParseLax(mod, data, nil); err == nil {
			d.addModule("", filepath.Dir(mod))
			d.addReplaced(filepath.Dir(mod), f.Replace)
		}
	}
}

func (d *discovery) addReplaced(dir string, replaced []*modfile.Replace) {
	for _, r := range replaced {
		if r.New.Version == "" {
			d.addModule(r.Old.Path, Absolute(dir, filepath.FromSlash(r.New.Path)))
		}
	}
}

// addModule notes a module that is edited in place; "" as its path means that
// its go.mod says it.
func (d *discovery) addModule(path, dir string) {
	if path == "" {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			return
		}
		path = modfile.ModulePath(data)
	}
	d.modules[dir] = true
	d.moduleDirs[path] = dir
	d.named[filepath.Join(dir, "go.mod")] = digestAll
	d.named[filepath.Join(dir, "go.sum")] = digestAll
}

// maxOverlay bounds the JSON file of -overlay; ours names some 100 files.
const maxOverlay = 4 << 20

// addOverlay names the files that stand in for others. What lies in the state
// folder is ours and never counts.
func (d *discovery) addOverlay(file string) {
	d.named[file] = digestAll
	data, ok := readBounded(file, statFile(file))
	if !ok || len(data) > maxOverlay {
		return
	}
	var overlay struct{ Replace map[string]string }
	if json.Unmarshal(data, &overlay) != nil {
		return // the go command says what is wrong with it
	}
	for _, with := range overlay.Replace {
		if with != "" {
			d.named[Absolute(filepath.Dir(file), with)] = digestAll
		}
	}
}

// finish adds the folders that hold data: the module root, and what lies
// outside of it or in a folder that is skipped otherwise.
func (d *discovery) finish(mainDir, startDir string) {
	d.Main = mainDir
	d.trees = []string{d.Root}
	if mainDir != "" && mainDir != d.Root {
		d.trees = append(d.trees, mainDir)
	}
	for _, dir := range []string{d.Root, mainDir, startDir} {
		if dir != "" {
			d.addDotEnv(dir)
		}
	}
	// vendor/modules.txt must not make a folder of vendor watched that is not there.
	if modules := filepath.Join(d.Root, "vendor", "modules.txt"); !exists(modules) {
		delete(d.named, modules)
	}
}
