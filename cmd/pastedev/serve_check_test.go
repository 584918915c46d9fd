package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckPrints(t *testing.T) {
	var b bytes.Buffer
	found := checked{
		URL: "https://x:1", Log: &checkedLog{Path: "-", Format: "json"}, Compress: true, Errors: map[string]string{"404": "/a", "5xx": "/b"},
		Mounts: []checkedMount{{Path: "/app", Kind: "run", To: "run:./app", Env: []string{"A", "B"}}}, Auth: []checkedAuth{{"/admin", "basic"}},
	}
	if err := found.print(&b); err != nil {
		t.Fatal(err)
	}
	want := `/app             run      run:./app
                 env      A B
/admin           basic    auth
access log       json     -
answers          compress zstd, gzip
404              error    /a
5xx              error    /b
at https://x:1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestCheckJSON: all of it in one object, warnings included, and no secret.
func TestCheckJSON(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	settings := `
[[mount]]
path = "/"
to = "./dist"
spa = "index.html"
[[mount]]
path = "/app"
to = "run:go version --password hunter2"
env = { DB = "hunter2" }
[[mount]]
path = "/up"
to = "http://localhost:1/?token=hunter2"
[errors]
404 = "/404.html"
`
	if err := os.WriteFile(filepath.Join(dir, configName), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--check", "--json"}, stdio{out: &out, err: &errs}); code != exitOK {
		t.Fatalf("ends with %d: %s", code, &errs)
	}
	var found checked
	dec := json.NewDecoder(&out)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&found); err != nil {
		t.Fatal(err)
	}
	if dec.More() {
		t.Error("more than one object")
	}
	warning := `mount "/": there is no folder ./dist yet: 404 until it is there`
	if diff := cmp.Diff([]string{warning}, found.Warnings); diff != "" || !strings.Contains(errs.String(), warning) {
		t.Errorf("%s%s", diff, &errs)
	}
	if len(found.Mounts) != 3 || found.Settings == "" || found.URL != "http://127.0.0.1:8000" || found.Errors["404"] != "/404.html" {
		t.Errorf("%+v", found)
	}
	if diff := cmp.Diff([]string{"DB"}, found.Mounts[1].Env); diff != "" {
		t.Error(diff)
	}
	var plain bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--check"}, stdio{out: &plain, err: &errs}); code != exitOK || !strings.Contains(plain.String(), "env      DB\n") {
		t.Errorf("ends with %d: %s", code, &plain)
	}
	if all := plain.String() + errs.String(); strings.Contains(all, "hunter2") {
		t.Error(all)
	}
	for _, m := range found.Mounts {
		if strings.Contains(m.To, "hunter2") {
			t.Error(m)
		}
	}
	errs.Reset()
	if code := run(t.Context(), []string{"serve", "--json"}, stdio{out: &out, err: &errs}); code != exitUsage || !strings.Contains(errs.String(), "no meaning without --check") {
		t.Errorf("ends with %d: %s", code, &errs)
	}
}
