package redact

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func TestSource(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"assignment", `	apiToken := "hunter22"`, `	apiToken := "*masked*"`},
		{"typed constant", `const dbPassword string = "hunter22"`, `const dbPassword string = "*masked*"`},
		{"raw string", "var clientSecret = `hunter22`", "var clientSecret = `*masked*`"},
		{"field", `	Password: "hunter22",`, `	Password: "*masked*",`},
		{"key of a map", `	m["access_token"] = "hunter22"`, `	m["access_token"] = "*masked*"`},
		{"member of JSON", `  "client_secret": "hunter22"`, `  "client_secret": "*masked*"`},
		{"single quotes", `const apiKey = 'hunter22';`, `const apiKey = '*masked*';`},
		{"comparison", `if password == "hunter22" {`, `if password == "*masked*" {`},
		{"cut literal", `password = "hunter22`, `password = "*masked*"`},
		{"URL in any name", `dsn := "postgres://u:hunter22@db/x"`, `dsn := "postgres://*masked*@db/x"`},
		{"form in any name", `x := "ghp_0123456789abcdefABCDEF0123456789abcd"`, `x := "ghp_*masked*"`},
		{"bearer", `req.Header.Set("Authorization", "Bearer 0123456789abcdef")`, `req.Header.Set("Authorization", "Bearer *masked*")`},

		{"inside a text", `log.Print("at start: API_KEY=hunter22 x=1")`, `log.Print("at start: API_KEY=*masked* x=1")`},
		{"a query", "get('/x?access_token=hunter22&y=1')", "get('/x?access_token=*masked*&y=1')"},

		{"a call", `	token := os.Getenv("API_TOKEN")`, ""},
		{"a name", `	Password: cfg.Password,`, ""},
		{"nil", `	if token == nil {`, ""},
		{"no spaces", `f(token==nil, key=x)`, ""},
		{"a lexer", `	case token == "func":`, ""},
		{"a common word", `	key := "customers"`, ""},
		{"prose", `var errPassword = "the password is wrong"`, ""},
		{"a parameter", `func login(user, password string) error {`, ""},
	}
	var r Redactor
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				tt.want = tt.in
			}
			if got := r.Source(tt.in); got != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
			}
		})
	}
}

