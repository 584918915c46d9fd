package traceback

import (
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// Whatever stands in a record, no control byte of it reaches a terminal or a document,
// also when nobody cleaned the record before.
func TestNoControlBytes(t *testing.T) {
	const bad = "a\x1b]8;;http://e\ab\u202ec\x9b2J"
	v := inspect.Variable{Name: bad, Value: bad, Type: bad}
	list := []inspect.Variable{v}
	tr := inspect.Trace{
		Kind: inspect.TracePanic, Language: "go", Code: "E-1", Message: bad, Headline: bad + "!", Type: bad, NoLocals: bad, Raw: bad,
		Hints: []string{bad}, Causes: []inspect.Cause{{Type: bad, Message: bad}},
		Frames: []inspect.Frame{{
			Location: inspect.Location{Function: bad, File: bad, Path: bad, Line: 3}, Args: list, Locals: list,
			Notes: []inspect.Note{{Key: bad, Value: bad}}, Source: []inspect.SourceLine{{Number: 3, Text: bad}},
		}},
		Changed: []inspect.ChangedLines{{File: bad, Lines: []inspect.SourceLine{{Number: 1, Text: bad}}}},
	}
	report := &Report{
		Trace:  tr,
		Prints: []inspect.Output{{Text: bad, Level: bad, Attrs: []inspect.Note{{Key: bad, Value: bad}}}},
		Spans: []inspect.Span{
			{Kind: inspect.SpanSQL, Error: bad, SQL: &inspect.SQL{Statement: bad, Args: []string{bad}}},
			{Kind: inspect.SpanCall, Call: &inspect.Call{Method: bad, URL: bad}},
		},
	}
	for name, out := range map[string]string{
		"text":     Text(tr, TextOptions{AllFrames: true, Source: true, Raw: true}),
		"markdown": Markdown(report),
		"page":     string(HTML(PageData{Report: *report})),
	} {
		for _, c := range []string{"\x1b", "\a", "\x9b", "\u202e"} {
			if i := strings.Index(out, c); i >= 0 {
				t.Errorf("%s: %q in %q", name, c, out[max(0, i-60):min(len(out), i+20)])
			}
		}
	}
}
