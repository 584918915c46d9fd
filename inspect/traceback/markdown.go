package traceback

import (
	"fmt"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// maxMarkdown bounds the Markdown form, in bytes: an agent reads all of it.
const maxMarkdown = 32 << 10

// Markdown is the report for an agent or an issue: what failed, where, the source with the
// values of variables, the request, prints, SQL and what changed.
func Markdown(r *Report) string {
	t := &r.Trace
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", mdText(t.Headline))
	fmt.Fprintf(&b, "- code: %s", mdText(t.Code))
	if t.Count > 1 {
		fmt.Fprintf(&b, " (seen %d times)", t.Count)
	}
	b.WriteByte('\n')
	if i := Failing(t); i >= 0 {
		fmt.Fprintf(&b, "- location: %s in %s\n", mdCode(place(t.Frames[i])), mdCode(t.Frames[i].Function))
	}
	if t.Message != "" {
		fmt.Fprintf(&b, "- message: %s\n", mdCode(typed(t.Type, t.Message)))
	}
	for _, c := range t.Causes {
		fmt.Fprintf(&b, "- caused by: %s\n", mdCode(typed(c.Type, c.Message)))
	}
	if r.Request != nil {
		fmt.Fprintf(&b, "- request: %s\n", mdCode(r.Request.Method+" "+r.Request.URL))
	}
	for _, h := range t.Hints {
		fmt.Fprintf(&b, "- hint: %s\n", mdText(h))
	}
	mdFrames(&b, t)
	mdChanged(&b, t)
	mdPrints(&b, r)
	mdSpans(&b, r)
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n", mdText(s.Title))
		for _, n := range s.Rows {
			fmt.Fprintf(&b, "- %s: %s\n", mdText(n.Key), mdCode(n.Value))
		}
	}
	out, was := cut(b.String(), maxMarkdown)
	if was {
		out += "\n\n(cut here)\n"
	}
	return out
}

func mdFrames(b *strings.Builder, t *inspect.Trace) {
	if len(t.Frames) == 0 {
		return
	}
	b.WriteString("\n## Stack, innermost first\n")
	for _, g := range groups(t.Frames) {
		if g.fold {
			fmt.Fprintf(b, "\n(%s)\n", g.label())
			continue
		}
		f := g.frames[0]
		fmt.Fprintf(b, "\n### %s %s\n", mdCode(frameName(f)), mdCode(place(f)))
		if len(f.Source) > 0 {
			var src strings.Builder
			for _, l := range f.Source {
				mark := " "
				if l.Number == f.Line {
					mark = ">"
				}
				fmt.Fprintf(&src, "%s%5d  %s\n", mark, l.Number, clean(l.Text))
			}
			mdFence(b, t.Language, src.String())
		}
		vars := append(append([]inspect.Variable{}, f.Args...), f.Locals...)
		if len(vars) > 0 {
			b.WriteByte('\n')
		}
		for _, v := range vars {
			mdVariable(b, v, 0)
		}
		for _, n := range f.Notes {
			fmt.Fprintf(b, "- note %s: %s\n", mdText(n.Key), mdCode(n.Value))
		}
	}
	if t.NoLocals != "" {
		fmt.Fprintf(b, "\n(no variables: %s)\n", mdText(t.NoLocals))
	}
}

// mdVariableDepth is how deep values are written out: fields of a pointed-to struct.
const mdVariableDepth = 3

func mdVariable(b *strings.Builder, v inspect.Variable, depth int) {
	fmt.Fprintf(b, "%s- %s", strings.Repeat("  ", depth), mdCode(fmt.Sprintf("%s %s = %s", v.Name, v.Type, valueText(v))))
	b.WriteByte('\n')
	if depth+1 >= mdVariableDepth {
		return
	}
	for i, c := range v.Children {
		if i == maxChildren {
			fmt.Fprintf(b, "%s- (%d more)\n", strings.Repeat("  ", depth+1), len(v.Children)-i)
			break
		}
		mdVariable(b, c, depth+1)
	}
}

// maxChildren bounds the elements of a value in the Markdown form.
const maxChildren = 20

func mdChanged(b *strings.Builder, t *inspect.Trace) {
	if len(t.Changed) == 0 {
		return
	}
	b.WriteString("\n## Changed since the last build without this fault\n")
	for _, c := range t.Changed {
		var src strings.Builder
		for _, l := range c.Lines {
			fmt.Fprintf(&src, "%6d  %s\n", l.Number, clean(l.Text))
		}
		fmt.Fprintf(b, "\n%s\n", mdCode(c.File))
		mdFence(b, t.Language, src.String())
	}
}

func mdPrints(b *strings.Builder, r *Report) {
	if len(r.Prints) == 0 {
		return
	}
	b.WriteString("\n## Printed during the request\n")
	var text strings.Builder
	for _, o := range lastOf(r.Prints, maxShownPrints) {
		fmt.Fprintf(&text, "%s\n", clean(o.Text))
	}
	mdFence(b, "", text.String())
}

func mdSpans(b *strings.Builder, r *Report) {
	if len(r.Spans) == 0 {
		return
	}
	b.WriteString("\n## SQL and calls\n\n")
	for _, s := range lastOf(r.Spans, maxShownSpans) {
		fmt.Fprintf(b, "- %s", mdCode(spanText(s)))
		if s.Error != "" {
			fmt.Fprintf(b, " failed: %s", mdText(s.Error))
		}
		b.WriteByte('\n')
	}
}

func spanText(s inspect.Span) string {
	switch {
	case s.SQL != nil:
		text := strings.TrimSpace(string(s.SQL.Op) + " " + s.SQL.Statement)
		if len(s.SQL.Args) > 0 {
			text += " [" + strings.Join(s.SQL.Args, ", ") + "]"
		}
		return oneLine(text, maxValue)
	case s.Call != nil:
		return oneLine(fmt.Sprintf("%s %s → %d", s.Call.Method, s.Call.URL, s.Call.Status), maxValue)
	}
	return string(s.Kind)
}

func lastOf[T any](s []T, n int) []T {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}

// mdText escapes what would be markup.
func mdText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", "[", `\[`, "#", `\#`).Replace(oneLine(s, maxValue))
}

// mdCode is a code span: fenced by one more backtick than it holds (CommonMark 6.1).
func mdCode(s string) string {
	s = oneLine(s, maxValue)
	if s == "" {
		return "(empty)"
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

func mdFence(b *strings.Builder, language, text string) {
	fence := strings.Repeat("`", max(3, longestRun(text)+1))
	fmt.Fprintf(b, "\n%s%s\n%s%s\n", fence, language, text, fence)
}

func longestRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
