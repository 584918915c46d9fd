package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestSettingsFile(t *testing.T) {
	tests := []struct{ text, want string }{
		{"hold = 5", "hold is a number without a unit\nhint: hold = \"5s\""},
		{"gate = \"x\"", "gate is \"x\"\nhint: it may be hold or old"},
		{"grase = \"5s\"", "unknown key"},
		{"grase = \"5s\"", "hint: did you mean grace?"},
		{"[[mount]]\npath = \"/\"\nlatancy = \"1s\"", "hint: did you mean latency?"},
		{"[[auth]]\nusrs = \"u\"", "hint: did you mean users?"},
		{"zzz = 1", "hint: pastedev init writes"},
		{"addr = 8000", "addr takes a text in quotes, not a number\n1| addr = 8000\n |        ~~~~"},
		{"watch = \"x\"", "watch takes a list of texts: [\"one\", \"two\"], not a text\n"},
		{"compress = \"yes\"", "compress takes true or false, not a text\n"},
		{"exit = 1.5", "exit takes true or false, not a number with a fraction\n"},
		{"hold = \"x\"", "hold takes a duration with its unit: \"30s\", \"200ms\"\n1| hold"},
		{"mount = \"/x\"", "mount takes blocks, each beneath [[mount]], not a text\n"},
		{"[[mount]]\npath = \"/\"\nheader = [\"a\"]", "header takes a table of texts: { name = \"text\" }, not a list\n"},
		{"[errors]\n404 = true", "404 takes a text in quotes, not true or false\n"},
		{"[[mount]]\npath = \"/\"\nlatency = 100", "hint: latency = \"100ms\""},
		{"addr = \"8000\"", "addr is \"8000\"\nhint: it is a host and a port"},
		{"addr = \"localhost:\"", "addr is \"localhost:\"\n"},
		{"addr = \":99999\"", "addr is \":99999\"\n"},
		{"addr = \"[::1]:0\"", ""},
		{"addr = \":http\"", ""},
		{"history_count = -1", "history-count is negative\nhint:"},
		{"hold = \"5s\"\nhistory_age = \"1h\"", ""},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		path := filepath.Join(dir, configName)
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := loadConfig(dir, pflag.NewFlagSet("none", pflag.ContinueOnError), func(string) string { return "" })
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.text, err)
			}
			continue
		}
		if _, ok := err.(usageError); !ok || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "main.") {
			t.Errorf("%s: %v\nwant %s", tt.text, err, tt.want)
		}
	}
}
