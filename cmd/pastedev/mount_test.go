package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMountFlag(t *testing.T) {
	for text, want := range map[string]mountConfig{
		"/api=http://localhost:9000/?a=b": {Path: "/api", To: "http://localhost:9000/?a=b", now: true},
		"/=./dist":                        {Path: "/", To: "./dist", now: true},
	} {
		got, err := parseMountFlag(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(mountConfig{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "/", "/=", "=./dist"} {
		if _, err := parseMountFlag(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestMountUnderstand(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"dist", "cgi-bin"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"one.pl", "site.zip", "page.html"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		mount  mountConfig
		kind   mountKind
		target string
		wrong  string // part of the error
	}{
		{mount: mountConfig{Path: "/", To: "./dist"}, kind: mountStatic, target: in("dist")},
		{mount: mountConfig{Path: "/", To: "static:site.zip"}, kind: mountStatic, target: in("site.zip")},
		{mount: mountConfig{Path: "a.localhost/", To: "dist"}, kind: mountStatic, target: in("dist")},
		{mount: mountConfig{Path: "/", To: "http://localhost:1/x"}, kind: mountUpstream, target: "http://localhost:1/x"},
		{mount: mountConfig{Path: "/", To: "cgi:./cgi-bin"}, kind: mountCGI, target: in("cgi-bin")},
		{mount: mountConfig{Path: "/", To: "cgi:one.pl"}, kind: mountCGI, target: in("one.pl")},
		{mount: mountConfig{Path: "/", To: "run:./myapp -v"}, kind: mountRun, target: "./myapp -v"},
		{mount: mountConfig{Path: "/", To: "echo:"}, kind: mountEcho},
		{mount: mountConfig{Path: "/", To: "cascade:./dist|http://localhost:1"}, kind: mountCascade, target: "./dist|http://localhost:1"},
		{mount: mountConfig{Path: "api", To: "./dist"}, wrong: "has no path"},
		{mount: mountConfig{Path: "/"}, wrong: "leads nowhere"},
		{mount: mountConfig{Path: "/", To: "ftp:x"}, wrong: `no kind "ftp"`},
		{mount: mountConfig{Path: "/", To: "./none", now: true}, wrong: "no such file"},
		{mount: mountConfig{Path: "/", To: "page.html"}, wrong: "no folder and no zip"},
		{mount: mountConfig{Path: "/", To: "tree:page.html"}, wrong: "no folder"},
		{mount: mountConfig{Path: "/", To: "run: "}, wrong: "runs nothing"},
		{mount: mountConfig{Path: "/", To: "cascade:./dist|cascade:./dist"}, wrong: "cascade within"},
		{mount: mountConfig{Path: "/", To: "http://"}, wrong: "no http or https URL"},
		{mount: mountConfig{Path: "/", To: "echo:", SPA: "index.html"}, wrong: "spa has no meaning for \"echo:\"\nhint: it is for static:, cascade:"},
		{mount: mountConfig{Path: "/", To: "cascade:./dist|http://localhost:1", Listing: true, Methods: []string{"GET"}}, kind: mountCascade, target: "./dist|http://localhost:1"},
		{mount: mountConfig{Path: "/", To: "cascade:./dist|http://localhost:1", Timeout: 1}, wrong: "timeout has no meaning for \"cascade:"},
		{mount: mountConfig{Path: "/", To: "cascade:./dist|./none", now: true}, wrong: "./none: no such file"},
		{mount: mountConfig{Path: "/", To: "localhost:9000"}, wrong: "hint: a server is named with its scheme: http://localhost:9000"},
		{mount: mountConfig{Path: "/", To: "http:/localhost:9000"}, wrong: "hint: http://localhost:9000"},
		{mount: mountConfig{Path: "/", To: "./nowhere", now: true}, wrong: "hint: it is looked for at " + in("nowhere")},
		{mount: mountConfig{Path: "/", To: "cgi:./nowhere"}, wrong: "hint: it is looked for at " + in("nowhere")},
		{mount: mountConfig{Path: "/", To: "./no/where"}, wrong: "no such file"},
		{mount: mountConfig{Path: "/", To: "./nowhere.zip"}, wrong: "no such file"},
		{mount: mountConfig{Path: "/", To: "cgi:one.pl", Env: []string{"=x"}}, wrong: "env holds \"\"\nhint:"},
		{mount: mountConfig{Path: "/", To: "./dist", CA: "x"}, wrong: "ca has no meaning"},
		{mount: mountConfig{Path: "/", To: "./dist", Fail: 2}, wrong: "fail is 2"},
		{mount: mountConfig{Path: "/", To: "./dist", Latency: -1}, wrong: "latency is negative"},
	} {
		got, err := c.mount.understand(dir)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%v: error %v, want one with %q", c.mount, err, c.wrong)
			}
			continue
		}
		if err != nil || got.kind != c.kind || got.target != c.target {
			t.Errorf("%v: %s %q, %v", c.mount, got.kind, got.target, err)
		}
	}
}

func TestSplitCommand(t *testing.T) {
	for text, want := range map[string][]string{
		"":                      nil,
		" ./myapp  -v ":         {"./myapp", "-v"},
		`sh -c 'echo "a b"' ""`: {"sh", "-c", `echo "a b"`, ""},
		`a"b c"d`:               {"ab cd"},
	} {
		if diff := cmp.Diff(want, splitCommand(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
