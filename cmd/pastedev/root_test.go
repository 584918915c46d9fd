package main

import (
	"bytes"
	"strings"
	"testing"
)

// Wrong use is told in words, ends with 2, and says what would be right.
func TestUsageErrors(t *testing.T) {
	tests := []struct{ line, want string }{
		{"reqests", "unknown command \"reqests\"\nhint: did you mean pastedev request or pastedev requests?"},
		{"help nonsense", "unknown command \"nonsense\"\nhint: pastedev --help"},
		{"completion nonsense", "completion needs one shell\nhint: pastedev completion bash, zsh, fish, powershell"},
		{"requests -static", "hint: a query that begins with - stands after --: pastedev requests -- -static"},
		{"requests --limit=-1", "--limit is -1\nhint:"},
		{"run --port 3000 .", "unknown flag: --port\nhint: arguments of the app come after it; pastedev run --help"},
		{"run --grase 5s .", "unknown flag: --grase\nhint: did you mean --grace? pastedev run --help"},
		{"serve --comprss .", "unknown flag: --comprss\nhint: did you mean --compress? pastedev serve --help"},
		{"serve --zzzzz .", "unknown flag: --zzzzz\nhint: pastedev serve --help"},
		{"requests --limit x", "--limit is \"x\": it takes a whole number\nhint: pastedev requests --help"},
		{"run --hold x .", "--hold is \"x\": it takes a duration such as 30s or 5m\nhint: pastedev run --help"},
		{"show", "show needs one ID\nhint: pastedev show ID; pastedev requests lists them"},
		{"restart now", "restart takes no arguments, not \"now\"\nhint: pastedev restart --help"},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(t.Context(), strings.Fields(tt.line), stdio{nil, &out, &errs})
			if code != exitUsage || !strings.Contains(errs.String(), tt.want) || out.Len() > 0 {
				t.Errorf("exit %d, stdout %q, stderr %q; want %q", code, out.String(), errs.String(), tt.want)
			}
		})
	}
}
