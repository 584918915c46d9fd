package main

import (
	"archive/zip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMountSPA: the page for all paths must be there, unless nothing has been built yet.
func TestMountSPA(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"dist/index.html", "dist/sub/page.html", "empty/.gitkeep"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	archive, err := os.Create(filepath.Join(dir, "site.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(archive)
	if _, err := z.Create("app.html"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	archive.Close()
	for _, tt := range []struct {
		to, spa, wrong, later string
	}{
		{to: "./dist", spa: "index.html"},
		{to: "./dist", spa: "/sub/page.html"},
		{to: "site.zip", spa: "app.html"},
		{to: "./dist", spa: "nope.html", wrong: "spa: there is no nope.html in ./dist\n4| spa = \"nope.html\"\n | ~~~\nhint: it is"},
		{to: "./dist", spa: "indx.html", wrong: "hint: did you mean index.html?"},
		{to: "./dist", spa: "sub", wrong: "sub in ./dist is no file"},
		{to: "./dist", spa: "../secret", wrong: "spa: there is no ../secret"},
		{to: "site.zip", spa: "index.html", wrong: "spa: there is no index.html in site.zip"},
		{to: "page.zip", spa: "index.html", wrong: "no such file"},
		{to: "./empty", spa: "index.html", later: "is empty as yet"},
		{to: "./none", spa: "index.html", later: "there is no folder ./none yet"},
		{to: "./none", later: "there is no folder ./none yet"},
		{to: "./empty"},
	} {
		keys := "to = \"" + tt.to + "\""
		if tt.spa != "" {
			keys += "\nspa = \"" + tt.spa + "\""
		}
		spec, err := mountOf(t, dir, keys)
		if tt.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%s: error %v, want one with %q", keys, err, tt.wrong)
			}
			continue
		}
		if err != nil || !strings.Contains(spec.later, tt.later) || (tt.later == "") != (spec.later == "") {
			t.Errorf("%s: %q, %v; want %q", keys, spec.later, err, tt.later)
		}
	}
}

// TestMountLater: a folder that is made after the start is served from then on.
func TestMountLater(t *testing.T) {
	dir := t.TempDir()
	spec, err := mountOf(t, dir, "to = \"./dist\"\nspa = \"index.html\"")
	if err != nil {
		t.Fatal(err)
	}
	v := newServing(new(session), setup{mounts: []mountSpec{spec}}, nil)
	c, err := v.compose(*v.wanted(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	ask := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/cart", nil)
		r.Header.Set("Accept", "text/html")
		c.handler.ServeHTTP(w, r)
		return w
	}
	if w := ask(); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "has it been built?") {
		t.Errorf("before: %d %s", w.Code, w.Body)
	}
	if err := os.Mkdir(filepath.Join(dir, "dist"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dist", "index.html"), []byte("built"), 0o600); err != nil {
		t.Fatal(err)
	}
	if w := ask(); w.Code != http.StatusOK || w.Body.String() != "built" {
		t.Errorf("after: %d %s", w.Code, w.Body)
	}
}

func TestBlockLines(t *testing.T) {
	file := "addr = \"x\"\n[[mount]] # one\npath = \"/\"\r\nspa=\"a\"\n\n[[auth]]\npath = \"/x\"\n  [[ mount ]]\n  spa = \"b\"\n[mount.env]\nspa = \"c\"\n"
	blocks := blockLines([]byte(file), "mount")
	if len(blocks) != 2 {
		t.Fatalf("%v", blocks)
	}
	for i, want := range []string{"\n4| spa=\"a\"\n | ~~~", "\n9|   spa = \"b\"\n |   ~~~"} {
		if got := blocks[i].mark("spa"); got != want {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
	if got := blocks[0].mark("to") + keyLines(nil).mark("to"); got != "" {
		t.Errorf("of no line: %q", got)
	}
}
