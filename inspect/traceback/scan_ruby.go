package traceback

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Phases of a Ruby backtrace.
const (
	rubyFrom   = iota // `file:1:in 'f': message (Class)`, then `from` lines
	rubyBack          // innermost last, Ruby 2.5 to 2.7 on a terminal
	rubyEnd           // the message of the reverse order was read
	rubyLogged        // a log line, then indented frames (Sinatra, Rack)
)

var (
	rubyTop   = regexp.MustCompile("^(\\S.*?):(\\d+):in [`'](.+?)': (.*?)(?: \\(([A-Z][\\w:]*)\\))?$")
	rubyFrame = regexp.MustCompile("^\\s+(?:\\d+: )?(?:from )?(\\S.*?):(\\d+):in [`'](.+)'$")
	rubyLog   = regexp.MustCompile(`(?:^|[\s-])([A-Z][\w:]*(?:Error|Exception|Invalid|NotFound)) (?:- (.*?):?|\((.*)\):?)$`)

	rubyGrammar = grammar{language: "ruby", opens: opensRuby, joins: joinsRuby, parse: parseRuby}
)

func opensRuby(prev []string, line string) (int, int, bool) {
	if !strings.Contains(line, ":in ") {
		return 0, 0, false
	}
	if m := rubyTop.FindStringSubmatch(line); m != nil && m[5] != "" {
		return 0, rubyFrom, true
	}
	if !rubyFrame.MatchString(line) {
		return 0, 0, false
	}
	for i := len(prev) - 1; i >= 0; i-- {
		if rubyLog.MatchString(prev[i]) {
			return len(prev) - i, rubyLogged, true
		}
		if strings.TrimSpace(prev[i]) != "" {
			break
		}
	}
	return 0, 0, false
}

func joinsRuby(b *block, line string) bool {
	switch b.phase {
	case rubyBack:
		if m := rubyTop.FindStringSubmatch(line); m != nil && m[5] != "" {
			b.phase = rubyEnd
			return true
		}
		return rubyReverse.MatchString(line)
	case rubyEnd:
		return false
	case rubyFrom:
		m := rubyTop.FindStringSubmatch(line)
		return m != nil && m[5] != "" && len(b.lines) > 1 || rubyFrame.MatchString(line)
	}
	return rubyFrame.MatchString(line)
}

func parseRuby(lines []string) (inspect.Trace, bool) {
	var t inspect.Trace
	if strings.HasSuffix(lines[0], pyHeader) {
		return parseRubyBack(lines)
	}
	for i, l := range lines {
		if m := rubyTop.FindStringSubmatch(l); m != nil && m[5] != "" {
			if i > 0 && t.Type != "" {
				if len(t.Causes) < maxCauses {
					t.Causes = append(t.Causes, inspect.Cause{Type: m[5], Message: m[4]})
				}
				continue
			}
			t.Type, t.Message = m[5], m[4]
			t.Frames = append(t.Frames, rubyCall(m))
		} else if m := rubyFrame.FindStringSubmatch(l); m != nil && len(t.Causes) == 0 {
			t.Frames = append(t.Frames, rubyCall(m))
		} else if m := rubyLog.FindStringSubmatch(l); m != nil && t.Type == "" {
			t.Type, t.Message = m[1], m[2]+m[3]
		}
	}
	return t, t.Type != "" && len(t.Frames) > 0
}

func parseRubyBack(lines []string) (inspect.Trace, bool) {
	var t inspect.Trace
	for _, l := range lines[1:] {
		if m := rubyTop.FindStringSubmatch(l); m != nil && m[5] != "" {
			t.Type, t.Message = m[5], m[4]
			t.Frames = append(t.Frames, rubyCall(m))
		} else if m := rubyFrame.FindStringSubmatch(l); m != nil {
			t.Frames = append(t.Frames, rubyCall(m))
		}
	}
	reverse(t.Frames)
	return t, t.Type != ""
}

func rubyCall(m []string) inspect.Frame {
	f := inspect.Frame{Location: inspect.Location{Function: m[3], Path: m[1], File: m[1]}}
	f.Line, _ = strconv.Atoi(m[2])
	return f
}
