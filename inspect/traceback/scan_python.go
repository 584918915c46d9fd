package traceback

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Phases of a Python traceback.
const (
	pyFrames = iota // frames and their source
	pyAfter         // the exception line was read; another part may follow
	pyDjango        // after the frames of Django's plain page, which names the exception below
	pyGroup         // an exception group, until its last rule
)

const pyHeader = "Traceback (most recent call last):"

var (
	pyFile      = regexp.MustCompile(`^  File "(.+)", line (\d+)(?:, in (.*))?$`)
	pyException = regexp.MustCompile(`^([A-Za-z_][\w.<>]*)(?:: (.*))?$`)
	pyNamed     = regexp.MustCompile(`^Exception (Type|Value): (.*?)(?: at /\S*)?$`)
	pyGroupEnd  = regexp.MustCompile(`^    \+-{20,}$`)
	pyGroupPart = regexp.MustCompile(`^\s*\+(?:-\+)?-+ (\d+|\.\.\.) -+$`)
	rubyReverse = regexp.MustCompile(`^\t\s*\d+: from (.*)$`)

	pythonGrammar = grammar{language: "python", opens: opensPython, joins: joinsPython, parse: parsePython}
)

const (
	pyDirect   = "The above exception was the direct cause of the following exception:"
	pyDuring   = "During handling of the above exception, another exception occurred:"
	pyGroupTop = "  + Exception Group " + pyHeader
)

func opensPython(_ []string, line string) (int, int, bool) {
	switch {
	case line == pyGroupTop:
		return 0, pyGroup, true
	case strings.HasSuffix(line, pyHeader) && !strings.Contains(line, "|"):
		return 0, pyFrames, true
	}
	if !strings.HasPrefix(line, "  File ") {
		return 0, 0, false
	}
	m := pyFile.FindStringSubmatch(line)
	return 0, pyFrames, m != nil && m[3] == "" // a syntax error of the main file has no header
}

func joinsPython(b *block, line string) bool {
	switch b.phase {
	case pyGroup:
		if pyGroupEnd.MatchString(line) {
			b.phase = pyAfter
		}
		return strings.HasPrefix(line, "  ")
	case pyAfter:
		return joinsAfter(b, line)
	case pyDjango:
		b.loose++
		return b.loose <= 4 && (line == "" || pyNamed.MatchString(line))
	}
	switch {
	case strings.HasPrefix(line, "  "):
		return true
	case rubyReverse.MatchString(line):
		b.grammar, b.phase = &rubyGrammar, rubyBack
		return true
	case line == "" && len(b.lines) > 2:
		b.phase = pyDjango
		return true
	case line == "":
		return false
	}
	m := pyException.FindStringSubmatch(line)
	if m == nil || strings.HasSuffix(m[1], ".") {
		return false
	}
	b.phase = pyAfter
	return true
}

// joinsAfter takes the empty lines and the sentence that tie two tracebacks together.
func joinsAfter(b *block, line string) bool {
	switch line {
	case "":
		b.loose++
		return b.loose <= 2
	case pyDirect, pyDuring:
		b.loose = 0
		return true
	case pyHeader:
		b.phase, b.loose = pyFrames, 0
		return b.tied()
	case pyGroupTop:
		b.phase, b.loose = pyGroup, 0
		return b.tied()
	}
	return false
}

// tied says whether the last line that says anything announces another traceback.
func (b *block) tied() bool {
	for i := len(b.lines) - 1; i >= 0; i-- {
		if b.lines[i] != "" {
			return b.lines[i] == pyDirect || b.lines[i] == pyDuring
		}
	}
	return false
}

func parsePython(lines []string) (inspect.Trace, bool) {
	var parts [][]string
	start := 0
	for i, l := range lines {
		if l == pyDirect || l == pyDuring {
			parts = append(parts, lines[start:i])
			start = i + 1
		}
	}
	parts = append(parts, lines[start:])
	t, ok := parsePythonPart(parts[len(parts)-1])
	if !ok {
		return t, false
	}
	for i := len(parts) - 2; i >= 0 && len(t.Causes) < maxCauses; i-- {
		if c, ok := parsePythonPart(parts[i]); ok {
			t.Causes = append(t.Causes, inspect.Cause{Type: c.Type, Message: c.Message, Causes: c.Causes})
		}
	}
	return t, true
}

func parsePythonPart(lines []string) (inspect.Trace, bool) {
	var t inspect.Trace
	group := false
	for i, l := range lines {
		if l == pyGroupTop {
			group = true
			continue
		}
		if group {
			if pyGroupPart.MatchString(l) {
				t.Causes = pythonGroup(lines[i:])
				break
			}
			l = strings.TrimPrefix(strings.TrimPrefix(l, "  | "), "  |")
		}
		if m := pyFile.FindStringSubmatch(l); m != nil {
			f := inspect.Frame{Location: inspect.Location{Function: m[3], Path: m[1], File: m[1]}}
			f.Line, _ = strconv.Atoi(m[2])
			t.Frames = append(t.Frames, f)
			continue
		}
		if i == 0 && strings.HasSuffix(l, pyHeader) || len(t.Frames) == 0 {
			continue
		}
		if m := pyNamed.FindStringSubmatch(l); m != nil {
			if m[1] == "Type" {
				t.Type = m[2]
			} else {
				t.Message = m[2]
			}
		} else if m := pyException.FindStringSubmatch(l); m != nil {
			t.Type, t.Message = m[1], m[2]
		} else if n := len(t.Frames); pyCaret.MatchString(l) {
			t.Frames[n-1].Column = caretColumn(lines[max(i-1, 0)], l)
		}
	}
	reverse(t.Frames)
	t.Frames = t.Frames[:min(len(t.Frames), maxFrames)]
	return t, t.Type != "" && len(t.Frames) > 0
}

var pyCaret = regexp.MustCompile(`^ {4,}[~^]*\^[~^]*$`)

// caretColumn is where the marks begin, in the printed source, which has lost its own
// indentation; it is right for lines that were not indented, so others say nothing.
func caretColumn(source, marks string) int {
	if strings.HasPrefix(source, "     ") {
		return 0
	}
	return len(marks) - len(strings.TrimLeft(marks, " ")) - 4 + 1
}

// pythonGroup reads the members of an exception group: the last line of each part that
// looks like an exception.
func pythonGroup(lines []string) []inspect.Cause {
	var causes []inspect.Cause
	open := false
	for _, l := range lines {
		if pyGroupPart.MatchString(l) {
			if len(causes) == maxCauses {
				break
			}
			causes = append(causes, inspect.Cause{})
			open = true
			continue
		}
		l = strings.TrimLeft(l, " |")
		if m := pyException.FindStringSubmatch(l); m != nil && open && strings.Contains(l, ":") {
			causes[len(causes)-1] = inspect.Cause{Type: m[1], Message: m[2]}
		}
	}
	return causes
}

func reverse[T any](s []T) {
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
}
