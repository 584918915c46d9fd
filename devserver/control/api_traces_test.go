package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

// recordFailure makes an exchange that failed with a trace, both with a secret in each
// place where one may be.
func recordFailure(i *instance) (*inspect.Exchange, inspect.Trace) {
	ex := exchange("POST", "/cart?token="+secret, 500)
	ex.Request.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
	ex.Request.Body = inspect.Body{Data: []byte("qty=two&password=" + secret)}
	ex.Request.Body.Size = int64(len(ex.Request.Body.Data))
	ex.Logs = []inspect.Output{{Text: "before the <b>fall</b>", Stream: inspect.Stdout}}
	ex.Spans = []inspect.Span{{Kind: inspect.SpanSQL, SQL: &inspect.SQL{Op: inspect.SQLQuery, Statement: "select 7"}},
		{Kind: inspect.SpanCall, Call: &inspect.Call{Method: "GET", URL: "http://api.test/?api_key=" + secret, Status: 200}}}
	i.store.add(ex)
	return ex, i.store.fail(inspect.Trace{Code: "E-aaaaa", Kind: inspect.TracePanic, Language: "go", Time: time.Now(), Exchange: ex.ID, Build: 1,
		Headline: "nil pointer dereference: u is nil", Message: "invalid memory address <script>alert(1)</script>", Raw: "token=" + secret,
		Frames: []inspect.Frame{
			{Location: inspect.Location{Function: "runtime.panicmem", File: "panic.go", Line: 9}, Origin: inspect.FrameStandard},
			{Location: inspect.Location{Function: "example.com/shop.cart", File: "cart.go", Path: "/src/cart.go", Line: 42}, Origin: inspect.FrameApp,
				Source: []inspect.SourceLine{{Number: 42, Text: `	u.Name = "</pre><script>"`}},
				Locals: []inspect.Variable{{Name: "u", Type: "*shop.User", Value: "nil"}, {Name: "apiToken", Type: "string", Value: `"` + secret + `"`},
					{Name: "form", Type: "map[string]string", Value: "len 1", Children: []inspect.Variable{{Name: `password`, Type: "string", Value: `"` + secret + `"`}}}}},
		}})
}

func TestTraces(t *testing.T) {
	i := startInstance(t)
	i.store.builds = []inspect.Build{{Number: 1, Result: inspect.BuildOK}}
	ex, tr := recordFailure(i)
	client := NewClient(i.Instance())
	defer client.Close()
	ctx := t.Context()

	list, err := client.Traces(ctx, 10)
	if err != nil || len(list) != 1 || len(list[0].Frames) != 1 || list[0].Frames[0].Line != 42 || list[0].Frames[0].Locals != nil {
		t.Fatalf("list: %+v, %v", list, err)
	}
	for _, ref := range []string{"1", "E-aaaaa"} {
		got, err := client.Trace(ctx, ref, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&tr, got, cmp.Transformer("round", func(t time.Time) time.Time { return t.Round(0) })); diff != "" {
			t.Errorf("trace %s (-stored +got):\n%s", ref, diff)
		}
	}
	report, err := i.svc.Report(ctx, "1")
	if err != nil || report.Request == nil || report.Build == nil || len(report.Prints) != 1 || len(report.Spans) != 2 {
		t.Fatalf("report %+v, %v", report, err)
	}
	text, err := client.TraceText(ctx, "1", false)
	if err != nil || !strings.HasPrefix(text, "E-aaaaa  nil pointer") || !strings.Contains(text, ">    42") || strings.Contains(text, "panicmem") {
		t.Errorf("text: %v\n%s", err, text)
	}
	if all, err := client.TraceText(ctx, "1", true); err != nil || !strings.Contains(all, "panicmem") {
		t.Errorf("whole text: %v\n%s", err, all)
	}
	md, err := client.TraceMarkdown(ctx, "E-aaaaa")
	for _, want := range []string{"# nil pointer", "POST " + strings.Split(ex.URL, "?")[0], "before the", "select 7", "cart.go:42"} {
		if err != nil || !strings.Contains(md, want) {
			t.Errorf("the Markdown has no %q: %v\n%s", want, err, md)
		}
	}
	if _, err := client.Trace(ctx, "E-zzzzz", false); !errors.Is(err, inspect.ErrNotFound) {
		t.Errorf("an unknown code: %v", err)
	}
}

