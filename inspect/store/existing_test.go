package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastedev/pastedev/inspect"
)

// reader is how a history is read that is not to be changed.
func reader(path string) Options {
	return Options{Path: path, Existing: true, MaxCount: 1 << 30, MaxBytes: 1 << 50, MaxAge: 1e6 * time.Hour}
}

// TestExisting reads what is there, with its details, also where only the write-ahead log has
// them, and changes nothing of it.
func TestExisting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, err := Open(Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	ended := sample(1)
	s.Publish(inspect.ExchangeFinished{Exchange: ended})
	flushed(t, s)
	killed := filepath.Join(t.TempDir(), "history.db") // as a run that was killed leaves it
	for _, side := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + side)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(killed+side, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, killed} {
		before, _ := os.ReadFile(p)
		s, err := Open(reader(p))
		if err != nil {
			t.Fatal(err)
		}
		ex, err := s.Exchange(context.Background(), ended.ID)
		if err != nil || len(ex.Response.Body.Data) == 0 || len(ex.Logs) != 1 {
			t.Errorf("%+v, %v", ex, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if after, _ := os.ReadFile(p); p == path && string(after) != string(before) {
			t.Error("the file was changed")
		}
		if left, _ := filepath.Glob(p + "-*"); p == path && left != nil {
			t.Errorf("left %s behind", left)
		}
	}
	if s, err := Open(reader(killed)); err != nil || s.Stats().Exchanges != 1 {
		t.Errorf("once more: %v", err)
	} else {
		s.Close()
	}
}

// TestExistingRefused: a history that cannot be read stays where it is, and is an error.
func TestExistingRefused(t *testing.T) {
	newer := func(t *testing.T, path string) {
		f, err := openFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.db.Exec("PRAGMA user_version = 99"); err != nil {
			t.Fatal(err)
		}
		f.close()
	}
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"missing": {func(*testing.T, string) {}, "no such file"},
		"damaged": {func(t *testing.T, path string) { os.WriteFile(path, []byte("SQLite format 3\x00 no more"), 0o600) }, "read history"},
		"newer":   {newer, "schema is version 99"},
		"in use": {func(t *testing.T, path string) {
			s, err := Open(Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
		}, "in use by another pastedev"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "history.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			if s, err := Open(reader(path)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, %v; want %q", s, err, c.want)
			} else if name == "missing" && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%v is not os.ErrNotExist", err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
			if set, _ := filepath.Glob(filepath.Join(dir, "*.bad-*")); set != nil {
				t.Errorf("set aside as %s", set)
			}
		})
	}
}
