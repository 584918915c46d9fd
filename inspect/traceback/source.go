package traceback

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

const (
	maxSourceFile  = 4 << 20 // bytes of a source file that are read; generated ones are larger
	maxSourceLine  = 400     // bytes of a line that are shown; minified ones are longer
	maxSourceLines = 40      // around a line, at most
	maxSourced     = 64      // frames that get source, the app's first
)

// AddSource adds the lines around each frame's own, n before and n after. It reads only
// files that frames name, that have the ending of a source file and that lie, with
// symbolic links resolved, inside the module, its workspace, GOROOT, the module cache or the
// project directory. A file that cannot be read is left out. open may be nil for os.Open.
// A trace that has its code gets it anew: see [Fingerprint].
func AddSource(t *inspect.Trace, roots Roots, n int, open func(path string) (io.ReadCloser, error)) {
	if open == nil {
		open = func(path string) (io.ReadCloser, error) { return os.Open(path) }
	}
	n = min(n, maxSourceLines)
	allowed := roots.resolved()
	left := maxSourced
	for _, origin := range []inspect.FrameOrigin{inspect.FrameApp, inspect.FrameDependency, inspect.FrameStandard} {
		for i := range t.Frames {
			f := &t.Frames[i]
			if f.Origin != origin || left == 0 || len(f.Source) > 0 {
				continue
			}
			path, err := readable(allowed, f.Path)
			if err != nil {
				continue
			}
			left--
			f.Source, _ = readAround(open, path, f.Line, n)
		}
	}
	if t.Code != "" {
		t.Code = Fingerprint(t)
	}
}

// Readable returns the resolved path of a source file that may be shown, or why it may not.
func (r Roots) Readable(path string) (string, error) { return readable(r.resolved(), path) }

// resolved are the directories that source may be read from, without symbolic links.
func (r Roots) resolved() []string {
	var dirs []string
	for _, d := range append([]string{r.Dir, r.GOROOT, r.GOMODCACHE}, r.Workspace...) {
		if d == "" || !filepath.IsAbs(d) || filepath.Dir(d) == d {
			continue // never a whole file system
		}
		if real, err := filepath.EvalSymlinks(d); err == nil {
			dirs = append(dirs, real)
		}
	}
	return dirs
}

func readable(dirs []string, path string) (string, error) {
	if !filepath.IsAbs(path) || !sourceName(path) {
		return "", fmt.Errorf("show %q: not a source file", path)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("show %q: %w", path, err)
	}
	if !sourceName(real) {
		return "", fmt.Errorf("show %q: not a source file", path)
	}
	st, err := os.Stat(real)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxSourceFile {
		return "", fmt.Errorf("show %q: not a regular file of at most %d bytes", path, maxSourceFile)
	}
	for _, d := range dirs {
		if _, ok := within(d, real); ok {
			return real, nil
		}
	}
	return "", fmt.Errorf("show %q: outside of the module, GOROOT and the module cache", path)
}

// sourceName is true for the endings of source files; keys, databases and environment
// files inside a project have others.
func sourceName(path string) bool {
	if strings.HasPrefix(filepath.Base(path), ".") || strings.Contains(filepath.ToSlash(path), "/.git/") {
		return false
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".go", ".s", ".c", ".h", ".cc", ".cpp", ".y", ".tmpl", ".gohtml", ".templ", ".html",
		".py", ".pyx", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte",
		".rb", ".erb", ".rake", ".ru", ".haml", ".slim", ".java", ".kt", ".scala", ".groovy", ".php", ".phtml", ".twig", ".jinja", ".j2", ".pl", ".pm":
		return true
	}
	return false
}

func readAround(open func(string) (io.ReadCloser, error), path string, line, n int) ([]inspect.SourceLine, error) {
	if line <= 0 {
		return nil, nil
	}
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(io.LimitReader(f, maxSourceFile))
	var out []inspect.SourceLine
	for i := 1; i <= line+n; i++ {
		text, err := r.ReadString('\n')
		if text == "" && err != nil {
			break
		}
		if i >= line-n {
			text, _ = cut(plain(strings.TrimRight(text, "\r\n")), maxSourceLine)
			out = append(out, inspect.SourceLine{Number: i, Text: text})
		}
	}
	if len(out) > 0 && out[len(out)-1].Number < line {
		return nil, nil // the file is shorter than it was: the source is not that of the program
	}
	return out, nil
}
