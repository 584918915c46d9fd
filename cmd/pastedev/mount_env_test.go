package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/reloader"
)

// mountOf reads a settings file with one [[mount]] and says what it serves.
func mountOf(t *testing.T, dir, keys string) (mountSpec, error) {
	t.Helper()
	path := filepath.Join(dir, configName)
	if err := os.WriteFile(path, []byte("[[mount]]\npath = \"/\"\n"+keys), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	if err := c.readFile(path); err != nil {
		return mountSpec{}, err
	}
	return c.Mount[0].understand(dir)
}

func TestMountEnvironment(t *testing.T) {
	dir := t.TempDir()
	for keys, want := range map[string][]string{
		`env = { B = "x=y", A = "", PORT = 3000, DEBUG = true }`: {"A=", "B=x=y", "DEBUG=true", "PORT=3000"},
		`env = ["B=x", "HOME", "A="]`:                            {"B=x", "HOME", "A="},
		"env.A = \"1\"\nenv.B = \"2\"":                           {"A=1", "B=2"},
		"[mount.env]\nA = \"1\"":                                 {"A=1"},
		"env = {}":                                               nil,
	} {
		spec, err := mountOf(t, dir, "to = \"run:go version\"\n"+keys)
		if err != nil {
			t.Errorf("%s: %v", keys, err)
			continue
		}
		if diff := cmp.Diff(want, spec.env); diff != "" {
			t.Errorf("%s (-want +got):\n%s", keys, diff)
		}
	}
	for keys, wrong := range map[string]string{
		`env = 3`:                      `env holds "3"`,
		`env = "A=1"`:                  `env holds "A"`,
		`env = [1]`:                    `env holds "1"`,
		`env = { A = ["x"] }`:          `env holds "A"`,
		`env = { A = 1.5 }`:            `env holds "A"`,
		`env = { "" = "x" }`:           `env holds ""`,
		`env = { "A=B" = "x" }`:        `env holds "A"`,
		`env = { "A B" = "x" }`:        `env holds "A B"`,
		`env = { A = "secret\u0000" }`: `env holds "A"`,
	} {
		_, err := mountOf(t, dir, "to = \"run:go version\"\n"+keys)
		if err == nil || !strings.Contains(err.Error(), wrong+"\n4| "+keys+"\n") || !strings.Contains(err.Error(), "\nhint: ") {
			t.Errorf("%s: error %v, want one with %s and the line", keys, err, wrong)
		}
	}
	_, err := mountOf(t, dir, "to = \"http://localhost:1\"\nenv_file = \".env\"")
	if err == nil || !strings.Contains(err.Error(), "env_file has no meaning") {
		t.Errorf("env_file of a server: %v", err)
	}
}

// TestMountEnvNames: names are for the screen, values and the file's too are not.
func TestMountEnvNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "my.env"), []byte("# x\nTOKEN=hunter2\nA=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	spec, err := mountOf(t, dir, "to = \"run:go version\"\nenv_file = \"my.env\"\nenv = { A = \"2\", KEY = \"hunter2\" }")
	if err != nil {
		t.Fatal(err)
	}
	names, err := spec.envNames()
	if diff := cmp.Diff([]string{"A", "KEY", "TOKEN"}, names); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	spec.EnvFile = "none.env"
	if _, err := spec.envNames(); err == nil || !strings.Contains(err.Error(), "none.env: no such file") {
		t.Errorf("a missing file: %v", err)
	}
	spec.EnvFile, spec.env = "", []string{"PORT=1"}
	if err := spec.checkEnv(reloader.Target{Kind: reloader.TargetCommand}, false); err == nil || !strings.Contains(err.Error(), "env sets PORT to 1") {
		t.Errorf("PORT of a command: %v", err)
	}
	if err := spec.checkEnv(reloader.Target{Kind: reloader.TargetPackage}, true); err != nil {
		t.Errorf("PORT of a Go app: %v", err)
	}
}

// TestMountKey: another environment is another program.
func TestMountKey(t *testing.T) {
	one, err := mountOf(t, t.TempDir(), `to = "run:go version"`)
	if err != nil {
		t.Fatal(err)
	}
	other, third := one, one
	other.env, third.EnvFile = []string{"A=1"}, ".env"
	if one.key() == other.key() || one.key() == third.key() || other.key() == third.key() {
		t.Errorf("keys %q %q %q", one.key(), other.key(), third.key())
	}
	if header := one; header.key() != one.key() {
		t.Error("the same mount has two keys")
	}
}
