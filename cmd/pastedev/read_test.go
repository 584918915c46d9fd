package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
	"github.com/pastedev/pastedev/inspect/query"
	"github.com/spf13/pflag"
)

func TestPrintTable(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.Local)
	items := []inspect.Summary{
		{ID: "0123456789abcdef", Start: at, Method: "GET", Status: 200, Duration: inspect.Millis(1500 * time.Microsecond), ResponseSize: 12_345, URL: "http://localhost:8080/items?page=2"},
		{ID: "fedcba9876543210", Start: at, Method: "OPTIONS", Duration: inspect.Millis(12 * time.Second), InFlight: true, URL: "http://localhost:8080/a\x1b[31mb", Error: "client gone"},
	}
	tests := []struct {
		name  string
		width int
		want  string
	}{
		{"not a terminal", 0, "" +
			"01234567  15:04:05  200  GET      1.5ms  12.3 kB  http://localhost:8080/items?page=2\n" +
			"fedcba98  15:04:05  ---  OPTIONS   12s…      0 B  http://localhost:8080/ab  client gone\n"},
		{"wide", 100, "" +
			"01234567  15:04:05  200  GET      1.5ms  12.3 kB  /items?page=2\n" +
			"fedcba98  15:04:05  ---  OPTIONS   12s…      0 B  /ab  client gone\n"},
		{"narrow", 48, "" +
			"01234567  15:04:05  200  GET      1.5ms  /items…\n" +
			"fedcba98  15:04:05  ---  OPTIONS   12s…  /ab  c…\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := printTable(&b, items, tt.width); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, b.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestExplainQuery(t *testing.T) {
	for text, want := range map[string]string{
		"staus:5xx":         "query: unknown field \"staus\"\n  staus:5xx\n  ^^^^^\nhint: did you mean status?",
		`url:"ü" staus:5xx`: "query: unknown field \"staus\"\n  url:\"ü\" staus:5xx\n          ^^^^^\nhint: did you mean status?",
		"(status:200":       "hint: pastedev requests --help lists the fields",
	} {
		_, err := query.Parse(text, time.Now())
		got := explainQuery(text, err)
		if _, ok := got.(usageError); !ok || !strings.Contains(got.Error(), want) {
			t.Errorf("%s: %v\nwant %s", text, got, want)
		}
	}
}

func TestOutcome(t *testing.T) {
	at := func(change func(*inspect.Exchange)) *inspect.Exchange {
		ex := &inspect.Exchange{Summary: inspect.Summary{Kind: inspect.KindHTTP, Status: 200, Duration: inspect.Millis(time.Millisecond), ResponseSize: 20}}
		change(ex)
		return ex
	}
	tests := []struct {
		ex   *inspect.Exchange
		want string
	}{
		{at(func(*inspect.Exchange) {}), "200 OK in 1ms, 20 B"},
		{at(func(ex *inspect.Exchange) { ex.Status = 299 }), "299 in 1ms, 20 B"},
		{at(func(ex *inspect.Exchange) { ex.InFlight = true }), "200 OK, still going on after 1ms"},
		{at(func(ex *inspect.Exchange) { ex.InFlight, ex.Status = true, 0 }), "no answer yet, after 1ms"},
		{at(func(ex *inspect.Exchange) { ex.Status = 0 }), "no answer, after 1ms"},
		{at(func(ex *inspect.Exchange) { ex.Kind, ex.Status, ex.RequestSize = inspect.KindTunnel, 0, 5 }), "1ms, 5 B to the app, 20 B from it"},
	}
	for _, tt := range tests {
		if got := outcome(tt.ex); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// Wrong use is told in words, ends with 2, and says what would be right.
func TestUsageErrors(t *testing.T) {
	tests := []struct{ line, want string }{
		{"reqests", "unknown command \"reqests\"\nhint: did you mean pastedev requests or pastedev request?"},
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
		{"[[mount]]\npath = \"/\"\nenv = { A = \"b\" }", "env takes a list of texts: [\"one\", \"two\"], not a table\n"},
		{"[[mount]]\npath = \"/\"\nheader = [\"a\"]", "header takes a table of texts: { name = \"text\" }, not a list\n"},
		{"[errors]\n404 = true", "404 takes a text in quotes, not true or false\n"},
		{"[[mount]]\npath = \"/\"\nlatency = 100", "hint: latency = \"100ms\""},
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
