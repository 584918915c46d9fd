package main

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
	"github.com/rogpeppe/go-internal/diff"
)

const (
	// maxSourceSize is the largest file that is compared; larger ones are data.
	maxSourceSize = 1 << 20
	// maxSourceSum bounds what is held of all files together.
	maxSourceSum = 32 << 20
	// maxChangedLines bounds what is told of one build.
	maxChangedLines = 200
)

// changes knows what each good build changed against the one before. It holds the
// source as it was at the last of them.
type changes struct {
	root string // names are relative to it

	mu    sync.Mutex
	paths []string          // to look at
	files map[string]source // by path
	sum   int64
	build int // the last that was taken
	lines []inspect.ChangedLines
}

type source struct {
	text    []byte
	size    int64
	changed time.Time
}

// watch says which files to look at.
func (c *changes) watch(paths []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paths = paths
}

// built takes the files as they are now for those of a build that has just become
// good. It reads only those that differ in size or time.
func (c *changes) built(build int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.files == nil
	if first {
		c.files = make(map[string]source)
	}
	c.build, c.lines = build, nil
	left := maxChangedLines
	for _, path := range c.paths {
		old, known := c.files[path]
		now, ok := c.read(path, old)
		if !ok {
			continue
		}
		c.files[path] = now
		c.sum += int64(len(now.text)) - int64(len(old.text))
		if first || bytes.Equal(old.text, now.text) {
			continue
		}
		lines := added(old.text, now.text)
		if !known && len(lines) > left { // a new file is no news line by line
			continue
		}
		lines = lines[:min(len(lines), left)]
		if left -= len(lines); len(lines) > 0 {
			c.lines = append(c.lines, inspect.ChangedLines{File: c.name(path), Lines: lines})
		}
	}
	slices.SortFunc(c.lines, func(a, b inspect.ChangedLines) int { return cmp.Compare(a.File, b.File) })
}

// of returns what that build changed, if it is the last good one.
func (c *changes) of(build int) []inspect.ChangedLines {
	c.mu.Lock()
	defer c.mu.Unlock()
	if build != c.build {
		return nil
	}
	return c.lines
}

// read returns the file's content, old's when it has not changed. It is false for
// what is not text, or too large.
func (c *changes) read(path string, old source) (source, bool) {
	fi, err := os.Stat(path)
	if err != nil || !fi.Mode().IsRegular() || fi.Size() > maxSourceSize || c.sum+fi.Size() > maxSourceSum {
		return source{}, false
	}
	if fi.Size() == old.size && fi.ModTime().Equal(old.changed) {
		return old, true
	}
	text, err := os.ReadFile(path)
	if err != nil || !utf8.Valid(text) {
		return source{}, false
	}
	return source{text, fi.Size(), fi.ModTime()}, true
}

func (c *changes) name(path string) string {
	rel, err := filepath.Rel(c.root, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// added returns the lines of b that are not in a, under their numbers in b.
func added(a, b []byte) (lines []inspect.SourceLine) {
	number := 0
	for line := range strings.Lines(string(diff.Diff("a", a, "b", b))) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "@@ "): // @@ -1,4 +1,5 @@
			_, to, _ := strings.Cut(line, "+")
			to, _, _ = strings.Cut(to, ",")
			number, _ = strconv.Atoi(strings.TrimSuffix(to, " @@"))
		case number == 0: // the head
		case strings.HasPrefix(line, "+"):
			lines = append(lines, inspect.SourceLine{Number: number, Text: line[1:]})
			number++
		case strings.HasPrefix(line, " "):
			number++
		}
	}
	return lines
}