func TestTracesLeaveMasked(t *testing.T) {
	i := startInstance(t)
	ctx := t.Context()
	feed, err := i.svc.Subscribe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	<-i.store.joined
	recordFailure(i)
	for _, path := range []string{"traces", "traces/1", "traces/1/text?all=1", "traces/1/markdown", "traces/1/page"} {
		res, body := i.ask(t, "GET", "/api/v1/"+path, "", i.header())
		if res.StatusCode != 200 || strings.Contains(body, secret) {
			t.Errorf("%s: status %d, secret in it: %v\n%s", path, res.StatusCode, strings.Contains(body, secret), body)
		}
	}
	if _, body := i.ask(t, "GET", "/api/v1/traces/1?reveal=1", "", i.header()); !strings.Contains(body, secret) {
		t.Errorf("reveal=1 does not: %s", body)
	}
	for e := range feed {
		if tr, ok := e.(inspect.TraceRecorded); ok {
			if b, _ := json.Marshal(tr); strings.Contains(string(b), secret) {
				t.Errorf("the event holds the secret: %s", b)
			}
			break
		}
	}
}

func TestTracePage(t *testing.T) {
	i := startInstance(t)
	recordFailure(i)
	res, body := i.ask(t, "GET", "/api/v1/traces/1/page", "", i.header())
	h := res.Header
	csp := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "style-src 'nonce-", "frame-ancestors 'self'", "form-action 'none'", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy %q has no %s", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
		t.Errorf("the policy %q of a page without a script is too wide", csp)
	}
	if res.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/html") || h.Get("X-Content-Type-Options") != "nosniff" ||
		h.Get("X-Frame-Options") != "SAMEORIGIN" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, header %v", res.StatusCode, h)
	}
	if strings.Contains(body, "<script") || strings.Contains(body, "<b>fall") || !strings.Contains(body, "&lt;script&gt;alert(1)") {
		t.Errorf("what was recorded is not escaped:\n%s", body)
	}
	if again, _ := i.ask(t, "GET", "/api/v1/traces/1/page", "", i.header()); again.Header.Get("Content-Security-Policy") == csp {
		t.Error("the nonce is the same twice")
	}
	if res, _ := i.ask(t, "GET", "/api/v1/traces/1/page", "", nil); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %d", res.StatusCode)
	}
	for _, site := range []string{"cross-site", "same-site"} {
		res, _ := i.ask(t, "GET", "/api/v1/traces/1/page", "", i.header("Sec-Fetch-Site", site, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"))
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("framed by a %s page: %d", site, res.StatusCode)
		}
	}
	_, inFrame := i.ask(t, "GET", "/api/v1/traces/1/page", "", i.header("Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"))
	if !strings.Contains(body, "/#/exchanges/") || strings.Contains(inFrame, "/#/exchanges/") {
		t.Error("the link to the request belongs to a tab, not into a frame")
	}
}

// With expressions the page has one script more, and may ask this origin; nothing else.
func TestTracePageWithScript(t *testing.T) {
	i := startInstance(t)
	i.svc.opt.Eval = func(context.Context, int64, int, string) (inspect.Variable, error) { return inspect.Variable{}, nil }
	recordFailure(i)
	res, body := i.ask(t, "GET", "/api/v1/traces/E-aaaaa/page", "", i.header())
	csp := res.Header.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || strings.Count(csp, "nonce-") != 2 || !strings.Contains(csp, "connect-src 'self'") {
		t.Errorf("policy %q", csp)
	}
	if strings.Count(body, "<script") != 1 || !strings.Contains(body, `src="/`+evalScript+`"`) || !strings.Contains(body, "/api/v1/eval?trace=1") {
		t.Errorf("the page:\n%s", body)
	}
	if res, _ := i.ask(t, "GET", "/"+evalScript, "", nil); res.StatusCode != 200 {
		t.Errorf("the script: %d", res.StatusCode)
	}
}

