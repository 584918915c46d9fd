package htmlcheck

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

// shownBegin comes before each document of testdata/rules that is not whole.
const shownBegin = "<!DOCTYPE html><html lang=en><title>t</title>\n"

// shownMark begins a line that says what the rule finds: place, severity and message.
const shownMark = "» "

// shownWays are the words after a rule's name: how its document is read.
var shownWays = map[string]Options{
	"":             {},
	"whole":        {},
	"fragment":     {Shape: Fragment},
	"http":         {ContentType: "text/html"},
	"windows-1252": {ContentType: "text/html; charset=windows-1252"},
	"xhtml":        {ContentType: "application/xhtml+xml"},
	"instructions": {}, // with the processing instructions of the standard of June 2026, which Check does not read yet
}

// TestEachRule holds each rule to have a document in testdata/rules that shows what it finds,
// where and how severe.
func TestEachRule(t *testing.T) {
	shown := map[string]bool{}
	files, err := filepath.Glob("testdata/rules/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range archive.Files {
			f := &archive.Files[i]
			rule, way, _ := strings.Cut(f.Name, " ")
			shown[rule] = true
			if want := strings.TrimSuffix(filepath.Base(file), ".txtar"); string(finding.Rule(rule).Family()) != want {
				t.Errorf("%s: %s belongs into another file", file, rule)
			}
			t.Run(rule, func(t *testing.T) {
				doc, want := cutShown(string(f.Data))
				got, severities := show(t, doc, way, rule)
				if *update {
					f.Data = []byte(doc + got)
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if r := ruleNamed(t, rule); got == "" || r.Severity != "" && !slices.Contains(severities, r.Severity) {
					t.Errorf("the document shows %q; the rule is %+v", got, r)
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, r := range Rules() {
		if !shown[r.Code] && !strings.HasSuffix(r.Code, nuRule) { // those of package nu are only ever vnu's
			t.Errorf("no document of testdata/rules shows %s", r.Code)
		}
	}
}

func ruleNamed(t *testing.T, code string) Rule {
	t.Helper()
	i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Code == code })
	if i < 0 {
		t.Fatalf("there is no rule %s", code)
	}
	return Rules()[i]
}

// cutShown takes a document from the lines that say what its rule finds.
func cutShown(data string) (doc, want string) {
	for line := range strings.Lines(data) {
		if strings.HasPrefix(line, shownMark) {
			want += line
		} else {
			doc += line
		}
	}
	return doc, want
}

var repeated = regexp.MustCompile(`⟦(\d+)×([^⟧]*)⟧`)

// unfold makes the document of what stands in the file: ⟦3×a⟧ is aaa, and a text in double
// quotes is a Go string, for bytes that no editor shows.
func unfold(t *testing.T, text string) string {
	t.Helper()
	if strings.HasPrefix(text, `"`) {
		s, err := strconv.Unquote(strings.TrimSuffix(text, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	return repeated.ReplaceAllStringFunc(text, func(s string) string {
		m := repeated.FindStringSubmatch(s)
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Repeat(m[2], n)
	})
}

// show returns a line for each finding of a rule in a document.
func show(t *testing.T, text, way, rule string) (lines string, severities []inspect.Severity) {
	t.Helper()
	opts, known := shownWays[way]
	if !known {
		t.Fatalf("there is no way %q", way)
	}
	doc, skip := unfold(t, text), 0
	if way == "" {
		doc, skip = shownBegin+doc, 1
	}
	var found []inspect.Diagnostic
	if way == "instructions" {
		c := &checked{page: &finding.Page{Doc: parse.Parse([]byte(doc), parse.Options{ProcessingInstructions: true})}}
		for i := range c.page.Doc.Errors {
			c.findings = append(c.findings, parseFinding(&c.page.Doc.Errors[i]))
		}
		found = c.diagnostics(c.findings)
	} else {
		found = Check([]byte(doc), opts)
	}
	for _, d := range found {
		if d.Code != rule {
			continue
		}
		severities = append(severities, d.Severity)
		lines += fmt.Sprintf("%s%d:%d-%d:%d %s %s\n", shownMark, d.Line-skip, d.Column, d.EndLine-skip, d.EndColumn, d.Severity, d.Message)
	}
	return lines, severities
}
