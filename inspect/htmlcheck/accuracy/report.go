package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// markdown writes the result as a table.
func (r *result) markdown(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%d documents, %d of them with an error in vnu's eyes; %.1f KB each, %.2f ms each, the slowest %.0f ms.\n",
		title, r.documents, r.invalid, float64(r.bytes)/1e3/float64(r.documents),
		r.took.Seconds()*1e3/float64(r.documents), r.slowest.Seconds()*1e3)
	if r.panics > 0 {
		fmt.Fprintf(&b, "\n**The check panicked on %d documents.**\n", r.panics)
	}
	b.WriteString("\n| what | P | R | both | only ours | only vnu's |\n|---|---|---|---|---|---|\n")
	for _, row := range []struct {
		name string
		r    ratio
	}{{"document has an error", r.doc}, {"(document, family) of errors", r.pair}, {"error by family and line", r.line}} {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d |\n", row.name, row.r.percent(), row.r.both, row.r.ours, row.r.theirs)
	}
	b.WriteString("\n| family | documents (vnu) | P | R | only ours | only vnu's | messages (vnu) | by line P | R |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, f := range families() {
		row := r.families[f]
		if row.doc == (ratio{}) {
			continue
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %d | %d | %d | %s |\n", f, row.doc.both+row.doc.theirs, row.doc.percent(),
			row.doc.ours, row.doc.theirs, row.messages, row.line.percent())
	}
	return b.String()
}

// percent is "P | R", a dash for what says nothing.
func (r ratio) percent() string {
	one := func(v float64, n int) string {
		if n == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f", v*100)
	}
	return one(r.precision(), r.both+r.ours) + " | " + one(r.recall(), r.both+r.theirs)
}

// emitTable prints a table, or puts it into a markdown file between the marks of its title.
func emitTable(out io.Writer, o *options, table string) error {
	if o.output == "" {
		_, err := io.WriteString(out, table)
		return err
	}
	old, err := os.ReadFile(o.output)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(o.output, replaceTable(old, o.title, table), 0o644)
}

// replaceTable puts a table in the place of the one before it, or at the end.
func replaceTable(doc []byte, title, table string) []byte {
	open, shut := []byte("<!-- table "+title+" -->\n"), []byte("<!-- end of table "+title+" -->\n")
	block := append(append(bytes.Clone(open), table...), shut...)
	from, to := bytes.Index(doc, open), bytes.Index(doc, shut)
	if from < 0 || to < from {
		if len(doc) > 0 {
			doc = append(bytes.TrimRight(doc, "\n"), "\n\n"...)
		}
		return append(doc, block...)
	}
	return append(append(bytes.Clone(doc[:from]), block...), doc[to+len(shut):]...)
}

// listCases writes the documents on which the two differ, with the messages.
func listCases(out io.Writer, set []*document, o *options) error {
	listed, found := 0, 0
	for _, d := range set {
		var lines []string
		if o.misses != "" {
			lines = append(lines, d.differences(o.misses, o.lines, true)...)
		}
		if o.alarms != "" {
			lines = append(lines, d.differences(o.alarms, o.lines, false)...)
		}
		if len(lines) == 0 {
			continue
		}
		if found++; listed < o.limit {
			listed++
			fmt.Fprintln(out, d.path)
			for _, l := range lines {
				fmt.Fprintln(out, "   ", l)
			}
		}
	}
	_, err := fmt.Fprintf(out, "%d documents, %d listed\n", found, listed)
	return err
}

// casesPerDocument bounds what is listed of one document.
const casesPerDocument = 6

// differences are vnu's errors that we miss, or ours that are too many.
func (d *document) differences(family string, lines, misses bool) []string {
	we, they := errorsOnly(d.ours, false), errorsOnly(d.truth, false)
	verb := "vnu's alone"
	if !misses {
		we, they = they, we
		verb = "ours alone"
	}
	var list []message
	switch {
	case d.failed != "":
		return []string{"panic: " + d.failed}
	case family == "doc":
		if len(we) == 0 {
			list = they
		}
	case lines:
		_, list = unmatched(we, they)
	default:
		have := familiesOf(we)
		for _, m := range they {
			if !have[m.family] {
				list = append(list, m)
			}
		}
	}
	var out []string
	for _, m := range list {
		if family != "doc" && family != "all" && family != string(m.family) {
			continue
		}
		if len(out) == casesPerDocument {
			return append(out, "...")
		}
		out = append(out, fmt.Sprintf("%d: %s: %s: %s", m.line, verb, m.family, clip(m.text)))
	}
	return out
}

// clip bounds a message for the lists: vnu quotes whole values.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	const most = 260
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
