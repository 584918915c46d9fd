package profile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastedev/pastedev/inspect"
)

func openArchive(t *testing.T, dir string, notices ...string) *Archive {
	t.Helper()
	var got []string
	a, err := OpenArchive(dir, func(err error) { got = append(got, err.Error()) })
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(notices) {
		t.Fatalf("notices: %q, want %d", got, len(notices))
	}
	for i, n := range notices {
		if !strings.Contains(got[i], n) {
			t.Errorf("notice %q does not say %q", got[i], n)
		}
	}
	return a
}

func put(t *testing.T, a *Archive, kind inspect.ProfileKind, data string) inspect.Profile {
	t.Helper()
	p, err := a.Put(inspect.Profile{Kind: kind, Note: data}, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ids(ps []inspect.Profile) []int64 {
	out := []int64{}
	for _, p := range ps {
		out = append(out, p.ID)
	}
	return out
}

func TestArchive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "profiles")
	a := openArchive(t, dir)
	meta := inspect.Profile{
		Kind: inspect.ProfileCPU, Time: time.Unix(1700000000, 0).UTC(), Duration: inspect.Millis(time.Second), Exchange: idA, Route: "GET /cart/{}",
		Build: 3, Samples: 203, Others: 9, Replays: 45, Walls: []inspect.Millis{inspect.Millis(4 * time.Millisecond)}, Note: "a note",
	}
	first, err := a.Put(meta, []byte("data of the first"))
	if err != nil {
		t.Fatal(err)
	}
	meta.ID, meta.Size = 1, 17
	if diff := cmp.Diff(meta, first); diff != "" {
		t.Errorf("Put (-want +got):\n%s", diff)
	}
	trace := put(t, a, inspect.ProfileTrace, "a trace")
	for _, a := range []*Archive{a, openArchive(t, dir)} { // now, and after a restart
		got, err := a.Get(1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(meta, got); diff != "" {
			t.Errorf("Get (-want +got):\n%s", diff)
		}
		if b, err := a.Data(trace.ID); err != nil || string(b) != "a trace" {
			t.Errorf("Data(%d) = %q, %v", trace.ID, b, err)
		}
		if diff := cmp.Diff([]int64{2, 1}, ids(a.List(0))); diff != "" {
			t.Errorf("List (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]int64{2}, ids(a.List(1))); diff != "" {
			t.Errorf("List(1) (-want +got):\n%s", diff)
		}
		if _, err := a.Get(3); !errors.Is(err, inspect.ErrNotFound) {
			t.Errorf("Get(3) = %v", err)
		}
		if _, err := a.Data(0); !errors.Is(err, inspect.ErrNotFound) {
			t.Errorf("Data(0) = %v", err)
		}
	}
	a.List(0)[1].Walls[0] = 99
	if got, _ := a.Get(1); got.Walls[0] == 99 {
		t.Error("what List returned is what the archive keeps")
	}
	if _, err := a.Put(meta, nil); err == nil {
		t.Error("a profile without data was kept")
	}
}

func TestArchiveModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), "profiles")
	put(t, openArchive(t, dir), inspect.ProfileCPU, "data")
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestArchiveKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	a := openArchive(t, dir)
	for range KeepProfiles + 3 {
		put(t, a, inspect.ProfileCPU, "data")
	}
	check := func(a *Archive) {
		t.Helper()
		got := ids(a.List(0))
		if len(got) != KeepProfiles || got[0] != KeepProfiles+3 || got[len(got)-1] != 4 {
			t.Errorf("%d are kept: %v", len(got), got)
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) != 2*KeepProfiles {
			t.Errorf("%d files are kept", len(files))
		}
	}
	check(a)
	b := openArchive(t, dir)
	check(b)
	if p := put(t, b, inspect.ProfileCPU, "data"); p.ID != KeepProfiles+4 {
		t.Errorf("the next has number %d", p.ID)
	}
}

func TestArchiveKeepsBytes(t *testing.T) {
	a := openArchive(t, t.TempDir())
	for range 2 {
		put(t, a, inspect.ProfileTrace, "small")
	}
	// The sizes are claimed: 200 MB would have to be written else.
	a.entries[0].Size = KeepBytes
	put(t, a, inspect.ProfileTrace, "small")
	if diff := cmp.Diff([]int64{3, 2}, ids(a.List(0))); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	if _, err := a.Put(inspect.Profile{}, bytes.Repeat([]byte{0}, KeepBytes+1)); err == nil || !strings.Contains(err.Error(), "200 MB") {
		t.Errorf("a profile larger than the archive: %v", err)
	}
}

func TestArchiveDamage(t *testing.T) {
	dir := t.TempDir()
	a := openArchive(t, dir)
	for range 7 {
		put(t, a, inspect.ProfileCPU, "data")
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("000001.json", `{"id": 1, "kind": "cp`)
	write("000002.pb.gz", "da")
	if err := os.Remove(filepath.Join(dir, "000003.pb.gz")); err != nil {
		t.Fatal(err)
	}
	write("000004.json", `{"id": 5, "kind": "cpu", "size": 4}`)
	write("000006.json", strings.Repeat(" ", maxMeta+1))
	write("000009.pb.gz", "data whose description was never written")
	write("notes.txt", "somebody's")
	b := openArchive(t, dir, "profile 1 is passed over: 000001.json", "profile 2 is passed over: 000002.pb.gz has 2 bytes, not 4",
		"profile 3 is passed over", "profile 4 is passed over: 000004.json speaks of profile 5", "profile 6 is passed over: 000006.json is no file of ours")
	if diff := cmp.Diff([]int64{7, 5}, ids(b.List(0))); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	if p := put(t, b, inspect.ProfileCPU, "data"); p.ID != 10 {
		t.Errorf("the next has number %d, want 10", p.ID)
	}
	write("000007.pb.gz", "damaged since")
	if _, err := b.Data(7); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("Data of a damaged file: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "000005.pb.gz")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Data(5); !errors.Is(err, inspect.ErrNotFound) {
		t.Errorf("Data of a file that is gone: %v", err)
	}
}

func TestOpenArchiveFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenArchive(filepath.Join(file, "profiles"), nil); err == nil {
		t.Error("an archive was opened below a file")
	}
}

// TestArchiveShared has several goroutines, of two archives of one folder, put and read.
func TestArchiveShared(t *testing.T) {
	dir := t.TempDir()
	archives := []*Archive{openArchive(t, dir), openArchive(t, dir)}
	var mu sync.Mutex
	seen := map[int64]string{}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			a := archives[g%2]
			for range 10 {
				text := strings.Repeat("x", g+1)
				p, err := a.Put(inspect.Profile{Kind: inspect.ProfileCPU}, []byte(text))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[p.ID] != "" {
					t.Errorf("number %d was given twice", p.ID)
				}
				seen[p.ID] = text
				mu.Unlock()
				if b, err := a.Data(p.ID); err != nil || string(b) != text {
					t.Errorf("Data(%d) = %q, %v", p.ID, b, err)
				}
				a.List(5)
			}
		})
	}
	all.Wait()
	both := openArchive(t, dir)
	if len(both.List(0)) != 40 {
		t.Errorf("%d profiles are there, want 40", len(both.List(0)))
	}
	for id, text := range seen {
		if b, err := both.Data(id); err != nil || string(b) != text {
			t.Errorf("Data(%d) = %q, %v; want %q", id, b, err, text)
		}
	}
}
