package reread

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var errBad = errors.New("bad")

// counting returns a parser that takes anything but "bad" and counts.
func counting(n *int) func([]byte) (string, error) {
	return func(b []byte) (string, error) {
		if *n++; string(b) == "bad" {
			return "", errBad
		}
		return string(b), nil
	}
}

func save(t *testing.T, path, text string, stamp time.Time) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, stamp, stamp)); err != nil {
		t.Fatal(err)
	}
}

func TestLoadParsesEachVersionOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	now, parsed := time.Now(), 0
	save(t, path, "one", now)
	f, err := Open(path, counting(&parsed))
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		text, want string
		err        error
	}{{"two", "two", nil}, {"bad", "two", errBad}, {"six", "six", nil}} {
		save(t, path, step.text, now.Add(time.Duration(i+1)*time.Minute))
		if got, err := f.Load(); got != step.want || !errors.Is(err, step.err) || err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %q, %v", step.text, got, err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if got, err := f.Load(); got != step.want || err != nil {
					t.Errorf("%s again: got %q, %v", step.text, got, err)
				}
			})
		}
		wg.Wait()
		if parsed != i+2 {
			t.Errorf("%s: parsed %d times, want %d", step.text, parsed, i+2)
		}
	}
}

func TestOpenFails(t *testing.T) {
	dir, n := t.TempDir(), 0
	big, bad := filepath.Join(dir, "big"), filepath.Join(dir, "bad")
	save(t, bad, "bad", time.Now())
	save(t, big, "", time.Now())
	if err := os.Truncate(big, fileLimit+1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{filepath.Join(dir, "none"): os.ErrNotExist, bad: errBad, big: errTooLarge} {
		if _, err := Open(path, counting(&n)); !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if _, err := Open(dir, counting(&n)); err == nil {
		t.Error("a directory opens")
	}
}

func TestLines(t *testing.T) {
	var got []string
	err := Lines([]byte("\ufeff# users\r\n\n  ann:1 \r\nbob:2"), func(line string) error {
		got = append(got, line)
		if line == "bob:2" {
			return errors.New("no bob")
		}
		return nil
	})
	if strings.Join(got, " ") != "ann:1 bob:2" || err == nil || err.Error() != "line 4: no bob" {
		t.Errorf("got %q, %v", got, err)
	}
}
