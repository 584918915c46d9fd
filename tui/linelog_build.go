package tui

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// loggedBuild is a build that has been told of.
type loggedBuild struct {
	number int
	result inspect.BuildResult
}

// newBuild reports whether the end of a build is to be told, and notes it.
func (l *lineLog) newBuild(b inspect.Build) bool {
	now := loggedBuild{b.Number, b.Result}
	if b.Result == inspect.BuildUnfinished || l.builds[b.Mount] == now {
		return false
	}
	if l.builds == nil {
		l.builds = map[string]loggedBuild{}
	}
	l.builds[b.Mount] = now
	return true
}

// buildLine is what the log tells of a build.
func buildLine(b inspect.Build) logLine {
	line := logLine{
		Time: b.Start.Add(b.Duration.Duration()), Event: "build", Build: b.Number, Mount: b.Mount, Result: string(b.Result),
		DurationMS: &b.Duration, Errors: errorCount(b),
	}
	if d, ok := firstError(b); ok {
		line.Error = strings.TrimSpace(place(d) + " " + d.Message)
		line.Diagnostics = b.Diagnostics
	}
	return line
}

func (l *lineLog) humanBuild(m logLine) string {
	b := inspect.Build{Result: inspect.BuildResult(m.Result)}
	glyph, word, st := buildOutcome(l.th, b)
	of := ""
	if m.Mount != "" {
		of = clean(m.Mount) + ": "
	}
	text := l.paint(st, fmt.Sprintf("%s %sbuild %d %s", glyph, of, m.Build, word)) + " " + l.paint(l.th.Dim, "in "+inspect.FormatDuration(m.DurationMS.Duration()))
	if m.Error != "" {
		text += "  " + l.paint(l.th.Bad, clean(m.Error))
	}
	shown := 0
	for _, d := range m.Diagnostics {
		said := strings.TrimSpace(place(d) + " " + d.Message)
		if shown++; said == m.Error || shown > maxLogged {
			continue
		}
		text += "\n             " + l.paint(l.th.Bad, clean(said))
	}
	if shown > maxLogged {
		text += fmt.Sprintf("\n             and %d more", shown-maxLogged)
	}
	return text
}
