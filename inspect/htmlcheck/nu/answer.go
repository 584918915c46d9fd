package nu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
)

// answer is what the checker says, in its JSON (see its wiki, "Output » JSON").
type answer struct {
	Messages []message `json:"messages"`
}

// message is one of its messages. Lines and columns count from 1, columns UTF-16 code
// units, the last is inclusive; the first line is the last one where it is not given.
type message struct {
	Type        string `json:"type"`
	SubType     string `json:"subType"`
	FirstLine   int    `json:"firstLine"`
	LastLine    int    `json:"lastLine"`
	FirstColumn int    `json:"firstColumn"`
	LastColumn  int    `json:"lastColumn"`
	Message     string `json:"message"`
}

func parseAnswer(body []byte) (*answer, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("read the Nu checker's answer: %w", err)
	}
	return &a, nil
}

// diagnostics makes records of the messages. The checker may say that it could not check:
// that is an error.
func (a *answer) diagnostics(doc []byte) ([]inspect.Diagnostic, error) {
	lines := bytes.SplitAfter(doc, []byte("\n"))
	starts := make([]int, len(lines))
	for i, at := 0, 0; i < len(lines); i++ {
		starts[i] = at
		at += len(lines[i])
	}
	var list []inspect.Diagnostic
	for _, m := range a.Messages {
		if m.Type == "non-document-error" {
			return nil, fmt.Errorf("the Nu checker could not check the page: %s", m.Message)
		}
		d := inspect.Diagnostic{Severity: m.severity(), Message: ownQuotes(m.Message), Source: "nu"}
		d.Code = string(Family(m.Message)) + "/nu"
		if m.FirstLine == 0 {
			m.FirstLine = m.LastLine
		}
		if m.FirstColumn == 0 {
			m.FirstColumn = m.LastColumn
		}
		if m.FirstLine >= 1 && m.FirstLine <= len(lines) && m.LastLine >= m.FirstLine && m.LastLine <= len(lines) {
			first, last := lines[m.FirstLine-1], lines[m.LastLine-1]
			from, to := offset(first, m.FirstColumn-1), offset(last, m.LastColumn)
			d.Line, d.Column, d.EndLine, d.EndColumn = m.FirstLine, from+1, m.LastLine, max(to, 1)
			d.Start, d.End = starts[m.FirstLine-1]+from, max(starts[m.FirstLine-1]+from, starts[m.LastLine-1]+to)
			d.Context = []inspect.SourceLine{excerpt(&d, first, from)}
		}
		list = append(list, d)
	}
	return list, nil
}

func (m *message) severity() inspect.Severity {
	switch {
	case m.Type == "error":
		return inspect.SeverityError
	case m.SubType == "warning":
		return inspect.SeverityWarning
	default:
		return inspect.SeverityInfo
	}
}

// ownQuotes writes names as our own messages do.
var quotes = strings.NewReplacer("“", "`", "”", "`")

func ownQuotes(s string) string { return quotes.Replace(s) }

// offset returns the byte of a line at n UTF-16 code units.
func offset(line []byte, n int) int {
	at := 0
	for at < len(line) && n > 0 {
		r, size := utf8.DecodeRune(line[at:])
		if r > 0xFFFF {
			n--
		}
		n--
		at += size
	}
	return at
}

// excerptBytes bounds the line of source of a finding.
const excerptBytes = 160

// excerpt cuts the line around a byte and sets the marks of d.
func excerpt(d *inspect.Diagnostic, line []byte, at int) inspect.SourceLine {
	line = bytes.TrimRight(line, "\r\n")
	at = min(at, len(line))
	from := 0
	if at > excerptBytes*3/4 {
		from = at - excerptBytes/4
	}
	to := min(from+excerptBytes, len(line))
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	text := string(bytes.ToValidUTF8(line[from:to], []byte("?")))
	mark := at - from
	if from > 0 {
		text, mark = "…"+text, mark+len("…")
	}
	d.MarkStart = min(mark, len(text))
	d.MarkEnd = len(text)
	if d.EndLine == d.Line {
		d.MarkEnd = max(d.MarkStart, min(mark+d.End-d.Start, len(text)))
	}
	if to < len(line) {
		text += "…"
	}
	return inspect.SourceLine{Number: d.Line, Text: text}
}

// place is what tells whether two checkers mean the same.
type place struct {
	line     int
	family   string
	severity inspect.Severity
}

func placeOf(d *inspect.Diagnostic) place {
	family, _, _ := strings.Cut(d.Code, "/")
	return place{d.Line, family, d.Severity}
}

// Merge adds to a check what the Nu checker says beyond it. ours are all findings of the
// check, none grouped: a message is known when one of the same family and severity is in
// the same line. Messages of one wording are one Diagnostic with a Count.
func Merge(check *inspect.HTMLCheck, ours, said []inspect.Diagnostic) {
	known := make(map[place]bool, len(ours))
	for i := range ours {
		known[placeOf(&ours[i])] = true
	}
	merged := append([]inspect.Diagnostic(nil), check.Diagnostics...)
	first := map[string]int{}
	for _, d := range said {
		if known[placeOf(&d)] {
			continue
		}
		switch d.Severity {
		case inspect.SeverityError:
			check.Errors++
		case inspect.SeverityWarning:
			check.Warnings++
		default:
			check.Infos++
		}
		if i, ok := first[d.Message]; ok {
			merged[i].Count = max(merged[i].Count, 1) + 1
			continue
		}
		first[d.Message] = len(merged)
		merged = append(merged, d)
	}
	slices.SortStableFunc(merged, func(a, b inspect.Diagnostic) int { return a.Start - b.Start })
	check.Diagnostics, check.Nu = merged, "ok"
}
