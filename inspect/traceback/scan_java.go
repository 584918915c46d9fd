package traceback

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

var (
	javaFrame = regexp.MustCompile(`^(\s+)at (?:[\w.@-]*/)*([\w.$<>]+)\.([\w$<>]+)\(([^():]+)(?::(\d+))?\)(?: ~?\[.*\])?$`)
	javaHead  = regexp.MustCompile(`^(?:.*[\s\]])?((?:[a-z_][\w]*\.)+[A-Z][\w$]*)(?:: (.*))?$`)
	javaMore  = regexp.MustCompile(`^\s+\.\.\. \d+ (?:more|common frames omitted)$`)
	javaCause = regexp.MustCompile(`^\s*Caused by: ([\w.$]+)(?:: (.*))?$`)
	javaSupp  = regexp.MustCompile(`^\s+Suppressed: ([\w.$]+)(?:: (.*))?$`)

	javaGrammar = grammar{language: "java", opens: opensJava, joins: joinsJava, parse: parseJava}
)

func opensJava(prev []string, line string) (int, int, bool) {
	if !startsAt(line) || !javaFrame.MatchString(line) {
		return 0, 0, false
	}
	for i := len(prev) - 1; i >= 0; i-- {
		if javaHead.MatchString(prev[i]) {
			return len(prev) - i, 0, true
		}
	}
	return 0, 0, false
}

// startsAt is true for lines that begin with space and "at", as frames of Java and Node do.
func startsAt(line string) bool {
	short := strings.TrimLeft(line, " \t")
	return len(short) < len(line) && strings.HasPrefix(short, "at ")
}

// joinsJava takes frames, and the lines of a cause's message up to its first frame.
func joinsJava(b *block, line string) bool {
	switch {
	case javaFrame.MatchString(line), javaMore.MatchString(line):
		b.phase, b.loose = 0, 0
		return true
	case javaCause.MatchString(line), javaSupp.MatchString(line):
		b.phase = 1
		return true
	case b.phase == 1:
		b.loose++
		return b.loose <= lookBack
	}
	return false
}

func parseJava(lines []string) (inspect.Trace, bool) {
	var t inspect.Trace
	m := javaHead.FindStringSubmatch(lines[0])
	if m == nil {
		return t, false
	}
	t.Type, t.Message = m[1], m[2]
	indent, cause := "", false
	for _, l := range lines[1:] {
		if m := javaCause.FindStringSubmatch(l); m != nil {
			cause = true
			if len(t.Causes) < maxCauses {
				t.Causes = append(t.Causes, inspect.Cause{Type: m[1], Message: m[2]})
			}
			continue
		}
		if m := javaSupp.FindStringSubmatch(l); m != nil {
			cause = true
			continue
		}
		m := javaFrame.FindStringSubmatch(l)
		switch {
		case m == nil && len(t.Frames) == 0 && !cause:
			t.Message += "\n" + l
		case m == nil || cause || len(t.Frames) == maxFrames:
		case indent == "" || indent == m[1]:
			indent = m[1]
			t.Frames = append(t.Frames, javaCall(m))
		}
	}
	return t, len(t.Frames) > 0
}

// javaCall makes a frame; its file has no directory, only the class says where it is.
func javaCall(m []string) inspect.Frame {
	f := inspect.Frame{Location: inspect.Location{Function: m[2] + "." + m[3]}}
	if i := strings.LastIndexByte(m[2], '.'); i >= 0 {
		f.Package = m[2][:i]
	}
	f.Line, _ = strconv.Atoi(m[5])
	f.File = m[4]
	if f.Line > 0 {
		f.File = strings.TrimPrefix(strings.ReplaceAll(f.Package, ".", "/")+"/"+m[4], "/")
	}
	return f
}
