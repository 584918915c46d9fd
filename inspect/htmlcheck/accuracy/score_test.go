package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
)

func say(f finding.Family, line, end int) message {
	return message{f, inspect.SeverityError, line, end, string(f) + "/x: y"}
}

func TestMeasure(t *testing.T) {
	warning := say(finding.Obsolete, 1, 1)
	warning.severity = inspect.SeverityWarning
	set := []*document{
		{path: "a", truth: []message{say(finding.URL, 3, 4), say(finding.URL, 3, 3)}, ours: []message{say(finding.URL, 4, 4), say(finding.URL, 3, 3)}},
		{path: "b", truth: []message{say(finding.ARIA, 1, 1), warning}, ours: []message{say(finding.ARIA, 2, 2), warning}},
		{path: "c", ours: []message{say(finding.Table, 1, 1)}},
		{path: "d", truth: []message{say(finding.Table, 1, 1)}},
		{path: "e"},
	}
	r := measure(set, false)
	type counts struct{ Doc, Pair, Line, Table, ARIA [3]int }
	list := func(r ratio) [3]int { return [3]int{r.both, r.ours, r.theirs} }
	got := counts{list(r.doc), list(r.pair), list(r.line), list(r.families[finding.Table].doc), list(r.families[finding.ARIA].line)}
	want := counts{Doc: [3]int{2, 1, 1}, Pair: [3]int{2, 1, 1}, Line: [3]int{2, 2, 2}, Table: [3]int{0, 1, 1}, ARIA: [3]int{0, 1, 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if n := r.families[finding.Obsolete].doc; n != (ratio{}) {
		t.Errorf("a warning counts as an error: %v", n)
	}
	if n := measure(set, true).families[finding.Obsolete].doc; n.both != 1 {
		t.Errorf("a warning does not count with -warnings: %v", n)
	}
}

func TestMatchPrefersTheFirstLine(t *testing.T) {
	// Our first message fits both of vnu's; it must not take the one that the second needs.
	they := []message{say(finding.URL, 1, 9), say(finding.URL, 5, 5)}
	we := []message{say(finding.URL, 5, 5), say(finding.URL, 7, 7)}
	if ours, theirs := unmatched(we, they); len(ours)+len(theirs) != 0 {
		t.Errorf("alone: %v, %v", ours, theirs)
	}
}

func TestReplaceTable(t *testing.T) {
	doc := replaceTable([]byte("# Title\n"), "own", "| a |\n")
	doc = replaceTable(doc, "real", "| b |\n")
	doc = replaceTable(append(doc, "\nLast words.\n"...), "own", "| c |\n")
	want := "# Title\n\n<!-- table own -->\n| c |\n<!-- end of table own -->\n\n<!-- table real -->\n| b |\n<!-- end of table real -->\n\nLast words.\n"
	if d := cmp.Diff(want, string(doc)); d != "" {
		t.Error(d)
	}
}

func TestReadReport(t *testing.T) {
	report := `warning: about Java
{"version":"1","messages":[{"type":"error","url":"file:/a%20b.html","lastLine":3,"firstColumn":2,"lastColumn":9,"message":"x"},
{"type":"info","subType":"warning","url":"file:/c.html","firstLine":1,"lastLine":2,"firstColumn":4,"lastColumn":5,"message":"y"},
{"type":"non-document-error","subType":"io","url":"file:/d.html","message":"z"}]}`
	got := map[string][]rawMessage{"/e.html": {}}
	if err := readReport([]byte(report), nil, got); err != nil {
		t.Fatal(err)
	}
	want := map[string][]rawMessage{
		"/a b.html": {{3.0, 2.0, 3.0, 9.0, "error", "x"}},
		"/c.html":   {{1.0, 4.0, 2.0, 5.0, "warning", "y"}},
		"/d.html":   {{0.0, 0.0, 0.0, 0.0, "fatal", "z"}},
		"/e.html":   {},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	name := filepath.Join(t.TempDir(), "truth.tsv")
	if err := writeTruth(name, got); err != nil {
		t.Fatal(err)
	}
	back := map[string][]rawMessage{}
	if err := readTruth(name, back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, back); d != "" {
		t.Error(d)
	}
	if _, ok := judged(back["/d.html"]); ok {
		t.Error("a document that vnu did not finish counts")
	}
	if err := readReport([]byte("Exception in thread"), nil, got); err == nil {
		t.Error("no error without a report")
	}
}

// TestRun goes from a folder to the tables with a truth that is at hand.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "p.html")
	if err := os.WriteFile(page, []byte("<!DOCTYPE html>\n<html lang=en><title>x</title>\n<p></b></p>\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	truth := filepath.Join(dir, "truth.tsv")
	raw := map[string][]rawMessage{page: {{3.0, 4.0, 3.0, 7.0, "error", "Stray end tag “b”."}, {3.0, 1.0, 3.0, 1.0, "error", "CSS: x"}}}
	if err := writeTruth(truth, raw); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) string {
		t.Helper()
		var o options
		if err := parseFlags(&o, append([]string{"-truth", truth, "-jobs", "1"}, args...)); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := run(t.Context(), &o, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for _, want := range []string{"1 documents, 1 of them with an error", "| document has an error | 100.0 | 100.0 | 1 | 0 | 0 |", "| css | 1 | - | 0.0 | 0 | 1 | 1 | - | 0.0 |"} {
		if got := ask(dir); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got := ask("-misses", "css", dir); !strings.Contains(got, "3: vnu's alone: css: CSS: x") {
		t.Errorf("-misses css:\n%s", got)
	}
	if got := ask("-alarms", "all", dir); !strings.Contains(got, "0 documents") {
		t.Errorf("-alarms all:\n%s", got)
	}
	if got := ask("-templates", dir); !strings.Contains(got, "parse-tree    error   Stray end tag “”.") {
		t.Errorf("-templates:\n%s", got)
	}
}

func TestTokenizerInput(t *testing.T) {
	tests := []struct {
		json   string
		double bool
		states []string
		want   string
		ok     bool
	}{
		{`"a\u0041"`, false, nil, "aA", true},
		{`"\\u0041"`, true, nil, "A", true},
		{`"\uD83D\uDE00"`, false, nil, "😀", true},
		{`"\uD83D"`, false, nil, "", false},
		{`"\\uDC00x"`, true, nil, "", false},
		{`"a"`, false, []string{"RCDATA state"}, "", false},
		{`"a"`, false, []string{"RCDATA state", "Data state"}, "a", true},
	}
	for _, tt := range tests {
		test := tokenizerTest{Input: []byte(tt.json), DoubleEscaped: tt.double, InitialStates: tt.states}
		if got, ok := test.input(); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %q %v, want %q %v", tt.json, got, ok, tt.want, tt.ok)
		}
	}
}
