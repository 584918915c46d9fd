package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
	"github.com/spf13/cobra"
)

// TestJSONTopic: each command that has --json is told of.
func TestJSONTopic(t *testing.T) {
	text := jsonText()
	commands(t, func(t *testing.T, cmd *cobra.Command) {
		path := strings.TrimPrefix(cmd.CommandPath(), "pastedev ")
		if cmd.Flags().Lookup("json") == nil {
			return
		}
		for line := range strings.Lines(text) {
			for name := range strings.SplitSeq(strings.TrimSpace(line), ", ") {
				if name == path || strings.HasPrefix(name, path+" --") {
					return
				}
			}
		}
		t.Error("the topic json does not have it")
	})
}

// TestJSONFields: what commands print has the fields that are told of, and those that are
// never left out.
func TestJSONFields(t *testing.T) {
	state, history, kept := profiled(t, false)
	if _, err := kept.record(t.Context(), inspect.ProfileRequest{Kind: inspect.ProfileCPU, Replay: true}, nil); err != nil {
		t.Fatal(err)
	}
	history.PutTrace(inspect.Trace{Code: "E-abcde", Kind: inspect.TracePanic, Time: time.Now(), Headline: "it broke"})
	for line, command := range map[string]string{
		"requests": "requests", "show 1111": "show, replay, request", "errors": "errors, errors show", "errors show E-abcde": "errors, errors show",
		"profile 1111": "profile", "profiles": "profiles, profile --kind", "profiles 1": "profiles, profile --kind", "compare 1111 2222": "compare",
		"goroutines 3333": "goroutines", "doctor": "doctor",
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(strings.Fields(line), "--json", "--state", state), stdio{out: &out, err: &errs}); code != exitOK {
			t.Fatalf("%s ends with %d: %s", line, code, &errs)
		}
		i := slices.IndexFunc(jsonLines(), func(l jsonLine) bool { return l.commands == command })
		f := jsonFields{seen: map[reflect.Type]bool{}}
		var may, must []string
		for _, field := range f.of(reflect.TypeOf(jsonLines()[i].line), nil) {
			name, _, _ := strings.Cut(field, " ")
			if may = append(may, strings.TrimSuffix(name, "?")); !strings.HasSuffix(name, "?") {
				must = append(must, name)
			}
		}
		for text := range strings.Lines(out.String()) {
			var have map[string]any
			if err := json.Unmarshal([]byte(text), &have); err != nil {
				t.Fatalf("%s: %v: %s", line, err, text)
			}
			for name := range have {
				if !slices.Contains(may, name) {
					t.Errorf("%s prints %s, which is not told of", line, name)
				}
			}
			for _, name := range must {
				if _, ok := have[name]; !ok {
					t.Errorf("%s prints no %s", line, name)
				}
			}
		}
		if out.Len() == 0 {
			t.Errorf("%s prints nothing", line)
		}
	}
}
