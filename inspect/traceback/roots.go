package traceback

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Roots says where the app's own code is. The zero value guesses from the usual names of
// directories. All directories are absolute.
type Roots struct {
	Module     string   // import path of the main module, "" for a program that is not Go
	Dir        string   // its directory, or that of the project
	Workspace  []string // directories of the other modules of a go.work file: app code as well
	GOROOT     string
	GOMODCACHE string
}

// classify sets the origin of a frame, its absolute path and its file relative to Dir.
func (r Roots) classify(f *inspect.Frame, language string) {
	f.Function = oneLine(f.Function, maxHeadline)
	f.Path = strings.TrimPrefix(oneLine(f.Path, maxPath), "file://")
	if f.Path == "" && f.File != "" && language == "java" {
		r.findJava(f)
	}
	if language == "go" && f.Package == "" {
		f.Package = goPackage(f.Function)
	}
	if r.Dir != "" && f.Path != "" && !isAbs(f.Path) && language != "go" && !strings.HasPrefix(f.Path, "node:") && !strings.HasPrefix(f.Path, "<") {
		f.Path = filepath.Join(r.Dir, filepath.FromSlash(f.Path))
	}
	f.Origin = r.origin(f, language)
	if f.Path == "" {
		return
	}
	f.File = f.Path
	if rel, ok := within(r.Dir, f.Path); ok {
		f.File = rel
	} else if r.Module != "" {
		if rel, ok := strings.CutPrefix(f.Path, r.Module+"/"); ok { // -trimpath
			f.File, f.Path = rel, filepath.Join(r.Dir, filepath.FromSlash(rel))
		}
	}
}

// maxPath bounds the path of a frame, in bytes; Linux allows no longer one.
const maxPath = 4096

func (r Roots) origin(f *inspect.Frame, language string) inspect.FrameOrigin {
	path := filepath.ToSlash(f.Path)
	switch language {
	case "go":
		return r.goOrigin(f, path)
	case "java":
		return javaOrigin(f)
	}
	switch {
	case isStd(path, language):
		return inspect.FrameStandard
	case isPackageDir(path):
		return inspect.FrameDependency
	}
	return inspect.FrameApp
}

func (r Roots) goOrigin(f *inspect.Frame, path string) inspect.FrameOrigin {
	if _, ok := within(r.GOROOT, f.Path); ok && r.GOROOT != "" {
		return inspect.FrameStandard
	}
	if strings.Contains(path, "/toolchain@v") || strings.HasPrefix(f.Function, "runtime.") || f.Function == "panic" {
		return inspect.FrameStandard
	}
	if _, ok := within(r.GOMODCACHE, f.Path); ok && r.GOMODCACHE != "" || strings.Contains(path, "/pkg/mod/") {
		return inspect.FrameDependency
	}
	for _, dir := range append([]string{r.Dir}, r.Workspace...) {
		if rel, ok := within(dir, f.Path); ok && dir != "" {
			if strings.HasPrefix(rel, "vendor/") || strings.Contains(rel, "/vendor/") {
				return inspect.FrameDependency
			}
			return inspect.FrameApp
		}
	}
	return r.goOriginByName(f, path)
}

// goOriginByName decides where paths tell nothing: a program built with -trimpath, or on
// another machine.
func (r Roots) goOriginByName(f *inspect.Frame, path string) inspect.FrameOrigin {
	first, _, _ := strings.Cut(f.Package, "/")
	switch {
	case f.Package == "main", r.Module != "" && (f.Package == r.Module || strings.HasPrefix(f.Package, r.Module+"/")):
		return inspect.FrameApp
	case strings.Contains(path, "/vendor/"), strings.Contains(path, "@v") && !isAbs(path):
		return inspect.FrameDependency
	case f.Package == "" && goSrc.MatchString(path):
		return inspect.FrameStandard
	case f.Package != "" && !strings.Contains(first, ".") && (inGoSrc(path, f.Package) || !isAbs(path)):
		return inspect.FrameStandard
	case r.Module != "" && f.Package != "":
		return inspect.FrameDependency
	}
	return inspect.FrameApp
}

// inGoSrc is true for ".../go/src/net/http/server.go" and package net/http; the folder that
// holds src is called go, go1.26, go-1.26 or (Homebrew) libexec.
func inGoSrc(path, pkg string) bool {
	root, ok := strings.CutSuffix(path[:max(strings.LastIndexByte(path, '/'), 0)], "/src/"+pkg)
	base := root[strings.LastIndexByte(root, '/')+1:]
	return ok && (strings.HasPrefix(base, "go") || base == "libexec")
}

// goSrc is where Go is usually installed: gin prints no package.
var goSrc = regexp.MustCompile(`/go[^/]*/src/[a-z]+/`)

func isStd(path, language string) bool {
	switch language {
	case "python":
		return strings.HasPrefix(path, "<frozen ") || pyStd.MatchString(path) && !isPackageDir(path)
	case "node":
		return strings.HasPrefix(path, "node:") || strings.HasPrefix(path, "internal/") || path == "<anonymous>" || path == "native"
	case "ruby":
		return strings.HasPrefix(path, "<internal:") || rubyStd.MatchString(path) && !isPackageDir(path)
	}
	return path == "" // PHP's [internal function]
}

var (
	pyStd   = regexp.MustCompile(`/lib(?:64)?/python\d[\d.]*/|/Lib/[\w/]+\.py$|/Python\.framework/`)
	rubyStd = regexp.MustCompile(`/lib/ruby/\d|/lib/ruby/site_ruby`)
)

// isPackageDir is true inside the folders where package managers put what is not ours.
func isPackageDir(path string) bool {
	for _, dir := range []string{"site-packages", "dist-packages", "node_modules", "vendor", "gems", ".venv", ".yarn"} {
		if strings.Contains(path, "/"+dir+"/") || strings.HasPrefix(path, dir+"/") {
			return true
		}
	}
	return false
}

func javaOrigin(f *inspect.Frame) inspect.FrameOrigin {
	for _, p := range []string{"java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "scala.", "groovy."} {
		if strings.HasPrefix(f.Function, p) {
			return inspect.FrameStandard
		}
	}
	for _, p := range []string{"org.apache.", "org.springframework.", "org.eclipse.", "org.hibernate.", "io.netty.", "io.undertow.", "com.fasterxml.", "com.google.", "jakarta.", "io.quarkus.", "reactor."} {
		if strings.HasPrefix(f.Function, p) && f.Path == "" {
			return inspect.FrameDependency
		}
	}
	return inspect.FrameApp
}

// findJava looks for the source of a class where the build tools keep it.
func (r Roots) findJava(f *inspect.Frame) {
	if r.Dir == "" || f.Line == 0 || strings.Contains(f.File, "..") {
		return
	}
	for _, dir := range []string{"src/main/java", "src/main/kotlin", "src", "app", "src/test/java", ""} {
		p := filepath.Join(r.Dir, dir, filepath.FromSlash(f.File))
		if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() {
			f.Path = p
			return
		}
	}
}

// within reports path relative to dir, with slashes, when it is inside.
func within(dir, path string) (string, bool) {
	if dir == "" || !isAbs(path) {
		return "", false
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// isAbs knows absolute paths of both kinds of system: the text may come from a container.
func isAbs(path string) bool {
	return filepath.IsAbs(path) || strings.HasPrefix(path, "/") || len(path) > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
}
