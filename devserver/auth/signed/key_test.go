package signed

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pastedev/pastedev/devserver/auth"
)

func TestLoadKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "cookie.key")
	var keys [8][]byte
	var wg sync.WaitGroup
	for i := range keys { // several processes at the same time
		wg.Go(func() {
			key, err := LoadKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	wg.Wait()
	for i, key := range keys {
		if len(key) != keySize || !bytes.Equal(key, keys[0]) {
			t.Errorf("key %d is %x, the first %x", i, key, keys[0])
		}
	}
	if runtime.GOOS != "windows" {
		for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
			if info, err := os.Stat(p); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v; want %v", p, info.Mode(), err, want)
			}
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	other, err := LoadKey(path + "2")
	if err != nil || bytes.Equal(other, keys[0]) {
		t.Errorf("another file has the key %x, %v", other, err)
	}
}

func TestLoadKeyRefuses(t *testing.T) {
	good := strings.Repeat("ab", keySize)
	tests := []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"others can read", good, 0o644, "hint: chmod 600"},
		{"short", good[2:], 0o600, "does not hold 64 hexadecimal digits"},
		{"long", good + "ab", 0o600, "does not hold"},
		{"empty", "", 0o600, "does not hold"},
		{"not hex", "z" + good[1:], 0o600, "does not hold"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.mode != 0o600 && runtime.GOOS == "windows" {
				t.Skip("no modes")
			}
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadKey(path); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "abab") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != tt.text {
				t.Errorf("the file is %q now, %v", b, err)
			}
		})
	}
	if _, err := LoadKey(t.TempDir()); err == nil {
		t.Error("a directory is a key")
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(good+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := LoadKey(path); err != nil || len(key) != keySize {
		t.Errorf("edited on Windows: %v", err)
	}
}

// Who is signed in stays so over a restart when the key is in a file.
func TestSurvivesRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cookie.key")
	start := func() *Cookie {
		key, err := LoadKey(path)
		if err != nil {
			t.Fatal(err)
		}
		return &Cookie{Keys: [][]byte{key}}
	}
	before, after := newClient(t, start()), newClient(t, start())
	before.Login(auth.Identity{User: "bob"})
	after.Value = before.Value
	if id, ok := after.Who(); !ok || id.User != "bob" {
		t.Errorf("after a restart: %v %v, %v", id, ok, after.Logged)
	}
}
