package reloader

import (
	"encoding/json"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Limits of what is kept of one build's talk: enough for any page or terminal,
// far below what a broken generator can print.
const (
	maxBuildOutput   = 64 << 10 // bytes of Build.Output
	maxDiagnostics   = 200      // findings of one build; the compiler stops at 10 a package
	maxDiagnosticLen = 8 << 10  // bytes of one message
)

// The codes of build diagnostics.
const (
	codeCompile = "compile" // the compiler, the assembler, cgo
	codeSyntax  = "syntax"  // source that does not parse
	codeLink    = "link"    // the linker
	codeList    = "list"    // loading packages: missing, cyclic, go.mod
	codeHook    = "on-change"
)

// position is "file:line:col: msg" or "file:line: msg" at the start of a line.
var position = regexp.MustCompile(`^((?:[A-Za-z]:)?[^:\s][^:]*):(\d+)(?::(\d+))?: (.*)$`)

// overlaid is where a position is in a file of the overlay, which the compiler adds to
// some positions of the user's file when the two are in other columns.
var overlaid = regexp.MustCompile(`\[[^\[\]]*[/\\]overlay[/\\]calls[/\\][0-9a-f]{32}\.go:\d+:\d+\]`)

// buildEvent is one line of go build -json; see "go help buildjson".
type buildEvent struct {
	ImportPath string
	Action     string
	Output     string
}

// buildLog turns what go build says into diagnostics, as it says it.
type buildLog struct {
	dir       string // where go build runs: its paths are relative to this
	root      string // the module root: ours are relative to that
	emit      func(inspect.Diagnostic)
	compiling func(importPath string)

	heads   map[string]bool     // packages whose "# path" line was seen: past loading
	pending *inspect.Diagnostic // may still go on in an indented line
	found   []inspect.Diagnostic
	seen    map[string]bool
	output  strings.Builder
}

func newBuildLog(dir, root string) *buildLog {
	return &buildLog{
		dir: dir, root: root, heads: map[string]bool{}, seen: map[string]bool{},
		emit: func(inspect.Diagnostic) {}, compiling: func(string) {},
	}
}

// read takes the -json stream until it ends. Text that is not JSON is kept as output.
func (l *buildLog) read(r io.Reader) {
	lines := newLineReader(r)
	for {
		line, err := lines.next()
		if line != "" {
			var ev buildEvent
			if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &ev) == nil {
				l.event(ev)
			} else {
				l.say(line)
			}
		}
		if err != nil {
			l.flush()
			return
		}
	}
}

func (l *buildLog) event(ev buildEvent) {
	switch ev.Action {
	case "build-fail":
		l.flush()
	case "build-output":
		for line := range strings.SplitSeq(strings.TrimSuffix(ev.Output, "\n"), "\n") {
			l.line(pathOf(ev.ImportPath), overlaid.ReplaceAllString(strings.TrimSuffix(line, "\r"), ""))
		}
	}
}

// pathOf cuts the variant off a package id: "a/b [a/b.test]".
func pathOf(id string) string {
	path, _, _ := strings.Cut(id, " ")
	return path
}

// line takes one line of one package's output.
func (l *buildLog) line(pkg, line string) {
	switch {
	case line == pkg && !l.heads[pkg]:
		l.flush()
		l.compiling(pkg) // from -v: its compilation begins
		return
	case strings.HasPrefix(line, "# "):
		l.flush()
		l.heads[pkg] = true
		return
	case line == "too many errors" || strings.HasSuffix(line, ": too many errors"):
		l.flush()
		l.say(line)
		return
	case l.pending != nil && (strings.HasPrefix(line, "\t") || strings.HasPrefix(line, " ")):
		l.extend(line)
		return
	}
	l.flush()
	code := codeList
	if l.heads[pkg] {
		code = codeCompile
	}
	if d, ok := parsePosition(line); ok {
		d.Code = code
		if strings.HasPrefix(d.Message, "syntax error") {
			d.Code = codeSyntax
		}
		l.pending = &d
		return
	}
	if strings.TrimSpace(line) == "" {
		return
	}
	if code == codeCompile && !strings.Contains(line, "compile:") {
		code = codeLink
	}
	l.pending = &inspect.Diagnostic{Severity: inspect.SeverityError, Code: code, Message: line}
}

// stderr takes what the go command said outside the JSON stream: errors of go.mod
// and of flags, and progress of downloads. Only a failed build's are diagnostics.
func (l *buildLog) stderr(text string, failed bool) {
	if !failed || len(l.found) > 0 {
		l.say(strings.TrimSpace(text))
		return
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimSuffix(line, "\r")
		bare := strings.TrimPrefix(line, "go: ")
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "go: downloading "):
			l.say(line)
		case l.pending != nil && (strings.HasPrefix(line, "\t") || strings.HasPrefix(line, " ")):
			l.extend(line)
		default:
			l.flush()
			if d, ok := parsePosition(bare); ok {
				d.Code = codeList
				l.pending = &d
			} else if strings.HasPrefix(bare, "errors parsing ") {
				l.say(line) // the positions follow
			} else {
				l.pending = &inspect.Diagnostic{Severity: inspect.SeverityError, Code: codeList, Message: bare}
			}
		}
	}
	l.flush()
}

func (l *buildLog) extend(line string) {
	if len(l.pending.Message)+len(line) < maxDiagnosticLen {
		l.pending.Message += "\n" + line
	}
}

// flush reports the pending diagnostic, once.
func (l *buildLog) flush() {
	d := l.pending
	l.pending = nil
	if d == nil || len(l.found) >= maxDiagnostics {
		return
	}
	locate(d, l.dir, l.root)
	key := d.File + ":" + strconv.Itoa(d.Line) + ":" + strconv.Itoa(d.Column) + ":" + d.Message
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	l.found = append(l.found, *d)
	l.emit(*d)
}

func (l *buildLog) say(line string) {
	if line != "" && l.output.Len()+len(line) < maxBuildOutput {
		l.output.WriteString(line)
		l.output.WriteByte('\n')
	}
}

// parsePosition reads "file:line:col: msg". A C compiler's warnings and notes keep
// their severity.
func parsePosition(line string) (inspect.Diagnostic, bool) {
	m := position.FindStringSubmatch(line)
	if m == nil || len(line) > maxDiagnosticLen {
		return inspect.Diagnostic{}, false
	}
	d := inspect.Diagnostic{Severity: inspect.SeverityError, File: m[1], Message: m[4]}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return inspect.Diagnostic{}, false
	}
	d.Line = n
	if m[3] != "" {
		if d.Column, err = strconv.Atoi(m[3]); err != nil {
			return inspect.Diagnostic{}, false
		}
	}
	for prefix, severity := range map[string]inspect.Severity{
		"warning: ": inspect.SeverityWarning, "note: ": inspect.SeverityInfo,
	} {
		if rest, ok := strings.CutPrefix(d.Message, prefix); ok {
			d.Message, d.Severity = rest, severity
		}
	}
	return d, true
}

// locate makes the file of d absolute in Path and relative to root in File, and
// reads the source around the position.
func locate(d *inspect.Diagnostic, dir, root string) {
	if d.File == "" || strings.HasPrefix(d.File, "<") {
		return
	}
	d.Path = under(dir, d.File)
	d.File = d.Path
	if rel, err := filepath.Rel(root, d.Path); err == nil && filepath.IsLocal(rel) {
		d.File = filepath.ToSlash(rel)
	}
	d.Context = sourceAround(d.Path, d.Line)
}
