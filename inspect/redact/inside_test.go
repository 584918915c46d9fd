package redact

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastedev/pastedev/inspect"
)

func TestProcess(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"HTTP_COOKIE", "sid=hunter22; theme=dark", "sid=*masked*; theme=*masked*"},
		{"HTTP_AUTHORIZATION", "Basic aGk6aHVudGVyMjI=", "Basic *masked*"},
		{"HTTP_X_API_KEY", "hunter22", "*masked*"},
		{"HTTP_X_CSRF_TOKEN", "hunter22", "*masked*"},
		{"HTTP_ACCEPT", "text/html", "text/html"},
		{"HTTP_SEC_WEBSOCKET_KEY", "plain", "plain"},
		{"HTTP_REFERER", "http://localhost/?token=hunter22", "http://localhost/?token=*masked*"},
		{"QUERY_STRING", "a=1&password=hunter22", "a=1&password=*masked*"},
		{"REQUEST_URI", "/x?access_token=hunter22", "/x?access_token=*masked*"},
		{"DATABASE_PASSWORD", "hunter22", "*masked*"},
		{"AWS_SECRET_ACCESS_KEY", "hunter22", "*masked*"},
		{"DATABASE_URL", "postgres://u:hunter22@db/shop", "postgres://*masked*@db/shop"},
		{"GITHUB", "ghp_0123456789abcdefABCDEF0123456789abcd", "ghp_*masked*"},
		{"AUTH_TYPE", "Basic", "Basic"},
		{"PWD", "/srv/cgi-bin", "/srv/cgi-bin"},
		{"PATH_INFO", "/tokens/1", "/tokens/1"},
		{"API_TOKEN", "", ""},
	}
	var given inspect.Process
	var want []inspect.Note
	for _, tt := range tests {
		given.Env = append(given.Env, inspect.Note{Key: tt.name, Value: tt.in})
		want = append(want, inspect.Note{Key: tt.name, Value: tt.want})
	}
	var r Redactor
	ex := &inspect.Exchange{Spans: []inspect.Span{{Kind: inspect.SpanProcess, Error: "sh: password=hunter22", Process: &given}}}
	got := r.Exchange(ex)
	if diff := cmp.Diff(want, got.Spans[0].Process.Env); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got.Spans[0].Error != "sh: password=*masked*" {
		t.Errorf("error: %s", got.Spans[0].Error)
	}
	for i, n := range given.Env {
		if n.Value != tests[i].in {
			t.Fatalf("%s of the record itself has changed to %q", n.Key, n.Value)
		}
	}
}

func TestProcessRules(t *testing.T) {
	r := Redactor{Names: []string{"X-Tenant", "SHOP_ID"}, Keep: []string{"API_TOKEN"}}
	ex := &inspect.Exchange{Spans: []inspect.Span{{Process: &inspect.Process{Env: []inspect.Note{
		{Key: "HTTP_X_TENANT", Value: "a"}, {Key: "SHOP_ID", Value: "b"}, {Key: "API_TOKEN", Value: "c"}}}}}}
	want := []inspect.Note{{Key: "HTTP_X_TENANT", Value: Mask}, {Key: "SHOP_ID", Value: Mask}, {Key: "API_TOKEN", Value: "c"}}
	if diff := cmp.Diff(want, r.Exchange(ex).Spans[0].Process.Env); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
