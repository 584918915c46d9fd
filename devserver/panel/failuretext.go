package panel

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect/traceback"
)

// Title names the failure in two or three words.
func (f Failure) Title() string {
	switch f.Reason {
	case BuildFailed:
		return "Build failed"
	case Held:
		return "Not ready yet"
	case Crashed:
		return "The program ended"
	case Stopped:
		return "The program is stopped"
	case Panicked:
		return "The program failed"
	}
	if f.garbled() {
		return "Not an HTTP answer"
	}
	return "No answer"
}

// garbled reports whether the target said something, but not in HTTP.
func (f Failure) garbled() bool {
	return f.Reason == Unreachable && (strings.Contains(f.Detail, "malformed") || strings.Contains(f.Detail, "answered with status"))
}

// brokeOff reports whether the target took the request and ended the connection.
func (f Failure) brokeOff() bool {
	return f.Reason == Unreachable && (strings.Contains(f.Detail, "EOF") || strings.Contains(f.Detail, "connection reset"))
}

// target names the target in a sentence.
func (f Failure) target() string { return or(f.Target, "the program") }

// lead says in a sentence what is the matter.
func (f Failure) lead() string {
	target := f.target()
	switch f.Reason {
	case BuildFailed:
		if f.Build != nil && len(f.Build.Diagnostics) == 1 {
			return target + " does not build: 1 error."
		} else if f.Build != nil && len(f.Build.Diagnostics) > 1 {
			return fmt.Sprintf("%s does not build: %d errors.", target, len(f.Build.Diagnostics))
		}
		return target + " does not build."
	case Held:
		return "The request waited for " + target + ": " + or(f.Detail, string(f.State)) + "."
	case Crashed:
		return target + " ended by itself: " + or(f.Detail, "no exit status known") + "."
	case Stopped:
		return target + " was stopped" + colon(f.Detail) + "."
	}
	switch {
	case f.garbled():
		return target + " said something that is not an HTTP answer" + colon(f.Detail) + "."
	case f.brokeOff():
		return target + " took the request and ended the connection without an answer" + colon(f.Detail) + "."
	}
	return target + " gave no answer" + colon(f.Detail) + "."
}

// hint says what to do about it.
func (f Failure) hint() string {
	switch f.Reason {
	case BuildFailed:
		return "Save a file that builds; this page reloads by itself."
	case Held:
		return "This page reloads when the program is there. A longer wait: --hold 2m."
	case Crashed:
		return "It starts again at the next save, or with R in the terminal."
	case Stopped:
		return "Press R in the terminal to start it again."
	}
	switch {
	case f.garbled():
		return "Does it speak another protocol at this address (TLS, perhaps), or write to the connection itself?"
	case f.brokeOff():
		return "It may have failed or ended amid the request: its output says more."
	}
	return "Is it listening at this address? If it has just started, try again."
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// Text returns the failure for a terminal.
func (f Failure) Text() string {
	if f.Trace != nil {
		report := f.traceReport()
		return traceback.ReportText(&report)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "pastedev: %s: %s\n", strings.ToLower(f.Title()), f.lead())
	f.each(func(place, message string, frame []string) {
		fmt.Fprintf(&b, "\n%s: %s\n", place, message)
		for _, l := range frame {
			b.WriteString("  " + l + "\n")
		}
	})
	if f.Reason == BuildFailed && f.Build != nil && len(f.Build.Diagnostics) == 0 && f.Build.Output != "" {
		b.WriteString("\n" + f.Build.Output + "\n")
	}
	if len(f.Output) > 0 && f.Reason != BuildFailed {
		b.WriteString("\nlast lines it printed:\n")
		for _, o := range f.Output {
			b.WriteString("  " + o.Text + "\n")
		}
	}
	fmt.Fprintf(&b, "\nhint: %s\n", f.hint())
	return b.String()
}

// Markdown returns the failure for a colleague or an agent.
func (f Failure) Markdown() string {
	if f.Trace != nil {
		report := f.traceReport()
		return traceback.Markdown(&report)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", f.Title(), f.lead())
	f.each(func(place, message string, frame []string) {
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n", place, message)
		if len(frame) > 0 {
			fence(&b, strings.Join(frame, "\n"))
		}
	})
	if f.Reason == BuildFailed && f.Build != nil && len(f.Build.Diagnostics) == 0 && f.Build.Output != "" {
		fence(&b, f.Build.Output)
	}
	if len(f.Output) > 0 && f.Reason != BuildFailed {
		b.WriteString("\nLast lines it printed:\n")
		lines := make([]string, len(f.Output))
		for i, o := range f.Output {
			lines[i] = o.Text
		}
		fence(&b, strings.Join(lines, "\n"))
	}
	fmt.Fprintf(&b, "\n%s\n", f.hint())
	return b.String()
}

// fence writes s as a code block whose fence s does not hold.
func fence(b *strings.Builder, s string) {
	mark := "```"
	for strings.Contains(s, mark) {
		mark += "`"
	}
	fmt.Fprintf(b, "\n%s\n%s\n%s\n", mark, strings.TrimRight(s, "\n"), mark)
}

// each calls do for every diagnostic of a failed build, with its source lines.
func (f Failure) each(do func(place, message string, frame []string)) {
	if f.Reason != BuildFailed || f.Build == nil {
		return
	}
	for _, d := range f.Build.Diagnostics {
		var frame []string
		for _, l := range d.Context {
			mark := " "
			if l.Number == d.Line {
				mark = ">"
			}
			text := plainText(l.Text)
			frame = append(frame, fmt.Sprintf("%s %4d | %s", mark, l.Number, text))
			if l.Number == d.Line && d.Column > 0 {
				frame = append(frame, "       | "+caret(l.Text, d.Column))
			}
		}
		do(place(d), plainText(d.Message), frame)
	}
}
