package traceback

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// Report is a trace with all that is known around it. Secrets are masked by whoever
// fills it: nothing here knows what is secret.
type Report struct {
	Trace    inspect.Trace
	Request  *Request         // nil when there was none
	Prints   []inspect.Output // printed during the request, in order
	Spans    []inspect.Span   // SQL and outgoing calls, in order
	Build    *inspect.Build
	Sections []Section // what the program itself said: supplements, notes of functions that have returned
	Notices  []string  // what went wrong while the report was made
}

// Request is the request that failed, masked.
type Request struct {
	Method string         `json:"method"`
	URL    string         `json:"url"`
	Proto  string         `json:"proto"`
	Remote string         `json:"remote,omitempty"`
	Header []inspect.Note `json:"header,omitempty"` // in the order to show
	Form   []inspect.Note `json:"form,omitempty"`
}

// Importance says how prominent a section is.
type Importance int

// The importances, from the most prominent. Paste's names.
const (
	Important Importance = iota
	Normal
	Supplemental
	Extra
)

// Section is a table of values with a title.
type Section struct {
	Importance Importance     `json:"importance"`
	Title      string         `json:"title"`
	Rows       []inspect.Note `json:"rows"`
}

// Limits of what is shown. What is left out is counted.
const (
	maxShownPrints = 200
	maxShownSpans  = 100
	maxValue       = 1000 // bytes of a value in a table, as Paste cut them
)

// TextOptions say how much Text shows.
type TextOptions struct {
	AllFrames bool // frames of dependencies and the standard library too; else they are counted
	Source    bool // lines around each of the app's frames
	Raw       bool // the text the trace was found in
}

// Text is the trace for a terminal: plain, no control characters, app frames first read.
func Text(t inspect.Trace, o TextOptions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", clean(t.Code), clean(t.Headline))
	if msg := plain(t.Message); msg != t.Headline && msg != "" {
		fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(strings.TrimSpace(plain(typed(t.Type, msg))), "\n", "\n  "))
	}
	writeCauses(&b, t.Causes, "  caused by ")
	for _, h := range t.Hints {
		fmt.Fprintf(&b, "  hint: %s\n", clean(h))
	}
	if len(t.Frames) > 0 {
		b.WriteByte('\n')
	}
	for _, g := range groups(t.Frames) {
		if g.fold && !o.AllFrames {
			fmt.Fprintf(&b, "    %s\n", g.label())
			continue
		}
		for _, f := range g.frames {
			textFrame(&b, f, o.Source && !g.fold)
		}
	}
	if c := t.CreatedBy; c != nil {
		fmt.Fprintf(&b, "  created by %s  %s:%d\n", clean(c.Function), clean(c.File), c.Line)
	}
	if o.Raw && t.Raw != "" {
		fmt.Fprintf(&b, "\n%s\n", plain(t.Raw))
	}
	return b.String()
}

func textFrame(b *strings.Builder, f inspect.Frame, source bool) {
	fmt.Fprintf(b, "  %s  %s\n", clean(frameName(f)), place(f))
	if source {
		for _, l := range f.Source {
			mark := " "
			if l.Number == f.Line {
				mark = ">"
			}
			fmt.Fprintf(b, "    %s %5d  %s\n", mark, l.Number, clean(strings.ReplaceAll(l.Text, "\t", "    ")))
		}
	}
	for _, v := range append(append([]inspect.Variable{}, f.Args...), f.Locals...) {
		fmt.Fprintf(b, "      %s = %s\n", clean(v.Name), clean(valueText(v)))
	}
	for _, n := range f.Notes {
		fmt.Fprintf(b, "      %s: %s\n", clean(n.Key), clean(n.Value))
	}
}

func valueText(v inspect.Variable) string {
	switch {
	case v.Unreadable != "":
		return "(" + v.Unreadable + ")"
	case v.More:
		return v.Value + "…"
	}
	return v.Value
}

func typed(kind, msg string) string {
	if kind == "" || strings.HasPrefix(msg, kind) {
		return msg
	}
	return kind + ": " + msg
}

func writeCauses(b *strings.Builder, causes []inspect.Cause, prefix string) {
	for _, c := range causes {
		fmt.Fprintf(b, "%s%s\n", prefix, oneLine(typed(c.Type, c.Message), maxValue))
		writeCauses(b, c.Causes, "  "+prefix)
	}
}

func frameName(f inspect.Frame) string {
	if f.Function == "" {
		return "(top level)"
	}
	return shortFunction(f.Function)
}

func place(f inspect.Frame) string {
	switch {
	case f.File == "":
		return ""
	case f.Line == 0:
		return clean(f.File)
	}
	return fmt.Sprintf("%s:%d", clean(f.File), f.Line)
}

// clean is one line that is safe anywhere.
func clean(s string) string {
	return strings.TrimRight(strings.ReplaceAll(plain(s), "\n", " "), " ")
}

// group is frames that are shown together: one of the app's, or a run of others.
type group struct {
	fold   bool
	frames []inspect.Frame
	first  int // index of its first frame in the trace
}

// groups folds what is not the app's own, and what was hidden.
func groups(frames []inspect.Frame) []group {
	var out []group
	for i, f := range frames {
		fold := f.Origin != inspect.FrameApp || f.Hidden
		if n := len(out); fold && n > 0 && out[n-1].fold {
			out[n-1].frames = append(out[n-1].frames, f)
			continue
		}
		out = append(out, group{fold, []inspect.Frame{f}, i})
	}
	return out
}

// label names the packages of a folded run: "3 frames of net/http, chi".
func (g group) label() string {
	var names []string
	seen := map[string]bool{}
	for _, f := range g.frames {
		name := packageName(f)
		if f.Hidden && f.Origin == inspect.FrameApp {
			name = "hidden code"
		}
		if name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	if len(names) > 4 {
		names = append(names[:3], fmt.Sprintf("%d more", len(names)-3))
	}
	of := ""
	if len(names) > 0 {
		of = " of " + strings.Join(names, ", ")
	}
	if len(g.frames) == 1 {
		return "1 frame" + of
	}
	return fmt.Sprintf("%d frames%s", len(g.frames), of)
}

// packageName is what people call a package: the import path of std, else its last parts.
func packageName(f inspect.Frame) string {
	if f.Package == "" {
		if i := strings.LastIndexAny(f.File, `/\`); i > 0 {
			dir := f.File[:i]
			return clean(dir[strings.LastIndexAny(dir, `/\`)+1:])
		}
		return clean(f.File)
	}
	parts := strings.Split(clean(f.Package), "/")
	if f.Origin == inspect.FrameDependency && len(parts) > 2 && strings.Contains(parts[0], ".") {
		return strings.Join(parts[2:], "/")
	}
	return strings.Join(parts, "/")
}