func TestIssuedKeys(t *testing.T) {
	tests := []struct{ in, want string }{
		{"got ghp_0123456789abcdefABCDEF0123456789abcd.", "got ghp_*masked*."},
		{"sk_live_0123456789abcdefABCDEF", "sk_live_*masked*"},
		{"AKIA0123456789ABCDEF", "AKIA*masked*"},
		{"/x?a=1&ticket=ST-1-aLeFhSo4Kd0Ui9pQmT7w-cas.example", "/x?a=1&ticket=ST-1-*masked*.example"},
		{"POST-1-of-many-things-of-2026, BEST-10-aaaaaaaaaaaaaaaa1", ""},
		{"sk-proj-0123456789abcdefABCDEF", "sk-proj-*masked*"},
		{"sk-0123456789abcdefABCDEF", "sk-*masked*"},
		{"task-runner-number-12345678", ""},
		{"class sk-folding-cube-animation-2", ""},
		{"npm_config_user_agent_of_us", ""},
		{"AKIASHORT1", ""},
	}
	var r Redactor
	for _, tt := range tests {
		if tt.want == "" {
			tt.want = tt.in
		}
		if got := r.Text(tt.in); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestCommand(t *testing.T) {
	tests := []struct{ in, want string }{
		{"node server.js --token hunter22 --port 3000", "node server.js --token *masked* --port 3000"},
		{"./myapp -password=hunter22", "./myapp -password=*masked*"},
		{"./myapp --secret --verbose", "./myapp --secret --verbose"},
		{"http://u:hunter22@localhost:3000", "http://*masked*@localhost:3000"},
		{"./myapp -addr :8080", "./myapp -addr :8080"},
		{"./api-key-server serve", "./api-key-server serve"},
	}
	var r Redactor
	for _, tt := range tests {
		if got := r.Command(tt.in); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

// Every record that is not an exchange leaves without its secrets, and is itself left
// as it was.
func TestRecords(t *testing.T) {
	build := inspect.Build{Number: 3, Output: "download https://u:SECRET7@host/mod", Diagnostics: []inspect.Diagnostic{{
		Message: `cannot use "Bearer SECRET7SECRET7" as int`, File: "main.go", Line: 4,
		Context: []inspect.SourceLine{{Number: 4, Text: `const apiToken = "SECRET7"`}},
	}}}
	status := inspect.Status{Target: "run --token SECRET7", Detail: "exit status 1: API_KEY=SECRET7", Lost: []string{"PASSWORD=SECRET7"}, Build: &build,
		Programs: []inspect.Program{{Target: "run --token SECRET7", Detail: "API_KEY=SECRET7", Build: &build}}}
	events := []inspect.Event{
		inspect.BuildChanged{Build: build},
		inspect.StateChanged{State: inspect.StateBackoff, Detail: "token=SECRET7"},
		inspect.OutputWritten{Output: inspect.Output{Text: "DB_PASSWORD=SECRET7"}},
		inspect.OutputWritten{Output: inspect.Output{Attrs: []inspect.Note{{Key: "token", Value: "SECRET7"}, {Key: "url", Value: "/?token=SECRET7"}}}},
		inspect.ExchangeUpdated{Exchange: &inspect.Exchange{
			Logs: []inspect.Output{{Text: "token=SECRET7"}},
			Spans: []inspect.Span{
				{Error: "dial http://u:SECRET7@h", SQL: &inspect.SQL{Statement: "SET password='SECRET7'", Args: []string{`"https://u:SECRET7@h"`}}},
				{Call: &inspect.Call{URL: "http://a/?api_key=SECRET7"}},
			}}},
		inspect.TraceRecorded{Trace: &inspect.Trace{Headline: "token=SECRET7", Message: "token=SECRET7", Raw: "token=SECRET7", Hints: []string{"token=SECRET7"},
			Causes: []inspect.Cause{{Causes: []inspect.Cause{{Message: "token=SECRET7"}}}},
			Frames: []inspect.Frame{{Source: []inspect.SourceLine{{Text: `password := "SECRET7"`}}, Notes: []inspect.Note{{Key: "apiKey", Value: "SECRET7"}},
				Locals: []inspect.Variable{{Name: "password", Value: `"SECRET7"`}, {Name: "cfg", Children: []inspect.Variable{{Name: "APIToken", Children: []inspect.Variable{{Name: "s", Value: "SECRET7"}}}}}},
				Args:   []inspect.Variable{{Name: "dsn", Value: `"pg://u:SECRET7@h"`}}}},
			CreatedBy: &inspect.Frame{Args: []inspect.Variable{{Name: "secret", Value: "SECRET7"}}},
			Changed:   []inspect.ChangedLines{{Lines: []inspect.SourceLine{{Text: `password := "SECRET7"`}}}}}},
		inspect.ExchangeStarted{Exchange: inspect.Summary{URL: "/?token=SECRET7"}},
		inspect.ExchangeFinished{Exchange: &inspect.Exchange{Summary: inspect.Summary{URL: "/?token=SECRET7"}}},
	}
	before := mustJSON(t, []any{status, events})
	var r Redactor
	for _, e := range events {
		masked := r.Event(e)
		if got := mustJSON(t, masked); strings.Contains(got, "SECRET7") || !strings.Contains(got, Mask) || masked.EventKind() != e.EventKind() {
			t.Errorf("%s: %s", e.EventKind(), got)
		}
	}
	if got := mustJSON(t, r.Status(status)); strings.Contains(got, "SECRET7") || strings.Count(got, Mask) != 11 {
		t.Errorf("status: %s", got)
	}
	plain := inspect.AssetsChanged{Paths: []string{"a.css"}}
	if d := cmp.Diff(inspect.Event(plain), r.Event(plain)); d != "" {
		t.Error(d)
	}
	if after := mustJSON(t, []any{status, events}); after != before {
		t.Errorf("the original was changed:\n%s\n%s", before, after)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
