package traceback

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Phases of a PHP fatal error.
const (
	phpHead  = iota // the message, until `Stack trace:`
	phpStack        // `#0 ...` and further exceptions
	phpEnd          // `thrown in` was read
)

var (
	phpUncaught = regexp.MustCompile(`(?:^|\s)(?:PHP )?Fatal error:\s+Uncaught (\S+?)(?:: (.*))?$`)
	phpOneLine  = regexp.MustCompile(`(?:^|\s)(?:PHP )?(Parse|Fatal|Compile) error:\s+(.*) in (/\S.*|[A-Za-z]:\\.*?) on line (\d+)$`)
	phpPlace    = regexp.MustCompile(`(?s)^(.*) in (\S[^\n]*):(\d+)$`)
	phpFrame    = regexp.MustCompile(`^#\d+ (?:(\S.*?)\((\d+)\)|\[internal function\]): (.*)$`)
	phpNext     = regexp.MustCompile(`^Next (\S+?)(?:: (.*))?$`)
	phpThrown   = regexp.MustCompile(`^\s*thrown in (.+) on line (\d+)$`)

	phpGrammar = grammar{language: "php", opens: opensPHP, joins: joinsPHP, parse: parsePHP}
)

func opensPHP(_ []string, line string) (int, int, bool) {
	if !strings.Contains(line, " error:") {
		return 0, 0, false
	}
	if phpUncaught.MatchString(line) {
		return 0, phpHead, true
	}
	return 0, phpEnd, phpOneLine.MatchString(line)
}

func joinsPHP(b *block, line string) bool {
	switch b.phase {
	case phpHead:
		if line == "Stack trace:" {
			b.phase = phpStack
			return true
		}
		b.loose++
		return b.loose <= headLoose
	case phpStack:
		switch {
		case phpThrown.MatchString(line):
			b.phase = phpEnd
			return true
		case phpNext.MatchString(line):
			b.phase = phpHead
			return true
		}
		return strings.HasPrefix(line, "#") || line == ""
	}
	return false
}

func parsePHP(lines []string) (inspect.Trace, bool) {
	if m := phpOneLine.FindStringSubmatch(lines[0]); m != nil && len(lines) == 1 {
		return phpSingle(m), true
	}
	var chain []phpPart
	for _, l := range lines {
		m := phpUncaught.FindStringSubmatch(l)
		if m == nil && len(chain) > 0 {
			m = phpNext.FindStringSubmatch(l)
		}
		if m != nil {
			text := m[1]
			if m[2] != "" {
				text += ": " + m[2]
			}
			chain = append(chain, phpPart{head: []string{text}})
		} else if len(chain) > 0 {
			chain[len(chain)-1].line(l)
		}
	}
	if len(chain) == 0 {
		return inspect.Trace{}, false
	}
	t, ok := chain[len(chain)-1].trace()
	for i := len(chain) - 2; i >= 0 && len(t.Causes) < maxCauses; i-- {
		if c, ok := chain[i].trace(); ok {
			t.Causes = append(t.Causes, inspect.Cause{Type: c.Type, Message: c.Message})
		}
	}
	return t, ok
}

// phpPart is one exception of a chain: innermost cause first, as PHP prints it.
type phpPart struct {
	head   []string // `Class: message in file:line`, perhaps several lines
	stack  bool
	frames []inspect.Frame
}

func (p *phpPart) line(l string) {
	switch {
	case l == "Stack trace:":
		p.stack = true
	case !p.stack:
		p.head = append(p.head, l)
	default:
		m := phpFrame.FindStringSubmatch(l)
		if m == nil || len(p.frames) == maxFrames {
			return
		}
		// A line of the stack holds the place of the call and what was called: the
		// function that the place is in is on the next line.
		f := inspect.Frame{Location: inspect.Location{Path: m[1], File: m[1]}}
		f.Function, _, _ = strings.Cut(m[3], "(")
		f.Line, _ = strconv.Atoi(m[2])
		p.frames = append(p.frames, f)
	}
}

// trace moves each function to the place that it ran in.
func (p *phpPart) trace() (inspect.Trace, bool) {
	m := phpPlace.FindStringSubmatch(strings.Join(p.head, "\n"))
	if m == nil {
		return inspect.Trace{}, false
	}
	var t inspect.Trace
	t.Type, t.Message, _ = strings.Cut(m[1], ": ")
	place := inspect.Frame{Location: inspect.Location{Path: m[2], File: m[2]}}
	place.Line, _ = strconv.Atoi(m[3])
	for _, f := range p.frames {
		place.Function, f.Function = f.Function, ""
		t.Frames = append(t.Frames, place)
		place = f
	}
	place.Function = "{main}"
	t.Frames = append(t.Frames, place)
	return t, true
}

// phpSingle is an error without a stack: of the compiler, or memory that ran out.
func phpSingle(m []string) inspect.Trace {
	t := inspect.Trace{Type: m[1] + "Error", Message: m[2]}
	f := inspect.Frame{Location: inspect.Location{Path: m[3], File: m[3]}}
	f.Line, _ = strconv.Atoi(m[4])
	t.Frames = []inspect.Frame{f}
	return t
}
