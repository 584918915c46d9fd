package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/body"
)

// How values are written for people, one form for each wherever it stands.

// oneLine is s on one line, safe for a terminal.
func oneLine(s string) string {
	return strings.Join(strings.Fields(body.Terminal(s, false)), " ")
}

// count is "1 row", "3 rows".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// when is the time of day, with the date when that is not today's.
func when(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04:05")
	}
	return at.Format("Jan 2 15:04")
}

// roughly tells a time in its largest unit: "23 h".
func roughly(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// formatStatus is "---" where there is no status.
func formatStatus(code int) string {
	if code == 0 {
		return "---"
	}
	return fmt.Sprintf("%3d", code)
}

// formatSums lists what happened inside an exchange; "" for nothing.
func formatSums(s inspect.Sums) string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{s.Errors, "error"}, {s.HTMLErrors, "html"}, {s.SQL, "sql"}, {s.Calls, "call"}, {s.Logs, "log"}} {
		switch {
		case c.n == 0:
		case c.what == "sql" || c.what == "html":
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		default:
			parts = append(parts, count(c.n, c.what))
		}
	}
	return strings.Join(parts, " · ")
}

// placeOf is "file:line"; "" where that is not known.
func placeOf(l *inspect.Location) string {
	switch {
	case l == nil || l.File == "":
		return ""
	case l.Line == 0:
		return l.File
	}
	return fmt.Sprintf("%s:%d", l.File, l.Line)
}

// printJSONLines writes each of a list as one line.
func printJSONLines[T any](w io.Writer, list []T) error {
	for _, v := range list {
		if err := printJSON(w, v); err != nil {
			return err
		}
	}
	return nil
}
