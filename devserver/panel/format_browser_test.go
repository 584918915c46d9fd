package panel_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"testing"
)

// TestBrowserFormat holds the panel's texts of times and sizes to the table that all others
// are held to. They are no module's, so that they are taken from the source.
func TestBrowserFormat(t *testing.T) {
	data, err := os.ReadFile("../../inspect/testdata/format.json")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string][][2]any
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	b := newTab(t)
	for _, c := range []struct{ file, function, rows, call string }{
		{"panel.js", "ms", "durations_ns", "ms(%d / 1e6)"},
		{"view.js", "size", "sizes", "size(%d)"},
	} {
		source, err := os.ReadFile("assets/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`(?ms)^const ` + c.function + ` = (.*?^\});`).FindSubmatch(source)
		if found == nil || len(table[c.rows]) == 0 {
			t.Fatalf("%s has no %s, or the table no %s", c.file, c.function, c.rows)
		}
		b.eval(fmt.Sprintf("window.%s = %s; 0", c.function, found[1]))
		for _, row := range table[c.rows] {
			want := row[1]
			if n := row[0].(float64); n < 0 {
				want = "" // not known
			}
			if got := b.eval(fmt.Sprintf(c.call, int64(row[0].(float64)))); got != want {
				t.Errorf("%s: %v is %q, want %q", c.function, row[0], got, want)
			}
		}
	}
}
