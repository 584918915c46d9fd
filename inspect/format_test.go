package inspect_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pastedev/pastedev/inspect"
)

// TestFormat holds the texts to the table that the pages' scripts are held to as well.
func TestFormat(t *testing.T) {
	data, err := os.ReadFile("testdata/format.json")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string][][2]any
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	for name, format := range map[string]func(int64) string{
		"durations_ns": func(n int64) string { return inspect.FormatDuration(time.Duration(n)) },
		"nanos":        func(n int64) string { return inspect.FormatNanos(time.Duration(n)) },
		"sizes":        inspect.FormatSize,
	} {
		if len(table[name]) == 0 {
			t.Errorf("the table has no %s", name)
		}
		for _, row := range table[name] {
			n, want := int64(row[0].(float64)), row[1].(string)
			if got := format(n); got != want {
				t.Errorf("%s: %d is %q, want %q", name, n, got, want)
			}
			if columns := utf8.RuneCountInString(format(n)); columns > 7 {
				t.Errorf("%s: %d takes %d columns", name, n, columns)
			}
		}
	}
}

// TestFormatAny: no number is too large or too small.
func TestFormatAny(t *testing.T) {
	for _, n := range []int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 - 1} {
		for _, text := range []string{inspect.FormatDuration(time.Duration(n)), inspect.FormatNanos(time.Duration(n)), inspect.FormatSize(n)} {
			want := n > 0 || text == "0 B" || text == "0 ms" || text == "-2562047h47m" || text == "-2562047h48m"
			if !want || text == "" || n > 0 && text[0] == '-' {
				t.Errorf("%d is %q", n, text)
			}
		}
	}
}
