package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// completed is what a shell is offered at the end of a command line.
func completed(t *testing.T, line ...string) (words []string, directive string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), append([]string{"__complete"}, line...), stdio{out: &out, err: &errs}); code != exitOK {
		t.Fatalf("%q ends with %d: %s", line, code, &errs)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, l := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(l, "\t")
		words = append(words, word)
	}
	return words, lines[len(lines)-1]
}

func TestCompletion(t *testing.T) {
	state, history, _ := profiled(t, false)
	history.PutTrace(inspect.Trace{Code: "E-abcde", Kind: inspect.TracePanic, Time: time.Now(), Headline: "it broke"})
	none := t.TempDir()
	t.Chdir(none)
	tests := []struct {
		line string
		want string // words, all of them with "=" in front
		not  string
	}{
		{"s", "serve show sessions", "run"},
		{"help ", "exit-codes requests errors", "__complete"},
		{"help errors ", "=show eval", ""},
		{"run --ui ", "=auto tui log", ""},
		{"attach --format ", "=human json logfmt", ""},
		{"demo --editor ", "zed off", ""},
		{"serve --html ", "=all errors off", ""},
		{"run --hooks ", "-sql -calls", ""},
		{"run --hooks=-sql,", "-sql,-calls", "-sql,-sql"},
		{"run --html-ignore a11y/positive", "a11y/positive-tabindex", ""},
		{"serve --access-log-format ", "combined json", ""},
		{"profile --kind ", "cpu trace", ""},
		{"completion ", "=bash zsh fish powershell", ""},
		{"requests status:5xx me", "method:", "dur:"},
		{"request ", "GET POST", ""},
		{"request GET ", "", "GET"},
		{"show --state STATE ", "=44444444 33333333 22222222 11111111", ""},
		{"show --state STATE 1111 ", "=", ""},
		{"compare --state STATE 1111 ", "22222222", ""},
		{"cancel --state STATE ", "=33333333", ""},
		{"errors show --state STATE ", "=E-abcde", ""},
		{"show --state NONE ", "=", ""},
		{"errors show ", "=", ""},
		{"version ", "=", ""},
	}
	for _, tt := range tests {
		line := strings.Split(strings.NewReplacer("STATE", state, "NONE", none).Replace(tt.line), " ")
		words, directive := completed(t, line...)
		want, all := strings.CutPrefix(tt.want, "=")
		for _, w := range strings.Fields(want) {
			if !slices.Contains(words, w) {
				t.Errorf("%q offers %q, and not %s", tt.line, words, w)
			}
		}
		if all && len(words) != len(strings.Fields(want)) || tt.not != "" && slices.Contains(words, tt.not) {
			t.Errorf("%q offers %q, want %q", tt.line, words, tt.want)
		}
		if len(words) == 0 && directive == ":0" {
			t.Errorf("%q offers files", tt.line)
		}
	}
}

// TestSettingWords: what is offered is taken.
func TestSettingWords(t *testing.T) {
	for name, words := range settingWords() {
		if name == "kind" { // of pastedev profile, no setting
			continue
		}
		for _, word := range words {
			word, _, _ = strings.Cut(word, "\t")
			flags := newServeCommand(stdio{}).Flags()
			if err := flags.Set(name, word); err != nil {
				t.Errorf("--%s %s: %v", name, word, err)
			}
			if _, err := loadConfig(t.TempDir(), flags, func(string) string { return "" }); err != nil {
				t.Errorf("--%s %s: %v", name, word, err)
			}
		}
	}
}
