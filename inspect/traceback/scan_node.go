package traceback

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Phases of a Node error.
const (
	nodeFrames = iota
	nodeProps  // inside the braces of the error's properties, where causes are printed
	nodeLast   // the closing brace was read
)

var (
	nodeFrame  = regexp.MustCompile(`^\s+at (?:async )?(?:(?:new )?(\S.*?) \()?((?:file:///|node:|/|[A-Za-z]:[\\/]|webpack|internal/|\.{0,2}/|[\w@.-]+[\\/])[^()\n]*?|[\w.-]+\.[cm]?[jt]sx?|node:[\w/]+|<anonymous>|native|evalmachine\.<anonymous>):?(\d+)?:?(\d+)?\)?(,| \{| \[)*$`)
	nodeError  = regexp.MustCompile(`(?:^|\s)(?:\[cause\]: )?((?:[A-Za-z_$][\w$.]*)?(?:Error|Exception|Rejection))(?: \[(\w+)\])?(?:: (.*))?$`)
	nodeNamed  = regexp.MustCompile(`^(?:Uncaught )?([A-Z][\w$]*): (.*)$`)
	nodeCause  = regexp.MustCompile(`^\s+\[cause\]: ([A-Za-z_$][\w$.]*)(?: \[(\w+)\])?(?:: (.*))?$`)
	nodeMember = regexp.MustCompile(`^\s{4,}((?:[A-Za-z_$][\w$.]*)?Error)(?: \[(\w+)\])?: (.*)$`)
	nodeSame   = regexp.MustCompile(`^\s+\.\.\. \d+ lines matching cause stack trace \.\.\.$`)
	nodePlace  = regexp.MustCompile(`^(?:file://)?(/\S.*|[A-Za-z]:\\.*|\S+\.[cm]?[jt]sx?):(\d+)$`)

	nodeGrammar = grammar{language: "node", opens: opensNode, joins: joinsNode, parse: parseNode}
)

// A frame has a place with line and column, or is one of the engine's own.
func isNodeFrame(line string) bool {
	if !startsAt(line) {
		return false
	}
	m := nodeFrame.FindStringSubmatch(line)
	return m != nil && (m[4] != "" || m[2] == "<anonymous>" || m[2] == "native")
}

func opensNode(prev []string, line string) (int, int, bool) {
	if !isNodeFrame(line) {
		return 0, 0, false
	}
	for i := len(prev) - 1; i >= 0; i-- {
		if nodeError.MatchString(prev[i]) || i == len(prev)-1 && nodeNamed.MatchString(prev[i]) && !strings.HasPrefix(prev[i], "Trace: ") {
			return len(prev) - i + nodeIntro(prev[:i]), nodePhase(line), true
		}
	}
	return 0, 0, false
}

// nodeIntro is how many lines before the error show where it was thrown:
// `file:3`, the source line, a caret, an empty line.
func nodeIntro(prev []string) int {
	for n := 3; n <= 5 && n <= len(prev); n++ {
		if nodePlace.MatchString(prev[len(prev)-n]) {
			return n
		}
	}
	return 0
}

func nodePhase(line string) int {
	if strings.HasSuffix(line, "{") {
		return nodeProps
	}
	return nodeFrames
}

// nodeLoose bounds the lines of an error's properties.
const nodeLoose = 200

func joinsNode(b *block, line string) bool {
	switch b.phase {
	case nodeLast:
		return false
	case nodeProps:
		b.loose++
		if line == "}" {
			b.phase = nodeLast
		}
		return b.loose <= nodeLoose && (strings.HasPrefix(line, "  ") || line == "}" || line == "")
	}
	if isNodeFrame(line) || nodeSame.MatchString(line) {
		b.phase = nodePhase(line)
		return true
	}
	return strings.HasPrefix(line, "Emitted 'error' event ")
}

func parseNode(lines []string) (inspect.Trace, bool) {
	var t inspect.Trace
	var msg []string
	first := nodeFirst(lines)
	if first < 0 {
		return t, false
	}
	for _, l := range lines[:first] {
		if m := nodeError.FindStringSubmatch(l); m != nil {
			t.Type, msg = m[1], []string{m[3]}
		} else if m := nodeNamed.FindStringSubmatch(l); m != nil && t.Type == "" {
			t.Type, msg = m[1], []string{m[2]}
		} else if t.Type != "" {
			msg = append(msg, l)
		}
	}
	t.Message = strings.TrimRight(strings.Join(msg, "\n"), "\n")
	cause := false
	for _, l := range lines[first:] {
		m := nodeCause.FindStringSubmatch(l)
		if m == nil {
			m = nodeMember.FindStringSubmatch(l)
		}
		switch {
		case m != nil:
			cause = true
			if len(t.Causes) < maxCauses {
				t.Causes = append(t.Causes, inspect.Cause{Type: m[1], Message: m[3]})
			}
		case !cause && isNodeFrame(l) && len(t.Frames) < maxFrames:
			t.Frames = append(t.Frames, nodeCall(l))
		}
	}
	if m := nodePlace.FindStringSubmatch(lines[0]); m != nil && strings.HasPrefix(t.Type, "SyntaxError") && len(t.Frames) > 0 {
		// The stack of a syntax error is the loader's; the place is said before it.
		f := inspect.Frame{Location: inspect.Location{Path: m[1], File: m[1]}}
		f.Line, _ = strconv.Atoi(m[2])
		t.Frames = append([]inspect.Frame{f}, t.Frames...)
	}
	return t, t.Type != "" && len(t.Frames) > 0
}

func nodeFirst(lines []string) int {
	for i, l := range lines {
		if isNodeFrame(l) {
			return i
		}
	}
	return -1
}

func nodeCall(line string) inspect.Frame {
	m := nodeFrame.FindStringSubmatch(line)
	path := strings.TrimPrefix(m[2], "file://")
	if len(path) > 3 && path[0] == '/' && path[2] == ':' {
		path = path[1:] // file:///C:/app.js
	}
	f := inspect.Frame{Location: inspect.Location{Function: m[1], Path: path, File: path}}
	f.Line, _ = strconv.Atoi(m[3])
	f.Column, _ = strconv.Atoi(m[4])
	return f
}
