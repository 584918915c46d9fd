package tree

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// buildTimeout is more than a first build with cgo takes on a slow machine.
	buildTimeout = 10 * time.Minute
	// maxDiagnostics is how many errors the go command prints, and a page shows.
	maxDiagnostics = 50
	// maxBuildOutput bounds what is kept of a build's output, for what is no diagnostic.
	maxBuildOutput = 64 << 10
)

// Diagnostic is an error of the compiler.
type Diagnostic struct {
	File    string `json:"file"` // in Tree.Dir, with slashes; absolute if it lies outside
	Line    int    `json:"line"`
	Column  int    `json:"column,omitempty"` // in bytes, from 1; 0 if it was not told
	Message string `json:"message"`
	Path    string `json:"-"` // absolute path of File
}

// folder returns the folder of e's package.
func (e Entry) folder() string {
	if e.Info.IsDir() {
		return e.Path
	}
	return filepath.Dir(e.Path)
}

// arguments names e for the go command: its file, its package, or where no module is
// around, all files of its package.
func (e Entry) arguments(module bool) []string {
	switch {
	case !e.Info.IsDir():
		return []string{"./" + filepath.Base(e.Path)}
	case module:
		return []string{"."}
	}
	var files []string
	for _, name := range goFiles(e.Path) {
		files = append(files, "./"+filepath.Base(name))
	}
	return files
}

// goFiles lists the Go files of a folder, tests excepted.
func goFiles(dir string) []string {
	found, _ := filepath.Glob(filepath.Join(globQuote(dir), "*.go"))
	return slices.DeleteFunc(found, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// goCommand prepares a go command in e's folder. None may change go.mod or go.sum.
func (p *program) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	dir := p.e.folder()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), p.t.Env...)
	flags := ""
	for _, entry := range cmd.Env {
		if v, ok := strings.CutPrefix(entry, "GOFLAGS="); ok {
			flags = v
		}
	}
	kept := strings.Fields(flags)
	for i := len(kept) - 1; i >= 0; i-- {
		if kept[i] == "-mod=mod" || kept[i] == "--mod=mod" {
			kept = append(kept[:i], kept[i+1:]...)
		}
	}
	cmd.Env = append(cmd.Env, "GOFLAGS="+strings.Join(kept, " "), "PWD="+dir)
	own(cmd)
	cmd.Cancel = func() error { kill(cmd.Process); return nil }
	cmd.WaitDelay = time.Second
	return cmd
}

// listed is what is read of go list -json.
type listed struct {
	Dir, ImportPath string
	Standard        bool
	Module          *struct {
		Main    bool
		GoMod   string
		Replace *struct{ Version string }
	}
	GoFiles, CgoFiles, CFiles, CXXFiles, HFiles, SFiles, SysoFiles, EmbedFiles []string
}

// list finds the sources.
func (p *program) list() (*sources, error) {
	ctx, cancel := context.WithTimeout(p.t.ctx, buildTimeout)
	defer cancel()
	dir := p.e.folder()
	tools, err := p.goCommand(ctx, "env", "GOVERSION", "GOOS", "GOARCH", "GOFLAGS", "CGO_ENABLED", "GOEXPERIMENT", "GOMOD", "GOWORK").Output()
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, errors.New("the go command is not in PATH")
		}
		return nil, fmt.Errorf("go env: %w", err)
	}
	s := &sources{tools: string(tools)}
	if p.e.Info.IsDir() {
		s.dirs = append(s.dirs, dir)
	} else {
		s.files = append(s.files, p.e.Path)
	}
	module := false
	for name := range strings.Lines(string(tools)) { // of GOMOD and GOWORK
		if name = strings.TrimSpace(name); filepath.IsAbs(name) && name != os.DevNull {
			module = true
			s.files = append(s.files, name, strings.TrimSuffix(name, filepath.Ext(name))+sumOf(name))
		}
	}
	p.args = p.e.arguments(module)
	const fields = "-json=Dir,ImportPath,Standard,Module,GoFiles,CgoFiles,CFiles,CXXFiles,HFiles,SFiles,SysoFiles,EmbedFiles"
	out, _ := p.goCommand(ctx, append([]string{"list", "-e", "-deps", fields}, p.args...)...).Output() // what is wrong is told by the build
	s.add(out)
	return s, nil
}

// sumOf is the extension of the sums beside go.mod and go.work.
func sumOf(name string) string {
	if filepath.Base(name) == "go.work" {
		return ".work.sum"
	}
	return ".sum"
}

