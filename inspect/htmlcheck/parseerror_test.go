package htmlcheck

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Parse errors that vnu lets pass are warnings.
func TestParseSeverity(t *testing.T) {
	tests := []struct {
		body string
		want []string
	}{
		{"<!-- a --!>", []string{"5:8 warning parse-token/incorrectly-closed-comment"}},
		{"<!-- a <!-- b -->", []string{"5:8 error parse-token/nested-comment"}},
		{"&nosuch;", []string{"5:1 warning parse-token/unknown-named-character-reference"}},
		{"&lan;", []string{"5:1 error parse-token/unknown-named-character-reference"}},
		{"&copyx;", []string{"5:1 error parse-token/missing-semicolon-after-character-reference"}},
		{"&lang", nil},
	}
	for _, tt := range tests {
		got := brief(Check(inPage(tt.body), Options{Ignore: []string{"a11y", "text", "outline"}}))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.body, diff)
		}
	}
}