func TestEval(t *testing.T) {
	i := startInstance(t)
	var asked string
	i.svc.opt.Eval = func(_ context.Context, trace int64, frame int, expr string) (inspect.Variable, error) {
		asked = fmt.Sprint(trace, frame, expr)
		if expr == "bad" {
			return inspect.Variable{}, errors.New("evaluate bad: could not find symbol value for bad")
		}
		return inspect.Variable{Name: expr, Type: "string", Value: `"` + secret + `"`, Children: []inspect.Variable{{Name: "x", Value: secret}}}, nil
	}
	recordFailure(i)
	client := NewClient(i.Instance())
	defer client.Close()
	tests := []struct {
		name         string
		trace, frame int
		expr         string
		want, fails  string
	}{
		{name: "plain", trace: 1, frame: 1, expr: "u.Name", want: `"` + secret + `"`},
		{name: "secret by its name", trace: 1, frame: 1, expr: `form["password"]`, want: "masked"},
		{name: "secret field", trace: 1, frame: 0, expr: `string(u.apiToken[1:])`, want: "masked"},
		{name: "wrong expression", trace: 1, frame: 1, expr: "bad", fails: "could not find symbol"},
		{name: "no such trace", trace: 2, frame: 0, expr: "u", fails: "not found"},
		{name: "no such frame", trace: 1, frame: 2, expr: "u", fails: "0 to 1"},
		{name: "negative frame", trace: 1, frame: -1, expr: "u", fails: "no frame -1"},
		{name: "empty", trace: 1, frame: 0, expr: "", fails: "0 bytes"},
		{name: "too long", trace: 1, frame: 0, expr: strings.Repeat("x", maxExpr+1), fails: "2001 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked = ""
			v, err := client.Eval(t.Context(), int64(tt.trace), tt.frame, tt.expr)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want %q in it", err, tt.fails)
				}
				if asked != "" && tt.expr != "bad" {
					t.Errorf("a wrong request came through: %s", asked)
				}
				return
			}
			if err != nil || asked != fmt.Sprint(tt.trace, tt.frame, tt.expr) {
				t.Fatalf("asked %q, error %v", asked, err)
			}
			if tt.want == "masked" {
				if b, _ := json.Marshal(v); strings.Contains(string(b), secret) {
					t.Errorf("the secret is in %s", b)
				}
			} else if v.Value != tt.want {
				t.Errorf("value %s, want %s", v.Value, tt.want)
			}
		})
	}
	if res, _ := i.ask(t, "POST", "/api/v1/eval", `{"trace":1,"frame":1,"expr":"u"}`, http.Header{"Content-Type": {jsonType}}); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %d", res.StatusCode)
	}
}

func TestLargeTraceEventIsAnOutline(t *testing.T) {
	i := startInstance(t)
	client := NewClient(i.Instance())
	defer client.Close()
	feed, err := client.Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-i.store.joined
	_, small := recordFailure(i)
	large := small
	large.Raw = strings.Repeat("x", maxEventTrace)
	large = i.store.fail(large)
	want := map[int64]int{small.ID: 2, large.ID: 1} // frames
	for e := range feed {
		tr, ok := e.(inspect.TraceRecorded)
		if !ok {
			continue
		}
		if got := len(tr.Trace.Frames); got != want[tr.Trace.ID] {
			t.Errorf("the event of trace %d has %d frames, want %d", tr.Trace.ID, got, want[tr.Trace.ID])
		}
		if tr.Trace.ID == large.ID {
			return
		}
	}
	t.Fatal("the feed ended")
}