// add reads what go list printed.
func (s *sources) add(out []byte) {
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if dec.Decode(&l) != nil {
			return
		}
		m := l.Module
		local := m == nil || m.Main || m.Replace != nil && m.Replace.Version == ""
		if l.Standard || !local || l.Dir == "" {
			continue
		}
		for _, names := range [...][]string{l.GoFiles, l.CgoFiles, l.CFiles, l.CXXFiles, l.HFiles, l.SFiles, l.SysoFiles, l.EmbedFiles} {
			for _, name := range names {
				if !filepath.IsAbs(name) {
					name = filepath.Join(l.Dir, name)
				}
				s.files = append(s.files, name)
			}
		}
		if l.ImportPath != "command-line-arguments" {
			s.dirs = append(s.dirs, l.Dir)
		}
	}
}

// build builds the program into the cache folder, unless it is there.
func (p *program) build(hash string) (string, *Failure) {
	cache, err := p.t.cacheDir()
	if err != nil {
		return "", &Failure{Status: 500, Message: "no folder for built programs", Err: err}
	}
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(p.e.Path)))[:16]
	bin := filepath.Join(cache, name+"-"+hash[:32])
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if exists(bin) {
		return bin, nil
	}
	older, _ := filepath.Glob(filepath.Join(globQuote(cache), name+"-*"))
	ctx, cancel := context.WithTimeout(p.t.ctx, buildTimeout)
	defer cancel()
	out, err := p.goCommand(ctx, append([]string{"build", "-buildvcs=false", "-o", bin + ".new"}, p.args...)...).CombinedOutput()
	if err != nil {
		return "", p.buildFailure(ctx, out, err)
	}
	if err := os.Rename(bin+".new", bin); err != nil {
		return "", &Failure{Status: 500, Message: p.e.Name + " was built and cannot be kept", Err: err}
	}
	for _, file := range older {
		_ = os.Remove(file) // where it still runs and may not be removed, the next build tries again
	}
	return bin, nil
}

// cacheDir returns the folder for built programs, made if missing, for us alone.
func (t *Tree) cacheDir() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return "", errors.New("it is closed")
	}
	if t.cache != "" {
		return t.cache, nil
	}
	if t.Cache == "" {
		dir, err := os.MkdirTemp("", "pastedev-tree-*") // 0700
		t.cache = dir
		return dir, err
	}
	dir, err := filepath.Abs(t.Cache)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	t.cache = dir
	return dir, nil
}

var compilerLine = regexp.MustCompile(`^(.+?\.[a-z]+):(\d+):(?:(\d+):)? (.*)$`)

// buildFailure reads what the go command printed.
func (p *program) buildFailure(ctx context.Context, out []byte, err error) *Failure {
	f := &Failure{Status: 500, Title: "The Go program does not build", Message: p.e.Name + " does not build"}
	if ctx.Err() != nil {
		f.Err = ctx.Err()
		return f
	}
	dir := p.e.folder()
	for line := range strings.Lines(string(out[:min(len(out), maxBuildOutput)])) {
		line = strings.TrimRight(line, "\r\n")
		if m := compilerLine.FindStringSubmatch(line); m != nil && len(f.Diagnostics) < maxDiagnostics {
			d := Diagnostic{Path: absolute(dir, m[1]), Message: m[4]}
			d.File = p.t.shortName(d.Path)
			d.Line, _ = strconv.Atoi(m[2])
			d.Column, _ = strconv.Atoi(m[3])
			f.Diagnostics = append(f.Diagnostics, d)
			continue
		}
		if rest, ok := strings.CutPrefix(line, "\t"); ok && len(f.Diagnostics) > 0 { // goes on
			f.Diagnostics[len(f.Diagnostics)-1].Message += "\n" + rest
			continue
		}
		if !strings.HasPrefix(line, "# ") {
			f.Output = append(f.Output, line)
		}
	}
	if len(f.Diagnostics) == 0 {
		f.Err = err
	}
	return f
}

func absolute(dir, file string) string {
	if filepath.IsAbs(file) {
		return filepath.Clean(file)
	}
	return filepath.Join(dir, file)
}

// shortName returns the name of a file as the tree knows it.
func (t *Tree) shortName(file string) string {
	if rel, err := filepath.Rel(t.abs, file); err == nil && filepath.IsLocal(rel) {
		return path.Clean(filepath.ToSlash(rel))
	}
	return file
}
