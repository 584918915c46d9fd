package store

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastedev/pastedev/inspect"
)

// crashEnv makes the test binary a process that records until it is killed.
const crashEnv = "PASTEDEV_STORE_TEST_CRASH"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		recordForEver(path)
	}
	os.Exit(m.Run())
}

// recordForEver says on stdout how many exchanges it knows to be written.
func recordForEver(path string) {
	s, err := Open(Options{Path: path, Notify: func(s string) { panic(s) }})
	if err != nil {
		panic(err)
	}
	for n := 1; ; n++ {
		finish(s, n)
		if n%500 == 0 {
			c := clearing{done: make(chan error, 1)}
			for range 2 {
				s.mu.Lock()
				s.queue.clears = append(s.queue.clears, c)
				s.signal()
				s.mu.Unlock()
				<-c.done
			}
			fmt.Println(n)
		}
	}
}

func TestKilledProcessLosesOnlyTheLastBatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	written := 0
	for sc := bufio.NewScanner(out); written < 2000 && sc.Scan(); {
		fmt.Sscan(sc.Text(), &written)
	}
	cmd.Process.Kill()
	cmd.Wait()
	if written < 2000 {
		t.Fatal("the process ended by itself")
	}
	s := open(t, Options{Path: path})
	if n := s.Stats().Exchanges; n < written {
		t.Errorf("%d of %d written exchanges are there", n, written)
	}
	list, err := s.Exchanges(context.Background(), inspect.ListRequest{Limit: 1 << 20}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range list.Items {
		if ex, err := s.Exchange(context.Background(), it.ID); err != nil || len(ex.Response.Body.Data) == 0 {
			t.Fatalf("%+v: %v", it, err)
		}
	}
}

func TestUnusableFileIsSetAside(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, path string)
	}{
		{"garbage", func(t *testing.T, path string) {
			write(t, path, []byte(strings.Repeat("this is not a database\n", 500)))
		}},
		{"short", func(t *testing.T, path string) { write(t, path, []byte("x")) }},
		{"damaged in the middle", func(t *testing.T, path string) {
			history(t, path)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 4096; i < len(data); i++ {
				data[i] ^= 0x55
			}
			write(t, path, data)
		}},
		{"cut off", func(t *testing.T, path string) {
			history(t, path)
			if err := os.Truncate(path, 9000); err != nil {
				t.Fatal(err)
			}
		}},
		{"newer", func(t *testing.T, path string) {
			history(t, path)
			execSQL(t, path, "PRAGMA user_version = 99")
		}},
		{"foreign", func(t *testing.T, path string) { execSQL(t, path, "CREATE TABLE exchanges (seq, size, summary)") }},
		{"table missing", func(t *testing.T, path string) {
			history(t, path)
			execSQL(t, path, "DROP TABLE details")
		}},
		{"summary damaged", func(t *testing.T, path string) {
			history(t, path)
			execSQL(t, path, "UPDATE exchanges SET summary = x'ffff'")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			tt.make(t, path)
			var said notices
			s := open(t, Options{Path: path, Notify: said.add})
			if !strings.Contains(said.String(), "history set aside as "+path+".bad-") || strings.Contains(said.String(), "memory only") {
				t.Fatalf("notices: %q", said.String())
			}
			finish(s, 1)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if bad, _ := filepath.Glob(path + ".bad-*"); len(bad) == 0 {
				t.Error("the old file is gone")
			}
			s = open(t, Options{Path: path})
			if ex, err := s.Exchange(context.Background(), idOf(1)); err != nil || ex.Seq != 1 {
				t.Errorf("new history: %v", err)
			}
		})
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// history makes a good file with some exchanges.
func history(t *testing.T, path string) {
	t.Helper()
	s := open(t, Options{Path: path})
	for i := range 200 {
		finish(s, i)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func execSQL(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

func TestMemoryOnlyWithANotice(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), nil)
	taken := filepath.Join(dir, "taken.db")
	first := open(t, Options{Path: taken})
	finish(first, 1)
	for name, path := range map[string]string{
		"folder cannot be made": filepath.Join(dir, "file", "history.db"),
		"in use":                taken,
		"a folder":              dir,
	} {
		t.Run(name, func(t *testing.T) {
			var said notices
			s := open(t, Options{Path: path, Notify: said.add})
			if !strings.Contains(said.String(), "memory only") {
				t.Fatalf("notices: %q", said.String())
			}
			finish(s, 5)
			flushed(t, s)
			if ex, err := s.Exchange(context.Background(), idOf(5)); err != nil || len(ex.Response.Body.Data) == 0 {
				t.Errorf("%v", err)
			}
			if err := s.Clear(context.Background()); err != nil || s.Stats().Exchanges != 0 {
				t.Errorf("clear: %v", err)
			}
		})
	}
	if first.Close(); first.Stats().Exchanges != 1 {
		t.Error("the first history suffered")
	}
}

func TestFullDiskGoesOnInMemory(t *testing.T) {
	ctx := context.Background()
	var said notices
	s := open(t, Options{Path: filepath.Join(t.TempDir(), "history.db"), Notify: said.add})
	finish(s, 1)
	flushed(t, s)
	s.file.db.SetMaxIdleConns(1)
	s.file.db.SetMaxOpenConns(1)
	if _, err := s.file.db.Exec("PRAGMA max_page_count = 20"); err != nil {
		t.Fatal(err)
	}
	for i := 2; i < 100; i++ {
		finish(s, i)
	}
	flushed(t, s)
	if !strings.Contains(said.String(), "kept in memory from now on") || !strings.Contains(said.String(), "full") {
		t.Errorf("notices: %q", said.String())
	}
	finish(s, 100)
	flushed(t, s)
	for _, n := range []int{1, 2, 99, 100} {
		if ex, err := s.Exchange(ctx, idOf(n)); err != nil || len(ex.Response.Body.Data) == 0 {
			t.Errorf("exchange %d: %v", n, err)
		}
	}
	if n := s.Stats().Exchanges; n != 100 {
		t.Errorf("%d exchanges", n)
	}
}

func TestDamageWhileRunningBeginsANewFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "history.db")
	var said notices
	s := open(t, Options{Path: path, Notify: said.add})
	finish(s, 1)
	flushed(t, s)
	if _, err := s.file.db.Exec("DROP TABLE details"); err != nil {
		t.Fatal(err)
	}
	finish(s, 2)
	flushed(t, s)
	if !strings.Contains(said.String(), "history set aside as") {
		t.Errorf("notices: %q", said.String())
	}
	if ex, err := s.Exchange(ctx, idOf(1)); err != nil || ex.Path == "" || !ex.Response.Body.Truncated {
		t.Errorf("an exchange whose details went with the file: %v", err)
	}
	s.Close()
	s = open(t, Options{Path: path})
	if _, err := s.Exchange(ctx, idOf(2)); err != nil {
		t.Error(err)
	}
}

func TestModes(t *testing.T) {
	if os.Getuid() < 0 {
		t.Skip("no file modes here")
	}
	dir := filepath.Join(t.TempDir(), ".pastedev")
	s := open(t, Options{Path: filepath.Join(dir, "history.db")})
	finish(s, 1)
	flushed(t, s)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 4 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, e := range entries {
		if fi, _ := e.Info(); fi.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), fi.Mode())
		}
	}
	if fi, _ := os.Stat(dir); fi.Mode().Perm() != 0o700 {
		t.Errorf("folder has mode %v", fi.Mode())
	}
}
