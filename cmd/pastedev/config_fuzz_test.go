package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzConfig: whatever stands in pastedev.toml is understood or refused with a sentence
// that names the file, and what it mounts is served or refused in the same way.
func FuzzConfig(f *testing.F) {
	f.Add(string(configTemplate()))
	f.Add("addr = \"127.0.0.1:0\"\n[[mount]]\npath = \"/\"\nto = \"./dist\"\n")
	f.Add("[[mount]]\npath = \"a/b\"\nto = \"cascade:x|run:y 'z\"\nfail = 2.0\nlatency = \"-1s\"\n")
	f.Add("[[auth]]\npath = \"/x\"\nkind = \"basic\"\nusers = \"/etc/passwd\"\n")
	f.Add("access_log = \"a/b\"\naccess_log_format = \"json\"\ncompress = true\n[errors]\n404 = \"/x?y\"\n\"5xx\" = \"//h\"\n[[mount]]\npath = \"/\"\nto = \"echo:\"\nport = 99999\n")
	f.Add("errors = 4\n[errors]\n404 = [1]\n")
	f.Add("grace = 5\nwatch = [\"[\"]\n[mount]\n")
	f.Add("\x00\xff = {")
	dir := f.TempDir()
	path := filepath.Join(dir, configName)
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := defaultConfig()
		if err := c.readFile(path); err != nil {
			if !strings.Contains(err.Error(), configName) {
				t.Fatalf("error without the file: %v", err)
			}
			return
		}
		if err := c.check(); err != nil {
			refused(t, err)
			return
		}
		if _, err := new(serveFlags).setup(dir, c, nil); err != nil {
			refused(t, err)
		}
	})
}

func refused(t *testing.T, err error) {
	t.Helper()
	var usage usageError
	if !errors.As(err, &usage) || err.Error() == "" {
		t.Fatalf("refused with %T: %v", err, err)
	}
}
