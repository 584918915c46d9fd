package traceback

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

var update = flag.Bool("update", false, "write the golden files")

// testRoots are those of the programs in testdata.
var testRoots = Roots{
	Module: "example.com/shop", Dir: "/home/ann/shop",
	GOROOT: "/usr/local/go", GOMODCACHE: "/home/ann/go/pkg/mod",
}

// summary is what the golden files hold of a trace: all that is read, nothing computed twice.
func summary(t inspect.Trace) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s goroutine=%d recovered=%v\n", t.Code, t.Language, t.Kind, t.Goroutine, t.Recovered)
	fmt.Fprintf(&b, "headline: %s\ntype: %s\nmessage: %q\n", t.Headline, t.Type, t.Message)
	for _, c := range t.Causes {
		j, _ := json.Marshal(c)
		fmt.Fprintf(&b, "cause: %s\n", j)
	}
	for _, h := range t.Hints {
		fmt.Fprintf(&b, "hint: %s\n", h)
	}
	frames := t.Frames
	if len(frames) > 12 {
		frames = frames[:12]
	}
	for _, f := range frames {
		fmt.Fprintf(&b, "  %-10s %s %s:%d:%d\n", f.Origin, f.Function, f.File, f.Line, f.Column)
	}
	if len(frames) < len(t.Frames) {
		fmt.Fprintf(&b, "  and %d more\n", len(t.Frames)-len(frames))
	}
	if c := t.CreatedBy; c != nil {
		fmt.Fprintf(&b, "created by %s %s:%d\n", c.Function, c.File, c.Line)
	}
	return b.String()
}

// TestSamples reads what crashing programs really printed; what is found in each stands in
// one golden file a language.
func TestSamples(t *testing.T) {
	for _, lang := range []string{"go", "python", "node", "java", "ruby", "php"} {
		t.Run(lang, func(t *testing.T) {
			var b strings.Builder
			files, err := filepath.Glob("testdata/" + lang + "/*.*")
			if err != nil || len(files) == 0 {
				t.Fatalf("no samples: %v", err)
			}
			for _, file := range files {
				if strings.HasSuffix(file, ".golden") {
					continue
				}
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				found := scanAll(string(text))
				if strings.HasSuffix(file, ".html") {
					tr, _ := FromBody("text/html; charset=utf-8", text, testRoots)
					found = []inspect.Trace{tr}
				}
				fmt.Fprintf(&b, "== %s: %d\n", filepath.Base(file), len(found))
				for _, tr := range found {
					b.WriteString(summary(tr))
				}
			}
			golden(t, "testdata/"+lang+"/all.golden", b.String())
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", file, d)
	}
}

func scanAll(text string) []inspect.Trace {
	s := Scanner{Roots: testRoots}
	var found []inspect.Trace
	for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		found = append(found, s.Line(inspect.Output{Stream: inspect.Stderr, Text: l, Time: time.Unix(int64(i), 0)})...)
	}
	return append(found, s.End()...)
}
