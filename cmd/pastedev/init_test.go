package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestConfigTemplate: the file says nothing as it is, and with each # taken away it says
// the defaults, mounts included.
func TestConfigTemplate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, configName)
	text := configTemplate()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var c config
	if err := c.readFile(path); err != nil {
		t.Fatalf("as written: %v", err)
	}
	if diff := cmp.Diff(config{}, c, cmpopts.IgnoreUnexported(config{})); diff != "" {
		t.Errorf("the comments say something (-want +got):\n%s", diff)
	}
	settings := regexp.MustCompile(`(?m)^#([a-z_]+ = )`).ReplaceAll(text, []byte("$1"))
	if i := regexp.MustCompile(`(?m)^#\[\[mount`).FindIndex(settings); i != nil {
		settings = settings[:i[0]]
	}
	if err := os.WriteFile(path, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	c = defaultConfig()
	if err := c.readFile(path); err != nil {
		t.Fatalf("without the #: %v", err)
	}
	for _, list := range []*[]string{&c.AllowHost, &c.BuildFlags, &c.CalltreeExclude, &c.CalltreeInclude, &c.HTMLIgnore, &c.Hooks, &c.Ignore, &c.Watch} {
		if len(*list) == 0 {
			*list = nil
		}
	}
	if diff := cmp.Diff(defaultConfig(), c, cmpopts.IgnoreUnexported(config{})); diff != "" {
		t.Errorf("the defaults differ (-want +got):\n%s", diff)
	}
}

func TestInitNowhere(t *testing.T) {
	var errs bytes.Buffer
	dir := filepath.Join(t.TempDir(), "none")
	code := run(t.Context(), []string{"init", dir}, stdio{out: io.Discard, err: &errs})
	if code != exitFailure || !strings.Contains(errs.String(), "there is no folder "+dir+"\nhint: make it first") {
		t.Errorf("ends with %d: %s", code, &errs)
	}
}
