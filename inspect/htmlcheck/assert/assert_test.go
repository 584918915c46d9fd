package assert_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pastedev/pastedev/inspect/htmlcheck/assert"
	"github.com/pastedev/pastedev/inspect/htmlcheck/finding"
	"github.com/pastedev/pastedev/inspect/htmlcheck/parse"
)

var update = flag.Bool("update", false, "write what the rules say into testdata")

// begin comes before each document that has no DOCTYPE of its own.
const begin = "<!DOCTYPE html><html lang=en><title>t</title>\n"

// mark begins a line of testdata that is not of the document.
const mark = "»"

// TestRules compares what the rules say of the documents in testdata.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range archive.Files {
			f := &archive.Files[i]
			doc, want := split(string(f.Data))
			t.Run(filepath.Base(file)+"/"+f.Name, func(t *testing.T) {
				got := check(doc, finding.Page{})
				if *update {
					f.Data = []byte(doc + strings.Join(got, ""))
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// split takes a document from the lines that say what is wrong with it.
func split(data string) (doc string, want []string) {
	for line := range strings.Lines(data) {
		if strings.HasPrefix(line, mark) {
			want = append(want, line)
		} else {
			doc += line
		}
	}
	return doc, want
}

// check returns a line for each finding, in the order of the document.
func check(doc string, page finding.Page) []string {
	skip := 0
	if !strings.Contains(doc, "<!DOCTYPE") && !page.Fragment {
		doc, skip = begin+doc, 1
	}
	page.Doc = parse.Parse([]byte(doc), parse.Options{Fragment: page.Fragment})
	var found []finding.Finding
	assert.Check(&page, func(f finding.Finding) { found = append(found, f) })
	sort.SliceStable(found, func(i, j int) bool { return found[i].Span.Start < found[j].Span.Start })
	var lines []string
	for _, f := range found {
		line, column := page.Doc.Position(f.Span.Start)
		endLine, endColumn := page.Doc.Position(f.Span.End)
		lines = append(lines, fmt.Sprintf("%s %d:%d-%d:%d %s %s %s [%s]\n",
			mark, line-skip, column, endLine-skip, endColumn, f.Severity, f.Code(), f.Message, f.Section))
	}
	return lines
}
