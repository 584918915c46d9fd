package traceback

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Phases of what gin's and chi's recoverers print.
const (
	recHead = iota
	recFrames
	recCall
)

// The recoverer of gin prints the request, the value, then two lines a frame:
// `/path/file.go:12 (0x7b3c45)` and, after a tab, `function: source line`. Functions have
// no package.
var (
	ginGrammar = grammar{language: "go", opens: opensGin, joins: joinsGin, parse: parseGin}
	ginFile    = regexp.MustCompile(`^(\S.*):(\d+) \(0x[0-9a-f]+\)$`)
	ginCall    = regexp.MustCompile(`^\t([^:]+): `)
)

// recLoose bounds the lines before the first frame: gin prints the whole request there.
const recLoose = 80

func opensGin(_ []string, line string) (int, int, bool) {
	return 0, recHead, strings.Contains(line, "[Recovery] ") && strings.HasSuffix(line, " panic recovered:")
}

func joinsGin(b *block, line string) bool {
	switch {
	case ginFile.MatchString(line):
		b.phase = recCall
		return true
	case b.phase == recHead:
		b.loose++
		return b.loose <= recLoose
	case b.phase == recCall:
		b.phase = recFrames
		return ginCall.MatchString(line)
	}
	return false
}

func parseGin(lines []string) (inspect.Trace, bool) {
	t := inspect.Trace{Kind: inspect.TraceText, Recovered: true}
	var head []string
	for i := 1; i < len(lines); i++ {
		m := ginFile.FindStringSubmatch(lines[i])
		if m == nil {
			if len(t.Frames) == 0 {
				head = append(head, lines[i])
			}
			continue
		}
		f := inspect.Frame{Location: inspect.Location{Path: m[1], File: m[1]}}
		f.Line, _ = strconv.Atoi(m[2])
		if i+1 < len(lines) {
			if c := ginCall.FindStringSubmatch(lines[i+1]); c != nil {
				f.Function = c[1]
				i++
			}
		}
		t.Frames = append(t.Frames, f)
	}
	t.Message = afterRequest(head)
	t.Type = goType(t.Message)
	for len(t.Frames) > 1 && strings.Contains(t.Frames[0].Path, "/src/") && strings.Contains(t.Frames[0].Path, "runtime/") {
		t.Frames = t.Frames[1:]
	}
	return t, len(t.Frames) > 0 && t.Message != ""
}

// afterRequest is the value: what follows the request's headers and their empty line.
// Outside of debug mode gin prints no request.
func afterRequest(head []string) string {
	for i, l := range head {
		if l == "" && i > 0 && strings.Contains(head[0], " HTTP/") {
			head = head[i:]
			break
		}
	}
	return strings.TrimSpace(strings.Join(head, "\n"))
}

// The recoverer of chi prints ` panic: value`, then two indented lines a frame; the one
// that panicked is marked with arrows.
var (
	chiGrammar = grammar{language: "go", opens: opensChi, joins: joinsChi, parse: parseChi}
	chiFile    = regexp.MustCompile(`^( ->   |      )(\S.*\.(?:go|s)):(\d+)$`)
	chiCall    = regexp.MustCompile(`^( -> |    )(\S.*)$`)
)

func opensChi(_ []string, line string) (int, int, bool) {
	return 0, recHead, strings.HasPrefix(line, " panic: ")
}

func joinsChi(b *block, line string) bool {
	switch {
	case b.phase == recHead:
		if strings.HasPrefix(line, " -> ") {
			b.phase = recCall
			return true
		}
		b.loose++
		return b.loose <= headLoose
	case b.phase == recCall:
		b.phase = recFrames
		return chiFile.MatchString(line)
	case strings.TrimSpace(line) == "":
		return true
	case chiCall.MatchString(line):
		b.phase = recCall
		return true
	}
	return false
}

func parseChi(lines []string) (inspect.Trace, bool) {
	t := inspect.Trace{Kind: inspect.TraceText, Recovered: true}
	msg := []string{strings.TrimPrefix(lines[0], " panic: ")}
	function := ""
	for _, l := range lines[1:] {
		if m := chiFile.FindStringSubmatch(l); m != nil && function != "" {
			f := inspect.Frame{Location: inspect.Location{Function: function, Path: m[2], File: m[2]}, Package: goPackage(function)}
			f.Line, _ = strconv.Atoi(m[3])
			if by, ok := strings.CutPrefix(function, "created by "); ok {
				f.Function, _, _ = strings.Cut(by, " ")
				f.Package = goPackage(f.Function)
				t.CreatedBy = &f
			} else {
				t.Frames = append(t.Frames, f)
			}
			function = ""
		} else if m := chiCall.FindStringSubmatch(l); m != nil {
			function = m[2]
		} else if len(t.Frames) == 0 && function == "" {
			msg = append(msg, l)
		}
	}
	t.Message = strings.TrimSpace(strings.Join(msg, "\n"))
	t.Type = goType(t.Message)
	return t, len(t.Frames) > 0
}
