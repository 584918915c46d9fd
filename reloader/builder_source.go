package reloader

import (
	"bufio"
	"context"
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
)

// Bounds of the source shown around a position.
const (
	contextLines   = 5       // on each side
	maxContextLine = 400     // bytes of one line; minified and generated code has longer ones
	maxSourceFile  = 4 << 20 // bytes; larger files are generated and not shown or parsed early
)

// sourceAround returns the lines around line of the file, or nil when it cannot be
// read.
func sourceAround(path string, line int) []inspect.SourceLine {
	if info, err := os.Stat(path); line < 1 || err != nil || info.Size() > maxSourceFile || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []inspect.SourceLine
	r := newLineReader(f)
	for n := 1; n <= line+contextLines; n++ {
		text, err := r.next()
		if err != nil && text == "" {
			break
		}
		if n >= line-contextLines {
			lines = append(lines, inspect.SourceLine{Number: n, Text: clip(text, maxContextLine)})
		}
		if err != nil {
			break
		}
	}
	return lines
}

// clip cuts s to at most n bytes at a rune boundary.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// lineReader reads lines of any length without their end.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) *lineReader { return &lineReader{bufio.NewReader(r)} }

// next returns a line, and io.EOF with or after the last. A line beyond
// maxBuildOutput is cut.
func (l *lineReader) next() (string, error) {
	var b strings.Builder
	for {
		part, err := l.r.ReadSlice('\n')
		if b.Len() < maxBuildOutput {
			b.Write(part)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return strings.TrimRight(b.String(), "\r\n"), err
	}
}

// halfSaved is how long a file that does not parse may be a save that is still being
// written, before its syntax errors are shown.
const halfSaved = 50 * time.Millisecond

// syntaxErrors parses the changed Go files at once, which takes a fraction of a
// millisecond, while the go command still loads packages. It returns nil when ctx
// ends within halfSaved, since a newer save has come.
func syntaxErrors(ctx context.Context, root string, changed []string) []inspect.Diagnostic {
	found := parseChanged(root, changed)
	if len(found) == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(halfSaved):
		return parseChanged(root, changed)
	}
}

func parseChanged(root string, changed []string) []inspect.Diagnostic {
	var found []inspect.Diagnostic
	for _, name := range changed {
		path := under(root, name)
		if filepath.Ext(path) != ".go" {
			continue
		}
		if info, err := os.Stat(path); err != nil || info.Size() > maxSourceFile {
			continue
		}
		fset := token.NewFileSet()
		_, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		var list scanner.ErrorList
		if !errors.As(err, &list) {
			continue
		}
		for _, e := range list {
			d := inspect.Diagnostic{
				Severity: inspect.SeverityError, Code: codeSyntax, Message: "syntax error: " + e.Msg,
				File: path, Line: e.Pos.Line, Column: e.Pos.Column,
			}
			locate(&d, root, root)
			found = append(found, d)
			if len(found) == maxDiagnostics {
				return found
			}
		}
	}
	return found
}
