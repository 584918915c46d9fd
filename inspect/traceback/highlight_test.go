package traceback

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHighlight(t *testing.T) {
	tests := []struct {
		language, line string
		want           []token
	}{
		{"go", "\treturn \"a\\\"b\" + x // why", []token{{"in", "\t"}, {"k", "return"}, {"", " "}, {"s", `"a\"b"`}, {"", " + x "}, {"c", "// why"}}},
		{"python", "x = 1 # '", []token{{"", "x = "}, {"n", "1"}, {"", " "}, {"c", "# '"}}},
		{"go", `s := "open`, []token{{"", "s := "}, {"s", `"open`}}},
		{"node", "größe(null)", []token{{"", "größe("}, {"k", "null"}, {"", ")"}}},
		{"go", "", nil},
	}
	for _, tt := range tests {
		got := highlight(tt.line, tt.language)
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.line, d)
		}
		var all strings.Builder
		for _, tok := range got {
			all.WriteString(tok.Text)
		}
		if all.String() != tt.line {
			t.Errorf("%q became %q", tt.line, all.String())
		}
	}
}
